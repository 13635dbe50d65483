/**
 * What people are told when no rung is left: whose fault it is as far as anything shows, and what to do. Nobody is sent
 * to the partner unless our own half was looked at and is well.
 */
import type { PathAssessment } from '../assess/assessment';
import type { OwnLook } from '../gateways/kind';
import { kindOf, rungSpecs } from '../gateways/kinds';
import type { RungRun } from '../store/memory';
import type { TunnelAddress } from '../words/domain';
import type { Rung } from '../words/rungs';
import { type Instant, minuteMs, spanText } from '../words/time';
import { tunnelText } from '../words/tunnel-text';
import { blamePatience } from './patience';
import type { View } from './view';
import { deniedText } from './voice';

/** A rung, and what it acts on. */
export interface RungStartOn {
  readonly rung: Rung;
  /** Null: the whole gateway. */
  readonly tunnel: TunnelAddress | null;
}

export type RungChoice =
  /** `side`: of the gateway that it acts on. */
  | ({ readonly kind: 'try'; readonly side: PathAssessment } & RungStartOn)
  /** Another time: something runs, settles, boots, or carries traffic. Not worth a human. */
  | { readonly kind: 'wait'; readonly because: string; readonly until?: Instant }
  /** Nothing we may do is left: tell a human. `key` names the reason. */
  | { readonly kind: 'stuck'; readonly key: string; readonly because: string };

type Stuck = RungChoice & { readonly kind: 'stuck' };

export const stuck = (key: string, because: string): Stuck => ({ kind: 'stuck', key, because });

/** Both gateways are ours, and no rung is left at either: nobody is sent to a partner, for there is none. */
export function stuckAtBoth({ path }: PathAssessment, tried: readonly RungChoice[]): RungChoice {
  const stuckAt = tried.flatMap((choice) => (choice.kind === 'stuck' ? [choice] : []));
  const [near, far] = stuckAt;
  if (near === undefined || far === undefined) return near!;
  if (near.key !== 'peer' || far.key !== 'peer') return { ...near, because: `${near.because}; ${far.because}` };
  return stuck(
    'between',
    `path ${path} is down, and our machines are well at both its ends as far as anything shows: look at what lies between them (addresses, keys, security groups, the internet)`,
  );
}

/** Each gateway of a path with two ends has its own runs. */
export const isRunOn = ({ path, end, gateway }: PathAssessment, run: RungRun): boolean =>
  run.path === path && (end === undefined || run.gateway === gateway);

/** The other connections' canaries have noticed by then whether the whole gateway is dead. */
const sharedToleranceMs = minuteMs;

export function nothingLeft(view: View, path: PathAssessment): RungChoice {
  const patience = blamePatience(view, path);
  if (path.ownSide !== 'failed' && patience !== null) return { kind: 'wait', ...patience };
  const restart = view.memory.rungs.findLast(
    (run) => isRunOn(path, run) && rungSpecs[run.rung].besideTraffic && !rungSpecs[run.rung].isOrder,
  );
  const isItsOwn = path.ownFault === 'none' && restart?.result === 'success';
  if (path.carries && !isItsOwn) return besideTraffic(view, path, restart);
  switch (path.ownFault) {
    case 'forwarding':
      return stuck('forwarding', forwardingText(view, path));
    case 'machine':
    case 'boot':
    case 'identity':
      return stuck(
        'ladder',
        `every permitted repair of path ${path.path} was tried (${path.ownSideBecause}${forbidden(view, path)}${waitsText(view, path)}): it needs a human`,
      );
    case 'none':
      if (path.ownSide !== 'unknown') return daemonOrPeer(view, path);
      return knewMore(view, path) ? { kind: 'wait', because: path.ownSideBecause } : nothingShows(view, path);
  }
}

/**
 * People have heard what our own side showed, and EC2 only cannot be asked now: what was told stands.
 *
 * Example: "the peer is silent: call the partner", and three seconds later a look in which EC2 did not answer in time.
 */
function knewMore({ memory, evidence }: View, { path, gateway, instanceState }: PathAssessment): boolean {
  const isUnasked = instanceState === 'unknown' && (evidence.tunnels[gateway] ?? null) === null;
  return isUnasked && Object.keys(memory.told).some((key) => key.startsWith(`stuck/${path}/`));
}

function forbidden({ memory, deployment }: View, { path }: PathAssessment): string {
  const runs = memory.rungs.filter((run) => run.path === path && run.result === 'denied' && run.purpose !== 'order');
  return [...new Set(runs.map((run) => `; ${deniedText(deployment, run)}`))].join('');
}

/**
 * The gateway cannot be repaired while it carries. This path's own users leave it within a minute; those of another
 * tunnel may stay for good, and then nobody would ever repair this one: people must know.
 */
function besideTraffic(view: View, path: PathAssessment, restart: RungRun | undefined): RungChoice {
  const { gateway } = path;
  const because = `${gateway} still carries working traffic`;
  const since: Instant = path.failingSince ?? view.memory.incident?.openedAt ?? view.now;
  if (view.now - since < sharedToleranceMs) return { kind: 'wait', because, until: since + sharedToleranceMs };
  return stuck(
    'shared',
    `path ${path.path} is down, but ${gateway} carries other working traffic, and under it nothing but ${ownTunnels(view, path)} may be restarted (${restartText(view, path, restart)}); move the others off ${gateway}, or see to ${wayText(view, path)} by hand`,
  );
}

function restartText(view: View, path: PathAssessment, run: RungRun | undefined): string {
  switch (run?.result) {
    case undefined:
      return `which was not tried: ${ownLook(view, path).noRung}`;
    case 'left':
    case 'unseen':
      return `which was not done: ${run!.said ?? 'its document does not say why'}`;
    case 'denied':
      return `which was not done: ${deniedText(view.deployment, run!)}`;
    case 'undelivered':
      return 'and the command for that did not get through';
    default:
      return 'which was done and did not help';
  }
}

const ownLook = (view: View, { path, gateway }: PathAssessment): OwnLook =>
  kindOf(view.deployment.gateways[gateway]!).ownLook(view, path);

const ownTunnels = ({ connection }: View, { path }: PathAssessment): string =>
  connection.paths[path]!.tunnels.length > 1 ? 'its own tunnels' : 'this one tunnel';

const wayText = (view: View, { path }: PathAssessment): string =>
  tunnelText(view.connection.paths[path]!) || `path ${path}`;

function forwardingText({ memory, deployment }: View, path: PathAssessment): string {
  const { gateway, ownSideBecause } = path;
  const down = `path ${path.path} is down: ${ownSideBecause}`;
  const run = memory.rungs.findLast((one) => isRunOn(path, one) && one.rung === 'clear-source-dest-check');
  if (run?.result === 'denied')
    return `${down}; ${deniedText(deployment, run)}: allow it, or switch the check off on ${gateway} by hand`;
  if (run !== undefined && run.result !== 'success')
    return `${down}; to switch it off did not work (${run.said ?? run.result}): do it on ${gateway} by hand`;
  return `${down}; it was switched off once in this incident and is left alone now: find out who switches it on (an infrastructure tool, most likely), then switch it off on ${gateway}`;
}

const nothingShows = (view: View, path: PathAssessment): Stuck =>
  stuck(
    'gate',
    `path ${path.path} is down and nothing shows whose fault it is: ${path.ownSideBecause}${waitsText(view, path)}`,
  );

/** What of its repair waits, or never comes. */
function waitsText(view: View, path: PathAssessment): string {
  const { waits } = ownLook(view, path);
  return waits === '' ? '' : `; ${waits}`;
}

/** Our machine is well as far as EC2 can see; was its daemon looked at? */
function daemonOrPeer(view: View, path: PathAssessment): Stuck {
  const { path: name, gateway, ownSideBecause } = path;
  const { seen, run, noRung, isOneWay } = ownLook(view, path);
  const tunnel = tunnelText(view.connection.paths[name]!);
  if (isOneWay)
    return stuck('one-way', `our side of path ${name} is healthy: ${ownSideBecause}${waitsText(view, path)}`);
  if (tunnel === '') {
    return stuck(
      'peer',
      `our side of path ${name} is healthy (${ownSideBecause}), nothing behind ${gateway} answers: look at the other side${waitsText(view, path)}`,
    );
  }
  if (seen === 'well')
    return stuck(
      'peer',
      `our side of path ${name} is healthy (${ownSideBecause}), the peer is silent: call the partner`,
    );
  if (seen === 'unproven') return nothingShows(view, path);
  const why = run === undefined ? noRung : unseenText(view, run);
  return stuck(
    'unseen',
    `path ${name} is down: ${ownSideBecause}, but the daemon of ${gateway} was not looked at, because ${why}; look at ${tunnel} on ${gateway} before anybody blames the other side`,
  );
}

function unseenText({ deployment }: View, run: RungRun): string {
  const { said, result, endedAt, startedAt } = run;
  if (result === 'denied') return deniedText(deployment, run);
  return result === 'undelivered'
    ? `no command got through to the machine within ${spanText((endedAt ?? startedAt) - startedAt)}`
    : (said ?? 'the repair document did not say what it found');
}
