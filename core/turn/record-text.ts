/**
 * Reads a kept incident's record back. It lay in somebody's bucket, perhaps for years: it is believed only where every
 * field is what its type says. Fields it does not know are a newer version's, and are passed over.
 */
import {
  type Check,
  isFlag,
  isInstant,
  isText,
  listOf,
  oneOf,
  orNull,
  parsed,
  recordOf,
  shapeOf,
} from '../words/shape';
import type {
  CanarySample,
  DarkSpan,
  IncidentCommand,
  IncidentDecision,
  IncidentNotice,
  IncidentRecord,
  IncidentRung,
  IncidentWrite,
  PathSpell,
  SetSpell,
} from './incident-record';

/** Null: it is none, is damaged, or its form is a newer version's. */
export function recordFrom(text: string): IncidentRecord | null {
  const value = parsed(text);
  return isIncidentRecord(value) ? value : null;
}

const isNumber: Check<number> = (value): value is number => Number.isFinite(value);
const isAnything: Check<unknown> = (value): value is unknown => value !== undefined;

const isIncidentRecord = shapeOf<IncidentRecord>({
  schema: oneOf(1),
  id: isText,
  connection: isText,
  account: isText,
  region: isText,
  deployment: isText,
  openedAt: isInstant,
  closedAt: orNull(isInstant),
  because: isText,
  executions: listOf(
    shapeOf<IncidentRecord['executions'][number]>({
      arn: isText,
      startedAt: isInstant,
      endedAt: orNull(isInstant),
      end: isText,
      transitions: isNumber,
    }),
  ),
  signals: listOf(shapeOf<IncidentRecord['signals'][number]>({ at: isInstant, source: isText, execution: isText })),
  paths: recordOf(listOf(shapeOf<PathSpell>({ from: isInstant, verdict: isText, because: isText, drained: isFlag }))),
  sets: recordOf(listOf(shapeOf<SetSpell>({ from: isInstant, on: isText, users: isText, because: isText }))),
  samples: listOf(
    shapeOf<CanarySample>({
      at: isInstant,
      canary: isText,
      path: orNull(isText),
      routeSet: orNull(isText),
      verdict: oneOf('healthy', 'degraded', 'down', 'unknown'),
      lossRatio: isNumber,
      rttMs: orNull(isNumber),
    }),
  ),
  decisions: listOf(
    shapeOf<IncidentDecision>({
      at: isInstant,
      execution: isText,
      kind: isText,
      rule: isText,
      because: isText,
      evidence: listOf(isText),
      raw: isAnything,
    }),
  ),
  writes: listOf(
    shapeOf<IncidentWrite>({
      routeSet: isText,
      table: isText,
      destination: isText,
      kind: isText,
      from: orNull(isText),
      to: orNull(isText),
      sentAt: isInstant,
      effectiveAt: orNull(isInstant),
      result: isText,
      detail: isText,
      execution: isText,
    }),
  ),
  rungs: listOf(
    shapeOf<IncidentRung>({
      rung: isText,
      path: isText,
      gateway: isText,
      purpose: isText,
      startedAt: isInstant,
      endedAt: orNull(isInstant),
      result: isText,
      said: isText,
      because: isText,
    }),
  ),
  notices: listOf(
    shapeOf<IncidentNotice>({
      at: isInstant,
      to: isText,
      subject: isText,
      text: isText,
      isSent: isFlag,
      execution: isText,
    }),
  ),
  commands: listOf(
    shapeOf<IncidentCommand>({
      at: isInstant,
      trigger: isText,
      requestedBy: isText,
      about: isText,
      reason: isText,
      until: isText,
      answer: oneOf('recorded', 'refused', 'unknown'),
      because: isText,
      execution: isText,
    }),
  ),
  dark: listOf(shapeOf<DarkSpan>({ routeSet: isText, from: isInstant, until: orNull(isInstant) })),
  gaps: listOf(isText),
});
