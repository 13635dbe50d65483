/**
 * The sense function: hears what concerns us and starts an execution for it. Three kinds of event come in: the
 * reports table's stream (a canary changed its mind, a tunnel its state), EC2 state changes of any instance in the account,
 * and what AWS Health or Network Manager says of a VPN connection or an instance.
 *
 * Law: events only wake. What leaves is a connection's name, never a command and nothing to be believed: anybody who may
 * start an execution could say it too. What EC2 announced and Health said is left in an item that only this function may write, before
 * anybody is woken. Names of executions follow from the event, so a duplicate of an event meets the execution of the first.
 */

import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { STSClient } from '@aws-sdk/client-sts';
import { reportFromItem } from '../../adapters/dynamodb/report-item';
import { isSpeakerItem, speakerReportFrom } from '../../adapters/dynamodb/speaker-item';
import { type StateTable, stateTable } from '../../adapters/dynamodb/state-table';
import { isTunnelItem, tunnelReportFrom } from '../../adapters/dynamodb/tunnel-item';
import { isFault } from '../../adapters/errors';
import { type Executions, executionName, executions } from '../../adapters/stepfunctions/executions';
import type { ConnectionName, Deployment, GatewayName } from '../../core/words/domain';
import type { End } from '../../core/words/end';
import { wakerReach } from '../../core/words/end-names';
import { endNamed, gatewaysOf } from '../../core/words/ends';
import type { CanaryReport, Signal, TunnelReport } from '../../core/words/evidence';
import { instancesOf, viewsOf } from '../../core/words/gateways';
import { MalformedInput, shown } from '../../core/words/malformed';
import { limits } from '../../core/words/policy';
import { isRecord, own } from '../../core/words/shape';
import { awsAt, freshenRoles } from '../ends';
import { unlessWarmUp } from '../keep-warm';
import { logLine } from '../log';
import { onRealWorld } from '../real-world';
import type { World } from '../world';
import { type AwsWord, awsWordFrom, isAwsWord } from './aws-word';
import { at, type InstanceEvent, parseInstanceEvent } from './instance-event';

/** What Lambda wants back for a stream batch: the records to deliver again. */
export interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

interface Tools {
  readonly world: World;
  readonly deployment: Deployment;
  /** Null: we stand at an end elsewhere, which wakes and leaves no word. */
  readonly state: StateTable | null;
  /** Whose events are ours. */
  readonly home: { readonly account: string | undefined; readonly region: string | undefined };
  readonly executions: Executions;
}

export function createHandler(
  world: World,
  deployment: Deployment,
): (event: unknown) => Promise<BatchAnswer | undefined> {
  const { aws, env } = world;
  const machine = env['STATE_MACHINE_ARN']!;
  const [, , , region, account] = machine.split(':');
  const end = endHere(deployment, env['END']);
  const waker = end === null ? undefined : wakerReach(deployment, end);
  const tools: Tools = {
    world,
    deployment,
    state: end === null ? stateTable(aws.dynamodb, env['STATE_TABLE']!, world) : null,
    home: end === null ? { account, region } : { account: end.account ?? account, region: end.region },
    executions: executions(awsAt(world, waker).sfn, machine, world),
  };
  const freshen = (): Promise<void> => freshenRoles(world, waker === undefined ? [] : [waker]);
  return unlessWarmUp(async (event) => {
    if (!isRecord(event)) throw new MalformedInput(`event: ${shown(event)} must be an object`);
    const records = own(event, 'Records');
    if (Array.isArray(records)) return senseStream(tools, records as unknown[]);
    if (isAwsWord(event)) await senseWord(tools, awsWordFrom(event));
    else await senseInstance(tools, parseInstanceEvent(event));
    return undefined;
  }, freshen);
}

/** Null: we stand where the deployment does. */
function endHere(deployment: Deployment, name: string | undefined): End | null {
  if (name === undefined) return null;
  const end = endNamed(deployment, name);
  if (end === undefined)
    throw new MalformedInput(`END: ${shown(name)} is no end of ${deployment.name}: deploy it again`);
  return end;
}

/** Every record gets its chance: a bad one is reported back, it does not stop the others. */
async function senseStream(tools: Tools, records: readonly unknown[]): Promise<BatchAnswer> {
  const failures: string[] = [];
  let nameless: Error | null = null;
  for (const record of records) {
    try {
      await senseRecord(tools, record);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const sequence = at(record, 'dynamodb.SequenceNumber');
      logLine(tools.world, {
        level: 'error',
        what: `sense: ${error.name}`,
        because: error.message,
        record: shown(at(record, 'eventID')),
        sequence: shown(sequence),
      });
      if (typeof sequence === 'string' && sequence !== '') failures.push(sequence);
      else nameless ??= error;
    }
  }
  if (nameless !== null) throw nameless; // Without a number only the whole batch can be returned.
  return { batchItemFailures: failures.map((itemIdentifier) => ({ itemIdentifier })) };
}

async function senseRecord(tools: Tools, record: unknown): Promise<void> {
  const image = at(record, 'dynamodb.NewImage');
  if (at(record, 'eventName') === 'REMOVE') return;
  if (!isRecord(image))
    throw new MalformedInput(`dynamodb.NewImage: ${shown(image)}; the stream must carry new images`);
  const item = image as Record<string, AttributeValue>;
  if (isTunnelItem(item)) return senseGateway(tools, 'tunnels', tunnelReportFrom(item));
  if (isSpeakerItem(item)) return senseGateway(tools, 'speaker', speakerReportFrom(item));
  const report = reportFromItem(item);
  const connection = own(tools.deployment.connections, report.connection);
  const known = connection?.canaries.some((c) => c.id === report.canary) === true;
  if (!known || !report.changed)
    return ignore(tools, `${report.canary} ${report.verdict}`, known ? 'nothing changed' : 'it is none of ours');
  const because = `${report.canary} is ${report.verdict}`;
  await start(tools, report.connection, canaryExecution(report), 'canary', because);
}

function canaryExecution(report: CanaryReport): string {
  return executionName('canary', report.connection, report.canary, report.round, report.reportedAt);
}

/** Each connection over the gateway is woken; what to make of it, it reads for itself. */
async function senseGateway(
  tools: Tools,
  what: 'tunnels' | 'speaker',
  { gateway, reportedAt, changed }: Pick<TunnelReport, 'gateway' | 'reportedAt' | 'changed'>,
): Promise<void> {
  const seen = `the ${what} of ${gateway}`;
  const connections = connectionsOf(tools.deployment, [gateway]);
  if (connections.length === 0 || !changed)
    return ignore(tools, seen, changed ? 'no connection runs over it' : 'nothing changed');
  for (const connection of connections) {
    const name = executionName(what, connection, gateway, reportedAt);
    await start(tools, connection, name, 'tunnels', `there is something new of ${seen}`);
  }
}

/**
 * Health or Network Manager names what is ours: whoever runs over it looks. What Health says is written down before
 * anybody is woken, where people's mail is made; nothing of it decides.
 */
async function senseWord(tools: Tools, word: AwsWord): Promise<void> {
  const { world } = tools;
  const { account, about, code, health, id } = word;
  const seen = `${shown(code)} of ${about.join(', ') || 'nothing that has a name'}`;
  const named = account === tools.home.account ? await gatewaysAbout(tools, about) : [];
  const woken = connectionsOf(
    tools.deployment,
    named.map(({ gateway }) => gateway),
  );
  if (woken.length === 0) return ignore(tools, seen, 'it is none of ours');
  const heard = health === null ? Promise.resolve() : hear(tools, named, word);
  // Its failure is for the end: the wake-up counts more, and Lambda delivers the event again.
  await Promise.race([heard.catch(() => {}), world.sleep(observeWaitMs)]);
  for (const connection of woken)
    await start(tools, connection, executionName('vpn', connection, id), 'tunnels', `AWS says ${seen}`);
  await heard;
}

interface Named {
  readonly gateway: GatewayName;
  readonly about: string;
}

async function gatewaysAbout(tools: Tools, ids: readonly string[]): Promise<Named[]> {
  const views = Object.entries(viewsOf(tools.deployment));
  const over = ids.flatMap((about) =>
    views.filter(([, view]) => view.vpnConnectionId === about).map(([gateway]) => ({ gateway, about })),
  );
  const instances = ids.filter((about) => about.startsWith('i-'));
  const on = await Promise.all(
    instances.map(async (about) => (await gatewaysWith(tools, about)).map((gateway) => ({ gateway, about }))),
  );
  return [...over, ...on.flat()];
}

async function hear({ state, world }: Tools, named: readonly Named[], { code, health }: AwsWord): Promise<void> {
  for (const { gateway, about } of named) await state?.hear(gateway, { code, about, ...health!, at: world.now() });
}

async function senseInstance(tools: Tools, event: InstanceEvent): Promise<void> {
  const { instanceId, state } = event;
  if (!isAtHome(tools.home, event))
    return ignore(tools, `${instanceId} ${state}`, 'it is of another account or region');
  const gateways = await gatewaysWith(tools, instanceId);
  const connections = connectionsOf(tools.deployment, gateways);
  if (connections.length === 0) return ignore(tools, `${instanceId} ${state}`, 'it is none of ours');
  const observed = observe(tools, gateways, event);
  await Promise.race([observed, tools.world.sleep(observeWaitMs)]);
  for (const [i, connection] of connections.entries()) {
    // A shared gateway wakes each of its connections; one name per event and connection.
    const which = i === 0 ? [] : [i];
    const name = executionName('ec2', instanceId, state, event.id, ...which);
    await start(tools, connection, name, 'ec2', `${instanceId} is ${state}`);
  }
  await observed;
}

/** The write takes some 10 ms. A table that is silent for longer delays no rescue: whoever is woken asks EC2 itself. */
const observeWaitMs = 500;

/** Never fails for AWS: the wake-up counts more. */
async function observe(tools: Tools, gateways: readonly GatewayName[], event: InstanceEvent): Promise<void> {
  const { state: table } = tools;
  if (table === null) return;
  const { instanceId, state, at } = event;
  // One from next year would stand in the way of all that come before.
  if (at > tools.world.now() + limits.aheadMaxMs) return;
  for (const gateway of gateways) {
    try {
      await table.observe(gateway, { instanceId, state, at });
    } catch (error) {
      if (!isFault(error)) throw error;
      logLine(tools.world, { level: 'error', what: 'sense: not observed', because: error.message, gateway });
    }
  }
}

const isAtHome = (home: Tools['home'], { account, region }: InstanceEvent): boolean =>
  region === home.region && account === home.account;

/**
 * Declared, or journalled by our own replacement. The account's other instances come through here too, so the items are
 * read only for ids the configuration does not know. Unreadable items throw: Lambda delivers the event again.
 */
async function gatewaysWith(tools: Tools, instanceId: string): Promise<GatewayName[]> {
  const declared = Object.values(instancesOf(tools.deployment)).filter((gateway) => gateway.instanceId === instanceId);
  if (declared.length > 0 || tools.state === null) return declared.map((gateway) => gateway.name);
  const leases = await tools.state.readGateways(Object.keys(instancesOf(tools.deployment)));
  return Object.values(leases).flatMap((lease) => (lease.identity?.instanceId === instanceId ? [lease.gateway] : []));
}

function connectionsOf(deployment: Deployment, gateways: readonly GatewayName[]): ConnectionName[] {
  return Object.values(deployment.connections)
    .filter((connection) => gatewaysOf(connection).some((gateway) => gateways.includes(gateway)))
    .map((connection) => connection.name);
}

async function start(
  tools: Tools,
  connection: ConnectionName,
  name: string,
  source: Signal['source'],
  because: string,
): Promise<void> {
  const outcome = await tools.executions.start(name, { connection, source });
  logLine(tools.world, { level: 'info', what: `sense: ${outcome}`, because, connection, execution: name });
}

function ignore(tools: Tools, seen: string, because: string): void {
  logLine(tools.world, { level: 'info', what: 'sense: ignored', because, seen });
}

export const handler = onRealWorld(createHandler, (options) => ({
  dynamodb: new DynamoDBClient(options),
  sfn: new SFNClient(options),
  sts: new STSClient(options),
}));
