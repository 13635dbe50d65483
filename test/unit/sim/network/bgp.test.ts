/**
 * What a partner that listens to BGP does, in virtual time, and the speaker documents before it: the same scripts that a
 * real FRR runs in test/lab/speaker.test.ts, in the local cloud's own shell.
 */
import type { Deployment } from '../../../../core/words/domain';
import { commandScript } from '../../../../lab/speaker';
import { runScript } from '../../../../local-cloud/services/ssm/shell';
import { minute, pairDeployment, stage } from '../world-fixture';

const neighbors = { a: '169.254.3.1', b: '169.254.4.1' } as const;
const second = 1_000;

function speakingDeployment(convergeWithinMs = 35 * second, startsDrained = true): Deployment {
  const pair = pairDeployment();
  const paris = pair.connections['paris']!;
  const path = (name: 'a' | 'b') => ({
    ...paths[name]!,
    neighbor: { across: neighbors[name], drain: 'prepend' as const },
  });
  const { paths } = paris;
  const home = { ...paris.routeSets['zone-a']! };
  const speaker = (as: number) => ({ software: 'frr' as const, as, startsDrained });
  return {
    ...pair,
    gateways: {
      'gw-a': { ...pair.gateways['gw-a']!, speaker: speaker(64_601) },
      'gw-b': { ...pair.gateways['gw-b']!, speaker: speaker(64_602) },
    } as Deployment['gateways'],
    connections: {
      paris: {
        ...paris,
        routing: { back: 'bgp', convergeWithinMs },
        paths: { a: path('a'), b: path('b') },
        routeSets: { 'zone-a': home },
      },
    },
  };
}

function speaking(...given: Parameters<typeof speakingDeployment>) {
  const it = stage({ deployment: speakingDeployment(...given), seed: 7 });
  const run = async (
    document: Parameters<typeof commandScript>[0],
    path: 'a' | 'b',
    variables: Record<string, unknown>,
  ) => {
    const machine = it.world.machineOf(`gw-${path}`);
    const sleep = (ms: number) => it.clock.sleep(ms, 'script');
    const all = { As: path === 'a' ? 64_601 : 64_602, ...variables };
    const named = Object.entries(all).map(([name, value]) => [`SSM_${name}`, `${value}`] as const);
    const programs = it.port.machines.programsOn(machine.id, sleep);
    let over = false;
    const running = runScript(commandScript(document), { programs, variables: new Map(named), sleep }).finally(() => {
      over = true;
    });
    await it.clock.runUntil(it.clock.now() + minute, () => over);
    const { code, stdout } = await running;
    const last = stdout.trim().split('\n').at(-1)!;
    return { code, said: last.startsWith('{') ? JSON.parse(last).neighbors[neighbors[path]] : last };
  };
  const order = (order: 'drain' | 'undrain', path: 'a' | 'b' = 'a', Method = 'prepend', Within = 0) =>
    run('speaker', path, { Order: order, Method, Neighbor: neighbors[path], QuietAt: 34, Within });
  const read = (path: 'a' | 'b' = 'a') => run('read-speaker', path, { Neighbors: neighbors[path] });
  const { world } = it;
  return {
    ...it,
    order,
    read,
    answers: () => world.bgp.answersOver('paris'),
    served: () => world.usersServed('paris', 'zone-a'),
    /** How long until it is so, in ms; throws when it is not within ten minutes. */
    after: async (isSo: () => boolean): Promise<number> => {
      const from = it.clock.now();
      while (!isSo()) {
        if (it.clock.now() > from + 10 * minute) throw new Error('Not within ten minutes');
        await it.run(10);
      }
      return it.clock.now() - from;
    },
  };
}

it('answers over home, and each canary over its own path', () => {
  const { answers, served, probe, world } = speaking();
  expect([answers(), served()]).toEqual(['a', true]);
  world.oneWay('a', true);
  expect([probe('path-a'), probe('path-b'), served()]).toEqual([false, true, false]);
});

it('moves answers by an order, hop by hop, and back; told twice, it changes nothing', async () => {
  const { order, read, answers, after, run } = speaking();
  expect(await read()).toMatchObject({ code: 0, said: { session: 'up', advertises: 'normal' } });
  expect(await order('drain')).toMatchObject({ code: 0, said: { session: 'up', advertises: 'drained' } });
  expect(await after(() => answers() === 'b')).toBeLessThanOrEqual(second);
  expect(await order('drain')).toMatchObject({ code: 0, said: { advertises: 'drained' } });
  await run(minute);
  expect(answers()).toBe('b');
  expect(await read('b')).toMatchObject({ said: { advertises: 'normal' } });
  expect(await order('undrain')).toMatchObject({ code: 0, said: { advertises: 'normal' } });
  expect(await after(() => answers() === 'a')).toBeLessThanOrEqual(second);
});

it('sees a drained tunnel run empty, and none that the partner stays on', async () => {
  const moved = speaking();
  const { said } = await moved.order('drain', 'a', 'prepend', 20);
  expect(said.quietAfterMs).toBeLessThan(3_000);
  expect(said.receivedPerSecond).toBeLessThan(20);
  const stays = speaking();
  stays.world.bgp.partnerIs('paris', { prefersHome: true });
  const kept = await stays.order('drain', 'a', 'prepend', 20);
  expect(kept).toMatchObject({ code: 0, said: { advertises: 'drained', quietAfterMs: null } });
  expect(kept.said.receivedPerSecond).toBeGreaterThan(300);
  expect(stays.answers()).toBe('a');
  await stays.order('drain', 'a', 'graceful-shutdown');
  expect(await stays.after(() => stays.answers() === 'b')).toBeLessThanOrEqual(second);
});

it('keeps its session while data is lost one way, so that only an order moves answers', async () => {
  const { world, served, order, answers, after, run } = speaking();
  world.oneWay('a', true);
  await run(10 * minute);
  expect([served(), answers()]).toEqual([false, 'a']);
  await order('drain');
  await after(() => answers() === 'b');
  expect(served()).toBe(true);
});

it.each([
  ['timers of 10 and 30 s', 35 * second, 22_800, 29_700],
  ['BFD', 5 * second, 830, 2_100],
])('with %s, leaves a hung host on its own', async (_, convergeWithinMs, least, most) => {
  const { world, after, answers } = speaking(convergeWithinMs);
  world.hangInstance('gw-a');
  const lasts = await after(() => answers() === 'b');
  expect(lasts).toBeGreaterThanOrEqual(least);
  expect(lasts).toBeLessThanOrEqual(most);
});

it('speaks as the machine starts: drained where it is told to, and an order does not outlive a start of the speaker', async () => {
  const { world, read, answers, run } = speaking();
  world.rebootByHand('gw-a');
  await run(10 * minute);
  expect([answers(), (await read()).said.advertises]).toEqual(['b', 'drained']);

  const plain = speaking(5 * second, false);
  await plain.order('drain');
  plain.world.bgp.restartSpeaker(plain.world.machineOf('gw-a'));
  expect(plain.world.bgp.isLearned('paris', 'a')).toBe(false);
  await plain.run(minute);
  expect([plain.answers(), (await plain.read()).said.advertises]).toEqual(['a', 'normal']);
});

it('has no way to the partner without its session, and knows its tunnel by no other path', async () => {
  const { world, order, probe, answers, after } = speaking();
  await order('drain', 'a', 'shutdown');
  await after(() => answers() === 'b');
  expect([probe('path-a'), world.bgp.isLearned('paris', 'a')]).toEqual([false, false]);
  await order('undrain');
  expect(await after(() => probe('path-a'))).toBeLessThanOrEqual(7_500);
});

it('says what is not there, and refuses a line that it does not know', async () => {
  const { order, world, port } = speaking();
  expect(await order('drain', 'a', 'graceful-shutdown')).toMatchObject({ code: 0 });
  const { vtysh } = port.machines.programsOn(world.machineOf('gw-a').id, async () => {});
  expect(() => vtysh!(['-c', 'write memory'], '')).toThrow('the line: write memory');
  const bare = stage();
  const programs = bare.port.machines.programsOn(bare.world.machineOf('gw-a').id, async () => {});
  expect(await programs['vtysh']!(['-c', 'show version'], '')).toMatchObject({ code: 127 });
});
