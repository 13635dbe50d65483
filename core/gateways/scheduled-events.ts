/**
 * What AWS has scheduled for the instance under a path: a reboot, a stop, work on its host. It happens at AWS's own time,
 * so nothing is done but to have users elsewhere meanwhile.
 *
 *     from - 15 min          from ................................. until (or the machine stops, or EC2 lists it no more)
 *     users leave the path   AWS reboots, stops or moves the machine | users come home after a soak, or the ladder starts it
 */

import type { PlannedEvent } from '../store/planned-event';
import type { GatewayName, PathName } from '../words/domain';
import { gatewaysOf, gatewaysOfPath } from '../words/ends';
import type { ScheduledEvent } from '../words/evidence';
import { own } from '../words/shape';
import { hourMs, type Instant, instantText } from '../words/time';
import type { Facts } from './kind';

/** A stop or a retirement has no end that AWS would name, only when it begins at the earliest: nobody is kept away for longer than this. */
const openEndedMs = 4 * hourMs;
/** EC2 lists few; more than the next ones need not be known. */
export const eventsRememberedMax = 2;

export const endOf = ({ from, until }: ScheduledEvent): Instant => until ?? from + openEndedMs;

/** As EC2 showed them last, the next one first; where it could not be asked they are as they were. */
export function scheduledNow({ connection, evidence, memory, now }: Facts): Record<GatewayName, PlannedEvent[]> {
  const found = gatewaysOf(connection).map((gateway) => {
    const before = own(memory.scheduled, gateway) ?? [];
    const isTold = ({ id, from }: ScheduledEvent): boolean =>
      before.some((one) => one.told && one.id === id && one.from === from);
    const ahead = (evidence.instances[gateway]?.events ?? before).filter((event) => now < endOf(event));
    const next = [...ahead].sort((one, other) => one.from - other.from).slice(0, eventsRememberedMax);
    return [gateway, next.map((event): PlannedEvent => ({ ...event, told: isTold(event) }))] as const;
  });
  return Object.fromEntries(found.filter(([, events]) => events.length > 0));
}

/** Why users are not taken off the path ahead of it; empty: they are. */
export function whyNotLeft({ deployment, connection }: Facts, path: PathName): string {
  const gateways = gatewaysOfPath(connection.paths[path]!).map((name) => deployment.gateways[name]!);
  const told = gateways.find((gateway) => gateway.kind === 'instance' && gateway.scheduledEvents === 'tell');
  if (told !== undefined) return `${told.name} is configured so (scheduledEvents: tell)`;
  if (connection.mode === 'observe') return 'mode observe moves nobody';
  return connection.standby === 'none' ? 'there is no other path' : '';
}

/** The one that users must be off the path for now; null: none, or AWS has stopped the machine already. */
export function eventAhead(facts: Facts, path: PathName, leadMs: number): ScheduledEvent | null {
  const { connection, evidence, memory, now } = facts;
  const gateways = gatewaysOfPath(connection.paths[path]!);
  const hasStopped = (gateway: GatewayName): boolean => (evidence.instances[gateway]?.state ?? 'running') !== 'running';
  if (gateways.some(hasStopped) || whyNotLeft(facts, path) !== '') return null;
  const ahead = gateways.flatMap((gateway) => own(memory.scheduled, gateway) ?? []);
  return ahead.find((event) => now >= event.from - leadMs && now < endOf(event)) ?? null;
}

export const eventText = ({ code, from, until }: ScheduledEvent): string =>
  `${code} from ${instantText(from)}${until === null ? '' : ` to ${instantText(until)}`}`;
