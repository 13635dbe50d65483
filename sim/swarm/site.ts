/**
 * Draws a site: one to three connections over two or three paths each, with their tables, canaries, modes and policies.
 *
 * What comes out is what an author would write in `switchback.yaml`, and goes through the same door: a site that the
 * configuration refuses is a bug of this file. Only what is built is drawn (instance paths, static routes).
 */
import { deploymentFrom } from '../../config/read';
import type { Deployment } from '../../core/domain';
import { type Random, randomStream } from '../random';

const region = 'eu-central-1';
const letters = ['a', 'b', 'c'] as const;
const names = ['paris', 'rome', 'oslo'] as const;
const vpc = 'vpc-00000000000000001';
const securityGroup = 'sg-0ca00000000000001';

type Tree = Record<string, unknown>;

export function drawSite(seed: number): Deployment {
  const random = randomStream(seed, 'swarm/site');
  const tree = siteTree(random);
  const result = deploymentFrom(tree);
  if (!result.ok)
    throw new Error(`Site ${seed} is refused: ${JSON.stringify(result.problems)}\n${JSON.stringify(tree)}`);
  return result.deployment;
}

function siteTree(random: Random): Tree {
  const gateways: Record<string, Tree> = {};
  const connections: Record<string, Tree> = {};
  const count = weighted(random, { 1: 82, 2: 14, 3: 4 });
  for (let i = 0; i < Number(count); i++) connections[names[i]!] = connectionTree(random, i, gateways);
  return { name: 'switchback', region, gateways, connections };
}

function connectionTree(random: Random, index: number, gateways: Record<string, Tree>): Tree {
  const pathNames = letters.slice(0, random.chance(0.3) ? 3 : 2);
  const shares = index > 0 && random.chance(0.5);
  const paths = Object.fromEntries(
    pathNames.map((path, i) => [
      path,
      { gateway: gatewayFor(random, index, i, shares, gateways), tunnel: `${names[index]}-${path}` },
    ]),
  );
  const network = `172.${16 + index}`;
  const setCount = random.chance(0.3) ? 2 : 1;
  const routeSets = Object.fromEntries(
    Array.from({ length: setCount }, (_, s) => [`set-${s}`, routeSetTree(random, index, s, network, pathNames)]),
  );
  const canaries: Record<string, Tree> = {};
  const isPinnedByTarget = random.chance(0.4);
  const targetAt = random.chance(0.3) ? echo : tcp;
  for (const [i, path] of pathNames.entries())
    canaries[`path-${path}`] = pathCanary(index, i, path, (host) => targetAt(network, host), isPinnedByTarget);
  for (let s = 0; s < setCount; s++)
    canaries[`service-${s}`] = serviceCanary(random, index, s, (host) => targetAt(network, host));
  return {
    mode: weighted(random, { repair: 76, divert: 14, observe: 10 }),
    coupled: random.chance(0.25),
    paths,
    routeSets,
    canaries,
    policy: policyTree(random),
  };
}

/** Gateway `n` of a connection stands in zone `n`; a connection may share those of an earlier one. */
function gatewayFor(random: Random, index: number, i: number, shares: boolean, gateways: Record<string, Tree>): string {
  const shared = `gw-0${letters[i]}`;
  if (shares && shared in gateways) return shared;
  const name = `gw-${index}${letters[i]}`;
  const digit = `${index + 1}${i + 1}`;
  gateways[name] = {
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
  return name;
}

function routeSetTree(random: Random, index: number, set: number, network: string, pathNames: readonly string[]): Tree {
  const tables = random.chance(0.05) ? random.int(8, 20) : random.int(1, 3);
  const destinations = random.chance(0.25) ? [`${network}.0.0/16`, `10.10${index}.0.0/16`] : [`${network}.0.0/16`];
  return {
    home: random.pick(pathNames),
    tables: Array.from({ length: tables }, (_, t) => id('rtb', `b${index + 1}${set + 1}${String(t + 10)}`)),
    destinations,
  };
}

type TargetAt = (host: number) => unknown;

const tcp = (network: string, host: number): string => `${network}.0.${host}:443`;
/** Carries packets of full size, so that a black hole for large ones is seen. */
const echo = (network: string, host: number): Tree => ({ address: `${network}.0.${host}`, port: 7, protocol: 'udp' });

function pathCanary(index: number, i: number, path: string, targetAt: TargetAt, isPinnedByTarget: boolean): Tree {
  const place = { path, zone: zone(i + 1), securityGroup };
  if (isPinnedByTarget) {
    const shared = `c${index + 1}${i + 1}`;
    const targets = [targetAt(20 + i)];
    return { ...place, pin: 'target', subnet: id('subnet', shared), routeTable: id('rtb', `c${index + 1}`), targets };
  }
  const own = `d${index + 1}${i + 1}`;
  const targets = [targetAt(10), targetAt(11)];
  return { ...place, pin: 'subnet', subnet: id('subnet', own), routeTable: id('rtb', own), targets };
}

function serviceCanary(random: Random, index: number, set: number, targetAt: TargetAt): Tree {
  const targets = [targetAt(12), targetAt(13)];
  return {
    routeSet: `set-${set}`,
    zone: zone(random.int(0, 2)),
    subnet: id('subnet', `e${index + 1}${set + 1}`),
    securityGroup,
    targets,
  };
}

/**
 * Most sites probe rarely: what a rule does with k missed rounds does not depend on their length, and a round costs
 * the same to simulate however long it is. The presets as shipped are drawn as well.
 */
function policyTree(random: Random): Tree {
  const tempo = weighted(random, { sparse: 960, calm: 28, balanced: 10, fast: 2 });
  const sparse = {
    preset: 'calm',
    roundIntervalMs: '10s',
    reportIntervalMs: '10s',
    freshMaxMs: '14s',
    silentAfterMs: '45s',
    downAfterRounds: random.int(2, 3),
    upAfterRounds: random.int(2, 3),
    confirmAfterMs: '60s',
  };
  const soakMs = random.int(30, 80) * 1_000;
  return {
    ...(tempo === 'sparse' ? sparse : { preset: tempo }),
    soakMs,
    soakMaxMs: soakMs * random.int(1, 4),
    severeAfterMs: random.int(30, 60) * 1_000,
    repairSettleMs: random.int(20, 60) * 1_000,
    ladderRestMs: random.int(5, 30) * 60_000,
    failbacks24hMax: random.int(1, 6),
    severeMoves24hMax: random.int(1, 4),
    repairs24hMax: random.int(1, 8),
    replaces24hMax: random.int(0, 2),
    ...(random.chance(0.04) && { failbackWindow: { fromHourUtc: 4, toHourUtc: 6 } }),
  };
}

const zone = (n: number): string => `${region}${letters[n % 3]}`;
const id = (kind: string, digits: string): string => `${kind}-0${digits.padStart(16, '0')}`;

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
