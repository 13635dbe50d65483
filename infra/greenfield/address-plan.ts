/**
 * How a VPC's block is shared out: equal blocks, counted from its start. Written out as numbers, so that a template
 * can be read and reviewed without working out `Fn::Cidr`.
 */
import ipaddr from 'ipaddr.js';
import { canonicalCidr } from '../../config/addresses';

/** The `index`-th block of this prefix length inside `cidr`, from 0. */
export function blockOf(cidr: string, prefix: number, index: number): string {
  if (canonicalCidr(cidr) !== cidr || cidr.includes(':')) throw new Error(`${cidr} is no IPv4 block, e.g. 10.0.0.0/16`);
  const [network, length] = ipaddr.parseCIDR(cidr);
  if (prefix < length || index >= 2 ** (prefix - length)) {
    throw new Error(`${cidr} has no block ${index} of length /${prefix}: give the VPC a larger block`);
  }
  return `${addressAt(toNumber(network.toString()) + index * 2 ** (32 - prefix))}/${prefix}`;
}

/** The VPC's router in a subnet: always its second address. */
export function routerOf(cidr: string): string {
  return addressAt(toNumber(cidr.split('/')[0]!) + 1);
}

const toNumber = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

const addressAt = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
