/**
 * Routes that EC2 does not show: who keeps the last sight of them, who goes by it, and what stays fenced all the same.
 */
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeRouteTablesCommand, type RouteTable } from '@aws-sdk/client-ec2';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Memory } from '../../../core/store/memory';
import type { ApplyResult, AssessResult, MoveDecision } from '../../../core/words/decision';
import { createHandler as createApply } from '../../../functions/apply';
import { createHandler as createAssess } from '../../../functions/assess';
import { createHandler as createSweep } from '../../../functions/sweep';
import { deployment } from '../../given';
import { type AwsMocks, awsError, awsMocks } from '../adapters/aws-mocks';
import { CloudAnswers, me, report } from './cloud-answers';
import { startAt, VirtualWorld } from './virtual-world';

const throttled = awsError('RequestLimitExceeded', 'Request limit exceeded.', 503);
const denied = awsError('UnauthorizedOperation', 'You are not authorized.', 403);

/** The state table keeps what is put beside the lease, on its condition. */
function withSights(mocks: AwsMocks): { item: Record<string, { N?: string; S?: string }> | null } {
  const kept: { item: Record<string, { N?: string; S?: string }> | null } = { item: null };
  const key = { pk: { S: 'connection#paris' }, sk: { S: 'routes' } };
  mocks.dynamodb.on(GetItemCommand, { Key: key }).callsFake(() => ({ Item: kept.item ?? undefined }));
  mocks.dynamodb.on(PutItemCommand).callsFake(({ Item }) => {
    if (Item.sk.S !== 'routes') return {};
    if (Number(kept.item?.['seenAt']?.N ?? 0) >= Number(Item.seenAt.N))
      throw awsError('ConditionalCheckFailedException');
    kept.item = Item;
    return {};
  });
  return kept;
}

function make() {
  const mocks = awsMocks();
  const world = new VirtualWorld(mocks);
  const cloud = new CloudAnswers(mocks);
  const kept = withSights(mocks);
  mocks.sfn.on(StartExecutionCommand).resolves({});
  mocks.sfn.on(DescribeExecutionCommand).resolves({ status: 'RUNNING' });
  const site = deployment();
  const request = { schema: 1, connection: 'paris', ...me, failOpen: false, request: null };
  const sweep = () => world.finish(createSweep(world, site)());
  const assess = (): Promise<AssessResult> => world.finish(createAssess(world, site)(request));
  const apply = ({ decision, memory }: AssessResult): Promise<ApplyResult> => {
    const asked = { schema: 1, connection: 'paris', lease: me, decision, memory };
    return world.finish(createApply(world, site)(asked, world.context(15_000)));
  };
  const goDown = () => {
    const now = world.now();
    const fresh = { reportedAt: now - 500, answeredAt: now - 900 };
    cloud.reports = [
      report('paris/path-a', 'down', { reportedAt: now - 500, missedSince: now - 2_000 }),
      report('paris/path-b', 'healthy', fresh),
      report('paris/office', 'down', { reportedAt: now - 500, missedSince: now - 2_000 }),
    ];
  };
  const tables = () => mocks.ec2.on(DescribeRouteTablesCommand);
  const memoryOf = () => JSON.parse(String(lastMemory(mocks))) as Memory;
  return { apply, assess, cloud, goDown, kept, memoryOf, mocks, sweep, tables, world };
}

function lastMemory(mocks: AwsMocks): string | undefined {
  const updates = mocks.dynamodb.calls().map(({ args }) => args[0].input as Record<string, never>);
  const values = updates.flatMap((input) => input['ExpressionAttributeValues'] ?? []) as Record<
    string,
    { S?: string }
  >[];
  return values.findLast((one) => one[':memory'] !== undefined)?.[':memory']?.S;
}

const slowly =
  (world: VirtualWorld, ms: number, answer: { RouteTables: RouteTable[] }) => async (): Promise<typeof answer> => {
    await world.sleep(ms);
    return answer;
  };

describe('the sweep', () => {
  it('keeps what EC2 shows, while another run holds the connection too', async () => {
    const { cloud, kept, sweep, world } = make();
    cloud.lease = { ...me, leaseUntil: startAt + 60_000, signals: 4 };
    await sweep();
    expect(kept.item).toMatchObject({
      seenAt: { N: String(startAt) },
      routes: { S: expect.stringContaining('eni-gw-a') },
    });
    expect(world.lines.some(({ because }) => String(because).startsWith('held by'))).toBe(true);
  });

  it('waits for them longer than anybody else', async () => {
    const { cloud, kept, sweep, tables, mocks, world } = make();
    cloud.lease = null;
    tables().callsFake(slowly(world, 7_900, { RouteTables: [{ RouteTableId: 'rtb-1', Routes: [] }] }));
    await sweep();
    expect(kept.item).not.toBeNull();
    const patience = mocks.ec2.calls().map(({ args }) => (args as unknown[])[1]);
    expect(patience).toContainEqual({ requestTimeout: 8_000 });
  });

  it('never puts an older sight over a newer one, and goes on where EC2 shows nothing', async () => {
    const { kept, sweep, tables, world } = make();
    kept.item = { seenAt: { N: String(startAt + 1) }, routes: { S: 'newer' } };
    await sweep();
    expect(kept.item['routes']).toEqual({ S: 'newer' });
    tables().rejects(throttled);
    await sweep();
    expect(world.lines.at(-1)).not.toMatchObject({ what: 'sweep: failed' });
  });
});

describe('a rescue while EC2 shows no routes', () => {
  async function mute(error = throttled) {
    const made = make();
    await made.sweep();
    await made.world.finish(made.world.sleep(60_000));
    made.cloud.lease = { ...me, leaseUntil: made.world.now() + 60_000, signals: 4 };
    made.tables().rejects(error);
    made.goDown();
    return made;
  }

  it('is decided and written within seconds, behind the fence, and remembered as not seen yet', async () => {
    const { apply, assess, cloud, memoryOf, world } = await mute();
    const startedAt = world.now();
    const assessed = await assess();
    expect(assessed.decision).toMatchObject({ kind: 'divert', rule: 'rescue', lastSeenAt: startAt });
    const result = await apply(assessed);
    expect(result).toMatchObject({ outcome: 'partial', steps: [{ result: 'sent' }, { result: 'sent' }] });
    expect(cloud.routes).toEqual({ 'rtb-1': 'eni-gw-b', 'rtb-2': 'eni-gw-b' });
    expect(world.now() - startedAt).toBeLessThan(4_500);
    expect(memoryOf().moves['office']).toMatchObject({ to: 'b', state: 'sent' });
  });

  it('is not repeated while EC2 stays mute', async () => {
    const { apply, assess, cloud, mocks } = await mute();
    await apply(await assess());
    cloud.lease = { ...cloud.lease!, memory: lastMemory(mocks)! };
    const writes = cloud.order.filter((operation) => operation.startsWith('ReplaceRoute')).length;
    const again = await assess();
    expect(again.decision).toMatchObject({ kind: 'hold' });
    expect(cloud.order.filter((operation) => operation.startsWith('ReplaceRoute'))).toHaveLength(writes);
  });

  it('goes by what EC2 shows as soon as it does', async () => {
    const { apply, assess, tables } = await mute();
    const assessed = await assess();
    tables().resolves({
      RouteTables: ['rtb-1', 'rtb-2'].map((RouteTableId) => ({
        RouteTableId,
        Routes: [{ DestinationCidrBlock: '172.16.0.0/16', NetworkInterfaceId: 'eni-other', Origin: 'CreateRoute' }],
      })),
    });
    expect(await apply(assessed)).toMatchObject({ outcome: 'nothing_to_do' });
  });

  it('writes nothing once the lease is lost', async () => {
    const { apply, assess, cloud } = await mute();
    const assessed = await assess();
    cloud.lease = { ...cloud.lease!, token: 8 };
    expect(await apply(assessed)).toMatchObject({ outcome: 'lease_lost' });
    expect(cloud.routes['rtb-1']).toBe('eni-gw-a');
  });

  it('is not made after a denial', async () => {
    const { assess } = await mute(denied);
    expect((await assess()).decision.kind).not.toBe('divert');
  });

  it('writes nothing that was planned on other routes', async () => {
    const { apply, assess, cloud } = await mute();
    const assessed = await assess();
    const decision = { ...(assessed.decision as MoveDecision), planDigest: 'other' };
    expect(await apply({ ...assessed, decision })).toMatchObject({ outcome: 'stale_plan' });
    expect(cloud.routes['rtb-1']).toBe('eni-gw-a');
  });

  it('leaves any other move to the moment when EC2 answers: nothing is written, and nobody waits a write out', async () => {
    const { apply, assess, cloud } = await mute();
    const assessed = await assess();
    for (const change of [
      { kind: 'failback', rule: 'failback', planned: true },
      { rule: 'last-resort', lastResort: true },
      { planned: true },
    ]) {
      const decision = { ...(assessed.decision as MoveDecision), ...change } as MoveDecision;
      expect(await apply({ ...assessed, decision })).toMatchObject({ outcome: 'stale_plan' });
    }
    expect(cloud.routes['rtb-1']).toBe('eni-gw-a');
  });

  it('carries out what was decided on routes shown a moment ago', async () => {
    const { apply, assess, cloud, goDown, tables, sweep } = make();
    await sweep();
    goDown();
    const assessed = await assess();
    expect(assessed.decision).not.toHaveProperty('lastSeenAt');
    tables().rejects(throttled);
    expect(await apply(assessed)).toMatchObject({ outcome: 'partial' });
    expect(cloud.routes['rtb-1']).toBe('eni-gw-b');
  });
});

it('keeps what it saw after its own writes', async () => {
  const { apply, assess, goDown, kept } = make();
  goDown();
  expect(await apply(await assess())).toMatchObject({ outcome: 'applied' });
  expect(kept.item?.['routes']?.S).toContain('eni-gw-b');
  expect(kept.item?.['routes']?.S).not.toContain('"id":"eni-gw-a"},"state"');
});
