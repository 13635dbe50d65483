/** The assess function: in which order it looks, and what it does when it cannot see. Core is the real one. */
import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { BatchGetItemCommand, GetItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
} from '@aws-sdk/client-ec2';
import { GetAutomationExecutionCommand } from '@aws-sdk/client-ssm';
import { emptyMemory } from '../../../../core/store/memory';
import { memoryFrom } from '../../../../core/store/stored';
import { configuredAs } from '../../../../core/words/configured';
import { instanceAt } from '../../../../core/words/gateways';
import { createHandler } from '../../../../functions/assess';
import { connection, deployment, gateway, office } from '../../../given';
import { awsError, awsMocks } from '../../adapters/aws-mocks';
import { CloudAnswers, me, report } from '../cloud-answers';
import { startAt, VirtualWorld } from '../virtual-world';

const request = { schema: 1, connection: 'paris', ...me, failOpen: false, request: null };

function make(site = deployment()) {
  const mocks = awsMocks();
  const world = new VirtualWorld(mocks);
  const cloud = new CloudAnswers(mocks);
  const handler = createHandler(world, site);
  return { mocks, world, cloud, assess: (changes: object = {}) => world.finish(handler({ ...request, ...changes })) };
}

it('answers finish when all is home and healthy', async () => {
  const { assess } = make();
  expect(await assess()).toMatchObject({
    schema: 1,
    signals: 4,
    decision: { kind: 'finish' },
    situation: { paths: { a: 'healthy', b: 'healthy' }, sets: { office: 'a' } },
  });
});

it('reads the signal counter before it looks at anything else', async () => {
  const { assess, cloud, mocks } = make();
  // The counter grows as soon as it was read: what the world shows afterwards may already be newer.
  mocks.dynamodb.on(GetItemCommand, { Key: { pk: { S: 'connection#paris' }, sk: { S: 'lease' } } }).callsFake(() => {
    expect(cloud.order).toEqual([]);
    cloud.order.push('the counter is read');
    return { Item: { signals: { N: '4' } } };
  });
  expect((await assess()).signals).toBe(4);
  expect(cloud.order[0]).toBe('the counter is read');
  expect(cloud.order).toEqual(expect.arrayContaining(['BatchGetItem', 'DescribeRouteTables', 'DescribeInstances']));
});

describe('a configuration that was deployed under the run', () => {
  it.each([
    ['stamped under its own token', { configured: 'another', configuredToken: 7 }, true],
    ['stamped before it took the lease', { configured: 'another', configuredToken: 6 }, false],
    ['its own', { configured: configuredAs(deployment(), 'paris'), configuredToken: 7 }, false],
    ['never stamped', {}, false],
  ])('makes it outdated or not: %s', async (_, stamp, outdated) => {
    const { assess, cloud } = make();
    cloud.lease = { ...cloud.lease, ...stamp } as Record<string, string | number>;
    expect(await assess()).toMatchObject({ outdated });
  });
});

describe("the item that this execution's own take has just shown", () => {
  const item = { holder: { S: me.holder }, token: { N: String(me.token) }, signals: { N: '3' } };
  const reads = ({ order }: CloudAnswers) =>
    order.filter((operation) => operation === 'GetItem connection#paris').length;

  it('is not read again: its counter is older than any look', async () => {
    const { assess, cloud } = make();
    expect(await assess({ item, itemAt: startAt })).toMatchObject({ signals: 3, failOpen: false });
    expect(reads(cloud)).toBe(0);
  });

  it.each([
    ['old', { itemAt: startAt - 3_001 }],
    ['of another holder', { item: { ...item, holder: { S: 'x' } } }],
    ['of another token', { item: { ...item, token: { N: '8' } } }],
    ['none', { item: null }],
  ])('is read when the one at hand is %s', async (_, over) => {
    const { assess, cloud } = make();
    expect(await assess({ item, itemAt: startAt, ...over })).toMatchObject({ signals: 4 });
    expect(reads(cloud)).toBe(1);
  });

  it('hides no table that has gone silent since', async () => {
    const { assess, mocks } = make();
    mocks.dynamodb.on(GetItemCommand).rejects(awsError('TimeoutError'));
    expect(await assess({ item, itemAt: startAt })).toMatchObject({ failOpen: true });
  });
});

it('diverts from a path its canary calls down', async () => {
  const { assess, cloud } = make();
  cloud.reports = [report('paris/path-a', 'down'), report('paris/path-b', 'healthy'), report('paris/office', 'down')];
  const { decision } = await assess();
  expect(decision).toMatchObject({
    kind: 'divert',
    rule: 'rescue',
    moves: [{ routeSet: 'office', from: ['a'], to: 'b' }],
    // Apply, a moment later, need not ask EC2 for them again.
    seen: { at: startAt, text: expect.stringContaining('eni-gw-a') },
  });
});

it('logs one line per decision, with the reason', async () => {
  const { assess, world } = make();
  const { decision } = await assess();
  expect(world.lines.filter(({ what }) => what !== undefined)).toEqual([
    expect.objectContaining({ what: 'assess: finish', because: decision.because, connection: 'paris', unread: [] }),
  ]);
});

describe('by the name of each gateway', () => {
  const gatewayOk = (lines: readonly Record<string, unknown>[]) =>
    Object.fromEntries(lines.filter(({ Gateway }) => Gateway !== undefined).map((l) => [l['Gateway'], l['GatewayOk']]));

  it('publishes whether EC2 has it running and passing its checks', async () => {
    const { assess, cloud, world } = make();
    cloud.instanceStates['b'] = 'stopped';
    await assess();
    expect(gatewayOk(world.lines)).toEqual({ 'gw-a': 1, 'gw-b': 0 });
  });

  it.each(['SystemStatus', 'InstanceStatus'])('counts an impaired %s', async (which) => {
    const { assess, mocks, world } = make();
    const status = {
      InstanceId: instanceAt(deployment(), 'gw-a').instanceId,
      [which]: { Status: 'impaired' as const },
    };
    mocks.ec2.on(DescribeInstanceStatusCommand).resolves({ InstanceStatuses: [status] });
    await assess();
    expect(gatewayOk(world.lines)).toEqual({ 'gw-a': 0, 'gw-b': 1 });
  });

  it('says nothing while EC2 does not answer: unknown is not down', async () => {
    const { assess, mocks, world } = make();
    mocks.ec2.on(DescribeInstancesCommand).rejects(awsError('ServiceUnavailable', '', 503));
    await assess();
    expect(gatewayOk(world.lines)).toEqual({});
  });
});

describe('when something does not answer', () => {
  it('takes metrics for reports, and says where they came from', async () => {
    const { assess, mocks, cloud, world } = make();
    mocks.dynamodb.on(BatchGetItemCommand).rejects(awsError('TimeoutError'));
    cloud.metric(0, startAt - 3_000, 0);
    cloud.metric(1, startAt - 3_000, 1);
    const { decision } = await assess();
    expect(decision).toMatchObject({ kind: 'divert', moves: [{ to: 'b' }] });
    expect(world.lines.at(-1)).toMatchObject({ reportsFrom: 'metrics', failOpen: false });
  });

  it('fails open on metrics when the state table is silent', async () => {
    const { assess, mocks, cloud, world } = make();
    mocks.dynamodb.on(GetItemCommand).rejects(awsError('TimeoutError'));
    mocks.dynamodb.on(BatchGetItemCommand).rejects(awsError('TimeoutError'));
    cloud.metric(0, startAt - 3_000, 0);
    cloud.metric(1, startAt - 3_000, 1);
    const result = await assess();
    expect(result).toMatchObject({ signals: 0, decision: { kind: 'divert' } });
    expect(world.lines.at(-1)).toMatchObject({ failOpen: true, reportsFrom: 'metrics' });
  });

  it('does not ask a state table that the state machine found silent, but the reports, which may answer', async () => {
    const { assess, mocks, cloud, world } = make();
    cloud.reports = [report('paris/path-a', 'down'), report('paris/path-b', 'healthy'), report('paris/office', 'down')];
    expect((await assess({ failOpen: true, token: null })).decision).toMatchObject({ kind: 'divert', rule: 'rescue' });
    expect(mocks.dynamodb.commandCalls(GetItemCommand)).toHaveLength(0);
    expect(world.lines.at(-1)).toMatchObject({ failOpen: true, reportsFrom: 'table' });
  });

  it('goes by metrics where the reports answer and are old: nobody may write, the canaries neither', async () => {
    const { assess, cloud, world } = make();
    const old = { reportedAt: startAt - 60_000 };
    cloud.reports = [report('paris/path-a', 'healthy', old), report('paris/path-b', 'healthy', old)];
    cloud.metric(0, startAt - 3_000, 0);
    cloud.metric(1, startAt - 3_000, 1);
    expect((await assess({ failOpen: true, token: null })).decision.kind).toBe('divert');
    expect(world.lines.at(-1)).toMatchObject({ reportsFrom: 'metrics' });
  });

  it.each([
    ['no canary writes to it', 60_000, 'metrics'],
    ['one of them does', 1_000, 'table'],
  ])('takes metrics for the reports of a table that answers where %s', async (_, ageMs, from) => {
    const { assess, cloud, world } = make();
    const old = { reportedAt: startAt - 60_000 };
    cloud.reports = [
      report('paris/path-a', 'healthy', { reportedAt: startAt - ageMs }),
      report('paris/path-b', 'healthy', old),
    ];
    cloud.metric(0, startAt - 3_000, 0);
    cloud.metric(1, startAt - 3_000, 1);
    const { decision } = await assess();
    expect(world.lines.at(-1)).toMatchObject({ reportsFrom: from, failOpen: false });
    expect(decision.kind === 'divert').toBe(from === 'metrics');
  });

  it('takes no word for metrics that are not there: the canaries do not run', async () => {
    const { assess, cloud, world } = make();
    cloud.reports = [report('paris/path-a', 'healthy', { reportedAt: startAt - 60_000 })];
    await assess();
    expect(world.lines.at(-1)).toMatchObject({ reportsFrom: 'table' });
  });

  it('fails closed for everything but a rescue', async () => {
    const { assess, mocks, cloud } = make();
    mocks.dynamodb.on(GetItemCommand).rejects(awsError('TimeoutError'));
    cloud.metric(0, startAt - 3_000, 0); // Path a is down, nothing is known of b: no rescue, and no repair either.
    expect((await assess()).decision).toMatchObject({ kind: 'hold', rule: 'evidence' });
  });

  it('reads unreadable routes as unknown: nothing moves', async () => {
    const { assess, mocks, cloud, world } = make();
    mocks.ec2.on(DescribeRouteTablesCommand).rejects(awsError('InternalError', '', 500));
    cloud.reports = [report('paris/path-a', 'healthy'), report('paris/path-b', 'healthy')];
    expect((await assess()).decision).toMatchObject({ kind: 'hold' });
    expect(world.lines.at(-1)).toMatchObject({
      level: 'warn',
      unread: [expect.stringContaining('routes: AwsUnavailable')],
    });
  });

  it('reads unreadable instances as unknown: not one is called dead', async () => {
    const { assess, mocks } = make();
    mocks.ec2.on(DescribeInstancesCommand).rejects(awsError('UnauthorizedOperation', '', 403));
    const { decision, notice } = await assess();
    expect(decision).toMatchObject({
      kind: 'park',
      because: 'nothing is due soon: waiting for a person: Switchback may not look',
    });
    expect(notice?.message).toContain('AWS refuses to be asked: DescribeInstances');
  });

  it.each([
    ['reports', BatchGetItemCommand, 'BatchGetItem', 'until then the metrics of canaries decide'],
    ['status checks', DescribeInstanceStatusCommand, 'DescribeInstanceStatus', 'until then not all can be repaired'],
  ])(
    'tells of %s that it may not read, though something stands in or the rest counts',
    async (_, command, call, means) => {
      const { assess, mocks, cloud } = make();
      const refusal = awsError('AccessDeniedException', 'User: x is not authorized', 400);
      if (command === BatchGetItemCommand) mocks.dynamodb.on(BatchGetItemCommand).rejects(refusal);
      else mocks.ec2.on(DescribeInstanceStatusCommand).rejects(refusal);
      cloud.metric(0, startAt - 3_000, 1);
      cloud.metric(1, startAt - 3_000, 1);
      const { notice } = await assess();
      expect(notice?.message).toMatch(`AWS refuses to be asked: ${call}`);
      expect(notice?.message).toContain(means);
    },
  );

  it('throws only when reports, routes and instances all fail', async () => {
    const { assess, mocks } = make();
    mocks.dynamodb.on(BatchGetItemCommand).rejects(awsError('TimeoutError'));
    mocks.cloudwatch.on(GetMetricDataCommand).rejects(awsError('InternalServiceFault', '', 500));
    const ec2Down = awsError('Unavailable', '', 503);
    for (const call of [
      DescribeRouteTablesCommand,
      DescribeInstancesCommand,
      DescribeInstanceStatusCommand,
      DescribeNetworkInterfacesCommand,
    ]) {
      mocks.ec2.on(call).rejects(ec2Down);
    }
    await expect(assess()).rejects.toMatchObject({ name: 'AwsUnavailable' });
  });

  it('lets a mistake of our own through: it must not look like a quiet night', async () => {
    const { assess, mocks } = make();
    mocks.ec2.on(DescribeInstancesCommand).resolves({ Reservations: [null as never] });
    await expect(assess()).rejects.toThrow(TypeError);
  });
});

const openReboot = {
  rung: 'reboot',
  path: 'a',
  gateway: 'gw-a',
  clientToken: 'token-2',
  startedAt: startAt - 1_000,
  deadlineAt: startAt + 60_000,
  endedAt: null,
  result: 'running',
  because: '',
};

it('asks about the running rung only, by the id that was journalled for it', async () => {
  const { assess, cloud, mocks } = make();
  mocks.ssm
    .on(GetAutomationExecutionCommand)
    .resolves({ AutomationExecution: { AutomationExecutionStatus: 'InProgress' } });
  const memory = JSON.stringify({ ...emptyMemory, rungs: [openReboot] });
  cloud.routes = { 'rtb-1': 'eni-gw-b', 'rtb-2': 'eni-gw-b' };
  cloud.reports = [report('paris/path-a', 'down'), report('paris/path-b', 'healthy')];
  const item = (clientToken: string) => ({
    Item: {
      ...Object.fromEntries([['memory', { S: memory }]]),
      automation: { M: { clientToken: { S: clientToken }, id: { S: 'auto-1' } } },
    },
  });
  const key = { Key: { pk: { S: 'connection#paris' }, sk: { S: 'lease' } } };
  mocks.dynamodb.on(GetItemCommand, key).resolves(item('token-1'));
  await assess();
  expect(mocks.ssm.commandCalls(GetAutomationExecutionCommand)).toHaveLength(0);
  mocks.dynamodb.on(GetItemCommand, key).resolves(item('token-2'));
  await assess();
  expect(mocks.ssm.commandCalls(GetAutomationExecutionCommand)).toHaveLength(1);
  expect(cloud.order).toContain('BatchGetItem');
});

it.each([
  ['Success', 'repair'],
  ['InProgress', 'park'],
  [awsError('InternalServerError'), 'park'],
] as const)('asks about a claim that was left on a gateway, %s: %s', async (answer, kind) => {
  const { assess, cloud, mocks } = make();
  const asked = mocks.ssm.on(GetAutomationExecutionCommand, { AutomationExecutionId: 'auto-9' });
  if (typeof answer === 'string') asked.resolves({ AutomationExecution: { AutomationExecutionStatus: answer } });
  else asked.rejects(answer);
  cloud.gateways['gw-a'] = { claimedBy: 'auto-9' };
  cloud.routes = { 'rtb-1': 'eni-gw-b', 'rtb-2': 'eni-gw-b' };
  cloud.reports = [report('paris/path-a', 'down'), report('paris/path-b', 'healthy')];
  expect((await assess()).decision.kind).toBe(kind);
});

it.each([
  ['token-2', 'success'],
  ['token-1', 'refused'],
] as const)(
  'knows a repair whose start could not be journalled by its claim, left under %s: %s',
  async (by, result) => {
    const { assess, cloud, mocks } = make();
    const answer = { AutomationExecutionStatus: 'Success' as const, Parameters: { Repair: [by] } };
    mocks.ssm.on(GetAutomationExecutionCommand, { AutomationExecutionId: 'auto-9' }).resolves({
      AutomationExecution: answer,
    });
    cloud.gateways['gw-a'] = { claimedBy: 'auto-9', clientToken: 'token-2' };
    const item = { memory: { S: JSON.stringify({ ...emptyMemory, rungs: [openReboot] }) } };
    const key = { Key: { pk: { S: 'connection#paris' }, sk: { S: 'lease' } } };
    mocks.dynamodb.on(GetItemCommand, key).resolves({ Item: item });
    const { memory, rungEnded } = await assess();
    expect(memoryFrom(memory).rungs).toMatchObject([{ result }]);
    expect(rungEnded).toMatchObject({ claim: 'auto-9', isOver: result === 'success' });
  },
);

it('looks at the identity our own replacement journalled', async () => {
  const { assess, cloud, mocks } = make();
  cloud.gateways['gw-a'] = { identity: JSON.stringify({ instanceId: 'i-new', routeInterfaceId: 'eni-new' }) };
  cloud.pins['rtb-path-a'] = 'eni-new';
  await assess();
  const { input } = mocks.ec2.commandCalls(DescribeInstancesCommand)[0]!.args[0];
  expect(input.Filters![0]!.Values).toEqual(['i-new', gateway('gw-b').instanceId]);
});

it('reads other connections only where there are any: their canaries, and routes over shared gateways', async () => {
  const alone = make();
  await alone.assess();
  const keysAlone =
    alone.mocks.dynamodb.commandCalls(BatchGetItemCommand)[0]!.args[0].input.RequestItems!['reports']!.Keys;
  expect(keysAlone).toHaveLength(3);
  const together = make(
    deployment(connection(), connection({ name: 'rome', routeSets: { office: office(['rtb-9']) } })),
  );
  await together.assess();
  const { mocks } = together;
  const keys = mocks.dynamodb.commandCalls(BatchGetItemCommand)[0]!.args[0].input.RequestItems!['reports']!.Keys;
  expect(keys!.map((key) => key['canary']!.S)).toEqual([
    'paris/path-a',
    'paris/path-b',
    'paris/office',
    'rome/path-a',
    'rome/path-b',
  ]);
  const { Filters } = mocks.ec2.commandCalls(DescribeRouteTablesCommand)[0]!.args[0].input;
  expect(Filters![0]!.Values).toEqual(['rtb-1', 'rtb-2', 'rtb-9', 'rtb-path-a', 'rtb-path-b']);
});

describe('refuses', () => {
  it.each([
    [{ schema: 2 }, 'MalformedInput', 'schema must be 1'],
    [{ connection: null }, 'UnknownConnection', 'connection: missing; known: paris'],
  ])('%j by name, naming the field', async (changes, name, message) => {
    await expect(make().assess(changes)).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
  });

  it('a command it cannot understand, with every field, its value and the mend', async () => {
    const request = { connection: 'paris', trigger: 'pause', until: 'soon' };
    const { decision } = await make().assess({ request });
    expect(decision).toMatchObject({ kind: 'refuse_request', mend: expect.stringContaining('start it again') });
    expect(decision.because).toMatch(/requestedBy: missing.*until: "soon" must be a time/);
  });

  it('a connection that is stored but no longer configured, by a name the state machine does not ask again for', async () => {
    await expect(make().assess({ connection: 'oslo' })).rejects.toMatchObject({
      name: 'UnknownConnection',
      message: 'connection: "oslo" is unknown; known: paris',
    });
  });
});
