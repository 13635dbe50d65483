/**
 * Where packets from a canary's own route table go: the route that EC2's longest-prefix rule picks for each target. Pure.
 *
 * A canary proves the interface that its packets leave by, not the one the configuration had in mind.
 */
import type { Route, RouteTable } from '@aws-sdk/client-ec2';
import type { Canary } from '../../core/words/domain';
import type { PinFacts } from '../../core/words/evidence';
import { originOf, targetOf } from './route-description';

/** Null: the table is not known, or what is in it cannot be compared. */
export function pinFacts(canary: Canary, table: RouteTable | undefined): PinFacts | null {
  if (table?.Routes === undefined) return null;
  const leads = canary.targets.map(({ address }) => routeFor(address, table.Routes!));
  if (leads.includes('unclear')) return null;
  return canary.targets.map(({ address }, i) => {
    const route = leads[i] as Route | null;
    return { address, target: route === null ? null : targetOf(route) };
  });
}

/**
 * The longest prefix wins, and of two alike the static one. A prefix list's entries are not in the answer: one that
 * leads to an interface may hold the address or not, which matters only where it leads elsewhere than what is sure.
 */
function routeFor(address: string, routes: readonly Route[]): Route | null | 'unclear' {
  let best: Route | null = null;
  let bestBits = -1;
  for (const route of routes) {
    const bits = bitsHolding(route.DestinationCidrBlock, address);
    const wins = bits > bestBits || (bits === bestBits && originOf(route) === 'static');
    if (bits < 0 || !wins) continue;
    best = route;
    bestBits = bits;
  }
  const lists = routes.filter((route) => route.DestinationPrefixListId && route.NetworkInterfaceId);
  if (bestBits === 32 || lists.length === 0) return best;
  const first = lists[0]!;
  const isOne = lists.every((route) => targetOf(route).id === targetOf(first).id);
  if (!isOne) return 'unclear';
  return best === null || targetOf(best).id === targetOf(first).id ? first : 'unclear';
}

/** Length of an IPv4 block that holds the address; -1: it does not, or is no such block. */
function bitsHolding(block: string | undefined, address: string): number {
  const [network = '', length = ''] = (block ?? '').split('/');
  const [held, wanted, bits] = [numberOf(network), numberOf(address), Number(length)];
  if (held === null || wanted === null || length === '' || !(bits >= 0 && bits <= 32)) return -1;
  const size = 2 ** (32 - bits);
  return Math.floor(held / size) === Math.floor(wanted / size) ? bits : -1;
}

function numberOf(address: string): number | null {
  const parts = address.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255)) return null;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}
