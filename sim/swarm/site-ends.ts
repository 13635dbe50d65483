/**
 * Draws sites whose connections have both ends in VPCs of ours: a pair of gateways at each, crossed or not, a second
 * connection over the near end's gateways, and an ordinary one beside them. From a stream of its own, and only for the
 * sites that are named here, so that the others stay what they are.
 */
import { type Random, randomStream } from '../../local-cloud/random';
import { aimElsewhere, gatewayTree, id, letters, region, securityGroup, type Tree, weighted, zone } from './site-parts';

/** Of each forty sites. */
const sites: readonly number[] = [5, 15, 20, 35];
const period = 40;

export const hasTwoEnds = (seed: number): boolean => sites.includes(seed % period);

/** The near end comes first; what tells their VPCs, ids and addresses apart comes after. */
const ends = ['frankfurt', 'ohio', 'dublin'] as const;
type End = (typeof ends)[number];
const numbers: Readonly<Record<End, number>> = { frankfurt: 3, ohio: 4, dublin: 5 };
const network = (end: End): string => `10.${numbers[end]}`;
const gatewayName = (end: End, path: string): string => `${end}-${path}`;

interface Draws {
  readonly random: Random;
  readonly gateways: Record<string, Tree>;
  readonly policy: (random: Random) => Tree;
}

/** Adds the ends' gateways to `gateways`; `policy` draws one as for any connection. */
export function drawAcross(
  seed: number,
  gateways: Record<string, Tree>,
  policy: Draws['policy'],
): { readonly account?: string; readonly ends: Tree; readonly connections: Record<string, Tree> } {
  const random = randomStream(seed, 'swarm/site/ends');
  const draws = { random, gateways, policy };
  const connections: Record<string, Tree> = { mesh: acrossTree(draws, 0, 'ohio') };
  if (random.chance(0.3)) connections['ring'] = acrossTree(draws, 1, 'dublin');
  const used = ends.slice(0, Object.keys(connections).length + 1);
  const apart = randomStream(seed, 'swarm/site/apart');
  // One far end at most: a third cloud is dear to play and meets nothing that a second does not.
  const ohio = apart.chance(0.5) ? weighted(apart, { both: 50, region: 30, account: 20 }) : 'here';
  const placed: Tree = { ...Object.fromEntries(used.map((end) => [end, {}])), ohio: places[ohio] };
  const all = { ends: placed, gateways, connections };
  moveAway(all);
  return 'account' in places[ohio] ? { ...all, account: '111122223333' } : all;
}

const farAccount = { account: '210987654321', externalId: '3f6c1b0e-mesh' };

/** Where an end stands: with the deployment, or elsewhere. */
const places = {
  here: {},
  region: { region: 'us-east-2' },
  account: farAccount,
  both: { region: 'us-east-2', ...farAccount },
} as const;

interface Across {
  readonly ends: Tree;
  readonly gateways: Readonly<Record<string, Tree>>;
  readonly connections: Readonly<Record<string, Tree>>;
}

/** What stands at an end elsewhere stands in that region's zones; its machines are not replaced, which is not built. */
function moveAway({ ends: placed, gateways, connections }: Across): void {
  const canaries = Object.values(connections).flatMap((one) => Object.values(one['canaries'] as Record<string, Tree>));
  for (const one of [...Object.values(gateways), ...canaries]) {
    const place = placed[String(one['end'])] as Tree | undefined;
    if (place === undefined || Object.keys(place).length === 0) continue;
    one['zone'] = String(one['zone']).replace(region, String(place['region'] ?? region));
    delete one['launchTemplate'];
    const { secondaryAddress, privateAddress } = one;
    if (secondaryAddress === undefined) continue;
    aimElsewhere(canaries, secondaryAddress, privateAddress);
    delete one['secondaryAddress'];
  }
}

/** One more path for the first connection that has been drawn. */
export function addPathAcross(tree: Tree): void {
  const gateways = tree['gateways'] as Record<string, Tree>;
  const connections = tree['connections'] as Record<string, Tree>;
  const connection = Object.values(connections)[0]!;
  const paths = connection['paths'] as Record<string, Tree>;
  const path = letters[Object.keys(paths).length];
  if (path === undefined) return;
  const { frankfurt: near, ...far } = paths['a']!['gateways'] as Record<string, string>;
  const [end] = Object.keys(far) as [End];
  if (near === undefined) return;
  const random = randomStream(letters.indexOf(path), 'swarm/site/ends/path');
  const draws = { random, gateways, policy: () => ({}) };
  for (const each of ['frankfurt', end] as const) placeGateway(draws, each, path, letters.indexOf(path));
  paths[path] = pathTree('frankfurt', end, path, path);
  const canaries = connection['canaries'] as Record<string, Tree>;
  for (const each of ['frankfurt', end] as const) {
    const model = canaries[`${each}-a`]!;
    const other = each === 'frankfurt' ? end : 'frankfurt';
    canaries[`${each}-${path}`] = {
      ...pathCanary(
        draws,
        { n: 8, end: each, path, own: gatewayName(each, path), far: gatewayName(other, path) },
        model['pin'] === 'target',
      ),
      ...(model['pin'] === 'target' && { routeTable: model['routeTable'] }),
    };
  }
  moveAway({ ends: tree['ends'] as Tree, gateways, connections });
}

function acrossTree(draws: Draws, n: number, far: End): Tree {
  const { random, policy } = draws;
  const near = 'frankfurt';
  const names = letters.slice(0, n === 0 ? Number(weighted(random, { 2: 75, 3: 25 })) : 2);
  // The near end's gateways may be the other connection's too.
  for (const end of [near, far] as const) for (const [i, path] of names.entries()) placeGateway(draws, end, path, i);
  const isCrossed = random.chance(0.2);
  const partnerOf = (i: number): string => names[isCrossed ? names.length - 1 - i : i]!;
  const paths = names.map((path, i) => [path, pathTree(near, far, path, partnerOf(i))] as const);
  const setCount = Number(weighted(random, { 1: 75, 2: 25 }));
  const sets = Array.from({ length: setCount }, (_, s) => [`set-${s}`, setTree(random, { n, s, far }, names)] as const);
  const isPinnedByTarget = random.chance(0.5);
  const canaries = ([near, far] as const).flatMap((end) => {
    const other = end === near ? far : near;
    return [
      ...names.map((path, i) => {
        // Crossed: seen from the far end, path a leads from its own b to the near a.
        const [own, across] = end === near ? [path, partnerOf(i)] : [partnerOf(i), path];
        const place = { n, end, path, own: gatewayName(end, own), far: gatewayName(other, across) };
        return [`${end}-${path}`, pathCanary(draws, place, isPinnedByTarget)] as const;
      }),
      ...sets.map(([set], s) => [`${end}-users-${s}`, serviceCanary(random, { n, s, end, other }, set)] as const),
    ];
  });
  return {
    mode: weighted(random, { repair: 80, divert: 12, observe: 8 }),
    coupled: random.chance(0.15),
    paths: Object.fromEntries(paths),
    routeSets: Object.fromEntries(sets),
    canaries: Object.fromEntries(canaries),
    policy: policy(random),
  };
}

function placeGateway({ random, gateways }: Draws, end: End, path: string, i: number): void {
  const name = gatewayName(end, path);
  if (gateways[name] !== undefined) return;
  const made: Tree = { ...gatewayTree(random, numbers[end], i), end, vpc: id('vpc', `9${numbers[end]}`) };
  // Canaries of the other end aim at it, so its machine may be replaced.
  const isFollowed = 'launchTemplate' in made && random.chance(0.3);
  const secondaryAddress = String(made['privateAddress']).replace(/\d+$/, '20');
  gateways[name] = { ...made, ...(isFollowed && { secondaryAddress }) };
}

const pathTree = (near: End, far: End, path: string, across: string): Tree => ({
  gateways: { [near]: gatewayName(near, path), [far]: gatewayName(far, across) },
  tunnel: `${far}-${path}`,
});

function setTree(random: Random, { n, s, far }: { n: number; s: number; far: End }, paths: readonly string[]): Tree {
  const of = (end: End, other: End): Tree => ({
    tables: Array.from({ length: random.chance(0.05) ? random.int(6, 12) : random.int(1, 3) }, (_, t) =>
      id('rtb', `b9${n}${s}${numbers[end]}${t + 10}`),
    ),
    destinations: [s === 0 ? `${network(other)}.0.0/16` : `10.${100 + 10 * s + numbers[other]}.0.0/16`],
  });
  return { home: random.pick(paths), ends: { frankfurt: of('frankfurt', far), [far]: of(far, 'frankfurt') } };
}

interface PathPlace {
  readonly n: number;
  readonly end: End;
  readonly path: string;
  /** The path's gateway at this end. */
  readonly own: string;
  /** The gateway at the other end that answers. */
  readonly far: string;
}

function pathCanary(
  { gateways }: Draws,
  { n, end, path, own: gateway, far }: PathPlace,
  isPinnedByTarget: boolean,
): Tree {
  const i = letters.indexOf(path as (typeof letters)[number]);
  const own = `d9${n}${numbers[end]}${i}`;
  const shared = `c9${n}${numbers[end]}`;
  const targets = [`${gateways[far]!['secondaryAddress'] ?? gateways[far]!['privateAddress']}:22`];
  const place = { end, path, zone: besides(gateways[gateway]!), securityGroup, targets };
  return isPinnedByTarget
    ? { ...place, pin: 'target', subnet: id('subnet', `${shared}${i}`), routeTable: id('rtb', shared) }
    : { ...place, pin: 'subnet', subnet: id('subnet', own), routeTable: id('rtb', own) };
}

/** Another zone than the gateway's. */
const besides = ({ zone: own }: Tree): string => zone(letters.findIndex((_, i) => zone(i) === own) + 1);

interface UserPlace {
  readonly n: number;
  readonly s: number;
  readonly end: End;
  readonly other: End;
}

function serviceCanary(random: Random, { n, s, end, other }: UserPlace, routeSet: string): Tree {
  const host = (last: number): string =>
    `${s === 0 ? `${network(other)}.7` : `10.${100 + 10 * s + numbers[other]}.0`}.${last}`;
  const isEcho = random.chance(0.3);
  const target = (last: number): unknown =>
    isEcho ? { address: host(last), port: 7, protocol: 'udp' } : `${host(last)}:443`;
  return {
    ...{ end, routeSet, zone: zone(random.int(0, 2)), securityGroup },
    ...{ subnet: id('subnet', `e9${n}${s}${numbers[end]}`), targets: [target(12), target(13)] },
  };
}
