/**
 * The greenfield network stack: what a reviewer would look for in its template, and that the configuration made from
 * its outputs describes what the template builds.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '../../config/read';
import { siteFromOutputs } from '../../config/site-from-outputs';
import { instanceAt } from '../../core/words/gateways';
import { idOf, ofType, props, type Resource, resolved, root, type Template, templateOf } from './greenfield-template';

/** The example's own app, with the flags `cdk synth` would hand it; nothing else loads it. */
function example(): Template {
  const { context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8'));
  process.env['CDK_CONTEXT_JSON'] = JSON.stringify(context);
  const { app } = require('../../examples/greenfield/app') as typeof import('../../examples/greenfield/app');
  delete process.env['CDK_CONTEXT_JSON'];
  return app.synth().getStackByName('switchback-network').template as Template;
}

const template = example();
const templates = ofType(template, 'AWS::EC2::LaunchTemplate');
const dataOf = ({ Properties }: Resource) => Properties.LaunchTemplateData;
const userData = (data: ReturnType<typeof dataOf>): string => resolved(data.UserData) as string;

describe('a gateway', () => {
  it('answers the metadata service by IMDSv2 alone, and only to itself', () => {
    expect(templates).toHaveLength(4);
    for (const [, each] of templates)
      expect(dataOf(each).MetadataOptions).toEqual({ HttpTokens: 'required', HttpPutResponseHopLimit: 1 });
  });

  it('forwards: the source/dest check is off on every interface routes may point at', () => {
    const interfaces = ofType(template, 'AWS::EC2::NetworkInterface');
    expect(interfaces.map(([, { Properties }]) => Properties.SourceDestCheck)).toEqual([false, false]);
  });

  it('has no key in its user data, and no place for one', () => {
    for (const [, each] of templates) {
      const script = userData(dataOf(each));
      expect(script.length).toBeLessThan(16_384);
      // The only secrets { } section is the one the fetching script prints.
      expect(script.match(/secret = .*/g)).toEqual(["secret = 0s%s\\n  }\\n' \\"]);
      expect(script).toMatch(/^paris-[ab] secret switchback\/paris-[ab] 203\.0\.113\.[12]0 198\.51\.100\.[23]0$/m);
    }
    expect(JSON.stringify(template)).not.toMatch(/SecretString"|resolve:secretsmanager|resolve:ssm-secure/);
  });

  it('encrypts its disk, where the last keys lie', () => {
    for (const [, each] of templates) expect(dataOf(each).BlockDeviceMappings[0].Ebs.Encrypted).toBe(true);
  });

  it('reads the keys of its own tunnels and no other', () => {
    const roles = ofType(template, 'AWS::IAM::Role').filter(([id]) => id.startsWith('Vpn'));
    const reads = roles.map(([, { Properties }]) =>
      Properties.Policies.flatMap((policy: { PolicyDocument: { Statement: { Action: unknown }[] } }) =>
        policy.PolicyDocument.Statement.filter(({ Action }) => JSON.stringify(Action).includes('Secret')),
      ).map((statement: { Resource: unknown }) => resolved(statement.Resource)),
    );
    const secret = (name: string) => [`arn:aws:secretsmanager:eu-central-1:AWS::AccountId:secret:${name}-??????`];
    expect(reads).toEqual([secret('switchback/paris-a'), secret('switchback/paris-b')]);
    expect(roles.map(([, { Properties }]) => Properties.ManagedPolicyArns)).toEqual([undefined, undefined]);
  });

  it('publishes in the gateways’ own namespace, and only where it is asked to', () => {
    const grants = (some: Template) =>
      ofType(some, 'AWS::IAM::Role')
        .flatMap(([, { Properties }]) => Properties.Policies ?? [])
        .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
        .filter(({ Action }) => JSON.stringify(Action).includes('cloudwatch'));
    expect(grants(templateOf())).toEqual([]);
    const grant = {
      Effect: 'Allow',
      Action: 'cloudwatch:PutMetricData',
      Resource: '*',
      Condition: { StringEquals: { 'cloudwatch:namespace': 'Switchback/east/gateways' } },
    };
    const asked = templateOf({ tunnelMetrics: true, deployment: 'east' });
    expect(grants(asked)).toEqual([grant, grant]);
    for (const [, each] of ofType(asked, 'AWS::EC2::LaunchTemplate'))
      expect(userData(dataOf(each))).toMatch(
        /^NAMESPACE=Switchback\/east\/gateways\nDEPLOYMENT=east\nGATEWAY=gw-[ab]$/m,
      );
  });

  it('lets in IKE from its own peer alone', () => {
    const guard = ofType(template, 'AWS::EC2::SecurityGroup').find(([id]) => id.startsWith('VpngwaGuard'));
    const rules = guard![1].Properties.SecurityGroupIngress as { CidrIp: string; FromPort?: number }[];
    expect(rules.map(({ CidrIp, FromPort }) => [CidrIp, FromPort])).toEqual([
      ['198.51.100.20/32', 500],
      ['198.51.100.20/32', 4500],
      ['10.0.0.0/16', undefined],
    ]);
  });

  it('is made from version 1 for good: no deployment stops it', () => {
    for (const [, { Properties }] of ofType(template, 'AWS::EC2::Instance')) {
      const { LaunchTemplate: _, NetworkInterfaces: __, Tags: ___, ...rest } = Properties;
      expect(rest).toEqual({ Monitoring: true, DisableApiTermination: false }); // None of which stops it.
      expect(Properties.LaunchTemplate.Version).toBe('1');
    }
  });

  it('is protected from termination when that is asked for, which a first deployment must not', () => {
    for (const [, { Properties }] of ofType(templateOf({ protect: true }), 'AWS::EC2::Instance'))
      expect(Properties.DisableApiTermination).toBe(true);
    for (const [id, each] of templates)
      expect(dataOf(each).DisableApiTermination).toBe(id.includes('Replacement') ? true : undefined);
  });

  it('has a replacement that differs in its interface and its protection, and signals to nobody', () => {
    for (const letter of ['a', 'b']) {
      const find = (kind: string) => dataOf(templates.find(([id]) => id.startsWith(`Vpngw${letter}${kind}`))![1]);
      const { NetworkInterfaces, UserData, DisableApiTermination: _, ...rest } = find('Replacement');
      const { UserData: first, ...others } = find('First');
      expect(rest).toEqual(others);
      const signalled = new RegExp(` signal='(Vpngw${letter}AnswersHere)'`);
      expect(resolved(first)).toMatch(signalled);
      expect(resolved(UserData)).toBe((resolved(first) as string).replace(signalled, " signal=''"));
      // One interface, as the replace runbook promises; reachable before the Elastic IP is moved.
      expect(NetworkInterfaces).toHaveLength(1);
      expect(NetworkInterfaces[0]).toMatchObject({ DeviceIndex: 0, AssociatePublicIpAddress: true });
    }
  });

  it('holds its address before it first boots', () => {
    for (const [id, resource] of ofType(template, 'AWS::EC2::Instance')) {
      const held = JSON.stringify((resource as unknown as { DependsOn: string[] }).DependsOn);
      expect(held).toContain(`${idOf(id).slice(0, 6) === 'i-0aaa' ? 'Vpngwa' : 'Vpngwb'}AddressHeld`);
    }
  });
});

describe('its configuration', () => {
  const outputs = Object.fromEntries(
    Object.entries(template.Outputs).map(([name, { Value }]) => [name, resolved(Value) as string]),
  );
  const shown = JSON.parse(readFileSync(join(root, 'examples/greenfield/outputs.json'), 'utf8'));
  const yaml = readFileSync(join(root, 'examples/greenfield/switchback.yaml'), 'utf8');

  it('is written from outputs like those the example shows', () => {
    expect({ 'switchback-network': outputs }).toEqual(shown);
    expect(siteFromOutputs(shown).text).toBe(yaml);
  });

  it('describes what the template builds: each canary in another zone, pinned to its gateway', () => {
    const read = parseConfig(yaml);
    if (!read.ok) throw new Error('The example is not sound');
    const { gateways, connections } = read.deployment;
    const { canaries, paths, routeSets } = connections['paris']!;
    const subnets = new Map(ofType(template, 'AWS::EC2::Subnet').map(([id, each]) => [idOf(id), each.Properties]));
    const tables = new Map(
      ofType(template, 'AWS::EC2::SubnetRouteTableAssociation').map(([, { Properties }]) => [
        resolved(Properties.SubnetId),
        resolved(Properties.RouteTableId),
      ]),
    );
    const routes = ofType(template, 'AWS::EC2::Route').map(([, { Properties }]) => resolved(Properties));
    const towards = (table: unknown, gateway: string) => ({
      RouteTableId: table,
      DestinationCidrBlock: '172.16.0.0/16',
      NetworkInterfaceId: instanceAt({ gateways }, gateway).routeInterfaceId,
    });
    for (const { watches, subnetId, availabilityZone, routeTableId } of canaries) {
      const path = watches.kind === 'path' ? watches.path : routeSets[watches.routeSet]!.home;
      const gateway = instanceAt({ gateways }, paths[path]!.gateway);
      expect(subnets.get(subnetId)!.AvailabilityZone).toBe(availabilityZone);
      expect(gateway.availabilityZone).not.toBe(availabilityZone);
      if (watches.kind === 'path') expect(tables.get(subnetId)).toBe(routeTableId);
      else expect(routeSets[watches.routeSet]!.tables).toContain(tables.get(subnetId));
      expect(routes).toContainEqual(towards(tables.get(subnetId), gateway.name));
    }
    for (const table of routeSets['office']!.tables) expect(routes).toContainEqual(towards(table, 'gw-a'));
  });

  it('gives canaries the way to their table: DynamoDB by the free endpoint, in each of their tables', () => {
    const [, endpoint] = ofType(template, 'AWS::EC2::VPCEndpoint')[0]!;
    expect(endpoint.Properties.VpcEndpointType).toBe('Gateway');
    expect(resolved(endpoint.Properties.RouteTableIds)).toEqual(
      expect.arrayContaining(['rtb-0ca0000000000000a', 'rtb-0ca0000000000000b', 'rtb-00000000000000002']),
    );
  });
});

describe('other shapes', () => {
  const paris = props.connections['paris']!;
  const rome = {
    ...paris,
    remote: ['172.20.0.0/16', '172.21.0.0/16'],
    targets: ['172.20.0.10:443'],
    paths: { a: { ...paris.paths['a']!, peer: '198.51.100.40' }, b: { ...paris.paths['b']!, peer: '198.51.100.50' } },
  };
  const affinity = { east: { home: 'a', zone: 'eu-central-1a' }, west: { home: 'b', zone: 'eu-central-1b' } };
  const shaped = templateOf({ connections: { paris: { ...paris, routeSets: affinity }, rome } });
  const outputs = Object.fromEntries(
    Object.entries(shaped.Outputs).map(([name, { Value }]) => [name, resolved(Value) as string]),
  );

  it('two connections over one pair, and a set a zone: a sound configuration', () => {
    const { read } = siteFromOutputs({ network: outputs });
    if (!read.ok) throw new Error(JSON.stringify(read.problems));
    const { routeSets, canaries } = read.deployment.connections['paris']!;
    expect(routeSets['east']).toMatchObject({ home: 'a', tables: ['rtb-00000000000000001'] });
    expect(routeSets['west']).toMatchObject({ home: 'b', tables: ['rtb-00000000000000002'] });
    expect(canaries.map(({ id, availabilityZone }) => [id, availabilityZone])).toEqual([
      ['paris/path-a', 'eu-central-1b'],
      ['paris/path-b', 'eu-central-1a'],
      ['paris/service-east', 'eu-central-1a'],
      ['paris/service-west', 'eu-central-1b'],
    ]);
    expect(Object.keys(read.deployment.connections)).toEqual(['paris', 'rome']);
  });

  it('leads each zone to its own gateway, and every destination of every connection', () => {
    const routes = ofType(shaped, 'AWS::EC2::Route').map(([, { Properties }]) => resolved(Properties));
    const towards = (RouteTableId: string, DestinationCidrBlock: string, letter: string) =>
      expect(routes).toContainEqual({
        RouteTableId,
        DestinationCidrBlock,
        NetworkInterfaceId: `eni-0${letter.repeat(15)}1`,
      });
    towards('rtb-00000000000000001', '172.16.0.0/16', 'a');
    towards('rtb-00000000000000002', '172.16.0.0/16', 'b');
    for (const cidr of rome.remote) towards('rtb-00000000000000002', cidr, 'a');
  });

  it('gives a gateway the keys and peers of all its tunnels', () => {
    const script = userData(dataOf(ofType(shaped, 'AWS::EC2::LaunchTemplate')[0]![1]));
    expect(script).toContain(
      'paris-a secret vpn/a 203.0.113.10 198.51.100.20\nrome-a secret vpn/a 203.0.113.10 198.51',
    );
    expect(script).toContain('ip daddr { 172.16.0.0/16, 172.20.0.0/16, 172.21.0.0/16 } rt ipsec missing drop');
  });

  it.each([
    ['a home that is no path', { office: { home: 'c' } }, /home "c" is no path/],
    ['a zone without workloads', { office: { home: 'a', zone: 'eu-central-1c' } }, /no workloads in eu-central-1c/],
    ['two sets in one zone', { ...affinity, office: { home: 'a' } }, /share a zone/],
  ])('refuses %s', (_, routeSets, message) => {
    expect(() => templateOf({ connections: { paris: { ...paris, routeSets } } })).toThrow(message);
  });
});

describe('a key elsewhere', () => {
  const statements = (changed: object) => {
    const paris = { ...props.connections['paris']!, ...changed };
    const roles = ofType(templateOf({ connections: { paris } }), 'AWS::IAM::Role');
    const own = roles.find(([id]) => id.startsWith('Vpngwb'))![1].Properties.Policies[0].PolicyDocument.Statement;
    return resolved(own.slice(1));
  };
  const paths = (key: object) => ({
    paths: { ...props.connections['paris']!.paths, b: { ...props.connections['paris']!.paths['b']!, key } },
  });

  it('may be a parameter: that one is read, and no other', () => {
    expect(statements({})).toEqual([
      {
        Action: 'ssm:GetParameter',
        Effect: 'Allow',
        Resource: 'arn:aws:ssm:eu-central-1:AWS::AccountId:parameter/vpn/b',
      },
    ]);
  });

  it('may be encrypted with a key of the author’s: used through the stores alone', () => {
    const kmsKeyArn = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    expect(statements(paths({ secret: 'vpn/b', kmsKeyArn }))).toContainEqual({
      Action: 'kms:Decrypt',
      Effect: 'Allow',
      Resource: kmsKeyArn,
      Condition: {
        StringEquals: {
          'kms:ViaService': ['secretsmanager.eu-central-1.amazonaws.com', 'ssm.eu-central-1.amazonaws.com'],
        },
      },
    });
  });
});

describe('what it refuses or leaves out', () => {
  const paris = props.connections['paris']!;
  const withPaths = (paths: typeof paris.paths) => ({ connections: { paris: { ...paris, paths } } });

  it('both paths over one gateway', () => {
    const over = { ...paris.paths['b']!, gateway: 'gw-a' };
    expect(() => templateOf(withPaths({ ...paris.paths, b: over }))).toThrow(/two paths, one over each gateway/);
  });

  it.each([
    ['a peer that is no address', { peer: '198.51.100.20\n  }' }, /no IPv4 address/],
    ['a key whose name is more than a name', { key: { secret: "x'; reboot #" } }, /no name of a secret/],
    ['a tunnel whose name would nest', { tunnel: 'paris.a' }, /no name/],
    ['an identity that ends its line', { peerIdentity: 'x\nauth = none' }, /no identity/],
  ])('%s', (_, changed, message) => {
    expect(() => templateOf(withPaths({ ...paris.paths, a: { ...paris.paths['a']!, ...changed } }))).toThrow(message);
  });

  it('software from where nothing can be checked', () => {
    const mirrors = ['http://download.strongswan.org/strongswan-6.1.0.tar.bz2'];
    const software = { from: 'release', version: '6.1.0', sha256: 'a'.repeat(64), mirrors } as const;
    expect(() => templateOf({ software })).toThrow(/no https address/);
  });

  it('with two interfaces: routes to the inner one, and no replacement, which moves one only', () => {
    const two = templateOf({ twoInterfaces: true });
    expect(ofType(two, 'AWS::EC2::NetworkInterface')).toHaveLength(4);
    const gateway = JSON.parse(resolved(two.Outputs['SiteGateway1']!.Value) as string).gateways['gw-a'];
    expect(gateway.interface).toBe('VpngwaInside');
    expect(gateway.launchTemplate).toBeUndefined();
    const routed = ofType(two, 'AWS::EC2::Route').map(([, { Properties }]) => resolved(Properties.NetworkInterfaceId));
    expect(routed.filter((id) => String(id).includes('eni-'))).toEqual([]);
  });
});

describe('for the reviewer', () => {
  it('is, in full, what was reviewed: run jest with -u when a difference is meant', () => {
    const stripped = Object.fromEntries(
      Object.entries(template.Resources).map(([id, { Type, Properties }]) => [
        idOf(id),
        { Type, Properties: resolved(Type === 'AWS::EC2::LaunchTemplate' ? withoutScript(Properties) : Properties) },
      ]),
    );
    expect(stripped).toMatchSnapshot('template');
    expect(userData(dataOf(templates[0]![1]))).toMatchSnapshot('user data of gw-a');
  });

  const withoutScript = ({ LaunchTemplateData, ...rest }: Resource['Properties']) => ({
    ...rest,
    LaunchTemplateData: { ...LaunchTemplateData, UserData: '(see the user data of gw-a)' },
  });
});
