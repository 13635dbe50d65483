/**
 * The least that each role needs, and nothing else. A wildcard on something that changes the world is what turns a
 * bug into an outage of somebody else's network; so the exceptions are few, named, and AWS's own.
 */
import type { Deployment } from '../../core/words/domain';
import type { Synthesis } from '../../infra/assembly';
import { isReading } from '../../local-cloud/iam/grant-use';
import { imposedByAws } from '../../sim/grant-exceptions';
import { replaceablePairs } from '../first-night/sizes';
import { allowed, type Permission, permissions } from './permissions';
import { resources, siteDeployment, synthesizeSite } from './synthesis';

let synthesis: Synthesis;
let all: Permission[];

beforeAll(() => {
  synthesis = synthesizeSite(siteDeployment('pair'));
  all = permissions(synthesis);
});

it('grants no changing action on every resource, but those AWS imposes', () => {
  const exceptions = Object.values(imposedByAws).flat();
  const everywhere = all
    .filter(({ effect, resources: where }) => effect === 'Allow' && where.includes('*'))
    .flatMap(({ role, actions }) => actions.filter((a) => !isReading(a)).map((a) => ({ role, action: a })));
  expect(everywhere.filter(({ action }) => !exceptions.includes(action))).toEqual([]);
});

it('lists no exception that nothing needs', () => {
  const granted = all.filter(({ resources: where }) => where.includes('*')).flatMap(({ actions }) => actions);
  expect(
    Object.values(imposedByAws)
      .flat()
      .filter((action) => !granted.includes(action)),
  ).toEqual([]);
});

it('grants no action by pattern', () => {
  expect(all.flatMap(({ actions }) => actions).filter((action) => action.includes('*'))).toEqual([]);
});

it('fences every id it cannot know by a condition', () => {
  const open = all.filter(
    ({ effect, actions, resources: where, conditions }) =>
      effect === 'Allow' &&
      actions.some((a) => a.startsWith('ec2:') && !isReading(a)) &&
      where.some((r) => /:[a-z-]+\/\*$/.test(r)) &&
      Object.keys(conditions).length === 0,
  );
  expect(open).toEqual([]);
});

describe('apply', () => {
  it('writes in the listed route tables and nowhere else', () => {
    const writes = allowed(all, 'FunctionsApply').filter((line) => /^ec2:(?!Describe)/.test(line));
    expect(writes.map((line) => line.replace(/arn:.*route-table/, 'route-table'))).toEqual(
      [1, 2].map((n) => `ec2:ReplaceRoute on route-table/rtb-0000000000000000${n}`),
    );
  });

  const rightsOf = (deployment: Deployment, role = 'FunctionsApply'): string[] =>
    allowed(permissions(synthesizeSite(deployment)), role)
      .filter((line) => /^ec2:(?!Describe)/.test(line))
      .map((line) => line.replace(/arn:\S*:/, ''));

  it('names tables and attachments of a transit gateway, and deletes nothing there', () => {
    const [first, second] = [1, 2].map((n) => `transit-gateway-route-table/tgw-rtb-0000000000000000${n}`);
    const attachments = ['a', 'b'].map((letter) => `transit-gateway-attachment/tgw-attach-0${letter.repeat(15)}1`);
    const writes = ['ReplaceTransitGatewayRoute', 'CreateTransitGatewayRoute'].flatMap((action) =>
      [first, second, ...attachments].map((on) => `ec2:${action} on ${on}`),
    );
    const reads = [first, second].map((on) => `ec2:SearchTransitGatewayRoutes on ${on}`);
    expect(rightsOf(siteDeployment('transit')).sort()).toEqual([...writes, ...reads].sort());
    for (const role of ['FunctionsAssess', 'FunctionsSweep'])
      expect(rightsOf(siteDeployment('transit'), role).sort()).toEqual([...reads].sort());
  });

  const spokesTo = (...destinations: string[]): Deployment => {
    const { connections, ...rest } = siteDeployment('transit');
    const paris = connections['paris']!;
    const routeSets = { spokes: { ...paris.routeSets['spokes']!, destinations } };
    return { ...rest, connections: { paris: { ...paris, routeSets } } };
  };
  const list = 'pl-0123456789abcdef0';

  it('modifies references to the listed prefix lists, makes none, and writes no routes where all are lists', () => {
    const moved = 'ec2:ModifyTransitGatewayPrefixListReference on ';
    const writes = rightsOf(spokesTo(list)).filter((line) => !/Get|Search/.test(line));
    expect(writes.sort()).toEqual(
      [
        `prefix-list/${list}`,
        ...['a', 'b'].map((letter) => `transit-gateway-attachment/tgw-attach-0${letter.repeat(15)}1`),
        ...[1, 2].map((n) => `transit-gateway-route-table/tgw-rtb-0000000000000000${n}`),
      ].map((on) => moved + on),
    );
    const both = rightsOf(spokesTo(list, '172.16.0.0/16'));
    expect(both).toEqual(expect.arrayContaining([...writes, ...rightsOf(siteDeployment('transit'))]));
  });

  it('looks into prefix lists where somebody is told of it, and not where routes are written', () => {
    const looks = `ec2:GetManagedPrefixListEntries on prefix-list/${list}`;
    for (const role of ['FunctionsAssess', 'FunctionsSweep']) expect(rightsOf(spokesTo(list), role)).toContain(looks);
    expect(rightsOf(spokesTo(list))).not.toContain(looks);
  });

  it('asks for references where there are prefix lists, and nowhere else', () => {
    const asks = 'ec2:GetTransitGatewayPrefixListReferences on *';
    for (const role of ['FunctionsAssess', 'FunctionsSweep', 'FunctionsApply']) {
      expect(rightsOf(spokesTo(list), role)).toContain(asks);
      expect(rightsOf(siteDeployment('transit'), role)).not.toContain(asks);
    }
  });

  it('creates and deletes routes of a VPC where they are propagated at home, and nowhere else', () => {
    const { connections, ...rest } = siteDeployment('pair');
    const paris = connections['paris']!;
    const [name, set] = Object.entries(paris.routeSets)[0]!;
    const routeSets = { ...paris.routeSets, [name]: { ...set, propagated: true } };
    const mixed = { ...rest, connections: { paris: { ...paris, routeSets } } };
    const changes = rightsOf(mixed).filter((line) => /Create|Delete/.test(line));
    expect(changes).toEqual(
      ['CreateRoute', 'DeleteRoute'].flatMap((action) =>
        set.tables.map((table) => `ec2:${action} on route-table/${table}`),
      ),
    );
  });

  it('creates and deletes routes where nothing can move, if they may stand in for learned ones', () => {
    const changes = rightsOf(siteDeployment('learned')).map((line) => line.replace(/ on .*/, ''));
    expect(changes).toEqual(expect.arrayContaining(['ec2:CreateRoute', 'ec2:DeleteRoute']));
  });

  it('may write nothing where a Route Server leads users', () => {
    const writes = /(Replace|Create|Delete)(TransitGateway)?Route |RouteServer/;
    expect(rightsOf(siteDeployment('led')).filter((line) => writes.test(line))).toEqual([]);
    expect(rightsOf(siteDeployment('speaking')).filter((line) => writes.test(line))).not.toEqual([]);
  });

  it('may write nothing where nothing can move', () => {
    expect(rightsOf(siteDeployment('managed'))).toEqual([]);
  });
});

describe('questions', () => {
  it.each(['FunctionsAssess'])('%s may change nothing but its log', (role) => {
    const changes = allowed(all, role).filter((line) => !isReading(line) && !line.startsWith('logs:'));
    expect(changes).toEqual([]);
  });

  it('only sense writes what is believed of an event, and sense writes no lease', () => {
    const writing = all.filter(
      ({ effect, actions, resources: where }) =>
        effect === 'Allow' &&
        actions.some((a) => /^dynamodb:(Put|Update|Delete|BatchWrite|PartiQL)/.test(a)) &&
        where.some((r) => r.includes('TablesState')),
    );
    const keysOf = ({ conditions }: Permission): string[] =>
      Object.values(conditions).flatMap((tests) =>
        [(tests as Record<string, string[]>)['dynamodb:LeadingKeys'] ?? []].flat(),
      );
    expect(writing.length).toBeGreaterThan(4);
    for (const permission of writing) {
      const wanted = permission.role.includes('FunctionsSense') ? /^observed#/ : /^(connection|gateway)#/;
      expect(keysOf(permission).length).toBeGreaterThan(0);
      for (const key of keysOf(permission))
        expect([permission.role, key]).toEqual([permission.role, expect.stringMatching(wanted)]);
    }
  });

  it('sense may say what EC2 announced, start executions and hand on what it could not', () => {
    const changes = allowed(all, 'FunctionsSense').filter((line) => !isReading(line) && !line.startsWith('logs:'));
    expect(changes).toEqual([
      expect.stringMatching(/^dynamodb:UpdateItem on \$\{SwitchbackTablesState/),
      expect.stringMatching(/^sqs:SendMessage on /),
      expect.stringMatching(/^states:StartExecution on .*:stateMachine:switchback-failover$/),
    ]);
  });

  it('sweep may seed items, write down what is declared, and start executions', () => {
    const changes = allowed(all, 'FunctionsSweep').filter((line) => !isReading(line) && !line.startsWith('logs:'));
    expect(changes).toEqual([
      expect.stringMatching(/^dynamodb:PutItem on \$\{SwitchbackTablesState/),
      expect.stringMatching(/^dynamodb:UpdateItem on \$\{SwitchbackTablesState/),
      expect.stringMatching(/^states:StartExecution on .*:stateMachine:switchback-failover$/),
    ]);
  });
});

describe('a canary', () => {
  it('writes its own report, and that its connection has a path that fails, and never a lease', () => {
    const ofTable = all.filter(
      ({ role, actions }) => role.includes('parispatha') && actions.some((a) => a.startsWith('dynamodb:')),
    );
    const resources = [expect.stringContaining('TablesReports')];
    const keys = (...names: string[]) => ({ 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': names } });
    expect(ofTable).toMatchObject([
      { actions: ['dynamodb:PutItem'], resources, conditions: keys('paris/path-a', 'failing#paris') },
      { actions: ['dynamodb:GetItem'], resources, conditions: keys('failing#paris') },
    ]);
  });

  it('holds interface permissions for Lambda, not for its code', () => {
    const denied = all.filter(({ role, effect }) => role.includes('parispatha') && effect === 'Deny');
    expect(denied[0]!.actions).toContain('ec2:CreateNetworkInterface');
    expect(denied[0]!.conditions).toHaveProperty(['ArnLike', 'lambda:SourceFunctionArn']);
  });
});

describe('the state machine', () => {
  it('starts our documents only, never AWS-RunShellScript', () => {
    const started = allowed(all, 'FailoverRole').filter(
      (line) => line.startsWith('ssm:') && line.includes(':document/'),
    );
    expect(started.map((line) => line.split('document/')[1])).toEqual([
      'switchback-clear-source-dest-check',
      'switchback-reboot',
      'switchback-replace',
      'switchback-restart-tunnel',
      'switchback-stop-start',
    ]);
  });

  it('passes the repair role to Systems Manager, and no other role to anybody', () => {
    const passes = all.filter(({ role, actions }) => role.includes('FailoverRole') && actions.includes('iam:PassRole'));
    expect(passes).toHaveLength(1);
    expect(passes[0]).toMatchObject({
      resources: [expect.stringContaining('RepairRole')],
      conditions: { StringEquals: { 'iam:PassedToService': 'ssm.amazonaws.com' } },
    });
  });

  it('touches EC2 through nobody but apply and the documents', () => {
    expect(allowed(all, 'FailoverRole').filter((line) => line.startsWith('ec2:'))).toEqual([]);
  });
});

describe('repairs', () => {
  it('powers declared instances, and undeclared ones only with our tag', () => {
    const power = all.filter(
      ({ role, actions }) => role.includes('RepairRole') && actions.includes('ec2:StopInstances'),
    );
    expect(power.map(({ resources: where, conditions }) => [where.map((r) => r.split('/')[1]), conditions])).toEqual([
      [['i-0aaaaaaaaaaaaaaa1', 'i-0bbbbbbbbbbbbbbb1'], {}],
      [['*'], { StringEquals: { 'aws:ResourceTag/switchback:gateway': ['gw-a', 'gw-b'] } }],
    ]);
  });

  it('never terminates anything', () => {
    expect(all.flatMap(({ actions }) => actions)).not.toContain('ec2:TerminateInstances');
  });

  it('launches from the declared templates, unaltered, and passes their role to EC2 only', () => {
    const launch = all.find(({ actions }) => actions.includes('ec2:RunInstances'))!;
    expect(launch.conditions['Bool']).toEqual({ 'ec2:IsLaunchTemplateResource': 'true' });
    expect(launch.resources.filter((r) => /subnet\/|launch-template\//.test(r)).every((r) => !r.endsWith('*'))).toBe(
      true,
    );
    const pass = all.find(({ role, actions }) => role.includes('RepairRole') && actions.includes('iam:PassRole'))!;
    expect(pass.resources).toEqual([expect.stringMatching(/:role\/vpn-gateway$/)]);
    expect(pass.conditions).toEqual({ StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } });
  });

  it('sends our two command documents and no other', () => {
    const documents = allowed(all, 'RepairRole').filter(
      (line) => line.startsWith('ssm:SendCommand') && line.includes('document/'),
    );
    expect(documents).toEqual([
      expect.stringMatching(/document\/switchback-on-gateway$/),
      expect.stringMatching(/document\/switchback-on-launch$/),
    ]);
  });

  it('are done in the name of our own automations: the trust names this account', () => {
    const [, repair] = resources(synthesis, 'AWS::IAM::Role').find(([id]) => id.includes('RepairRole'))!;
    expect(repair.Properties.AssumeRolePolicyDocument.Statement[0].Condition).toHaveProperty([
      'StringEquals',
      'aws:SourceAccount',
    ]);
  });
});

describe('roles that outgrow their inline policies', () => {
  const asFilledIn = (document: unknown): number =>
    JSON.stringify(document).replaceAll(
      /\{"Fn::Join":\["",\["(arn:[^"]*)",\{"Ref":"AWS::AccountId"\},"([^"]*)"\]\]\}/g,
      '"$1111111111111$2"',
    ).length;

  /** Characters of a role's inline policies, and of each managed policy it holds. */
  function sizesOf(synthesis: Synthesis, rolePart: string): { readonly inline: number; readonly managed: number[] } {
    const { Properties } = resources(synthesis, 'AWS::IAM::Role').find(([id]) => id.includes(rolePart))![1];
    const managed = new Map(resources(synthesis, 'AWS::IAM::ManagedPolicy'));
    return {
      inline: Properties.Policies.reduce(
        (sum: number, { PolicyDocument }: { PolicyDocument: unknown }) => sum + asFilledIn(PolicyDocument),
        0,
      ),
      managed: (Properties.ManagedPolicyArns ?? []).map(({ Ref }: { Ref: string }) =>
        asFilledIn(managed.get(Ref)!.Properties.PolicyDocument),
      ),
    };
  }

  it('hold the rest in managed policies, none above IAM’s limits, and lose no route table on the way', () => {
    const deployment = structuredClone(siteDeployment('pair'));
    const office = deployment.connections['paris']!.routeSets['office']! as unknown as { tables: string[] };
    office.tables = Array.from({ length: 200 }, (_, i) => `rtb-${String(i).padStart(17, '0')}`);
    const many = synthesizeSite(deployment);
    const { inline, managed } = sizesOf(many, 'FunctionsApplyRole');
    expect(inline).toBeLessThan(10_240);
    expect(managed.length).toBeGreaterThan(1);
    for (const characters of managed) expect(characters).toBeLessThan(6_144);
    const writes = allowed(permissions(many), 'FunctionsApply').filter((line) => line.startsWith('ec2:ReplaceRoute'));
    expect(new Set(writes).size).toBe(200);
  });

  it('grant the repairs of twelve replaceable pairs all that those of one need, each on its own', () => {
    const twelve = synthesizeSite(replaceablePairs(12));
    const { inline, managed } = sizesOf(twelve, 'RepairRole');
    expect(inline).toBeLessThan(10_240);
    expect(managed.length).toBeGreaterThan(0);
    for (const characters of managed) expect(characters).toBeLessThan(6_144);
    const grants = (synthesis: Synthesis) => allowed(permissions(synthesis), 'RepairRole');
    const ofOne = grants(synthesizeSite(replaceablePairs(1)));
    expect(new Set(grants(twelve))).toEqual(new Set([...grants(twelve), ...ofOne]));
    const named = grants(twelve).filter((line) => /\/(i|eni|eipalloc|lt)-|\/gw\d/.test(line));
    const namedByOne = ofOne.filter((line) => /\/(i|eni|eipalloc|lt)-|\/gw\d/.test(line));
    expect(namedByOne.length).toBeGreaterThan(0);
    expect(new Set(named).size).toBe(12 * new Set(namedByOne).size);
  });
});

describe('the name in DNS that follows a gateway', () => {
  const ofRoute53 = (deployment: Deployment): Permission[] =>
    permissions(synthesizeSite(deployment)).filter(({ actions }) => actions.some((a) => a.startsWith('route53:')));

  it('may be led elsewhere by the repair role alone, and it alone, by UPSERT of its A record, where there is no Elastic IP', () => {
    const [change, ...rest] = ofRoute53(siteDeployment('named'));
    expect(change).toEqual({
      role: expect.stringContaining('RepairRole'),
      effect: 'Allow',
      actions: ['route53:ChangeResourceRecordSets'],
      resources: [expect.stringMatching(/^arn:\S*:route53:::hostedzone\/Z0123456789ABCDEFGHIJ$/)],
      conditions: {
        'ForAllValues:StringEquals': {
          'route53:ChangeResourceRecordSetsNormalizedRecordNames': ['vpn-a.example.net'],
          'route53:ChangeResourceRecordSetsRecordTypes': ['A'],
          'route53:ChangeResourceRecordSetsActions': ['UPSERT'],
        },
      },
    });
    expect(
      rest.map(({ role, actions, resources: where }) => [role.includes('RepairRole'), ...actions, ...where]),
    ).toEqual([
      [true, 'route53:GetChange', expect.stringMatching(/:route53:::change\/\*$/)],
      [true, 'route53:TestDNSAnswer', '*'],
    ]);
  });

  it('is only asked where every gateway that has one has an Elastic IP', () => {
    const { gateways, ...site } = siteDeployment('named');
    const address = { allocationId: 'eipalloc-0aaaaaaaaaaaaaaa1', publicIp: '203.0.113.10' };
    const deployment = { ...site, gateways: { ...gateways, 'gw-a': { ...gateways['gw-a']!, address } } } as Deployment;
    expect(ofRoute53(deployment).flatMap(({ actions }) => actions)).toEqual(['route53:TestDNSAnswer']);
  });

  it('is nobody’s business where no gateway has one', () => {
    expect(ofRoute53(siteDeployment('pair'))).toEqual([]);
  });
});

it('lets the repair role move secondary addresses, between declared interfaces and those it launched', () => {
  const moves = (name: string): Permission[] =>
    permissions(synthesizeSite(siteDeployment(name))).filter(
      ({ role, actions }) => role.includes('RepairRole') && actions.includes('ec2:AssignPrivateIpAddresses'),
    );
  const [declared, launched, ...others] = moves('two-ends-kept');
  expect(others).toEqual([]);
  expect(declared!.resources).toEqual([expect.stringMatching(/:network-interface\/eni-0ff000000000000a1$/)]);
  expect(launched!.conditions).toEqual({
    StringEquals: { 'aws:ResourceTag/switchback:gateway': ['f-a'] },
  });
  expect(moves('two-ends')).toEqual([]);
});

it('grants nothing for a replacement without a launch template', () => {
  const deployment = structuredClone(siteDeployment('pair'));
  for (const gateway of Object.values(deployment.gateways))
    delete (gateway as { launchTemplate?: unknown }).launchTemplate;
  const without = synthesizeSite(deployment);
  const actions = permissions(without).flatMap((p) => p.actions);
  expect(actions).not.toContain('ec2:RunInstances');
  expect(actions).not.toContain('ec2:AssociateAddress');
  expect(resources(without, 'AWS::SSM::Document').map(([, d]) => d.Properties.Name)).not.toContain(
    'switchback-replace',
  );
});

describe('a repair of a VPN connection', () => {
  const granted = (mode: 'repair' | 'divert'): string[] => {
    const site = siteDeployment('managed');
    const bank = { ...site.connections['bank']!, mode };
    return allowed(permissions(synthesizeSite({ ...site, connections: { bank } })), 'Repair');
  };

  it('replaces tunnels of the declared connection, asks about them, and reads what was reported of it', () => {
    const lines = granted('repair').map((line) => line.replace(/arn:\S*?:(?=vpn-connection)/, ''));
    const connection = 'vpn-connection/vpn-0aaaaaaaaaaaaaaa1';
    expect(lines.filter((line) => /^ec2:(?!Describe)/.test(line)).sort()).toEqual([
      `ec2:GetActiveVpnTunnelStatus on ${connection}`,
      `ec2:ReplaceVpnTunnel on ${connection}`,
    ]);
    expect(lines.some((line) => line.startsWith('dynamodb:Query'))).toBe(true);
  });

  it('may touch no tunnel where the connection is not in mode repair', () => {
    expect(granted('divert').filter((line) => /^(ec2:(?!Describe)|dynamodb:)/.test(line))).toEqual([]);
  });
});
