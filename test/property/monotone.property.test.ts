/**
 * Law: more or fresher evidence of the same world never turns a rescue into a hold.
 *
 * Goal: no question that is answered, and no answer that comes sooner, may cost users their rescue. Method: fast-check
 * draws a world in which path a is down and path b works, and two looks at it: the poorer one knows less of it (side
 * questions unanswered, routes only as last seen) and asked for its reports earlier. Whatever moves people on the poorer
 * look must move them on the richer one, to the same path.
 */
import fc from 'fast-check';
import type { TurnResult } from '../../core/turn/answers';
import type { CanaryReport, Evidence } from '../../core/words/evidence';
import { connection, deployment, down, evidence, instance, memory, report, routes, t0, turn } from '../given';
import { drawn } from '../thorough';

const seed = Number(process.env['SEED'] ?? 20_260_105);

/** Both looks are at this world. */
interface World {
  readonly at: 'a' | 'split';
  readonly coupled: boolean;
  readonly aState: 'running' | 'stopped';
  readonly bStatus: 'ok' | 'impaired' | 'unknown';
  /** Every canary's reports, this often; the last one so long ago at the later look. */
  readonly spokenAgoMs: readonly number[];
  readonly spent: number;
}

/** How one look differs from a perfect one. */
interface Lack {
  readonly instances: boolean;
  readonly routes: boolean;
  readonly pins: boolean;
  readonly service: boolean;
  readonly leases: boolean;
  /** What the canary of the other path says. */
  readonly proof: boolean;
  /** How long before the decision its reports were asked for. */
  readonly askedAgoMs: number;
}

const everyMs = 2_000;
const diedAgoMs = 20_000;

const worlds: fc.Arbitrary<World> = fc.record({
  at: fc.constantFrom('a', 'a', 'split'),
  coupled: fc.boolean(),
  aState: fc.constantFrom('running', 'stopped'),
  bStatus: fc.constantFrom('ok', 'impaired', 'unknown'),
  spokenAgoMs: fc.array(fc.integer({ min: 0, max: everyMs - 1 }), { minLength: 3, maxLength: 3 }),
  spent: fc.integer({ min: 0, max: 9 }),
});

const lacks: fc.Arbitrary<Lack> = fc.record({
  instances: fc.boolean(),
  routes: fc.boolean(),
  pins: fc.boolean(),
  service: fc.boolean(),
  leases: fc.boolean(),
  proof: fc.boolean(),
  askedAgoMs: fc.integer({ min: 0, max: 6_000 }),
});

const nothing: Lack = {
  instances: false,
  routes: false,
  pins: false,
  service: false,
  leases: false,
  proof: false,
  askedAgoMs: 0,
};

/** At least as much, asked at least as late. */
const richer = (lack: Lack, kept: readonly boolean[], percent: number): Lack => ({
  instances: lack.instances && kept[0]!,
  routes: lack.routes && kept[1]!,
  pins: lack.pins && kept[2]!,
  service: lack.service && kept[3]!,
  leases: lack.leases && kept[4]!,
  proof: lack.proof && kept[5]!,
  askedAgoMs: Math.floor((lack.askedAgoMs * percent) / 100),
});

/** The last word a canary had spoken when it was asked for. */
function lastWord(agoMs: number, askedAgoMs: number): number {
  const missed = Math.max(0, Math.ceil((askedAgoMs - agoMs) / everyMs));
  return t0 - agoMs - missed * everyMs;
}

function look(world: World, lack: Lack): TurnResult {
  const said = (i: number): number => lastWord(world.spokenAgoMs[i]!, lack.askedAgoMs);
  const isDown = (id: string, i: number): CanaryReport =>
    down(id, { reportedAt: said(i), missedSince: t0 - diedAgoMs, answeredAt: t0 - diedAgoMs - 500 });
  const shown = world.at === 'a' ? routes('eni-gw-a') : [routes('eni-gw-a')[0]!, routes('eni-gw-b')[1]!];
  const pins: Evidence['pins'] = Object.fromEntries(
    ['a', 'b'].map((path) => {
      const target = { kind: 'network-interface', id: `eni-gw-${path}` } as const;
      return [`paris/path-${path}`, [{ address: '172.16.1.10', target }]];
    }),
  );
  const spent = Array.from({ length: world.spent }, (_, i) => t0 - (i + 1) * 600_000);
  return turn({
    deployment: deployment(connection({ coupled: world.coupled })),
    evidence: evidence({
      reportsReadAt: t0 - lack.askedAgoMs,
      reports: {
        'paris/path-a': isDown('paris/path-a', 0),
        'paris/path-b': lack.proof ? null : report('paris/path-b', { reportedAt: said(1), answeredAt: said(1) - 200 }),
        'paris/office': lack.service ? null : isDown('paris/office', 2),
      },
      instances: {
        'gw-a': lack.instances ? null : instance('gw-a', { state: world.aState }),
        'gw-b': lack.instances ? null : instance('gw-b', { instanceStatus: world.bStatus }),
      },
      routes: lack.routes ? [] : shown,
      lastSeen: lack.routes ? { seenAt: t0 - 60_000, routes: shown, pins } : null,
      pins: lack.pins ? {} : pins,
      gatewayLeases: lack.leases ? { 'gw-a': null, 'gw-b': null } : {},
    }),
    memory: memory({ budgets: { moves: spent, failbacks: spent, severeMoves: spent, repairs: spent, replaces: [] } }),
  });
}

const targets = ({ decision }: TurnResult): string[] =>
  decision.kind === 'divert' ? decision.moves.map(({ to }) => to) : [];

const numRuns = Number(process.env['RUNS'] ?? drawn(2_000));

describe(`more evidence never means less action (seed ${seed})`, () => {
  it('a rescue stays a rescue, to the same path, when more is known and when it was asked later', () => {
    let rescues = 0;
    const kept = fc.array(fc.boolean(), { minLength: 6, maxLength: 6 });
    const law = fc.property(worlds, lacks, kept, fc.integer({ min: 0, max: 100 }), (world, lack, keeps, percent) => {
      const poorer = targets(look(world, lack));
      rescues += poorer.length;
      if (poorer.length > 0) expect(targets(look(world, richer(lack, keeps, percent)))).toEqual(poorer);
    });
    fc.assert(law, { seed, numRuns });
    expect(rescues).toBeGreaterThan(numRuns / 4);
  });

  it('with everything known, and asked just now, users are rescued in each of these worlds', () => {
    fc.assert(
      fc.property(worlds, (world) => expect(targets(look(world, nothing))).toEqual(['b'])),
      { seed, numRuns: 500 },
    );
  });
});
