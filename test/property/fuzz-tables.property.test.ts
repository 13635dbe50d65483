/**
 * Bad items under the real state machine: the state table holds something that is damaged or another version's, and
 * alarms and the sweep keep coming.
 *
 * Laws: nothing moves and nothing is repaired on a quiet day; a run that fails has a name and a short reason; none
 * spins; a memory that nobody could read is still there afterwards.
 */
import fc from 'fast-check';
import { emptyMemory, type Memory } from '../../core/store/memory';
import { simulationStart } from '../../local-cloud/latency';
import type { SimulatedCloud } from '../../sim/simulated-cloud';
import { mutated, outcomeOf, runs, seed } from './fuzz';
import { attributesOf } from './plain-items';
import { at, play, playQuiet, routeWrites } from './quiet-cloud';

const now = simulationStart + 60_000;
const memory: Memory = {
  ...emptyMemory,
  incident: { id: 'paris-1', openedAt: now - 600_000, because: 'path a is down' },
  healthySince: { a: now - 60_000, b: now - 600_000 },
  told: { 'brake/none': now - 500_000 },
};
const sound = {
  token: 7,
  signals: 5,
  memory: JSON.stringify(memory),
  drains: {},
  acknowledgedAt: now - 400_000,
};

/** Over the cloud's head: what was stored before the first run, or by somebody else. */
async function put(cloud: SimulatedCloud, connection: string, item: unknown): Promise<void> {
  const Item = { ...attributesOf(item), pk: { S: `connection#${connection}` }, sk: { S: 'lease' } };
  const outcome = await outcomeOf(() => cloud.dynamodb.call('PutItem', { TableName: stateTable(cloud), Item }));
  if ('error' in outcome && outcome.error.name !== 'ValidationException') throw outcome.error; // No item at all.
}

const stateTable = (cloud: SimulatedCloud): string =>
  cloud.template
    .ofType('AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable')
    .find(({ properties }) => JSON.stringify(properties['KeySchema']).includes('"sk"'))!.name;

async function storedMemory(cloud: SimulatedCloud): Promise<string> {
  const key = { pk: { S: 'connection#paris' }, sk: { S: 'lease' } };
  return String((await cloud.dynamodb.peek(stateTable(cloud), key))?.['memory']?.['S']);
}

function expectCalm(cloud: SimulatedCloud): void {
  expect(routeWrites(cloud)).toEqual([]);
  for (const { status, error, cause, history } of cloud.stepfunctions.executions) {
    expect(['SUCCEEDED', 'FAILED', 'RUNNING']).toContain(status);
    expect(history.length).toBeLessThan(1_000);
    if (status !== 'FAILED') continue;
    expect(error).toMatch(/^(MalformedInput|AssessFailed|LeaseUnavailable|LeaseContended|SignalNotRecorded)$/);
    expect(cause).not.toMatch(/TypeError|RangeError|ReferenceError/);
    expect(cause!.length).toBeLessThan(4_000);
  }
}

const signal = (connection: string) => async (cloud: SimulatedCloud) => {
  const input = JSON.stringify({ connection, source: 'operator' });
  const request = { stateMachineArn: cloud.stepfunctions.onlyMachineArn, input };
  await cloud.front.call({ role: 'operator', by: 'operator' }, 'stepfunctions', 'StartExecution', request);
};

describe(`bad items in the table (seed ${seed})`, () => {
  it('move nothing, end by name, and make no run spin', async () => {
    const items = fc.oneof(
      mutated(sound),
      mutated(memory).map((text) => JSON.stringify({ ...sound, memory: text })),
    );
    const property = fc.asyncProperty(fc.array(items, { minLength: 6, maxLength: 6 }), async (list) => {
      const acts = list.flatMap((text, i) => [
        at(60_000 + i * 40_000, (cloud) => put(cloud, 'paris', JSON.parse(text))),
        at(62_000 + i * 40_000, signal('paris')),
      ]);
      expectCalm((await play(acts, '6m')).cloud);
    });
    await fc.assert(property, { ...runs(1), endOnFailure: true });
  });

  it('of a newer version are told once, kept, and the connection rests', async () => {
    const text = JSON.stringify({ ...memory, schema: 2, rungs: { a: 'under way' } });
    const cloud = await playQuiet([
      at(60_000, (c) => put(c, 'paris', { ...sound, memory: text })),
      ...[62_000, 90_000, 150_000].map((ms) => at(ms, signal('paris'))),
    ]);
    expectCalm(cloud);
    expect((JSON.parse(await storedMemory(cloud)) as Memory).unread).toBe(text);
    expect(cloud.topics.inbox.filter(({ message }) => message.includes('cannot be read'))).toHaveLength(1);
  });

  it('of a connection that was taken out of the configuration end the run', async () => {
    const { cloud } = await play([at(60_000, (c) => put(c, 'oslo', sound)), at(62_000, signal('oslo'))], '3m');
    expectCalm(cloud);
    const run = cloud.stepfunctions.executions.find(({ input }) => input.includes('oslo'))!;
    expect(run.status).toBe('SUCCEEDED');
    expect(run.output).toMatch(/"outcome":"refused".*oslo.*is unknown/);
  });
});
