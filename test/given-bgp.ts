/** Paris where the partner listens to BGP: each gateway has a speaker, each path a neighbour across its tunnel. */
import type { Order } from '../core/store/speaker-order';
import type { Turn } from '../core/turn/turn';
import type { Connection, Speaker } from '../core/words/domain';
import type { NeighborFacts, SpeakerReport } from '../core/words/evidence';
import type { DrainMethod } from '../core/words/routing';
import { connection, deployment, evidence, gateway, t0, turn } from './given';

export const across = { a: '169.254.3.1', b: '169.254.4.1' } as const;

const speaker = (over: Partial<Speaker> = {}): Speaker => ({
  software: 'frr',
  as: 64_601,
  startsDrained: true,
  ...over,
});

export function bgpConnection(over: Partial<Connection> = {}, method: DrainMethod = 'prepend'): Connection {
  const path = (p: 'a' | 'b') =>
    ({ name: p, gateway: `gw-${p}`, tunnels: [`paris-${p}`], neighbor: { across: across[p], drain: method } }) as const;
  return connection({
    routing: { back: 'bgp', convergeWithinMs: 5_000 },
    paths: { a: path('a'), b: path('b') },
    ...over,
  });
}

export const inside = ['10.0.1.4', '10.0.2.4'] as const;

/** A Route Server leads its users: nobody writes routes. */
export function ledConnection(over: Partial<Connection> = {}): Connection {
  const { paths, routing, ...rest } = bgpConnection();
  const told = Object.values(paths).map((path) => [path.name, { ...path, neighbor: { ...path.neighbor!, inside } }]);
  return {
    ...rest,
    routing: { ...routing!, routeServer: 'rs-1' },
    paths: Object.fromEntries(told),
    ...over,
  };
}

export const bgpDeployment = (of = bgpConnection()) => ({
  ...deployment(of),
  gateways: {
    'gw-a': { ...gateway('gw-a'), speaker: speaker() },
    'gw-b': { ...gateway('gw-b'), speaker: speaker({ as: 64_602 }) },
  },
});

const neighbor = (over: Partial<NeighborFacts> = {}): NeighborFacts => ({
  session: 'up',
  advertises: 'normal',
  receivedPerSecond: 500,
  ...over,
});

export const speakerReport = (
  path: 'a' | 'b',
  facts: Partial<NeighborFacts> = {},
  over: Partial<SpeakerReport> = {},
): SpeakerReport => ({
  schema: 1,
  gateway: `gw-${path}`,
  reportedAt: t0 - 20_000,
  neighbors: {
    [across[path]]: neighbor(facts),
    ...Object.fromEntries(inside.map((address) => [address, { ...neighbor(facts), receivedPerSecond: null }])),
  },
  changed: false,
  ...over,
});

export const speakers = (a: Partial<NeighborFacts> = {}, b: Partial<NeighborFacts> = {}) => ({
  'gw-a': speakerReport('a', a),
  'gw-b': speakerReport('b', b),
});

/** The last order to a speaker: it was drained half a minute ago. */
export const order = (over: Partial<Order> = {}): Order => ({
  to: 'drained',
  startedAt: t0 - 40_000,
  endedAt: t0 - 30_000,
  isDone: true,
  failures: 0,
  wasUsed: true,
  emptyAt: null,
  unmovedAt: null,
  ...over,
});

/** One turn of that connection: all home, healthy and advertised, but for what is given. */
export const bgpTurn = (over: Parameters<typeof evidence>[0] = {}, more: Partial<Turn> = {}, of = bgpConnection()) =>
  turn({ deployment: bgpDeployment(of), evidence: evidence({ speakers: speakers(), ...over }), ...more });
