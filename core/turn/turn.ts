/**
 * One turn of the loop, pure: evidence in, one decision and the memory to keep out. The assess function reads the
 * world, calls this, and answers the state machine; the sweep calls it to ask whether a run is due.
 */
import { assess } from '../assess/assess';
import { type Assessment, verdictText } from '../assess/assessment';
import { isQuiet } from '../assess/quiet';
import { announcedOnly, decide, decideFailOpen } from '../decide/decide';
import { checkDecision } from '../decide/invariants';
import { afterTelling, asksForPeople, heed, openAsks, pendingAnnouncements } from '../decide/told';
import { settleMs, type View } from '../decide/view';
import { plausibleDesired, plausibleEvidence } from '../facts/plausible';
import { formerIdentities, identityOf, replacementBy } from '../gateways/identity';
import { rememberMoves } from '../remember/moves';
import { afterDecision, remember } from '../remember/remember';
import { isOpenJournal, rememberUnclosed } from '../remember/unclosed';
import { type ConnectionLease, type Desired, isClaimed, isRepairedForAnother } from '../store/lease';
import { type Announcement, emptyMemory, type Memory, openRung, type RungRun } from '../store/memory';
import { memoryText } from '../store/memory-text';
import { memoryFrom } from '../store/stored';
import type { AssessRequest, AssessResult, Decision, MoveDecision, Notice, StepResult } from '../words/decision';
import type { Connection, ConnectionName, Deployment } from '../words/domain';
import type { Evidence } from '../words/evidence';
import { harmless, shown, UnknownConnection } from '../words/malformed';
import { limits } from '../words/policy';
import { own } from '../words/shape';
import { type Instant, secondMs } from '../words/time';
import { review } from './review';

export interface Turn {
  readonly deployment: Deployment;
  readonly connection: ConnectionName;
  readonly evidence: Evidence;
  readonly memory: Memory;
  readonly desired: Desired;
  /** As journalled in the connection item; counts only for the rung with the same client token. */
  readonly automation: ConnectionLease['automation'];
  /** Until when the last journal was opened, if nobody has closed it; otherwise 0. */
  readonly writeUntil: Instant;
  /** The execution's raw input while it carries a command that is not recorded yet; otherwise null. */
  readonly request: unknown;
  readonly failOpen: boolean;
  /** Why the last repair could not be started; absent or empty: it could. */
  readonly startFault?: string;
  readonly now: Instant;
}

export type TurnResult = Omit<AssessResult, 'signals'>;

/** Throws `UnknownConnection`; nothing else. */
export function takeTurn(turn: Turn): TurnResult {
  const { deployment, now } = turn;
  const connection = connectionOf(deployment, turn.connection);
  const evidence = plausibleEvidence(turn.evidence, now);
  const desired = plausibleDesired(turn.desired, now);
  const before = turn.failOpen ? emptyMemory : withoutUnread(turn.memory, desired);
  const assessment = assess(deployment, connection.name, evidence, before, desired, now);
  const mayHaveBegun = mayRungHaveBegun(before, turn.automation, evidence);
  const hasBegun = mayHaveBegun && isGatewayRead(before, evidence);
  const { automation } = evidence;
  const { startFault = '' } = turn;
  const writing = isOpenJournal(before, turn.writeUntil);
  const began = { mayHaveBegun, hasBegun, startFault };
  const looked = remember(before, { connection, assessment, desired, automation, ...began, writing, now });
  const found = rememberUnclosed(looked, assessment, turn.writeUntil, now);
  const seen: View = { deployment, connection, evidence, assessment, memory: found, desired, automationId: null, now };
  const memory = heed(seen);
  const ended = rungToFree(before, memory, evidence);
  const automationId = automationToAsk(memory, turn.automation);
  const view: View = { ...seen, memory, automationId };
  const decision = withHarmlessReason(
    turn.request !== null ? review(view, turn.request) : turn.failOpen ? decideFailOpen(view) : decide(view),
  );
  checkDecision(view, decision);
  const announcements = pendingAnnouncements(view, decision, isOnlySaid(decision) ? announcedOnly(view) : []);
  return {
    schema: 1,
    failOpen: turn.failOpen,
    decision,
    memory: memoryText(memoryToKeep(view, decision, ended, announcements.length > 0)),
    memoryTold: memoryText(afterTelling(memory, announcements, { connection, now })),
    notice: noticeOf(view, announcements),
    rungEnded:
      ended === null
        ? null
        : freed(ended, deployment, evidence, (ended.endedAt ?? now) + settleMs(ended, connection.policy)),
    sleepSeconds: sleepSeconds(decision, now),
    situation: {
      mode: connection.mode,
      paths: Object.fromEntries(Object.values(assessment.paths).map((p) => [p.path, p.verdict])),
      sets: Object.fromEntries(Object.values(assessment.sets).map((s) => [s.routeSet, setText(s)])),
      drained: Object.values(assessment.paths)
        .filter((p) => p.drained)
        .map((p) => p.path),
    },
  };
}

/** A reason quotes what people, EC2 and Systems Manager wrote; it goes to logs, mails, terminals and the audit trail. */
const withHarmlessReason = (decision: Decision): Decision => ({ ...decision, because: harmless(decision.because) });

const isOnlySaid = (decision: Decision): boolean => decision.kind === 'escalate' && decision.key.startsWith('would/');

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
  return bareTurn({ kind: 'seed', rule: 0, because: `${name} is configured and has no item yet` }, mode);
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
    rungEnded: null,
    sleepSeconds: 1,
    situation: { mode, paths: {}, sets: {}, drained: [] },
  };
}

/** A human who acknowledged after being told gives up what nobody can read. */
function withoutUnread(memory: Memory, desired: Desired): Memory {
  const told = Object.entries(memory.told).flatMap(([key, at]) => (key.startsWith('unread/') ? [at] : []));
  if (memory.unread === undefined || told.every((at) => desired.acknowledgedAt <= at)) return memory;
  const { unread, ...readable } = memory;
  return readable;
}

/** The automation to ask about, if a rung is under way and its start was journalled. */
export function automationToAsk(memory: Memory, automation: ConnectionLease['automation']): string | null {
  return automation !== null && automation.clientToken === openRung(memory)?.clientToken ? automation.id : null;
}

function mayRungHaveBegun(memory: Memory, automation: ConnectionLease['automation'], evidence: Evidence): boolean {
  const rung = openRung(memory);
  const lease = rung && evidence.gatewayLeases[rung.gateway];
  if (!rung || !lease) return true;
  const id = automationToAsk(memory, automation);
  return id === null ? isClaimed(evidence, rung.gateway) : lease.claimedBy === id;
}

function isGatewayRead(memory: Memory, { gatewayLeases }: Evidence): boolean {
  const rung = openRung(memory);
  return rung !== null && (gatewayLeases[rung.gateway] ?? null) !== null;
}

/**
 * Claims whose automations to ask about: of gateways that are free by their lease, so that only the claim keeps us out.
 * None, when every rung ended as it should.
 */
export function claimsToAsk(
  { name }: Connection,
  leases: Evidence['gatewayLeases'],
  running: string | null,
  now: Instant,
): string[] {
  return Object.values(leases).flatMap((lease) => {
    if (lease === null || lease.claimedBy === null || isRepairedForAnother(lease, name, now)) return [];
    return lease.claimedBy === running ? [] : [lease.claimedBy];
  });
}

/** Memory text once `apply` has written. */
export function afterMoves(text: string, decision: MoveDecision, steps: readonly StepResult[], now: Instant): string {
  return memoryText(rememberMoves(memoryFrom(text), decision, steps, now));
}

/** The rung that ended with this look, if its gateway is still ours to free. */
function rungToFree(before: Memory, after: Memory, { gatewayLeases }: Evidence): RungRun | null {
  const ended = after.rungs.find(
    (r) => r.endedAt !== null && before.rungs.some((b) => b.clientToken === r.clientToken && b.endedAt === null),
  );
  if (ended === undefined) return null;
  const lease = gatewayLeases[ended.gateway];
  return !lease || lease.clientToken === ended.clientToken ? ended : null;
}

/**
 * A rung's end is stored by the turn that frees its gateway and journals its new identity. A move goes first, so it
 * leaves the rung open for the turn after; a gateway must be freed before the next repair is journalled; and people are
 * told that it is over before the incident is closed, however often that must be tried.
 */
function memoryToKeep(view: View, decision: Decision, ended: RungRun | null, mustTell: boolean): Memory {
  const { memory } = view;
  if (decision.kind === 'finish' && (ended !== null || mustTell)) return memory;
  if (ended === null) return afterDecision(memory, decision, view);
  if (decision.kind === 'repair') return memory;
  if (decision.kind !== 'divert' && decision.kind !== 'undo') return afterDecision(memory, decision, view);
  const open = memory.rungs.map(
    (rung): RungRun => (rung === ended ? { ...rung, endedAt: null, result: 'running' } : rung),
  );
  return afterDecision({ ...memory, rungs: open }, decision, view);
}

function freed(rung: RungRun, deployment: Deployment, evidence: Evidence, until: Instant): AssessResult['rungEnded'] {
  const { automation, gatewayLeases } = evidence;
  const { gateway } = rung;
  const instanceId = automation?.outputs['NewInstanceId'];
  const routeInterfaceId = automation?.outputs['NewInterfaceId'];
  const replaced = rung.rung === 'replace' && rung.result === 'success' && instanceId && routeInterfaceId;
  const before =
    own(deployment.gateways, gateway) === undefined
      ? []
      : [identityOf(deployment, gateway, evidence), ...formerIdentities(deployment, gateway, evidence)];
  return {
    gateway,
    clientToken: rung.clientToken,
    until,
    identity: replaced ? replacementBy({ instanceId, routeInterfaceId }, rung.declared, before) : null,
    claim: gatewayLeases[gateway]?.claimedBy ?? 'none',
    isOver: automation !== null && automation.status !== 'running',
  };
}

const subjectLengthMax = 99; // SNS: fewer than 100 characters.

function noticeOf(view: View, announcements: readonly Announcement[]): Notice | null {
  const [first] = announcements;
  if (first === undefined) return null;
  const { connection, assessment } = view;
  const states = Object.values(assessment.paths).map(
    (p) => `  path ${p.path}: ${p.drained ? 'drained, ' : ''}${verdictText(p)} (${p.because})`,
  );
  const sets = Object.values(assessment.sets).map(
    (s) => `  ${s.routeSet}: on ${setText(s)}, home ${s.home}, users ${s.users.state} (${s.users.because})`,
  );
  const texts = announcements.map(({ text }) => text);
  return {
    subject: `[switchback] ${connection.name}: ${first.text}`.replace(/[^\x20-\x7e]/g, ' ').slice(0, subjectLengthMax),
    // Each is one line: a reason that holds a newline must not forge the next.
    message: [...texts, '', 'Now:', ...states, ...sets, '', ...whatIsAsked(view, announcements)]
      .map(harmless)
      .join('\n'),
    topic: first.key.split('/').slice(0, 2).join('-'),
  };
}

/** Law: "nothing is asked of you" is never said while something is, nor while nobody knows whether it will be. */
function whatIsAsked(view: View, announced: readonly Announcement[]): string[] {
  const open = openAsks(view);
  const isSaid = ({ key }: { key: string }): boolean =>
    announced.some((one) => one.key === key || one.key === `still/${key}`);
  const told = announced.some(({ key }) => asksForPeople(key)) || open.some(isSaid);
  const earlier = open.filter((ask) => !isSaid(ask)).map(({ text }) => `Still asked of you: ${text}`);
  if (told || earlier.length > 0) return [...(told ? ['A human is needed.'] : []), ...earlier];
  if (announced.some(({ key }) => key === 'closed')) return ['Nothing is left to do.'];
  const waiting = Object.values(view.assessment.sets).filter(
    ({ routeSet, users }) =>
      (users.state === 'dark' && !isQuiet(view)) || view.memory.unwritten[routeSet] !== undefined,
  );
  if (waiting.length === 0) return ['Nothing is asked of you.'];
  return [`Users of ${waiting.map((set) => set.routeSet).join(', ')} wait: you will hear if that lasts.`];
}

function setText(set: Assessment['sets'][string]): string {
  if (set.foreign.length > 0) return 'manual';
  return set.used.join('+') || 'nothing';
}

const sleepMaxSeconds = limits.sleepMaxMs / secondMs;

function sleepSeconds(decision: Decision, now: Instant): number {
  if (decision.kind !== 'hold') return sleepMaxSeconds;
  return Math.min(sleepMaxSeconds, Math.max(1, Math.ceil((decision.until - now) / secondMs)));
}

/** As the state machine sends it, of a schema we speak. The connection's name came from outside. */
export function isAssessRequest(value: unknown): value is AssessRequest {
  const request = value as Partial<AssessRequest> | null;
  return typeof request === 'object' && request !== null && request.schema === 1;
}
