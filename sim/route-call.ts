/** Calls that write routes, as they were made: which they are, and what route each is about. */

/** Does this call write a route, of whichever kind of table and destination? */
export const isRouteWrite = (operation: string): boolean =>
  /^(Create|Replace|Delete)(TransitGateway)?Route$|^(Create|Modify|Delete)TransitGatewayPrefixListReference$/.test(
    operation,
  );

/** Which route such a call writes. */
export function writtenBy(input: unknown): { readonly table: string; readonly destination: string } {
  const route = input as Readonly<Record<string, string | undefined>>;
  return {
    table: (route['RouteTableId'] ?? route['TransitGatewayRouteTableId'])!,
    destination: (route['DestinationCidrBlock'] ??
      route['DestinationIpv6CidrBlock'] ??
      route['DestinationPrefixListId'] ??
      route['PrefixListId'])!,
  };
}
