/** The record of an incident, kept in the author's bucket: under which name, with which lock, out of which executions. */
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { GetExecutionHistoryCommand, ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { memoryFrom } from '../../../../core/store/stored';
import type { IncidentRecord } from '../../../../core/turn/incident-record';
import { createHandler } from '../../../../functions/archive';
import { aIsDown, deployment, evidence, t0, turn } from '../../../given';
import { awsError, awsMocks } from '../../adapters/aws-mocks';
import { VirtualWorld } from '../virtual-world';

const opening = turn({ evidence: evidence({ reports: aIsDown }) });
const { id } = memoryFrom(opening.memory).incident!;
const arn = (name: string): string => `arn:aws:states:eu-central-1:111122223333:execution:demo-failover:${name}`;
const news = (over: object = {}) => ({
  account: '111122223333',
  detail: { incidentId: id, connection: 'paris', openedAt: new Date(t0).toISOString(), status: 'opened', ...over },
});

function site(archive: object = { bucket: 'records' }) {
  const mocks = awsMocks();
  const world = new VirtualWorld(mocks);
  world.env['ARCHIVE'] = JSON.stringify(archive);
  const startDate = (at: number): Date => new Date(at);
  mocks.sfn.on(ListExecutionsCommand).resolves({
    executions: [
      { executionArn: arn('later'), startDate: startDate(world.now() + 1), ...rest },
      { executionArn: arn('run'), startDate: startDate(t0 - 1_000), ...rest },
      { executionArn: arn('before'), startDate: startDate(t0 - 3_600_000), ...rest },
    ],
  });
  const output = JSON.stringify({ Payload: opening });
  mocks.sfn.on(GetExecutionHistoryCommand).resolves({
    events: [
      { timestamp: startDate(t0), type: 'TaskStateEntered', id: 1, stateEnteredEventDetails: { name: 'Assess' } },
      { timestamp: startDate(t0), type: 'TaskSucceeded', id: 2, taskSucceededEventDetails: { ...task, output } },
    ],
  });
  mocks.s3.on(PutObjectCommand).resolves({});
  const handle = createHandler(world, deployment());
  return { mocks, world, keep: (event: unknown) => world.finish(handle(event)) };
}
const rest = { stateMachineArn: 'm', name: 'n', status: 'SUCCEEDED' } as const;
const task = { resourceType: 'lambda', resource: 'invoke' };

it('keeps the record by day and id, made of the executions of its time', async () => {
  const { keep, mocks, world } = site();
  const key = `incidents/switchback/paris/${new Date(t0).toISOString().slice(0, 10)}-${id}.json`;
  expect(await keep(news())).toBe(key);
  const { Body, ...put } = mocks.s3.commandCalls(PutObjectCommand)[0]!.args[0].input;
  expect(put).toEqual({ Bucket: 'records', Key: key, ContentType: 'application/json' });
  const record = JSON.parse(String(Body)) as IncidentRecord;
  expect(record).toMatchObject({ id, connection: 'paris', account: '111122223333', closedAt: null, gaps: [] });
  expect(record.executions.map((run) => run.arn)).toEqual([arn('run')]);
  expect(world.lines.at(-1)).toMatchObject({ what: 'archive: kept', incident: id, key });
});

it('locks it for as long as the configuration says', async () => {
  const { keep, mocks, world } = site({ bucket: 'records', lock: { mode: 'compliance', days: 400 } });
  await keep(news());
  expect(mocks.s3.commandCalls(PutObjectCommand)[0]!.args[0].input).toMatchObject({
    ObjectLockMode: 'COMPLIANCE',
    ObjectLockRetainUntilDate: new Date(world.now() + 400 * 86_400_000),
  });
});

it('waits for the end of the run that closed it', async () => {
  const { keep, world } = site();
  const before = world.now();
  await keep(news({ status: 'closed' }));
  expect(world.now() - before).toBe(15_000);
});

it('fails aloud where S3 refuses, so that Lambda tries again', async () => {
  const { keep, mocks } = site();
  mocks.s3.on(PutObjectCommand).rejects(awsError('AccessDenied', 'no', 403));
  await expect(keep(news())).rejects.toThrow(/PutObject/);
});

it.each([
  ['no event at all', null, 'detail.incidentId: missing must be one like'],
  ['an id that is a path', news({ incidentId: '../x' }), 'detail.incidentId'],
  ['somebody else’s connection', news({ connection: 'oslo' }), 'no connection of ours'],
  ['no time', news({ openedAt: 'yesterday' }), 'detail.openedAt: "yesterday" must be a time'],
  ['an incident nobody speaks of', news({ incidentId: 'I-000000' }), 'no execution since'],
])('writes nothing for %s', async (_, event, message) => {
  const { keep, mocks } = site();
  await expect(keep(event)).rejects.toThrow(message);
  expect(mocks.s3.calls()).toHaveLength(0);
});
