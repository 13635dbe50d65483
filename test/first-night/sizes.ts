/**
 * Deployments of any size, in the two shapes that grow: many partners behind one pair of gateways, and many pairs that
 * each have a partner of their own. Every gateway can be replaced, every mode is `repair`: the most there is to grant.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { packagePath } from '../../config/package-files';
import { deploymentFrom } from '../../config/read';
import type { Deployment } from '../../core/words/domain';

const zones = { a: 'eu-central-1a', b: 'eu-central-1b', c: 'eu-central-1c' } as const;
type Side = 'a' | 'b';

/** Seventeen hexadecimal digits, as EC2 gives them out: the longest there are. */
const id = (kind: string, ...parts: readonly number[]): string =>
  `${kind}-0${parts.map((part) => part.toString(16).padStart(4, '0')).join('')}`.padEnd(kind.length + 18, '0');

function gateway(pair: number, side: Side): object {
  const n = side === 'a' ? 1 : 2;
  return {
    instance: id('i', pair, n),
    zone: zones[side],
    vpc: id('vpc', pair),
    subnet: id('subnet', pair, n),
    interface: id('eni', pair, n),
    privateAddress: `10.${pair}.${n}.10`,
    address: { allocation: id('eipalloc', pair, n), publicIp: `198.${18 + n}.${pair}.10` },
    launchTemplate: { id: id('lt', pair, n), version: 1, role: `vpn-gateway-${pair}-${side}` },
  };
}

interface Place {
  readonly pair: number;
  /** Numbers the partner. */
  readonly partner: number;
  readonly tables: readonly number[];
  /** Numbers the subnet of the path canaries; the same number, the same subnet. */
  readonly canaries: number;
}

/** Path canaries held to their path by host routes, in zone c; the service canary beside the users in zone a. */
function connection({ pair, partner, tables, canaries }: Place, gateways: Readonly<Record<Side, string>>): object {
  const network = `172.${16 + (partner >> 8)}.${partner & 255}`;
  const securityGroup = id('sg', pair, 9);
  const pinned = (path: Side) => ({
    path,
    zone: zones.c,
    subnet: id('subnet', pair, 3, canaries),
    securityGroup,
    pin: 'target',
    routeTable: id('rtb', pair, 3, canaries),
    targets: [`${network}.${path === 'a' ? 21 : 22}:443`],
  });
  return {
    mode: 'repair',
    paths: {
      a: { gateway: gateways.a, tunnel: `partner${partner}-a` },
      b: { gateway: gateways.b, tunnel: `partner${partner}-b` },
    },
    routeSets: {
      office: {
        home: partner % 2 === 0 ? 'a' : 'b',
        tables: tables.map((table) => id('rtb', pair, 4, table)),
        destinations: [`${network}.0/24`],
      },
    },
    canaries: {
      'path-a': pinned('a'),
      'path-b': pinned('b'),
      service: {
        routeSet: 'office',
        zone: zones.a,
        subnet: id('subnet', pair, 4),
        securityGroup,
        targets: [`${network}.10:443`],
      },
    },
  };
}

function deployment(tree: object): Deployment {
  const read = deploymentFrom({ name: 'switchback', region: 'eu-central-1', ...tree });
  if (read.ok) return read.deployment;
  throw new Error(read.problems.map(({ path, message }) => `${path} ${message}`).join('\n'));
}

const named = (kind: string, n: number): string => `${kind}${String(n + 1).padStart(3, '0')}`;
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

/** So many partners behind one pair. `canaries`: together in one subnet, or every partner's in one of their own. */
export function partnersBehindOnePair(count: number, canaries: 'together' | 'apart' = 'together'): Deployment {
  const place = (partner: number) => ({
    pair: 0,
    partner,
    tables: [1, 2],
    canaries: canaries === 'apart' ? partner : 0,
  });
  return deployment({
    gateways: { 'gw-a': gateway(0, 'a'), 'gw-b': gateway(0, 'b') },
    connections: Object.fromEntries(
      upTo(count).map((n) => [named('partner', n), connection(place(n), { a: 'gw-a', b: 'gw-b' })]),
    ),
  });
}

/** So many pairs, each in a VPC of its own and with one partner behind it. */
export function replaceablePairs(count: number): Deployment {
  const names = (n: number) => ({ a: `${named('gw', n)}-a`, b: `${named('gw', n)}-b` });
  return deployment({
    gateways: Object.fromEntries(
      upTo(count).flatMap((n) => [
        [names(n).a, gateway(n, 'a')],
        [names(n).b, gateway(n, 'b')],
      ]),
    ),
    connections: Object.fromEntries(
      upTo(count).map((n) => [
        named('partner', n),
        connection({ pair: n, partner: n, tables: [1, 2], canaries: 0 }, names(n)),
      ]),
    ),
  });
}

/** So many connections between the gateways of `examples/mesh`, with canaries of their own at each end. */
export function meshOf(count: number): Deployment {
  const tree = parse(readFileSync(packagePath('examples/mesh/switchback.yaml'), 'utf8')) as {
    readonly connections: Readonly<Record<string, object>>;
  };
  const [one] = Object.values(tree.connections);
  return deployment({
    ...tree,
    connections: Object.fromEntries(upTo(count).map((n) => [named('mesh', n), across(one!, n)])),
  });
}

/** The same connection with its own tunnels, tables and subnets. */
function across(one: object, n: number): object {
  const digits = n.toString(16).padStart(4, '0');
  const text = JSON.stringify(one)
    .replace(/(mesh-[ab])/g, `$1-${n}`)
    .replace(/((?:rtb|subnet)-0[ef])0000/g, `$1${digits}`);
  return JSON.parse(text) as object;
}
