/**
 * Routes of all ends behind one port: each table is read and written by its own end's EC2, an end by a call of its own even
 * where both stand here, so that what one end does not say is not kept from the other.
 *
 * Law: an end that is silent costs the others a second and no more, and of its routes nothing is said. All of them silent,
 * or a connection without ends: the fault is the caller's to judge, as ever.
 */
import type { Pinned, Routes } from '../adapters/ec2/route-port';
import { routes as routesOf } from '../adapters/ec2/routes';
import { isFault } from '../adapters/errors';
import type { Deployment } from '../core/words/domain';
import type { EndName } from '../core/words/end';
import { reachOf } from '../core/words/end-names';
import { endNamed } from '../core/words/ends';
import { limits } from '../core/words/policy';
import { awsAt } from './ends';
import { logLine } from './log';
import type { World } from './world';

type Where = EndName | undefined;

type Read =
  | { readonly kind: 'read'; readonly found: Pinned }
  | { readonly kind: 'failed'; readonly fault: unknown }
  | { readonly kind: 'late' };

/** `patienceMs`: how long one answer is waited for; absent: as long as every client waits. */
export function routesAtEnds(world: World, deployment: Deployment, patienceMs?: number): Routes {
  const at = (end: Where): Routes =>
    routesOf(awsAt(world, reachOf(deployment, endNamed(deployment, end))).ec2, world, patienceMs);
  const ends = endsOfTables(deployment);

  const readPinned: Routes['readPinned'] = async (sets, pinned, known) => {
    const all = [...new Set<Where>([...sets.map(({ end }) => end), ...pinned.map(({ end }) => end)])];
    if (all.length <= 1) return at(all[0]).readPinned(sets, pinned, known);
    const asked = all.map((end) => {
      const mine = <T extends { readonly end?: EndName }>(some: readonly T[]): T[] =>
        some.filter((one) => one.end === end);
      return at(end).readPinned(mine(sets), mine(pinned), known && mine(known));
    });
    const reads = await together(world, asked);
    const answered = reads.flatMap((read) => (read.kind === 'read' ? [read.found] : []));
    const unreadEnds = all.flatMap((end, i) => (end === undefined || reads[i]!.kind === 'read' ? [] : [end]));
    const home = reads[all.indexOf(undefined)];
    const fault = [home, ...reads].find((read) => read?.kind === 'failed');
    if (fault?.kind === 'failed' && (answered.length === 0 || home?.kind === 'failed' || !isFault(fault.fault)))
      throw fault.fault;
    for (const end of unreadEnds) sayUnread(world, end, reads[all.indexOf(end)]!);
    const of = <T>(lists: (found: Pinned) => readonly T[][]): T[][] => {
      const left = reads.map((read) => (read.kind === 'read' ? [...lists(read.found)] : []));
      return sets.map(({ end }) => left[all.indexOf(end)]!.shift() ?? []);
    };
    return {
      sets: of(({ sets }) => sets),
      pins: Object.assign({}, ...answered.map(({ pins }) => pins)) as Pinned['pins'],
      shadows: of(({ shadows }) => shadows),
      ...(unreadEnds.length > 0 && { unreadEnds }),
    };
  };

  return {
    readPinned,
    read: async (sets) => (await readPinned(sets, [])).sets,
    write: (step) => at(ends.get(step.table)).write(step),
    dryRun: (step) => at(ends.get(step.table)).dryRun(step),
  };
}

function sayUnread(world: World, end: EndName, read: Read): void {
  const because = read.kind === 'failed' ? (read.fault as Error).message : 'no answer in time';
  logLine(world, { level: 'warn', what: 'routes: end not read', because, end });
}

/** All of them, or those that are in a moment after the first that answers. */
async function together(world: World, asked: readonly Promise<Pinned>[]): Promise<Read[]> {
  const reads = asked.map(
    (one): Promise<Read> =>
      one.then(
        (found): Read => ({ kind: 'read', found }),
        (fault: unknown): Read => ({ kind: 'failed', fault }),
      ),
  );
  const all = Promise.all(reads);
  await Promise.race([all, Promise.any(asked).catch(() => all)]);
  const patience = world.sleep(limits.rescueWaitMs).then((): Read => ({ kind: 'late' }));
  return Promise.all(reads.map((read) => Promise.race([read, patience])));
}

function endsOfTables({ connections }: Deployment): ReadonlyMap<string, EndName> {
  const sets = Object.values(connections).flatMap(({ routeSets }) => Object.values(routeSets));
  return new Map(
    sets.flatMap(({ tables, end }) => (end === undefined ? [] : tables.map((table) => [table, end] as const))),
  );
}
