/**
 * Routes in a transit gateway's route table. Each names an attachment; only the preferred route of a destination is
 * shown, so what is propagated beneath a static one cannot be known. Nothing of a static VPN connection is propagated
 * there: a set in such a table has static routes only (config/vpn-rules.ts refuses others).
 */
import type { RoutePlane } from './plane';

export const tgwTable: RoutePlane = {
  holds: ({ kind }) => kind === 'attachment',
  stepTo: ({ routeSet, table, destination, target, origin }, to) => {
    const kind = target === null || origin === 'propagated' ? 'create' : 'replace';
    return { routeSet, table, destination, kind, expected: target, to };
  },
};
