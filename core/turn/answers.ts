/**
 * Answers to the state machine that rest on no look at a connection, and who a request is about.
 */
import { rememberMoves } from '../remember/moves';
import { emptyMemory } from '../store/memory';
import { memoryText } from '../store/memory-text';
import { memoryFrom } from '../store/stored';
import type { AssessRequest, AssessResult, Decision, MoveDecision, StepResult } from '../words/decision';
import type { Connection, Deployment } from '../words/domain';
import { harmless, shown, UnknownConnection } from '../words/malformed';
import { limits } from '../words/policy';
import { own } from '../words/shape';
import { type Instant, secondMs } from '../words/time';

export type TurnResult = Omit<AssessResult, 'signals' | 'outdated'>;

/** A reason quotes what people, EC2 and Systems Manager wrote; it goes to logs, mails, terminals and the audit trail. */
export const withHarmlessReason = (decision: Decision): Decision => ({
  ...decision,
  because: harmless(decision.because),
});

/** By a name that came from outside. Throws `UnknownConnection`. */
export function connectionOf(deployment: Deployment, name: unknown): Connection {
  const connection = typeof name === 'string' ? own(deployment.connections, name) : undefined;
  if (connection !== undefined) return connection;
  const known = Object.keys(deployment.connections).join(', ');
  const seen = name === undefined || name === null ? 'missing' : `${shown(name)} is unknown`;
  throw new UnknownConnection(`connection: ${seen}; known: ${known}`);
}

/** The answer for a connection without an item: nothing is looked at before there is one. */
export function seedingTurn({ name, mode }: Connection): TurnResult {
  return bareTurn({ kind: 'seed', rule: 'request', because: `${name} is configured and has no item yet` }, mode);
}

/** An answer that rests on no look at one connection. */
export function bareTurn(decision: Decision, mode: Connection['mode'] = 'observe'): TurnResult {
  const memory = memoryText(emptyMemory);
  return {
    schema: 1,
    failOpen: false,
    decision: withHarmlessReason(decision),
    memory,
    memoryTold: memory,
    notice: null,
    incident: '',
    letterhead: { subject: '[switchback] ', users: 'Nobody was looked at', place: '', more: '' },
    rungEnded: null,
    sleepSeconds: 1,
    situation: { mode, paths: {}, sets: {}, drained: [], why: {}, users: {}, canaries: {} },
  };
}

/** Memory text once `apply` has written. */
export function afterMoves(text: string, decision: MoveDecision, steps: readonly StepResult[], now: Instant): string {
  return memoryText(rememberMoves(memoryFrom(text), decision, steps, now));
}

/** As the state machine sends it, of a schema we speak. The connection's name came from outside. */
export function isAssessRequest(value: unknown): value is AssessRequest {
  const request = value as Partial<AssessRequest> | null;
  return typeof request === 'object' && request !== null && request.schema === 1;
}

const sleepMaxSeconds = limits.sleepMaxMs / secondMs;

/** How long the machine sleeps at most before it looks again. */
export function sleepSeconds(decision: Decision, now: Instant): number {
  if (decision.kind !== 'hold') return sleepMaxSeconds;
  return Math.min(sleepMaxSeconds, Math.max(1, Math.ceil((decision.until - now) / secondMs)));
}
