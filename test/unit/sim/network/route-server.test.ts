/** What a Route Server does with what it is told, in virtual time, and the speaker document that tells it. */
import type { Route } from '@aws-sdk/client-ec2';
import { commandScript } from '../../../../lab/speaker';
import { runScript } from '../../../../local-cloud/services/ssm/shell';
import { siteDeployment } from '../../../synth/synthesis';
import { minute, stage } from '../world-fixture';

const second = 1_000;
const [table] = ['rtb-00000000000000001'] as const;
const network = '172.16.0.0/16';
const inside = ['10.0.1.4', '10.0.2.4'];
const across = { a: '169.254.3.1', b: '169.254.4.1' } as const;

function led(seed = 7) {
  const it = stage({ deployment: siteDeployment('led'), seed });
  const { world } = it;
  const on = () => world.roles.onlyPathTo('paris', [world.routes.forwarded(table, network)]);
  const shown = async (): Promise<Route | undefined> => {
    const { RouteTables } = await it.call<{ RouteTables: { Routes: Route[] }[] }>('DescribeRouteTables', {
      RouteTableIds: [table],
    });
    return RouteTables[0]!.Routes.find(({ DestinationCidrBlock }) => DestinationCidrBlock === network);
  };
  const order = async (Order: 'drain' | 'undrain', path: 'a' | 'b', over: Record<string, unknown> = {}) => {
    const machine = world.machineOf(`gw-${path}`);
    const sleep = (ms: number) => it.clock.sleep(ms, 'script');
    const all = { Order, Method: 'graceful-shutdown', Neighbor: across[path], Inside: inside.join(','), ...over };
    const asked = { As: path === 'a' ? 64_601 : 64_602, QuietAt: 34, Within: 0, ...all };
    const variables = new Map(Object.entries(asked).map(([name, value]) => [`SSM_${name}`, `${value}`]));
    const programs = it.port.machines.programsOn(machine.id, sleep);
    let isOver = false;
    const running = runScript(commandScript('speaker'), { programs, variables, sleep }).finally(() => {
      isOver = true;
    });
    await it.clock.runUntil(it.clock.now() + minute, () => isOver);
    const { code, stdout } = await running;
    const last = stdout.trim().split('\n').at(-1)!;
    return { code, said: last.startsWith('{') ? JSON.parse(last).neighbors : last };
  };
  /** How long until it is so, in ms; throws when it is not within ten minutes. */
  const after = async (isSo: () => boolean): Promise<number> => {
    const from = it.clock.now();
    while (!isSo()) {
      if (it.clock.now() > from + 10 * minute) throw new Error('Not within ten minutes');
      await it.run(10);
    }
    return it.clock.now() - from;
  };
  return { ...it, on, shown, order, after };
}

it('leads users home, by a route that nobody may replace', async () => {
  const { on, shown, call } = led();
  expect(on()).toBe('a');
  expect(await shown()).toMatchObject({ Origin: 'Advertisement', NetworkInterfaceId: 'eni-0aaaaaaaaaaaaaaa1' });
  const { RouteTables } = await call<{ RouteTables: { PropagatingVgws: unknown[] }[] }>('DescribeRouteTables', {
    RouteTableIds: [table],
  });
  expect(RouteTables[0]!.PropagatingVgws).toEqual([]);
  const there = { RouteTableId: table, DestinationCidrBlock: network, NetworkInterfaceId: 'eni-0bbbbbbbbbbbbbbb1' };
  await expect(call('ReplaceRoute', there)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
});

it('follows an order that tells its endpoints by prepend, whatever the partner is told, and the inverse', async () => {
  const { order, on, after, world } = led();
  const drained = await order('drain', 'a');
  expect(drained).toMatchObject({ code: 0, said: { [across.a]: { advertises: 'drained', quietAfterMs: null } } });
  for (const endpoint of inside)
    expect(drained.said[endpoint]).toMatchObject({ session: 'up', advertises: 'drained', receivedPerSecond: null });
  const frr = world.bgp.frrOf(world.machineOf('gw-a'))!;
  expect(frr.tells(across.a)!.communities).toEqual(['graceful-shutdown']);
  expect(frr.tells(inside[0]!)!.asPath).toEqual([64_601, 64_601, 64_601, 64_601]);
  expect(await after(() => on() === 'b' && world.bgp.answersOver('paris') === 'b')).toBeLessThan(20 * second);
  expect(await order('undrain', 'a')).toMatchObject({ code: 0, said: { [inside[1]!]: { advertises: 'normal' } } });
  expect(await after(() => on() === 'a')).toBeLessThan(20 * second);
});

it('is not told where the order names nobody inside', async () => {
  const { order, on, run } = led();
  expect(await order('drain', 'a', { Inside: 'none' })).toMatchObject({ code: 0 });
  await run(minute);
  expect(on()).toBe('a');
});

it('refuses an order about an endpoint that FRR does not know', async () => {
  expect(await led().order('drain', 'a', { Inside: '10.0.9.4' })).toEqual({
    code: 3,
    said: 'switchback: unseen: FRR has no neighbour 10.0.9.4',
  });
});

it('leaves a machine that hangs, and one whose tunnel is gone; not one that loses data one way', async () => {
  const hung = led();
  hung.world.hangInstance('gw-a');
  expect(await hung.after(() => hung.on() === 'b')).toBeGreaterThan(800);
  const cut = led();
  cut.world.oneWay('a', true);
  await cut.run(minute);
  expect(cut.on()).toBe('a');
  const tunnelless = led();
  tunnelless.world.killDaemon('gw-a');
  expect(await tunnelless.after(() => tunnelless.on() === 'b')).toBeLessThan(20 * second);
});

it('knows no way where both are gone, and one again as soon as a machine speaks', async () => {
  const it = led();
  for (const gateway of ['gw-a', 'gw-b']) it.world.bgp.restartSpeaker(it.world.machineOf(gateway));
  await it.after(() => it.world.routes.forwarded(table, network) === null);
  expect(await it.shown()).toBeUndefined();
  await it.after(() => it.on() !== null);
});
