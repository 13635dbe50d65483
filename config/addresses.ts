/**
 * Addresses as EC2 writes them. EC2 matches a route's destination as text, so `10.1.2.3/8` and `10.0.0.0/8` would be
 * two names for one route: only the canonical form is accepted, and the refusal names it.
 *
 * A block is also a span of numbers: rules compare thousands of them, and text is slow.
 */
import ipaddr from 'ipaddr.js';

/** Canonical text, and its first and last address. Blocks of IPv4 and IPv6 never hold each other. */
export interface Block {
  readonly text: string;
  readonly family: 4 | 6;
  readonly prefix: number;
  readonly first: bigint;
  readonly last: bigint;
}

/** ipaddr.js itself tries IPv6 first: an exception for each block of IPv4, a tenth of what reading a site took. */
const familyOf = (text: string): typeof ipaddr.IPv4 | typeof ipaddr.IPv6 =>
  text.includes(':') ? ipaddr.IPv6 : ipaddr.IPv4;

const parsed = (text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] => familyOf(text).parseCIDR(text);

/** The canonical form of a CIDR block; null when the text is no CIDR block at all. */
export function canonicalCidr(text: string): string | null {
  try {
    const [, prefix] = parsed(text);
    const network = familyOf(text).networkAddressFromCIDR(text);
    return `${network.toString()}/${prefix}`;
  } catch {
    return null; // ipaddr.js throws for whatever it cannot read.
  }
}

/** Four decimal numbers and nothing else: ipaddr.js alone would also read `10.1` and `0x0a000001`. */
export function isIpv4(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text);
}

/** Null for what is no canonical block: a prefix list, say, or what has been refused. */
export function blockFrom(text: string): Block | null {
  if (canonicalCidr(text) !== text) return null;
  const [address, prefix] = parsed(text);
  const bytes = address.toByteArray();
  const first = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const size = 1n << BigInt(bytes.length * 8 - prefix);
  return { text, family: bytes.length === 4 ? 4 : 6, prefix, first, last: first + size - 1n };
}

/** The block of this length around an IPv4 address; without a length the address alone. */
export function blockAround(address: string, prefix = 32): Block {
  const text = canonicalCidr(`${address}/${prefix}`);
  const block = text === null ? null : blockFrom(text);
  if (block === null) throw new Error(`${address}/${prefix} is no block: callers ask isIpv4 first`);
  return block;
}

/** Is all of `inner` in `outer`? A block holds itself. */
export function holds(outer: Block, inner: Block): boolean {
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last;
}

/** Does the block hold the address? Prefix lists and IPv6 blocks never do: unknown, not false, so callers ask first. */
export function holdsIpv4(cidr: string, address: string): boolean {
  const block = blockFrom(cidr);
  return block !== null && holds(block, blockAround(address));
}

/** What lies behind no VPN, by the names people know. The first that holds all of a block is its name. */
const nowhere: readonly (readonly [Block, string])[] = (
  [
    ['127.0.0.0/8', 'loopback: the prober itself'],
    ['169.254.169.0/24', "link-local: EC2's own services, the instance metadata among them"],
    ['169.254.0.0/16', 'link-local'],
    ['255.255.255.255/32', 'the broadcast address'],
    ['224.0.0.0/4', 'multicast'],
    ['224.0.0.0/3', 'reserved'],
    ['0.0.0.0/8', 'unspecified'],
    ['::1/128', 'loopback'],
    ['::/128', 'unspecified'],
    ['::ffff:0:0/96', 'IPv4 in another dress'],
    ['fe80::/10', 'link-local'],
    ['ff00::/8', 'multicast'],
    ['fd00:ec2::/32', "EC2's own services"],
  ] as const
).map(([text, name]) => [known(text), name] as const);

const linkLocal = known('169.254.0.0/16');
/** EC2 takes no route into this one. */
const ec2Services = known('169.254.168.0/22');
/** A tunnel's inside network is a /30, or a /29 for GRE. */
const insidePrefixMin = 29;

/** Why a block lies behind no VPN: what it is; null: it may. The inside network of a tunnel may. */
export function whyNowhere(block: Block): string | null {
  if (block.prefix >= insidePrefixMin && holds(linkLocal, block) && !holds(ec2Services, block)) return null;
  return nowhere.find(([range]) => holds(range, block))?.[1] ?? null;
}

export const isLinkLocal = (block: Block): boolean => holds(linkLocal, block);

const privateBlocks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'].map(known);

/** An address that the internet does not route. */
export const isPrivate = (block: Block): boolean => privateBlocks.some((one) => holds(one, block));

function known(text: string): Block {
  const block = blockFrom(text);
  if (block === null) throw new Error(`${text} is no canonical block: correct this file`);
  return block;
}
