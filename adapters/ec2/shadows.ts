/**
 * Routes in our tables that are not ours and still decide where packets go: the longest prefix wins, so a route inside a
 * listed destination takes its packets with it, wherever the listed route is moved.
 *
 * Left out: the VPC's own `local` routes, our canaries' host routes, and prefix lists, whose entries are not asked for.
 */
import { BlockList, isIP } from 'node:net';
import type { Route, RouteTable } from '@aws-sdk/client-ec2';
import type { Canary, RouteSet } from '../../core/words/domain';
import type { Shadow } from '../../core/words/evidence';
import { targetOf } from './route-description';

/** A table may hold a thousand routes; a person needs the first few. */
const shadowsMax = 20;

/** One list per set. `canaries`: those whose host routes may stand in the tables. */
export function shadowsOf(
  sets: readonly RouteSet[],
  canaries: readonly Canary[],
  tables: ReadonlyMap<string | undefined, RouteTable>,
): Shadow[][] {
  const ours = new Set([
    ...sets.flatMap((set) => set.tables.flatMap((table) => set.destinations.map((to) => `${table} ${to}`))),
    ...canaries.flatMap((c) => c.targets.map(({ address }) => `${c.routeTableId} ${address}/32`)),
  ]);
  return sets.map((set) =>
    set.tables
      .flatMap((table) =>
        (tables.get(table)?.Routes ?? []).flatMap((route): Shadow[] => {
          const destination = route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock;
          if (destination === undefined || isLocal(route) || ours.has(`${table} ${destination}`)) return [];
          const within = set.destinations.find((wide) => isInside(destination, wide));
          if (within === undefined) return [];
          return [{ routeSet: set.name, table, destination, within, target: targetOf(route) }];
        }),
      )
      .slice(0, shadowsMax),
  );
}

const isLocal = ({ GatewayId }: Route): boolean => GatewayId === 'local';

/** Strictly: the same prefix is the same route. */
export function isInside(destination: string, wide: string): boolean {
  const [address = '', bits] = destination.split('/');
  const [network = '', width] = wide.split('/');
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(address) === 0 || isIP(address) !== isIP(network) || Number(bits) <= Number(width)) return false;
  const block = new BlockList();
  block.addSubnet(network, Number(width), family);
  return block.check(address, family);
}
