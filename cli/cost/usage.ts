/**
 * What a local cloud has used up to now, as lines: read from its own records of calls, invocations, logs and runs.
 *
 * Two readings a while apart, subtracted, are what that while has cost. Custom metrics are not here: they are paid by
 * existing for a month, see idle.ts.
 */

import type { Resource } from '../../local-cloud/template/template';
import type { SimulatedCloud } from '../../sim/simulated-cloud';
import { type Line, merged, shared } from './lines';
import type { PriceName } from './prices';

const gb = 1e9;
/** CloudWatch Logs adds this to each line it bills. */
const logLineOverheadBytes = 26;
/** The lines Lambda itself writes: START, END, REPORT. */
const platformLogBytes = 400;
/** As infra/ sets them: log groups of functions, of the machine. */
const functionLogDays = 90;
const executionLogDays = 365;

export function usageOf(cloud: SimulatedCloud): Line[] {
  return merged([
    ...functionLines(cloud),
    ...cloud.front.calls.filter(({ error }) => error === '' || error.includes('Conditional')).flatMap(callLines(cloud)),
    ...machineLines(cloud),
    ...automationLines(cloud),
    ...cloud.topics.inbox.flatMap(() => [
      line('notices', 'notice', 1),
      { ...line('notices, by mail to one address', 'mail', 1), estimated: true },
    ]),
    ...Object.values(cloud.queues.lengths()).map((length) => line('undelivered signals', 'queueRequest', length)),
  ]);
}

/** Whose a function is: for canaries their connections, each by its part of the canaries; `shared` for all others. */
export function partsOf(resource: Resource): readonly (readonly [scope: string, part: number])[] {
  const canaries = canariesOf(resource);
  if (canaries.length === 0) return [[shared, 1]];
  const connections = canaries.map((id) => id.split('/')[0]!);
  return [...new Set(connections)].map((name) => [
    name,
    connections.filter((one) => one === name).length / canaries.length,
  ]);
}

/** The canaries a function runs; empty for all others. */
export function canariesOf({ properties }: Resource): string[] {
  const environment = properties['Environment'] as { Variables?: Record<string, string> } | undefined;
  return environment?.Variables?.['CANARIES']?.split(',') ?? [];
}

const line = (item: string, price: PriceName, quantity: number, scope = shared): Line => ({
  scope,
  item,
  price,
  quantity,
});

function functionLines(cloud: SimulatedCloud): Line[] {
  return [...cloud.lambda.usage.values()].flatMap(({ resource, invocations, runMs, logLines, logBytes }) => {
    const { properties } = resource;
    const memoryMb = Number(properties['MemorySize'] ?? 128);
    const isArm = ((properties['Architectures'] ?? []) as string[]).includes('arm64');
    const logGb = (logBytes + logLines * logLineOverheadBytes + invocations * platformLogBytes) / gb;
    const gbSeconds = (runMs / 1_000) * (memoryMb / 1_024);
    return partsOf(resource).flatMap(([scope, part]) => {
      const what = scope === shared ? 'other functions' : 'canaries';
      const time = `${what}: run time, ${memoryMb} MB`;
      return [
        line(time, isArm ? 'lambdaArmGbSecond' : 'lambdaX86GbSecond', gbSeconds * part, scope),
        line(`${what}: invocations`, 'lambdaRequest', invocations * part, scope),
        ...logLinesFor(`${what}: logs and metric lines`, logGb * part, functionLogDays, scope),
      ];
    });
  });
}

/** Ingested once, then kept; uncompressed, which overstates the keeping. */
const logLinesFor = (item: string, quantity: number, days: number, scope = shared): Line[] => [
  line(item, 'logIngestion', quantity, scope),
  { ...line(`${item}, kept ${days} days`, 'logStorage', (quantity * days) / 30, scope), estimated: true },
];

type Call = SimulatedCloud['front']['calls'][number];

function callLines(cloud: SimulatedCloud): (call: Call) => Line[] {
  const functions = cloud.template.ofType('AWS::Lambda::Function');
  const parts = new Map(functions.map((resource) => [resource.name, partsOf(resource)]));
  return ({ by, service, operation, input }) => {
    if (service === 'dynamodb') {
      const isWrite = /^(Put|Update|Delete)Item$/.test(operation);
      return (parts.get(by) ?? [[shared, 1] as const]).map(([scope, part]) => {
        const what = scope === shared ? 'reports and state' : 'canaries: reports';
        return isWrite
          ? line(`${what}, written`, 'dynamodbWrite', kilobytes(input) * part, scope)
          : line(`${what}, read`, 'dynamodbRead', keysIn(input) * part, scope);
      });
    }
    if (operation === 'GetMetricData') {
      const { MetricDataQueries = [] } = input as { MetricDataQueries?: readonly unknown[] };
      return [line('metrics read', 'metricRead', MetricDataQueries.length)];
    }
    return [];
  };
}

/** A write unit is a kilobyte of item; the request stands in for the item. */
const kilobytes = (input: unknown): number => Math.ceil(Buffer.byteLength(JSON.stringify(input)) / 1_024);

/** Consistent reads of items under 4 KB: one unit a key. */
function keysIn(input: unknown): number {
  const { RequestItems } = input as { RequestItems?: Record<string, { Keys: readonly unknown[] }> };
  if (RequestItems === undefined) return 1;
  return Object.values(RequestItems).reduce((sum, { Keys }) => sum + Keys.length, 0);
}

/** A transition is a state entered; a retry is one more. */
function machineLines({ stepfunctions, template }: SimulatedCloud): Line[] {
  const [machine] = template.ofType('AWS::StepFunctions::StateMachine');
  const isTraced = JSON.stringify(machine?.properties['TracingConfiguration'] ?? {}).includes('true');
  return stepfunctions.executions.flatMap(({ history }) => {
    const count = (pattern: RegExp): number => history.filter(({ type }) => pattern.test(type)).length;
    const retries = Math.max(0, count(/^(Task|LambdaFunction)Scheduled$/) - count(/^TaskStateEntered$/));
    return [
      line('state transitions', 'stateTransition', count(/StateEntered$/) + retries),
      ...logLinesFor('execution logs', Buffer.byteLength(JSON.stringify(history)) / gb, executionLogDays),
      ...(isTraced ? [line('traces', 'trace', 1)] : []),
    ];
  });
}

/** Each step once, however often a branch led back to it. */
function automationLines({ ssm }: SimulatedCloud): Line[] {
  return [...ssm.runs.values()].flatMap(({ records }) => {
    const done = records.filter(({ startedAt }) => startedAt !== null);
    const scripts = done.filter(({ step }) => step.action === 'aws:executeScript');
    const scriptMs = scripts.reduce((sum, { startedAt, endedAt }) => sum + ((endedAt ?? startedAt!) - startedAt!), 0);
    return [
      line('runbook steps', 'automationStep', done.length),
      line('runbook scripts', 'automationScriptSecond', scriptMs / 1_000),
    ];
  });
}
