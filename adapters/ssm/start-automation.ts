/** Starts one SSM Automation; the client token makes a repeated start the same start. */
import { type SSMClient, StartAutomationExecutionCommand } from '@aws-sdk/client-ssm';
import { attempt, type Clock } from '../attempt';

export interface Start {
  readonly document: string;
  /** As Systems Manager takes them: every value a list of texts. */
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  readonly clientToken: string;
}

/** Its id. Throws AwsUnavailable, AccessDenied and the like. */
export async function startAutomation(
  ssm: Pick<SSMClient, 'send'>,
  clock: Clock,
  { document, parameters, clientToken }: Start,
): Promise<string> {
  const start = new StartAutomationExecutionCommand({
    DocumentName: document,
    Parameters: Object.fromEntries(Object.entries(parameters).map(([name, values]) => [name, [...values]])),
    ClientToken: clientToken,
  });
  const tried = { operation: 'StartAutomationExecution', on: document };
  const { AutomationExecutionId: id } = await attempt(clock, tried, () => ssm.send(start));
  return id!;
}
