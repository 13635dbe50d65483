/** The sweep: for whom a run is due, and for whom it is not. Core is the real one. */
import { BatchGetItemCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeRouteTablesCommand } from '@aws-sdk/client-ec2';
import { DescribeExecutionCommand, ExecutionDoesNotExist, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { emptyMemory } from '../../../../core/store/memory';
import { createHandler } from '../../../../functions/sweep';
import { connection, deployment, office } from '../../../given';
import { awsError, awsMocks } from '../../adapters/aws-mocks';
import { CloudAnswers, me, report } from '../cloud-answers';
import { startAt, VirtualWorld } from '../virtual-world';

function make(site = deployment()) {
  const mocks = awsMocks();
  const world = new VirtualWorld(mocks);
  const cloud = new CloudAnswers(mocks);
  cloud.lease = { token: 7, signals: 4 };
  mocks.sfn.on(StartExecutionCommand).resolves({});
  mocks.sfn.on(DescribeExecutionCommand).resolves({ status: 'RUNNING' });
  const handler = createHandler(world, site);
  const started = () => mocks.sfn.commandCalls(StartExecutionCommand).map((call) => call.args[0].input);
  return { mocks, world, cloud, started, sweep: () => world.finish(handler()) };
}

const incident = { id: 'paris-1', openedAt: startAt - 60_000, because: 'path a: down' };

it('starts nothing where all is home and healthy', async () => {
  const { sweep, started } = make();
  expect(await sweep()).toEqual({ started: [], failed: [] });
  expect(started()).toEqual([]);
});

it('starts a run where a path is down and no event came', async () => {
  const { sweep, cloud, started } = make();
  cloud.reports = [report('paris/path-a', 'down'), report('paris/path-b', 'healthy')];
  expect(await sweep()).toMatchObject({ started: ['paris'] });
  expect(started()).toEqual([
    expect.objectContaining({
      name: `sweep-paris-${startAt / 60_000}`,
      input: '{"connection":"paris","source":"sweep"}',
    }),
  ]);
});

describe('a held lease', () => {
  it('is left to its holder, with no look at the world but at its routes', async () => {
    const { sweep, cloud, mocks, started } = make();
    cloud.lease = { ...me, leaseUntil: startAt + 1 };
    await sweep();
    expect(started()).toEqual([]);
    expect(mocks.ec2.calls().map(({ args }) => args[0].constructor)).toEqual([DescribeRouteTablesCommand]);
  });

  it.each([
    ['ended', () => Promise.resolve({ status: 'ABORTED' as const })],
    ['is forgotten', () => Promise.reject(new ExecutionDoesNotExist({ message: 'gone', $metadata: {} }))],
  ])('is due at once when its holder %s: nobody waits for it to expire', async (_, answer) => {
    const { sweep, cloud, mocks, started } = make();
    mocks.sfn.on(DescribeExecutionCommand).callsFake(answer);
    cloud.lease = { ...me, leaseUntil: startAt + 60_000 };
    await sweep();
    expect(started()).toHaveLength(1);
  });

  it('is left to a holder so young that Step Functions may not show it yet', async () => {
    const { sweep, cloud, mocks, started } = make();
    mocks.sfn.on(DescribeExecutionCommand).rejects(new ExecutionDoesNotExist({ message: 'not yet', $metadata: {} }));
    cloud.lease = { ...me, leaseUntil: startAt + 60_001 };
    await sweep();
    expect(started()).toEqual([]);
  });

  it('is left through the grace, then its holder is taken for dead', async () => {
    const { sweep, cloud, started } = make();
    cloud.lease = { ...me, leaseUntil: startAt - 5_000 };
    await sweep();
    expect(started()).toHaveLength(0);
    cloud.lease = { ...me, leaseUntil: startAt - 5_001 };
    await sweep();
    expect(started()).toHaveLength(1);
  });
});

describe('a free lease', () => {
  it('is due to close an incident that is over', async () => {
    const { sweep, cloud, started } = make();
    cloud.lease = { token: 7, signals: 4, memory: JSON.stringify({ ...emptyMemory, incident }) };
    await sweep();
    expect(started()).toHaveLength(1);
  });

  it('is due while home soaks: somebody must be there when it has', async () => {
    const { sweep, cloud, started } = make();
    cloud.lease = { token: 7, signals: 4, memory: JSON.stringify({ ...emptyMemory, incident }) };
    cloud.routes = { 'rtb-1': 'eni-gw-b', 'rtb-2': 'eni-gw-b' };
    await sweep();
    expect(started()).toHaveLength(1);
  });

  it('stays parked while nothing is due and everything is told', async () => {
    const { sweep, cloud, started } = make();
    const paused = JSON.stringify({ since: 0, until: startAt + 3_600_000, reason: 'work', requestedBy: 'kim' });
    const told = { 'dark/office': startAt };
    const healthySince = { b: startAt - 60_000 };
    cloud.lease = {
      token: 7,
      signals: 4,
      paused,
      memory: JSON.stringify({ ...emptyMemory, incident, told, healthySince }),
    };
    cloud.reports = [report('paris/path-a', 'down'), report('paris/path-b', 'healthy')];
    await sweep();
    expect(started()).toEqual([]);
  });

  it('is due once when a path has become well far from the time to go home: a soak must begin to end', async () => {
    const { sweep, cloud, started } = make();
    const blips = { a: [4, 3, 2, 1].map((n) => ({ at: startAt - n * 3_600_000, ms: 4_000 })) };
    const away = { ...emptyMemory, incident, blips, told: { 'away/office/blips': startAt } };
    cloud.routes = { 'rtb-1': 'eni-gw-b', 'rtb-2': 'eni-gw-b' };
    cloud.reports = [report('paris/path-a', 'healthy'), report('paris/path-b', 'healthy')];
    cloud.lease = { token: 7, signals: 4, memory: JSON.stringify(away) };
    await sweep();
    expect(started()).toHaveLength(1);
    const healthySince = { a: startAt - 60_000, b: startAt - 60_000 };
    cloud.lease = { token: 8, signals: 4, memory: JSON.stringify({ ...away, healthySince }) };
    await sweep();
    expect(started()).toHaveLength(1);
  });

  it('is due once when what people were told of is over and waits for company: a sweep would wait anew each minute', async () => {
    const { sweep, cloud, started } = make();
    const [stuck, over] = ['stuck/a/peer', 'over/stuck/a/peer'];
    const healthySince = { a: startAt - 3_600_000, b: startAt - 3_600_000 };
    const known = { ...emptyMemory, incident, healthySince };
    const divert = JSON.stringify({
      since: 0,
      until: startAt + 3_600_000,
      to: 'b',
      reason: 'swap',
      requestedBy: 'kim',
    });
    cloud.routes = { 'rtb-1': 'eni-gw-b', 'rtb-2': 'eni-gw-b' };
    cloud.reports = [report('paris/path-a', 'healthy'), report('paris/path-b', 'healthy')];
    const parked = (memory: object) => ({
      token: 7,
      signals: 4,
      'divert#office': divert,
      memory: JSON.stringify(memory),
    });
    cloud.lease = parked({ ...known, told: { [stuck]: startAt - 7_200_000 } });
    await sweep();
    expect(started()).toHaveLength(1);
    cloud.lease = parked({ ...known, toTell: [{ key: over, text: 'over: well', waitsUntil: startAt + 60_000 }] });
    await sweep();
    expect(started()).toHaveLength(1);
  });

  it('is not due for want of evidence: the next sweep looks again', async () => {
    const { sweep, mocks, started } = make();
    mocks.dynamodb.on(BatchGetItemCommand).rejects(awsError('TimeoutError'));
    mocks.cloudwatch.rejects(awsError('ServiceUnavailable', '', 503));
    await sweep();
    expect(started()).toEqual([]);
  });
});

describe('seeding', () => {
  it('happens once per sandbox, for all connections and gateways', async () => {
    const { sweep, mocks } = make();
    await sweep();
    await sweep();
    const puts = mocks.dynamodb.commandCalls(PutItemCommand).map((call) => call.args[0].input.Item!);
    const keys = puts.filter(({ sk }) => sk!.S === 'lease').map(({ pk }) => pk!.S);
    expect(keys).toEqual(['connection#paris', 'gateway#gw-a', 'gateway#gw-b']);
  });

  it('happens again when an item is gone', async () => {
    const { sweep, mocks, cloud } = make();
    await sweep();
    cloud.lease = null;
    await sweep();
    const puts = mocks.dynamodb.commandCalls(PutItemCommand).map((call) => call.args[0].input.Item!);
    expect(puts.filter(({ sk }) => sk!.S === 'lease')).toHaveLength(6);
  });
});

describe('says aloud', () => {
  const day = 86_400_000;
  const stored = (over: object) => ({ token: 7, signals: 4, memory: JSON.stringify({ ...emptyMemory, ...over }) });
  const standing = (world: VirtualWorld) => world.lines.find(({ what }) => String(what).startsWith('sweep:'));
  const counts = (world: VirtualWorld) =>
    Object.assign({}, ...world.lines.filter((l) => '_aws' in l && !('Gateway' in l))) as Record<string, unknown>;

  it('how the connection stands: the path that carries, the last incident, the last drill', async () => {
    const { sweep, cloud, world } = make();
    const lastIncident = { id: 'paris-0', openedAt: startAt - 7_200_000, closedAt: startAt - 3_600_000, because: 'x' };
    cloud.lease = stored({ lastIncident, practisedAt: { office: startAt - day } });
    await sweep();
    expect(standing(world)).toMatchObject({
      connection: 'paris',
      carriedBy: { office: { path: 'a', since: '' } },
      incident: '',
      lastIncident: '2026-11-20T19:00:00Z to 2026-11-20T20:00:00Z: x',
      lastDrill: '2026-11-19T21:00:00Z',
    });
  });

  it('the same from memory alone, while another run holds the connection', async () => {
    const { sweep, cloud, mocks, world } = make();
    cloud.lease = {
      ...me,
      leaseUntil: startAt + 1,
      ...stored({ incident, usedSince: { office: { path: 'b', at: 1 } } }),
    };
    await sweep();
    expect(mocks.ec2.calls().map(({ args }) => args[0].constructor)).toEqual([DescribeRouteTablesCommand]);
    expect(standing(world)).toMatchObject({
      carriedBy: { office: { path: 'b' } },
      incident: expect.stringMatching(/down$/),
    });
  });

  it('whether each gateway passes its checks', async () => {
    const { sweep, cloud, world } = make();
    cloud.instanceStates['a'] = 'stopping';
    await sweep();
    const gateways = world.lines.filter(({ Gateway }) => Gateway !== undefined);
    expect(gateways.map((line) => [line['Gateway'], line['GatewayOk']])).toEqual([
      ['gw-a', 0],
      ['gw-b', 1],
    ]);
  });

  it('how many connections wait for people, and for a drill; nothing when none does', async () => {
    const { sweep, cloud, world } = make();
    cloud.lease = { ...stored({ practisedAt: { office: startAt - 90 * day } }), seededAt: startAt - 100 * day };
    await sweep();
    expect(counts(world)).toEqual({});
    cloud.lease = {
      ...stored({ incident, told: { 'manual/office': startAt }, practisedAt: { office: startAt - 90 * day - 1 } }),
      ...{ ...me, leaseUntil: startAt + 1, seededAt: startAt - 100 * day },
    };
    await sweep();
    expect(counts(world)).toMatchObject({ Deployment: 'switchback', Escalated: 1, DrillOverdue: 1 });
  });

  it('that somebody else points the routes elsewhere, and starts the run that tells people', async () => {
    const { sweep, cloud, started, world } = make();
    cloud.routes = { 'rtb-1': 'eni-foreign', 'rtb-2': 'eni-foreign' };
    expect(await sweep()).toMatchObject({ started: ['paris'] });
    expect(started()).toHaveLength(1);
    expect(standing(world)).toMatchObject({ what: 'sweep: due', because: expect.stringContaining('hands') });
    expect(standing(world)).toMatchObject({ carriedBy: { office: { path: null } } });
  });
});

describe('failures', () => {
  const two = deployment(connection(), connection({ name: 'rome', routeSets: { office: office(['rtb-9']) } }));
  const key = (name: string) => ({ Key: { pk: { S: `connection#${name}` }, sk: { S: 'lease' } } });

  it('of one connection do not keep the others from their look', async () => {
    const { sweep, mocks, cloud } = make(two);
    mocks.dynamodb.on(GetItemCommand, key('paris')).rejects(awsError('TimeoutError'));
    cloud.reports = [report('rome/path-a', 'down'), report('rome/path-b', 'healthy')];
    cloud.routes = { 'rtb-1': 'eni-gw-a', 'rtb-2': 'eni-gw-a', 'rtb-9': 'eni-gw-a' };
    expect(await sweep()).toEqual({ started: ['rome'], failed: ['paris'] });
  });

  it('of all are thrown: a sweep that sees nothing must be noticed', async () => {
    const { sweep, mocks } = make(two);
    mocks.dynamodb.on(GetItemCommand).rejects(awsError('TimeoutError'));
    await expect(sweep()).rejects.toMatchObject({ name: 'AwsUnavailable' });
  });
});
