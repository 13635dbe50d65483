/**
 * Step Functions: the template's state machines behind the API, run by sim/asl.
 *
 * Names follow AWS's rules: the same name with the same input while it still runs answers with the running execution,
 * otherwise ExecutionAlreadyExists. Executions of a name are remembered for good (AWS: 90 days).
 */
import { Buffer } from 'node:buffer';
import type { Instant } from '../../../core/words/time';
import {
  type Execution,
  type HistoryEvent,
  isTokenShaped,
  loadMachine,
  Runner,
  TaskTokens,
  TokenError,
} from '../../asl/runner';
import type { VirtualClock } from '../../clock';
import type { Faults } from '../../front/faults';
import type { Front } from '../../front/front';
import type { Authority } from '../../iam/authority';
import type { Latencies } from '../../latency';
import { type Random, randomStream } from '../../random';
import { AwsError, type FakeService, NotModelled } from '../../service';
import type { JsonObject } from '../../template/json';
import { onceFor } from '../../template/once';
import type { Resource, Template } from '../../template/template';
import type { MetricId } from '../alarms/metrics';
import { Integrations } from './integrations';
import { definitionText } from './machine-definition';

export interface StepFunctionsOptions {
  readonly template: Template;
  readonly clock: VirtualClock;
  readonly front: Front;
  readonly authority: Authority;
  readonly latencies: Latencies;
  readonly seed: number;
  readonly faults: Faults;
  count(metric: MetricId, value: number): void;
  readonly onEvent?: (event: HistoryEvent, execution: Execution) => void;
}

interface Hosted {
  readonly resource: Resource;
  /** The definition that was deployed last; executions under way go on by the one they began with. */
  readonly runner: Runner;
  readonly executions: Map<string, Execution>;
}

/** The same definition for every cloud of a template: a loaded machine is never written to. */
const machinesOf = onceFor((template: Template) =>
  onceFor((resource: Resource) => loadMachine(definitionText(resource, template))),
);
const machineOf = (resource: Resource, template: Template) => machinesOf(template)(resource);

const unknownExecution = (arn: string): AwsError =>
  new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);

const inputBytesMax = 262_144;
/** AWS forbids these and control characters; at most 80. */
const nameExpression = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/]{1,80}$/;

export class StepFunctions implements FakeService {
  readonly name = 'stepfunctions';
  readonly tokens = new TaskTokens();
  private readonly machines = new Map<string, Hosted>();
  private readonly byArn = new Map<string, Execution>();
  private readonly names: Random;
  private redeployments = 0;
  /** From when DescribeExecution knows each execution. */
  private readonly shownAt = new Map<string, Instant>();

  constructor(private options: StepFunctionsOptions) {
    this.names = randomStream(options.seed, 'stepfunctions/names');
    this.host(options.template);
  }

  redeploy(template: Template): void {
    this.redeployments++;
    this.host(template);
  }

  private host(template: Template): void {
    this.options = { ...this.options, template };
    for (const resource of template.ofType('AWS::StepFunctions::StateMachine')) {
      const executions = this.machines.get(resource.arn)?.executions ?? new Map<string, Execution>();
      this.machines.set(resource.arn, { resource, runner: this.runnerFor(resource), executions });
    }
  }

  async call(operation: string, input: unknown): Promise<unknown> {
    const request = input as JsonObject;
    switch (operation) {
      case 'StartExecution':
        return this.start(request);
      case 'DescribeExecution':
        return describe(this.shownExecution(request));
      case 'StopExecution':
        return this.stop(request);
      case 'GetExecutionHistory':
        return { events: structuredClone(this.execution(request).history) };
      case 'ListExecutions':
        return this.list(request);
      case 'SendTaskSuccess':
        return this.send(() => this.tokens.sendTaskSuccess(String(request['taskToken']), String(request['output'])));
      case 'SendTaskFailure':
        return this.send(() =>
          this.tokens.sendTaskFailure(String(request['taskToken']), textOf(request['error']), textOf(request['cause'])),
        );
      case 'SendTaskHeartbeat':
        return this.send(() => this.tokens.sendTaskHeartbeat(String(request['taskToken'])));
      default:
        throw new NotModelled('stepfunctions', operation);
    }
  }

  /** All executions, in order of their start. */
  get executions(): readonly Execution[] {
    return [...this.byArn.values()];
  }

  /** As ninety days after they ended: nobody can list them, or read what they did. */
  forgetEnded(): void {
    for (const { arn, status } of this.executions) if (status !== 'RUNNING') this.byArn.delete(arn);
  }

  get running(): number {
    return this.executions.filter((execution) => execution.status === 'RUNNING').length;
  }

  get onlyMachineArn(): string {
    return [...this.machines.keys()][0] ?? '*';
  }

  /**
   * A token names its machine, inside, and calls with it are authorized against that machine. What is no token names
   * none, which only a grant on `*` covers: AccessDenied then, not InvalidToken. As people have met it on AWS.
   */
  machineOf(token: string): string {
    const { region, accountId } = this.options.template;
    return isTokenShaped(token) ? this.onlyMachineArn : `arn:aws:states:${region}:${accountId}:stateMachine:`;
  }

  private runnerFor(resource: Resource): Runner {
    const { authority, clock, faults, front, latencies, seed } = this.options;
    const role = authority.roleFor(String(resource.properties['RoleArn']), 'states.amazonaws.com', resource.arn);
    this.requireDelivery(resource, role.logicalId);
    // Another stream for each deployment: no token may be issued twice.
    const deployment = this.redeployments === 0 ? '' : `/${this.redeployments}`;
    const random = (purpose: string): Random =>
      randomStream(seed, `stepfunctions/${resource.logicalId}/${purpose}${deployment}`);
    const services = new Integrations({
      front,
      faults,
      role: role.logicalId,
      machineName: resource.name,
      random: random('requests'),
    });
    return new Runner({
      machine: machineOf(resource, this.options.template),
      clock,
      services,
      random: random('run'),
      identity: {
        region: this.options.template.region,
        account: this.options.template.accountId,
        stateMachineName: resource.name,
        roleArn: role.arn,
      },
      tokens: this.tokens,
      latency: {
        start: () => latencies.draw('startExecution'),
        transition: (next) => latencies.draw('transition') + faults.takeStall(next),
        taskOverhead: () => latencies.draw('taskOverhead'),
      },
      onEvent: (event, execution) => this.observe(resource, event, execution),
    });
  }

  /** CreateStateMachine refuses a role that cannot set up the logs; traces it cannot send are lost in silence. */
  private requireDelivery({ logicalId, properties }: Resource, role: string): void {
    const allows = (action: string): boolean =>
      this.options.authority.ask(role, { action, resource: '*', context: {} }).allowed;
    const refused =
      properties['LoggingConfiguration'] === undefined ? undefined : logActions.find((action) => !allows(action));
    if (refused !== undefined)
      throw new Error(`State machine '${logicalId}' writes logs, but its role may not ${refused}`);
    const tracing = properties['TracingConfiguration'] as JsonObject | undefined;
    if (tracing?.['Enabled'] === true) traceActions.forEach(allows);
  }

  private observe(resource: Resource, event: HistoryEvent, execution: Execution): void {
    this.options.onEvent?.(event, execution);
    const metric = endMetrics[event.type];
    const dimensions = { StateMachineArn: resource.arn };
    if (metric !== undefined) this.options.count({ namespace: 'AWS/States', name: metric, dimensions }, 1);
    const entered = event.type.endsWith('StateEntered') ? event.stateEnteredEventDetails?.name : undefined;
    const crashAfterMs = entered === undefined ? undefined : this.options.faults.takeCrash(entered);
    if (crashAfterMs === undefined) return;
    const crash = (): void => execution.abort('Crashed', `The scenario crashed the run on entering ${entered}`);
    if (crashAfterMs === 0) crash();
    else this.options.clock.after(crashAfterMs, 'crash', crash);
  }

  private start(request: JsonObject): unknown {
    const hosted = this.machines.get(String(request['stateMachineArn']));
    if (hosted === undefined)
      throw new AwsError(
        'StateMachineDoesNotExist',
        `State Machine Does Not Exist: '${String(request['stateMachineArn'])}'`,
      );
    const name = String(request['name'] ?? this.names.uuid());
    if (!nameExpression.test(name)) throw new AwsError('InvalidName', `Invalid Name: '${name}'`);
    const input = String(request['input'] ?? '{}');
    if (!isJson(input))
      throw new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${input.slice(0, 100)}'`);
    if (Buffer.byteLength(input) > inputBytesMax)
      throw new AwsError('ValidationException', 'The input is longer than 262144 bytes');
    const earlier = hosted.executions.get(name);
    if (earlier !== undefined && (earlier.status !== 'RUNNING' || earlier.input !== input)) {
      throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${earlier.arn}'`);
    }
    const execution = earlier ?? hosted.runner.start(name, input);
    const { clock, latencies } = this.options;
    if (earlier === undefined) this.shownAt.set(execution.arn, clock.now() + latencies.draw('executionShown'));
    hosted.executions.set(name, execution);
    this.byArn.set(execution.arn, execution);
    return { executionArn: execution.arn, startDate: new Date(execution.startedAt) };
  }

  private stop(request: JsonObject): unknown {
    const execution = this.execution(request);
    if (execution.status === 'RUNNING') execution.abort(textOf(request['error']), textOf(request['cause']));
    return { stopDate: new Date(execution.stoppedAt!) };
  }

  private list(request: JsonObject): unknown {
    const wanted = request['statusFilter'];
    const all = this.executions.filter((one) => one.stateMachineArn === request['stateMachineArn']).reverse();
    const executions = all
      .filter((one) => wanted === undefined || one.status === wanted)
      .map(({ arn, name, stateMachineArn, status, startedAt, stoppedAt }) => ({
        executionArn: arn,
        name,
        stateMachineArn,
        status,
        startDate: new Date(startedAt),
        ...(stoppedAt !== undefined && { stopDate: new Date(stoppedAt) }),
      }));
    return { executions };
  }

  private execution(request: JsonObject): Execution {
    const arn = String(request['executionArn']);
    const execution = this.byArn.get(arn);
    if (execution === undefined) throw unknownExecution(arn);
    return execution;
  }

  private shownExecution(request: JsonObject): Execution {
    const execution = this.execution(request);
    if ((this.shownAt.get(execution.arn) ?? 0) > this.options.clock.now()) throw unknownExecution(execution.arn);
    return execution;
  }

  private send(action: () => void): object {
    try {
      action();
      return {};
    } catch (error) {
      if (error instanceof TokenError) throw new AwsError(error.name, error.message);
      throw error;
    }
  }
}

const logActions = [
  'logs:CreateLogDelivery',
  'logs:GetLogDelivery',
  'logs:UpdateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:DescribeResourcePolicies',
  'logs:DescribeLogGroups',
];
const traceActions = [
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
];

const endMetrics: Readonly<Partial<Record<string, string>>> = {
  ExecutionStarted: 'ExecutionsStarted',
  ExecutionSucceeded: 'ExecutionsSucceeded',
  ExecutionFailed: 'ExecutionsFailed',
  ExecutionAborted: 'ExecutionsAborted',
  ExecutionTimedOut: 'ExecutionsTimedOut',
};

const textOf = (value: unknown): string | undefined =>
  value === undefined || value === null ? undefined : String(value);

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function describe(execution: Execution): unknown {
  const { arn, name, stateMachineArn, status, startedAt, stoppedAt, input, output, error, cause } = execution;
  return {
    executionArn: arn,
    stateMachineArn,
    name,
    status,
    startDate: new Date(startedAt),
    ...(stoppedAt !== undefined && { stopDate: new Date(stoppedAt) }),
    input,
    inputDetails: { included: true },
    ...(output !== undefined && { output, outputDetails: { included: true } }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
  };
}
