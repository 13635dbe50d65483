/**
 * The local cloud's fakes behind clients with the SDK's `send`. No front before them: no latency, no throttles, no IAM,
 * only the check that the SDK's own model knows every parameter.
 */
import { tunnelAlarmNames } from '../../adapters/cloudwatch/metric-names';
import { VirtualClock } from '../../local-cloud/clock';
import { Faults } from '../../local-cloud/front/faults';
import { Front } from '../../local-cloud/front/front';
import { copy } from '../../local-cloud/front/plain-copy';
import { inputProblems } from '../../local-cloud/front/shapes';
import { Authority } from '../../local-cloud/iam/authority';
import { readPolicy } from '../../local-cloud/iam/policy';
import type { Role } from '../../local-cloud/iam/roles';
import { Latencies } from '../../local-cloud/latency';
import { randomStream } from '../../local-cloud/random';
import { AwsError, type FakeService } from '../../local-cloud/service';
import { CloudWatch } from '../../local-cloud/services/alarms/cloudwatch';
import { DynamoDb } from '../../local-cloud/services/dynamodb/dynamodb';
import type { TableEngineName } from '../../local-cloud/services/dynamodb/table-engine';
import { Ec2Fake } from '../../local-cloud/services/ec2/ec2';
import { checkEventPattern, matchesEventPattern } from '../../local-cloud/services/events/event-pattern';
import { Route53 } from '../../local-cloud/services/route53/route53';
import { S3 } from '../../local-cloud/services/s3/s3';
import { Topics } from '../../local-cloud/services/sns/sns';
import { SsmFake } from '../../local-cloud/services/ssm/ssm';
import { StepFunctions } from '../../local-cloud/services/stepfunctions/stepfunctions';
import { Sts } from '../../local-cloud/services/sts/sts';
import { portOf } from '../../sim/network/port';
import { PhysicalWorld } from '../../sim/world';
import { roleFor, templateOf } from '../unit/local-cloud/template-of';
import { shellDocument } from './runs-suite';
import {
  type Cloud,
  type Command,
  listedBlocks,
  type MatchEvents,
  type Part,
  pair,
  recorded,
  type Site,
  startAt,
  template,
  transit,
} from './site';

const seed = 1;
const minuteMs = 60_000;
const operator = { role: 'operator', by: 'contract' };

const documentOf = (action: string, inputs: object) => ({
  type: 'Automation' as const,
  content: { schemaVersion: '0.3', mainSteps: [{ name: 'only', action, inputs: { ...inputs }, isEnd: true }] },
});

/** One Automation document that takes a second, one that fails, and a Command document. */
const documents = {
  [shellDocument]: {
    type: 'Command' as const,
    content: {
      schemaVersion: '2.2',
      parameters: { commands: { type: 'StringList' } },
      mainSteps: [{ name: 'only', action: 'aws:runShellScript', inputs: { runCommand: ['true'] } }],
    },
  },
  waits: documentOf('aws:sleep', { Duration: 'PT1S' }),
  fails: documentOf('aws:executeAwsApi', { Service: 'ec2', Api: 'DescribeInstances' }),
};

export const fakes: Cloud = {
  name: 'fakes',
  open: async () => void template(),
  site: (...parts) => buildSite('dynalite', parts),
  matchEvents: async (patterns, events) => {
    const matches = new Set<string>();
    for (const [name, pattern] of Object.entries(patterns)) {
      checkEventPattern(pattern, name);
      for (const [label, event] of Object.entries(events))
        if (matchesEventPattern(pattern, enveloped(event))) matches.add(`${name}: ${label}`);
    }
    return matches;
  },
  close: async () => {},
};

/** The same with DynamoDB's other engine. */
export const fakesInMemory: Cloud = { ...fakes, site: (...parts) => buildSite('memory', parts) };

const enveloped = (parts: Parameters<MatchEvents>[1][string]): object => ({
  version: '0',
  id: '00000000-0000-4000-8000-000000000000',
  account: '123456789012',
  time: '2026-11-20T09:00:00Z',
  region: pair.region,
  ...parts,
});

async function buildSite(tables: TableEngineName, parts: readonly Part[]): Promise<Site> {
  const deployment = parts.includes('transit') ? transit : pair;
  const clock = new VirtualClock(startAt);
  const latencies = new Latencies(seed);
  const random = randomStream(seed, 'contract');
  const world = new PhysicalWorld(deployment, { clock, seed, lag: { chance: 0, msMax: 1 } });
  const prefixList = parts.includes('transit') ? 'pl-0123456789abcdef0' : '';
  world.transit.prefixLists.set(prefixList, listedBlocks);
  const zoneId = parts.includes('zone') ? 'Z0123456789ABCDEFGHIJ' : '';
  if (zoneId !== '') world.names.lay(zoneId, 'vpn-a.example.net', { value: '198.51.100.1', ttlSeconds: 30 });
  const port = portOf(world);
  const dynamodb = new DynamoDb({ template: template(), clock, faults: new Faults(), tables, onChange: () => {} });
  await dynamodb.open();
  const options = {
    template: template(),
    clock,
    latencies,
    random,
    queueLengths: () => ({}),
    streamsRead: () => [],
    emit: () => {},
    act: () => {},
  };
  const cloudwatch = new CloudWatch(options);
  const ssm = new SsmFake(port, {
    seed,
    region: pair.region,
    documents,
    callAs: () => Promise.reject(new AwsError('UnauthorizedOperation', 'No.')),
  });
  const stepfunctions = stateMachine(clock, latencies);
  const passTime = (ms: number): Promise<void> => clock.runUntil(clock.now() + ms);
  return {
    aws: {
      cloudwatch: clientOf(cloudwatch),
      dynamodb: clientOf(dynamodb),
      ec2: clientOf(new Ec2Fake(port, { seed, region: pair.region })),
      sfn: clientOf(stepfunctions.service),
      s3: clientOf(new S3(clock, [{ name: 'records', hasLock: true }])),
      sns: clientOf(new Topics(template(), clock, random)),
      ssm: clientOf(ssm),
      route53: clientOf(new Route53(port, seed)),
      sts: clientOf(new Sts({ clock, roles: new Map([['End', trustingRole]]) })),
    } as unknown as Site['aws'],
    clock: { now: () => clock.now(), sleep: passTime },
    deployment,
    stateMachineArn: stepfunctions.arn,
    prefixList,
    topicArn: template().ofType('AWS::SNS::Topic')[0]!.arn,
    roleArn: trustingRole.arn,
    zoneId,
    nameSays: async (name) => world.names.zones.get(zoneId)?.served.get(name)?.value,
    settle: () => passTime(30 * minuteMs),
    publish: async (line) => {
      cloudwatch.ingestLog(line);
      await passTime(10_000);
    },
    tunnelAlarm: async () => {
      cloudwatch.alarms.start();
      const { metric } = tunnelNumber();
      for (let minute = 0; minute < 5; minute++) {
        cloudwatch.put(metric, 0);
        await passTime(minuteMs);
      }
    },
  };
}

function tunnelNumber() {
  const { none } = tunnelAlarmNames(pair, 'gw-a');
  const alarm = template()
    .ofType('AWS::CloudWatch::Alarm')
    .find(({ name }) => name === none)!;
  const { Namespace, MetricName, Dimensions } = alarm.properties;
  const dimensions = (Dimensions as { Name: string; Value: string }[]).map(({ Name, Value }) => [Name, Value]);
  const metric = { namespace: String(Namespace), name: String(MetricName), dimensions: Object.fromEntries(dimensions) };
  return { metric };
}

function clientOf(service: FakeService): { send(command: Command): Promise<unknown> } {
  return recorded(async ({ schema: [, , operation], input }) => {
    const [problem] = inputProblems(service.name, operation, input);
    if (problem !== undefined) throw new Error(`invalid call ${service.name}.${operation}: ${problem}`);
    return copy(await service.call(operation, structuredClone(input), operator));
  });
}

const trustingRole: Role = {
  ...{ logicalId: 'End', name: 'switchback-mesh-end-ohio', statements: [] },
  arn: 'arn:aws:iam::210987654321:role/switchback/mesh/switchback-mesh-end-ohio',
  trust: readPolicy(
    { Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: '*', Resource: '*' }] },
    'trust',
  ),
};

/** A machine that waits for ever, as one at work does. */
function stateMachine(clock: VirtualClock, latencies: Latencies): { service: StepFunctions; arn: string } {
  const definition = {
    QueryLanguage: 'JSONata',
    StartAt: 'W',
    States: { W: { Type: 'Wait', Seconds: 1e6, End: true } },
  };
  const machine = templateOf({
    Role: roleFor('states.amazonaws.com'),
    Machine: {
      Type: 'AWS::StepFunctions::StateMachine',
      Properties: {
        StateMachineName: 'failover',
        RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
        DefinitionString: JSON.stringify(definition),
      },
    },
  });
  const [resource] = machine.ofType('AWS::StepFunctions::StateMachine');
  const nobody = { contextOf: () => ({}), assumeRoleOf: () => undefined, subnetsOf: () => [], machineOf: () => '*' };
  const authority = new Authority(machine, nobody);
  const shared = { clock, authority, latencies, faults: new Faults() };
  const front = new Front(shared);
  const service = new StepFunctions({ ...shared, template: machine, front, seed, count: () => {} });
  return { service, arn: resource!.arn };
}
