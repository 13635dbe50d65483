/**
 * Routes in a VPC's route tables. A propagated one cannot be replaced: a static route is created over it, and deleted to
 * give it back. While that static route lies there AWS can withdraw nothing, so home is given back where AWS propagates
 * it again, and is written as a static route only where it does not.
 */

import { sameTarget } from '../words/targets';
import type { RoutePlane } from './plane';

export const vpcTable: RoutePlane = {
  holds: ({ kind }) => kind !== 'attachment',
  stepTo: ({ routeSet, table, destination, target, origin, under }, to) => {
    const at = { routeSet, table, destination, expected: target };
    if (target === null || origin === 'propagated') return { ...at, kind: 'create', to };
    return under && sameTarget(under, to) ? { ...at, kind: 'delete', to: null } : { ...at, kind: 'replace', to };
  },
};
