/**
 * One turn of the loop, pure: evidence in, one decision and the memory to keep out. The assess function reads the
 * world, calls this, and answers the state machine; the sweep calls it to ask whether a run is due.
 */
import { assess } from '../assess/assess';
import { besideMove } from '../decide/attract';
import { announcedOnly, decide, decideFailOpen, forbiddenKeys } from '../decide/decide';
import { followDrill } from '../decide/drill';
import { isPlainNews } from '../decide/health-voice';
import { checkDecision } from '../decide/invariants';
import { besideRescue } from '../decide/orders';
import { followRehearsal } from '../decide/rehearsal';
import { afterTelling, heed, pendingAnnouncements } from '../decide/told';
import { withScheduled, withUpkeep } from '../decide/upkeep';
import { settledAt, type View } from '../decide/view';
import { withLateAnswers } from '../facts/late-answers';
import { plausibleDesired, plausibleEvidence } from '../facts/plausible';
import { forgetGone } from '../remember/forget';
import { automationToAsk, freed, howBegun, rungToFree } from '../remember/freeing';
import { memoryToKeep, withoutUnread } from '../remember/keep';
import { remember } from '../remember/look';
import { rememberUnanswered } from '../remember/moves';
import { followOrders } from '../remember/orders';
import { isOpenJournal, rememberUnclosed } from '../remember/unclosed';
import { undeclaredOf } from '../remember/undeclared';
import type { ConnectionLease, Desired } from '../store/lease';
import { emptyMemory, type Memory } from '../store/memory';
import { memoryText } from '../store/memory-text';
import { configuredAs } from '../words/configured';
import type { Decision, RepairDecision, UnansweredWrite } from '../words/decision';
import type { ConnectionName, Deployment } from '../words/domain';
import type { Evidence } from '../words/evidence';
import type { Instant } from '../words/time';
import { isOfKind } from '../words/told-kinds';
import { connectionOf, sleepSeconds, type TurnResult, withHarmlessReason } from './answers';
import { incidentOf, letterheadOf } from './letter';
import { noticeOf } from './notice';
import { situationOf } from './situation';

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
  readonly unanswered?: UnansweredWrite | null;
  /** ARN of the execution that asks, for whoever reads its notice. Absent: nobody's. */
  readonly execution?: string;
  readonly now: Instant;
}

/** Answers a command; only where one can come is it aboard, for it is a large part of the rules. */
type Review = (view: View, request: unknown) => Decision;

/** Of a run that takes up where this lease stands and carries no command. */
export function turnFrom(
  { memory, desired, automation, writeUntil }: ConnectionLease,
  about: Pick<Turn, 'deployment' | 'connection' | 'evidence' | 'now'>,
): Turn {
  return { ...about, memory, desired, automation, writeUntil, request: null, failOpen: false };
}

/** Throws `UnknownConnection`; nothing else. */
export function takeTurn(turn: Turn, review?: Review): TurnResult {
  const { deployment, now, failOpen } = turn;
  const connection = connectionOf(deployment, turn.connection);
  const evidence = withLateAnswers(plausibleEvidence(turn.evidence, now));
  const asked = plausibleDesired(turn.desired, now);
  const configured = configuredAs(deployment, connection.name);
  const stored = turn.unanswered ? rememberUnanswered(turn.memory, turn.unanswered, now) : turn.memory;
  const kept = failOpen ? emptyMemory : forgetGone(withoutUnread(stored, asked), connection);
  const before = withScheduled({ deployment, connection, evidence, memory: { ...kept, configured }, now });
  const desired = withUpkeep({ deployment, connection, evidence, memory: before, now }, asked);
  const assessment = assess({ deployment, connection, evidence, memory: before, desired, now });
  const begun = howBegun(before, turn.automation, evidence);
  const { automation } = evidence;
  const { startFault = '' } = turn;
  const writing = isOpenJournal(before, turn.writeUntil);
  const isBlind = evidence.reportsFrom === 'none';
  const undeclared = undeclaredOf(deployment, connection, evidence);
  const seenNow = {
    connection,
    assessment,
    desired,
    automation,
    ...begun,
    startFault,
    undeclared,
    writing,
    isBlind,
    now,
  };
  const looked = remember(before, seenNow);
  const found = rememberUnclosed(looked, assessment, turn.writeUntil, now);
  const facts = { deployment, connection, evidence, assessment, desired, now };
  const seen: View = { ...facts, memory: found, automationId: null, failOpen };
  const drilled: View = { ...seen, memory: followDrill({ ...seen, memory: followRehearsal(seen) }) };
  const ordered: View = { ...drilled, memory: followOrders(drilled) };
  const memory = heed(ordered, forbiddenKeys(ordered));
  const ended = rungToFree(before, memory, evidence);
  const automationId = automationToAsk(memory, turn.automation);
  const view: View = { ...seen, memory, automationId };
  const said = withHarmlessReason(
    turn.request !== null && review ? review(view, turn.request) : failOpen ? decideFailOpen(view) : decide(view),
  );
  // One rung at a time: what has just ended is stored first.
  const order = ended === null ? (besideRescue(view, said) ?? besideMove(view, said)) : null;
  const decided = withOrder(said, order);
  checkDecision(view, decided);
  const decision = isAnother(kept, configured) ? { ...decided, because: `${decided.because}; ${anewText}` } : decided;
  const announcements = pendingAnnouncements(view, decision, isOnlySaid(decision) ? announcedOnly(view) : []);
  const isOpen = !failOpen && (memory.incident !== null || announcements.some((one) => !isPlainNews(one)));
  const incident = isOpen ? incidentOf(view) : '';
  const { execution = '' } = turn;
  const letterhead = letterheadOf(view, incident, execution);
  return {
    schema: 1,
    failOpen,
    decision,
    memory: memoryText(memoryToKeep(view, decision, ended, announcements.length > 0)),
    memoryTold: memoryText(afterTelling(memory, announcements, { connection, now })),
    notice: noticeOf(view, announcements, { decision, incident, letterhead, execution }),
    incident,
    letterhead,
    rungEnded: ended === null ? null : freed(ended, deployment, evidence, settledAt(view, ended)),
    sleepSeconds: sleepSeconds(decision, now),
    situation: situationOf(view),
  };
}

const withOrder = (decision: Decision, order: RepairDecision | null): Decision =>
  order !== null && (decision.kind === 'divert' || decision.kind === 'undo' || decision.kind === 'failback')
    ? { ...decision, order }
    : decision;

const anewText = 'another configuration was deployed since the last look';

/** Said once: what is stored with this turn has the new one. */
const isAnother = ({ configured }: Memory, now: string): boolean => configured !== undefined && configured !== now;

const isOnlySaid = (decision: Decision): boolean => decision.kind === 'escalate' && isOfKind(decision.key, 'would');
