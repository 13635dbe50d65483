/**
 * The first night of a greenfield pair, without an account: its gateways boot to the end, or say why not; its stack
 * waits for what it needs, in order, on delete too; and it can be rolled back.
 */
import { bootScript, imageScript } from '../../infra/greenfield/boot-script';
import { ofType, type Resource, type Template, templateOf } from '../synth/greenfield-template';
import { type Answers, SmallRoot, whyNoRoot } from './small-root';

const version = '6.1.0';
const file = `strongswan-${version}.tar.bz2`;
const current = `https://download.strongswan.org/${file}`;
const superseded = `https://download.strongswan.org/old/6.x/${file}`;
const github = `https://github.com/strongswan/strongswan/releases/download/${version}/${file}`;

const reason = whyNoRoot();
const onASmallMachine = (tests: () => void): void => {
  if (reason === null) describe('the boot of a gateway', tests);
  else it.skip(`the boot of a gateway, in namespaces of its own (${reason})`, () => {});
};

onASmallMachine(() => {
  let machine: SmallRoot;
  let sha256: string;
  beforeEach(() => {
    machine = new SmallRoot();
    sha256 = machine.release(version);
  });
  afterEach(() => machine.remove());

  const boot = (answers: Answers, changed: { sha256?: string; signal?: string | undefined } = {}) => {
    const { signal } = { signal: 'https://signal.example/?Expires=1&Signature=a%2Bb', ...changed };
    const script = bootScript({
      name: 'gw-a',
      region: 'eu-central-1',
      urlSuffix: 'amazonaws.com',
      publicIp: '203.0.113.10',
      software: { from: 'release', version, sha256: changed.sha256 ?? sha256 },
      tunnels: [
        {
          name: 'paris-a',
          peer: '198.51.100.20',
          key: { secret: 'switchback/paris-a' },
          local: ['10.0.0.0/16'],
          remote: ['172.16.0.0/16'],
        },
      ],
      ...(signal !== undefined && { signal }),
    });
    return machine.boot(script, answers);
  };

  it('ends with an answering daemon, its keys and its configuration, and says so', () => {
    const done = boot({ web: { [current]: 200 } });
    expect(done).toMatchObject({ status: 0 });
    expect(done.signals).toEqual([{ Status: 'SUCCESS', UniqueId: 'boot', Data: 'boot', Reason: 'gw-a is done' }]);
    expect(done.calls.filter((call) => call.startsWith('curl'))).toEqual([`curl ${current}`]);
    expect(done.read('etc/swanctl/conf.d/switchback.conf')).toContain('remote_addrs = 198.51.100.20');
    expect(done.read('etc/swanctl/conf.d/switchback-keys.conf')).toContain('secret = 0sa2V5');
    const order = done.calls.filter((call) => /^(dnf|sysctl|systemctl|swanctl)/.test(call));
    expect(order.map((call) => call.split(' ').slice(0, 4).join(' '))).toEqual([
      'dnf install -y nftables',
      'systemctl disable --now sshd',
      'sysctl -q -p /etc/sysctl.d/90-switchback.conf',
      'systemctl daemon-reload',
      'systemctl enable --now switchback-forwarding',
      'systemctl enable switchback-keys',
      'systemctl enable --now strongswan',
      'systemctl enable --now switchback-tunnels.timer',
      'swanctl --stats',
      'systemctl is-active --quiet switchback-keys',
    ]);
  });

  it('finds a release that was superseded: 404 where it was current', () => {
    const done = boot({ web: { [superseded]: 200 } });
    expect(done).toMatchObject({ status: 0, signals: [{ Status: 'SUCCESS' }] });
    expect(done.calls.filter((call) => call.startsWith('curl')).at(-1)).toBe(`curl ${superseded}`);
    expect(done.log).toContain('The requested URL returned error: 404');
  });

  it('says what each place answered when it is nowhere: 404 everywhere', () => {
    const done = boot({});
    expect(done.status).toBe(1);
    expect(done.signals).toHaveLength(1);
    const { Status, Reason } = done.signals[0]!;
    expect(Status).toBe('FAILURE');
    for (const place of [current, superseded, github])
      expect(Reason).toContain(`${place}: curl: (22) The requested URL returned error: 404`);
    expect(Reason).toMatch(/^gw-a could not fetch strongSwan 6\.1\.0 \(exit code 1\): it is nowhere/);
    expect(done.console).toContain(`switchback: FAILURE: ${Reason}`);
    expect(done.has('etc/swanctl')).toBe(false);
  });

  it('builds nothing whose checksum is another, and says so', () => {
    const done = boot({ web: { [current]: 200 } }, { sha256: '0'.repeat(64) });
    expect(done).toMatchObject({ status: 1, signals: [{ Status: 'FAILURE' }] });
    expect(done.signals[0]!.Reason).toContain(`${current}: another checksum`);
    expect(done.has('usr/local/bin/swanctl')).toBe(false);
    expect(done.has('local/bin/swanctl')).toBe(false);
  });

  it('waits for the way to the internet', () => {
    const done = boot({ web: { [current]: 200 }, routeFromTry: 12 });
    expect(done).toMatchObject({ status: 0, signals: [{ Status: 'SUCCESS' }] });
    expect(done.log.match(/^curl: \(\d+\)/gm)).toHaveLength(11);
  });

  it('gives up waiting, and says so where it can: with no default route, on the console', () => {
    const done = boot({ routeFromTry: null });
    expect(done.status).toBe(1);
    expect(done.log.match(/^curl: \(\d+\)/gm)!.length).toBeGreaterThanOrEqual(40);
    expect(done.console).toMatch(
      /switchback: FAILURE: gw-a could not reach the internet .*https:\/\/ssm\.eu-central-1\.amazonaws\.com\/ does not answer: does the subnet have a default route/,
    );
    expect(done.console).toContain('switchback: CloudFormation could not be told');
    expect(done.calls).toEqual([]);
  });

  it('is told to CloudFormation when the way comes back too late', () => {
    const done = boot({ routeFromTry: 41 });
    expect(done.signals).toMatchObject([{ Status: 'FAILURE' }]);
    expect(done.signals[0]!.Reason).toContain('gw-a could not reach the internet');
  });

  it('fails without its keys: a daemon without them would answer, and no tunnel would ever come up', () => {
    const done = boot({ web: { [current]: 200 }, noKeys: true });
    expect(done).toMatchObject({ status: 1, signals: [{ Status: 'FAILURE' }] });
    expect(done.signals[0]!.Reason).toMatch(
      /could not fetch the keys .*ResourceNotFoundException.* find the specified secret/,
    );
  });

  it('fails when the daemon it built does not answer', () => {
    const done = boot({ web: { [current]: 200 }, deadDaemon: true });
    expect(done).toMatchObject({ status: 1, signals: [{ Status: 'FAILURE' }] });
    expect(done.signals[0]!.Reason).toContain('gw-a could not get an answer of the daemon');
  });

  it('signals to nobody as a replacement, whose stack has been complete for long', () => {
    for (const web of [{ [current]: 200 }, {}] as NonNullable<Answers['web']>[])
      expect(boot({ web }, { signal: undefined }).signals).toEqual([]);
  });

  it('makes an image of the software and of nothing else', () => {
    const software = { from: 'release', version, sha256 } as const;
    const script = imageScript({ software, region: 'eu-central-1', urlSuffix: 'amazonaws.com' });
    const done = machine.boot(script, { web: { [superseded]: 200 } });
    expect(done).toMatchObject({ status: 0, signals: [] });
    expect(done.has('local/bin/swanctl')).toBe(true);
    for (const trace of [
      'local/src/strongswan',
      'etc/switchback',
      'etc/swanctl',
      'etc/systemd/system/strongswan.service',
    ])
      expect(done.has(trace)).toBe(false);
    expect(done.calls.slice(-2)).toEqual(['cloud-init clean --logs --machine-id', 'shutdown -h +1']);
    expect(machine.boot(script).calls.join()).not.toContain('shutdown');
  });
});

interface Ordered extends Resource {
  readonly DependsOn?: string | readonly string[];
}

/** All that a resource waits for, transitively; on delete all of it goes after the resource. */
function waitsFor({ Resources }: Template, id: string, seen = new Set<string>()): Set<string> {
  const { DependsOn = [], Properties } = Resources[id] as Ordered;
  for (const each of [...[DependsOn].flat(), ...referred(Properties)]) {
    if (Resources[each] === undefined || seen.has(each)) continue;
    seen.add(each);
    waitsFor({ Resources, Outputs: {} }, each, seen);
  }
  return seen;
}

function referred(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referred);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Ref') return [String(inner)];
    if (key === 'Fn::GetAtt') return [String([inner].flat()[0]).split('.')[0]!];
    if (key === 'Fn::Sub')
      return [...String([inner].flat()[0]).matchAll(/\$\{([^}!]+)\}/g)].map(([, id]) => id!.split('.')[0]!);
    return referred(inner);
  });
}

describe.each([
  ['one interface', {}],
  ['two interfaces', { twoInterfaces: true }],
])('the network stack, %s', (_, changed) => {
  const template = templateOf(changed);
  const ids = (type: string): string[] => ofType(template, type).map(([id]) => id);
  const publicTable = ofType(template, 'AWS::EC2::Route').find(([, each]) => each.Properties.GatewayId !== undefined)!;
  const associations = ofType(template, 'AWS::EC2::SubnetRouteTableAssociation').filter(
    ([, each]) => each.Properties.RouteTableId.Ref === publicTable[1].Properties.RouteTableId.Ref,
  );
  const internet = [...ids('AWS::EC2::VPCGatewayAttachment'), publicTable[0], ...associations.map(([id]) => id)];

  it('knows what the internet is: an attachment, a default route, the gateways’ subnets on its table', () => {
    expect(publicTable[1].Properties.DestinationCidrBlock).toBe('0.0.0.0/0');
    expect(internet).toHaveLength(4);
  });

  it.each(['AWS::EC2::EIP', 'AWS::EC2::EIPAssociation', 'AWS::EC2::Instance', 'AWS::CloudFormation::WaitCondition'])(
    'lets every %s wait for it, and on delete go before it',
    (type) => {
      expect(ids(type)).toHaveLength(2);
      for (const id of ids(type)) expect([...waitsFor(template, id)]).toEqual(expect.arrayContaining(internet));
    },
  );

  it('lets canary subnets wait for it too', () => {
    const canaries = ids('AWS::EC2::Subnet').filter((id) => id.includes('canary'));
    expect(canaries).toHaveLength(2);
    for (const id of canaries) expect([...waitsFor(template, id)]).toEqual(expect.arrayContaining(internet));
  });

  it('is complete only when the daemon of each gateway answers', () => {
    const waits = ofType(template, 'AWS::CloudFormation::WaitCondition');
    const awaited = waits.map(([id, { Properties }]) => {
      const instance = [...waitsFor(template, id)].filter((each) => ids('AWS::EC2::Instance').includes(each));
      const told = ofType(template, 'AWS::EC2::LaunchTemplate').filter(([, each]) =>
        JSON.stringify(each.Properties.LaunchTemplateData.UserData).includes(JSON.stringify(Properties.Handle)),
      );
      return [instance, told.map(([name]) => name.replace(/First.*/, ''))];
    });
    expect(awaited).toEqual([
      [['VpngwaInstance'].map((start) => expect.stringContaining(start)), ['Vpngwa']],
      [['VpngwbInstance'].map((start) => expect.stringContaining(start)), ['Vpngwb']],
    ]);
  });

  it('can be rolled back: nothing in it refuses to be deleted', () => {
    for (const [, { Properties }] of ofType(template, 'AWS::EC2::Instance'))
      expect(Properties.DisableApiTermination).toBe(false);
    for (const [, data] of ofType(template, 'AWS::EC2::LaunchTemplate').filter(([id]) => id.includes('First')))
      expect(data.Properties.LaunchTemplateData.DisableApiTermination).toBeUndefined();
  });
});
