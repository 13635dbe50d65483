/**
 * Does a prefix hold an address? Asked for every packet, of the same few pairs, so answers are remembered.
 */
import ipaddr from 'ipaddr.js';

const known = new Map<string, number>();

/** The prefix length when the CIDR block holds the address, otherwise -1; prefix lists hold nothing by themselves. */
export function prefixBits(block: string, address: string): number {
  const key = `${block} ${address}`;
  const bits = known.get(key) ?? match(block, address);
  known.set(key, bits);
  return bits;
}

function match(block: string, address: string): number {
  if (block.startsWith('pl-')) return -1;
  const [network, bits] = ipaddr.parseCIDR(block);
  const parsed = ipaddr.parse(address);
  if (parsed.kind() !== network.kind()) return -1;
  return parsed.match(network, bits) ? bits : -1;
}
