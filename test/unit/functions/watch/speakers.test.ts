/** A minute of `watch` where gateways speak BGP, on hand-made answers of Systems Manager: what it runs, keeps and says. */
import { BatchGetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetCommandInvocationCommand, GetParametersCommand, SendCommandCommand } from '@aws-sdk/client-ssm';
import type { Attributes } from '../../../../adapters/dynamodb/attributes';
import { speakerReportFrom } from '../../../../adapters/dynamodb/speaker-item';
import { createHandler } from '../../../../functions/watch/index';
import { across, bgpDeployment } from '../../../given-bgp';
import { awsError, awsMocks } from '../../adapters/aws-mocks';
import { startAt, VirtualWorld } from '../virtual-world';

const line = (facts: object, address: string = across.a): string =>
  `FRR 8.4\n{"switchback":"speaker","schema":1,"neighbors":{"${address}":${JSON.stringify({ session: 'up', advertises: 'normal', prefixes: 1, receivedPerSecond: 20, ...facts })}}}`;

function site() {
  const mocks = awsMocks();
  const world = new VirtualWorld(mocks);
  Object.assign(world.env, { SPEAKER_DOCUMENT: 'switchback-of-speaker', IDENTITY_PREFIX: '/switchback/id/' });
  const items = new Map<string, Attributes>();
  mocks.dynamodb
    .on(BatchGetItemCommand)
    .callsFake(({ RequestItems }: { RequestItems: Record<string, { Keys: Attributes[] }> }) => ({
      Responses: {
        reports: RequestItems['reports']!.Keys.flatMap((key) =>
          [items.get(key['canary']!.S!)].filter((item) => item !== undefined),
        ),
      },
    }));
  mocks.dynamodb.on(PutItemCommand).callsFake(({ Item }: { Item: Attributes }) => {
    items.set(Item['canary']!.S!, Item);
    return {};
  });
  mocks.ssm.on(GetParametersCommand).resolves({ Parameters: [] });
  mocks.ssm.on(SendCommandCommand).callsFake(({ InstanceIds }: { InstanceIds: string[] }) => ({
    Command: { CommandId: `command-${InstanceIds[0]}` },
  }));
  const answers: Record<string, object> = {
    'gw-a': { Status: 'Success', StandardOutputContent: line({}) },
    'gw-b': { Status: 'Success', StandardOutputContent: line({}, across.b) },
  };
  mocks.ssm.on(GetCommandInvocationCommand).callsFake(({ InstanceId }: { InstanceId: string }) => {
    const answer = answers[InstanceId.endsWith('a') ? 'gw-a' : 'gw-b']!;
    if (answer instanceof Error) throw answer;
    return answer;
  });
  const watch = createHandler(world, bgpDeployment());
  return {
    ...{ mocks, world, answers, items },
    minute: () => world.finish(watch()),
    report: (gateway = 'gw-a') => speakerReportFrom(items.get(`speaker#${gateway}`)!),
  };
}

it('runs the reading document on each gateway, and asks AWS nothing about tunnels where there are none', async () => {
  const { mocks, minute, report } = site();
  expect(await minute()).toEqual({ reported: [], unmeasured: [], speakers: { read: ['gw-a', 'gw-b'], unread: [] } });
  const sent = mocks.ssm.commandCalls(SendCommandCommand).map(({ args: [{ input }] }) => input);
  expect(mocks.dynamodb.commandCalls(BatchGetItemCommand)).toHaveLength(1); // What all said a minute ago, at once.
  expect(sent[0]).toMatchObject({
    DocumentName: 'switchback-of-speaker',
    InstanceIds: ['i-0aaaaaaaaaaaaaaaa'],
    Parameters: { Neighbors: [across.a], As: ['64601'] },
  });
  expect(report()).toMatchObject({
    reportedAt: startAt + 500,
    changed: false,
    neighbors: { [across.a]: { session: 'up', advertises: 'normal', receivedPerSecond: 20 } },
  });
});

it('calls a drain new that was not there a minute ago, and packets that come and go not', async () => {
  const { answers, minute, report } = site();
  await minute();
  answers['gw-a'] = { Status: 'Success', StandardOutputContent: line({ receivedPerSecond: 900 }) };
  await minute();
  expect(report()).toMatchObject({ changed: false });
  answers['gw-a'] = { Status: 'Success', StandardOutputContent: line({ advertises: 'drained' }) };
  await minute();
  expect(report()).toMatchObject({ changed: true });
});

it.each([
  [
    'the document says why',
    { Status: 'Failed', StandardOutputContent: 'switchback: dead: vtysh hangs' },
    'vtysh hangs',
  ],
  ['it prints no line', { Status: 'Success', StandardOutputContent: 'hello' }, `says nothing of ${across.a}`],
  [
    'it speaks of another',
    { Status: 'Success', StandardOutputContent: line({}, across.b) },
    `says nothing of ${across.a}`,
  ],
  [
    'it prints what nobody knows',
    { Status: 'Success', StandardOutputContent: line({ session: 'maybe' }) },
    'says nothing of',
  ],
  [
    'the machine takes no command',
    { Status: 'InProgress' },
    'no answer by Systems Manager (InProgress): see its agent',
  ],
  ['Systems Manager forbids it', awsError('AccessDeniedException', 'not authorized'), 'not authorized'],
])('keeps the last reading, growing old, where %s', async (_, answer, because) => {
  const { answers, minute, report } = site();
  await minute();
  const read = report();
  answers['gw-a'] = answer;
  expect(await minute()).toMatchObject({ speakers: { read: ['gw-b'], unread: ['gw-a'] } });
  expect(report()).toMatchObject({ reportedAt: read.reportedAt, neighbors: read.neighbors, changed: false });
  expect(report().unmeasured?.because).toContain(because);
  const { since } = report().unmeasured!;
  await minute();
  expect(report().unmeasured?.since).toBe(since);
});

it('writes nothing over a reading that it could not look up', async () => {
  const { answers, minute, report, mocks } = site();
  await minute();
  const read = report();
  mocks.dynamodb.on(BatchGetItemCommand).rejects(awsError('InternalServerError', 'gone', 500));
  answers['gw-a'] = { Status: 'Failed', StandardOutputContent: '' };
  expect(await minute()).toMatchObject({ speakers: { unread: ['gw-a'] } });
  expect(report()).toEqual(read);
});

it('waits for an answer that Systems Manager does not know of yet', async () => {
  const { mocks, minute } = site();
  mocks.ssm
    .on(GetCommandInvocationCommand, { InstanceId: 'i-0aaaaaaaaaaaaaaaa' })
    .rejectsOnce(awsError('InvocationDoesNotExist', 'not yet'))
    .resolves({ Status: 'Success', StandardOutputContent: line({}) });
  expect(await minute()).toMatchObject({ speakers: { unread: [] } });
});
