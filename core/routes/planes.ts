/** Which plane a route set is in. A new one is a file beside `vpc-table.ts`, named here; the compiler asks for it. */
import type { Plane } from '../words/planes';
import type { RoutePlane } from './plane';
import { tgwTable } from './tgw-table';
import { vpcTable } from './vpc-table';

export const planes: Readonly<Record<Plane, RoutePlane>> = {
  'vpc-table': vpcTable,
  'tgw-table': tgwTable,
};
