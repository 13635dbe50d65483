/** The kinds of route tables there are, and how an id says of which kind its table is. */

/** Each has its file in core/routes/. */
export type Plane = 'vpc-table' | 'tgw-table';

/** A VPC's table is `rtb-…`, a transit gateway's `tgw-rtb-…`. */
export const planeOf = (table: string): Plane => (table.startsWith('tgw-rtb-') ? 'tgw-table' : 'vpc-table');
