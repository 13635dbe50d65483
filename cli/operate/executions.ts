/** Which executions a deployment had. */
import { type ExecutionListItem, ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { attempt } from '../../adapters/attempt';
import type { Session } from './session';

/** Newest first. */
export async function executionsSince(session: Session, from: number): Promise<ExecutionListItem[]> {
  const { world, whereabouts } = session;
  const found: ExecutionListItem[] = [];
  let nextToken: string | undefined;
  do {
    const list = new ListExecutionsCommand({
      stateMachineArn: whereabouts.machine,
      maxResults: 1_000,
      ...(nextToken && { nextToken }),
    });
    const tried = { operation: 'ListExecutions', on: whereabouts.machine };
    const page = await attempt(world, tried, () => world.aws.sfn.send(list));
    const young = (page.executions ?? []).filter(({ startDate }) => (startDate?.getTime() ?? 0) >= from);
    found.push(...young);
    // Newest first: a page that ends before `from` is the last that matters.
    nextToken = young.length === (page.executions ?? []).length ? page.nextToken : undefined;
  } while (nextToken !== undefined);
  return found;
}
