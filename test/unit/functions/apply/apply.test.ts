/** The apply function: what the fence, the digest and the read-back let through. Core is the real one. */
import { GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeRouteTablesCommand, ReplaceRouteCommand } from '@aws-sdk/client-ec2';
import { sightText } from '../../../../core/facts/sight-text';
import { declaredIds } from '../../../../core/gateways/identity';
import { placesOf } from '../../../../core/gateways/kinds';
import { buildPlan } from '../../../../core/routes/plan';
import { emptyMemory, type Memory } from '../../../../core/store/memory';
import type { MoveDecision } from '../../../../core/words/decision';
import type { Connection } from '../../../../core/words/domain';
import type { RouteFacts } from '../../../../core/words/evidence';
import { instanceAt } from '../../../../core/words/gateways';
import { createHandler } from '../../../../functions/apply';
import { connection, deployment, moveDecision, office } from '../../../given';
import { awsError, awsMocks } from '../../adapters/aws-mocks';
import { CloudAnswers, me } from '../cloud-answers';
import { startAt, VirtualWorld } from '../virtual-world';

const throttle = awsError('RequestLimitExceeded', 'Request limit exceeded.', 503);

function decisionFor(site: Connection, from = 'eni-gw-a'): MoveDecision {
  const moves = [{ routeSet: 'office', from: ['a'], to: 'b', passed: true }];
  const routes = site.routeSets['office']!.tables.map((table): RouteFacts => {
    const target = { kind: 'network-interface', id: from } as const;
    return { routeSet: 'office', table, destination: '172.16.0.0/16', target, state: 'active', origin: 'static' };
  });
  const whole = deployment(site);
  const { digest } = buildPlan(
    site,
    placesOf(whole, site.name, { gatewayLeases: {}, standIns: {}, pins: {} }),
    routes,
    moves,
  );
  return moveDecision({ moves, planDigest: digest, decidedAt: startAt - 1_000 });
}

function make(tables = ['rtb-1', 'rtb-2'], site = connection({ routeSets: { office: office(tables) } })) {
  const mocks = awsMocks();
  const world = new VirtualWorld(mocks);
  const cloud = new CloudAnswers(mocks);
  cloud.routes = Object.fromEntries(tables.map((table) => [table, 'eni-gw-a']));
  const handler = createHandler(world, deployment(site));
  const request = {
    schema: 1,
    connection: 'paris',
    lease: me,
    decision: decisionFor(site),
    memory: JSON.stringify(emptyMemory),
  };
  const apply = (changes: object = {}) => world.finish(handler({ ...request, ...changes }, world.context(15_000)));
  const writes = () => cloud.order.filter((operation) => operation.startsWith('ReplaceRoute'));
  return { mocks, world, cloud, request, apply, writes };
}

describe('a lease that is ours', () => {
  it('moves the routes, most important table first, and journals around them', async () => {
    const { apply, cloud, writes, mocks } = make();
    expect(await apply()).toMatchObject({
      outcome: 'applied',
      because: '2 of 2 routes moved',
      steps: [{ result: 'done' }, { result: 'done' }],
    });
    expect(writes()).toEqual(['ReplaceRoute rtb-1 eni-gw-b', 'ReplaceRoute rtb-2 eni-gw-b']);
    const order = cloud.order
      .filter((o) => /UpdateItem|PutItem|ReplaceRoute rtb-1/.test(o))
      .map((o) => o.replace(/story#[^#]*#[0-9a-f]{12}/, 'story'));
    expect(order).toEqual([
      'UpdateItem SET #writeUntil = :writeUntil',
      'PutItem connection#paris story#before',
      'ReplaceRoute rtb-1 eni-gw-b',
      'PutItem connection#paris story#after',
      'UpdateItem SET #memory = :memory REMOVE #writeUntil',
      'PutItem connection#paris routes',
    ]);
    const { ExpressionAttributeValues: values } = mocks.dynamodb.commandCalls(UpdateItemCommand)[1]!.args[0].input;
    const memory = JSON.parse(values![':memory']!.S!) as Memory;
    expect(memory.moves['office']).toMatchObject({ kind: 'divert', to: 'b', outcome: 'unconfirmed' });
  });

  it('remembers the order that is given beside the writes before anything can become of them', async () => {
    const { apply, cloud, request } = make();
    await apply({ decision: { ...request.decision, order: { rung: 'drain', path: 'a' } } });
    expect(cloud.order).toContain('UpdateItem SET #writeUntil = :writeUntil, #memory = :memory');
  });

  it('takes what the journal showed as the fence of what is written at once, and asks again before each later write', async () => {
    const tables = Array.from({ length: 27 }, (_, i) => `rtb-${String(i).padStart(2, '0')}`);
    const many = make(tables);
    await many.apply();
    expect(many.cloud.order.filter((operation) => operation === 'GetItem connection#paris')).toHaveLength(27 - 25);
    const { apply, cloud } = make();
    await apply();
    expect(cloud.order).not.toContain('GetItem connection#paris');
    expect(cloud.order.indexOf('ReplaceRoute rtb-1 eni-gw-b')).toBeGreaterThan(
      cloud.order.lastIndexOf('PutItem connection#paris story#2026') + 1,
    );
  });

  it('asks again where the journal was opened a while before the rest was known', async () => {
    const { apply, cloud, mocks, world } = make();
    const slow = { Key: { pk: { S: 'gateway#gw-b' }, sk: { S: 'lease' } } };
    mocks.dynamodb.on(GetItemCommand, slow).callsFake(() => world.sleep(600).then(() => ({})));
    expect(await apply()).toMatchObject({ outcome: 'applied' });
    expect(cloud.order.filter((operation) => operation === 'GetItem connection#paris')).toHaveLength(2);
  });

  it('says what it will write before it writes, and afterwards each route', async () => {
    const { apply, mocks } = make();
    await apply();
    const [before, after] = mocks.dynamodb
      .commandCalls(PutItemCommand)
      .map(({ args }) => JSON.parse(args[0].input.Item!['body']?.S ?? '{}') as object);
    expect(before).toMatchObject({ ...me, kind: 'divert', moves: [{ routeSet: 'office', to: 'b' }] });
    expect(after).toMatchObject({ outcome: 'applied', steps: [{ table: 'rtb-1' }, { table: 'rtb-2' }] });
  });
});

describe('routes that the decision was made by', () => {
  const seenAgo = (ms: number, standsOn = 'eni-gw-a', over: Partial<MoveDecision> = {}) => {
    const made = make();
    const routes = ['rtb-1', 'rtb-2'].map((table): RouteFacts => {
      const target = { kind: 'network-interface', id: standsOn } as const;
      return { routeSet: 'office', table, destination: '172.16.0.0/16', target, state: 'active', origin: 'static' };
    });
    const text = sightText(connection({ routeSets: { office: office(['rtb-1', 'rtb-2']) } }), { routes, pins: {} });
    const decision = { ...made.request.decision, ...over, seen: { at: startAt - ms, text } };
    const looks = () => made.mocks.ec2.commandCalls(DescribeRouteTablesCommand).length;
    return { ...made, decision, looks };
  };

  it('are not asked for again by a rescue of that moment, but for the look after it', async () => {
    const { apply, decision, looks, writes } = seenAgo(1_400);
    expect(await apply({ decision })).toMatchObject({ outcome: 'applied', because: '2 of 2 routes moved' });
    expect(writes()).toHaveLength(2);
    expect(looks()).toBe(1);
  });

  it.each([
    ['they were seen longer ago', seenAgo(1_600)],
    ['they are not those of the plan', seenAgo(500, 'eni-gw-c')],
    ['nobody is in the dark', seenAgo(500, 'eni-gw-a', { kind: 'failback', rule: 'failback' })],
    [
      'they cannot be read',
      { ...seenAgo(500), decision: { ...decisionFor(connection()), seen: { at: startAt, text: '?' } } },
    ],
  ])('are asked for when %s', async (_why, { apply, decision, looks }) => {
    await apply({ decision });
    expect(looks()).toBe(2);
  });

  it('are asked for when a gateway has been replaced since', async () => {
    const { apply, decision, looks, mocks, writes } = seenAgo(500);
    const replaced = declaredIds(instanceAt(deployment(), 'gw-b'));
    const identity = JSON.stringify({ instanceId: 'i-new', routeInterfaceId: 'eni-new', replaced });
    mocks.dynamodb
      .on(GetItemCommand, { Key: { pk: { S: 'gateway#gw-b' }, sk: { S: 'lease' } } })
      .resolves({ Item: { identity: { S: identity } } });
    await apply({ decision });
    expect(looks()).toBeGreaterThan(0);
    expect(writes()).toEqual([]);
  });
});

const openedAs = 'UpdateItem SET #writeUntil = :writeUntil';
const closedUnwrittenAs = 'UpdateItem REMOVE #writeUntil';

describe('a refused fence', () => {
  it.each([
    ['another holder', { holder: 'somebody' }],
    ['another token', { token: 8 }],
    ['too little of the lease left', { leaseUntil: startAt + 14_000 }],
  ])('writes nothing: %s', async (_title, change) => {
    const { apply, cloud, mocks } = make();
    cloud.lease = { ...cloud.lease!, ...change };
    expect(await apply()).toMatchObject({
      outcome: 'lease_lost',
      because: expect.stringContaining('nothing was written'),
    });
    expect(mocks.ec2.commandCalls(ReplaceRouteCommand)).toHaveLength(0);
    const updates = cloud.order.filter((operation) => operation.startsWith('UpdateItem'));
    // A lease that is ours, though not for long: the journal is closed as it was opened.
    expect(updates).toEqual('leaseUntil' in change ? [openedAs, closedUnwrittenAs] : []);
  });

  it('writes nothing when the journal cannot be opened', async () => {
    const { apply, cloud, writes } = make();
    cloud.isMine = false;
    expect(await apply()).toMatchObject({ outcome: 'lease_lost' });
    expect(writes()).toEqual([]);
  });

  it("touches nothing more once the lease is lost after a write, and leaves the new holder's item alone", async () => {
    const tables = Array.from({ length: 30 }, (_, i) => `rtb-${String(i).padStart(2, '0')}`);
    const { apply, cloud, writes } = make(tables);
    cloud.onReplace = () => {
      cloud.lease = { ...cloud.lease!, holder: 'somebody', token: 8 };
      cloud.isMine = false;
    };
    expect(await apply()).toMatchObject({ outcome: 'lease_lost', because: expect.stringContaining('no longer ours') });
    // The first wave's fences were read before the loss; the second wave is never tried.
    expect(writes()).toHaveLength(25);
    expect(cloud.order.filter((operation) => operation.startsWith('UpdateItem'))).toHaveLength(1);
  });

  it('reports a lease that went while the last writes were under way', async () => {
    const { apply, cloud } = make();
    cloud.onReplace = () => {
      cloud.isMine = false;
    };
    expect(await apply()).toMatchObject({
      outcome: 'lease_lost',
      because: '2 of 2 routes moved; the lease was lost meanwhile',
    });
  });

  it('is AwsUnavailable when the lock table is silent: a held lease never fails open here', async () => {
    const { apply, mocks, writes } = make();
    mocks.dynamodb.on(GetItemCommand).rejects(awsError('TimeoutError'));
    await expect(apply()).rejects.toMatchObject({ name: 'AwsUnavailable' });
    expect(writes()).toEqual([]);
  });
});

describe('routes that changed', () => {
  it('begins nothing that was decided long ago', async () => {
    const { apply, request, writes } = make();
    const aged = (ms: number) => apply({ decision: { ...request.decision, decidedAt: startAt - ms } });
    expect(await aged(20_001)).toMatchObject({
      outcome: 'stale_plan',
      because: 'nothing was written: decided 20 s ago',
    });
    expect(writes()).toEqual([]);
    expect(await aged(19_000)).toMatchObject({ outcome: 'applied' });
  });

  it('is a stale plan when they changed since the decision', async () => {
    const { apply, cloud, mocks } = make();
    cloud.routes['rtb-2'] = 'eni-gw-b';
    expect(await apply()).toMatchObject({ outcome: 'stale_plan' });
    expect(mocks.ec2.commandCalls(ReplaceRouteCommand)).toHaveLength(0);
    expect(cloud.order.filter((operation) => operation.startsWith('UpdateItem'))).toEqual([
      openedAs,
      closedUnwrittenAs,
    ]);
    const told = cloud.order.filter((operation) => operation.startsWith('PutItem')).map((o) => o.slice(-6));
    expect(told).toEqual(['before', '#after']);
  });

  it('has nothing to do when they are there already', async () => {
    const { apply, cloud, writes } = make();
    cloud.routes = { 'rtb-1': 'eni-gw-b', 'rtb-2': 'eni-gw-b' };
    expect(await apply()).toMatchObject({ outcome: 'nothing_to_do' });
    expect(writes()).toEqual([]);
  });

  it('reports a foreign target as a conflict and leaves it', async () => {
    const { apply, cloud, writes } = make();
    cloud.routes = { 'rtb-1': 'eni-gw-b', 'rtb-2': 'nat-of-somebody' };
    const { outcome, steps } = await apply();
    expect(outcome).toBe('nothing_to_do');
    expect(steps).toMatchObject([
      { table: 'rtb-2', result: 'conflict', detail: expect.stringContaining('nat-of-somebody') },
    ]);
    expect(writes()).toEqual([]);
  });

  it('leaves a route alone that somebody took between two waves', async () => {
    const tables = Array.from({ length: 27 }, (_, i) => `rtb-${String(i).padStart(2, '0')}`);
    const { apply, cloud, writes } = make(tables);
    cloud.onReplace = () => {
      cloud.routes['rtb-26'] = 'eni-of-somebody';
    };
    const { outcome, steps } = await apply();
    expect(outcome).toBe('partial');
    expect(steps[0]).toMatchObject({ table: 'rtb-26', result: 'conflict' });
    expect(cloud.routes['rtb-26']).toBe('eni-of-somebody');
    expect(writes()).toHaveLength(26);
  });

  it('believes the read-back, not the answer', async () => {
    const { apply, mocks, cloud } = make(['rtb-1']);
    mocks.ec2.on(ReplaceRouteCommand).resolves({}); // Accepted, without an effect.
    const { outcome, steps } = await apply();
    expect(outcome).toBe('partial');
    expect(steps).toMatchObject([{ result: 'sent', detail: expect.stringContaining('shows eni-gw-a') }]);
    expect(cloud.order.filter((o) => o === 'DescribeRouteTables')).toHaveLength(1 + 3);
  });

  it('counts a write without an answer that took effect', async () => {
    const { apply, cloud } = make(['rtb-1']);
    cloud.onReplace = (table, target) => {
      cloud.routes[table] = target;
      throw awsError('TimeoutError');
    };
    expect(await apply()).toMatchObject({ outcome: 'applied' });
  });
});

describe('throttles', () => {
  it('backs off, asks the fence again, and moves on', async () => {
    const { apply, cloud, world } = make(['rtb-1']);
    let refusals = 3;
    cloud.onReplace = () => {
      if (refusals-- > 0) throw throttle;
    };
    expect(await apply()).toMatchObject({ outcome: 'applied' });
    expect(world.now() - startAt).toBe(250 + 500 + 1_000);
    expect(cloud.order.filter((operation) => operation === 'GetItem connection#paris')).toHaveLength(4 - 1);
  });

  it('stops in time to journal, with what is left marked as throttled', async () => {
    const { apply, cloud, world } = make();
    cloud.onReplace = (table) => {
      if (table === 'rtb-2') throw throttle;
    };
    const { outcome, steps } = await apply();
    expect(outcome).toBe('partial');
    expect(steps).toMatchObject([
      { table: 'rtb-2', result: 'throttled' },
      { table: 'rtb-1', result: 'done' },
    ]);
    expect(world.now() - startAt).toBeLessThanOrEqual(12_000);
    expect(cloud.order).toContain('UpdateItem SET #memory = :memory REMOVE #writeUntil');
  });

  it('stops writing when the lease ran down during the backoff', async () => {
    const { apply, cloud, mocks } = make(['rtb-1']);
    cloud.lease = { ...cloud.lease!, leaseUntil: startAt + 15_500 };
    cloud.onReplace = () => {
      throw throttle;
    };
    expect(await apply()).toMatchObject({ outcome: 'lease_lost', because: expect.stringContaining('a write needs') });
    expect(mocks.ec2.commandCalls(ReplaceRouteCommand)).toHaveLength(2);
    // Nothing was written: memory stays, only the writer's mark goes.
    expect(cloud.order).toContain('UpdateItem REMOVE #writeUntil');
  });
});

it('remembers a refused write with the call and the table, so that people hear of it', async () => {
  const { apply, cloud } = make();
  cloud.onReplace = () => {
    throw awsError('UnauthorizedOperation', 'You are not authorized', 403);
  };
  expect(await apply()).toMatchObject({ outcome: 'unwritten', because: expect.stringContaining('ReplaceRoute') });
  expect(cloud.order).toContain('UpdateItem SET #memory = :memory REMOVE #writeUntil');
});

it('says so when routes moved but the journal could not be closed', async () => {
  const { apply, mocks, cloud } = make();
  cloud.onReplace = () => mocks.dynamodb.on(UpdateItemCommand).rejects(awsError('TimeoutError'));
  const because = expect.stringContaining('journal could not be closed');
  expect(await apply()).toMatchObject({ outcome: 'applied', because });
});

it('closes the journal though the end of the story could not be written, and says so', async () => {
  const { apply, mocks, cloud } = make();
  cloud.onReplace = () => mocks.dynamodb.on(PutItemCommand).rejects(awsError('TimeoutError'));
  const because = expect.stringContaining('its story could not be written');
  expect(await apply()).toMatchObject({ outcome: 'applied', because });
  expect(cloud.order).toContain('UpdateItem SET #memory = :memory REMOVE #writeUntil');
});

describe('a story that IAM refuses', () => {
  const refused = () => {
    const made = make();
    made.mocks.dynamodb.on(PutItemCommand).rejects(awsError('AccessDeniedException', 'not authorized', 400));
    return made;
  };

  it('keeps nobody in the dark: a rescue goes by the journal, which is opened and closed', async () => {
    const { apply, cloud, writes } = refused();
    const because = expect.stringContaining('its story could not be written: PutItem');
    expect(await apply()).toMatchObject({ outcome: 'applied', because });
    expect(writes()).toHaveLength(2);
    expect(cloud.order.filter((operation) => operation.startsWith('UpdateItem'))).toEqual([
      'UpdateItem SET #writeUntil = :writeUntil',
      'UpdateItem SET #memory = :memory REMOVE #writeUntil',
    ]);
  });

  it('lets nothing else begin', async () => {
    const { apply, request, writes } = refused();
    const decision = { ...request.decision, kind: 'failback', rule: 'failback' };
    await expect(apply({ decision })).rejects.toThrow('PutItem on story of paris');
    expect(writes()).toEqual([]);
  });
});

it('keeps one end of the story when the routes cannot be read back', async () => {
  const { apply, mocks, cloud } = make(['rtb-1']);
  cloud.onReplace = () => mocks.ec2.on(DescribeRouteTablesCommand).rejects(awsError('Unavailable', '', 503));
  const { outcome, steps } = await apply();
  expect([outcome, steps[0]!.detail]).toEqual(['partial', expect.stringContaining('could not be read back')]);
});

describe('fail open', () => {
  it('writes the same plan without fence and journal', async () => {
    const { apply, mocks, writes } = make();
    expect(await apply({ lease: null })).toMatchObject({ outcome: 'applied' });
    expect(writes()).toHaveLength(2);
    expect(mocks.dynamodb.calls()).toHaveLength(0);
  });

  it('still refuses a plan that changed', async () => {
    const { apply, cloud, writes } = make();
    cloud.routes['rtb-2'] = 'eni-gw-b';
    expect(await apply({ lease: null })).toMatchObject({ outcome: 'stale_plan' });
    expect(writes()).toEqual([]);
  });
});

describe('refuses', () => {
  const decision = decisionFor(connection());
  it.each([
    ['schema: 2 must be 1', { schema: 2 }],
    ['connection: "oslo" must be one of paris', { connection: 'oslo' }],
    ['lease: {"holder":1}', { lease: { holder: 1 } }],
    ['decision.kind: "repair"', { decision: { ...decision, kind: 'repair' } }],
    ['decision.moves[0].to: "z"', { decision: { ...decision, moves: [{ routeSet: 'office', from: ['a'], to: 'z' }] } }],
    ['decision.moves[0].missing: -1', { decision: { ...decision, moves: [{ ...decision.moves[0]!, missing: -1 }] } }],
    [
      'decision.moves[0].routeSet: "x"',
      { decision: { ...decision, moves: [{ routeSet: 'x', from: ['a'], to: 'b' }] } },
    ],
    ['memory: missing', { memory: undefined }],
  ])('%s', async (message, changes) => {
    const { apply, mocks } = make();
    await expect(apply(changes)).rejects.toMatchObject({
      name: 'MalformedInput',
      message: expect.stringContaining(message),
    });
    expect(mocks.dynamodb.calls()).toHaveLength(0);
  });

  it('to write for a connection in mode observe', async () => {
    const { apply, writes } = make(
      ['rtb-1'],
      connection({ routeSets: { office: office(['rtb-1']) }, mode: 'observe' }),
    );
    await expect(apply()).rejects.toMatchObject({
      name: 'MalformedInput',
      message: expect.stringContaining('observe'),
    });
    expect(writes()).toEqual([]);
  });
});
