/**
 * What a test may ask of a run that was played in another process: the finished cloud as plain data, under the names it
 * has in the cloud itself.
 */
import type { Execution } from '../../local-cloud/asl/runner';
import type { CallRecord } from '../../local-cloud/front/front';
import type { Authority, Usage } from '../../local-cloud/iam/authority';
import type { Played } from '../../sim/playback';
import type { SimulationResult } from '../../sim/simulate';
import type { SimulatedCloud } from '../../sim/simulated-cloud';

type Recorded<T, K extends keyof T> = { readonly [Each in K]: T[Each] };

export type ExecutionRecord = Recorded<
  Execution,
  'arn' | 'name' | 'status' | 'input' | 'output' | 'error' | 'cause' | 'startedAt' | 'stoppedAt' | 'history'
>;

interface RunRecord {
  readonly documentName: string;
  readonly status: string;
  readonly records: readonly { readonly status: string }[];
}

export interface CloudRecord {
  readonly stepfunctions: { readonly executions: readonly ExecutionRecord[] };
  readonly front: { readonly calls: readonly CallRecord[] };
  readonly ssm: { readonly runs: ReadonlyMap<string, RunRecord> };
  readonly topics: Recorded<SimulatedCloud['topics'], 'inbox'>;
  readonly roles: Authority['roles'];
  readonly usage: readonly Usage[];
  /** Of the roles of ends in other regions and accounts. */
  readonly usageElsewhere: readonly Usage[];
}

export interface PlayedRecord {
  readonly name: string;
  readonly result: SimulationResult;
  readonly cloud: CloudRecord;
}

export function recordOf({ name, result, cloud }: Played): PlayedRecord {
  const { stepfunctions, front, ssm, topics, authority } = cloud;
  const executions = stepfunctions.executions.map(
    ({ arn, name, status, input, output, error, cause, startedAt, stoppedAt, history }) => ({
      ...{ arn, name, status, input, output, error, cause, startedAt, stoppedAt, history },
    }),
  );
  const runs = [...ssm.runs].map(([id, { documentName, status, records }]): [string, RunRecord] => [
    id,
    { documentName, status, records: records.map((record) => ({ status: record.status })) },
  ]);
  return {
    name,
    result,
    cloud: {
      stepfunctions: { executions },
      front: { calls: front.calls },
      ssm: { runs: new Map(runs) },
      topics: { inbox: topics.inbox },
      roles: authority.roles,
      usage: authority.usage(),
      usageElsewhere: [...cloud.ends.values()].flatMap((end) => end.authority.usage()),
    },
  };
}
