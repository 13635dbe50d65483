/** What the speaker documents print last: one line of JSON for all neighbours they were asked about. */
import type { NeighborFacts } from '../words/evidence';
import type { Neighbor } from '../words/routing';
import { isRecord, oneOf, orAbsent, orNull, own, parsed, shapeOf } from '../words/shape';
import { toldTo } from './speaker';

/** After an order: how long it took until nothing but canaries came in; null: it did not, or nobody watched. */
export interface OrderOutcome extends NeighborFacts {
  readonly quietAfterMs: number | null;
}

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0;

const factsShape = {
  session: oneOf('up', 'down'),
  advertises: oneOf('normal', 'drained', 'partly', 'silent'),
  receivedPerSecond: orNull(isCount),
} as const;

export const isNeighborFacts = shapeOf<NeighborFacts>(factsShape);

const isPrinted = shapeOf<NeighborFacts & { readonly quietAfterMs: number | null | undefined }>({
  ...factsShape,
  quietAfterMs: orAbsent(orNull(isCount)),
});

/** By the neighbour's address; null: no such line is in the output. What is said of one and cannot be read is left out. */
export function printedBy(output: string): Record<string, OrderOutcome> | null {
  const line = output.split('\n').findLast((one) => one.trimStart().startsWith('{"switchback":"speaker"'));
  const value = line === undefined ? undefined : parsed(line);
  if (!isRecord(value) || value['schema'] !== 1 || !isRecord(value['neighbors'])) return null;
  return Object.fromEntries(
    Object.entries(value['neighbors']).flatMap(([address, facts]) => {
      if (!isPrinted(facts)) return [];
      const { session, advertises, receivedPerSecond, quietAfterMs = null } = facts;
      return [[address, { session, advertises, receivedPerSecond, quietAfterMs }]];
    }),
  );
}

/** What everybody hears of the path once the order is done; null: of some the output says nothing. */
export function orderOutcome(output: string, neighbor: Neighbor): OrderOutcome | null {
  const printed = printedBy(output) ?? {};
  const told = toldTo(neighbor, printed);
  return told === null ? null : { ...told, quietAfterMs: own(printed, neighbor.across)!.quietAfterMs };
}
