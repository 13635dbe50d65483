/**
 * Who hears what in the first minutes, and that what Switchback says of itself can be said a second time. Each was a
 * fault: a first deploy that paged people, a lost signal that silenced the next, a dead fast path that nobody saw.
 */
import { readConfigFile } from '../../config/read';
import { type Deployed, deploy, start } from './deployed';

const pair = readConfigFile('sim/sites/pair.yaml');
const publish = { service: 'sns', operation: 'Publish' };
let deployed: Deployed;
beforeEach(async () => {
  deployed = await deploy(pair);
});

const statuses = (): string[] => deployed.cloud.stepfunctions.executions.map(({ status }) => status);
const queue = (): string => [...deployed.cloud.queues.messages.keys()][0]!;

it('pages nobody while a first deploy comes to life, and every pulse is heard by then', async () => {
  await deployed.until(12);
  expect(deployed.heard()).toEqual([]);
  expect(new Set(statuses())).not.toContain('FAILED');
  for (const pulse of ['self/sweep-missing', 'self/reports-unread']) expect(deployed.alarm(pulse)).toBe('OK');
});

it('serves a signal for a connection that no sweep has seeded yet', async () => {
  start(deployed.cloud, { connection: 'paris', source: 'alarm' });
  await deployed.until(0.5);
  expect(statuses().length).toBeGreaterThan(0);
  expect(statuses()).not.toContain('FAILED');
});

it('says of each lost signal that it was lost, however long the first one lies there', async () => {
  await deployed.until(12);
  deployed.cloud.queues.send(queue(), 'lost', {});
  await deployed.until(40);
  deployed.cloud.queues.send(queue(), 'lost', {});
  await deployed.until(50);
  expect(deployed.cloud.queues.messages.get(queue())).toHaveLength(2);
  const lost = '[switchback] Users are served; signals were lost (self/undelivered)';
  expect(deployed.heard()).toEqual([lost, lost]);
});

it('says that nobody reads the reports any more', async () => {
  await deployed.until(12);
  deployed.cloud.streams.switch(false);
  await deployed.until(20);
  expect(deployed.heard()).toEqual([
    '[switchback] Users are served; nobody reads reports of canaries (self/reports-unread)',
  ]);
  deployed.cloud.streams.switch(true);
  await deployed.until(26);
  expect(deployed.alarm('self/reports-unread')).toBe('OK');
});

it('says that the sweep has stopped, in words, and by the alarm itself: it may be that no function runs', async () => {
  await deployed.until(12);
  const sweep = deployed.cloud.template.ofType('AWS::Lambda::Function').find(({ name }) => /Sweep/.test(name))!;
  deployed.cloud.lambda.silence(sweep.name, true);
  await deployed.until(20);
  expect(deployed.heard()).toEqual([
    'INSUFFICIENT_DATA: "switchback/self/sweep-missing"',
    '[switchback] Users are served; the sweep does not run (self/sweep-missing)',
  ]);
});

it('says that a run was stopped from outside, and nothing of a mistyped one', async () => {
  await deployed.until(12);
  start(deployed.cloud, { connection: 'nowhere', trigger: 'pause' });
  await deployed.until(16);
  expect(deployed.heard()).toEqual([]);
  start(deployed.cloud, { connection: 'paris', source: 'operator' });
  await deployed.until(16.01);
  deployed.cloud.stepfunctions.executions.at(-1)!.abort('Stopped', 'by hand');
  await deployed.until(20);
  const aborted = 'a failover run was stopped from outside (self/executions-aborted)';
  expect(deployed.heard()).toEqual([`[switchback] Users are served; ${aborted}`]);
});

describe('where nobody can put an alarm into words', () => {
  const lose = async (break_: () => void): Promise<void> => {
    await deployed.until(12);
    break_();
    deployed.cloud.queues.send(queue(), 'lost', {});
    await deployed.until(20);
  };
  const herald = (): string =>
    deployed.cloud.template.ofType('AWS::Lambda::Function').find(({ name }) => /Herald/.test(name))!.name;

  it.each([
    [
      'SNS fails',
      () => deployed.cloud.faults.failNext({ ...publish, error: 'InternalError', status: 500, landed: false }, 9),
    ],
    ['the function hangs', () => deployed.cloud.lambda.silence(herald(), true)],
  ])('hands on what the alarm said when %s, and says that it did', async (_, broken) => {
    await lose(broken);
    expect(deployed.heard()).toEqual(['', 'ALARM: "switchback/self/herald-failing"']);
    const { message } = deployed.cloud.topics.inbox[0]!;
    expect(JSON.parse(message)).toMatchObject({
      requestPayload: { alarmData: { alarmName: 'switchback/self/undelivered' } },
    });
    expect(message).toContain('Signals could not be delivered');
  });

  it('is heard of still where none of our roles may publish', async () => {
    await lose(() => deployed.cloud.faults.deny('Publish'));
    expect(deployed.heard()).toEqual(['ALARM: "switchback/self/herald-failing"']);
  });
});
