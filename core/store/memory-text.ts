/**
 * Memory as it is stored: JSON within `limits.memoryBytesMax`. When it grows too large, what is forgotten first is what
 * nobody needs any more.
 *
 * Law: a running repair and what people have not been told are never forgotten. A configuration whose worst memory would
 * not fit all the same is refused (memory-worst.ts); should one come this far, it is stored as large as it is: an item
 * of DynamoDB takes twenty times as much, and a lost repair is started twice.
 */

import { limits } from '../words/policy';
import type { Announcement, Memory, RungRun } from './memory';

/** A reason within these, as JSON, still says what it is about. */
export const reasonBytes = { long: 400, short: 160, least: 60 } as const;
/** The texts of announcements that were not made yet are cut last, and to no less than this. */
export const untoldBytes = 200;
/** So many announcements wait one by one; those between the first and the last are counted instead. */
export const untoldMax = 12;
/** The first say how it began. */
const untoldFirst = 4;

type Shed = (memory: Memory) => Memory;

/** In this order, each on top of those before it, and only as far as it must be. */
const sheds: readonly Shed[] = [
  (memory) => withReasonsCut(memory, reasonBytes.long),
  withoutDone,
  withFewerUntold,
  withoutOldRungs,
  withoutMovesBefore,
  (memory) => withReasonsCut(memory, reasonBytes.short),
  (memory) => withReasonsCut(memory, reasonBytes.least),
  withUntoldCut,
];

export function memoryText(memory: Memory): string {
  let kept = memory;
  let text = JSON.stringify(kept);
  for (const shed of sheds) {
    if (bytesOf(text) <= limits.memoryBytesMax) return text;
    kept = shed(kept);
    text = JSON.stringify(kept);
  }
  return text;
}

/** As UTF-8, which is what is stored and billed. */
export function bytesOf(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit <= 0xdfff)
      bytes += 1; // Half of a pair of four bytes.
    else if (unit >= 0x800) bytes += 2;
    else if (unit >= 0x80) bytes += 1;
  }
  return bytes;
}

/** The longest beginning whose JSON takes at most so many bytes. */
export function cutTo(text: string, bytesMax: number): string {
  const takes = (part: string): number => bytesOf(JSON.stringify(part));
  if (takes(text) <= bytesMax) return text;
  const characters = [...text.slice(0, bytesMax)];
  while (takes(`${characters.join('')}…`) > bytesMax && characters.length > 0)
    characters.length = Math.min(characters.length - 1, Math.floor(characters.length * 0.9));
  return `${characters.join('')}…`;
}

const cut = <T extends { readonly because: string }>(one: T, bytesMax: number): T =>
  one.because.length * 6 <= bytesMax ? one : { ...one, because: cutTo(one.because, bytesMax) };

/** No rule reads a reason; they are for people, who find it whole in the execution that gave it. */
function withReasonsCut(memory: Memory, bytesMax: number): Memory {
  const { incident, lastIncident, moves, rungs, unwritten } = memory;
  return {
    ...memory,
    incident: incident && cut(incident, bytesMax),
    lastIncident: lastIncident && cut(lastIncident, bytesMax),
    moves: Object.fromEntries(Object.entries(moves).map(([set, move]) => [set, cut(move, bytesMax)])),
    rungs: rungs.map(({ said, ...rung }) => ({
      ...cut(rung, bytesMax),
      ...(said !== undefined && { said: cutTo(said, bytesMax) }),
    })),
    unwritten: Object.fromEntries(
      Object.entries(unwritten).map(([set, one]) => [set, { ...one, detail: cutTo(one.detail, bytesMax) }]),
    ),
  };
}

/** Without it a move that got no answer, and was never made, leaves nobody's move behind. */
function withoutMovesBefore(memory: Memory): Memory {
  const moves = Object.entries(memory.moves).map(([set, { over: _, ...move }]) => [set, move] as const);
  return { ...memory, moves: Object.fromEntries(moves) };
}

function withUntoldCut(memory: Memory): Memory {
  return { ...memory, toTell: memory.toTell.map((one) => ({ ...one, text: cutTo(one.text, untoldBytes) })) };
}

/** In mode observe so many announcements of moves are remembered as told: one each way. */
const wouldMax = 2;

/**
 * That something done was told is asked again only of the last move of each set that was found made. What would be moved
 * is worded anew for each choice of sets; what is forgotten here may be said twice.
 */
function withoutDone(memory: Memory): Memory {
  const newestFirst = Object.entries(memory.told)
    .sort(([, a], [, b]) => b - a)
    .map(([key]) => key);
  const found = new Set<string>();
  let would = 0;
  let quiet = 0;
  const kept = newestFirst.filter((key) => {
    const [kind, what = '', set = ''] = key.split('/');
    if (kind === 'would' && what !== 'repair') return ++would <= wouldMax;
    if (kind === 'quiet') return ++quiet === 1; // A quiet window that is over is not told of again.
    if (kind !== 'move' && kind !== 'repair') return true;
    if (what !== 'unclosed' || found.has(set)) return false;
    found.add(set);
    return true;
  });
  return { ...memory, told: Object.fromEntries(Object.entries(memory.told).filter(([key]) => kept.includes(key))) };
}

/** Of ended repairs the last of each kind, path and tunnel: that it was tried, what came of it, and whether it has settled. */
function withoutOldRungs(memory: Memory): Memory {
  const what = ({ path, rung, tunnel }: RungRun): string => `${path}/${rung}/${tunnel ?? ''}`;
  const last = new Map(memory.rungs.map((rung) => [what(rung), rung]));
  const isNeeded = (rung: RungRun): boolean => rung.endedAt === null || last.get(what(rung)) === rung;
  return { ...memory, rungs: memory.rungs.filter(isNeeded) };
}

/** The same said twice is said once; of many different things people hear the first, the last, and how many there were. */
function withFewerUntold(memory: Memory): Memory {
  const distinct = [...new Map(memory.toTell.map((one) => [one.text, one])).values()];
  if (distinct.length <= untoldMax) return { ...memory, toTell: distinct };
  const earlier = distinct.findIndex(({ key }) => key.startsWith(`${manyKind}/`));
  const first = distinct.slice(0, earlier === -1 ? untoldFirst : Math.min(untoldFirst, earlier));
  const last = distinct.slice(-(untoldMax - untoldFirst - 1));
  const between = distinct.filter((one) => !first.includes(one) && !last.includes(one));
  return { ...memory, toTell: [...first, manyIn(between), ...last] };
}

const manyKind = 'many';

/** One announcement in place of several; folded again, it goes on counting. */
function manyIn(announcements: readonly Announcement[]): Announcement {
  const count = announcements.reduce((sum, { key }) => sum + countIn(key), 0);
  return {
    key: `${manyKind}/${count}`,
    text: `and ${count} announcements more that could not be made in time: the histories of the executions have them`,
  };
}

const countIn = (key: string): number => (key.startsWith(`${manyKind}/`) ? Number(key.split('/')[1]) || 1 : 1);
