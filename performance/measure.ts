/**
 * What each Lambda bundle weighs: its size, how long a fresh process takes to import it, and how large that process
 * grows while it handles an event. Nothing is simulated: real Node processes, the real SDK, real sockets, an endpoint
 * that answers for AWS (performance-endpoint.ts) and a listener that answers for the peer.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reportItem } from '../adapters/dynamodb/report-item';
import { readConfigFile } from '../config/read';
import type { AssessResult } from '../core/words/decision';
import type { Deployment } from '../core/words/domain';
import { instanceAt } from '../core/words/gateways';
import { claimMemoryMb } from '../infra/ends/end-repairs';
import { type FunctionName, functionNames } from '../infra/function-names';
import { synthesisFor } from '../sim/synthesis-cache';
import { holder, incident, openEndpoint, token } from './endpoint';

/** What a bundle may weigh, with the reason in docs/PERFORMANCE.md. */
export const limits = { sizeMaxKb: 515, importMsMax: 60, headroomMin: 0.3, refusalMsMax: 4_000 } as const;

/**
 * Fewer, and a function was not at work when it was weighed: `sense` reads and starts; `apply` moves fifty routes, looks
 * at them before and after and keeps its journal (how often it asks the lease depends on how fast the writes are);
 * `repin` moves as many as pin one gateway's canary; `watch` asks all it ever asks about one connection of two tunnels;
 * `archive` keeps an incident of one execution, `herald` words one alarm, `claim` asks for one gateway.
 */
export const callsMin: Readonly<Record<FunctionName, number>> = {
  canary: 1,
  sense: 2,
  assess: 6,
  apply: 56,
  sweep: 7,
  repin: 1,
  watch: 8,
  archive: 3,
  herald: 2,
  claim: 1,
};

export interface Weight {
  readonly name: FunctionName;
  readonly sizeKb: number;
  /** Median, by the clock. */
  readonly importMs: number;
  /** Median of the processor's time: what other work on the machine hardly touches. */
  readonly importCpuMs: number;
  readonly peakMb: number;
  /** What the template gives it. */
  readonly memoryMb: number;
  /** How many calls it made to AWS. */
  readonly calls: number;
}

export interface Effort {
  /** Fresh processes per bundle. */
  readonly imports: number;
  /** How long the canary probes: a whole run takes 75 s. */
  readonly canaryMs: number;
}

interface Told {
  readonly importMs: number;
  readonly importCpuMs: number;
  readonly peakKb: number;
  readonly answer: unknown;
  /** What it wrote to its standard output. */
  readonly log: string;
}

const root = join(__dirname, '..');
const bundleOf = (name: FunctionName): string => join(root, 'dist/functions', name, 'index.mjs');
export const sizeKbOf = (name: FunctionName): number => statSync(bundleOf(name)).size / 1024;

/** The canary keeps this much of its time for its end. */
const canaryClosingMs = 5_000;
/** One connection with the fifty tables of the largest divert that the design speaks of. */
const tables = 50;

export async function weigh({ imports, canaryMs }: Effort): Promise<Weight[]> {
  const folder = mkdtempSync(join(tmpdir(), 'switchback-performance-'));
  const peer = await listener();
  const deployment = manyTables((peer.address() as AddressInfo).port);
  writeFileSync(join(folder, 'switchback.json'), JSON.stringify(deployment));
  const memory = memoryOf(deployment);
  const weights: Weight[] = [];
  try {
    for (const name of functionNames) {
      const endpoint = await openEndpoint(deployment);
      const together = deployment.connections['paris']!.canaries.map(({ id }) => id).join(',');
      const environment = { ...environmentOf(endpoint.url, folder), CANARIES: together };
      const imported: Told[] = [];
      for (let i = 0; i < imports; i++) imported.push(await run(name, environment));
      if (name === 'sweep') endpoint.release();
      const event = name === 'apply' ? await applyRequest(environment) : eventFor(name, deployment);
      const before = endpoint.calls.length;
      const givenMs = name === 'canary' ? canaryMs + canaryClosingMs : 30_000;
      const { peakKb } = await run(name, environment, event, givenMs);
      weights.push({
        name,
        sizeKb: sizeKbOf(name),
        importMs: median(imported.map((told) => told.importMs)),
        importCpuMs: median(imported.map((told) => told.importCpuMs)),
        peakMb: peakKb / 1024,
        memoryMb: memory[name],
        calls: endpoint.calls.length - before,
      });
      await endpoint.close();
    }
  } finally {
    peer.close();
    rmSync(folder, { recursive: true });
  }
  return weights;
}

/** What `sense` answers and logs, where its calls are answered with errors by these names: `[operation, error]`. */
export async function sensed(event: 'reports' | 'instance', refusals: readonly (readonly [string, string])[]) {
  const folder = mkdtempSync(join(tmpdir(), 'switchback-performance-'));
  const deployment = manyTables(0);
  writeFileSync(join(folder, 'switchback.json'), JSON.stringify(deployment));
  const endpoint = await openEndpoint(deployment);
  try {
    for (const [operation, error] of refusals) endpoint.refuse(operation, error);
    const said = event === 'reports' ? eventFor('sense', deployment) : stopping(deployment);
    const { answer, log } = await run('sense', environmentOf(endpoint.url, folder), said, 5_000);
    return { answer, log, calls: [...endpoint.calls] };
  } finally {
    await endpoint.close();
    rmSync(folder, { recursive: true });
  }
}

const stopping = (deployment: Deployment): unknown => ({
  source: 'aws.ec2',
  'detail-type': 'EC2 Instance State-change Notification',
  id: '7bf73129-1428-4cd3-a780-95db273d1602',
  account: '111122223333',
  region: 'eu-central-1',
  time: new Date().toISOString(),
  detail: { 'instance-id': instanceAt(deployment, 'gw-a').instanceId, state: 'stopping' },
});

const partOf: { readonly [name in FunctionName]?: string } = {
  canary: 'Canaries',
  repin: 'Repin',
  watch: 'Watch',
  archive: 'Archive',
  herald: 'Herald',
};

/** The functions' memory, as the template has it. */
function memoryOf(deployment: Deployment): Record<FunctionName, number> {
  const resources = synthesisFor(deployment).template['Resources'] as Record<
    string,
    { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> }
  >;
  const functions = Object.entries(resources).filter(([, { Type }]) => Type === 'AWS::Lambda::Function');
  const sizeOf = (name: FunctionName): number => {
    if (name === 'claim') return claimMemoryMb; // It stands at ends elsewhere, of which this deployment has none.
    const part = partOf[name] ?? `Functions${name[0]!.toUpperCase()}${name.slice(1)}`;
    const found = functions.find(([id]) => id.includes(part));
    if (found === undefined) throw new Error(`the template has no function whose id contains ${part}`);
    return Number(found[1].Properties['MemorySize']);
  };
  return Object.fromEntries(functionNames.map((name) => [name, sizeOf(name)])) as Record<FunctionName, number>;
}

function manyTables(peerPort: number): Deployment {
  const pair = readConfigFile(join(root, 'sim/sites/pair.yaml'));
  const paris = pair.connections['paris']!;
  const target = { address: '127.0.0.1', port: peerPort, protocol: 'tcp', refusedIsUp: true } as const;
  const office = {
    ...paris.routeSets['office']!,
    tables: Array.from({ length: tables }, (_, i) => `rtb-${String(i + 1).padStart(17, '0')}`),
  };
  const canaries = paris.canaries.map((canary) => ({ ...canary, targets: [target] }));
  const seenBy = {
    vpnConnectionId: 'vpn-00000000000000001',
    region: pair.region,
    tunnels: ['203.0.113.1', '203.0.113.2'],
  };
  const gateways = { ...pair.gateways, 'gw-a': { ...instanceAt(pair, 'gw-a'), seenBy } };
  const installation = { reserveConcurrency: false, protectsState: false, archive: { bucket: 'records' } };
  return { ...pair, installation, gateways, connections: { paris: { ...paris, canaries, routeSets: { office } } } };
}

const environmentOf = (url: string, folder: string): Record<string, string> => ({
  AWS_ENDPOINT_URL: url,
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'none',
  AWS_SECRET_ACCESS_KEY: 'none',
  LAMBDA_TASK_ROOT: folder,
  STATE_TABLE: 'state',
  REPORTS_TABLE: 'reports',
  METRIC_NAMESPACE: 'Switchback',
  STATE_MACHINE_ARN: 'arn:aws:states:eu-central-1:111122223333:stateMachine:switchback-failover',
  ARCHIVE: '{"bucket":"records"}',
  TOPIC: 'arn:aws:sns:eu-central-1:111122223333:notices',
});

function eventFor(name: FunctionName, deployment: Deployment): unknown {
  const base = { schema: 1, connection: 'paris', holder, token, failOpen: false, request: null };
  if (name === 'assess') return base;
  if (name === 'claim') return { table: 'state', gateway: 'gw-a', repair: incident, execution: 'automation-1' };
  if (name === 'repin') return { gateway: 'gw-a', interfaceId: 'eni-0123456789abcdef0' };
  if (name === 'herald') {
    const alarmName = `${deployment.name}/self/executions-failed`;
    const alarmArn = `arn:aws:cloudwatch:eu-central-1:111122223333:alarm:${alarmName}`;
    return { alarmArn, alarmData: { alarmName, state: { value: 'ALARM', reason: 'Threshold Crossed' } } };
  }
  if (name === 'archive') {
    const openedAt = new Date().toISOString();
    return {
      account: '111122223333',
      detail: { incidentId: incident, connection: 'paris', openedAt, status: 'opened' },
    };
  }
  if (name !== 'sense') return {};
  const { canaries } = deployment.connections['paris']!;
  const now = Date.now();
  const records = canaries.map(({ id, connection }, i) => ({
    eventID: String(i),
    eventName: 'MODIFY',
    dynamodb: {
      SequenceNumber: String(i),
      NewImage: reportItem({
        schema: 1,
        canary: id,
        connection,
        reportedAt: now,
        since: now,
        verdict: 'down',
        lossRatio: 1,
        rttMs: null,
        missedInARow: 3,
        answeredInARow: 0,
        answeredAt: now - 2_000,
        missedSince: now - 1_500,
        gatewayProbe: 'down',
        fullSize: 'unmeasured',
        runId: 'performance',
        round: 3,
        changed: true,
      }),
    },
  }));
  return { Records: records };
}

/** What `assess` decides in this story is what `apply` is given, as the state machine does. */
async function applyRequest(environment: Readonly<Record<string, string>>): Promise<unknown> {
  const { answer } = await run('assess', environment, eventFor('assess', manyTables(0)), 30_000);
  const { decision, memory } = answer as AssessResult;
  if (decision.kind !== 'divert')
    throw new Error(`assess was to divert and said ${decision.kind}: ${decision.because}`);
  return { schema: 1, connection: 'paris', lease: { holder, token }, decision, memory };
}

function run(name: FunctionName, env: Readonly<Record<string, string>>, event?: unknown, givenMs = 0): Promise<Told> {
  const words = event === undefined ? [] : [JSON.stringify(event), String(givenMs)];
  const child = fork(join(root, 'scripts/run-bundle.mjs'), [bundleOf(name), ...words], {
    env: { ...env, PATH: process.env['PATH'] ?? '' },
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let errors = '';
  let log = '';
  child.stdout!.on('data', (data: Buffer) => {
    log += data.toString();
  });
  child.stderr!.on('data', (data: Buffer) => {
    errors += data.toString();
  });
  return new Promise((resolve, reject) => {
    let told: Omit<Told, 'log'> | undefined;
    child.on('message', (message) => {
      told = message as Omit<Told, 'log'>;
    });
    child.on('close', (code) => {
      if (told !== undefined && code === 0) resolve({ ...told, log });
      else reject(new Error(`${name} ended with ${code}: ${errors}`));
    });
  });
}

/** Answers for the peer: it accepts. */
async function listener(): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
