/** A path of two tunnels: what packets feel, what its daemon says of it, and what the restart touches. */
import { gatewayPrograms } from '../../../sim/network/gateway-programs';
import { ladder } from '../runbooks/runbook-ladder';
import { minute, pairDeployment, type Stage, stage } from './world-fixture';

const deployment = pairDeployment(false, ['aws-1', 'aws-2']);

async function answers({ world }: Pick<Stage, 'world'>, program: string, ...args: string[]) {
  const programs = gatewayPrograms(world, world.machineOf('gw-a'), async () => {});
  return programs[program]!(args, '');
}

const bytes = (text = ''): [string, number, number][] =>
  [...text.matchAll(/\{name=(\S+) .*?bytes-in=(\d+) bytes-out=(\d+)/g)].map(([, name, got, sent]) => [
    name!,
    Number(got),
    Number(sent),
  ]);

it('passes while one of them is up, whichever it is', async () => {
  const it = stage({ deployment });
  it.world.tunnels.peerEnd('gw-a', 'aws-1', false);
  expect(it.probe('path-a')).toBe(true);
  it.world.tunnels.peerEnd('gw-a', 'aws-2', false);
  expect(it.probe('path-a')).toBe(false);
  it.world.tunnels.peerEnd('gw-a', 'aws-1', true);
  await it.run(5 * minute);
  expect(it.probe('path-a')).toBe(true);
});

it('sends into a deaf one for as long as its daemon takes it for up, and counts what comes back', async () => {
  const it = stage({ deployment });
  await it.run(10_000);
  it.world.oneWay('a', true, 'aws-1');
  expect(it.probe('path-a')).toBe(false);
  await it.run(10_000);
  const { stdout } = await answers(it, 'swanctl', '--list-sas', '--raw');
  expect(bytes(stdout)).toEqual([
    ['aws-1', 20 * 155, 40 * 216],
    ['aws-2', 0, 0],
  ]);
  it.world.tunnels.peerEnd('gw-a', 'aws-1', false);
  expect(it.probe('path-a')).toBe(true);
});

it('has a daemon that tells a killed one from one that never ran, and Libreswan’s own list', async () => {
  const it = stage({ deployment });
  const list = () => answers(it, 'swanctl', '--list-sas', '--raw');
  expect(await list()).toMatchObject({ code: 0, stdout: expect.stringMatching(/list-sas reply \{\}\n$/) });
  it.world.killDaemon('gw-a');
  expect(await list()).toMatchObject({ code: 111 });
  it.world.rebootByHand('gw-a');
  expect(await list()).toMatchObject({ code: 2 });
  await it.run(5 * minute);
  it.world.machineOf('gw-a').software = { daemon: 'libreswan', unit: 'ipsec' };
  const { stdout } = await answers(it, 'ipsec', 'trafficstatus');
  expect(stdout?.match(/^006 #\d+: "aws-\d", type=ESP, add_time=\d+, inBytes=\d+, outBytes=\d+, id='/gm)).toHaveLength(
    2,
  );
});

it.each([
  ['strongswan', 'strongswan'],
  ['libreswan', 'ipsec'],
] as const)('has the restart leave the living one and the daemon alone (%s)', async (daemon, unit) => {
  const it = ladder({ deployment });
  it.world.machineOf('gw-a').software = { daemon, unit };
  const seen: string[] = [];
  it.world.onChange(({ what }) => seen.push(what));
  it.world.oneWay('a', true, 'aws-1');
  const done = await it.climb('restart-tunnel', { Tunnel: ['aws-1,aws-2'], Shared: ['false'] }, 2 * minute);
  const said = 'switchback: alive: dead and restarted: aws-1; up and left alone: aws-2';
  expect(done.Outputs).toEqual({ 'restartTunnel.Output': [expect.stringContaining(said)] });
  expect(seen.filter((what) => what.includes('daemon'))).toEqual([]);
  expect(seen.filter((what) => what.includes('is taken down'))).toHaveLength(1);
});
