/**
 * The two speaker documents on a real FRR, its neighbour at the far end of a real tunnel: what an order leaves, what the
 * site hears, and where answers go. Root on Linux; `npm run test:lab`.
 */
import { DrainArena } from '../../lab/benchmark/drain-trial';
import { labScenario } from '../../lab/play';
import { until } from '../../lab/real-time';
import { onPackets } from './machine';

async function inArena(ignoresPrepend: boolean, work: (lab: DrainArena) => Promise<void>): Promise<void> {
  const made = await DrainArena.build(labScenario('charon-killed').deployment, ignoresPrepend);
  try {
    await work(made);
  } finally {
    await made.arena.lab.end();
  }
}

/** How often our AS stands in front of what the far end hears of the VPC. */
async function heardInFront({ speaker, remote }: DrainArena): Promise<readonly number[]> {
  const { stdout } = await remote.vtysh('show bgp ipv4 unicast json');
  const routes: Record<string, { readonly path: string; readonly pathFrom: string }[]> = JSON.parse(stdout).routes;
  const heard = Object.values(routes).flatMap((ways) => ways.filter(({ path }) => path.startsWith(`${speaker.as}`)));
  return heard.map(({ path }) => path.split(' ').filter((each) => each === `${speaker.as}`).length);
}

const policy = async ({ speaker }: DrainArena): Promise<readonly string[]> => {
  const { stdout } = await speaker.frr.vtysh('show running-config');
  return stdout.split('\n').filter((line) => /route-map|shutdown/.test(line) && !line.includes('PREFERRED'));
};

onPackets('drains a neighbour by each method, changes between them, and leaves no trace when it undrains', async () => {
  await inArena(false, async (lab) => {
    const { speaker, arena } = lab;
    const before = await policy(lab);
    expect((await speaker.read()).neighbour).toMatchObject({ session: 'up', advertises: 'normal' });
    expect(new Set(await heardInFront(lab))).toEqual(new Set([1]));

    const drained = await speaker.order('drain', 'prepend');
    expect(drained).toMatchObject({ code: 0, neighbour: { session: 'up', advertises: 'drained' } });
    await until('Answers must move', 10_000, () => lab.answersOver(arena.standby));
    expect(new Set(await heardInFront(lab))).toEqual(new Set([5]));
    const once = await policy(lab);
    expect(await speaker.order('drain', 'prepend')).toMatchObject({ code: 0, neighbour: { advertises: 'drained' } });
    expect(await policy(lab)).toEqual(once);

    await speaker.order('drain', 'graceful-shutdown');
    await until('The site must hear one AS again', 10_000, async () => (await heardInFront(lab)).every((n) => n === 1));
    expect(await lab.answersOver(arena.standby)).toBe(true);
    await speaker.order('drain', 'shutdown');
    expect((await speaker.read()).neighbour).toMatchObject({ session: 'down', advertises: 'drained', prefixes: 0 });

    expect(await speaker.order('undrain', 'prepend')).toMatchObject({ code: 0 });
    await until('Answers must come home', 30_000, () => lab.answersOver(arena.home));
    expect((await speaker.read()).neighbour).toMatchObject({ session: 'up', advertises: 'normal' });
    expect(await policy(lab)).toEqual(before);
    expect(await speaker.order('undrain', 'prepend')).toMatchObject({ code: 0, neighbour: { advertises: 'normal' } });
  });
});

onPackets('keeps what the owner denies and sets, and gives it back', async () => {
  await inArena(false, async (lab) => {
    const { speaker } = lab;
    const family = ['configure terminal', `router bgp ${speaker.as}`, 'address-family ipv4 unicast'];
    await speaker.frr.vtysh(
      ...['configure terminal', 'bgp as-path access-list OWN permit ^$', 'ip prefix-list WHOLE permit 10.0.0.0/16'],
      ...['route-map OWNER permit 10', 'match as-path OWN', 'match ip address prefix-list WHOLE'],
      ...[`set as-path prepend ${speaker.as}`, 'exit', ...family.slice(1)],
      ...[`neighbor ${speaker.neighbour} route-map OWNER out`],
    );
    const advertises = async (n: number): Promise<void> => {
      const isSo = async (): Promise<boolean> => (await heardInFront(lab)).join() === `${n}`;
      await until(`The far end must hear one prefix, our AS ${n} times`, 15_000, isSo);
    };
    await advertises(2);
    const drained = await speaker.order('drain', 'prepend');
    expect(drained).toMatchObject({ code: 0, neighbour: { advertises: 'drained', prefixes: 1 } });
    await advertises(6);
    expect((await speaker.order('undrain', 'prepend')).neighbour).toMatchObject({ advertises: 'normal', prefixes: 1 });
    await advertises(2);
    expect(await policy(lab)).toContain(`  neighbor ${speaker.neighbour} route-map OWNER out`);

    await speaker.frr.vtysh(
      ...family,
      `no neighbor ${speaker.neighbour} route-map OWNER out`,
      'exit',
      'exit',
      ...[`router bgp ${speaker.as}`, 'bgp ebgp-requires-policy'],
    );
    const withoutPolicy = await speaker.order('drain', 'prepend');
    expect([withoutPolicy.code, withoutPolicy.lines.at(-1)]).toEqual([3, expect.stringContaining('want of a policy')]);
    await speaker.frr.vtysh('configure terminal', `router bgp ${speaker.as}`, 'no bgp ebgp-requires-policy');

    await speaker.frr.vtysh('configure terminal', `router bgp ${speaker.as}`, `neighbor ${speaker.neighbour} shutdown`);
    expect(await speaker.order('undrain', 'shutdown')).toMatchObject({
      code: 0,
      neighbour: { session: 'down', advertises: 'silent' },
    });
    expect(await policy(lab)).toContain(` neighbor ${speaker.neighbour} shutdown`);
  });
});

onPackets('says that a route which no map touches is not drained', async () => {
  await inArena(false, async (lab) => {
    const { speaker } = lab;
    await speaker.frr.vtysh(
      ...['configure terminal', `router bgp ${speaker.as}`, 'address-family ipv4 unicast'],
      `neighbor ${speaker.neighbour} default-originate`,
    );
    await until('The default route must be advertised', 15_000, async () =>
      (await lab.remote.vtysh('show bgp ipv4 unicast json')).stdout.includes('0.0.0.0/0'),
    );
    const { code, lines } = await speaker.order('drain', 'prepend');
    expect([code, lines.at(-1)]).toEqual([1, expect.stringMatching(/^switchback: refused: .*up partly \d/)]);
    expect((await speaker.read()).neighbour).toMatchObject({ advertises: 'partly' });
  });
});

onPackets('says what stands in the way, and touches nothing', async () => {
  await inArena(false, async (lab) => {
    const { speaker } = lab;
    const before = await policy(lab);
    const order = { Order: 'drain', Method: 'prepend', Neighbor: speaker.neighbour, QuietAt: 5, Within: 0 };
    const said = async (parameters: Record<string, unknown>): Promise<unknown> => {
      const { code, lines } = await speaker.run('speaker', { ...order, ...parameters });
      return [code, lines.at(-1)];
    };
    expect(await said({ Neighbor: '192.0.2.99' })).toEqual([3, 'switchback: unseen: FRR has no neighbour 192.0.2.99']);
    expect(await said({ As: 65_000 })).toEqual([3, 'switchback: unseen: FRR does not run BGP as AS 65000']);
    await speaker.frr.vtysh(
      ...['configure terminal', `router bgp ${speaker.as}`, 'address-family ipv4 unicast'],
      `no neighbor ${speaker.neighbour} send-community`,
    );
    expect(await said({ Method: 'graceful-shutdown' })).toEqual([3, expect.stringContaining('send-community')]);
    expect(await policy(lab)).toEqual(before);
    speaker.frr.signal('bgpd', 'SIGSTOP');
    expect(await said({})).toEqual([1, 'switchback: dead: FRR does not answer within 10 s']);
    speaker.frr.signal('bgpd', 'SIGKILL');
    expect(await said({})).toEqual([1, expect.stringContaining('dead: vtysh reaches no bgpd')]);
    expect(await speaker.read()).toMatchObject({ code: 1, neighbour: null });
  });
});

onPackets(
  'loses nothing by a drain that moves answers, and never calls a tunnel empty whose peer looks elsewhere',
  async () => {
    await inArena(false, async (lab) => {
      const { drain, undrain } = await lab.trial('prepend', 1);
      expect(drain).toMatchObject({ tcpSurvived: true, movedMs: expect.any(Number), emptyMs: expect.any(Number) });
      expect(drain.darkMs + undrain!.darkMs).toBeLessThan(300);
    });
    await inArena(true, async (lab) => {
      const { drain } = await lab.trial('prepend', 1);
      expect(drain).toMatchObject({ movedMs: null, emptyMs: null });
      expect((await lab.trial('graceful-shutdown', 1)).drain.movedMs).not.toBeNull();
    });
  },
);
