/** A connection between two VPCs of ours: tunnels held at both ends, answers by the other end's route tables. */
import type { Canary, Connection, Deployment, InstanceGateway, RouteSet } from '../../../core/words/domain';
import { AnswerWatch } from '../../../sim/answer-watch';
import { reachOfEnd } from '../../../sim/ends';
import { partOf } from '../../../sim/network/part';
import { connection as givenConnection, deployment as givenDeployment, gateway as givenGateway } from '../../given';
import { type Stage, stage } from './world-fixture';

const networks = { frankfurt: '10.10', ohio: '10.20' } as const;
type End = keyof typeof networks;
const other = { frankfurt: 'ohio', ohio: 'frankfurt' } as const;

const gateway = (end: End, letter: string): InstanceGateway => ({
  ...givenGateway(`${end}-${letter}`),
  end,
  vpcId: `vpc-${end}`,
  instanceId: `i-${end}-${letter}`,
  subnetId: `subnet-${end}-${letter}`,
  routeInterfaceId: `eni-${end}-${letter}`,
  privateAddress: `${networks[end]}.1.${letter === 'a' ? 10 : 20}`,
  address: { allocationId: `eipalloc-${end}-${letter}`, publicIp: `192.0.2.${end.length + letter.charCodeAt(0)}` },
});

const set = (end: End): RouteSet => ({
  ...{ name: `all.${end}`, end, twin: `all.${other[end]}`, home: 'a', region: 'eu-central-1' },
  ...{ plane: 'vpc-table', propagated: false, tables: [`rtb-${end}`] },
  destinations: [`${networks[other[end]]}.0.0/16`],
});

const canary = (end: End, name: string, watches: Canary['watches'], address: string): Canary => ({
  ...{ id: `mesh/${end}-${name}`, connection: 'mesh', end, watches, securityGroupId: 'sg-1' },
  ...{ availabilityZone: 'eu-central-1c', subnetId: `subnet-canary-${end}-${name}` },
  ...(watches.kind === 'path'
    ? { pin: 'target', routeTableId: `rtb-canary-${end}` }
    : { pin: 'follows', routeTableId: undefined }),
  targets: [{ address, port: watches.kind === 'path' ? 22 : 443, protocol: 'tcp', refusedIsUp: true }],
});

const canariesAt = (end: End): Canary[] => [
  ...['a', 'b'].map((path) => canary(end, path, { kind: 'path', path }, gateway(other[end], path).privateAddress)),
  canary(end, 'users', { kind: 'service', routeSet: `all.${end}` }, `${networks[other[end]]}.7.7`),
];

function twoEnds(): Deployment {
  const ends = ['frankfurt', 'ohio'] as const;
  const path = (name: string) => ({
    ...{ name, gateway: `frankfurt-${name}`, tunnels: [`mesh-${name}`] },
    far: { gateway: `ohio-${name}`, tunnels: [`mesh-${name}`] },
  });
  const mesh: Connection = {
    ...givenConnection({ name: 'mesh', ends, paths: { a: path('a'), b: path('b') } }),
    routeSets: Object.fromEntries(ends.map((end) => [`all.${end}`, set(end)])),
    canaries: ends.flatMap(canariesAt),
  };
  const gateways = ends.flatMap((end) => [gateway(end, 'a'), gateway(end, 'b')]);
  return { ...givenDeployment(mesh), gateways: Object.fromEntries(gateways.map((each) => [each.name, each])) };
}

const open = (): Stage => stage({ deployment: twoEnds() });
const probes = ({ probe }: Stage): string =>
  ['frankfurt-a', 'frankfurt-b', 'frankfurt-users', 'ohio-a', 'ohio-b', 'ohio-users']
    .filter((each) => probe(each))
    .join(' ');
const everyProbe = 'frankfurt-a frankfurt-b frankfurt-users ohio-a ohio-b ohio-users';

async function moved({ world, run }: Stage, end: End, path: string): Promise<void> {
  world.routeByHand(`rtb-${end}`, `${networks[other[end]]}.0.0/16`, `${end}-${path}`);
  await run(20_000);
}

it('serves users of both ends, and every canary is answered', () => {
  const it = open();
  expect(probes(it)).toBe(everyProbe);
  expect(it.world.connectionServed('mesh')).toBe(true);
  expect(['all.frankfurt', 'all.ohio'].map((each) => it.world.pathOf('mesh', each))).toEqual(['a', 'a']);
});

it.each(['frankfurt', 'ohio'] as const)(
  'is dark at both ends while one gateway at %s is gone, until both have moved',
  async (end) => {
    const it = open();
    it.world.stopInstance(`${end}-a`);
    expect(probes(it)).toBe('frankfurt-b ohio-b');
    expect(it.world.pathState('mesh', 'a')).toBe('dark');
    expect(it.world.usersServed('mesh', 'all.frankfurt')).toBe(false);
    await moved(it, end, 'b');
    // Its answers still go to the dead gateway's tunnel, or its packets do.
    expect(it.world.usersServed('mesh', 'all.frankfurt')).toBe(false);
    expect(it.world.usersServed('mesh', 'all.ohio')).toBe(false);
    await moved(it, other[end], 'b');
    expect(it.world.connectionServed('mesh')).toBe(true);
    expect(probes(it)).toBe('frankfurt-b frankfurt-users ohio-b ohio-users');
  },
);

it('serves users while the ends are on different paths that both pass', async () => {
  const it = open();
  await moved(it, 'ohio', 'b');
  expect(it.world.pathOf('mesh', 'all.ohio')).toBe('b');
  expect(it.world.connectionServed('mesh')).toBe(true);
  expect(probes(it)).toBe(everyProbe);
  it.world.peerDown('b');
  expect(it.world.connectionServed('mesh')).toBe(false);
  expect(probes(it)).toBe('frankfurt-a ohio-a');
});

it('answers neither end over a path that passes data one way only, whichever', () => {
  for (const from of ['frankfurt', 'ohio']) {
    const it = open();
    it.world.oneWay('a', true, undefined, from);
    expect(probes(it)).toBe('frankfurt-b ohio-b');
    expect(it.world.connectionServed('mesh')).toBe(false);
    it.world.oneWay('a', false);
    expect(probes(it)).toBe(everyProbe);
  }
});

it('carries users one way over a path and back over the other where that suffices', async () => {
  const it = open();
  await moved(it, 'ohio', 'b');
  it.world.oneWay('a', true, undefined, 'frankfurt');
  expect(it.world.connectionServed('mesh')).toBe(true);
  expect(it.world.pathState('mesh', 'a')).toBe('dark');
  it.world.oneWay('a', false);
  it.world.oneWay('a', true, undefined, 'ohio');
  expect(it.world.connectionServed('mesh')).toBe(false);
});

it('keeps the tunnel at the end that lives for the dead-peer time, and brings it up at both together', async () => {
  const it = open();
  const hosts = (): (string | null)[] => it.world.tunnels.all.map(({ host }) => host);
  it.world.stopInstance('ohio-a');
  expect(hosts()).toEqual(['i-frankfurt-a', null, 'i-frankfurt-b', 'i-ohio-b']);
  await it.run(31_000);
  expect(hosts()).toEqual([null, null, 'i-frankfurt-b', 'i-ohio-b']);
  it.world.mendGateway('ohio-a');
  await it.run(600_000);
  expect(hosts()).toEqual(['i-frankfurt-a', 'i-ohio-a', 'i-frankfurt-b', 'i-ohio-b']);
  expect(probes(it)).toBe(everyProbe);
});

it('tears a tunnel down at both ends when one daemon is told to, and initiates it at both', () => {
  const { world } = open();
  const [near, far] = world.tunnels.all;
  world.tunnels.terminate(far!);
  expect([near!.host, far!.host]).toEqual([null, null]);
  world.killDaemon('frankfurt-a');
  expect(world.tunnels.initiate(far!, 'i-ohio-a')).toBe(false);
  world.instances.restartDaemon(world.machineOf('frankfurt-a'));
  expect(world.tunnels.initiate(far!, 'i-ohio-a')).toBe(true);
  expect([near!.host, far!.host]).toEqual(['i-frankfurt-a', 'i-ohio-a']);
});

it('drops at a gateway of either end what its interface may not forward; its own address it answers', () => {
  const it = open();
  it.world.checkSourceDest('ohio-a', true);
  // Its own answers it may send; what it should forward to users it may not.
  expect(probes(it)).toBe('frankfurt-a frankfurt-b ohio-b');
  expect(it.world.connectionServed('mesh')).toBe(false);
});

it("answers from another gateway over that one's own tunnel", () => {
  const it = open();
  const toB = { address: '10.20.1.20', port: 22 };
  const overA = (): boolean => it.world.connect('subnet-canary-frankfurt-users', 'eu-central-1c', toB).answered;
  expect(overA()).toBe(true);
  it.world.oneWay('b', true, undefined, 'frankfurt');
  expect(overA()).toBe(false);
});

it('says by which paths answers came back the way the packets went, and how long the ends were split', async () => {
  const it = open();
  const watch = new AnswerWatch(it.world);
  await moved(it, 'ohio', 'b');
  expect([watch.sequence('mesh'), watch.longestSplitMs() > 0]).toEqual([['a'], true]);
  await it.run(60_000);
  await moved(it, 'frankfurt', 'b');
  expect(watch.sequence('mesh')).toEqual(['a', 'b']);
  const splitMs = watch.longestSplitMs();
  expect(splitMs).toBeGreaterThan(60_000);
  expect(splitMs).toBeLessThan(100_000);
  await it.run(600_000);
  expect(watch.longestSplitMs()).toBe(splitMs);
});

it('tells calls about one end from those about the other, and a replacement from both', () => {
  const { world } = open();
  const isAtOhio = reachOfEnd(world, 'ohio');
  for (const id of ['rtb-ohio', 'rtb-canary-ohio', 'i-ohio-a', 'eni-ohio-b', 'eipalloc-ohio-a', 'subnet-ohio-b'])
    expect([id, isAtOhio({ Ids: [id] })]).toEqual([id, true]);
  for (const id of ['rtb-frankfurt', 'i-frankfurt-a', 'eni-frankfurt-b']) expect(isAtOhio({ Ids: [id] })).toBe(false);
  const place = { availabilityZone: 'eu-central-1a', launchTemplate: null, agentInstalled: true };
  const heir = world.instances.launch({ id: 'i-heir', roles: ['ohio-a'], ...place });
  expect([isAtOhio({ InstanceIds: [heir.id] }), reachOfEnd(world, 'frankfurt')({ InstanceIds: [heir.id] })]).toEqual([
    true,
    false,
  ]);
});

it('shows to each region and account its own machines, interfaces, addresses and tables, and tells it of those alone', async () => {
  const whole = twoEnds();
  const apart = {
    frankfurt: { name: 'frankfurt', region: 'eu-central-1' },
    ohio: { name: 'ohio', region: 'us-east-2' },
  };
  const it = stage({ deployment: { ...whole, ends: apart } });
  const [here, there] = [partOf(it.world, it.port, null), partOf(it.world, it.port, 'ohio')];
  expect([...here.machines.all.keys()]).toEqual(['i-frankfurt-a', 'i-frankfurt-b']);
  expect([...there.machines.all.keys()]).toEqual(['i-ohio-a', 'i-ohio-b']);
  expect([...there.vpc.interfaces.keys()]).toEqual(['eni-ohio-a', 'eni-ohio-b']);
  expect([...there.vpc.addresses.keys()]).toEqual(['eipalloc-ohio-a', 'eipalloc-ohio-b']);
  expect([...there.routes.tables.keys()]).toEqual(['rtb-ohio', 'rtb-canary-ohio']);
  expect([here.routes.isListed('rtb-ohio'), there.routes.isListed('rtb-ohio')]).toEqual([false, true]);
  const told: string[] = [];
  here.machines.onState(({ id, state }) => told.push(`here: ${id} is ${state}`));
  there.machines.onState(({ id, state }) => told.push(`there: ${id} is ${state}`));
  it.world.stopInstance('ohio-a');
  expect(told).toEqual(['there: i-ohio-a is stopping']);
});
