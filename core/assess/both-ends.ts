/**
 * A path between two ends of ours, judged from both: each end by itself as a connection with one end is, then together.
 *
 *     down, where either end says so      proven healthy, where both do      nothing known at one end: unknown
 *
 * A tunnel that passes one way is healthy from neither end; a dead machine at one end is seen down from both. What a
 * repair acts on is a gateway, and there are two: the worse of them is the path's own side.
 */
import type { OwnSideState } from '../gateways/kind';
import { openRung } from '../store/memory';
import type { EndName } from '../words/end';
import { seenFrom } from '../words/ends';
import type { Look, PathAssessment, Pin, Verdict } from './assessment';

/** What is looked at, as one who stands at that end sees it. Absent: the connection has one. */
export function lookFrom(look: Look, end: EndName | undefined): Look {
  const there = end === undefined ? undefined : look.ends?.[end];
  if (end === undefined || there === undefined) return look;
  const { ends: _, ...whole } = look;
  return { ...whole, ...there, connection: seenFrom(look.connection, end) };
}

/** `judge`: the path as one end sees it. */
export function fromBothEnds(look: Look, judge: (from: Look) => PathAssessment): PathAssessment {
  const { ends } = look.connection;
  if (ends === undefined) return judge(look);
  const [near, far] = [ends[0], ends[1]].map((end) => ({ ...judge(lookFrom(look, end)), end })) as [Side, Side];
  return together(look, near, far);
}

interface Side extends PathAssessment {
  readonly end: EndName;
}

function together(look: Look, near: Side, far: Side): PathAssessment {
  const both = [near, far] as const;
  const worse = rankOf(far) < rankOf(near) ? far : near;
  const isProven = (side: Side): boolean => side.provenWorking || side.verdict === 'unknown';
  const slow = both.flatMap(({ slowMs }) => slowMs ?? []);
  const failing = both.flatMap(({ failingSince }) => failingSince ?? []);
  const common = {
    verdict: worse.verdict,
    because: worse.because,
    answersAgain: worse.answersAgain,
    pin: pinOfBoth(near.pin, far.pin),
    provenHealthy: both.every((side) => side.provenHealthy),
    // One end alone cannot tell of a silent other, and answers over the path are answers.
    provenWorking: both.some((side) => side.provenWorking) && both.every(isProven),
    answeredAt: Math.min(near.answeredAt, far.answeredAt),
    failingSince: worse.verdict === 'down' && !worse.dead && failing.length > 0 ? Math.min(...failing) : null,
    mtu: both.some(({ mtu }) => mtu),
    dead: both.some(({ dead }) => dead),
    severeNow: both.some(({ severeNow }) => severeNow),
    slowMs: slow.length > 0 && worse.slowMs !== null ? Math.max(...slow) : null,
  };
  const sides = ordered(look, near, far).map((side) => ({ ...side, ...common }));
  return { ...sides[0]!, sides };
}

/** The worst first. What answers again is not failing any more, but may. */
const ranks: readonly Verdict[] = ['down', 'severe', 'degraded', 'unknown', 'healthy'];
const rankOf = ({ verdict, answersAgain }: PathAssessment): number =>
  verdict === 'down' && !answersAgain ? -1 : ranks.indexOf(verdict);

const ownRanks: readonly OwnSideState[] = ['failed', 'unknown', 'fine'];

/** First the gateway that a repair works on, then the one that is worse, then the near one. */
function ordered({ memory }: Look, near: Side, far: Side): readonly Side[] {
  const running = openRung(memory);
  const isRunning = ({ path, gateway }: Side): boolean => running?.path === path && running.gateway === gateway;
  const rank = (side: Side): number => (isRunning(side) ? -1 : ownRanks.indexOf(side.ownSide));
  return rank(far) < rank(near) ? [far, near] : [near, far];
}

/** Both must look where the path leads, or nothing is proven of it. */
function pinOfBoth(near: Pin, far: Pin): Pin {
  const wrong = [near, far].find(({ leads }) => leads !== 'target');
  return {
    ...(wrong ?? near),
    places: [...near.places, ...far.places],
    canaries: [...near.canaries, ...far.canaries],
  };
}

/** The path as a repair of one of its gateways sees it; of a path with one end, the path itself. */
export const sidesOf = (path: PathAssessment): readonly PathAssessment[] => path.sides ?? [path];

export const sideAt = (path: PathAssessment, gateway: string): PathAssessment =>
  sidesOf(path).find((side) => side.gateway === gateway) ?? path;
