/** Routes in a VPC's route tables. A propagated one cannot be replaced: a static route is created over it. */
import type { RoutePlane } from './plane';

export const vpcTable: RoutePlane = {
  stepTo: ({ routeSet, table, destination, target, origin }, to) => {
    const kind = origin === 'propagated' ? 'create' : 'replace';
    return { routeSet, table, destination, kind, expected: target, to };
  },
};
