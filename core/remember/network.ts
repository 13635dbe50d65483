/**
 * Users whom the network has moved: told once, with the seconds it took, and counted as our own moves are, so that a path
 * which comes and goes soaks longer each time.
 */
import { onlyPath, type SetAssessment } from '../assess/assessment';
import type { Announcement, Memory } from '../store/memory';
import type { Order } from '../store/speaker-order';
import type { PathName } from '../words/domain';
import { isMovedByNetwork } from '../words/routing';
import { own } from '../words/shape';
import { spanText } from '../words/time';
import type { Seen } from './seen';

interface Shift {
  readonly set: SetAssessment;
  /** Null: its routes were on several, or on none. */
  readonly from: PathName | null;
  readonly to: PathName;
}

/** Memory with what this look shows to have moved since the look before. */
export function seeNetwork(memory: Memory, look: Seen): Memory {
  const moved = shifts(memory, look);
  if (moved.length === 0) return memory;
  const { now } = look;
  const { budgets } = memory;
  const isFlap = moved.some((shift) => isOffDown(shift, look));
  const isHome = moved.some((shift) => isOrderedHome(memory, shift));
  return {
    ...memory,
    toTell: [...memory.toTell, ...moved.map((shift) => told(memory, shift, look))],
    budgets: {
      ...budgets,
      moves: isFlap ? [...budgets.moves, now] : budgets.moves,
      failbacks: isHome ? [...budgets.failbacks, now] : budgets.failbacks,
    },
  };
}

/** Sets whose routes are all on another path than they were. */
function shifts({ usedSince }: Memory, { connection, assessment }: Seen): Shift[] {
  if (!isMovedByNetwork(connection)) return [];
  return Object.values(assessment.sets).flatMap((set): Shift[] => {
    const to = onlyPath(set);
    // Seen for the first time: it was there always, or has just left a home that is down.
    const first = own(assessment.paths, set.home)?.verdict === 'down' ? set.home : to;
    const from = (own(usedSince, set.routeSet) ?? { path: first }).path;
    return to === null || from === to ? [] : [{ set, from, to }];
  });
}

/** Home, where what was left cannot be known otherwise. */
const leftBy = ({ set, from, to }: Shift): PathName | null => from ?? (set.home === to ? null : set.home);

const isOffDown = (shift: Shift, { assessment }: Seen): boolean =>
  own(assessment.paths, leftBy(shift) ?? '')?.verdict === 'down';

const isOrderedHome = ({ orders }: Memory, { set, to }: Shift): boolean =>
  set.home === to && own(orders, to)?.to === 'normal';

function told(memory: Memory, shift: Shift, look: Seen): Announcement {
  const { set, to } = shift;
  return { key: `network/${set.routeSet}/${to}/${look.now}`, text: textOf(memory, shift, look) };
}

function textOf({ orders }: Memory, shift: Shift, { assessment, now }: Seen): string {
  const { set, to } = shift;
  const left = leftBy(shift);
  const order = own(orders, left ?? to);
  const after = (since: number): string => spanText(Math.max(0, now - since));
  if (left !== null && isTo(order, 'drained'))
    return `${set.routeSet} is on path ${to}, ${after(order.startedAt)} after path ${left} was told to drain`;
  const failed = left === null ? null : (own(assessment.paths, left)?.failingSince ?? null);
  if (left !== null && failed !== null)
    return `BGP moved ${set.routeSet} from path ${left} to ${to} by itself, ${after(failed)} after ${left} fell silent`;
  const back = own(orders, to);
  if (isTo(back, 'normal'))
    return `${set.routeSet} is on path ${to}, ${after(back.startedAt)} after it was told to advertise again`;
  return `BGP moved ${set.routeSet} to path ${to} by itself${left === null ? '' : `, off path ${left}, which is not down`}`;
}

/** Given, and not known to have come to nothing. */
const isTo = (order: Order | undefined, to: Order['to']): order is Order =>
  order?.to === to && (order.isDone || order.endedAt === null);
