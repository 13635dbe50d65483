/**
 * Lambda: runs the deployed bundles under their template's role, timeout, environment and subnet.
 *
 * One sandbox per concurrent invocation, reused when idle; a cold start is paid for each new one.
 * A reserved concurrency is a function's limit. Not modelled: the account's own limit, provisioned concurrency, memory,
 * recursion detection, payload limits.
 */

import { types } from 'node:util';
import type { VirtualClock } from '../../clock';
import type { Faults } from '../../front/faults';
import type { Front } from '../../front/front';
import type { Authority } from '../../iam/authority';
import type { Latencies } from '../../latency';
import type { Random } from '../../random';
import type { Reality } from '../../reality';
import {
  AwsError,
  type FakeService,
  NotModelled,
  type Patience,
  type Principal,
  unreachable,
  usualPatience,
} from '../../service';
import type { JsonObject } from '../../template/json';
import type { Resource, Template } from '../../template/template';
import type { ConnectAttempt, ConnectResult } from '../../world-port';
import type { MetricId } from '../alarms/metrics';
import type { SessionPrincipal } from '../sts/sts';
import { AsyncInvocations, type Invocation } from './async-invocations';
import type { EventSourceMapping } from './event-source-mapping';
import { loadFunctionCode, type OpenBundle, openBundle } from './function-code';
import type { HandlerFactory } from './function-world';
import { Sandbox, type SandboxSite } from './sandbox';

export interface LambdaOptions {
  readonly template: Template;
  readonly clock: VirtualClock;
  readonly front: Front;
  readonly authority: Authority;
  readonly latencies: Latencies;
  readonly random: Random;
  readonly faults: Faults;
  /** Where the subnets are, and what an attempt from there meets. */
  readonly network: {
    zoneOf(subnetId: string): string;
    isZoneUp(zone: string): boolean;
    isCutOff(subnetId: string): boolean;
    connect(subnetId: string, zone: string, target: ConnectAttempt): ConnectResult;
    readonly reality?: Reality | undefined;
  };
  /** @default - openBundle */
  readonly open?: OpenBundle | undefined;
  readonly patience?: Patience | undefined;
  /** A line on stdout that the function's role lets through to CloudWatch Logs. */
  onLog(functionName: string, line: string): void;
  count(metric: MetricId, value: number): void;
  readonly onInvocation?: (functionName: string, requestId: string, payload: string) => void;
  /** An invocation failed: the error as Lambda reports it, JSON text. */
  readonly onFailure?: (functionName: string, payload: string) => void;
  sendToQueue(queueArn: string, body: string, attributes: Readonly<Record<string, string>>): void;
  publish(topicArn: string, message: string): void;
  mapping(uuid: string): EventSourceMapping | undefined;
  /** Who calls with the keys of a session. */
  principalOf(accessKeyId: string): SessionPrincipal;
  /** Of a cloud in this region of this account. @default - this one's */
  readonly frontAt?: (region: string, accountId: string, roleArn: string) => Front | undefined;
}

/** What Lambda and the logs would bill for one function. */
export interface FunctionUsage {
  readonly resource: Resource;
  /** Invocations that have ended. */
  invocations: number;
  /** Their time, the start of a cold sandbox included. */
  runMs: number;
  logLines: number;
  logBytes: number;
}

interface HostedFunction {
  readonly resource: Resource;
  readonly role: string;
  readonly createHandler: HandlerFactory;
  readonly timeoutMs: number;
  readonly subnets: readonly string[];
  readonly sandboxes: Sandbox[];
  silenced: boolean;
  /** More at once are throttled. */
  readonly reserved: number;
  /** Under way, cold starts included. */
  running: number;
  /** Which way its clock goes wrong when clocks do. */
  isAhead: boolean;
}

/** Lambda checks at creation that it may make interfaces in the subnet. */
const vpcActions = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

export class Lambda implements FakeService {
  readonly name = 'lambda';
  /** By function name. */
  readonly usage = new Map<string, FunctionUsage>();
  private readonly functions = new Map<string, HostedFunction>();
  /** What earlier deployments published: versions stay. By qualified ARN. */
  private readonly published = new Map<string, HostedFunction>();
  private readonly queued: AsyncInvocations;

  constructor(private options: LambdaOptions) {
    this.queued = new AsyncInvocations(options, {
      invoke: (arn, payload) => this.invoke(arn, payload),
      resourceOf: (arn) => this.hosted(arn).resource,
      exists: (arn) => this.functions.has(bareArn(arn)),
    });
  }

  /** Loads the bundles; real work, before the clock runs. */
  async open(): Promise<void> {
    for (const resource of this.options.template.ofType('AWS::Lambda::Function')) {
      this.functions.set(resource.arn, await this.host(resource));
    }
  }

  /**
   * Functions get new code in new sandboxes. What runs goes on with the old code to its end, as do the versions that
   * executions under way call; a function that is gone stops where it is.
   */
  async redeploy(template: Template): Promise<void> {
    const before = new Map(this.functions);
    for (const version of this.options.template.ofType('AWS::Lambda::Version')) {
      const hosted = before.get(bareArn(version.arn));
      if (hosted !== undefined) this.published.set(version.arn, hosted);
    }
    this.options = { ...this.options, template };
    this.queued.redeploy(template);
    this.functions.clear();
    await this.open();
    for (const [arn, old] of before) {
      const now = this.functions.get(arn);
      if (now === undefined) for (const sandbox of old.sandboxes) sandbox.freeze();
      else Object.assign(now, { silenced: old.silenced, isAhead: old.isAhead });
    }
  }

  async call(operation: string, input: unknown, _principal: Principal): Promise<unknown> {
    if (operation.endsWith('EventSourceMapping')) return this.switchMapping(operation, input as JsonObject);
    if (operation !== 'Invoke') throw new NotModelled('lambda', operation);
    const { FunctionName, Payload, InvocationType } = input as JsonObject;
    const arn = this.arnOf(String(FunctionName));
    if (InvocationType === 'Event') {
      this.invokeAsync(arn, String(Payload));
      return { StatusCode: 202 };
    }
    const { functionError, payload } = await this.invoke(arn, String(Payload ?? 'null'));
    const ExecutedVersion = arn.split(':')[7] ?? '$LATEST';
    return {
      StatusCode: 200,
      ExecutedVersion,
      Payload: payload,
      ...(functionError && { FunctionError: functionError }),
    };
  }

  private switchMapping(operation: string, { UUID, Enabled }: JsonObject): unknown {
    const mapping = this.options.mapping(String(UUID));
    if (mapping === undefined) throw new AwsError('ResourceNotFoundException', `No mapping ${String(UUID)}`, 404);
    if (operation === 'UpdateEventSourceMapping') mapping.switch(Enabled === true);
    else if (operation !== 'GetEventSourceMapping') throw new NotModelled('lambda', operation);
    return { UUID, State: mapping.isEnabled ? 'Enabled' : 'Disabled' };
  }

  /** Synchronous; the caller has been authorised. */
  async invoke(arn: string, payload: string): Promise<Invocation> {
    const hosted = this.hosted(arn);
    if (hosted.running >= hosted.reserved) throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
    hosted.running++;
    try {
      return await this.run(hosted, payload);
    } finally {
      hosted.running--;
    }
  }

  private async run(hosted: HostedFunction, payload: string): Promise<Invocation> {
    const { clock, latencies, random } = this.options;
    const startedAt = clock.now();
    const isWarm = hosted.sandboxes.some((one) => !one.busy && !one.isFrozen);
    if (!isWarm) await clock.sleep(latencies.draw('lambdaCold'), `${hosted.resource.name} cold start`);
    const sandbox = this.sandboxFor(hosted);
    if (sandbox === undefined) {
      throw new AwsError('EC2ThrottledException', `Lambda found no healthy subnet for ${hosted.resource.name}`, 502);
    }
    sandbox.busy = true;
    const requestId = random.uuid();
    this.options.onInvocation?.(hosted.resource.name, requestId, payload);
    const result = await this.race(hosted, sandbox, payload, requestId);
    sandbox.busy = false;
    const usage = this.usageOf(hosted);
    usage.invocations++;
    usage.runMs += clock.now() - startedAt;
    if (result.functionError !== '') this.options.onFailure?.(hosted.resource.name, result.payload);
    const dimensions = { FunctionName: hosted.resource.name };
    this.options.count({ namespace: 'AWS/Lambda', name: 'Invocations', dimensions }, 1);
    this.options.count({ namespace: 'AWS/Lambda', name: 'Errors', dimensions }, result.functionError === '' ? 0 : 1);
    return result;
  }

  /** The answer is nobody's. */
  invokeAsync(arn: string, payload: string): void {
    this.queued.queue(arn, payload);
  }

  /** A scenario's silent function: its sandboxes freeze and new events find nobody. */
  silence(functionName: string, on: boolean): void {
    const hosted = [...this.functions.values(), ...this.published.values()].filter(
      (one) => one.resource.name === functionName,
    );
    if (hosted.length === 0) throw new Error(`No function is named '${functionName}'`);
    for (const one of hosted) {
      one.silenced = on;
      if (on) for (const sandbox of one.sandboxes) sandbox.freeze();
    }
  }

  /** Names of the functions whose environment is meant. */
  names(isMeant: (environment: Readonly<Record<string, string | undefined>>) => boolean): string[] {
    return [...this.functions.values()]
      .filter(({ resource }) => isMeant(environmentOf(resource)))
      .map(({ resource }) => resource.name);
  }

  private usageOf({ resource }: HostedFunction): FunctionUsage {
    const known = this.usage.get(resource.name);
    if (known !== undefined) return known;
    const fresh = { resource, invocations: 0, runMs: 0, logLines: 0, logBytes: 0 };
    this.usage.set(resource.name, fresh);
    return fresh;
  }

  private async host(resource: Resource): Promise<HostedFunction> {
    const { authority, template } = this.options;
    const role = authority.roleFor(String(resource.properties['Role']), 'lambda.amazonaws.com').logicalId;
    const vpc = resource.properties['VpcConfig'] as JsonObject | undefined;
    for (const action of vpc === undefined ? [] : vpcActions) {
      if (!authority.ask(role, { action, resource: '*', context: {} }).allowed) {
        throw new Error(`Function '${resource.logicalId}' is in a VPC, but its role may not ${action}`);
      }
    }
    return {
      resource,
      role,
      createHandler: await loadFunctionCode(resource, template, this.options.open ?? openBundle),
      timeoutMs: Number(resource.properties['Timeout'] ?? 3) * 1_000,
      subnets: ((vpc?.['SubnetIds'] ?? []) as string[]).map(String),
      sandboxes: [],
      silenced: false,
      reserved: Number(resource.properties['ReservedConcurrentExecutions'] ?? Number.POSITIVE_INFINITY),
      running: 0,
      isAhead: this.functions.size % 2 === 0,
    };
  }

  private arnOf(nameOrArn: string): string {
    return nameOrArn.startsWith('arn:')
      ? nameOrArn
      : `arn:aws:lambda:${this.options.template.region}:${this.options.template.accountId}:function:${nameOrArn}`;
  }

  /** By ARN; a version or alias must exist in the template. */
  private hosted(arn: string): HostedFunction {
    const earlier = this.published.get(arn);
    if (earlier !== undefined) return earlier;
    const hosted = this.functions.get(bareArn(arn));
    const isQualified = arn.split(':').length > 7;
    if (hosted === undefined || (isQualified && this.options.template.byArn(arn) === undefined)) {
      throw new AwsError('ResourceNotFoundException', `Function not found: ${arn}`, 404);
    }
    return hosted;
  }

  private sandboxFor(hosted: HostedFunction): Sandbox | undefined {
    const idle = hosted.sandboxes.find((one) => !one.busy && !one.isFrozen);
    if (idle !== undefined) return idle;
    const { network } = this.options;
    const subnet = hosted.subnets.find((one) => network.isZoneUp(network.zoneOf(one)));
    if (hosted.silenced || (hosted.subnets.length > 0 && subnet === undefined)) return undefined;
    const made = new Sandbox(this.site(hosted, subnet), hosted.createHandler);
    hosted.sandboxes.push(made);
    return made;
  }

  private site(hosted: HostedFunction, subnet: string | undefined): SandboxSite {
    const { clock, faults, front, network, template, patience = usualPatience } = this.options;
    const zone = subnet === undefined ? undefined : network.zoneOf(subnet);
    const name = hosted.resource.name;
    return {
      clock,
      env: { ...environmentOf(hosted.resource), AWS_REGION: template.region, AWS_LAMBDA_FUNCTION_NAME: name },
      connect: (target) =>
        subnet === undefined || zone === undefined
          ? { answered: false, refused: false, rttMs: 0 }
          : network.connect(subnet, zone, target),
      reallyConnect:
        subnet === undefined || network.reality === undefined
          ? undefined
          : (target, timeoutMs) => network.reality!.connect(subnet, target, timeoutMs),
      callAws: async (service, operation, input, { invocation, region, accessKeyId }) =>
        (subnet !== undefined && network.isCutOff(subnet)) ||
        (region !== undefined && faults.silentRegions.has(region)) ||
        faults.isSilent(service, input)
          ? unreachable(clock, patience)
          : accessKeyId === undefined
            ? front.call({ role: hosted.role, by: name, invocation, region }, service, operation, input)
            : this.callAs(accessKeyId, { invocation, region }, [service, operation, input]),
      patience,
      skewMs: () => faults.skews.get(name) ?? (hosted.isAhead ? faults.skewMs : -faults.skewMs),
      log: (line) => this.log(hosted, line),
      isPowered: () => zone === undefined || network.isZoneUp(zone),
    };
  }

  /** With keys that STS has given out, in the account whose they are: it asks its own policies. */
  private callAs(
    accessKeyId: string,
    { invocation, region }: Pick<Principal, 'invocation' | 'region'>,
    [service, operation, input]: readonly [service: string, operation: string, input: unknown],
  ): Promise<unknown> {
    const { front, frontAt, principalOf, template } = this.options;
    const { accountId, roleArn, ...who } = principalOf(accessKeyId);
    const there = frontAt?.(region ?? template.region, accountId, roleArn);
    if (there === undefined || there === front)
      return front.call({ ...who, invocation, region }, service, operation, input);
    const from = region === template.region ? undefined : template.region;
    return there.call({ ...who, invocation, from }, service, operation, input);
  }

  private async race(
    hosted: HostedFunction,
    sandbox: Sandbox,
    payload: string,
    requestId: string,
  ): Promise<Invocation> {
    const { clock } = this.options;
    const deadline = clock.now() + hosted.timeoutMs;
    return new Promise((resolve) => {
      const timer = clock.at(deadline, `${hosted.resource.name} timeout`, () => {
        sandbox.freeze();
        const seconds = (hosted.timeoutMs / 1_000).toFixed(2);
        const errorMessage = `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`;
        resolve({
          functionError: 'Unhandled',
          payload: JSON.stringify({ errorType: 'Sandbox.Timedout', errorMessage }),
        });
      });
      const settle = (invocation: Invocation): void => {
        clock.cancel(timer);
        resolve(invocation);
      };
      sandbox.run(payload, requestId, deadline).then(
        (answer) => settle({ functionError: '', payload: answer }),
        (error: unknown) => settle({ functionError: 'Unhandled', payload: JSON.stringify(errorPayload(error)) }),
      );
    });
  }

  private log(hosted: HostedFunction, line: string): void {
    const { authority, onLog, template } = this.options;
    const group = (hosted.resource.properties['LoggingConfig'] as JsonObject | undefined)?.['LogGroup'];
    const name = String(group ?? `/aws/lambda/${hosted.resource.name}`);
    const resource = `arn:aws:logs:${template.region}:${template.accountId}:log-group:${name}:log-stream:local`;
    const actions = ['logs:CreateLogStream', 'logs:PutLogEvents'];
    // A role that may not write logs loses them in silence, metrics and all: exactly as on AWS.
    if (actions.every((action) => authority.ask(hosted.role, { action, resource, context: {} }).allowed)) {
      const usage = this.usageOf(hosted);
      usage.logLines++;
      usage.logBytes += Buffer.byteLength(line);
      onLog(hosted.resource.name, line);
    }
  }
}

const bareArn = (arn: string): string => arn.split(':').slice(0, 7).join(':');

const environmentOf = (resource: Resource): Record<string, string> =>
  ((resource.properties['Environment'] as JsonObject | undefined)?.['Variables'] ?? {}) as Record<string, string>;

/** As Node's runtime reports it, but for the trace: file names of this machine have no place in a run. */
function errorPayload(error: unknown): { errorType: string; errorMessage: string; trace: readonly string[] } {
  const { name, message } = types.isNativeError(error) ? error : new Error(String(error));
  return { errorType: name, errorMessage: message, trace: [`${name}: ${message}`] };
}
