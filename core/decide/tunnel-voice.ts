/**
 * What people must hear of the numbers that gateways publish about their own tunnels: that a daemon has none left, and
 * that nobody could tell. The second never says the first. A question: it finds, `told.ts` tells.
 */

import { verdictText } from '../assess/assessment';
import { isQuietlyStopped } from '../assess/quiet';
import type { GatewayName } from '../words/domain';
import { isOver } from '../words/ends';
import { instantText, minuteMs } from '../words/time';
import { tunnelNames } from '../words/tunnel-text';
import type { Concern, SpokenDue } from './concern';
import type { View } from './view';

/** A number a minute, visible a minute later, and an alarm that looks once a minute. */
const alarmLagMs = 5 * minuteMs;

export function tunnelConcerns(view: View): Concern[] {
  return Object.keys(view.evidence.tunnelAlarms)
    .filter((gateway) => isAnybodysToMend(view, gateway))
    .flatMap((gateway) => [...noneUp(view, gateway), ...unmeasured(view, gateway)]);
}

const pathsOver = ({ connection }: View, gateway: GatewayName) =>
  Object.values(connection.paths).filter((path) => isOver(path, gateway));

/** Not one that stands still, which is told as that, nor one whose every path was taken out of service on purpose. */
function isAnybodysToMend(view: View, gateway: GatewayName): boolean {
  const instance = view.evidence.instances[gateway] ?? null;
  if (instance !== null && instance.state !== 'running') return false;
  const onPurpose = ({ name }: { readonly name: string }): boolean =>
    view.assessment.paths[name]?.drained === true || isQuietlyStopped(view, name);
  return !pathsOver(view, gateway).every(onPurpose);
}

function noneUp(view: View, gateway: GatewayName): Concern[] {
  const key = `tunnels/${gateway}` as const;
  const alarms = view.evidence.tunnelAlarms[gateway] ?? null;
  if (alarms === null) return heldOver(view, key);
  if (alarms.noneUpSince === null || alarms.unmeasuredSince !== null) return [];
  if (isContradicted(view, gateway) && view.now - alarms.noneUpSince < alarmLagMs) return heldOver(view, key);
  const names = tunnelNames({ tunnels: pathsOver(view, gateway).flatMap(({ tunnels }) => tunnels) });
  const text = `the VPN daemon of ${gateway} says that no tunnel of ${names} is up, since ${instantText(alarms.noneUpSince)}; ${pathsText(view, gateway)}`;
  return [{ key, urgent: false, text }];
}

function unmeasured(view: View, gateway: GatewayName): Concern[] {
  const key = `blind/${gateway}` as const;
  const alarms = view.evidence.tunnelAlarms[gateway] ?? null;
  if (alarms === null) return heldOver(view, key);
  if (alarms.unmeasuredSince === null) return [];
  const text = `how many tunnels of ${gateway} are up could not be measured, since ${instantText(alarms.unmeasuredSince)}: its VPN daemon does not answer, or nothing publishes there (switchback-metrics.timer); that alone says nothing about the tunnels: ${pathsText(view, gateway)}`;
  return [{ key, urgent: false, text }];
}

/** Every path over it works: the alarm may be about a minute that is over, or the names may be none of the daemon's. */
const isContradicted = (view: View, gateway: GatewayName): boolean =>
  pathsOver(view, gateway).every(({ name }) => view.assessment.paths[name]?.provenWorking === true);

/** Told though the paths work, once no alarm can be that late. */
export function tunnelDues({ evidence }: View): SpokenDue[] {
  return Object.entries(evidence.tunnelAlarms).flatMap(([gateway, alarms]): SpokenDue[] => {
    const since = alarms?.noneUpSince ?? null;
    if (since === null) return [];
    const because = `the VPN daemon of ${gateway} says that it has no tunnel, and its paths work; people hear of it if that lasts`;
    return [{ key: `tunnels/${gateway}`, at: since + alarmLagMs, because }];
  });
}

/** CloudWatch could not be asked, or may be late: what was told is not over for that. */
const heldOver = ({ memory }: View, key: Concern['key']): Concern[] =>
  key in memory.told ? [{ key, urgent: false, text: 'whether that still holds is not known' }] : [];

const pathsText = (view: View, gateway: GatewayName): string =>
  pathsOver(view, gateway)
    .flatMap(({ name }) => view.assessment.paths[name] ?? [])
    .map((path) => `path ${path.path} is ${verdictText(path)} (${path.because})`)
    .join('; ');
