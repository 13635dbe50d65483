/** What drawn sites are made of: names, ids, and a gateway of our own. */
import type { Random } from '../../local-cloud/random';

export type Tree = Record<string, unknown>;

export const region = 'eu-central-1';
export const letters = ['a', 'b', 'c', 'd'] as const;
export const securityGroup = 'sg-0ca00000000000001';
const vpc = 'vpc-00000000000000001';

export const zone = (n: number): string => `${region}${letters[n % 3]}`;
export const id = (kind: string, digits: string): string => `${kind}-0${digits.padStart(16, '0')}`;

/** An instance in zone `i`; `index` tells apart those of one zone. */
export function gatewayTree(random: Random, index: number, i: number): Tree {
  const digit = `${index + 1}${i + 1}`;
  return {
    instance: id('i', `a${digit}`),
    zone: zone(i),
    vpc,
    subnet: id('subnet', `a${digit}`),
    interface: id('eni', `a${digit}`),
    privateAddress: `10.${index}.${i}.10`,
    ...(random.chance(0.75) && {
      address: { allocation: id('eipalloc', `a${digit}`), publicIp: `203.0.113.${digit}` },
    }),
    ...(random.chance(0.6) && { launchTemplate: { id: id('lt', `a${digit}`), version: 3, role: 'vpn-gateway' } }),
    control: random.chance(0.1) ? 'none' : 'ssm',
  };
}

/** Canaries that ask this gateway's address ask the other one. */
export function aimElsewhere(canaries: Iterable<Tree>, before: unknown, after: unknown): void {
  for (const canary of canaries)
    if ((canary['targets'] as unknown[] | undefined)?.includes(`${before}:22`)) canary['targets'] = [`${after}:22`];
}

/** One of the names, as often as its share of the weights says. */
export function weighted<T extends string>(random: Random, weights: Readonly<Record<T, number>>): T {
  const entries = Object.entries(weights) as [T, number][];
  let left = random.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [name, weight] of entries) {
    left -= weight;
    if (left < 0) return name;
  }
  return entries.at(-1)![0];
}
