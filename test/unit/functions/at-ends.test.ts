/**
 * What is asked where when a connection has two ends, and what becomes of one end's question when the other end does not
 * answer: it is unknown there, and nobody here waits for it.
 */
import { BatchGetItemCommand, GetItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  ReplaceRouteCommand,
  type RouteTable,
} from '@aws-sdk/client-ec2';
import {
  DescribeInstanceInformationCommand,
  GetAutomationExecutionCommand,
  StartAutomationExecutionCommand,
} from '@aws-sdk/client-ssm';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { reportItem } from '../../../adapters/dynamodb/report-item';
import { leaseFrom } from '../../../core/store/lease';
import type { Deployment } from '../../../core/words/domain';
import type { RouteFacts } from '../../../core/words/evidence';
import { createHandler as createApply } from '../../../functions/apply';
import type { EndProofs } from '../../../functions/apply/prove-ends';
import { createHandler as createAssess } from '../../../functions/assess';
import { gather } from '../../../functions/assess/gather';
import { readAutomation } from '../../../functions/assess/questions';
import { looksAt } from '../../../functions/assess/route-looks';
import { routesAtEnds } from '../../../functions/routes-at-ends';
import { bothOn, endsDeployment, interfaceAt, meshOf } from '../../given-ends';
import { type AwsMocks, awsError, awsMocks } from '../adapters/aws-mocks';
import { report } from './cloud-answers';
import { startAt, VirtualWorld } from './virtual-world';

type EndName = 'frankfurt' | 'ohio';

const apart = (): Deployment => ({
  ...endsDeployment(),
  account: '111122223333',
  ends: {
    frankfurt: { name: 'frankfurt', region: 'eu-central-1' },
    ohio: { name: 'ohio', region: 'us-east-2', account: '210987654321', role: 'end', externalId: 'both-know' },
  },
});

const denied = awsError('AccessDenied', 'not authorized to perform: sts:AssumeRole', 403);
const silence = awsError('TimeoutError', 'no answer', 0);

const tablesOf = (deployment: Deployment, end: EndName): readonly string[] =>
  meshOf(deployment).routeSets[`all.${end}`]!.tables;

/** Each listed table leads where its end's path a does. */
const shownBy = (deployment: Deployment, end: EndName) => (input: { Filters?: { Values?: string[] }[] }) => ({
  RouteTables: (input.Filters?.[0]?.Values ?? []).map(
    (RouteTableId): RouteTable => ({
      RouteTableId,
      Routes: meshOf(deployment).routeSets[`all.${end}`]!.destinations.map((DestinationCidrBlock) => ({
        DestinationCidrBlock,
        NetworkInterfaceId: interfaceAt(deployment, end, 'a'),
        State: 'active' as const,
        Origin: 'CreateRoute' as const,
      })),
    }),
  ),
});

function answering(mocks: AwsMocks, deployment: Deployment, end: EndName): void {
  mocks.ec2.on(DescribeRouteTablesCommand).callsFake(shownBy(deployment, end));
  mocks.ec2.on(DescribeInstancesCommand).resolves({ Reservations: [] });
  mocks.ec2.on(DescribeNetworkInterfacesCommand).resolves({ NetworkInterfaces: [] });
  mocks.ec2.on(DescribeInstanceStatusCommand).resolves({ InstanceStatuses: [] });
  mocks.ssm.on(DescribeInstanceInformationCommand).resolves({});
  mocks.dynamodb.on(GetItemCommand).resolves({});
  mocks.dynamodb.on(BatchGetItemCommand).callsFake(({ RequestItems }) => {
    const [[table, { Keys }]] = Object.entries(RequestItems) as [[string, { Keys: { canary: { S: string } }[] }]];
    const items = Keys.filter(({ canary }) => canary.S.startsWith('mesh/'));
    return {
      Responses: {
        [table]: items.map(({ canary }) => reportItem(report(canary.S, 'healthy', { connection: 'mesh' }))),
      },
    };
  });
}

function scene(deployment = apart()) {
  const here = awsMocks();
  const there = awsMocks();
  const world = new VirtualWorld(here);
  answering(here, deployment, 'frankfurt');
  answering(there, deployment, 'ohio');
  const roles: string[] = [];
  there.sts.on(AssumeRoleCommand).callsFake(({ RoleArn }) => {
    roles.push(String(RoleArn));
    return { Credentials: { AccessKeyId: 'A', SecretAccessKey: 's', SessionToken: 't', Expiration: new Date(0) } };
  });
  world.awsIn = (region, as) => {
    if (region !== 'us-east-2') throw new Error(`nobody asks in ${region}`);
    if (as === undefined) return { sts: there.clients.sts } as never; // Our own rights reach nothing there.
    const keyed = <C extends { send(command: never): Promise<unknown> }>(client: C): C =>
      ({ send: (command: never) => as().then(() => client.send(command)) }) as unknown as C;
    return {
      ...there.clients,
      ec2: keyed(there.clients.ec2 as never),
      dynamodb: keyed(there.clients.dynamodb as never),
      ssm: keyed(there.clients.ssm as never),
    };
  };
  const look = () => world.finish(gather(world, deployment, { connection: 'mesh', lease: leaseFrom({}) }));
  return { deployment, here, there, world, roles, look };
}

const asked = (mocks: AwsMocks): string =>
  JSON.stringify(
    [...mocks.ec2.calls(), ...mocks.dynamodb.calls()].map(({ args }) => (args[0] as { input: object }).input),
  );

const setsIn = (routes: readonly RouteFacts[]): string[] => [...new Set(routes.map(({ routeSet }) => routeSet))];

it('asks each end about its own routes, gateways and canaries, by the role of that end', async () => {
  const { here, there, look, roles } = scene();
  const { evidence } = await look();
  expect(setsIn(evidence.routes).sort()).toEqual(['all.frankfurt', 'all.ohio']);
  expect(evidence.unreadEnds).toBeUndefined();
  expect(Object.entries(evidence.reports).map(([id, found]) => [id, found?.verdict])).toEqual(
    ['f-path-a', 'f-path-b', 'f-all', 'o-path-a', 'o-path-b', 'o-all'].map((id) => [`mesh/${id}`, 'healthy']),
  );
  expect(roles).toEqual(['arn:aws:iam::210987654321:role/switchback/mesh/end']);
  expect(asked(there)).toMatch(/switchback-mesh-reports-ohio/);
  expect(asked(there)).not.toMatch(/mesh\/f-|"reports"/);
  expect(asked(here)).not.toMatch(/mesh\/o-|reports-ohio/);
  for (const table of tablesOf(apart(), 'ohio')) expect(asked(here)).not.toContain(table);
  for (const table of tablesOf(apart(), 'frankfurt')) expect(asked(there)).not.toContain(table);
});

it('knows nothing of an end whose role is refused, and all of its own', async () => {
  const { there, look, world } = scene();
  there.sts.on(AssumeRoleCommand).rejects(denied);
  const { evidence, unread } = await look();
  expect(setsIn(evidence.routes)).toEqual(['all.frankfurt']);
  expect(evidence).toMatchObject({ unreadEnds: ['ohio'], missingTables: [] });
  expect(evidence.reports['mesh/o-path-a']).toBeNull();
  expect(evidence.reports['mesh/f-path-a']).not.toBeNull();
  expect(unread.join('\n')).toMatch(/instances: AccessDenied: .* AssumeRole on arn:aws:iam::210987654321/);
  const said = expect.stringContaining('AssumeRole on arn:aws:iam::210987654321') as string;
  expect(world.lines).toContainEqual(
    expect.objectContaining({ what: 'routes: end not read', end: 'ohio', because: said }),
  );
});

it('waits a second for a silent end, and no more', async () => {
  const { world, there, look } = scene();
  const never = () => new Promise<never>(() => {});
  there.ec2.on(DescribeRouteTablesCommand).callsFake(never);
  there.dynamodb.on(BatchGetItemCommand).callsFake(never);
  there.ec2.on(DescribeInstancesCommand).rejects(silence);
  const { evidence } = await look();
  expect(setsIn(evidence.routes)).toEqual(['all.frankfurt']);
  expect(evidence.unreadEnds).toEqual(['ohio']);
  expect(world.now() - startAt).toBeLessThan(2_500);
});

it('says nothing of routes where no end answers', async () => {
  const { here, there, look } = scene();
  for (const { ec2 } of [here, there]) ec2.on(DescribeRouteTablesCommand).rejects(silence);
  const { evidence, unread } = await look();
  expect(evidence.routes).toEqual([]);
  expect(unread.join('\n')).toMatch(/routes: AwsUnavailable/);
});

it('asks for each end by a call of its own where both stand here: what EC2 refuses of one it may say of the other', async () => {
  const deployment = endsDeployment();
  const { here, look } = scene(deployment);
  const [firstOfOhio] = tablesOf(deployment, 'ohio');
  here.ec2.on(DescribeRouteTablesCommand).callsFake((input: { Filters?: { Values?: string[] }[] }) => {
    if (input.Filters?.[0]?.Values?.includes(firstOfOhio!) === true) throw awsError('InternalError', 'no', 500);
    return shownBy(deployment, 'frankfurt')(input);
  });
  const { evidence } = await look();
  expect(setsIn(evidence.routes)).toEqual(['all.frankfurt']);
  expect(evidence.unreadEnds).toEqual(['ohio']);
});

it('writes a route at the end whose table it is in', async () => {
  const { deployment, here, there, world } = scene();
  for (const { ec2 } of [here, there]) ec2.on(ReplaceRouteCommand).resolves({});
  const write = (end: EndName) =>
    routesAtEnds(world, deployment).write({
      ...{ routeSet: `all.${end}`, table: tablesOf(deployment, end)[0]!, destination: '10.0.0.0/8', kind: 'replace' },
      ...{ expected: null, to: { kind: 'network-interface', id: interfaceAt(deployment, end, 'b') } },
    });
  expect(await write('ohio')).toMatchObject({ result: 'accepted' });
  expect([here, there].map(({ ec2 }) => ec2.commandCalls(ReplaceRouteCommand).length)).toEqual([0, 1]);
  expect(await write('frankfurt')).toMatchObject({ result: 'accepted' });
  expect([here, there].map(({ ec2 }) => ec2.commandCalls(ReplaceRouteCommand).length)).toEqual([1, 1]);
});

it('keeps no half sight in place of a whole one', async () => {
  const { deployment, there, world } = scene();
  const kept: object[] = [];
  const sights = { read: async () => null, write: async (_: object, sight: object) => void kept.push(sight) };
  const looks = () =>
    looksAt(
      { world, routes: routesAtEnds(world, deployment), sights: sights as never },
      meshOf(deployment),
      true,
      false,
    );
  const keep = async () => {
    const one = looks();
    const first = await world.finish(one.first());
    await one.keep();
    return setsIn(first!.sight.routes);
  };
  there.ec2.on(DescribeRouteTablesCommand).rejects(silence);
  expect(await keep()).toEqual(['all.frankfurt']);
  expect(kept).toEqual([]);
  there.ec2.on(DescribeRouteTablesCommand).callsFake(shownBy(deployment, 'ohio'));
  expect(await keep()).toEqual(['all.frankfurt', 'all.ohio']);
  expect(kept).toHaveLength(1);
});

it('plans by what an end showed last only where that was decided, and says that it is not shown', async () => {
  const { deployment, there, world } = scene();
  const seen = { seenAt: world.now() - 60_000, routes: bothOn(deployment, 'a'), pins: {} };
  const sights = { read: async () => seen, write: async () => undefined };
  const first = (byLastSeen: boolean) =>
    world.finish(
      looksAt(
        { world, routes: routesAtEnds(world, deployment), sights: sights as never },
        meshOf(deployment),
        true,
        byLastSeen,
      ).first(),
    );
  there.ec2.on(DescribeRouteTablesCommand).rejects(silence);
  const decided = await first(true);
  expect([setsIn(decided!.sight.routes), decided!.isShown]).toEqual([['all.frankfurt', 'all.ohio'], false]);
  expect(decided!.sight.routes).toHaveLength(4); // Of the end that answers, what it shows now and nothing older.
  const other = await first(false);
  expect([setsIn(other!.sight.routes), other!.isShown]).toEqual([['all.frankfurt'], true]);
});

it('takes the roles on with each warm-up', async () => {
  for (const create of [createAssess, createApply]) {
    const { deployment, world, roles } = scene();
    await create(world, deployment)({ warmUp: true }, world.context(1_000) as never);
    expect(roles).toHaveLength(1);
  }
});

describe('asked whether it could write at every end', () => {
  const dryRun = awsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
  const prove = async ({ world, deployment }: ReturnType<typeof scene>) => {
    const answer = (await world.finish(
      createApply(world, deployment)({ prove: 'ends' }, world.context(15_000)),
    )) as unknown as EndProofs;
    return answer.proofs.map(({ end, table, result }) => [end, table, result]);
  };
  const each = (end: EndName, result: string) => tablesOf(apart(), end).map((table) => [end, table, result]);

  it('tries each table there, dry, with the route that stands in it', async () => {
    const at = scene();
    for (const { ec2 } of [at.here, at.there]) ec2.on(ReplaceRouteCommand).rejects(dryRun);
    expect(await prove(at)).toEqual([...each('frankfurt', 'may'), ...each('ohio', 'may')]);
    const tried = [at.here, at.there].flatMap(({ ec2 }) => ec2.commandCalls(ReplaceRouteCommand));
    expect(tried).toHaveLength(4);
    expect(tried.every(({ args }) => args[0].input.DryRun === true)).toBe(true);
  });

  it('says which end refuses the write, and which does not let us look', async () => {
    const at = scene();
    at.here.ec2.on(ReplaceRouteCommand).rejects(dryRun);
    at.there.ec2.on(ReplaceRouteCommand).rejects(awsError('UnauthorizedOperation', 'no', 403));
    expect(await prove(at)).toEqual([...each('frankfurt', 'may'), ...each('ohio', 'refused')]);
    const shut = scene();
    shut.here.ec2.on(ReplaceRouteCommand).rejects(dryRun);
    shut.there.sts.on(AssumeRoleCommand).rejects(denied);
    expect(await prove(shut)).toEqual([...each('frankfurt', 'may'), ...each('ohio', 'unread')]);
  });

  it('tries nothing where no route stands', async () => {
    const at = scene();
    at.here.ec2.on(ReplaceRouteCommand).rejects(dryRun);
    at.there.ec2.on(DescribeRouteTablesCommand).resolves({ RouteTables: [] });
    expect(await prove(at)).toEqual([...each('frankfurt', 'may'), ...each('ohio', 'no_route')]);
    expect(at.there.ec2.commandCalls(ReplaceRouteCommand)).toHaveLength(0);
  });
});

describe('a repair at the other end', () => {
  const context = { awsRequestId: 'r', getRemainingTimeInMillis: () => 10_000 };
  const start = {
    gateway: 'o-a',
    document: 'switchback-reboot-ohio',
    parameters: { Gateway: ['o-a'] },
    clientToken: 't',
  };
  const starting = (more: object) => {
    const stage = scene();
    stage.world.env['STATE_TABLE'] = 'state';
    const document = `${stage.deployment.runbooks.reboot}-ohio`;
    stage.there.ssm.on(StartAutomationExecutionCommand).resolves({ AutomationExecutionId: 'automation-1' });
    const apply = createApply(stage.world, stage.deployment);
    return {
      ...stage,
      document,
      answer: stage.world.finish(apply({ start: { ...start, document, ...more } }, context)),
    };
  };

  it('is started there, by that end’s keys, and told which table decides', async () => {
    const { answer, document, here, roles, there } = starting({});
    expect(await answer).toEqual({ automationId: 'automation-1' });
    expect(roles).toHaveLength(1);
    expect(here.ssm.calls()).toEqual([]);
    expect(there.ssm.commandCalls(StartAutomationExecutionCommand)[0]!.args[0].input).toEqual({
      DocumentName: document,
      Parameters: { Gateway: ['o-a'], ClaimTable: ['state'] },
      ClientToken: 't',
    });
  });

  it('is not started when its role lets nobody in: the error says so', async () => {
    const stage = scene();
    stage.there.sts.on(AssumeRoleCommand).rejects(denied);
    const document = `${stage.deployment.runbooks.reboot}-ohio`;
    const answer = createApply(stage.world, stage.deployment)({ start: { ...start, document } }, context);
    await expect(stage.world.finish(answer)).rejects.toThrow('not authorized to perform: sts:AssumeRole');
  });

  it.each([
    [{ gateway: 'f-a' }, /gateway is "f-a": must be one that stands in another region or account/],
    [{ document: 'AWS-RunShellScript' }, /document is "AWS-RunShellScript": must be one of /],
    [{ parameters: { Gateway: 'o-a' } }, /every value must be a list of texts/],
    [{ clientToken: 7 }, /clientToken is 7: must be a text/],
  ])('refuses %j', async (more, words) => {
    const { answer, there } = starting(more);
    await expect(answer).rejects.toThrow(words);
    expect(there.ssm.calls()).toEqual([]);
  });

  it('is asked about where its gateway stands', async () => {
    const { deployment, here, there, world } = scene();
    there.ssm.on(GetAutomationExecutionCommand).resolves({
      AutomationExecution: { AutomationExecutionStatus: 'Success' },
    });
    expect(await world.finish(readAutomation(world, deployment, 'id-1', 'o-a'))).toMatchObject({ status: 'success' });
    expect(here.ssm.commandCalls(GetAutomationExecutionCommand)).toHaveLength(0);
  });
});
