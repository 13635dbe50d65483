/**
 * Several runs race for one connection, on the real state machine and functions, with random moments, duplicated
 * events and crashes between any two states.
 *
 * Laws: never two holders; every route write is made by the run that holds the connection then. Method: fast-check
 * draws the interleaving, the local cloud plays it, and the recorded calls are read afterwards.
 */
import fc from 'fast-check';
import type { Execution } from '../../local-cloud/asl/runner';
import type { CallRecord } from '../../local-cloud/front/front';
import { parseScenario } from '../../sim/scenario';
import { simulate } from '../../sim/simulate';
import type { SimulatedCloud } from '../../sim/simulated-cloud';

const seed = Number(process.env['SEED'] ?? 20_260_105);
const numRuns = Number(process.env['RUNS'] ?? 4);

interface Race {
  readonly seed: number;
  /** When further runs are started, ms around the failure. */
  readonly startsMs: readonly number[];
  readonly copies: number;
  readonly crashAt: string | null;
}

const races: fc.Arbitrary<Race> = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  startsMs: fc.array(fc.integer({ min: 59_000, max: 66_000 }), { minLength: 1, maxLength: 4 }),
  copies: fc.integer({ min: 2, max: 3 }),
  crashAt: fc.option(
    fc.constantFrom(
      'TakeLease',
      'Assess',
      'Dispatch',
      'DivertRoutes',
      'AfterWrite',
      'AwaitNews',
      'RenewLease',
      'JournalRepair',
      'RepairGateway',
      'NotifyPeople',
    ),
  ),
});

function scenarioOf({ startsMs, copies, crashAt }: Race): string {
  const signal = '{ connection: paris, source: operator }';
  const steps = [
    `{ at: 55s, do: duplicate, source: ec2, copies: ${copies} }`,
    `{ at: 56s, do: duplicate, source: canary, copies: ${copies} }`,
    ...(crashAt === null ? [] : [`{ at: 58s, do: crash_execution, when: ${crashAt} }`]),
    '{ at: 60s, do: stop_instance, gateway: gw-a }',
    ...startsMs.map((ms) => `{ at: ${ms}ms, do: command, input: ${signal} }`),
  ];
  return [
    'title: a race',
    'site: pair',
    'durationMax: 4m',
    'steps:',
    ...steps.map((step) => `  - ${step}`),
    'expect: {}',
  ].join('\n');
}

async function play(race: Race): Promise<SimulatedCloud> {
  let cloud: SimulatedCloud | undefined;
  await simulate(parseScenario(scenarioOf(race), 'race'), {
    seed: race.seed,
    tables: 'memory',
    onCloud: (c) => (cloud = c),
  });
  return cloud!;
}

interface Take {
  readonly at: number;
  readonly execution: Execution;
}

const updateOf = (call: CallRecord) =>
  call.input as { UpdateExpression?: string; ExpressionAttributeValues?: Record<string, { S?: string }> };

/** Every successful take of the connection, oldest first. */
function takesOf(cloud: SimulatedCloud): Take[] {
  const byArn = new Map(cloud.stepfunctions.executions.map((e) => [e.arn, e]));
  return cloud.front.calls
    .filter(
      (call) =>
        call.operation === 'UpdateItem' &&
        call.error === '' &&
        updateOf(call).UpdateExpression?.startsWith('SET #holder = :me'),
    )
    .map((call) => ({ at: call.at, execution: byArn.get(updateOf(call).ExpressionAttributeValues![':me']!.S!)! }));
}

/** When this execution gave the connection back, or ended; a crash ends it. */
function letGoAt({ history, stoppedAt }: Execution, from: number): number {
  const released = history.find(
    (e) => e.stateExitedEventDetails?.name === 'ReleaseLease' && e.timestamp.getTime() >= from,
  );
  return released?.timestamp.getTime() ?? stoppedAt ?? Number.POSITIVE_INFINITY;
}

describe(`races for one connection (seed ${seed}, ${numRuns} runs)`, () => {
  it('never have two holders, and only the holder writes', async () => {
    let taken = 0;
    let written = 0;
    await fc.assert(
      fc.asyncProperty(races, async (race) => {
        const cloud = await play(race);
        const takes = takesOf(cloud);
        taken += takes.length;
        takes.forEach((take, i) => {
          const before = takes[i - 1];
          if (before !== undefined) expect(letGoAt(before.execution, before.at)).toBeLessThanOrEqual(take.at + 50);
        });
        const writes = cloud.front.calls.filter(
          (call) => /^(Create|Replace|Delete)Route$/.test(call.operation) && call.by !== 'automation',
        );
        written += writes.length;
        for (const write of writes) {
          const holder = takes.findLast((take) => take.at <= write.at)!.execution;
          const applies = holder.history.filter(
            (e) =>
              e.stateEnteredEventDetails?.name === 'DivertRoutes' ||
              e.stateEnteredEventDetails?.name === 'FailBackRoutes',
          );
          // The holder of that moment asked for it, at most one Lambda timeout ago.
          expect(
            applies.some((e) => e.timestamp.getTime() <= write.at && write.at - e.timestamp.getTime() <= 15_000),
          ).toBe(true);
        }
        // Both tables moved once: a duplicate writes nothing.
        expect(writes.length).toBe(2);
      }),
      { seed, numRuns },
    );
    expect(taken).toBeGreaterThan(numRuns);
    expect(written).toBe(2 * numRuns);
  });
});
