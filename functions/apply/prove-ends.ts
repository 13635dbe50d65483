/**
 * Asked by `switchback doctor`: could we write at every end? The functions' own word, since nobody else can take on the
 * roles they are trusted by: each listed table is read, and EC2 asked for a dry run of what would change nothing.
 *
 * Law: nothing is written. Whoever may call the function learns which tables there are, and no more.
 */
import type { Routes } from '../../adapters/ec2/route-port';
import { isFault } from '../../adapters/errors';
import type { Deployment, RouteSet } from '../../core/words/domain';
import type { EndProof } from '../../core/words/end';
import type { RouteFacts } from '../../core/words/evidence';
import { isRecord } from '../../core/words/shape';

export interface EndProofs {
  readonly proofs: readonly EndProof[];
}

export const isProofRequest = (event: unknown): boolean => isRecord(event) && event['prove'] === 'ends';

/** One for each table of each end. */
export async function proveEnds(routes: Routes, { connections }: Deployment): Promise<EndProofs> {
  const sets = Object.values(connections).flatMap(({ routeSets }) => Object.values(routeSets));
  const proofs = await Promise.all(sets.map((set) => (set.end === undefined ? [] : proveSet(routes, set, set.end))));
  return { proofs: proofs.flat() };
}

async function proveSet(routes: Routes, set: RouteSet, end: string): Promise<EndProof[]> {
  const of = (table: string, result: EndProof['result'], detail: string): EndProof => ({ end, table, result, detail });
  let facts: readonly RouteFacts[];
  try {
    facts = (await routes.read([set])).flat();
  } catch (error) {
    if (!isFault(error)) throw error;
    return set.tables.map((table) => of(table, 'unread', error.message));
  }
  return Promise.all(
    set.tables.map(async (table) => {
      // What is there, written over itself: as near to a rescue as a dry run comes.
      const fact = facts.find((one) => one.table === table && one.origin === 'static' && one.target !== null);
      if (fact === undefined) return of(table, 'no_route', 'no static route of the set stands in it');
      const { routeSet, destination, target } = fact;
      const step = { routeSet, table, destination, kind: 'replace', expected: target, to: target } as const;
      const { result, detail } = await routes.dryRun(step);
      return of(table, result === 'accepted' ? 'may' : 'refused', detail);
    }),
  );
}
