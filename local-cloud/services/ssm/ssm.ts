/**
 * Systems Manager at SDK-command level: Automation, Run Command and what it believes about agents.
 *
 * Runs the very documents of the template; each API step goes out through `callAs` with the document's role, so the
 * runbooks meet the same permissions, throttles and faults as everybody.
 */

import type { GetDocumentCommandInput, GetParametersCommandInput, PutParameterCommandInput } from '@aws-sdk/client-ssm';
import { draw, type Random, randomStream } from '../../random';
import type { Reality } from '../../reality';
import { AwsError, type FakeService, NotModelled } from '../../service';
import type { WorldPort } from '../../world-port';
import { AutomationRun, type AutomationWorld } from './automation';
import { boundParameters, type SsmDocument } from './documents';
import { type SsmDurations, ssmDurations } from './durations';
import { Parameters } from './parameters';
import { asText } from './references';
import { type Command, RunCommand, type SendCommandInput } from './run-command';

/** Calls a service as this role: an ARN or a logical id, as the document's `assumeRole` says it. */
type CallAs = AutomationWorld['callAs'];

export interface SsmOptions {
  readonly seed: number;
  readonly region: string;
  readonly documents: Readonly<Record<string, SsmDocument>>;
  readonly callAs: CallAs;
  readonly accountId?: string;
  readonly durations?: Partial<SsmDurations> | undefined;
  /** Runs scripts for real. */
  readonly reality?: Reality | undefined;
  /** How the next attempt of this step fails, if it does. */
  readonly failureOf?: AutomationWorld['failureOf'];
  /** How long an automation that is started now waits for others to end. */
  readonly queueMs?: () => number;
  /** A run has ended. */
  readonly onAutomationEnd?: (run: AutomationRun) => void;
}

interface StartInput {
  readonly DocumentName?: string;
  readonly Parameters?: Readonly<Record<string, readonly string[]>>;
  readonly ClientToken?: string;
}

const uuidPattern = /^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$/;

export class SsmFake implements FakeService {
  readonly name = 'ssm';
  readonly runs = new Map<string, AutomationRun>();
  readonly parameters: Parameters;
  private readonly byToken = new Map<string, { readonly request: string; readonly id: string }>();
  private readonly random: Random;
  private readonly runCommand: RunCommand;
  private readonly durations: SsmDurations;

  constructor(
    private readonly world: WorldPort,
    private readonly options: SsmOptions,
  ) {
    this.random = randomStream(options.seed, 'ssm');
    this.parameters = new Parameters(() => world.clock.now());
    this.durations = { ...ssmDurations, ...options.durations };
    const { durations } = this;
    const { documents, accountId = '123456789012', reality } = options;
    const random = randomStream(options.seed, 'ssm/commands');
    this.runCommand = new RunCommand(world, { documents, random, accountId, durations, reality });
  }

  async call(operation: string, input: unknown): Promise<unknown> {
    const run = this.calls[operation];
    if (run === undefined) throw new NotModelled('ssm', operation);
    return run(input as never);
  }

  private readonly calls: Readonly<Record<string, (input: never) => object>> = {
    StartAutomationExecution: (input: StartInput) => ({ AutomationExecutionId: this.start(input) }),
    GetAutomationExecution: ({ AutomationExecutionId = '' }: { AutomationExecutionId?: string }) => ({
      AutomationExecution: describeRun(this.runNamed(AutomationExecutionId)),
    }),
    StopAutomationExecution: (input: { AutomationExecutionId?: string; Type?: string }) => {
      const run = this.runNamed(input.AutomationExecutionId ?? '');
      if (input.Type !== undefined && input.Type !== 'Cancel')
        throw new NotModelled('ssm', `stopping by ${input.Type}`);
      if (!run.isOver) run.stop();
      return {};
    },
    GetDocument: (input: GetDocumentCommandInput) => this.document(input),
    GetParameters: (input: GetParametersCommandInput) => this.parameters.get(input),
    PutParameter: (input: PutParameterCommandInput) => this.parameters.put(input),
    DescribeInstanceInformation: (input: InformationInput) => ({ InstanceInformationList: this.information(input) }),
    SendCommand: (input: SendCommandInput) => ({ Command: describeCommand(this.runCommand.send(input)) }),
    GetCommandInvocation: ({ CommandId = '', InstanceId = '' }: { CommandId?: string; InstanceId?: string }) => {
      const command = this.runCommand.commands.get(CommandId);
      if (command?.instanceId !== InstanceId) throw new AwsError('InvocationDoesNotExist', 'UnknownError');
      return describeInvocation(command);
    },
    ListCommandInvocations: ({ CommandId = '' }: { CommandId?: string }) => {
      const command = this.runCommand.commands.get(CommandId);
      return { CommandInvocations: command === undefined ? [] : [listInvocation(command)] };
    },
  };

  private document({ Name = '', DocumentFormat = 'JSON', ...rest }: GetDocumentCommandInput): object {
    if (DocumentFormat !== 'JSON' || Object.values(rest).some((value) => value !== undefined))
      throw new NotModelled('ssm', 'GetDocument other than of the newest, as JSON');
    const document = this.options.documents[Name];
    if (document === undefined) throw new AwsError('InvalidDocument', `Document with name ${Name} does not exist.`);
    return { Name, DocumentFormat, DocumentType: document.type, Content: JSON.stringify(document.content) };
  }

  private start({ DocumentName = '', Parameters = {}, ClientToken }: StartInput): string {
    const document = this.options.documents[DocumentName];
    if (document?.type !== 'Automation')
      throw new AwsError('AutomationDefinitionNotFoundException', `Document with name ${DocumentName} does not exist.`);
    if (ClientToken !== undefined && !uuidPattern.test(ClientToken))
      throw new AwsError(
        'ValidationException',
        `Value '${ClientToken}' at 'clientToken' failed to satisfy constraint: UUID`,
      );
    const request = JSON.stringify([DocumentName, Object.entries(Parameters).sort()]);
    const earlier = ClientToken === undefined ? undefined : this.byToken.get(ClientToken);
    if (earlier !== undefined && earlier.request !== request)
      throw new AwsError('IdempotentParameterMismatch', 'The client token was used before with other parameters.');
    if (earlier !== undefined) return earlier.id;
    const bound = boundParameters(document.content, Parameters, 'InvalidAutomationExecutionParametersException');
    const run = new AutomationRun(this.random.uuid(), DocumentName, document.content, bound, this.automationWorld());
    this.runs.set(run.id, run);
    if (ClientToken !== undefined) this.byToken.set(ClientToken, { request, id: run.id });
    this.world.clock.after(
      draw(this.durations.automationStart, this.random) + (this.options.queueMs?.() ?? 0),
      `automation ${DocumentName}`,
      async () => {
        await run.run();
        this.options.onAutomationEnd?.(run);
      },
    );
    return run.id;
  }

  private automationWorld(): AutomationWorld {
    const { clock } = this.world;
    const { durations } = this;
    const globals = { REGION: this.options.region, ACCOUNT_ID: this.options.accountId ?? '123456789012' };
    const { callAs, failureOf } = this.options;
    return { clock, durations, random: this.random, globals, callAs, ...(failureOf && { failureOf }) };
  }

  private runNamed(id: string): AutomationRun {
    const run = this.runs.get(id);
    if (run === undefined)
      throw new AwsError('AutomationExecutionNotFoundException', `Automation execution ${id} does not exist.`);
    return run;
  }

  /** Only instances whose agent has ever reported are known. */
  private information({ Filters = [], InstanceInformationFilterList = [] }: InformationInput): object[] {
    const wanted = [
      ...Filters.map(({ Key, Values }) => ({ key: Key, values: Values })),
      ...InstanceInformationFilterList.map(({ key, valueSet }) => ({ key, values: valueSet })),
    ];
    const all = [...this.world.machines.all.values()].flatMap((machine) => {
      if (machine.agentSeenAt === null) return [];
      const online = this.world.machines.agentSeemsOnline(machine.id);
      const seenAt = this.world.machines.agentReachable(machine.id) ? this.world.clock.now() : machine.agentSeenAt;
      return [
        {
          InstanceId: machine.id,
          PingStatus: online ? 'Online' : 'ConnectionLost',
          LastPingDateTime: new Date(seenAt),
          PlatformType: 'Linux',
          ResourceType: 'EC2Instance',
        },
      ];
    });
    return all.filter((each) =>
      wanted.every(({ key, values }) => {
        if (key === 'InstanceIds') return values.includes(each.InstanceId);
        if (key === 'PingStatus') return values.includes(each.PingStatus);
        throw new AwsError('InvalidFilterKey', `The specified filter key isn't valid: ${key}`);
      }),
    );
  }
}

interface InformationInput {
  readonly Filters?: readonly { readonly Key: string; readonly Values: readonly string[] }[];
  readonly InstanceInformationFilterList?: readonly { readonly key: string; readonly valueSet: readonly string[] }[];
}

const instant = (at: number | null): Date | undefined => (at === null ? undefined : new Date(at));

const texts = (values: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, asText(value)]));

const lists = (values: Readonly<Record<string, unknown>>): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, Array.isArray(value) ? value.map(asText) : [asText(value)]]),
  );

function describeRun(run: AutomationRun): object {
  return {
    AutomationExecutionId: run.id,
    DocumentName: run.documentName,
    DocumentVersion: '1',
    AutomationExecutionStatus: run.status,
    ExecutionStartTime: new Date(run.startedAt),
    ExecutionEndTime: instant(run.endedAt),
    Mode: 'Auto',
    Parameters: lists(run.parameters),
    Outputs: run.outputs(),
    FailureMessage: run.failure === '' ? undefined : run.failure,
    CurrentStepName: run.current?.step.name,
    CurrentAction: run.current?.step.action,
    StepExecutionsTruncated: false,
    StepExecutions: run.records.map(({ step, status, inputs, outputs, startedAt, endedAt, failure }) => ({
      StepName: step.name,
      Action: step.action,
      StepStatus: status,
      OnFailure: step.onFailure ?? 'Abort',
      Inputs: texts(inputs),
      Outputs: lists(outputs),
      ExecutionStartTime: instant(startedAt),
      ExecutionEndTime: instant(endedAt),
      FailureMessage: failure === '' ? undefined : failure,
    })),
  };
}

function describeCommand({ id, documentName, instanceId, requestedAt, status, details }: Command): object {
  const about = { CommandId: id, DocumentName: documentName, InstanceIds: [instanceId] };
  return { ...about, RequestedDateTime: new Date(requestedAt), Status: status, StatusDetails: details };
}

function describeInvocation(command: Command): object {
  return {
    CommandId: command.id,
    InstanceId: command.instanceId,
    DocumentName: command.documentName,
    Status: command.status,
    StatusDetails: command.details,
    ResponseCode: command.code,
    StandardOutputContent: command.stdout,
    StandardErrorContent: command.stderr,
  };
}

function listInvocation(command: Command): object {
  const { id, instanceId, documentName, status, details, code, stdout, stderr } = command;
  const plugin = { Name: 'aws:runShellScript', Status: status, ResponseCode: code, Output: stdout + stderr };
  const about = { CommandId: id, InstanceId: instanceId, DocumentName: documentName };
  return { ...about, Status: status, StatusDetails: details, CommandPlugins: [plugin] };
}
