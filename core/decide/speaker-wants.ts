/**
 * What the speakers of a connection should say where its routes are, against what they say. No rule: orders.ts makes orders of
 * the differences.
 *
 *     routes are ours      a path that users have left is drained, so that answers leave it, too
 *     the network moves    a path that is down is drained, so that users leave it: this is the rescue
 */
import type { PathAssessment } from '../assess/assessment';
import { type Spoken, speakerOf, spokenOf } from '../gateways/speaker';
import type { Advertised } from '../routes/plane';
import { type Placement, wantedByRoutes } from '../routes/speakers';
import { isClaimed, isRepairedForAnother } from '../store/lease';
import type { PathName } from '../words/domain';
import { isMovedByNetwork } from '../words/routing';
import type { View } from './view';

/** Where routes are. */
export const placement = ({ assessment }: View): Placement =>
  Object.fromEntries(Object.values(assessment.sets).map((set) => [set.routeSet, set.used]));

/** Null: nobody can say while routes are unread, or there is nothing to order. */
export function wantedOf(view: View, path: PathAssessment, routes = placement(view)): Advertised | null {
  if (speakerOf(view, path.path) === null) return null;
  if (path.drained) return isRefuge(view, path) ? 'normal' : 'drained';
  if (isMovedByNetwork(view.connection)) return wantedByHealth(view, path);
  return wantedByRoutes(view.connection, routes, path.path);
}

/** Where the network moves users: what is down says so, what is not is open to them, once it has soaked. */
function wantedByHealth(view: View, path: PathAssessment): Advertised | null {
  if (path.verdict !== 'down') return 'normal';
  return isUsed(view, path.path) || isStillBelieved(view, path) ? 'drained' : null;
}

/** Read after the path had failed and users had left it, its session stands: others may yet be led there. */
function isStillBelieved(view: View, { path, failingSince }: PathAssessment): boolean {
  const spoken = spokenOf(view, path);
  const left = Object.values(view.memory.usedSince).map(({ at }) => at);
  return spoken?.session === 'up' && spoken.at > Math.max(failingSince ?? view.now, ...left);
}

/** Some set's routes lead there. */
export const isUsed = ({ assessment }: Pick<View, 'assessment'>, path: PathName): boolean =>
  Object.values(assessment.sets).some(({ used }) => used.includes(path));

/** Drained softly, and every other path is down: users are here for want of another, or the network is to bring them. */
function isRefuge(view: View, { path }: PathAssessment): boolean {
  const { assessment, desired, connection } = view;
  const isHere = isMovedByNetwork(connection) || isUsed(view, path);
  const others = Object.values(assessment.paths).filter((other) => other.path !== path);
  return isHere && desired.drains[path]?.kind === 'soft' && others.every(({ verdict }) => verdict === 'down');
}

export interface Difference {
  readonly path: PathAssessment;
  readonly to: Advertised;
  /** Null: the speaker was not read lately. */
  readonly spoken: Spoken | null;
}

/** Speakers that do not say what they should where routes are, as far as they were read; drains first. */
export function differences(view: View, routes = placement(view)): Difference[] {
  const found = Object.values(view.assessment.paths).flatMap((path): Difference[] => {
    const to = wantedOf(view, path, routes);
    if (to === null) return [];
    const spoken = spokenOf(view, path.path);
    // Nothing is advertised where no session is up: there is nothing to take back, and nobody to tell.
    if (spoken?.advertises === 'silent' || spoken?.advertises === to) return [];
    return to === 'normal' && spoken === null ? [] : [{ path, to, spoken }];
  });
  return [...found.filter(({ to }) => to === 'drained'), ...found.filter(({ to }) => to === 'normal')];
}

/** Is another path of the connection advertised as usual, by a reading of now, and does it work? */
export function isAdvertisedBeside(view: View, path: PathName): boolean {
  return Object.values(view.assessment.paths).some((other) => {
    if (other.path === path || !other.provenWorking) return false;
    const spoken = spokenOf(view, other.path);
    return spoken?.advertises === 'normal' && spoken.session === 'up' && wantedOf(view, other) === 'normal';
  });
}

/** Answers may still come back over them although their users have left: their speakers do not say what they should. */
export const stillAdvertised = (view: View): PathAssessment[] =>
  differences(view).flatMap(({ path, to }) => (to === 'drained' ? [path] : []));

/** Why nothing is to be sent to a path's gateway now; empty: it is free, and answers. */
export function whyNotSent({ evidence, connection, now }: View, path: PathAssessment): string {
  const lease = evidence.gatewayLeases[path.gateway];
  if (lease && isRepairedForAnother(lease, connection.name, now)) return `${lease.holder} has ${path.gateway} in hand`;
  if (isClaimed(evidence, path.gateway)) return `an automation may still work on ${path.gateway}`;
  if (!isReached(path)) return `no command reaches ${path.gateway}`;
  return path.gatewaySilent ? `${path.gateway} has not answered its last probe` : '';
}

/**
 * A machine that hangs takes no order, and BGP leaves it by itself once its hold time is over. A rescue does not wait for
 * what EC2 says of it: that it answers its probe is enough.
 */
export function isReached({ instanceState, agentLost, gatewayProbe, identityFault }: PathAssessment): boolean {
  const runs = instanceState === 'running' || (instanceState === 'unknown' && gatewayProbe === 'up');
  return runs && !agentLost && gatewayProbe !== 'down' && identityFault === '';
}
