/**
 * `policy`: a preset's name, or a preset with overrides. Fields bear the names of `core/policy.ts`, where each number
 * has its reason; spans bear them without their unit, since they say it themselves: `500ms`, `30s`, `5m`, `2h`, `90d`.
 * The names with `Ms` are older; they are read, and warned of.
 */
import * as z from 'zod';
import type { Policy, Preset } from '../core/words/policy';
import { type Rung, rungs } from '../core/words/rungs';
import { dayMs, hourMs, minuteMs, secondMs, spanText } from '../core/words/time';
import type { Fields } from './fields';

export type AuthorPolicy = z.output<ReturnType<typeof policyField>>;

const failbacks = ['automatic', 'manual'] as const satisfies readonly Policy['failback'][];
const presetNames = ['balanced', 'fast', 'calm'] as const satisfies readonly Preset[];
const unitMs = { ms: 1, s: secondMs, m: minuteMs, h: hourMs, d: dayMs } as const;

export function policyField(f: Fields) {
  const error = `must be one of ${presetNames.join(', ')}, or a group of overrides`;
  return f
    .kept(z.union([z.enum(presetNames), overridesField(f)], { error }).default('balanced'), 'balanced')
    .describe('A preset, or a group: `preset` and what differs from it.');
}

function overridesField(f: Fields) {
  const rounds = f.maybe(f.whole(1, 100, 'must be a whole number, 1 to 100'));
  const budget = f.maybe(f.whole(0, 100, 'must be a whole number, 0 to 100'));
  const ratio = f.maybe(z.number().gt(0, 'must be a share above 0').max(1, 'must be a share, at most 1'));
  const hour = f.whole(0, 23, 'must be an hour, 0 to 23');
  return f.group({
    preset: f.choice(presetNames, 'balanced').describe('What holds where nothing is overridden.'),
    downAfterRounds: rounds.describe(
      'Silence that makes a path down, in rounds: 6 are 3s at an interval of 500ms, however closely it is probed.',
    ),
    upAfterRounds: rounds.describe('Answers in a row that end that.'),
    degradedLossRatio: ratio.describe('Loss above this is degraded: 0.05 is 5 %.'),
    severeLossRatio: ratio.describe('Loss at or above this, sustained, is severe.'),
    failbacks24hMax: budget.describe('Failbacks per connection in 24 h.'),
    severeMoves24hMax: budget.describe('Moves off severe paths per connection in 24 h.'),
    repairs24hMax: budget.describe('Repairs per connection in 24 h.'),
    replaces24hMax: budget.describe('Replacements per connection in 24 h.'),
    failback: f
      .choice(failbacks, 'automatic')
      .describe('manual: a set goes home when a person gives the word, never by itself.'),
    failbackWindow: f
      .maybe(
        f.group({
          fromHourUtc: hour.describe('First hour, UTC.'),
          toHourUtc: hour.describe('The hour it ends at, UTC; not after the first: on the next day.'),
        }),
      )
      .describe('Failback only between these hours. Default: always.'),
    rungDeadline: deadlinesField(f).describe("Each rung's deadline."),
    ...spanFields(f),
    rungDeadlineMs: old(deadlinesField(f, true), 'rungDeadline'),
    ...oldSpanFields(f),
  });
}

interface Span {
  /** Its name in `core/policy.ts`. */
  readonly of: keyof Policy;
  /** Less cannot be meant. */
  readonly minMs: number;
  readonly what: string;
}

export const spans = {
  roundInterval: { of: 'roundIntervalMs', minMs: 50, what: 'A canary starts a round this often.' },
  attemptTimeout: {
    of: 'attemptTimeoutMs',
    minMs: 10,
    what: 'How long one attempt may take, the handshake of HTTP included.',
  },
  secondAttemptAfter: {
    of: 'secondAttemptAfterMs',
    minMs: 5,
    what: 'Further attempts start when the first has not answered by then.',
  },
  suspectInterval: {
    of: 'suspectIntervalMs',
    minMs: 20,
    what: 'While a round is unanswered, the next begins this long after it.',
  },
  downAfter: {
    of: 'downAfterMs',
    minMs: 100,
    what: 'Silence that makes a path down. Default: `downAfterRounds`, where that is written.',
  },
  reportInterval: { of: 'reportIntervalMs', minMs: 200, what: 'An unchanged verdict is reported this often.' },
  freshMax: { of: 'freshMaxMs', minMs: 500, what: 'Older evidence proves nothing.' },
  metricsFreshMax: {
    of: 'metricsFreshMaxMs',
    minMs: 10 * secondMs,
    what: 'Metrics standing in for unreadable reports may be this old.',
  },
  silentAfter: { of: 'silentAfterMs', minMs: secondMs, what: 'A canary without a report for this long is silent.' },
  degradedRtt: { of: 'degradedRttMs', minMs: 1, what: 'Round-trip time above this is degraded.' },
  severeRtt: { of: 'severeRttMs', minMs: 1, what: 'Round-trip time at or above this, sustained, is severe.' },
  severeAfter: { of: 'severeAfterMs', minMs: secondMs, what: 'How long severe must last.' },
  confirmAfter: {
    of: 'confirmAfterMs',
    minMs: secondMs,
    what: 'A move may be judged by the service canary after this.',
  },
  repairSettle: { of: 'repairSettleMs', minMs: secondMs, what: 'A path is left alone this long after a repair.' },
  ladderRest: { of: 'ladderRestMs', minMs: 10 * secondMs, what: 'An exhausted ladder is climbed again after this.' },
  soak: { of: 'soakMs', minMs: 5 * secondMs, what: 'Home must be healthy this long before failback.' },
  soakMax: { of: 'soakMaxMs', minMs: 5 * secondMs, what: 'Flapping doubles the soak, up to this.' },
  drillEvery: {
    of: 'drillEveryMs',
    minMs: hourMs,
    what: 'A standby that has not carried traffic for this long is overdue for a drill.',
  },
} as const satisfies Record<string, Span>;

type SpanName = keyof typeof spans;
type OldName = (typeof spans)[SpanName]['of'];

/** What the author writes for a field of the policy. */
export const plainNames: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(spans).map(([plain, { of }]) => [of, plain])),
  rungDeadlineMs: 'rungDeadline',
};

const spanFields = (f: Fields) => {
  const fields = Object.entries(spans).map(([name, span]) => [
    name,
    f.maybe(spanField(span.minMs, maxOf(span))).describe(`${span.what} ${examplesFor(span)}`),
  ]);
  return Object.fromEntries(fields) as Record<SpanName, z.ZodOptional<ReturnType<typeof spanField>>>;
};

const oldSpanFields = (f: Fields) => {
  const fields = Object.entries(spans).map(([name, span]) => [
    span.of,
    old(f.maybe(oldSpanField(name, span.minMs, maxOf(span))), name),
  ]);
  return Object.fromEntries(fields) as Record<OldName, z.ZodOptional<ReturnType<typeof oldSpanField>>>;
};

function old<S extends z.ZodType>(field: S, name: string): S {
  return field.meta({ description: `The old name of \`${name}\`; a bare number is milliseconds.`, deprecated: true });
}

function deadlinesField(f: Fields, isOld = false) {
  const minMs = 5 * secondMs;
  const span = f
    .maybe(isOld ? oldSpanField('rungDeadline', minMs, dayMs) : spanField(minMs, dayMs))
    .describe('After this, the rung has failed: 90s, 12m (at most 24h).');
  return f.maybe(f.group(Object.fromEntries(rungs.map((rung) => [rung, span])) as Record<Rung, typeof span>));
}

/** A day is the window of all budgets, and longer than anyone waits on purpose; but drills are months apart. */
const maxOf = ({ of }: Span): number => (of === 'drillEveryMs' ? 400 * dayMs : dayMs);
const examplesFor = (span: Span): string =>
  maxOf(span) > dayMs ? '12h, 30d (at most 400d).' : '500ms, 30s, 5m, 2h (at most 24h).';

const spanPattern = /^\d+(ms|s|m|h|d)$/;
const msOf = (text: string): number =>
  Number.parseInt(text, 10) * unitMs[text.replace(/^\d+/, '') as keyof typeof unitMs];

/** A text that says its unit. */
export function spanField(minMs: number, maxMs: number) {
  const mend = `is no span: write a whole number and its unit, ms, s, m, h or d, such as ${maxMs > dayMs ? '30d (at most 400d)' : '30s or 15m (at most 24h)'}`;
  const error = ({ input }: { input?: unknown }) =>
    typeof input === 'number' ? `says no unit: write ${input}s, ${input}m or ${input}ms` : mend;
  return z
    .string({ error })
    .regex(spanPattern, mend)
    .transform(msOf)
    .refine((ms) => ms <= maxMs, mend)
    .refine((ms) => ms >= minMs, tooShort(minMs));
}

/** The old way: a bare number is milliseconds. */
function oldSpanField(plain: string, minMs: number, maxMs: number) {
  const mend = `is no span: write ${plain}, with its unit, such as ${plain}: 15m`;
  const bare = z
    .number(mend)
    .max(maxMs, mend)
    .refine((ms) => ms >= minMs, tooShort(minMs, plain));
  return z.union([bare, spanField(minMs, maxMs)], { error: mend });
}

const tooShort = (minMs: number, plain?: string) => ({
  error: ({ input }: { input?: unknown }) =>
    `is ${typeof input === 'number' ? spanText(input) : 'too short'}, too short to be meant: ${
      plain === undefined || typeof input !== 'number'
        ? `at least ${spanText(minMs)}`
        : `write ${plain}: ${input}s or ${plain}: ${input}m, at least ${spanText(minMs)}`
    }`,
  params: { kind: 'span-too-short' },
});
