/**
 * From probe rounds to a canary's verdict. Pure; the canary function feeds it and reports what it says.
 *
 * A round misses only if every attempt in it missed. `down` needs misses in a row, so random loss is `degraded` and
 * never `down`: at 10 % loss a round of three attempts misses once in 1,000.
 *
 *     answered answered MISS MISS MISS | answered answered answered
 *     healthy ........................ down ..................... healthy or degraded
 *
 * And they must span `downAfterMs`, from the first attempt to the last: however closely a silence is probed, an outage
 * that is shorter makes nothing `down` (docs/decisions/040).
 */
import type { Canary } from '../words/domain';
import type { CanaryReport, CanaryVerdict, FullSize } from '../words/evidence';
import { lossPastMsOf, type Policy, roundsForLossMin, windowRoundsOf } from '../words/policy';
import type { Instant } from '../words/time';
import { medianOf } from './median';

/** One lossy round in a short window is an accident, not a ratio. */
const lossyRoundsMin = 2;

export interface RoundResult {
  /** Some attempt was answered (or refused, where refusal counts). */
  readonly answered: boolean;
  /** Round trip of the fastest answered attempt; null when none was answered. */
  readonly rttMs: number | null;
  /** How long that attempt took, whatever of it counts as round trip; absent: none answered. */
  readonly answeredInMs?: number;
  readonly attempts: number;
  readonly lost: number;
  readonly startedAt: Instant;
  /** When its last attempt began; absent: it had one. */
  readonly lastSentAt?: Instant;
  /**
   * Begun on suspicion, less than an interval after the one before: it counts for silence and its end. Counted as loss,
   * each short outage would weigh as much as several.
   */
  readonly beside?: boolean;
  /** Not even the control target answered: the canary itself is cut off, and the round says nothing about the path. */
  readonly blind?: boolean;
}

interface Silence {
  readonly from: Instant;
  readonly to: Instant;
  /** When the last of those rounds began. */
  readonly startedAt: Instant;
}

/** An attempt that was given seconds while nothing came in time, and was answered. */
export interface LateAnswer {
  readonly rttMs: number;
  /** When it began. */
  readonly at: Instant;
}

/** The last one of so many. */
interface LateAnswers extends LateAnswer {
  readonly inARow: number;
}

/** One may be a packet that TCP had to send twice. */
const lateAnswersMin = 2;

const noSilence: Silence = { from: 0, to: 0, startedAt: 0 };

/** Invariant: `recent` is in order of time and at most the window. */
export interface Rounds {
  readonly recent: readonly RoundResult[];
  /**
   * Of the run before in the same sandbox: they stand in while this run has too few rounds to speak of loss. At a round
   * each 2 s that takes half of every minute, and a path that loses a third would be called healthy for so long.
   */
  readonly before: readonly RoundResult[];
  /** Median of `recent`; null: none was answered. */
  readonly rttMs: number | null;
  readonly round: number;
  readonly missedInARow: number;
  readonly answeredInARow: number;
  /** When the last answered round started; 0: none yet. */
  readonly answeredAt: Instant;
  /** When the first missed round since the last answered one started; 0: that was the last. */
  readonly missedSince: Instant;
  /** From the first attempt to the last of the rounds that `missedInARow` counts. */
  readonly silence: Silence;
  /** Null: what is not answered in time is not answered at all, as far as anybody has waited. */
  readonly late: LateAnswers | null;
  readonly blindInARow: number;
  readonly fullSize: FullSize;
  readonly verdict: CanaryVerdict;
  readonly since: Instant;
  /** The verdict of the last report that was written; null: none yet. */
  readonly reported: CanaryVerdict | null;
  /** It said that answers come late. */
  readonly reportedLate: boolean;
  /** When the reports table first answered in this run, or since it last did not; null: perhaps the canary is cut off. */
  readonly heardAt: Instant | null;
}

export function startRounds(now: Instant, before: readonly RoundResult[] = []): Rounds {
  return {
    recent: [],
    before,
    rttMs: null,
    round: 0,
    missedInARow: 0,
    answeredInARow: 0,
    answeredAt: 0,
    missedSince: 0,
    silence: noSilence,
    late: null,
    blindInARow: 0,
    fullSize: 'unmeasured',
    verdict: 'unknown',
    since: now,
    reported: null,
    reportedLate: false,
    heardAt: null,
  };
}

export function recordRound(rounds: Rounds, result: RoundResult, policy: Policy, now: Instant): Rounds {
  if (!result.answered && rounds.heardAt !== null && result.startedAt < rounds.heardAt) return rounds;
  if (result.blind) {
    const blind = { ...rounds, round: rounds.round + 1, blindInARow: rounds.blindInARow + 1, answeredInARow: 0 };
    return judged(blind, policy, now);
  }
  const recent = result.beside ? rounds.recent : rounds.recent.slice(1 - windowRoundsOf(policy)).concat(result);
  const next: Rounds = {
    ...rounds,
    blindInARow: 0,
    recent,
    rttMs: medianKnown(recent, ({ rttMs }) => rttMs),
    round: rounds.round + 1,
    missedInARow: result.answered ? 0 : rounds.missedInARow + 1,
    answeredInARow: result.answered ? answersAfter(rounds, result) : 0,
    answeredAt: result.answered ? result.startedAt : rounds.answeredAt,
    missedSince: result.answered ? 0 : rounds.missedSince || result.startedAt,
    silence: result.answered ? noSilence : silenceAfter(rounds, result),
    late: result.answered ? null : rounds.late,
  };
  return judged(next, policy, now);
}

/** Answers in a row are an interval apart: those between two beats say no more of how long it has been well. */
const answersAfter = ({ answeredInARow }: Rounds, { beside }: RoundResult): number =>
  beside ? Math.max(1, answeredInARow) : answeredInARow + 1;

const silenceAfter = (
  { missedInARow, silence }: Rounds,
  { startedAt, lastSentAt = startedAt }: RoundResult,
): Silence => ({
  from: missedInARow === 0 ? startedAt : silence.from,
  to: lastSentAt,
  startedAt,
});

/** Would one more round without an answer, whose last attempt was made then, make it `down`? */
export function isLastMiss(rounds: Rounds, lastSentAt: Instant, policy: Policy): boolean {
  const { verdict, missedInARow, silence } = rounds;
  return verdict !== 'down' && missedInARow > 0 && isSilent(missedInARow + 1, { ...silence, to: lastSentAt }, policy);
}

/** So many rounds without an answer, over so long a time. */
export const isSilent = (missedInARow: number, { from, to }: Pick<Silence, 'from' | 'to'>, policy: Policy): boolean =>
  missedInARow >= policy.downAfterRounds && to - from >= policy.downAfterMs;

/** Full-size packets that vanish among small ones that do too are loss, and say nothing about size. */
export function recordFullSize(rounds: Rounds, fullSize: FullSize, policy: Policy, now: Instant): Rounds {
  const isLossy = rounds.missedInARow > 0 || lossRatio(rounds, policy, now) > policy.degradedLossRatio;
  return fullSize === 'lost' && isLossy ? rounds : judged({ ...rounds, fullSize }, policy, now);
}

/** What came of an attempt that was given seconds; null: nothing, or in time. */
export function recordPatient(rounds: Rounds, answer: LateAnswer | null): Rounds {
  if (answer === null) return { ...rounds, late: null };
  return { ...rounds, late: { ...answer, inARow: (rounds.late?.inARow ?? 0) + 1 } };
}

/** Bad news lasts over the change of sandboxes: the next run begins with it, and finds out soon whether it still holds. */
export const badNewsOf = ({
  reported,
  late,
  reportedLate,
}: Rounds): Pick<Rounds, 'reported' | 'late' | 'reportedLate'> => ({
  reported,
  late,
  reportedLate,
});

/** Is it known by now whether what is not answered in time is answered late? */
export const isLateKnown = ({ late }: Rounds): boolean => late !== null && late.inARow >= lateAnswersMin;

const lateOf = (rounds: Rounds): LateAnswers | null =>
  rounds.verdict === 'down' && isLateKnown(rounds) ? rounds.late : null;

function judged(rounds: Rounds, policy: Policy, now: Instant): Rounds {
  const verdict = verdictOf(rounds, policy, now);
  return verdict === rounds.verdict ? rounds : { ...rounds, verdict, since: now };
}

function verdictOf(rounds: Rounds, policy: Policy, now: Instant): CanaryVerdict {
  if (rounds.blindInARow >= policy.downAfterRounds) return 'unknown';
  if (isSilent(rounds.missedInARow, rounds.silence, policy)) return 'down';
  const wasUp = rounds.verdict === 'healthy' || rounds.verdict === 'degraded';
  // Hysteresis: leaving `degraded` takes half the threshold, or loss near it would wake a run every few seconds.
  const slack = rounds.verdict === 'degraded' ? 0.5 : 1;
  const enough =
    counted(rounds, policy).length >= roundsForLossMin && lossyRounds(rounds, policy, now) >= lossyRoundsMin;
  const lossy = enough && lossRatio(rounds, policy, now) > policy.degradedLossRatio * slack;
  if (!wasUp && rounds.answeredInARow < policy.upAfterRounds) {
    // Rounds that are answered now and then, never in a row: it must not be silent about that for ever.
    const isOften = rounds.recent.length >= roundsForLossMin && rounds.answeredAt > 0 && lossy;
    return rounds.verdict === 'unknown' && isOften ? 'degraded' : rounds.verdict;
  }
  const { rttMs } = rounds;
  const slow = rttMs !== null && rttMs > policy.degradedRttMs * (slack === 1 ? 1 : 0.9);
  return lossy || slow || rounds.fullSize === 'lost' ? 'degraded' : 'healthy';
}

/** Share of rounds that lost an attempt: a dead round counts once, or one miss in a window would look like 8 % loss. */
function lossRatio(rounds: Rounds, policy: Policy, now: Instant): number {
  const { length } = counted(rounds, policy);
  return length === 0 ? 0 : lossyRounds(rounds, policy, now) / length;
}

/** None where the last was long ago: of rounds that are rare, the run before keeps old ones. */
function lossyRounds(rounds: Rounds, policy: Policy, now: Instant): number {
  let count = 0;
  let lastAt = 0;
  for (const { lost, startedAt } of counted(rounds, policy)) {
    if (lost === 0) continue;
    count++;
    lastAt = startedAt;
  }
  return lastAt < now - lossPastMsOf(policy) ? 0 : count;
}

/** The rounds that loss is counted over. */
function counted({ before, recent }: Rounds, policy: Policy): readonly RoundResult[] {
  return recent.length >= roundsForLossMin ? recent : [...before, ...recent].slice(-windowRoundsOf(policy));
}

/**
 * What the next run in this sandbox may still count, see `Rounds.before`: a window's worth, what is not too old, and
 * nothing up to the end of an outage. That was said as `down`; counted as loss it would keep users off a path that has
 * been well for minutes, or drive them off it.
 */
export function roundsToCarry(rounds: Rounds, policy: Policy, now: Instant): readonly RoundResult[] {
  // A sandbox may run every other minute only.
  const youngest = now - 2 * lossPastMsOf(policy);
  const results = counted(rounds, policy);
  // Misses before the first answer kept may be the end of an outage: heard again after being cut off, a run that
  // said `down` begins anew.
  let missedInARow = policy.downAfterRounds;
  let from = 0;
  results.forEach(({ answered }, i) => {
    missedInARow = answered ? 0 : missedInARow + 1;
    if (missedInARow >= policy.downAfterRounds) from = i + 1;
  });
  return results.slice(from).filter(({ startedAt }) => startedAt >= youngest);
}

/** What an attempt that is answered takes as a rule; null: none was. HTTP takes two round trips. */
export const usualAnswerMs = ({ before, recent }: Rounds): number | null =>
  medianKnown(recent.some(({ answered }) => answered) ? recent : before, ({ answeredInMs = null }) => answeredInMs);

function medianKnown(results: readonly RoundResult[], timeOf: (result: RoundResult) => number | null): number | null {
  const known: number[] = [];
  for (const result of results) {
    const value = timeOf(result);
    if (value !== null) known.push(value);
  }
  return medianOf(known);
}

/** Who reports, and how its own gateway answered it. */
interface Observer {
  readonly canary: Canary;
  readonly policy: Policy;
  readonly gatewayProbe: CanaryReport['gatewayProbe'];
  /** Absent: it answered its last probe, or is not probed. */
  readonly probeMissed?: number;
  /** Id of the invocation that reports. */
  readonly runId: string;
}

/** The report to write now. Call `markReported` once it is written: an unwritten change stays a change. */
export function reportFrom(
  rounds: Rounds,
  { canary, policy, gatewayProbe, probeMissed = 0, runId }: Observer,
  now: Instant,
): CanaryReport {
  const late = lateOf(rounds);
  return {
    schema: 1,
    canary: canary.id,
    connection: canary.connection,
    reportedAt: now,
    since: rounds.since,
    verdict: rounds.verdict,
    lossRatio: Number(lossRatio(rounds, policy, now).toFixed(3)),
    rttMs: rounds.rttMs,
    missedInARow: rounds.missedInARow,
    answeredInARow: rounds.answeredInARow,
    answeredAt: rounds.answeredAt,
    missedSince: rounds.missedSince,
    gatewayProbe,
    ...(probeMissed > 0 && { probeMissed }),
    fullSize: rounds.fullSize,
    ...(late !== null && { lateMs: late.rttMs, lateAt: late.at }),
    runId,
    round: rounds.round,
    changed: isChange(rounds),
  };
}

/**
 * A run counts from its own first round; where that was not answered, the silence began in the run before, which has said
 * since when and what was answered last. `earlier`: the canary's report that this run found in the table.
 *
 * Example: users get nothing from 3:00.0 on, and a run that begins at 3:00.4 never sees an answer: without the report of the
 * run before nobody knows that they were served a moment ago on the path they are on (rule 5b), and each minute their
 * darkness would begin anew.
 */
export function silentSince(report: CanaryReport, earlier: CanaryReport, policy: Policy): CanaryReport {
  if (report.verdict !== 'down' || report.answeredAt > 0 || report.missedSince === 0) return report;
  if (earlier.reportedAt < report.missedSince - policy.silentAfterMs) return report; // Nobody looked in between.
  const missedSince = earlier.missedSince > 0 ? Math.min(earlier.missedSince, report.missedSince) : report.missedSince;
  return { ...report, missedSince, answeredAt: Math.min(earlier.answeredAt, missedSince) };
}

export function markReported(rounds: Rounds, report: CanaryReport, now: Instant): Rounds {
  return { ...markHeard(rounds, now), reported: report.verdict, reportedLate: report.lateMs !== undefined };
}

/** The table answers: the canary is not cut off. Misses from before that may have been its own, so they do not count. */
export function markHeard(rounds: Rounds, now: Instant): Rounds {
  if (rounds.heardAt !== null) return rounds;
  const { round, missedSince } = rounds;
  if (rounds.verdict === 'down') return { ...startRounds(now), ...badNewsOf(rounds), round, missedSince, heardAt: now };
  return { ...rounds, missedInARow: 0, heardAt: now };
}

export const markUnheard = (rounds: Rounds): Rounds => ({ ...rounds, heardAt: null });

/** `down`, and perhaps it is the canary itself that is cut off: to be said once the table has answered and it still holds. */
export const isDoubtful = ({ verdict, heardAt }: Rounds): boolean => verdict === 'down' && heardAt === null;

/** A fresh observer's first word is a change only when it is bad news: otherwise every new sandbox would wake a run. */
function isChange(rounds: Rounds): boolean {
  if (rounds.reported === null || rounds.reported === 'unknown')
    return rounds.verdict === 'down' || rounds.verdict === 'degraded';
  return rounds.reported !== rounds.verdict || rounds.reportedLate !== (lateOf(rounds) !== null);
}
