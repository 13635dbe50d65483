/**
 * Which addresses stand for the users of a route: one for each longer route inside its destination, and one for the rest
 * of it. Packets follow the longest prefix, so users of a listed /16 may be dark behind a /24 that nobody listed.
 *
 * Longer routes that are another route set's own count there. One that leads to another network (a gateway that is no
 * interface) takes its addresses out of ours, unless a canary aims at one of them.
 */
import ipaddr from 'ipaddr.js';
import { prefixBits } from './prefix';

/** Addresses that canaries aim at come first: those are known to be users' own. */
export function samplesOf(
  destination: string,
  /** All longer ones; what they hold is not the destination's own. */
  longer: readonly string[],
  /** Those of them whose users are ours. */
  ours: readonly string[],
  aimedAt: readonly string[],
): readonly string[] {
  if (destination.startsWith('pl-')) return aimedAt;
  const inside = (block: string, address: string): boolean => prefixBits(block, address) >= 0;
  const pick = (block: string, without: readonly string[]): string | undefined =>
    [...aimedAt, ...hostsOf(block)].find(
      (address) => inside(block, address) && !without.some((other) => inside(other, address)),
    );
  const found = [destination, ...ours].map((block) => pick(block, longerThan(block, longer)));
  return found.filter((address) => address !== undefined);
}

/** Those of `blocks` that lie inside this one. */
export function longerThan(block: string, blocks: readonly string[]): readonly string[] {
  if (block.startsWith('pl-')) return [];
  const bits = Number(block.split('/')[1]);
  return blocks.filter((other) => {
    if (other.startsWith('pl-') || other === block) return false;
    const [network = '', length] = other.split('/');
    return Number(length) > bits && prefixBits(block, network) >= 0;
  });
}

const hosts = new Map<string, readonly string[]>();

/** A few addresses spread over the block: its first, its last, and some between. Asked for whenever users are looked at. */
function hostsOf(block: string): readonly string[] {
  const known = hosts.get(block) ?? spreadOver(block);
  hosts.set(block, known);
  return known;
}

function spreadOver(block: string): readonly string[] {
  const [network, bits] = ipaddr.parseCIDR(block);
  const bytes = network.toByteArray();
  const free = bytes.length * 8 - bits;
  const at = (share: number): string => {
    // The host part as a share of what it can hold; sixteen bits of it are more than enough to spread.
    const host =
      free >= 16
        ? BigInt(Math.floor(share * 65_535)) << BigInt(free - 16)
        : BigInt(Math.floor(share * (2 ** free - 1)));
    const whole = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n) + host;
    const parts = bytes.map((_, i) => Number((whole >> BigInt(8 * (bytes.length - 1 - i))) & 255n));
    return ipaddr.fromByteArray(parts).toString();
  };
  return [0.001, 0.5, 0.999, 0.25, 0.75, 0.125, 0.375, 0.625, 0.875].map(at);
}
