/** Addresses as people write them, and the one way we keep them. */
import { canonicalCidr, holdsIpv4, isIpv4 } from '../../../config/addresses';

it.each([
  ['10.0.0.0/8', '10.0.0.0/8'],
  ['10.1.2.3/8', '10.0.0.0/8'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['2001:DB8::1/32', '2001:db8::/32'],
  ['::/0', '::/0'],
])('writes %s as %s', (text, canonical) => {
  expect(canonicalCidr(text)).toBe(canonical);
});

it.each(['10.0.0.0', '10.0.0.0/33', '10.0.0/8x', 'office', ''])('knows that %j is no CIDR block', (text) => {
  expect(canonicalCidr(text)).toBeNull();
});

it.each(['10.1', '0x0a000001', '010.0.0.1', '::1', '10.0.0.256'])('does not take %s for an IPv4 address', (text) => {
  expect(isIpv4(text)).toBe(false);
});

it('says which block holds an address', () => {
  expect(holdsIpv4('172.16.0.0/12', '172.31.255.255')).toBe(true);
  expect(holdsIpv4('172.16.0.0/12', '172.32.0.0')).toBe(false);
});
