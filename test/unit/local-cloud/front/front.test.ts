/** The door to all services: latency, permissions, throttles, and calls that no service would take. */
import { VirtualClock } from '../../../../local-cloud/clock';
import { Faults } from '../../../../local-cloud/front/faults';
import { Front } from '../../../../local-cloud/front/front';
import { Authority } from '../../../../local-cloud/iam/authority';
import { Latencies } from '../../../../local-cloud/latency';
import { roleFor, templateOf } from '../template-of';

function frontOf(...statements: readonly object[]) {
  const clock = new VirtualClock(0);
  const faults = new Faults();
  const template = templateOf({ Role: roleFor('lambda.amazonaws.com', ...statements) });
  const front = new Front({ clock, faults, authority: new Authority(template), latencies: new Latencies(1) });
  const landed: { at: number; input: unknown }[] = [];
  front.register({
    name: 'ec2',
    call: async (_, input) => {
      landed.push({ at: clock.now(), input });
      return { Return: true };
    },
  });
  const replace = (table = 'rtb-1') =>
    front
      .call({ role: 'Role', by: 'apply' }, 'ec2', 'ReplaceRoute', {
        RouteTableId: table,
        DestinationCidrBlock: '10.0.0.0/8',
      })
      .catch((error: Error) => error.name);
  return { clock, faults, front, landed, replace };
}

const anywhere = { Effect: 'Allow', Action: 'ec2:*', Resource: '*' };

it('lets time pass before a call lands and again before its answer', async () => {
  const { clock, landed, replace } = frontOf(anywhere);
  let answeredAt = 0;
  void replace().then(() => {
    answeredAt = clock.now();
  });
  await clock.runUntil(60_000);
  expect(landed[0]!.at).toBeGreaterThan(0);
  expect(answeredAt).toBeGreaterThan(landed[0]!.at);
});

it('refuses what the role may not do, before it reaches the service, and records it', async () => {
  const { clock, front, landed, replace } = frontOf();
  const answer = replace();
  await clock.runUntil(60_000);
  expect(await answer).toBe('UnauthorizedOperation');
  expect(landed).toEqual([]);
  expect(front.calls).toMatchObject([
    { service: 'ec2', operation: 'ReplaceRoute', role: 'Role', by: 'apply', error: 'UnauthorizedOperation' },
  ]);
});

it("empties EC2's bucket of mutating calls after fifty and refills it at five a second", async () => {
  const { clock, replace } = frontOf(anywhere);
  const answers = Promise.all(Array.from({ length: 80 }, () => replace()));
  await clock.runUntil(60_000);
  const refused = (await answers).filter((answer) => answer === 'RequestLimitExceeded').length;
  // All 80 land within the spread of one call's latency, in which a few tokens come back.
  expect(refused).toBeGreaterThan(15);
  expect(refused).toBeLessThanOrEqual(30);
});

it('refuses as EC2 does: code RequestLimitExceeded, status 503; other calls have buckets of their own', async () => {
  const { clock, front } = frontOf(anywhere);
  const call = (operation: string, input: object) =>
    front.call({ role: 'Role', by: 'apply' }, 'ec2', operation, input).then(
      () => 'answered',
      (error: unknown) => error,
    );
  const writes = Array.from({ length: 60 }, () => call('StopInstances', { InstanceIds: ['i-1'] }));
  const other = call('RebootInstances', { InstanceIds: ['i-1'] });
  const reads = Array.from({ length: 130 }, () => call('DescribeInstances', { MaxResults: 100 }));
  const wideReads = Array.from({ length: 80 }, () => call('DescribeInstances', { InstanceIds: ['i-1'] }));
  const starts = Array.from({ length: 8 }, () => call('StartInstances', { InstanceIds: ['i-2'] }));
  await clock.runUntil(60_000);
  const refused = (await Promise.all(writes)).find((answer) => answer !== 'answered');
  expect(refused).toMatchObject({
    name: 'RequestLimitExceeded',
    message: 'Request limit exceeded.',
    $metadata: { httpStatusCode: 503 },
  });
  expect(await other).toBe('answered');
  const answered = async (calls: readonly Promise<unknown>[]): Promise<number> =>
    (await Promise.all(calls)).filter((answer) => answer === 'answered').length;
  const between = async (calls: readonly Promise<unknown>[], least: number): Promise<void> => {
    expect(await answered(calls)).toBeGreaterThanOrEqual(least);
    expect(await answered(calls)).toBeLessThan(calls.length);
  };
  await between(reads, 100);
  await between(wideReads, 50);
  await between(starts, 4);
});

it('throttles what a scenario throttles, as long as it says', async () => {
  const { clock, faults, replace } = frontOf(anywhere);
  faults.throttle('ec2', 'ReplaceRoute', 30_000);
  const first = replace();
  await clock.runUntil(30_000);
  const second = replace();
  await clock.runUntil(60_000);
  expect([await first, await second]).toEqual(['RequestLimitExceeded', { Return: true }]);
});

it('does not send a call that is not in the model of the service', async () => {
  const { front } = frontOf(anywhere);
  const call = (input: object) => front.call({ role: 'Role', by: 'apply' }, 'ec2', 'ReplaceRoute', input);
  await expect(call({ RouteTableID: 'rtb-1' })).rejects.toThrow('apply: invalid call ec2.ReplaceRoute');
  await expect(call({ RouteTableId: 7 })).rejects.toThrow('RouteTableId must be a string, is number');
});

it('shares no memory with the caller', async () => {
  const { clock, front, landed } = frontOf(anywhere);
  const input = { RouteTableId: 'rtb-1', DestinationCidrBlock: '10.0.0.0/8' };
  void front.call({ role: 'Role', by: 'apply' }, 'ec2', 'ReplaceRoute', input);
  input.RouteTableId = 'rtb-changed';
  await clock.runUntil(60_000);
  expect(landed[0]!.input).toMatchObject({ RouteTableId: 'rtb-1' });
});

it('breaks only the calls that a fault reaches, where it says which', async () => {
  const { clock, faults, front, replace } = frontOf(anywhere);
  const ofTwo = (input: unknown): boolean => JSON.stringify(input).includes('rtb-2');
  const both = async (): Promise<unknown[]> => {
    const answers = [replace('rtb-1'), replace('rtb-2')];
    await clock.runUntil(clock.now() + 60_000);
    return Promise.all(answers);
  };
  const well = { Return: true };
  faults.throttle('ec2', 'Replace*', 60_000, ofTwo);
  expect(await both()).toEqual([well, 'RequestLimitExceeded']);
  faults.deny('ReplaceRoute', ofTwo);
  expect(await both()).toEqual([well, 'UnauthorizedOperation']);
  faults.clear();
  faults.failNext(
    { service: 'ec2', operation: 'ReplaceRoute', error: 'Unavailable', status: 503, landed: false, reach: ofTwo },
    1,
  );
  expect(await both()).toEqual([well, 'Unavailable']);
  faults.slowDown('ec2', '*', 300_000, ofTwo);
  let answered = 0;
  for (const table of ['rtb-1', 'rtb-2']) void replace(table).then(() => answered++);
  await clock.runUntil(clock.now() + 60_000);
  expect([answered, front.calls.length]).toEqual([1, 8]);
});

it('leaves unanswered what is asked about a silent part of EC2, and nothing that only tells of it', () => {
  const { faults } = frontOf();
  const ofTwo = (input: unknown): boolean => JSON.stringify(input).includes('rtb-2');
  faults.silence('end ohio', ofTwo);
  const [one, two] = [{ RouteTableIds: ['rtb-1'] }, { RouteTableIds: ['rtb-2'] }];
  expect([faults.isSilent('ec2', one), faults.isSilent('ec2', two)]).toEqual([false, true]);
  expect(faults.isSilent('dynamodb', two)).toBe(false);
  faults.silence('end ohio', null);
  expect(faults.isSilent('ec2', two)).toBe(false);
});
