/**
 * One SSM Automation execution: does it still run, how did it end, what did it hand back. Completion is polled, since
 * Systems Manager's events are best effort.
 */
import { type AutomationExecution, GetAutomationExecutionCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { AutomationFacts } from '../../core/words/evidence';
import { attempt, type Clock } from '../attempt';
import { isNamed } from '../errors';

export interface Automation {
  /** Null: Systems Manager does not know this id. */
  read(id: string): Promise<AutomationRead | null>;
}

export interface AutomationRead extends AutomationFacts {
  /** The client token of the repair it was started for; empty: it does not say. */
  readonly repair: string;
}

const successes = new Set(['Success', 'CompletedWithSuccess']);
const unfinished = new Set([
  'Pending',
  'InProgress',
  'Waiting',
  'Cancelling',
  'PendingApproval',
  'Approved',
  'Scheduled',
  'RunbookInProgress',
  'PendingChangeCalendarOverride',
  'ChangeCalendarOverrideApproved',
]);

export function automation(ssm: Pick<SSMClient, 'send'>, clock: Clock): Automation {
  return {
    read: (id) =>
      attempt(clock, { operation: 'GetAutomationExecution', on: id }, async () => {
        try {
          const answer = await ssm.send(new GetAutomationExecutionCommand({ AutomationExecutionId: id }));
          return answer.AutomationExecution === undefined ? null : factsOf(id, answer.AutomationExecution);
        } catch (error) {
          if (isNamed(error, 'AutomationExecutionNotFoundException')) return null;
          throw error;
        }
      }),
  };
}

function factsOf(id: string, execution: AutomationExecution): AutomationRead {
  const status = execution.AutomationExecutionStatus ?? 'InProgress';
  const ended = wasRefused(execution) ? 'refused' : 'failed';
  const state = successes.has(status) ? 'success' : unfinished.has(status) ? 'running' : ended;
  return {
    id,
    status: state,
    endedAt: state === 'running' ? null : (instantOf(execution.ExecutionEndTime) ?? null),
    outputs: Object.fromEntries(
      Object.entries(execution.Outputs ?? {}).flatMap(([key, values]) => (values[0] ? [[nameOf(key), values[0]]] : [])),
    ),
    failure: state === ended ? (execution.FailureMessage ?? status) : '',
    repair: execution.Parameters?.['Repair']?.[0] ?? '',
  };
}

/**
 * Every repair document begins with the first of these steps, and does nothing when it fails; at an end elsewhere it ends
 * with the second where a function did not claim the gateway for it (infra/ends/claimed-elsewhere.ts).
 */
const claimStep = 'claimGateway';
const refusalStep = 'claimRefused';

const wasRefused = ({ StepExecutions = [] }: AutomationExecution): boolean =>
  StepExecutions.some(
    ({ StepName, StepStatus = '' }) =>
      (StepName === claimStep && !successes.has(StepStatus)) || (StepName === refusalStep && StepStatus === 'Failed'),
  );

/** A document's output is `step.Name`; the document's contract is the name alone. */
const nameOf = (key: string): string => key.slice(key.indexOf('.') + 1);

const instantOf = (date: Date | undefined): number | undefined =>
  date === undefined ? undefined : new Date(date).getTime();
