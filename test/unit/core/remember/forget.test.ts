/** What a deployment took out of the configuration is taken out of memory, and another configuration is said once. */
import { forgetGone } from '../../../../core/remember/forget';
import type { Memory } from '../../../../core/store/memory';
import { connection, deployment, incident, memory, move, rung, t0, turn } from '../../../given';
import { order } from '../../../given-bgp';

const gone = { plant: move() };
const both = <T>(value: T) => ({ office: value, plant: value });

describe('a route set, path or gateway that is configured no longer', () => {
  it('is forgotten in all that is kept by its name', () => {
    const before = memory({
      moves: { office: move(), ...gone },
      usedSince: both({ path: 'a', at: t0 }),
      contradicted: { office: { a: t0, z: t0 }, plant: { a: t0 } },
      servedOn: { office: 'a', plant: 'a' },
      triedAt: both(t0),
      putBack: both({ from: 'a', to: 'b', times: 1, at: t0 }),
      practisedAt: both(t0),
      orders: { a: order(), z: order() },
      drainProofs: { a: { at: t0, ms: 1 }, z: { at: t0, ms: 1 } },
      rungs: [rung({ path: 'z', endedAt: t0 }), rung({ endedAt: t0 }), rung({ path: 'z' })],
    });
    const after = forgetGone(before, connection());
    for (const name of ['moves', 'usedSince', 'contradicted', 'servedOn', 'triedAt', 'putBack', 'practisedAt'] as const)
      expect([name, Object.keys(after[name])]).toEqual([name, ['office']]);
    expect([Object.keys(after.orders), Object.keys(after.drainProofs)]).toEqual([['a'], ['a']]);
    expect(after.contradicted).toEqual({ office: { a: t0 } });
    expect(after.rungs.map(({ path, endedAt }) => [path, endedAt])).toEqual([
      ['a', t0],
      ['z', null],
    ]);
    expect(forgetGone({ ...before, servedOn: { office: 'z' } }, connection()).servedOn).toEqual({});
    expect(forgetGone({ ...before, contradicted: { office: { z: t0 } } }, connection()).contradicted).toEqual({});
  });

  it('is no longer asked about, and nobody hears that it is well again', () => {
    const stays = [
      'dark/office',
      'stuck/a/ladder',
      'identity/gw-a',
      'brake/mass',
      'unseen',
      'ending/drain/z/1',
      'new/z',
    ];
    const goes = ['dark/plant', 'manual/plant', 'stuck/z/ladder', 'latency/z', 'identity/gw-z', 'budget/plant'];
    const told = Object.fromEntries([...stays, ...goes].map((key) => [key, t0]));
    const after = forgetGone(memory({ told, reminded: told, goneSince: told }), connection());
    for (const kept of [after.told, after.reminded, after.goneSince]) expect(Object.keys(kept)).toEqual(stays);
    const soaked = { 'dark/plant': t0 - 1_800_000 };
    const over = turn({ memory: memory({ incident, told: soaked, goneSince: soaked }) });
    expect(over.notice?.message ?? '').not.toContain('get answers again');
  });
});

describe('another configuration than the one that spoke last', () => {
  const stored = ({ memory: text }: { memory: string }) => JSON.parse(text) as Memory;

  it('is said in the decision, once', () => {
    const own = stored(turn()).configured!;
    expect(own).toMatch(/^[0-9a-f]{12}$/);
    const first = turn({ memory: memory({ configured: 'another' }) });
    expect(first.decision.because).toMatch(/; another configuration was deployed since the last look$/);
    expect(stored(first).configured).toBe(own);
    for (const before of [stored(first), memory()])
      expect(turn({ memory: before }).decision.because).not.toContain('deployed');
  });

  it('is another where anything of the connection or its gateways is', () => {
    const own = stored(turn()).configured;

    const site = deployment();
    const gwA = { ...site.gateways['gw-a']!, probePort: 23 };
    const others = [
      deployment(connection({ mode: 'observe' })),
      deployment(connection({}, { downAfterRounds: 4 })),
      { ...site, gateways: { ...site.gateways, 'gw-a': gwA } },
    ];
    for (const other of others) expect(stored(turn({ deployment: other })).configured).not.toBe(own);
    const beside = { ...site, gateways: { ...site.gateways, 'gw-c': { ...gwA, name: 'gw-c' } } };
    expect(stored(turn({ deployment: beside })).configured).toBe(own);
  });
});
