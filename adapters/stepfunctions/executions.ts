/**
 * Starts executions of the failover state machine, and asks whether one still runs. Names are deterministic, so a duplicate event meets the execution
 * of the first one: "already exists" is success.
 */
import { DescribeExecutionCommand, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { digestOf } from '../../core/words/digest';
import type { Signal } from '../../core/words/evidence';
import { attempt, type Clock } from '../attempt';
import { isNamed } from '../errors';

export interface Executions {
  start(name: string, input: Signal): Promise<'started' | 'exists'>;
  /** `absent`: nobody knows it, or not yet: Step Functions shows a new execution a moment late. */
  stateOf(arn: string): Promise<'running' | 'ended' | 'absent'>;
}

/** Step Functions' own limit. */
const nameLengthMax = 80;

export function executions(sfn: Pick<SFNClient, 'send'>, stateMachineArn: string, clock: Clock): Executions {
  return {
    start: (name, input) =>
      attempt(clock, { operation: 'StartExecution', on: name }, async () => {
        try {
          await sfn.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
          return 'started';
        } catch (error) {
          if (isNamed(error, 'ExecutionAlreadyExists', 'ExecutionAlreadyExistsException')) return 'exists';
          throw error;
        }
      }),
    stateOf: (arn) =>
      attempt(clock, { operation: 'DescribeExecution', on: arn }, async () => {
        try {
          const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn: arn }));
          return status === 'RUNNING' ? 'running' : 'ended';
        } catch (error) {
          if (isNamed(error, 'ExecutionDoesNotExist', 'ExecutionDoesNotExistException')) return 'absent';
          throw error;
        }
      }),
  };
}

/** Parts to a name Step Functions accepts. One that is too long is cut and ends in a digest of the whole. */
export function executionName(...parts: readonly (string | number)[]): string {
  const name = parts.join('-').replace(/[^A-Za-z0-9_-]/g, '-');
  const digest = digestOf(parts.join('/')).slice(0, 12);
  return name.length <= nameLengthMax ? name : `${name.slice(0, nameLengthMax - digest.length - 1)}-${digest}`;
}
