/**
 * What happens to AWS's own connections in a storm, and to the tunnels of an appliance: one by one, at both ends, to the
 * tables they are in and to what AWS tells of them.
 */
import type { Connection, Deployment } from '../../core/words/domain';
import { viewsOf, vpnsOf } from '../../core/words/gateways';
import { hourMs, secondMs } from '../../core/words/time';
import { type Random, randomStream } from '../../local-cloud/random';
import type { SingleStep } from '../scenario-steps';
import { weighted } from './site-parts';
import { dustMs, type Storm } from './storm-shape';

export type Bare = SingleStep extends infer S ? (S extends { at: number } ? Omit<S, 'at'> : never) : never;

/** What a fault is laid into a storm by. */
export interface Into<Span> {
  /** It begins, and ends within the storm or at the calm. */
  spell(start: Bare, end: Bare): Span;
  once(step: Bare): void;
  /** Of the cloud itself, which excuses slowness. */
  trouble(span: Span): void;
  /** No hand brings this gateway back. */
  lose(gateway: string): void;
}

type Pair = readonly [Bare, Bare];

const managedWeights = {
  oneWay: 16,
  down: 16,
  peer: 14,
  replaced: 10,
  maintenance: 8,
  stuck: 8,
  unseen: 8,
  withdrawn: 10,
  changing: 10,
  blackholed: 12,
  gone: 5,
};

/** Nothing where the site has no such connection. */
export function managedFault<Span>(random: Random, deployment: Deployment, into: Into<Span>): void {
  appliancesFault(random, deployment, into);
  const vpns = Object.keys(vpnsOf(deployment));
  if (vpns.length === 0) return;
  const gateway = random.pick(vpns);
  const one = { gateway, tunnel: random.pick(['1', '2']) };
  const back = { do: 'vpn_peer_up', gateway } as const;
  const faults: Record<keyof typeof managedWeights, () => void> = {
    oneWay: () => into.spell({ do: 'tunnel_one_way', ...one, on: true }, { do: 'tunnel_one_way', ...one, on: false }),
    down: () => into.spell({ do: 'tunnel_down', ...one }, { do: 'tunnel_up', ...one }),
    peer: () => into.spell({ do: 'vpn_peer_down', gateway }, back),
    replaced: () => into.spell({ do: 'endpoint_replaced_by_aws', ...one }, back),
    maintenance: () => into.once({ do: 'maintenance_pending', ...one, by: random.int(24, 72) * hourMs }),
    stuck: () =>
      into.spell({ do: 'telemetry_stuck', gateway, on: true }, { do: 'telemetry_stuck', gateway, on: false }),
    unseen: () => into.once(unseen(random)),
    withdrawn: () => void into.spell(...(withdrawal(random, deployment) ?? blackhole(random, deployment, gateway))),
    changing: () => {
      const table = tgwTableOf(random, deployment);
      if (table === undefined) return void into.once(unseen(random));
      into.trouble(into.spell({ do: 'table_changing', table, on: true }, { do: 'table_changing', table, on: false }));
    },
    blackholed: () => void into.spell(...blackhole(random, deployment, gateway)),
    gone: () => {
      into.lose(gateway);
      into.once({ do: 'attachment_gone', gateway });
    },
  };
  faults[weighted(random, managedWeights)]();
}

/** `watch` asks and is not answered. */
const unseen = (random: Random): Bare => ({
  ...{ do: 'fail', service: 'ec2', operation: 'DescribeVpnConnections', error: 'InternalError', status: 500 },
  ...{ landed: random.chance(0.5), times: random.int(2, 12) },
});

function withdrawal(random: Random, { connections }: Deployment): Pair | null {
  const sets = Object.values(connections).flatMap(({ routeSets }) => Object.values(routeSets));
  const tables = sets.filter(({ propagated }) => propagated).flatMap(({ tables: own }) => own);
  if (tables.length === 0) return null;
  const table = random.pick(tables);
  return [
    { do: 'propagation_withdrawn', table, on: true },
    { do: 'propagation_withdrawn', table, on: false },
  ];
}

function tgwTableOf(random: Random, { connections }: Deployment): string | undefined {
  const sets = Object.values(connections).flatMap(({ routeSets }) => Object.values(routeSets));
  const tables = sets.flatMap((set) => set.tables).filter((table) => table.startsWith('tgw-rtb-'));
  return tables.length === 0 ? undefined : random.pick(tables);
}

/** Somebody has a transit gateway drop it, or sends it where nothing is, and puts it back. */
function blackhole(random: Random, { connections }: Deployment, gateway: string): Pair {
  const over = Object.values(connections).filter(({ paths }) => leadsOver(paths, gateway));
  const { routeSets, paths } = random.pick(over);
  const set = random.pick(Object.values(routeSets));
  const [table, destination] = [random.pick(set.tables), random.pick(set.destinations)];
  const isTransit = table.startsWith('tgw-rtb-');
  const there = { do: isTransit ? 'tgw_route_by_hand' : 'route_by_hand', table, destination } as const;
  return [
    { ...there, target: isTransit ? 'blackhole' : 'vgw-0123456789abcdef0' },
    { ...there, target: set.propagated ? 'none' : paths[set.home]!.gateway },
  ];
}

const leadsOver = (paths: Connection['paths'], gateway: string): boolean =>
  Object.values(paths).some((path) => path.gateway === gateway);

const applianceRatio = 0.6;

/** Of a path with several tunnels one goes, or one passes one way; the far end's region or its own count falls silent. */
function appliancesFault<Span>(random: Random, deployment: Deployment, into: Into<Span>): void {
  const { connections, gateways, region } = deployment;
  const paths = Object.values(connections).flatMap(({ name, paths: own }) =>
    Object.values(own).flatMap((path) => (path.tunnels.length > 1 ? [{ connection: name, path }] : [])),
  );
  if (paths.length === 0 || !random.chance(applianceRatio)) return;
  const { connection, path } = random.pick(paths);
  const one = { gateway: path.gateway, tunnel: random.pick(path.tunnels) };
  const way = { path: `${connection}/${path.name}`, tunnel: one.tunnel };
  const faults: Pair[] = [
    [
      { do: 'tunnel_down', ...one },
      { do: 'tunnel_up', ...one },
    ],
    [
      { do: 'one_way', ...way, on: true },
      { do: 'one_way', ...way, on: false },
    ],
  ];
  const far = Object.values(viewsOf({ gateways, region })).find((view) => view.region !== region)?.region;
  if (far !== undefined)
    faults.push([
      { do: 'region_silent', region: far, on: true },
      { do: 'region_silent', region: far, on: false },
    ]);
  const gateway = gateways[path.gateway];
  if (gateway?.kind === 'instance' && gateway.tunnelMetrics)
    faults.push([
      { do: 'publisher', gateway: path.gateway, on: false },
      { do: 'publisher', gateway: path.gateway, on: true },
    ]);
  into.spell(...random.pick(faults));
}

const changingRatio = 0.15;

/** AWS works on a transit gateway's table for a while. From a stream of its own: among all that may happen it is rare. */
export function withChangingTable(seed: number, storm: Storm, deployment: Deployment): Storm {
  const random = randomStream(seed, 'swarm/changing');
  const table = tgwTableOf(random, deployment);
  if (table === undefined || !random.chance(changingRatio)) return storm;
  const fromMs = random.int(storm.startsMs, storm.calmMs - 2 * secondMs);
  const untilMs = Math.min(fromMs + random.int(5, 90) * secondMs, storm.calmMs);
  const steps: SingleStep[] = [
    { at: fromMs, do: 'table_changing', table, on: true },
    { at: untilMs, do: 'table_changing', table, on: false },
  ];
  const trouble = { fromMs: fromMs - secondMs, untilMs: untilMs + dustMs };
  return {
    ...storm,
    steps: [...storm.steps, ...steps].sort((a, b) => a.at - b.at),
    troubles: [...storm.troubles, trouble],
  };
}
