/**
 * Memory has a limit and three laws: whatever happens to a connection that the configuration accepts, its memory fits; a
 * running repair and what people have not been told are never forgotten; and no more is forgotten than must be.
 *
 * Method: memories far beyond anything one incident makes (every set moved, dozens of repairs, hundreds of
 * announcements, reasons of any length and script), of connections just as large as the configuration lets them be.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { deploymentFrom } from '../../config/read';
import { routeSetsThatFit, toldKeys, worstMemory, worstMemoryBytes } from '../../core/remember/memory-worst';
import { emptyMemory, type Memory, openRung, type RungRun } from '../../core/store/memory';
import { bytesOf, cutTo, memoryText, untoldMax } from '../../core/store/memory-text';
import { memoryFrom } from '../../core/store/stored';
import { limits } from '../../core/words/policy';
import { endsBySoaking } from '../../core/words/told-kinds';
import { connection, move, rung } from '../given';
import { complaints, site } from '../unit/config/site';
import { runs, seed } from './fuzz';

const now = Date.UTC(2026, 0, 5);

/** A connection of so many sets, each with a name of so many letters. */
function withSets(count: number, length = 12) {
  const name = (i: number): string => `${`set-${i}-`.padEnd(length, 'x')}`.slice(0, 31);
  const routeSets = Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      name(i),
      {
        name: name(i),
        home: 'a',
        region: 'eu-central-1',
        plane: 'vpc-table' as const,
        propagated: false,
        tables: [`rtb-${i}`],
        destinations: ['172.16.0.0/16'],
      },
    ]),
  );
  return connection({ routeSets });
}

/** As many sets with such names as are accepted. */
function fullConnection(length: number) {
  const many = withSets(200, length);
  return withSets(routeSetsThatFit(many), length);
}

const words = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 600 }),
  fc.constantFrom(
    'path a is down: '.repeat(80),
    '線路が切れた'.repeat(90),
    '"\\\u001b'.repeat(300),
    '👩‍💻'.repeat(200),
  ),
);
const instants = fc.integer({ min: now - 86_400_000, max: now });

const { because: _, ...before } = move();

const rehearsed = {
  by: 'peer' as const,
  tunnel: '203.0.113.1',
  openedAt: now,
  darkMs: 86_400_000,
  requestedBy: 'x'.repeat(58),
};

const drilled = { openedAt: now, darkMs: 86_400_000, requestedBy: 'x'.repeat(58) };

function memories(of: ReturnType<typeof connection>): fc.Arbitrary<Memory> {
  const sets = Object.keys(of.routeSets);
  const paths = Object.keys(of.paths);
  const perSet = <T>(value: fc.Arbitrary<T>) =>
    fc.array(value, { minLength: sets.length, maxLength: sets.length }).map((all) => byName(sets, all));
  const perPath = <T>(value: fc.Arbitrary<T>) =>
    fc.array(value, { minLength: paths.length, maxLength: paths.length }).map((all) => byName(paths, all));
  const path = fc.constantFrom(...paths);
  const rungs = fc.array(
    fc.record({ path, because: words, at: instants }).map(
      ({ path: on, because, at }, i = 0): RungRun =>
        rung({
          path: on,
          because,
          startedAt: at,
          endedAt: at,
          result: 'failed',
          clientToken: `${i}${at}`,
          said: because.slice(0, 160),
          declared,
        }),
    ),
    { maxLength: limits.rungsRememberedMax - 1 },
  );
  const tables = Object.values(of.routeSets).flatMap((set) => set.tables);
  const named = (keys: readonly string[], names: readonly string[]): string[] =>
    names.flatMap((name) => keys.map((key) => key.replace('#', name)));
  const keys = [
    ...named(toldKeys.set, sets),
    ...named(toldKeys.table, tables),
    ...named(
      toldKeys.gateway,
      Object.values(of.paths).map((p) => p.gateway),
    ),
    ...named(toldKeys.path, paths),
    ...toldKeys.whole,
  ];
  const asked = instants.map((at) => Object.fromEntries(keys.map((key) => [key, at])));
  const done = fc
    .record({ at: instants, set: fc.constantFrom(...sets) })
    .map(({ at, set }) => [`move/unclosed/${set}/${at}`, at] as const);
  const told = fc
    .record({ at: instants, done: fc.array(done, { maxLength: 200 }), moves: fc.nat(200) })
    .map(({ at, done: found, moves }) => ({
      ...Object.fromEntries(keys.map((key) => [key, at])),
      ...Object.fromEntries(found),
      ...Object.fromEntries(Array.from({ length: moves }, (_, i) => [`quiet/${at + i}`, at + i])),
      ...Object.fromEntries(Array.from({ length: moves }, (_, i) => [`move/${i}0123456789abcdef/${at + i}`, at])),
      ...Object.fromEntries(
        Array.from({ length: 20 }, (_, i) => [`would/divert/${sets.join('+')}/divert ${i} ${sets.join()}`, at + i]),
      ),
    }));
  const spent = (max: number) => fc.array(instants, { maxLength: max + 1 });
  return fc.record({
    schema: fc.constant(1 as const),
    incident: fc.record({ id: fc.constant(`${of.name}-2026-01-05T00:00:00Z`), openedAt: instants, because: words }),
    lastIncident: fc.record({
      id: fc.constant(`${of.name}-2026-01-05T00:00:00Z`),
      openedAt: instants,
      closedAt: instants,
      because: words,
    }),
    moves: perSet(
      fc.record({
        kind: fc.constantFrom('divert' as const, 'failback', 'undo'),
        from: fc.constant(paths),
        to: path,
        at: instants,
        because: words,
        planned: fc.boolean(),
        lastResort: fc.boolean(),
        leftWorkingPath: fc.boolean(),
        state: fc.constantFrom('begun' as const, 'sent'),
        trial: fc.boolean(),
        outcome: fc.constantFrom('unconfirmed' as const, 'contradicted'),
        over: fc.constant(before),
      }),
    ),
    rungs: fc
      .record({ ended: rungs, because: words })
      .map(({ ended, because }) => [
        ...ended,
        rung({ because, endedAt: null, result: 'running', clientToken: 'runs' }),
      ]),
    healthySince: perPath(instants),
    severeSince: perPath(instants),
    downSince: perPath(instants),
    slowSince: perPath(instants),
    blips: perPath(fc.array(fc.record({ at: instants, ms: fc.nat(86_400_000) }), { maxLength: 8 })),
    configured: fc.constant('0123456789ab'),
    scheduled: instants.map((at) =>
      Object.fromEntries(
        Object.values(of.paths).map((p) => [
          p.gateway,
          [0, 1].map((i) => ({
            id: `instance-event-0123456789abcdef${i}`,
            code: 'instance-retirement',
            from: at,
            until: at,
            told: true,
          })),
        ]),
      ),
    ),
    healthToldAt: instants.map((at) => Object.fromEntries(Object.values(of.paths).map((p) => [p.gateway, at]))),
    undeclaredSince: instants.map((at) => Object.fromEntries(Object.values(of.paths).map((p) => [p.gateway, at]))),
    silence: fc.constant(
      Object.fromEntries(Object.values(of.paths).map((p) => [p.gateway, { since: now, until: now }])),
    ),
    usedSince: perSet(fc.record({ path, at: instants })),
    told,
    reminded: asked,
    goneSince: asked.map((all) => Object.fromEntries(Object.entries(all).filter(([key]) => endsBySoaking(key)))),
    toTell: fc.array(fc.record({ key: fc.constantFrom(...keys), text: words, waitsUntil: instants }), {
      maxLength: 300,
    }),
    undone: fc.boolean(),
    contradicted: perSet(perPath(instants)),
    unserved: perSet(fc.record({ dark: instants, hurt: instants, slow: instants })),
    darkMs: perSet(instants),
    servedOn: perSet(path),
    triedAt: perSet(instants),
    unwritten: perSet(
      fc.record({
        call: fc.constant('ReplaceRoute'),
        table: fc.constant('rtb-0123456789abcdef0'),
        destination: fc.constant('2001:db8::/32'),
        to: path,
        detail: words,
        refused: fc.boolean(),
        since: instants,
        at: instants,
        tries: fc.nat(9_999),
      }),
    ),
    putBack: perSet(
      fc.record({ from: path, to: fc.constant('eni-0123456789abcdef0'), times: fc.nat(9_999), at: instants }),
    ),
    practisedAt: perSet(instants),
    drainProofs: perPath(fc.record({ at: instants, ms: fc.nat(86_400_000) })),
    orders: perPath(
      fc.record({
        to: fc.constantFrom('drained' as const, 'normal'),
        startedAt: instants,
        endedAt: instants,
        isDone: fc.boolean(),
        failures: fc.nat(9_999),
        said: fc.constant('x'.repeat(58)),
        wasUsed: fc.constant(false),
        emptyAt: instants,
        unmovedAt: instants,
      }),
    ),
    rehearsal: path.map((on) => ({
      ...rehearsed,
      path: on,
      until: now,
      downAt: now,
      darkSince: now,
    })),
    lastRehearsal: fc.constant({ ...rehearsed, outcome: 'refused' as const }),
    drill: perSet(path).map((on) => ({ ...drilled, until: now, sets: on, aborted: 'x'.repeat(58), darkSince: now })),
    lastDrill: fc.constant({ ...drilled, outcome: 'aborted' as const, because: 'x'.repeat(58) }),
    replacedAt: perPath(spent(limits.tunnelReplaces24hMax)).map((all) =>
      Object.fromEntries(
        Object.values(all).flatMap((at, i) =>
          [`255.255.255.${100 + 2 * i}`, `255.255.255.${101 + 2 * i}`].map((t) => [t, at]),
        ),
      ),
    ),
    budgets: fc.record({
      moves: spent(limits.movesCountedMax),
      failbacks: spent(of.policy.failbacks24hMax),
      severeMoves: spent(of.policy.severeMoves24hMax),
      repairs: spent(of.policy.repairs24hMax),
      replaces: spent(of.policy.replaces24hMax),
    }),
  }) as fc.Arbitrary<Memory>;
}

const declared = {
  instanceId: 'i-0123456789abcdef0',
  routeInterfaceId: 'eni-0123456789abcdef0',
  allocationId: 'eipalloc-0123456789abcdef0',
};

const byName = <T>(names: readonly string[], values: readonly T[]): Record<string, T> =>
  Object.fromEntries(names.map((name, i) => [name, values[i]!]));

const counted = (toTell: Memory['toTell']): number =>
  toTell.reduce((sum, { key }) => sum + (key.startsWith('many/') ? Number(key.split('/')[1]) : 1), 0);

describe(`memory (seed ${seed})`, () => {
  it.each([12, 31])('fits, and keeps what it must, with as many sets as are accepted (names of %d)', (length) => {
    const of = fullConnection(length);
    expect(Object.keys(of.routeSets).length).toBeGreaterThan(10);
    const law = fc.property(memories(of), (memory) => {
      const text = memoryText(memory);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limits.memoryBytesMax);
      const kept = memoryFrom(text);
      expect(kept.unread).toBeUndefined();
      expect(openRung(kept)?.clientToken).toBe('runs');
      expect(kept.moves).toEqual(
        Object.fromEntries(
          Object.entries(memory.moves).map(([set, one]) => {
            const { because, over } = kept.moves[set]!;
            return [set, { ...one, because, over }];
          }),
        ),
      );
      const { budgets, usedSince, unserved, contradicted, triedAt, reminded, goneSince } = memory;
      expect(kept).toMatchObject({ budgets, usedSince, unserved, contradicted, triedAt, reminded, goneSince });
      // Everything untold is still to be told, or counted among what is.
      const distinct = new Map(memory.toTell.map(({ text: said }) => [said, true])).size;
      expect(counted(kept.toTell)).toBeGreaterThanOrEqual(distinct);
      if (memory.toTell.length > 0) expect(kept.toTell.length).toBeGreaterThan(0);
      // What asks for people and was told is not told anew.
      const standing = Object.keys(memory.told).filter((key) => !/^(move|repair|would|quiet)\//.test(key));
      for (const key of standing) expect(kept.told).toHaveProperty([key]);
    });
    fc.assert(law, runs(20));
  });

  it('forgets nothing while there is room', () => {
    fc.assert(
      fc.property(memories(withSets(1)), (memory) => {
        fc.pre(Buffer.byteLength(JSON.stringify(memory)) <= limits.memoryBytesMax);
        expect(memoryText(memory)).toBe(JSON.stringify(memory));
      }),
      runs(50),
    );
  });

  it('counts bytes as UTF-8 does, and cuts to them', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 10, max: 500 }), (text, max) => {
        const json = JSON.stringify(text); // Spells halves of characters, so none is left to count.
        expect(bytesOf(json)).toBe(Buffer.byteLength(json));
        const cut = cutTo(text, max);
        expect(Buffer.byteLength(JSON.stringify(cut))).toBeLessThanOrEqual(max);
        if (Buffer.byteLength(JSON.stringify(text)) <= max) expect(cut).toBe(text);
        else expect(cut.endsWith('…')).toBe(true);
      }),
      runs(500),
    );
  });
});

it('goes on counting what it has folded already', () => {
  const one = (i: number) => ({ key: `move/${i}`, text: `${i} ${'x'.repeat(900)}` });
  let memory: Memory = { ...emptyMemory, toTell: [] };
  for (let i = 0; i < 500; i++) memory = JSON.parse(memoryText({ ...memory, toTell: [...memory.toTell, one(i)] }));
  expect(counted(memory.toTell)).toBe(500);
  expect(memory.toTell[0]!.text).toMatch(/^0 /);
  expect(memory.toTell.at(-1)!.text).toMatch(/^499 /);
});

it('measures a memory with something in every field, told under every key there is', () => {
  const worst = worstMemory(fullConnection(12));
  const { undone, schema, ...filled } = worst;
  for (const field of Object.keys(emptyMemory)) {
    if (field === 'undone' || field === 'schema') continue;
    const value = filled[field as keyof typeof filled];
    expect({ field, size: Object.keys(value ?? {}).length }).not.toEqual({ field, size: 0 });
  }
  expect(memoryFrom(JSON.stringify(worst)).unread).toBeUndefined();
  expect(worst.toTell).toHaveLength(untoldMax);
  const core = join(__dirname, '../../core');
  const source = readdirSync(core, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(core, file), 'utf8'));
  const kinds = source.flatMap((text) => [...text.matchAll(/\bkey: [`']([a-z]+)\//g)].map(([, kind]) => kind!));
  const stuck = source.flatMap((text) =>
    [...text.matchAll(/\bstuck\(\s*'([a-z-]+)'/g)].map(([, why]) => `stuck/#/${why}`),
  );
  const known = Object.values(toldKeys).flat() as string[];
  // Told and forgotten at once, or told as another kind: `dark` and `slow` as `severe`, `drain` and `pause` as `ending`.
  const elsewhere = [
    'move',
    'repair',
    'rehearsed',
    'health', // Remembered by its instant, gateway by gateway.
    'drilled',
    'drained',
    'network',
    'would',
    'over',
    'still',
    'quiet',
    'many',
    'dark',
    'slow',
    'drain',
    'pause',
  ];
  expect(kinds.length).toBeGreaterThan(5);
  const unknown = kinds.filter((kind) => !known.some((key) => key.startsWith(`${kind}/`)) && !elsewhere.includes(kind));
  expect(unknown).toEqual([]);
  expect(stuck.filter((key) => !known.includes(key))).toEqual([]);
});

describe('the configuration', () => {
  const parisWith = (count: number, length: number) => (tree: ReturnType<typeof site>) => {
    const { office } = tree.connections.paris.routeSets;
    tree.connections.paris.routeSets = Object.fromEntries(
      Object.values(withSets(count, length).routeSets).map(({ name }, i) => {
        const tables = [`rtb-${(i + 16).toString(16).padStart(17, '0')}`];
        return [name, i === 0 ? { ...office, tables } : { ...office, tables }];
      }),
    );
    const { service } = tree.connections.paris.canaries;
    delete tree.connections.paris.canaries.service;
    for (const set of Object.keys(tree.connections.paris.routeSets))
      tree.connections.paris.canaries[`of-${set}`.slice(0, 31)] = { ...service, routeSet: set };
  };

  it('refuses more route sets than fit, with the number that would, and accepts that number', () => {
    const said = complaints(parisWith(150, 26));
    const memoryLine = said.filter((line) => line.includes('worst day'));
    expect(memoryLine).toEqual([
      expect.stringMatching(
        /^connections\.paris\.routeSets: are more than .*: \d+ route sets fit, 150 are configured; split the connection/,
      ),
    ]);
    const fit = Number(/(\d+) route sets fit/.exec(memoryLine[0]!)![1]);
    expect(fit).toBeGreaterThan(10);
    expect(complaints(parisWith(fit, 26))).toEqual([]);
    expect(complaints(parisWith(fit + 1, 26)).join()).toContain(`${fit} route sets fit`);
  });

  it('counts budgets and names, whatever they are', () => {
    const small = worstMemoryBytes(withSets(3));
    expect(worstMemoryBytes(connection({ routeSets: withSets(3).routeSets }, { repairs24hMax: 100 }))).toBeGreaterThan(
      small + 1_000,
    );
    expect(worstMemoryBytes(withSets(3, 31))).toBeGreaterThan(small);
  });

  it.each(['pair', 'affinity', 'shared'])('%s fits many times over', (name) => {
    const result = deploymentFrom(site(name));
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    for (const one of Object.values(result.deployment.connections))
      expect(worstMemoryBytes(one)).toBeLessThan(limits.memoryBytesMax / 2);
  });
});
