/**
 * The local cloud: the services of a template, wired by the template alone, around one world and one clock.
 *
 * Only what AWS itself connects is connected here: streams to their mappings, log lines to metrics, EC2's events and
 * alarms to the bus. What reacts to what is read from the template.
 */

import { parse } from 'yaml';
import type { Execution, HistoryEvent } from './asl/runner';
import type { VirtualClock } from './clock';
import { Faults } from './front/faults';
import { type CallRecord, Front } from './front/front';
import { Authority } from './iam/authority';
import { requirePermission, requirePolicy } from './iam/resource-policy';
import { TagLedger } from './iam/tags';
import { ec2EventLossRatio, Latencies } from './latency';
import { randomStream } from './random';
import type { Reality } from './reality';
import type { Patience } from './service';
import { awsTime } from './services/alarms/alarm-events';
import type { AlarmAction } from './services/alarms/alarms';
import { CloudWatch } from './services/alarms/cloudwatch';
import { DynamoDb, type ItemChange } from './services/dynamodb/dynamodb';
import { Streams } from './services/dynamodb/streams';
import type { TableEngineName } from './services/dynamodb/table-engine';
import { Ec2Fake } from './services/ec2/ec2';
import type { BusEvent } from './services/events/bus-event';
import { EventBus } from './services/events/events';
import { OtherRegions } from './services/events/other-regions';
import { Iam } from './services/iam/iam';
import type { StreamRecord } from './services/lambda/event-source-mapping';
import type { OpenBundle } from './services/lambda/function-code';
import { Lambda } from './services/lambda/lambda';
import { Route53 } from './services/route53/route53';
import { type Bucket, S3 } from './services/s3/s3';
import { Scheduler } from './services/scheduler/scheduler';
import { type Notice, Topics } from './services/sns/sns';
import { Queues } from './services/sqs/sqs';
import type { DocumentContent, SsmDocument } from './services/ssm/documents';
import type { SsmDurations } from './services/ssm/durations';
import { SsmFake } from './services/ssm/ssm';
import { StepFunctions } from './services/stepfunctions/stepfunctions';
import { Clouds } from './services/sts/clouds';
import { Sts } from './services/sts/sts';
import { onceFor } from './template/once';
import { type Template, type TemplateSource, templateOf } from './template/template';
import { emptyWorld, type WorldPort } from './world-port';

/** What a run wants to be told of. */
interface Observers {
  readonly onState?: (event: HistoryEvent, execution: Execution) => void;
  readonly onBusEvent?: (event: BusEvent, copies: number) => void;
  readonly onStreamRecord?: (record: StreamRecord, copies: number) => void;
  readonly onItem?: (change: ItemChange) => void;
  readonly onNotice?: (notice: Notice) => void;
  readonly onLog?: (functionName: string, line: string) => void;
  readonly onInvocation?: (functionName: string, requestId: string, payload: string) => void;
  readonly onFunctionFailure?: (functionName: string, payload: string) => void;
  /** Every call that took effect, also where the caller never learns of it. */
  readonly onLanded?: (call: CallRecord) => void;
  readonly onAnswer?: (call: CallRecord, output: unknown) => void;
  readonly onRungEnd?: (document: string, status: string, failure: string) => void;
}

export interface LocalCloudOptions {
  readonly source: TemplateSource;
  readonly clock: VirtualClock;
  readonly seed: number;
  /** Of the same world, in other regions and accounts. @default - there are none */
  readonly clouds?: Clouds;
  /** What goes wrong. @default - nothing does, yet */
  readonly faults?: Faults;
  /** What stands behind EC2. @default - nothing */
  readonly world?: WorldPort;
  readonly ssmDurations?: Partial<SsmDurations> | undefined;
  /** How a bundle becomes a handler. @default - `openBundle` */
  readonly open?: OpenBundle;
  /** How long functions wait for AWS. @default - `usualPatience` */
  readonly patience?: Patience;
  /** What keeps the tables; see DynamoDbOptions. */
  readonly tables?: TableEngineName;
  /** S3 buckets that stand there already. @default - none */
  readonly buckets?: readonly Bucket[];
  /** @default - drawn from the hop model by the seed */
  readonly latencies?: Latencies;
  /** @default - everything is simulated */
  readonly reality?: Reality;
  readonly observers?: Observers;
  /**
   * The first minutes of a first deploy: alarms are as new as the stack.
   * @default false
   */
  readonly isFirst?: boolean;
}

export class LocalCloud {
  /** As last deployed. */
  template: Template;
  readonly faults: Faults;
  readonly latencies: Latencies;
  protected readonly tags = new TagLedger();
  private readonly clock: VirtualClock;
  readonly authority: Authority;
  readonly front: Front;
  readonly bus: EventBus;
  readonly otherRegions: OtherRegions;
  private readonly scheduler: Scheduler;
  readonly queues: Queues;
  readonly topics: Topics;
  readonly sts: Sts;
  readonly iam: Iam;
  readonly s3: S3;
  readonly cloudwatch: CloudWatch;
  readonly lambda: Lambda;
  readonly dynamodb: DynamoDb;
  readonly streams: Streams;
  readonly ssm: SsmFake;
  readonly stepfunctions: StepFunctions;
  private readonly documents: Record<string, SsmDocument>;
  private deployments = 1;

  constructor(options: LocalCloudOptions) {
    const { source, clock, seed, tables, reality, patience, observers = {} } = options;
    const world = options.world ?? emptyWorld(clock);
    this.clock = clock;
    const template = templateOf(source);
    const latencies = options.latencies ?? new Latencies(seed);
    this.latencies = latencies;
    const { clouds = new Clouds(), faults = new Faults() } = options;
    this.faults = faults;
    const { region, accountId } = template;
    const random = (purpose: string) => randomStream(seed, purpose);
    const documents = { ...documentsOf(template) };
    this.documents = documents;
    const { tags } = this;
    const roleArnOf = (document: string): string | undefined => documents[document]?.content.assumeRole;
    this.template = template;
    this.authority = new Authority(template, {
      contextOf: (arn) => tags.contextOf(arn),
      assumeRoleOf: (document) => clouds.documentRoleIn(accountId, document),
      launchOf: (id) => launchOf(world, id),
      machineOf: (token) => this.stepfunctions.machineOf(token),
      partitionKeyOf: (table) => clouds.partitionKeyIn(accountId, table),
      roleArnOf: (name) => clouds.roleArnIn(accountId, name),
    });
    const { authority } = this;
    this.front = new Front({
      clock,
      authority,
      latencies,
      faults,
      serviceIn: (there, service) => (there === region ? undefined : clouds.serviceIn(there, accountId, service)),
      ...(observers.onLanded !== undefined && { onLanded: observers.onLanded }),
      onAnswer: (call, output) => {
        tags.observe(call, output);
        observers.onAnswer?.(call, output);
      },
    });
    const { front } = this;
    this.iam = new Iam({
      ...{ clock, template, authority, random: random('iam') },
      iamOf: (role) => clouds.iamOf(accountId, role),
    });
    clouds.join({ region, accountId, front, authority, roleOfDocument: roleArnOf, iam: this.iam });
    this.sts = new Sts({
      ...{ clock, roles: authority.roles, sessions: clouds.sessions, roleWith: (arn) => clouds.roleWith(arn) },
    });
    const shared = { template, clock, front, authority, latencies, faults };
    this.queues = new Queues(template, clock, (QueueName) =>
      this.cloudwatch.count({ namespace: 'AWS/SQS', name: 'NumberOfMessagesSent', dimensions: { QueueName } }, 1),
    );
    this.s3 = new S3(clock, options.buckets);
    this.topics = new Topics(template, clock, random('sns'), observers.onNotice);
    const sendToQueue = this.queues.send.bind(this.queues);
    const publish = (TopicArn: string, Message: string): void => void this.topics.publish({ TopicArn, Message });
    this.bus = new EventBus({
      ...shared,
      random: random('events'),
      invokeAsync: (arn, payload) => this.lambda.invokeAsync(arn, payload),
      sendToQueue,
      publish,
      forward: (busArn) => {
        throw new Error(`A rule of the stack itself hands events on to ${busArn}: not modelled`);
      },
      onEvent: observers.onBusEvent,
    });
    this.scheduler = new Scheduler({ ...shared, random: random('scheduler'), sendToQueue });
    const ownBus = `arn:aws:events:${template.region}:${accountId}:event-bus/default`;
    this.otherRegions = new OtherRegions({
      ...{ clock, front, latencies, faults, random: random('events/other regions') },
      forward: (busArn, event) => {
        if (busArn !== ownBus) throw new Error(`An event is handed on to ${busArn}, and the stack's bus is ${ownBus}`);
        this.bus.put(event);
      },
    });
    this.otherRegions.deploy(source);
    this.cloudwatch = new CloudWatch({
      template,
      clock,
      latencies,
      random: random('cloudwatch'),
      settled: options.isFirst !== true,
      queueLengths: () => this.queues.lengths(),
      streamsRead: () => this.streams.read(),
      emit: (event) => this.bus.emit(event),
      act: (targetArn, action) => this.actOn(targetArn, action),
    });
    world.siteToSite.onMetric(({ name, dimensions, at, visibleAt, value }) =>
      this.cloudwatch.metrics.put({ namespace: 'AWS/VPN', name, dimensions }, at, value, visibleAt),
    );
    world.siteToSite.onTold((event, region) => {
      if (region === template.region) this.bus.emit(event);
      else this.otherRegions.emit(region, event);
    });
    const count = this.cloudwatch.count.bind(this.cloudwatch);
    this.lambda = new Lambda({
      ...shared,
      random: random('lambda'),
      network: {
        zoneOf: (subnet) => zoneOf(world, subnet),
        isZoneUp: (zone) => world.packets.zoneIsUp(zone),
        isCutOff: (subnet) => world.packets.isCutOff(subnet),
        connect: (subnet, zone, target) => world.packets.connect(subnet, zone, target),
        reality,
      },
      open: options.open,
      patience,
      onLog: (name, line) => {
        this.cloudwatch.ingestLog(line);
        observers.onLog?.(name, line);
      },
      count,
      onInvocation: observers.onInvocation,
      onFailure: observers.onFunctionFailure,
      mapping: (uuid) => this.streams.mapping(uuid),
      principalOf: (accessKeyId) => this.sts.principalOf(accessKeyId),
      frontAt: (there, account, role) => clouds.whereRoleIs(there, account, role)?.front,
      sendToQueue,
      publish,
    });
    this.streams = new Streams({
      ...shared,
      random: random('streams'),
      invoke: async (arn, payload) => {
        const result = await this.lambda.invoke(arn, payload);
        return { failed: result.functionError !== '', payload: result.payload };
      },
      sendToQueue,
      onRecord: observers.onStreamRecord,
    });
    const onChange = (change: ItemChange): void => this.streams.append(change);
    this.dynamodb = new DynamoDb({ template, clock, faults, tables, patience, onChange, onItem: observers.onItem });
    const losses = random('events/ec2-loss');
    const ec2 = new Ec2Fake(world, {
      seed,
      region: template.region,
      accountId,
      onStateChange: (event) => {
        if (losses.chance(ec2EventLossRatio)) return;
        clock.after(latencies.draw('ec2Event'), 'ec2 event', () => this.bus.put(event as BusEvent));
      },
    });
    const automations = `arn:aws:ssm:${template.region}:${accountId}:automation-execution/running`;
    this.ssm = new SsmFake(world, {
      seed,
      region: template.region,
      durations: options.ssmDurations,
      reality,
      documents,
      accountId,
      callAs: (role, service, operation, input) => {
        const { logicalId } = authority.roleFor(role, 'ssm.amazonaws.com', automations);
        return front.call({ role: logicalId, by: 'automation' }, service, operation, input);
      },
      failureOf: (step) => faults.takeStepFailure(step),
      queueMs: () => faults.automationsQueueMs(clock.now()),
      onAutomationEnd: (run) => observers.onRungEnd?.(run.documentName, run.status, run.failure),
    });
    this.keepParameters(template);
    this.stepfunctions = new StepFunctions({ ...shared, seed, count, onEvent: observers.onState });
    front.register(
      this.dynamodb,
      this.cloudwatch,
      this.bus,
      this.scheduler,
      this.topics,
      this.sts,
      this.iam,
      this.s3,
      this.queues,
      this.lambda,
      this.stepfunctions,
      ec2,
      this.ssm,
      new Route53(world, seed),
    );
  }

  /**
   * The stack is updated while everything runs: functions, the machine's definition, roles, rules, alarms and documents
   * are this synthesis's from now on; tables, queues, executions and automations under way stay what they are.
   */
  async redeploy(source: TemplateSource): Promise<void> {
    if (source.stackName !== this.template.source.stackName)
      throw new Error(`A redeployment cannot rename stack ${this.template.source.stackName} to ${source.stackName}`);
    const template = templateOf(source, ++this.deployments);
    this.template = template;
    for (const name of Object.keys(this.documents)) delete this.documents[name];
    Object.assign(this.documents, documentsOf(template));
    this.keepParameters(template);
    this.authority.redeploy(template);
    this.iam.redeploy(template);
    this.queues.redeploy(template);
    this.topics.redeploy(template);
    await this.clock.busy(Promise.all([this.dynamodb.redeploy(template), this.lambda.redeploy(template)]));
    this.stepfunctions.redeploy(template);
    this.streams.redeploy(template);
    this.bus.redeploy(template);
    this.scheduler.redeploy(template);
    this.otherRegions.deploy(source);
    this.cloudwatch.redeploy(template);
  }

  /** CloudWatch has no role here: the policy of the topic or of the function lets it in, for this alarm. */
  private actOn(targetArn: string, { alarm, subject, message, at, alarmData }: AlarmAction): void {
    const { template } = this;
    const sourceArn = alarm.arn;
    if (targetArn.split(':')[2] === 'lambda') {
      requirePermission(template, {
        functionArn: targetArn,
        service: 'lambda.alarms.cloudwatch.amazonaws.com',
        sourceArn,
      });
      const { region, accountId } = template;
      const about = { source: 'aws.cloudwatch', alarmArn: sourceArn, accountId, region, time: awsTime(at) };
      this.lambda.invokeAsync(targetArn, JSON.stringify({ ...about, alarmData }));
      return;
    }
    requirePolicy(template, {
      policyType: 'AWS::SNS::TopicPolicy',
      action: 'sns:Publish',
      resource: targetArn,
      service: 'cloudwatch.amazonaws.com',
      sourceArn,
    });
    this.topics.publish({ TopicArn: targetArn, Subject: subject, Message: message });
  }

  /** What the stack writes into Parameter Store, at its deployment. */
  private keepParameters(template: Template): void {
    for (const { name: Name, properties } of template.ofType('AWS::SSM::Parameter')) {
      const { Value, Type } = properties as { Value: string; Type: 'String' };
      this.ssm.parameters.put({ Name, Value, Type, Overwrite: true });
    }
  }

  /** Real work (tables, bundles), before the clock runs. */
  async open(): Promise<void> {
    await this.dynamodb.open();
    await this.lambda.open();
  }

  /** Schedules tick and alarms are evaluated from now on. */
  start(): void {
    this.bus.startSchedules();
    this.scheduler.start();
    this.cloudwatch.start();
  }
}

function zoneOf(world: WorldPort, subnetId: string): string {
  const subnet = world.vpc.subnets.get(subnetId);
  if (subnet === undefined) throw new Error(`A function is in subnet ${subnetId}, which the world does not know`);
  return subnet.availabilityZone;
}

function launchOf(world: WorldPort, launchTemplateId: string): { subnets: string[]; roles: string[] } {
  const launched = world.machines.launchables(launchTemplateId);
  return { subnets: launched.map(({ subnetId }) => subnetId), roles: launched.flatMap(({ role }) => role ?? []) };
}

const documentsOf = onceFor((template: Template): Record<string, SsmDocument> => {
  const documents = template.ofType('AWS::SSM::Document').map(({ name, properties }) => {
    const { Content, DocumentType } = properties;
    const content = (typeof Content === 'string' ? parse(Content) : Content) as unknown as DocumentContent;
    return [name, { type: DocumentType as SsmDocument['type'], content }] as const;
  });
  return Object.fromEntries(documents);
});
