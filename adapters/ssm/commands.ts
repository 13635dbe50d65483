/**
 * One Command document on one machine, sent and waited for. A question may be asked again: what is read is read by a document
 * that changes nothing.
 */
import {
  GetCommandInvocationCommand,
  type GetCommandInvocationCommandOutput,
  SendCommandCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { attempt, type Clock } from '../attempt';
import { isNamed } from '../errors';

export interface Sent {
  readonly document: string;
  readonly instanceId: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface Answered {
  /** `waiting`: it has not ended within the time it was given. */
  readonly result: 'success' | 'failed' | 'waiting';
  /** What the machine printed. */
  readonly output: string;
  /** Systems Manager's own word. */
  readonly status: string;
}

/** Run Command's own minimum, for delivery. */
const deliveryMinSeconds = 30;
const pollMs = 500;
const unfinished = new Set(['Pending', 'InProgress', 'Delayed', 'Cancelling']);

/** Throws AwsUnavailable, AccessDenied and the like; what the machine says is no fault. */
export async function runCommand(
  ssm: Pick<SSMClient, 'send'>,
  clock: Clock,
  { document, instanceId, parameters }: Sent,
  withinMs: number,
): Promise<Answered> {
  const deadlineAt = clock.now() + withinMs;
  const on = `${document} on ${instanceId}`;
  const send = new SendCommandCommand({
    DocumentName: document,
    InstanceIds: [instanceId],
    Parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, [value]])),
    TimeoutSeconds: deliveryMinSeconds,
  });
  const { Command } = await attempt(clock, { operation: 'SendCommand', on }, () => ssm.send(send));
  const ask = new GetCommandInvocationCommand({ CommandId: Command?.CommandId, InstanceId: instanceId });
  for (;;) {
    await clock.sleep(pollMs);
    const { Status = 'Pending', StandardOutputContent: output = '' } = await attempt(
      clock,
      { operation: 'GetCommandInvocation', on },
      async (): Promise<Pick<GetCommandInvocationCommandOutput, 'Status' | 'StandardOutputContent'>> => {
        try {
          return await ssm.send(ask);
        } catch (error) {
          if (isNamed(error, 'InvocationDoesNotExist')) return {}; // Not yet.
          throw error;
        }
      },
    );
    if (!unfinished.has(Status)) return { result: Status === 'Success' ? 'success' : 'failed', output, status: Status };
    if (clock.now() >= deadlineAt) return { result: 'waiting', output: '', status: Status };
  }
}
