/**
 * Routes of all kinds of tables behind one port. A table's id says by which calls it is read and written: a VPC's
 * (`rtb-…`) or a transit gateway's (`tgw-rtb-…`). Whoever moves routes need not know.
 */
import type { EC2Client } from '@aws-sdk/client-ec2';
import { planeOf } from '../../core/words/planes';
import type { Clock } from '../attempt';
import type { Routes } from './route-port';
import { transitRoutes } from './transit-routes';
import { vpcRoutes } from './vpc-routes';

const isTransit = (table = ''): boolean => planeOf(table) === 'tgw-table';

/** `patienceMs`: how long one answer is waited for; absent: as long as every client waits. */
export function routes(ec2: Pick<EC2Client, 'send'>, clock: Clock, patienceMs?: number): Routes {
  const patience = patienceMs === undefined ? {} : { requestTimeout: patienceMs };
  const vpc = vpcRoutes(ec2, clock, patience);
  const transit = transitRoutes(ec2, clock, patience);

  const readPinned: Routes['readPinned'] = async (sets, pinned, known) => {
    // The configuration sees to it that a set's tables are of one kind.
    const inTransit = sets.map(({ tables }) => isTransit(tables[0]));
    const of = (kind: boolean) =>
      [
        sets.filter((_, i) => inTransit[i] === kind),
        pinned.filter(({ routeTableId }) => isTransit(routeTableId) === kind),
        known,
      ] as const;
    const [there, here] = await Promise.all([transit.readPinned(...of(true)), vpc.readPinned(...of(false))]);
    const inOrder = <T>(theirs: readonly T[], ours: readonly T[]): T[] => {
      const [left, right] = [[...theirs], [...ours]];
      return inTransit.map((kind) => (kind ? left.shift()! : right.shift()!));
    };
    return {
      sets: inOrder(there.sets, here.sets),
      pins: { ...here.pins, ...there.pins },
      shadows: inOrder(there.shadows, here.shadows),
    };
  };

  return {
    readPinned,
    read: async (sets) => (await readPinned(sets, [])).sets,
    write: (step) => (isTransit(step.table) ? transit : vpc).write(step),
    dryRun: (step) => vpc.dryRun(step),
  };
}
