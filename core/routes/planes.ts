/** Which plane a route set is in. A new one is a file beside `vpc-table.ts`, named here; the compiler asks for it. */
import type { RouteSet } from '../words/domain';
import type { RoutePlane } from './plane';
import { tgwTable } from './tgw-table';
import { vpcTable } from './vpc-table';

export const planes: Readonly<Record<RouteSet['plane'], RoutePlane>> = {
  'vpc-table': vpcTable,
  'tgw-table': tgwTable,
};
