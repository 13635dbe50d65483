/**
 * Addresses as EC2 writes them. EC2 matches a route's destination as text, so `10.1.2.3/8` and `10.0.0.0/8` would be
 * two names for one route: only the canonical form is accepted, and the refusal names it.
 */
import ipaddr from 'ipaddr.js';

/** The canonical form of a CIDR block; null when the text is no CIDR block at all. */
export function canonicalCidr(text: string): string | null {
  try {
    const [address, prefix] = ipaddr.parseCIDR(text);
    const network =
      address.kind() === 'ipv4' ? ipaddr.IPv4.networkAddressFromCIDR(text) : ipaddr.IPv6.networkAddressFromCIDR(text);
    return `${network.toString()}/${prefix}`;
  } catch {
    return null; // ipaddr.js throws for whatever it cannot read.
  }
}

/** Four decimal numbers and nothing else: ipaddr.js alone would also read `10.1` and `0x0a000001`. */
export function isIpv4(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text);
}

/** Does the block hold the address? Prefix lists and IPv6 blocks never do: unknown, not false, so callers ask first. */
export function holdsIpv4(cidr: string, address: string): boolean {
  const [network, prefix] = ipaddr.parseCIDR(cidr);
  return network.kind() === 'ipv4' && (ipaddr.parse(address) as ipaddr.IPv4).match(network as ipaddr.IPv4, prefix);
}
