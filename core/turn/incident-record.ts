/**
 * One incident as it is kept: everything that happened from its first signal to its finish, over all executions of its
 * connection. `explain`, the report and the archive read this and nothing else, so that all three say the same.
 *
 * It is made of what was written down at the time (`incident-story.ts`), never of what would be decided now. Lists are
 * in order of time. Instants are by the clock of Step Functions, but for those of a canary's, which are its own.
 */
import type { CanaryVerdict } from '../words/evidence';
import type { Instant } from '../words/time';

export interface IncidentRecord {
  readonly schema: 1;
  /** As in every notice, such as `I-7F3K2M`. */
  readonly id: string;
  readonly connection: string;
  readonly account: string;
  readonly region: string;
  readonly deployment: string;
  readonly openedAt: Instant;
  /** Null: it is open. */
  readonly closedAt: Instant | null;
  /** What opened it. */
  readonly because: string;
  readonly executions: readonly IncidentRun[];
  readonly signals: readonly IncidentSignal[];
  /** By path and by route set: how each stood, from when on. */
  readonly paths: Readonly<Record<string, readonly PathSpell[]>>;
  readonly sets: Readonly<Record<string, readonly SetSpell[]>>;
  /** What canaries said, whenever somebody looked. */
  readonly samples: readonly CanarySample[];
  readonly decisions: readonly IncidentDecision[];
  readonly writes: readonly IncidentWrite[];
  readonly rungs: readonly IncidentRung[];
  /** As they were sent, or were to be. */
  readonly notices: readonly IncidentNotice[];
  readonly commands: readonly IncidentCommand[];
  readonly dark: readonly DarkSpan[];
  /** What is not known, and why: a history without its data, one that was cut off. */
  readonly gaps: readonly string[];
}

interface IncidentRun {
  readonly arn: string;
  readonly startedAt: Instant;
  /** Null: it runs, or its history ends before it did. */
  readonly endedAt: Instant | null;
  /** The state or the error that it ended with, such as `Finished`; empty: it has not. */
  readonly end: string;
  /** States entered: what Step Functions bills. */
  readonly transitions: number;
}

/** What an execution was started by: it wakes, and what it says is not believed. */
interface IncidentSignal {
  readonly at: Instant;
  /** Such as `alarm`, `canary`, `handover`; empty: it did not say. */
  readonly source: string;
  readonly execution: string;
}

export interface PathSpell {
  readonly from: Instant;
  /** `healthy`, `degraded`, `severe`, `down`, `unknown`. */
  readonly verdict: string;
  readonly because: string;
  readonly drained: boolean;
}

export interface SetSpell {
  readonly from: Instant;
  /** The path its routes follow; `a+b` while they are split, `manual` in somebody else's hands. */
  readonly on: string;
  /** `served`, `slow`, `severe`, `dark`, `unknown`; empty: not written down. */
  readonly users: string;
  readonly because: string;
}

export interface CanarySample {
  readonly at: Instant;
  readonly canary: string;
  /** Of a path canary; null: it follows the routes of a set. */
  readonly path: string | null;
  readonly routeSet: string | null;
  readonly verdict: CanaryVerdict;
  /** 0 to 1. */
  readonly lossRatio: number;
  /** Median; null: nothing came back. */
  readonly rttMs: number | null;
}

export interface IncidentDecision {
  readonly at: Instant;
  readonly execution: string;
  /** `divert`, `repair`, `hold`, ... */
  readonly kind: string;
  readonly rule: string;
  readonly because: string;
  /** What it rests on, a sentence for each path and each set's users. */
  readonly evidence: readonly string[];
  /** The decision and the situation, whole. */
  readonly raw: unknown;
}

export interface IncidentWrite {
  readonly routeSet: string;
  readonly table: string;
  readonly destination: string;
  readonly kind: string;
  /** What AWS calls the target, such as `eni-…`; null: no route. */
  readonly from: string | null;
  readonly to: string | null;
  /** When the function that writes was called. */
  readonly sentAt: Instant;
  /** When EC2 had shown it; null: it has not, as far as that run saw. */
  readonly effectiveAt: Instant | null;
  /** `done`, `sent`, `waiting`, `conflict`, `throttled`, `refused`, `failed`. */
  readonly result: string;
  readonly detail: string;
  readonly execution: string;
}

export interface IncidentRung {
  readonly rung: string;
  readonly path: string;
  readonly gateway: string;
  /** `repair`, `maintenance` or `rehearsal`. */
  readonly purpose: string;
  readonly startedAt: Instant;
  /** Null: it runs. */
  readonly endedAt: Instant | null;
  readonly result: string;
  /** What the gateway itself said about it; empty: nothing. */
  readonly said: string;
  readonly because: string;
}

export interface IncidentNotice {
  readonly at: Instant;
  /** The topic's ARN. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** False: it could not be sent. */
  readonly isSent: boolean;
  readonly execution: string;
}

export interface IncidentCommand {
  readonly at: Instant;
  readonly trigger: string;
  readonly requestedBy: string;
  /** The path, route set or gateway it names; empty: the whole connection. */
  readonly about: string;
  readonly reason: string;
  /** Until when, as it was written; empty: it has no end. */
  readonly until: string;
  readonly answer: 'recorded' | 'refused' | 'unknown';
  /** Of a refusal: why, and what to do. */
  readonly because: string;
  readonly execution: string;
}

/** Users of a set got nothing. */
export interface DarkSpan {
  readonly routeSet: string;
  readonly from: Instant;
  /** Null: they still get nothing, as far as anybody saw. */
  readonly until: Instant | null;
}
