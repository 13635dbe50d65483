/**
 * `policy`: a preset's name, or a preset with overrides. Fields bear the names of `core/policy.ts`, where each number
 * has its reason; spans are milliseconds or `500ms`, `30s`, `5m`, `2h`, `90d`.
 */
import * as z from 'zod';
import type { Policy, Preset } from '../core/policy';
import { dayMs, hourMs, minuteMs, secondMs } from '../core/time';
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
  const span = f.maybe(spanField());
  const rounds = f.maybe(f.whole(1, 100, 'must be a whole number, 1 to 100'));
  const budget = f.maybe(f.whole(0, 100, 'must be a whole number, 0 to 100'));
  const ratio = f.maybe(z.number().gt(0, 'must be a share above 0').max(1, 'must be a share, at most 1'));
  const hour = f.whole(0, 23, 'must be an hour, 0 to 23');
  const stated = {
    preset: f.choice(presetNames, 'balanced'),
    roundIntervalMs: span,
    downAfterRounds: rounds,
    upAfterRounds: rounds,
    attemptTimeoutMs: span,
    secondAttemptAfterMs: span,
    reportIntervalMs: span,
    freshMaxMs: span,
    metricsFreshMaxMs: span,
    silentAfterMs: span,
    degradedLossRatio: ratio,
    degradedRttMs: span,
    severeLossRatio: ratio,
    severeRttMs: span,
    severeAfterMs: span,
    confirmAfterMs: span,
    repairSettleMs: span,
    ladderRestMs: span,
    soakMs: span,
    soakMaxMs: span,
    failbacks24hMax: budget,
    severeMoves24hMax: budget,
    repairs24hMax: budget,
    replaces24hMax: budget,
    rungDeadlineMs: f.maybe(
      f.group({
        'clear-source-dest-check': span,
        'restart-tunnel': span,
        reboot: span,
        'stop-start': span,
        replace: span,
      }),
    ),
    drillEveryMs: f.maybe(spanField(400 * dayMs, '12h, 30d (at most 400d)')),
    failback: f
      .choice(failbacks, 'automatic')
      .describe('manual: a set goes home when a person gives the word, never by itself.'),
    failbackWindow: f.maybe(f.group({ fromHourUtc: hour, toHourUtc: hour })),
  } satisfies Record<keyof Policy | 'preset', z.ZodType>;
  return f.group({ ...stated, ...plainSpans(span) });
}

/** Spans also under their plain names: `soak: 15m` says its unit itself, and is `soakMs`. */
export const spanNames = {
  roundInterval: 'roundIntervalMs',
  attemptTimeout: 'attemptTimeoutMs',
  secondAttemptAfter: 'secondAttemptAfterMs',
  reportInterval: 'reportIntervalMs',
  freshMax: 'freshMaxMs',
  metricsFreshMax: 'metricsFreshMaxMs',
  silentAfter: 'silentAfterMs',
  degradedRtt: 'degradedRttMs',
  severeRtt: 'severeRttMs',
  severeAfter: 'severeAfterMs',
  confirmAfter: 'confirmAfterMs',
  repairSettle: 'repairSettleMs',
  ladderRest: 'ladderRestMs',
  soak: 'soakMs',
  soakMax: 'soakMaxMs',
} as const satisfies Record<string, keyof Policy>;

type SpanName = keyof typeof spanNames;

const plainSpans = <T extends z.ZodType>(span: T): Record<SpanName, T> =>
  Object.fromEntries(Object.keys(spanNames).map((name) => [name, span])) as Record<SpanName, T>;

/** By default at most a day: the window of all budgets, and longer than anyone waits on purpose. */
function spanField(msMax = dayMs, examples = '500ms, 30s, 5m, 2h (at most 24h)') {
  const mend = `is no span: write milliseconds above 0, or ${examples}`;
  const inMs = z.number(mend).gt(0, mend).max(msMax, mend);
  const asText = z
    .string()
    .regex(/^\d+(ms|s|m|h|d)$/, mend)
    .transform((text) => Number.parseInt(text, 10) * unitMs[text.replace(/^\d+/, '') as keyof typeof unitMs])
    .refine((ms) => ms > 0 && ms <= msMax, mend);
  return z.union([inMs, asText], { error: mend });
}
