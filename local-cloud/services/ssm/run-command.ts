/**
 * Run Command: a Command document on one gateway. The agent must be reachable before the delivery timeout, else the
 * command ends as DeliveryTimedOut; a machine that dies under a running command lets it run into its own timeout.
 *
 * Parameters with `interpolationType: ENV_VAR` reach the script as `SSM_<name>` variables, the others as text.
 */

import { draw } from '../../../sim/network/durations';
import type { Machine } from '../../../sim/network/instances';
import type { Reality } from '../../../sim/reality';
import type { PhysicalWorld } from '../../../sim/world';
import type { VirtualClock } from '../../clock';
import type { Random } from '../../random';
import { AwsError, NotModelled } from '../../service';
import { boundParameters, type DocumentContent, type ParameterValue, type SsmDocument } from './documents';
import { gatewayPrograms } from './gateway-programs';
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

export class RunCommand {
  readonly commands = new Map<string, Command>();

  constructor(
    private readonly world: PhysicalWorld,
    private readonly documents: Readonly<Record<string, SsmDocument>>,
    private readonly random: Random,
    private readonly accountId: string,
    private readonly reality?: Reality,
  ) {}

  send({ DocumentName = '', InstanceIds = [], Parameters = {}, TimeoutSeconds }: SendCommandInput): Command {
    const document = this.documents[DocumentName];
    if (document?.type !== 'Command')
      throw new AwsError('InvalidDocument', `Document with name ${DocumentName} does not exist.`);
    const [instanceId] = InstanceIds;
    if (instanceId === undefined || InstanceIds.length > 1)
      throw new NotModelled('ssm', 'SendCommand to other than one instance');
    const timeoutS = Number(TimeoutSeconds ?? deliveryTimeoutS);
    if (timeoutS < deliveryTimeoutMinS)
      throw new AwsError('ValidationException', `TimeoutSeconds must be at least ${deliveryTimeoutMinS}`);
    const bound = boundParameters(document.content, Parameters, 'InvalidParameters');
    const machine = this.world.instances.machines.get(instanceId);
    if (machine === undefined || machine.agentSeenAt === null || machine.state !== 'running')
      throw new AwsError(
        'InvalidInstanceId',
        `Instances [[${instanceId}]] not in a valid state for account ${this.accountId}`,
      );
    const about = { id: this.random.uuid(), documentName: DocumentName, instanceId, requestedAt: this.clock.now() };
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
    machine: Machine,
    content: DocumentContent,
    parameters: Readonly<Record<string, ParameterValue>>,
    deliverUntil: number,
  ): Promise<void> {
    while (!this.world.instances.agentReachable(machine)) {
      if (this.clock.now() >= deliverUntil) return end(command, 'TimedOut', 'DeliveryTimedOut');
      await this.clock.sleep(Math.min(deliveryTryMs, deliverUntil - this.clock.now()), 'command delivery');
    }
    command.status = 'InProgress';
    command.details = 'InProgress';
    await this.clock.sleep(draw(this.world.durations.runCommand, this.random), 'run command');
    const { life } = machine;
    const isDead = (): boolean => machine.life !== life || !this.world.instances.agentReachable(machine);
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
    machine: Machine,
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
    if (this.reality !== undefined) return this.reality.runScript(machine.id, script, variables);
    return runScript(script, { programs: gatewayPrograms(this.world, machine, sleep), variables, sleep });
  }
}

function end(command: Command, status: Command['status'], details: string): void {
  command.status = status;
  command.details = details;
}
