/**
 * Draws a site: one to eight connections over two to four paths each, with their tables, canaries, modes and policies.
 *
 * What comes out is what an author would write in `switchback.yaml`, and goes through the same door: a site that the
 * configuration refuses is a bug of this file. Only what is built is drawn.
 */
import { deploymentFrom } from '../../config/read';
import type { Deployment } from '../../core/words/domain';
import { type Random, randomStream } from '../../local-cloud/random';
import { addPathAcross, drawAcross, hasTwoEnds } from './site-ends';
import { addHabits } from './site-habits';
import { addManaged, addTunnels, mostIn } from './site-managed';
import { aimElsewhere, gatewayTree, id, letters, region, securityGroup, type Tree, weighted, zone } from './site-parts';
import { addListener, addSpeakers } from './site-speakers';

const names = ['paris', 'rome', 'oslo', 'wien', 'bern', 'riga', 'lyon', 'graz'] as const;

export function drawSite(seed: number): Deployment {
  return accepted(siteTree(seed), `Site ${seed}`);
}

function accepted(tree: Tree, what: string): Deployment {
  const result = deploymentFrom(tree);
  if (!result.ok) throw new Error(`${what} is refused: ${JSON.stringify(result.problems)}\n${JSON.stringify(tree)}`);
  return result.deployment;
}

export type SiteChange = 'version' | 'policy' | 'ids' | 'path';

/** The same site deployed anew, with one thing changed: only a version, the policies, a gateway's ids, or one path more. */
export function drawChangedSite(seed: number, change: SiteChange): Deployment {
  const tree = siteTree(seed);
  const random = randomStream(seed, `swarm/site/${change}`);
  const gateways = tree['gateways'] as Record<string, Tree>;
  const connections = tree['connections'] as Record<string, Tree>;
  const [first] = Object.keys(connections) as [string];
  if (change === 'policy') connections[first]!['policy'] = policyTree(random);
  if (change === 'ids') rebuild(random.pick(Object.values(gateways).filter((one) => 'instance' in one)), connections);
  if (change === 'path') {
    if (hasTwoEnds(seed)) addPathAcross(tree);
    else addPath(connections[first]!, gateways);
  }
  return accepted(tree, `Site ${seed} with another ${change}`);
}

/**
 * Another instance with another interface stands for it; the address the peer knows is the same. Canaries of the other
 * end that ask it itself are told where it is now.
 */
function rebuild(gateway: Tree, connections: Record<string, Tree>): void {
  const before = gateway['privateAddress'];
  const newer = (text: unknown): string => String(text).replace(/0a/, 'ea');
  Object.assign(gateway, { instance: newer(gateway['instance']), interface: newer(gateway['interface']) });
  gateway['privateAddress'] = String(gateway['privateAddress']).replace(/\d+$/, '60');
  for (const { canaries } of Object.values(connections))
    aimElsewhere(Object.values(canaries as Record<string, Tree>), before, gateway['privateAddress']);
}

function addPath(connection: Tree, gateways: Record<string, Tree>): void {
  const paths = connection['paths'] as Record<string, Tree>;
  const path = letters[Object.keys(paths).length];
  if (path === undefined) return; // Four are as many as are drawn.
  const i = letters.indexOf(path);
  gateways['gw-new'] = { ...gatewayTree(randomStream(i, 'swarm/site/path'), 8, i), control: 'ssm' };
  paths[path] = { gateway: 'gw-new', tunnel: `new-${path}` };
  if ((connection['routing'] as Tree | undefined)?.['convergeWithin'] !== undefined)
    addListener(paths[path], gateways['gw-new']);
  const canaries = connection['canaries'] as Record<string, Tree>;
  const model = canaries['path-a']!;
  const own = model['pin'] === 'subnet' ? { routeTable: id('rtb', 'd9') } : {};
  const targets =
    model['pin'] === 'target' ? (model['targets'] as unknown[]).map((one) => withHost(one, 20 + i)) : model['targets'];
  canaries[`path-${path}`] = { ...model, path, zone: zone(i + 1), subnet: id('subnet', 'd9'), ...own, targets };
}

/** The same target at another address. */
function withHost(target: unknown, host: number): unknown {
  if (typeof target === 'string') return target.replace(/\.\d+:/, `.${host}:`);
  const { address, ...rest } = target as Tree;
  return { ...rest, address: String(address).replace(/\d+$/, String(host)) };
}

/** Dear to play and easily missed: of each 40 sites one has six connections for certain, and one eight. */
const crowds: Readonly<Record<number, string>> = { 7: '6', 27: '8' };
const crowdPeriod = 40;

function siteTree(seed: number): Tree {
  if (hasTwoEnds(seed)) return acrossTree(seed);
  const random = randomStream(seed, 'swarm/site');
  const gateways: Record<string, Tree> = {};
  const connections: Record<string, Tree> = {};
  const drawn = weighted(random, { 1: 80, 2: 13, 3: 3, 4: 2, 6: 1, 8: 1 });
  const count = Math.min(Number(crowds[seed % crowdPeriod] ?? drawn), mostIn(seed));
  for (let i = 0; i < count; i++) connections[names[i]!] = connectionTree(random, i, gateways);
  addHabits(randomStream(seed, 'swarm/site/habits'), connections);
  addTunnels(randomStream(seed, 'swarm/site/tunnels'), seed, connections, gateways);
  addSpeakers(randomStream(seed, 'swarm/site/speakers'), seed, connections, gateways);
  addManaged(randomStream(seed, 'swarm/site/managed'), seed, connections, gateways);
  return { name: 'switchback', region, gateways, connections };
}

/** Some have an ordinary connection beside those between two ends of ours. */
function acrossTree(seed: number): Tree {
  const random = randomStream(seed, 'swarm/site');
  const gateways: Record<string, Tree> = {};
  const { connections, ...where } = drawAcross(seed, gateways, policyTree);
  if (random.chance(0.3)) connections[names[0]] = connectionTree(random, 0, gateways);
  addHabits(randomStream(seed, 'swarm/site/habits'), connections);
  return { name: 'switchback', region, ...where, gateways, connections };
}

function connectionTree(random: Random, index: number, gateways: Record<string, Tree>): Tree {
  const pathNames = letters.slice(0, Number(weighted(random, { 2: 68, 3: 25, 4: 7 })));
  const shares = index > 0 && random.chance(0.5);
  const paths = Object.fromEntries(
    pathNames.map((path, i) => [
      path,
      { gateway: gatewayFor(random, index, i, shares, gateways), tunnel: `${names[index]}-${path}` },
    ]),
  );
  const network = `172.${16 + index}`;
  const setCount = Number(weighted(random, { 1: 68, 2: 24, 3: 5, 6: 3 }));
  const routeSets = Object.fromEntries(
    Array.from({ length: setCount }, (_, s) => [`set-${s}`, routeSetTree(random, index, s, network, pathNames)]),
  );
  const canaries: Record<string, Tree> = {};
  const isPinnedByTarget = random.chance(0.4);
  const targetAt = { tcp, echo, http }[weighted(random, { tcp: 62, echo: 28, http: 10 })];
  for (const [i, path] of pathNames.entries())
    canaries[`path-${path}`] = pathCanary(index, i, path, (host) => targetAt(network, host), isPinnedByTarget);
  for (let s = 0; s < setCount; s++)
    canaries[`service-${s}`] = serviceCanary(random, index, s, (host) => targetAt(network, host));
  return {
    mode: weighted(random, { repair: 76, divert: 14, observe: 10 }),
    coupled: random.chance(0.25),
    paths,
    routeSets,
    ...(random.chance(0.15) && { controlTarget: '10.0.0.2:53' }),
    canaries,
    policy: policyTree(random),
  };
}

/** Gateway `n` of a connection stands in zone `n`; a connection may share those of an earlier one. */
function gatewayFor(random: Random, index: number, i: number, shares: boolean, gateways: Record<string, Tree>): string {
  const shared = `gw-0${letters[i]}`;
  if (shares && shared in gateways) return shared;
  const name = `gw-${index}${letters[i]}`;
  gateways[name] = gatewayTree(random, index, i);
  return name;
}

function routeSetTree(random: Random, index: number, set: number, network: string, pathNames: readonly string[]): Tree {
  const tables = random.chance(0.05) ? random.int(8, 20) : random.int(1, 3);
  const destinations = [
    `${network}.0.0/16`,
    ...(random.chance(0.25) ? [`10.10${index}.0.0/16`] : []),
    ...(random.chance(0.08) ? [`2001:db8:${index + 1}::/48`] : []),
    ...(random.chance(0.06) ? [id('pl', `f${index + 1}`)] : []),
  ];
  return {
    home: random.pick(pathNames),
    tables: Array.from({ length: tables }, (_, t) => id('rtb', `b${index + 1}${set + 1}${String(t + 10)}`)),
    destinations,
  };
}

type TargetAt = (host: number) => unknown;

const tcp = (network: string, host: number): string => `${network}.0.${host}:443`;
const http = (network: string, host: number): Tree => ({ address: `${network}.0.${host}`, port: 80, protocol: 'http' });
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
  const counted = random.int(1, 3);
  const sparse = {
    preset: 'calm',
    roundInterval: '10s',
    reportInterval: '10s',
    freshMax: '14s',
    silentAfter: '45s',
    // As long a silence as somebody counted, or as short a one as the preset's.
    ...(counted > 1 && { downAfterRounds: counted }),
    upAfterRounds: random.int(2, 3),
    confirmAfter: '60s',
  };
  const soakS = random.int(30, 80);
  return {
    ...(tempo === 'sparse' ? sparse : { preset: tempo }),
    soak: `${soakS}s`,
    soakMax: `${soakS * random.int(1, 4)}s`,
    severeAfter: `${random.int(30, 60)}s`,
    repairSettle: `${random.int(20, 60)}s`,
    ladderRest: `${random.int(5, 30)}m`,
    failbacks24hMax: random.int(1, 6),
    severeMoves24hMax: random.int(1, 4),
    repairs24hMax: random.int(1, 8),
    replaces24hMax: random.int(0, 2),
    ...(random.chance(0.04) && { failbackWindow: { fromHourUtc: 4, toHourUtc: 6 } }),
  };
}
