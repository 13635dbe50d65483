/**
 * Builders for what tests start from: one connection `paris` with paths a and b, everything home and healthy. A test
 * changes only what it is about.
 */

import type { assess } from '../core/assess/assess';
import { type Desired, nothingDesired } from '../core/store/lease';
import { emptyMemory, type Memory, type Move, type RungRun } from '../core/store/memory';
import type { TurnResult } from '../core/turn/answers';
import { review } from '../core/turn/review';
import { type Turn, takeTurn } from '../core/turn/turn';
import type { MoveDecision } from '../core/words/decision';
import type { Canary, Connection, Deployment, InstanceGateway, RouteSet } from '../core/words/domain';
import type { CanaryReport, Evidence, GatewayLease, InstanceFacts, RouteFacts } from '../core/words/evidence';
import { type Policy, presets } from '../core/words/policy';

export const t0 = Date.UTC(2026, 0, 5);

/** As long as EC2's, for what reads them: `i-0` and sixteen digits. */
const instanceIdOf = (name: string): string => `i-0${name.at(-1)!.repeat(16)}`;

/** `gw-a` lives in zone a. */
export const gateway = (name: string, zone = `eu-central-1${name.at(-1)}`): InstanceGateway => ({
  name,
  kind: 'instance',
  instanceId: instanceIdOf(name),
  availabilityZone: zone,
  vpcId: 'vpc-1',
  subnetId: `subnet-${name}`,
  routeInterfaceId: `eni-${name}`,
  privateAddress: '10.0.21.4',
  probePort: 22,
  address: { allocationId: `eipalloc-${name}`, publicIp: '198.51.100.2' },
  control: 'ssm',
  launchTemplate: { id: 'lt-1', version: '3' },
});

const canary = (connection: string, name: string, watches: Canary['watches'], zone: string): Canary => ({
  id: `${connection}/${name}`,
  connection,
  watches,
  availabilityZone: zone,
  subnetId: `subnet-${name}`,
  securityGroupId: 'sg-1',
  pin: watches.kind === 'path' ? 'subnet' : 'follows',
  routeTableId: watches.kind === 'path' ? `rtb-${name}` : undefined,
  targets: ['172.16.1.10', '172.16.1.11'].map((address) => ({
    address,
    port: 443,
    protocol: 'tcp',
    refusedIsUp: true,
  })),
});

export const office = (tables: readonly string[] = ['rtb-1', 'rtb-2']): RouteSet => ({
  name: 'office',
  home: 'a',
  region: 'eu-central-1',
  plane: 'vpc-table',
  propagated: false,
  tables,
  destinations: ['172.16.0.0/16'],
});

export function connection(over: Partial<Connection> = {}, policy: Partial<Policy> = {}): Connection {
  const name = over.name ?? 'paris';
  const path = (p: string) => ({ name: p, gateway: `gw-${p}`, tunnels: [`${name}-${p}`] }) as const;
  return {
    name,
    mode: 'repair',
    coupled: false,
    standby: 'path',
    paths: { a: path('a'), b: path('b') },
    routeSets: { office: office() },
    canaries: [
      canary(name, 'path-a', { kind: 'path', path: 'a' }, 'eu-central-1b'),
      canary(name, 'path-b', { kind: 'path', path: 'b' }, 'eu-central-1a'),
      canary(name, 'office', { kind: 'service', routeSet: 'office' }, 'eu-central-1b'),
    ],
    policy: { ...presets.balanced, ...policy },
    ...over,
  };
}

export function deployment(...connections: Connection[]): Deployment {
  const all = connections.length > 0 ? connections : [connection()];
  return {
    schema: 1,
    name: 'switchback',
    region: 'eu-central-1',
    gateways: { 'gw-a': gateway('gw-a'), 'gw-b': gateway('gw-b') },
    connections: Object.fromEntries(all.map((c) => [c.name, c])),
    runbooks: {
      'clear-source-dest-check': 'switchback-clear-source-dest-check',
      'restart-tunnel': 'switchback-restart-tunnel',
      reboot: 'switchback-reboot',
      'stop-start': 'switchback-stop-start',
      replace: 'switchback-replace',
      'replace-tunnel': 'switchback-replace-tunnel',
      drain: 'switchback-drain',
      undrain: 'switchback-undrain',
      attract: 'switchback-attract',
    },
  };
}

export function report(id: string, over: Partial<CanaryReport> = {}): CanaryReport {
  return {
    schema: 1,
    canary: id,
    connection: id.split('/')[0]!,
    reportedAt: t0 - 1_000,
    since: t0 - 600_000,
    verdict: 'healthy',
    lossRatio: 0,
    rttMs: 12,
    missedInARow: 0,
    answeredInARow: 99,
    answeredAt: t0 - 1_200,
    missedSince: 0,
    gatewayProbe: id.includes('path') ? 'up' : 'none',
    fullSize: 'both_ways',
    runId: 'run-1',
    round: 1_200,
    changed: false,
    ...over,
  };
}

export const down = (id: string, over: Partial<CanaryReport> = {}): CanaryReport =>
  report(id, {
    verdict: 'down',
    missedInARow: 3,
    answeredInARow: 0,
    rttMs: null,
    lossRatio: 1,
    answeredAt: t0 - 30_000,
    missedSince: t0 - 29_500,
    ...over,
  });

export function instance(name: string, over: Partial<InstanceFacts> = {}): InstanceFacts {
  return {
    gateway: name,
    identity: { instanceId: instanceIdOf(name), routeInterfaceId: `eni-${name}` },
    state: 'running',
    stopReason: '',
    systemStatus: 'ok',
    instanceStatus: 'ok',
    identityFault: '',
    sourceDestCheck: false,
    agent: 'online',
    events: [],
    launchedAt: t0 - 86_400_000,
    ...over,
  };
}

/** Both tables of `office` pointing at this interface. */
export function routes(interfaceId: string, over: Partial<RouteFacts> = {}): RouteFacts[] {
  return ['rtb-1', 'rtb-2'].map((table) => ({
    routeSet: 'office',
    table,
    destination: '172.16.0.0/16',
    target: { kind: 'network-interface', id: interfaceId },
    state: 'active',
    origin: 'static',
    ...over,
  }));
}

export function gatewayLease(gateway: string, over: Partial<GatewayLease> = {}): GatewayLease {
  return {
    gateway,
    holder: null,
    clientToken: null,
    rung: null,
    until: 0,
    claimedBy: null,
    identity: null,
    unread: null,
    ...over,
  };
}

export function evidence(over: Partial<Evidence> = {}): Evidence {
  return {
    reportsReadAt: t0,
    reportsFrom: 'table',
    reports: {
      'paris/path-a': report('paris/path-a'),
      'paris/path-b': report('paris/path-b'),
      'paris/office': report('paris/office'),
      ...over.reports,
    },
    otherReports: {},
    endedClaims: [],
    tunnelAlarms: {},
    tunnels: {},
    speakers: {},
    instances: { 'gw-a': instance('gw-a'), 'gw-b': instance('gw-b'), ...over.instances },
    routes: routes('eni-gw-a'),
    missingTables: [],
    shadows: [],
    lastSeen: null,
    otherRoutes: {},
    pins: {},
    standIns: {},
    gatewayLeases: {},
    automation: null,
    observations: {},
    healthWords: {},
    ...without(over, 'reports', 'instances'),
  };
}

function without<T extends object>(value: T, ...keys: (keyof T)[]): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key as keyof T))) as Partial<T>;
}

export const memory = (over: Partial<Memory> = {}): Memory => ({
  ...emptyMemory,
  healthySince: { a: t0 - 600_000, b: t0 - 600_000 },
  ...over,
});

export const desired = (over: Partial<Desired> = {}): Desired => ({ ...nothingDesired, ...over });

export const drain = (kind: 'soft' | 'hard' = 'hard') => ({
  kind,
  since: t0 - 1_000,
  until: t0 + 3_600_000,
  reason: 'new kernel',
  requestedBy: 'ana',
});

/** What `assess` is asked, of `paris`. */
export function asked(over: Partial<Parameters<typeof assess>[0]> = {}): Parameters<typeof assess>[0] {
  const whole = over.deployment ?? deployment();
  return {
    deployment: whole,
    connection: whole.connections['paris']!,
    evidence: evidence(),
    memory: memory(),
    desired: desired(),
    now: t0,
    ...over,
  };
}

/** One turn with everything home and healthy, but for what is given. */
export function turn(over: Partial<Turn> = {}): TurnResult {
  return takeTurn(
    {
      deployment: deployment(),
      connection: 'paris',
      evidence: evidence(),
      memory: memory(),
      desired: desired(),
      automation: null,
      writeUntil: 0,
      request: null,
      failOpen: false,
      now: t0,
      ...over,
    },
    review,
  );
}

/** A confirmed rescue from a to b, a minute ago. */
export const move = (over: Partial<Move> = {}): Move => ({
  kind: 'divert',
  from: ['a'],
  to: 'b',
  at: t0 - 60_000,
  state: 'whole',
  because: 'path a is down',
  planned: false,
  lastResort: false,
  leftWorkingPath: false,
  trial: false,
  outcome: 'confirmed',
  ...over,
});

export const incident: Memory['incident'] = { id: 'paris-1', openedAt: t0 - 120_000, because: 'path a is down' };
export const onB = { routes: routes('eni-gw-b') };
export const aIsDown = { 'paris/path-a': down('paris/path-a'), 'paris/office': down('paris/office') };
export const bothDown = { ...aIsDown, 'paris/path-b': down('paris/path-b') };

/** A restart of a's tunnel that runs since a minute. */
export const rung = (over: Partial<RungRun> = {}): RungRun => ({
  rung: 'restart-tunnel',
  path: 'a',
  gateway: 'gw-a',
  clientToken: '00000000-0000-5000-8000-000000000001',
  startedAt: t0 - 60_000,
  deadlineAt: t0 + 30_000,
  endedAt: null,
  result: 'running',
  because: 'path a is down',
  ...over,
});

/** A rescue of `office` from a to b, as the rules decide it. */
export const moveDecision = (over: Partial<MoveDecision> = {}): MoveDecision => ({
  kind: 'divert',
  rule: 'rescue',
  because: 'path a is down',
  moves: [{ routeSet: 'office', from: ['a'], to: 'b', passed: true }],
  planned: false,
  lastResort: false,
  severe: false,
  trial: false,
  planDigest: '',
  decidedAt: t0,
  ...over,
});
