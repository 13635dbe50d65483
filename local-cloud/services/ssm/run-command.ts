/**
 * Run Command: a Command document on one machine. The agent must be reachable before the delivery timeout, else the
 * command ends as DeliveryTimedOut; a machine that dies under a running command lets it run into its own timeout.
 *
 * Parameters with `interpolationType: ENV_VAR` reach the script as `SSM_<name>` variables, the others as text.
 */

import type { VirtualClock } from '../../clock';
import { draw, type Random } from '../../random';
import type { Reality } from '../../reality';
import { AwsError, NotModelled } from '../../service';
import type { VirtualMachine, WorldPort } from '../../world-port';
import { boundParameters, type DocumentContent, type ParameterValue, type SsmDocument } from './documents';
import type { SsmDurations } from './durations';
import { asText, resolve } from './references';
import { runScript } from './shell';

export interface Command {
  readonly id: string;
  readonly documentName: string;
  readonly instanceId: string;
  readonly requestedAt: number;
  status: 'Pending' | 'InProgress' | 'Success' | 'Failed' | 'TimedOut';
  details: string;
  code: number;
  stdout: string;
  stderr: string;
}

export interface SendCommandInput {
  readonly DocumentName?: string;
  readonly InstanceIds?: readonly string[];
  readonly Parameters?: Readonly<Record<string, readonly string[]>>;
  readonly TimeoutSeconds?: number | string;
}

/** Run Command's default and minimum delivery timeouts. */
const deliveryTimeoutS = 3_600;
const deliveryTimeoutMinS = 30;
/** How often the service tries an agent that does not answer. */
const deliveryTryMs = 1_000;
/** `timeoutSeconds` of aws:runShellScript when the document says none. */
const executionTimeoutS = 3_600;

export interface RunCommandOptions {
  readonly documents: Readonly<Record<string, SsmDocument>>;
  readonly random: Random;
  readonly accountId: string;
  readonly durations: Pick<SsmDurations, 'runCommand'>;
  readonly reality?: Reality | undefined;
}

export class RunCommand {
  readonly commands = new Map<string, Command>();

  constructor(
    private readonly world: WorldPort,
    private readonly options: RunCommandOptions,
  ) {}

  send({ DocumentName = '', InstanceIds = [], Parameters = {}, TimeoutSeconds }: SendCommandInput): Command {
    const document = this.options.documents[DocumentName];
    if (document?.type !== 'Command')
      throw new AwsError('InvalidDocument', `Document with name ${DocumentName} does not exist.`);
    const [instanceId] = InstanceIds;
    if (instanceId === undefined || InstanceIds.length > 1)
      throw new NotModelled('ssm', 'SendCommand to other than one instance');
    const timeoutS = Number(TimeoutSeconds ?? deliveryTimeoutS);
    if (timeoutS < deliveryTimeoutMinS)
      throw new AwsError('ValidationException', `TimeoutSeconds must be at least ${deliveryTimeoutMinS}`);
    const bound = boundParameters(document.content, Parameters, 'InvalidParameters');
    const machine = this.world.machines.all.get(instanceId);
    if (machine === undefined || machine.agentSeenAt === null || machine.state !== 'running')
      throw new AwsError(
        'InvalidInstanceId',
        `Instances [[${instanceId}]] not in a valid state for account ${this.options.accountId}`,
      );
    const about = {
      id: this.options.random.uuid(),
      documentName: DocumentName,
      instanceId,
      requestedAt: this.clock.now(),
    };
    const command: Command = { ...about, status: 'Pending', details: 'Pending', code: -1, stdout: '', stderr: '' };
    this.commands.set(command.id, command);
    this.clock.after(1, `command ${DocumentName} on ${instanceId}`, () =>
      this.run(command, machine, document.content, bound, this.clock.now() + timeoutS * 1_000),
    );
    return command;
  }

  private get clock(): VirtualClock {
    return this.world.clock;
  }

  private async run(
    command: Command,
    machine: VirtualMachine,
    content: DocumentContent,
    parameters: Readonly<Record<string, ParameterValue>>,
    deliverUntil: number,
  ): Promise<void> {
    while (!this.world.machines.agentReachable(machine.id)) {
      if (this.clock.now() >= deliverUntil) return end(command, 'TimedOut', 'DeliveryTimedOut');
      await this.clock.sleep(Math.min(deliveryTryMs, deliverUntil - this.clock.now()), 'command delivery');
    }
    command.status = 'InProgress';
    command.details = 'InProgress';
    await this.clock.sleep(draw(this.options.durations.runCommand, this.options.random), 'run command');
    const { life } = machine;
    const isDead = (): boolean => machine.life !== life || !this.world.machines.agentReachable(machine.id);
    for (const step of content.mainSteps) {
      if (step.action !== 'aws:runShellScript') throw new NotModelled('ssm', `the plugin ${step.action}`);
      const timeoutMs = Number(step.inputs?.['timeoutSeconds'] ?? executionTimeoutS) * 1_000;
      const startedAt = this.clock.now();
      const result = isDead() ? null : await this.script(machine, content, step.inputs ?? {}, parameters);
      if (result === null || isDead() || this.clock.now() - startedAt > timeoutMs) {
        await this.clock.sleep(Math.max(0, startedAt + timeoutMs - this.clock.now()), 'command timeout');
        return end(command, 'TimedOut', 'ExecutionTimedOut');
      }
      command.code = result.code;
      command.stdout += result.stdout;
      command.stderr += result.stderr;
      if (result.code !== 0) return end(command, 'Failed', 'Failed');
    }
    end(command, 'Success', 'Success');
  }

  private script(
    machine: VirtualMachine,
    content: DocumentContent,
    inputs: Readonly<Record<string, unknown>>,
    parameters: Readonly<Record<string, ParameterValue>>,
  ) {
    const asVariable = (name: string): boolean => content.parameters?.[name]?.interpolationType === 'ENV_VAR';
    const variables = new Map(
      Object.entries(parameters).flatMap(([name, value]) =>
        asVariable(name) ? [[`SSM_${name}`, asText(value)] as const] : [],
      ),
    );
    const lines = resolve(inputs['runCommand'], (name) => {
      if (asVariable(name))
        throw new NotModelled('ssm', `{{ ${name} }} in a script though it is an environment variable`);
      return parameters[name];
    });
    const sleep = (ms: number): Promise<void> => this.clock.sleep(ms, 'script');
    const script = (lines as readonly string[]).join('\n');
    const { reality } = this.options;
    if (reality !== undefined) return reality.runScript(machine.id, script, variables);
    return runScript(script, { programs: this.world.machines.programsOn(machine.id, sleep), variables, sleep });
  }
}

function end(command: Command, status: Command['status'], details: string): void {
  command.status = status;
  command.details = details;
}
