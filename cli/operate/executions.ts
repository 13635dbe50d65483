/** Which executions a deployment had. */
import type { ExecutionListItem } from '@aws-sdk/client-sfn';
import { executionsListed } from '../../adapters/stepfunctions/histories';
import type { Session } from './session';

/** Newest first. */
export async function executionsSince({ world, whereabouts }: Session, from: number): Promise<ExecutionListItem[]> {
  const found: ExecutionListItem[] = [];
  for await (const run of executionsListed(world.aws.sfn, whereabouts.machine, world)) {
    if ((run.startDate?.getTime() ?? 0) < from) break;
    found.push(run);
  }
  return found;
}
