/**
 * Laws of the rules over random worlds: any mix of verdicts, drains, budgets, moves, repairs and modes.
 *
 * Goal: `decide` is total and never breaks a law, and every rule is reached. Method: fast-check draws the evidence and
 * the memory; the seed is printed with a failure and replays it.
 */
import fc from 'fast-check';
import type { Memory, Move, RungRun } from '../../core/store/memory';
import type { TurnResult } from '../../core/turn/answers';
import type { Mode } from '../../core/words/domain';
import type { CanaryReport, Evidence, InstanceState } from '../../core/words/evidence';
import { type RuleName, ruleNames } from '../../core/words/rules';
import {
  connection,
  deployment,
  desired,
  down,
  drain,
  evidence,
  instance,
  memory,
  report,
  routes,
  t0,
  turn,
} from '../given';
import { drawn, isThorough } from '../thorough';

const seed = Number(process.env['SEED'] ?? 20_260_105);

interface World {
  readonly a: string;
  readonly b: string;
  readonly service: string;
  readonly aAgeMs: number;
  readonly bAgeMs: number;
  readonly aState: InstanceState;
  readonly bState: InstanceState;
  readonly impaired: boolean;
  readonly at: 'a' | 'b' | 'both' | 'foreign' | 'unread';
  readonly drains: readonly ('none' | 'soft' | 'hard')[];
  readonly paused: boolean;
  readonly mode: Mode;
  readonly coupled: boolean;
  readonly move: Move | null;
  readonly rung: RungRun | null;
  readonly healthyMs: number;
  readonly severeMs: number;
  readonly spent: number;
  readonly told: boolean;
}

const verdicts = ['healthy', 'healthy', 'healthy', 'lossy', 'lossy', 'mild', 'down', 'down', 'none', 'unknown'];
const states: readonly InstanceState[] = [
  'running',
  'running',
  'running',
  'stopping',
  'stopped',
  'terminated',
  'pending',
];
const side = fc.constantFrom('a', 'b');

const moves: fc.Arbitrary<Move | null> = fc.option(
  fc.record({
    kind: fc.constantFrom('divert', 'failback', 'undo'),
    from: fc.array(side, { minLength: 1, maxLength: 2 }),
    to: side,
    at: fc.integer({ min: 0, max: 120_000 }).map((ms) => t0 - ms),
    because: fc.constant('the path it left was down'),
    planned: fc.boolean(),
    lastResort: fc.boolean(),
    leftWorkingPath: fc.boolean(),
    state: fc.constantFrom('tried', 'sent', 'begun', 'whole'),
    trial: fc.boolean(),
    outcome: fc.constantFrom('unconfirmed', 'confirmed', 'contradicted'),
  }),
);

const rungRuns: fc.Arbitrary<RungRun | null> = fc.option(
  fc
    .record({
      rung: fc.constantFrom('restart-tunnel', 'reboot', 'stop-start', 'replace'),
      path: side,
      startedAgoMs: fc.integer({ min: 0, max: 140_000 }),
      tookMs: fc.option(fc.integer({ min: 0, max: 200_000 })),
      failed: fc.boolean(),
    })
    .map(({ rung, path, startedAgoMs, tookMs, failed }) => {
      const startedAt = t0 - startedAgoMs;
      const endedAt = tookMs === null ? null : Math.min(t0, startedAt + tookMs);
      return {
        rung,
        path,
        gateway: `gw-${path}`,
        clientToken: '00000000-0000-5000-8000-000000000001',
        startedAt,
        deadlineAt: startedAt + 90_000,
        endedAt,
        result: endedAt === null ? 'running' : failed ? 'failed' : 'success',
        because: 'because',
      };
    }),
);

const worlds: fc.Arbitrary<World> = fc.record({
  a: fc.constantFrom(...verdicts),
  b: fc.constantFrom(...verdicts),
  service: fc.constantFrom('healthy', 'down', 'none'),
  aAgeMs: fc.integer({ min: 0, max: 12_000 }),
  bAgeMs: fc.integer({ min: 0, max: 12_000 }),
  aState: fc.constantFrom(...states),
  bState: fc.constantFrom(...states),
  impaired: fc.boolean(),
  at: fc.constantFrom('a', 'a', 'b', 'b', 'both', 'foreign', 'unread'),
  drains: fc.array(fc.constantFrom('none', 'none', 'soft', 'hard'), { minLength: 2, maxLength: 2 }),
  paused: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  mode: fc.constantFrom('repair', 'repair', 'divert', 'observe'),
  coupled: fc.boolean(),
  move: moves,
  rung: rungRuns,
  healthyMs: fc.integer({ min: 0, max: 600_000 }),
  severeMs: fc.integer({ min: 0, max: 120_000 }),
  spent: fc.constantFrom(0, 0, 0, 1, 5, 8),
  told: fc.boolean(),
});

function reportOf(id: string, kind: string, ageMs: number): CanaryReport | null {
  const reportedAt = t0 - ageMs;
  switch (kind) {
    case 'none':
      return null;
    case 'down':
      return down(id, { reportedAt });
    case 'lossy':
      return report(id, { reportedAt, verdict: 'degraded', lossRatio: 0.4 });
    case 'mild':
      return report(id, { reportedAt, verdict: 'degraded', lossRatio: 0.08 });
    case 'unknown':
      return report(id, { reportedAt, verdict: 'unknown' });
    default:
      return report(id, { reportedAt });
  }
}

const routesAt: Record<World['at'], Evidence['routes']> = {
  a: routes('eni-gw-a'),
  b: routes('eni-gw-b'),
  both: [routes('eni-gw-a')[0]!, routes('eni-gw-b')[1]!],
  foreign: [routes('eni-gw-a')[0]!, routes('eni-other')[1]!],
  unread: [],
};

function look(world: World): TurnResult {
  const reports = {
    'paris/path-a': reportOf('paris/path-a', world.a, world.aAgeMs),
    'paris/path-b': reportOf('paris/path-b', world.b, world.bAgeMs),
    'paris/office': reportOf('paris/office', world.service, 500),
  };
  const instances = {
    'gw-a': instance('gw-a', { state: world.aState, instanceStatus: world.impaired ? 'impaired' : 'ok' }),
    'gw-b': instance('gw-b', { state: world.bState }),
  };
  const spent = Array.from({ length: world.spent }, (_, i) => t0 - (i + 1) * 600_000);
  const remembered: Partial<Memory> = {
    incident: { id: 'paris-1', openedAt: t0 - 300_000, because: 'x' },
    moves: world.move === null ? {} : { office: world.move },
    rungs: world.rung === null ? [] : [world.rung],
    healthySince: { a: t0 - world.healthyMs, b: t0 - world.healthyMs },
    severeSince: { a: t0 - world.severeMs, b: t0 - world.severeMs },
    told: world.told
      ? { 'brake/none': t0, mass: t0, 'manual/office': t0, 'contradicted/office': t0, 'dark/office': t0 }
      : {},
    servedOn: { office: world.at === 'b' ? 'b' : 'a' },
    unserved: { office: { dark: t0 - world.severeMs, hurt: t0 - world.severeMs, slow: t0 - world.severeMs } },
    budgets: { moves: spent, failbacks: spent, severeMoves: spent, repairs: spent, replaces: [] },
  };
  const drains = Object.fromEntries(
    world.drains.flatMap((kind, i) => (kind === 'none' ? [] : [['ab'[i]!, drain(kind)]])),
  );
  const paused = world.paused ? { since: t0, until: t0 + 3_600_000, reason: 'audit', requestedBy: 'ana' } : null;
  return turn({
    deployment: deployment(connection({ mode: world.mode, coupled: world.coupled })),
    evidence: evidence({ reports, instances, routes: routesAt[world.at] }),
    memory: memory(remembered),
    desired: desired({ drains, paused }),
    automation: world.rung?.endedAt === null ? { clientToken: world.rung.clientToken, id: 'auto-1' } : null,
  });
}

/** The same seed draws the same worlds for every law: each is decided once, and once more by the law of doing so twice. */
const decided = new Map<string, TurnResult>();

function decidedOn(world: World): TurnResult {
  const key = JSON.stringify(world);
  const result = decided.get(key) ?? look(world);
  decided.set(key, result);
  return result;
}

const check = (law: (world: World, result: TurnResult) => void): void =>
  fc.assert(
    fc.property(worlds, (world) => law(world, decidedOn(world))),
    { seed, numRuns: Number(process.env['RUNS'] ?? drawn(1_500)) },
  );

describe(`laws of decide (seed ${seed})`, () => {
  it('always decides, with a reason, without breaking a law', () => {
    check((_, { decision }) => {
      // takeTurn checks every decision against core/decide/invariants.ts and throws on a violation.
      expect(decision.because.length).toBeGreaterThan(10);
    });
  });

  it('leaves nobody dark beside a path proven healthy, whatever was spent, told, repaired or failing elsewhere', () => {
    const dark = worlds.map(
      (world): World => ({
        ...world,
        a: 'down',
        aAgeMs: 0,
        at: 'a',
        b: 'healthy',
        bAgeMs: world.bAgeMs % 3_000,
        bState: 'running',
        drains: [world.drains[0]!, 'none'],
        paused: false,
        mode: world.mode === 'observe' ? 'repair' : world.mode,
        move: null,
      }),
    );
    const rescued = fc.property(dark, (world) => {
      expect(look(world).decision).toMatchObject({ kind: 'divert', rule: 'rescue', moves: [{ to: 'b' }] });
    });
    fc.assert(rescued, { seed, numRuns: drawn(500) });
  });

  it('in observe decides nothing that acts; in divert nothing that repairs', () => {
    check((world, { decision }) => {
      const acts = ['divert', 'undo', 'failback', 'repair'].includes(decision.kind);
      if (world.mode === 'observe') expect(acts).toBe(false);
      if (world.mode === 'divert') expect(decision.kind).not.toBe('repair');
    });
  });

  it('never starts a repair on top of one, nor before it settled, nor under a drain or a pause', () => {
    check((world, { decision }) => {
      if (decision.kind !== 'repair') return;
      const { rung } = world;
      expect(rung === null || rung.endedAt !== null).toBe(true);
      if (rung?.path === decision.path) expect(t0 - rung.endedAt!).toBeGreaterThanOrEqual(90_000);
      expect(world.drains['ab'.indexOf(decision.path)]).toBe('none');
      expect(world.paused).toBe(false);
    });
  });

  it('keeps budgets: no failback, severe move or repair beyond them', () => {
    check((world, { decision }) => {
      if (decision.kind === 'failback') expect(world.spent).toBeLessThan(6);
      if (decision.kind === 'repair') expect(world.spent).toBeLessThan(8);
      if (decision.kind === 'divert' && decision.severe) expect(world.spent).toBeLessThan(4);
    });
  });

  it('ends: an open incident with nothing to do and nothing due parks, and does not hold a run', () => {
    check((world, { decision }) => {
      if (decision.kind !== 'hold') return;
      const reason = decision.rule === 'evidence' ? world.at === 'unread' : decision.until > t0;
      expect(reason).toBe(true);
    });
  });

  it('decides the same twice, and its memory fits the item', () => {
    check((world, result) => {
      expect(look(world)).toEqual(result);
      expect(result.memory.length).toBeLessThan(16_384);
    });
  });

  it('reaches every rule that speaks', () => {
    // Drawn elsewhere: fuzz-requests, and in unit/core/decide by-word, ends, voice, orders, upkeep and rehearsal (VPN connections of AWS).
    const others: readonly RuleName[] = ['request', 'word', 'split', 'dark-users', 'maintenance', 'rehearsal', 'order'];
    const missing = new Set(ruleNames.filter((rule) => !others.includes(rule)));
    const allReached = new Error('Every rule has spoken');
    const reaching = fc.property(worlds, (world) => {
      // takeTurn looks for broken laws in the rest, too.
      missing.delete(decidedOn(world).decision.rule);
      if (missing.size === 0 && !isThorough) throw allReached;
    });
    const numRuns = Number(process.env['RUNS'] ?? 8_000);
    const { errorInstance } = fc.check(reaching, { seed, numRuns, endOnFailure: true });
    if (errorInstance !== null && errorInstance !== allReached) throw errorInstance;
    expect([...missing]).toEqual([]);
  });
});
