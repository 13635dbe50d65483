/** A canary's run on virtual time, against a table that answers. */
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { reportFromItem } from '../../../../adapters/dynamodb/report-item';
import type { Deployment, ProbeTarget } from '../../../../core/words/domain';
import type { CanaryReport } from '../../../../core/words/evidence';
import { createHandler } from '../../../../functions/canary';
import { deployment } from '../../../given';
import { awsError, awsMocks } from '../../adapters/aws-mocks';
import { startAt, VirtualWorld } from '../virtual-world';

type Dated = CanaryReport & { readonly writtenMs: number };

export function controlledBy(controlTarget: ProbeTarget): Deployment {
  const sample = deployment();
  const paris = sample.connections['paris']!;
  const canaries = paris.canaries.map((canary) => ({ ...canary, controlTarget }));
  return { ...sample, connections: { ...sample.connections, paris: { ...paris, canaries } } };
}

/** A canary function with its table, and all that it says. */
export function make(ids = 'paris/path-a', site = deployment()) {
  const mocks = awsMocks();
  const world = new VirtualWorld(mocks);
  world.env['CANARIES'] = ids;
  const reports: Dated[] = [];
  const pings: number[] = [];
  /** The item by which canaries of several functions tell each other that one begins to fail. */
  const failing: { said: number[]; since: number | null } = { said: [], since: null };
  const tableAnswers = () => {
    mocks.dynamodb.on(GetItemCommand).callsFake(({ Key }) => {
      const isSaid = failing.since !== null && Key.canary.S === 'failing#paris';
      return isSaid ? { Item: { since: { N: String(startAt + failing.since!) } } } : {};
    });
    mocks.dynamodb.on(PutItemCommand).callsFake(({ Item, ConditionExpression }) => {
      const atMs = world.now() - startAt;
      if (Item.canary.S === 'failing#paris') {
        failing.said.push(atMs);
        failing.since = Number(Item.since.N) - startAt;
        return {};
      }
      if (ConditionExpression !== undefined) {
        pings.push(atMs);
        throw awsError('ConditionalCheckFailedException');
      }
      reports.push({ ...reportFromItem(Item), writtenMs: atMs });
      return {};
    });
  };
  tableAnswers();
  const handler = createHandler(world, site);
  const runAll = () => world.finish(handler({}, world.context(90_000)));
  const run = async () => (await runAll())[0]!;
  const metricLines = () => world.lines.filter((line) => '_aws' in line);
  /** Attempts to the peer, not the gateway probe. */
  const attempts = () => world.connects.filter((attempt) => attempt.port === 443);
  return { mocks, world, reports, pings, failing, tableAnswers, run, runAll, metricLines, attempts };
}
