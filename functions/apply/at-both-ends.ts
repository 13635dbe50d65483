/**
 * Carries out a plan's steps at two ends, so that both follow one path or neither does.
 *
 *     a rescue         both at once: an end that is silent keeps nobody waiting at the other
 *     what is planned  ask each table of both (a dry run) -- one end -- the other -- or take the first back
 *
 * Law: what is planned begins at neither end unless both would take it. Where the second fails all the same, users are
 * better off on the path they left, which works, than with answers that come back another way.
 */
import type { PlanStep } from '../../core/routes/plane';
import type { StepResult } from '../../core/words/decision';
import type { Connection } from '../../core/words/domain';
import type { EndName } from '../../core/words/end';
import type { World } from '../world';
import { stepSaid, type Writes, type Written, writeSteps } from './route-writes';

type Clock = Pick<World, 'now' | 'sleep'>;
type EndOf = (step: Pick<PlanStep, 'routeSet'>) => EndName | undefined;

/** `planned`: the paths that are left work. */
export async function writeAtEnds(
  clock: Clock,
  writes: Writes,
  { routeSets }: Pick<Connection, 'routeSets'>,
  planned: boolean,
): Promise<Written> {
  const endOf: EndOf = ({ routeSet }) => routeSets[routeSet]?.end;
  const ends = [...new Set(writes.steps.map(endOf))];
  const groups = ends.map((end) => writes.steps.filter((step) => endOf(step) === end));
  const [first, second] = groups;
  if (first === undefined || second === undefined) return withEnds(await writeSteps(clock, writes), endOf);
  const written = planned
    ? await oneAfterTheOther(clock, writes, first, second)
    : both(...(await Promise.all([first, second].map((steps) => writeSteps(clock, { ...writes, steps })))));
  return withEnds(written, endOf);
}

const both = (...written: readonly Written[]): Written => ({
  results: written.flatMap(({ results }) => results),
  sent: written.some(({ sent }) => sent),
  fenced: written.find(({ fenced }) => fenced !== null)?.fenced ?? null,
});

const withEnds = (written: Written, endOf: EndOf): Written => ({
  ...written,
  results: written.results.map((result) => {
    const end = endOf(result);
    return end === undefined ? result : { ...result, end };
  }),
});

async function oneAfterTheOther(
  clock: Clock,
  writes: Writes,
  first: readonly PlanStep[],
  second: readonly PlanStep[],
): Promise<Written> {
  const refusals = await askedFirst(writes);
  if (refusals.length > 0) return unwritten(writes.steps, refusals);
  // Half the time, so that the second has the other half.
  const deadlineAt = clock.now() + (writes.deadlineAt - clock.now()) / 2;
  const begun = await writeSteps(clock, { ...writes, steps: first, deadlineAt });
  if (begun.fenced !== null) return both(begun, waiting(second, 'not tried: the lease forbids it'));
  if (begun.results.some(isOpen)) {
    const undone = await takenBack(clock, writes, first, begun);
    return both(undone, waiting(second, 'not tried: the other end has not moved'));
  }
  const followed = await writeSteps(clock, { ...writes, steps: second });
  const hasFailed = followed.results.every(isUnmoved) && followed.results.some(isOpen);
  if (followed.fenced !== null || !hasFailed) return both(begun, followed);
  return both(await takenBack(clock, writes, first, begun), followed);
}

/** One step for each table: what is allowed is said of tables. Those that would not be taken, as their answers are told. */
async function askedFirst({ steps, dryRun }: Writes): Promise<StepResult[]> {
  const perTable = steps.filter((step, i) => steps.findIndex(({ table }) => table === step.table) === i);
  const answers = await Promise.all(perTable.map(async (step) => ({ step, answer: await dryRun(step) })));
  return answers.flatMap(({ step, answer: { result, detail } }): StepResult[] => {
    if (result === 'accepted') return [];
    const isNo = result === 'refused' || result === 'denied' || result === 'conflict';
    return [{ ...stepSaid(step), result: isNo ? 'refused' : 'throttled', detail: `asked first: ${detail}` }];
  });
}

/** Refused by one end, and so begun at neither. */
function unwritten(steps: readonly PlanStep[], refusals: readonly StepResult[]): Written {
  const isRefusal = (step: PlanStep): StepResult | undefined =>
    refusals.find(({ table, destination }) => table === step.table && destination === step.destination);
  const results = steps.map(
    (step): StepResult => isRefusal(step) ?? { ...stepSaid(step), result: 'waiting', detail: refusedText(refusals) },
  );
  return { results, sent: false, fenced: null };
}

const refusedText = ([first]: readonly StepResult[]): string =>
  `not tried: ${first!.destination} in ${first!.table} would not be moved`;

const waiting = (steps: readonly PlanStep[], detail: string): Written => ({
  results: steps.map((step): StepResult => ({ ...stepSaid(step), result: 'waiting', detail })),
  sent: false,
  fenced: null,
});

/** Not for lack of time alone, which the next look makes up for. */
const isOpen = ({ result }: StepResult): boolean =>
  result === 'refused' || result === 'failed' || result === 'throttled' || result === 'conflict';
const isUnmoved = ({ result }: StepResult): boolean => result !== 'done' && result !== 'sent';

/** What was moved at the first end goes back to where it was; what does not is told as moved, and the loop sees to it. */
async function takenBack(
  clock: Clock,
  writes: Writes,
  steps: readonly PlanStep[],
  { results, sent, fenced }: Written,
): Promise<Written> {
  const moved = steps.filter((step, i) => step.kind === 'replace' && !isUnmoved(results[i]!));
  if (moved.length === 0) return { results, sent, fenced };
  const back = moved.map((step): PlanStep => ({ ...step, expected: step.to, to: step.expected }));
  const shown = (await writes.reread()) ?? writes.routes;
  const undone = await writeSteps(clock, { ...writes, steps: back, routes: shown });
  const isBack = (step: PlanStep): boolean =>
    undone.results.some(
      ({ table, destination, result }) =>
        table === step.table && destination === step.destination && (result === 'done' || result === 'sent'),
    );
  return {
    results: results.map((result, i) =>
      isBack(steps[i]!) ? { ...result, result: 'waiting', detail: 'taken back: the other end did not move' } : result,
    ),
    sent: true,
    fenced: undone.fenced,
  };
}
