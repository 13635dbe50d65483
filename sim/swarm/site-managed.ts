/**
 * Draws what AWS's own VPN brings into a site: beside whatever it has, a connection over one or two Site-to-Site
 * connections, in a transit gateway's tables or a VPC's, with another of them, an instance or nothing behind it. And
 * appliances that hold several tunnels to AWS, watched from the far end. From streams of their own, so that the other
 * sites stay what they are.
 */
import { type Random, randomStream } from '../../local-cloud/random';
import { addHabits } from './site-habits';
import { gatewayTree, id, letters, securityGroup, type Tree, weighted, zone } from './site-parts';

const kindWeights = {
  transit: 8,
  inVpc: 4,
  beforeInstance: 4,
  behindInstance: 2,
  alone: 4,
  byAws: 1,
  byPeer: 1,
  appliance: 2,
};
type Kind = keyof typeof kindWeights;

const managedRatio = 0.08;
/** Of each forty sites, which is what 2,000 seeds have, these hold one for certain. */
const certain: Readonly<Record<number, Kind>> = {
  1: 'transit',
  3: 'alone',
  9: 'beforeInstance',
  14: 'byAws',
  18: 'behindInstance',
  22: 'inVpc',
  26: 'byPeer',
  30: 'transit',
  34: 'appliance',
  38: 'alone',
};
const severalTunnels = { ratio: 0.08, certain: [4, 25] } as const;
const period = 40;
/** Sites that are dear to play as they are. */
const crowd = 6;

const transitGateway = id('tgw', 'f');
const farRegion = 'us-east-1';
const allDay = [
  { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '00:00', to: '24:00', timezone: 'UTC' },
];

/** A rehearsal by the partner is over with its window, and the incident waits for it. */
const endsWithin = { days: ['mon'], from: '00:00', to: '00:30', timezone: 'UTC' };

/** Some paths over instances have two tunnels, as those towards AWS do; some of these AWS sees at their far end. */
export function addTunnels(
  random: Random,
  seed: number,
  connections: Record<string, Tree>,
  gateways: Record<string, Tree>,
): void {
  const isCertain = (severalTunnels.certain as readonly number[]).includes(seed % period);
  if (!random.chance(severalTunnels.ratio) && !isCertain) return;
  const [first] = Object.values(connections) as [Tree];
  Object.values(first['paths'] as Record<string, Tree>).forEach((path, i) => {
    if (i > 0 && random.chance(0.5)) return;
    path['tunnel'] = [path['tunnel'], `${path['tunnel']}-2`];
    if (random.chance(0.6)) seenFromAfar(random, gateways[path['gateway'] as string]!, i);
  });
}

/** By AWS, on a connection of its own in another region, and some by their own daemon's count. */
function seenFromAfar(random: Random, gateway: Tree, i: number): void {
  const tunnels = [`198.51.100.${2 * i + 1}`, `198.51.100.${2 * i + 2}`];
  gateway['seenBy'] = { vpn: id('vpn', `e${i + 1}`), region: farRegion, tunnels };
  if (gateway['control'] === 'ssm' && random.chance(0.4)) gateway['tunnelMetrics'] = true;
}

/** Connections that this site may have beside: one that must hold a kind of these is no crowd. */
export const mostIn = (seed: number): number => (certain[seed % period] === undefined ? Number.POSITIVE_INFINITY : 4);

export function addManaged(
  random: Random,
  seed: number,
  connections: Record<string, Tree>,
  gateways: Record<string, Tree>,
): void {
  const isCrowded = Object.keys(connections).length >= crowd;
  const drawn = random.chance(managedRatio) ? weighted(random, kindWeights) : undefined;
  const isCertain = certain[seed % period] !== undefined;
  const kind = certain[seed % period] ?? drawn;
  if (isCrowded || kind === undefined) return;
  const [model] = Object.values(connections) as [Tree];
  const site = { random, kind, isCertain, gateways, policy: policyFor(random, kind, model['policy'] as Tree) };
  const tours = connectionTree(site, 0);
  addHabits(random, { tours });
  connections['tours'] = tours;
  // Two connections over the same pair: one gateway lease, two minds.
  if (kind === 'transit' && random.chance(0.25)) connections['nancy'] = connectionTree(site, 1);
  if (kind === 'transit') addPrefixList(seed, tours);
}

const prefixLists = { ratio: 0.4, certain: 30 } as const;

/** Instead of the network, or beside it, a prefix list. From a stream of its own: the rest of the site stays as it is. */
function addPrefixList(seed: number, connection: Tree): void {
  const random = randomStream(seed, 'swarm/prefix lists');
  if (!random.chance(prefixLists.ratio) && seed % period !== prefixLists.certain) return;
  const { spokes } = connection['routeSets'] as Record<string, Tree>;
  const kept = random.chance(0.5) ? (spokes!['destinations'] as string[]) : [];
  spokes!['destinations'] = [id('pl', 'f'), ...kept];
}

interface Site {
  readonly random: Random;
  readonly kind: Kind;
  /** Drawn to be met: it repairs, and what has nothing behind it can be. */
  readonly isCertain: boolean;
  readonly gateways: Record<string, Tree>;
  readonly policy: Tree;
}

/** What goes one way is known by its bytes, which a canary that tries every ten seconds hardly makes. */
function policyFor(random: Random, kind: Kind, { failbackWindow: _, ...policy }: Tree): Tree {
  if (waysOf[kind].length > 1 || kind === 'appliance' || random.chance(0.4)) return policy;
  const often = { roundInterval: '2s', reportInterval: '2s', freshMax: '6s', silentAfter: '30s' };
  return { ...policy, ...often };
}

/** The paths of each kind, home first: what each leads over. */
const waysOf: Readonly<Record<Kind, readonly ('tgw' | 'vgw' | 'own')[]>> = {
  transit: ['tgw', 'tgw'],
  inVpc: ['vgw', 'tgw'],
  beforeInstance: ['vgw', 'own'],
  behindInstance: ['own', 'vgw'],
  alone: ['vgw'],
  /** Alone too, and its second tunnel is rehearsed. */
  byAws: ['vgw'],
  byPeer: ['vgw'],
  appliance: ['own'],
};

function connectionTree(site: Site, n: number): Tree {
  const { random, kind, policy } = site;
  const ways = waysOf[kind];
  const isTransit = kind === 'transit';
  const home = isTransit ? random.pick(['a', 'b']) : 'a';
  const table = (digits: string): string => (isTransit ? `tgw-rtb-0${digits.padStart(16, '0')}` : id('rtb', digits));
  const tables = Array.from({ length: random.int(1, 3) }, (_, i) => table(`f${n}${i}`));
  const network = `172.${31 - n}`;
  const canary = (place: number, rest: Tree): Tree => ({
    zone: zone(place),
    subnet: id('subnet', `f${n}${place}`),
    securityGroup,
    ...rest,
  });
  const paths = ways.map((way, i) => [letters[i], pathTree(site, way, i)] as const);
  const pathCanaries = paths.map(([path], i) => {
    const pinned = isTransit ? tables[0]! : id('rtb', `fc${n}${i}`);
    return [
      `path-${path}`,
      canary(i + 1, { path, routeTable: pinned, targets: [`${network}.0.${21 + i}:443`] }),
    ] as const;
  });
  const isPropagated = ways[0] === 'vgw' && random.chance(0.7);
  return {
    mode: site.isCertain ? 'repair' : weighted(random, { repair: 50, divert: 25, observe: 25 }),
    ...(ways.length === 1 ? { standby: 'none' } : { coupled: random.chance(0.2) }),
    ...(isPropagated && tables.length > 1 && { routing: { lastResort: 'routes' } }),
    paths: Object.fromEntries(paths),
    routeSets: {
      spokes: { home, tables, destinations: [`${network}.0.0/16`], ...(isPropagated && { propagated: true }) },
    },
    ...(kind === 'byAws' && { rehearsal: { by: 'aws', window: allDay } }),
    ...(kind === 'byPeer' && { rehearsal: { by: 'peer', window: [endsWithin] } }),
    canaries: {
      ...Object.fromEntries(pathCanaries),
      service: canary(0, { routeSet: 'spokes', targets: [`${network}.0.10:443`] }),
    },
    policy,
  };
}

function pathTree(site: Site, way: 'tgw' | 'vgw' | 'own', i: number): Tree {
  if (way === 'own') return ownPath(site, i);
  const name = `vpn-${letters[i]}`;
  site.gateways[name] ??= vpnTree(site, way, i);
  return { gateway: name };
}

function vpnTree({ random, kind, isCertain }: Site, way: 'tgw' | 'vgw', i: number): Tree {
  // Nobody starts IKE after a replacement, AWS does, or the partner's device is known to.
  const starts = weighted(random, { nobody: 25, aws: 50, device: 25 });
  const mustBegin = kind === 'byAws' || (isCertain && waysOf[kind].length === 1);
  const begins = starts === 'nobody' && mustBegin ? 'aws' : starts;
  const maintenance = weighted(random, { never: 25, apply: 50, window: 25 });
  const letter = letters[i]!;
  return {
    vpn: id('vpn', `f${letter}`),
    ...(way === 'vgw'
      ? { vpnGateway: id('vgw', 'f') }
      : { transitGateway, attachment: id('tgw-attach', `f${letter}`) }),
    tunnels: [`192.0.2.${2 * i + 1}`, `192.0.2.${2 * i + 2}`],
    initiatedBy: begins === 'aws' ? 'aws' : 'peer',
    ...(begins === 'device' && { peerInitiates: true }),
    maintenance,
    ...(maintenance === 'window' && { window: random.chance(0.6) ? allDay : [opensSoon(random)] }),
  };
}

/** Every run begins on a Monday at midnight. */
const opensSoon = (random: Random): Tree => ({
  days: ['mon'],
  from: `00:0${random.int(2, 8)}`,
  to: '02:00',
  timezone: 'UTC',
});

/** An instance of its own, or the site's first one, which others go over too. */
function ownPath({ random, kind, gateways }: Site, i: number): Tree {
  if (kind === 'appliance') {
    gateways['gw-t'] = gatewayTree(random, 9, 0);
    seenFromAfar(random, gateways['gw-t'], 7);
    return { gateway: 'gw-t', tunnel: ['tours-1', 'tours-2'] };
  }
  const shared = random.chance(0.3);
  if (!shared) gateways['gw-t'] = gatewayTree(random, 9, i);
  return {
    gateway: shared ? `gw-0${letters[i]}` : 'gw-t',
    tunnel: random.chance(0.5) ? 'tours' : ['tours-1', 'tours-2'],
  };
}
