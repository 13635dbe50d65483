/**
 * What is waited for, and said, where the network moves users: whether it has left a path that is down or drained, and whether
 * it knows a way at all. No rule: the lever is an order to a speaker (orders.ts).
 */
import { areRoutesUnread, type PathAssessment, type SetAssessment } from '../assess/assessment';
import { speakerOf, spokenOf } from '../gateways/speaker';
import { isMovedByNetwork } from '../words/routing';
import { own } from '../words/shape';
import { type Instant, instantText, secondMs, spanText } from '../words/time';
import type { Concern, Due } from './concern';
import { whyNotNow } from './orders';
import { differences } from './speaker-wants';
import { isAway, isHomeWell, soakedAt, usedPaths, type View } from './view';

/** EC2 is asked for its routes so often while the network is expected to move: people hear in how many seconds it did. */
const lookMs = secondMs;

interface Staying {
  readonly set: SetAssessment;
  readonly path: PathAssessment;
  /** By when the network should have left it. */
  readonly by: Instant;
}

/** Sets that the network still leads to a path which is down or drained, while another works. */
function staying(view: View): Staying[] {
  const { connection, assessment } = view;
  if (!isMovedByNetwork(connection)) return [];
  const works = (other: PathAssessment): boolean => other.provenWorking && !other.drained;
  return Object.values(assessment.sets).flatMap((set) =>
    usedPaths(view, set).flatMap((path): Staying[] => {
      const since = leavesSince(view, path);
      if (since === null || !Object.values(assessment.paths).some((other) => other.path !== path.path && works(other)))
        return [];
      return [{ set, path, by: since + connection.routing!.convergeWithinMs }];
    }),
  );
}

/** From when on the network has had a reason to leave the path; null: it has none. */
function leavesSince(view: View, { path, verdict, failingSince }: PathAssessment): Instant | null {
  const order = own(view.memory.orders, path);
  const drainedAt = order?.to === 'drained' && order.isDone ? order.endedAt : null;
  return drainedAt ?? (verdict === 'down' ? (failingSince ?? view.now) : null);
}

export function networkConcerns(view: View): Concern[] {
  const late = staying(view).filter(({ by }) => by <= view.now);
  return [...late.map((one) => unmoved(view, one)), ...notHome(view), ...wayless(view)];
}

/** Home is well and open, and the network keeps users elsewhere: nobody would look for that. */
function notHome(view: View): Concern[] {
  if (!isMovedByNetwork(view.connection)) return [];
  const { routeServer, convergeWithinMs } = view.connection.routing!;
  return Object.values(view.assessment.sets).flatMap((set): Concern[] => {
    const [away] = usedPaths(view, set);
    const spoken = spokenOf(view, set.home);
    if (away === undefined || !isAway(set) || away.verdict === 'down' || !isHomeWell(view, set)) return [];
    if (spoken === null || (spoken.advertises !== 'normal' && spoken.advertises !== 'silent')) return [];
    const order = own(view.memory.orders, set.home);
    const openSince = Math.max(
      soakedAt(view, set),
      order?.endedAt ?? 0,
      own(view.memory.usedSince, set.routeSet)?.at ?? 0,
    );
    if (openSince + convergeWithinMs > view.now) return [];
    const why =
      spoken.advertises === 'silent' ? 'its speaker tells nobody of it' : 'its speaker advertises it as usual';
    const text = `${routeServer} keeps ${set.routeSet} on path ${set.used.join('+')} though its home ${set.home} is well (${why}): look at the sessions of ${view.connection.paths[set.home]!.gateway}`;
    return [{ key: `unmoved/${set.routeSet}`, urgent: false, text }];
  });
}

function unmoved(view: View, { set, path, by }: Staying): Concern {
  const { routeServer, convergeWithinMs } = view.connection.routing!;
  const since = instantText(by - convergeWithinMs);
  const order = own(view.memory.orders, path.path);
  const isTold = order?.to === 'drained' && order.isDone;
  const what = isTold
    ? `which ${path.gateway} has drained at ${since}: ${routeServer} does not follow (does it hear another speaker, or are its routes persisted?)`
    : `which is down since ${since}: ${whyNotTold(view, path)}`;
  const work = path.drained ? '; do not begin to work on it' : '';
  return {
    key: `unmoved/${set.routeSet}`,
    urgent: path.verdict === 'down',
    text: `${routeServer} still leads ${set.routeSet} over path ${path.path} after ${spanText(convergeWithinMs)}, ${what}${work}`,
  };
}

/** Why its speaker has not been told to drain it. */
function whyNotTold(view: View, path: PathAssessment): string {
  const found = differences(view).find((one) => one.path.path === path.path);
  const why = found === undefined ? 'its speaker has no session' : whyNotNow(view, found);
  return why === '' ? `${path.gateway} is being told to drain it` : `it is not drained (${why})`;
}

/** Tables that show no route of a set: no speaker tells the Route Server of its destination, or it tells the table nothing. */
function wayless(view: View): Concern[] {
  const { connection, evidence, assessment } = view;
  if (!isMovedByNetwork(connection) || areRoutesUnread(evidence)) return [];
  return Object.values(assessment.sets).flatMap((set): Concern[] => {
    const gone = evidence.routes.find(({ routeSet, target }) => routeSet === set.routeSet && target === null);
    if (gone === undefined) return [];
    const speakers = Object.keys(connection.paths).flatMap((path) => speakerOf(view, path)?.gateway.name ?? []);
    const text = `${connection.routing!.routeServer} installs no route to ${gone.destination} in ${gone.table}: it hears of none from ${speakers.join(' or ')}, or its propagation into that table has ended`;
    return [{ key: `wayless/${set.routeSet}`, urgent: set.service === 'down', text }];
  });
}

/** It moves by itself, or by an order, within seconds: until then its routes are read again and again. */
export function networkDues(view: View): Due[] {
  const leaving = staying(view).flatMap(({ set, path, by }) =>
    by > view.now ? [`the network is to move ${set.routeSet} off path ${path.path}`] : [],
  );
  return [...leaving, ...returning(view)].map((because) => ({ at: view.now + lookMs, because }));
}

/** Home was told to advertise again a moment ago. */
function returning({ connection, assessment, memory, now }: View): string[] {
  if (!isMovedByNetwork(connection)) return [];
  return Object.values(assessment.sets).flatMap((set) => {
    const order = own(memory.orders, set.home);
    const isOpened = isAway(set) && order?.to === 'normal' && order.isDone && order.endedAt !== null;
    return isOpened && order.endedAt! + connection.routing!.convergeWithinMs > now
      ? [`the network is to lead ${set.routeSet} home to path ${set.home}`]
      : [];
  });
}
