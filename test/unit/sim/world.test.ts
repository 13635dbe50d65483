/** The physical truth: what packets, users and neighbours see when things break and mend, in virtual time. */

import { instanceAt } from '../../../core/words/gateways';
import { VirtualClock } from '../../../local-cloud/clock';
import { placeReplacement } from '../../../sim/network/ground';
import { PhysicalWorld } from '../../../sim/world';
import { eniB, idA, minute, network, pairDeployment, stage } from './world-fixture';

const served = (world: ReturnType<typeof stage>['world']): readonly boolean[] =>
  ['zone-a', 'zone-b'].map((set) => world.usersServed('paris', set));

describe('a healthy pair', () => {
  it('serves every route set over its home path and answers every canary', () => {
    const { world, probe } = stage();
    expect(served(world)).toEqual([true, true]);
    expect(['zone-a', 'zone-b'].map((set) => world.pathOf('paris', set))).toEqual(['a', 'b']);
    expect(['path-a', 'path-b', 'service-a'].map(probe)).toEqual([true, true, true]);
  });

  it('answers a probe of the gateway itself with a refusal, but nothing else inside the VPC', () => {
    const { world } = stage();
    const from = (address: string) => world.connect('subnet-path-a', 'eu-central-1b', { address, port: 4500 });
    expect(from('10.0.1.10')).toMatchObject({ refused: true });
    expect(from('10.0.9.9')).toMatchObject({ answered: false, refused: false });
  });
});

describe('an MTU black hole', () => {
  const large = { address: '172.16.5.10', port: 7, protocol: 'udp', payloadBytes: 1_400 } as const;
  const over = (world: ReturnType<typeof stage>['world'], to: Parameters<typeof world.connect>[2]) =>
    world.connect('subnet-path-a', 'eu-central-1b', to);

  it('swallows what is large and nothing else, until it is mended', () => {
    const { world, probe } = stage();
    expect(over(world, large)).toMatchObject({ answered: true, bytesBack: 1_400 });
    world.mtuBlackHole('a', true);
    expect(over(world, large)).toMatchObject({ answered: false });
    expect(over(world, { ...large, payloadBytes: 32 })).toMatchObject({ answered: true });
    expect(probe('path-a')).toBe(true);
    expect(served(world)).toEqual([true, true]);
    expect([world.pathState('paris', 'a'), world.pathState('paris', 'b')]).toEqual(['limps', 'works']);
    world.mtuBlackHole('a', false);
    expect(over(world, large)).toMatchObject({ answered: true });
  });

  it('is invisible to TCP, which nobody sends anything back over', () => {
    const { world } = stage();
    world.mtuBlackHole('a', true);
    const result = over(world, { ...large, protocol: 'tcp' });
    expect(result).toMatchObject({ answered: true });
    expect(result.bytesBack).toBeUndefined();
  });
});

describe('a broken gateway', () => {
  it('is dark at once when stopped, and only for who uses it', async () => {
    const { world, probe, run } = stage();
    world.stopInstance('gw-a');
    expect(served(world)).toEqual([false, true]);
    expect(['path-a', 'path-b', 'service-a'].map(probe)).toEqual([false, true, false]);
    await run(10 * minute);
    expect(world.machineOf('gw-a').state).toBe('stopped');
  });

  it('comes back by a start: booted, then its tunnel', async () => {
    const { world, run } = stage();
    world.stopInstance('gw-a');
    await run(10 * minute);
    world.startInstance('gw-a');
    expect(world.machineOf('gw-a').state).toBe('pending');
    await run(5 * minute);
    expect(served(world)).toEqual([true, true]);
  });

  it('stays running when hung, answers nothing, and a reboot mends it after minutes', async () => {
    const { world, run } = stage();
    world.hangInstance('gw-a');
    const probe = () => world.connect('subnet-path-a', 'eu-central-1b', { address: '10.0.1.10', port: 4500 });
    expect(probe()).toMatchObject({ answered: false, refused: false });
    expect(world.machineOf('gw-a').state).toBe('running');
    await run(20 * minute);
    expect(served(world)).toEqual([false, true]);
    world.rebootByHand('gw-a');
    await run(30_000);
    expect(served(world)[0]).toBe(false);
    await run(12 * minute);
    expect(served(world)).toEqual([true, true]);
  });

  it('with a dead daemon still answers its own probe, and carries nothing until the daemon is started', async () => {
    const { world, run } = stage();
    world.killDaemon('gw-a');
    await run(minute);
    expect(world.connect('subnet-path-a', 'eu-central-1b', { address: '10.0.1.10', port: 4500 }).refused).toBe(true);
    expect(served(world)).toEqual([false, true]);
    world.instances.restartDaemon(world.machineOf('gw-a'));
    await run(minute);
    expect(served(world)).toEqual([true, true]);
  });

  it('holds its transitions while its zone is dead', async () => {
    const { world, run } = stage();
    world.stopInstance('gw-a');
    world.zoneDown('eu-central-1a');
    await run(30 * minute);
    expect(world.machineOf('gw-a').state).toBe('stopping');
    world.zoneUp('eu-central-1a');
    await run(minute);
    expect(world.machineOf('gw-a').state).toBe('stopped');
  });
});

describe('a zone', () => {
  it('takes its gateway and its canaries with it, and gives them back', async () => {
    const { world, probe, run } = stage();
    world.zoneDown('eu-central-1a');
    expect([world.zoneIsUp('eu-central-1a'), world.zoneIsUp('eu-central-1b')]).toEqual([false, true]);
    expect(['path-a', 'path-b'].map(probe)).toEqual([false, false]);
    expect(served(world)).toEqual([false, true]);
    await run(5 * minute);
    world.zoneUp('eu-central-1a');
    await run(3 * minute);
    expect(served(world)).toEqual([true, true]);
  });
});

describe('a line', () => {
  it('one way only keeps the tunnel established and passes nothing back', async () => {
    const { world, run } = stage();
    world.oneWay('a', true);
    await run(10 * minute);
    expect(served(world)).toEqual([false, true]);
    expect(world.tunnels.get('paris', 'a').host).toBe(idA);
    world.oneWay('a', false);
    expect(served(world)).toEqual([true, true]);
  });

  it('loses the share of attempts it says, and users stay served below total loss', () => {
    const { world, probe } = stage();
    world.loss('paris/a', 0.3);
    const answered = Array.from({ length: 1_000 }, () => probe('path-a')).filter(Boolean).length;
    expect(answered).toBeGreaterThan(650);
    expect(answered).toBeLessThan(750);
    expect(served(world)).toEqual([true, true]);
    world.loss('a', 1);
    expect(served(world)).toEqual([false, true]);
  });

  it('adds its latency to the round trip', () => {
    const { world } = stage();
    world.latency('a', 300);
    expect(
      world.connect('subnet-path-a', 'eu-central-1b', { address: '172.16.5.10', port: 443 }).rttMs,
    ).toBeGreaterThan(300);
  });

  it('resumes at once after a short silence of the peer, and re-establishes after a long one', async () => {
    const { world, run } = stage();
    world.peerDown('a');
    await run(5_000);
    world.peerUp('a');
    expect(served(world)).toEqual([true, true]);
    world.peerDown('a');
    await run(2 * minute);
    world.peerUp('a');
    expect(served(world)[0]).toBe(false);
    await run(2 * minute);
    expect(served(world)).toEqual([true, true]);
  });

  it('refuses a path name that is not one path', () => {
    const { world } = stage();
    expect(() => world.oneWay('z', true)).toThrow('names 0 paths');
    world.peerDown('all');
    expect(served(world)).toEqual([false, false]);
  });
});

describe('a coupled connection', () => {
  it('loses the other canary with the answering tunnel, until the peer gives it up', async () => {
    const { world, probe, run } = stage({ coupled: true });
    world.hangInstance('gw-a');
    expect(['path-a', 'path-b'].map(probe)).toEqual([false, false]);
    expect(served(world)).toEqual([false, false]);
    await run(29_000);
    expect(probe('path-b')).toBe(false);
    await run(2_000);
    expect(probe('path-b')).toBe(true);
    expect(served(world)).toEqual([false, true]);
  });

  it('does not notice the death of the tunnel it does not answer over', () => {
    const { world, probe } = stage({ coupled: true });
    world.hangInstance('gw-b');
    expect(['path-a', 'path-b'].map(probe)).toEqual([true, false]);
  });

  it('answers over the tunnel established last, or attracted last', async () => {
    const { world, run } = stage({ coupled: true });
    const b = world.tunnels.get('paris', 'b');
    world.tunnels.initiate(b, b.host!);
    world.hangInstance('gw-a');
    expect(served(world)).toEqual([false, true]);
    world.rebootByHand('gw-a');
    await run(15 * minute);
    world.oneWay('a', true);
    expect(served(world)).toEqual([false, false]);
  });
});

describe('routes', () => {
  it('take effect after the write, and the last write wins whatever their lags', async () => {
    const { world, run } = stage();
    world.hangInstance('gw-a');
    world.routeByHand('rtb-000000a1', network, 'gw-b');
    expect(world.usersServed('paris', 'zone-a')).toBe(false);
    await run(30_000);
    expect(world.usersServed('paris', 'zone-a')).toBe(true);
    expect(world.pathOf('paris', 'zone-a')).toBe('b');
    for (const target of ['gw-a', 'gw-b', 'gw-a', eniB]) world.routeByHand('rtb-000000a1', network, target);
    await run(30_000);
    expect(world.pathOf('paris', 'zone-a')).toBe('b');
  });

  it('lead nowhere when deleted or pointed at what carries nothing', async () => {
    const { world, run } = stage();
    world.routeByHand('rtb-000000a1', network, 'none');
    world.routeByHand('rtb-000000b1', network, 'vgw-1');
    await run(30_000);
    expect(served(world)).toEqual([false, false]);
    expect(world.pathOf('paris', 'zone-a')).toBeNull();
  });
});

describe('a deployment anew', () => {
  const holder = ({ vpc }: ReturnType<typeof stage>['world']) => vpc.addresses.get('eipalloc-0000000a')?.interfaceId;
  const relieved = () => {
    const { world, run } = stage();
    const by = { instanceId: 'i-0cccccccccccccccc', routeInterfaceId: 'eni-0cccccccccccccccc' };
    placeReplacement(instanceAt(world.deployment, 'gw-a'), by, world);
    world.stopInstance('gw-a');
    return { world, run };
  };

  it('leaves the address with a replacement that is down while nothing else is declared for the gateway', async () => {
    const { world, run } = relieved();
    await run(5 * minute);
    world.redeploy({ ...world.deployment });
    expect(holder(world)).toBe('eni-0cccccccccccccccc');
    expect(world.machineOf('gw-a').id).toBe('i-0cccccccccccccccc');
  });

  it("knows routes to a terminated replacement, whose interface went with it, as its path's still", async () => {
    const { world, run } = relieved();
    world.terminateInstance('gw-a');
    await run(5 * minute);
    expect(world.vpc.interfaces.has('eni-0cccccccccccccccc')).toBe(false);
    expect(world.pathOf('paris', 'zone-a')).toBe('a');
  });

  it('leaves an address on no interface that somebody took away', () => {
    const { world } = stage();
    world.moveAddress('gw-a', null);
    world.redeploy({ ...world.deployment });
    expect(holder(world)).toBeNull();
  });

  it('gives a rebuilt gateway the address of one that is down, and none of one that lives', async () => {
    const { world, run } = stage();
    const rebuilt = (letter: 'd' | 'e') => {
      const ids = { instanceId: `i-0${letter.repeat(16)}`, routeInterfaceId: `eni-0${letter.repeat(16)}` };
      const { gateways } = world.deployment;
      world.redeploy({ ...world.deployment, gateways: { ...gateways, 'gw-a': { ...gateways['gw-a']!, ...ids } } });
    };
    rebuilt('d');
    expect(holder(world)).toBe('eni-0aaaaaaaaaaaaaaaa');
    world.stopInstance('gw-a');
    await run(5 * minute);
    rebuilt('e');
    expect(holder(world)).toBe('eni-0eeeeeeeeeeeeeeee');
  });
});

it('announces every change, and the same seed gives the same story', async () => {
  const story = async (): Promise<string> => {
    const { world, run } = stage({ coupled: true });
    const lines: string[] = [];
    world.onChange(({ at, kind, what }) => lines.push(`${at} ${kind} ${what}`));
    world.hangInstance('gw-a');
    world.routeByHand('rtb-000000a1', network, 'gw-b');
    await run(5 * minute);
    world.rebootByHand('gw-a');
    await run(20 * minute);
    return lines.join('\n');
  };
  const first = await story();
  expect(first).toContain('the peer of paris answers over b');
  expect(first).toContain('goes to eni-0bbbbbbbbbbbbbbbb');
  expect(await story()).toBe(first);
});

describe('a path that is slower than an attempt is patient', () => {
  /** Path a's own canary speaks this; every other one TCP. */
  function spokenOver(protocol: 'tcp' | 'http', extraMs: number): string[] {
    const deployment = pairDeployment();
    const { canaries, ...rest } = deployment.connections['paris']!;
    const speaking = canaries.map((canary) =>
      canary.id === 'paris/path-a'
        ? { ...canary, targets: canary.targets.map((target) => ({ ...target, protocol })) }
        : canary,
    );
    const paris = { ...rest, canaries: speaking };
    const world = new PhysicalWorld(
      { ...deployment, connections: { paris } },
      { clock: new VirtualClock(0), seed: 1, lag: { chance: 0, msMax: 1 } },
    );
    for (const path of ['paris/a', 'paris/b']) world.latency(path, extraMs);
    return ['a', 'b'].map((path) => world.pathState('paris', path));
  }

  it('limps: an HTTP answer takes two round trips of the time that one attempt has, and TCP one', () => {
    expect(spokenOver('http', 100)).toEqual(['works', 'works']);
    expect(spokenOver('http', 250)).toEqual(['limps', 'works']);
    expect(spokenOver('tcp', 250)).toEqual(['works', 'works']);
    expect(spokenOver('tcp', 450)).toEqual(['limps', 'limps']);
  });
});
