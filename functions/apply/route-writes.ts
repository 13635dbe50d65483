/**
 * Carries out a plan's steps: in waves, most important first, each write behind its own fence, each wave read back.
 *
 *     per step:  route still as expected? -- lease mine, with margin? -- write -- (throttled: wait, look and ask again)
 *     per wave:  read the routes back; they say what is done, not EC2's answer
 *
 * Law: nothing is written after a fence refused; a route that is not as expected is a conflict, reported
 * and left alone. What was done stays done: partial success is an outcome, and the loop finishes it.
 */
import type { Routes, WriteAnswer } from '../../adapters/ec2/route-port';
import type { PlanStep } from '../../core/routes/plane';
import type { Fence } from '../../core/store/lease';
import type { StepResult } from '../../core/words/decision';
import type { RouteFacts } from '../../core/words/evidence';
import { sameTarget, targetText } from '../../core/words/targets';
import type { Instant } from '../../core/words/time';
import type { World } from '../world';

export interface Writes {
  readonly steps: readonly PlanStep[];
  /** The routes the plan was made of, just read. */
  readonly routes: readonly RouteFacts[];
  /** Null: EC2 does not show them. */
  readonly reread: () => Promise<readonly RouteFacts[] | null>;
  /** Routes that EC2 does not show are no reason to stop writing. */
  readonly mayGoUnseen: boolean;
  readonly write: Routes['write'];
  readonly dryRun: Routes['dryRun'];
  /** Asked before every single write. */
  readonly fence: () => Promise<Fence>;
  /** No write starts after this: what follows must fit before Lambda ends us. */
  readonly deadlineAt: Instant;
}

export interface Written {
  /** One per step, in the plan's order. */
  readonly results: readonly StepResult[];
  /** Some write was accepted, or may have been. */
  readonly sent: boolean;
  /** Why the fence refused; null: it never did. */
  readonly fenced: string | null;
}

interface Answer {
  /** EC2's answer; `there`: nothing to write, `fenced`: the lease forbids it, `late`: no time left. */
  readonly result: WriteAnswer['result'] | 'there' | 'fenced' | 'late';
  readonly detail: string;
}

type Clock = Pick<World, 'now' | 'sleep'>;

/** EC2's bucket holds about 50 writes: 25 leave room for whoever else moves routes, and 50 routes take two waves. */
const stepsPerWave = 25;
/** EC2 is eventually consistent: a fresh write may not show at once. */
const readBackWaitsMs = [0, 300, 700];
const backoffFirstMs = 250;
const backoffMaxMs = 2_000;

export async function writeSteps(clock: Clock, writes: Writes): Promise<Written> {
  const results: StepResult[] = [];
  const answers: Answer[] = [];
  let routes: readonly RouteFacts[] | null = writes.routes;
  for (let i = 0; i < writes.steps.length; i += stepsPerWave) {
    const wave = writes.steps.slice(i, i + stepsPerWave);
    const stop = stopBefore(answers, routes);
    const known: readonly RouteFacts[] | null = routes;
    const waveAnswers: Answer[] = await Promise.all(wave.map((step) => stop ?? writeStep(clock, writes, step, known!)));
    const sent = wave.filter((_, n) => isSent(waveAnswers[n]!));
    const shown: readonly RouteFacts[] | null = sent.length > 0 ? await readBack(clock, writes, sent) : routes;
    routes = shown ?? (writes.mayGoUnseen ? known : null);
    results.push(...wave.map((step, n) => resultOf(step, waveAnswers[n]!, shown ?? [])));
    answers.push(...waveAnswers);
  }
  return {
    results,
    sent: answers.some(isSent),
    fenced: answers.find((answer) => answer.result === 'fenced')?.detail ?? null,
  };
}

const isSent = (answer: Answer): boolean => answer.result === 'accepted' || answer.result === 'silent';

/** Once the fence refused or the routes cannot be read, the remaining waves are answered without a try. */
function stopBefore(answers: readonly Answer[], routes: readonly RouteFacts[] | null): Answer | null {
  if (routes === null) return { result: 'late', detail: 'not tried: the routes could not be read back' };
  return answers.find((answer) => answer.result === 'fenced') ?? null;
}

async function writeStep(clock: Clock, writes: Writes, step: PlanStep, routes: readonly RouteFacts[]): Promise<Answer> {
  let known = routes;
  for (let waitMs = backoffFirstMs; ; waitMs = Math.min(backoffMaxMs, waitMs * 2)) {
    const facts = factsOf(step, known);
    if (isDone(step, facts)) return { result: 'there', detail: 'already there' };
    const found = facts?.target ?? null;
    if (!sameTarget(found, step.expected)) {
      const detail = `expected ${targetText(step.expected)}, found ${targetText(found)}: left alone`;
      return { result: 'conflict', detail };
    }
    if (clock.now() >= writes.deadlineAt) return { result: 'late', detail: 'no time left before the deadline' };
    const fence = await writes.fence();
    if (!fence.ok) return { result: 'fenced', detail: fence.because };
    const answer = await writes.write(step);
    if (answer.result !== 'throttled' || clock.now() + waitMs >= writes.deadlineAt) return answer;
    await clock.sleep(waitMs);
    const again = await writes.reread();
    if (again === null && !writes.mayGoUnseen) return answer;
    known = again ?? known;
  }
}

/** Routes as EC2 shows them once every sent step shows, or at the last look; null: they could not be read. */
async function readBack(
  clock: Clock,
  writes: Writes,
  sent: readonly PlanStep[],
): Promise<readonly RouteFacts[] | null> {
  let routes: readonly RouteFacts[] | null = null;
  for (const waitMs of readBackWaitsMs) {
    if (waitMs > 0) await clock.sleep(waitMs);
    routes = await writes.reread();
    if (routes === null && writes.mayGoUnseen) break; // People are served by now; the next look tells.
    const shown = routes;
    if (shown !== null && sent.every((step) => isDone(step, factsOf(step, shown)))) break;
  }
  return routes;
}

function factsOf(step: PlanStep, routes: readonly RouteFacts[]): RouteFacts | undefined {
  const same = (r: RouteFacts) =>
    r.routeSet === step.routeSet && r.table === step.table && r.destination === step.destination;
  return routes.find(same);
}

/** A deleted static route leaves nothing, or the propagated one beneath it. */
function isDone(step: PlanStep, facts: RouteFacts | undefined): boolean {
  if (facts === undefined) return false;
  if (step.kind === 'delete') return facts.target === null || facts.origin === 'propagated';
  return sameTarget(facts.target, step.to) && facts.origin === 'static';
}

/** What became of a write that EC2 does not show. */
const resultWords = {
  accepted: 'sent',
  silent: 'failed',
  refused: 'refused',
  denied: 'refused',
  fenced: 'waiting',
  there: 'sent',
  conflict: 'conflict',
  throttled: 'throttled',
  late: 'waiting',
} as const satisfies Record<Answer['result'], StepResult['result']>;

/** A step as people read what became of it. */
export const stepSaid = ({ routeSet, table, destination, kind, expected, to }: PlanStep) => ({
  ...{ routeSet, table, destination, kind },
  from: expected?.id ?? null,
  to: to?.id ?? null,
});

function resultOf(step: PlanStep, answer: Answer, routes: readonly RouteFacts[]): StepResult {
  const facts = factsOf(step, routes);
  const done = isDone(step, facts);
  const shows = facts === undefined ? 'it could not be read back' : `it shows ${targetText(facts.target)}`;
  return {
    ...stepSaid(step),
    result: done ? 'done' : resultWords[answer.result],
    detail: done ? answer.detail : [answer.detail, shows].filter((part) => part !== '').join('; '),
  };
}
