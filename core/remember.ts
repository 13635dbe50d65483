/**
 * How memory follows the world: what an assessment adds to it, and what each decision leaves behind.
 *
 * Pure, and idempotent for the same evidence: a crashed run that is followed by another remembers the same.
 */
import { type Assessment, isPinned, onlyPath, type PathAssessment, type SetAssessment } from './assessment';
import { type ApplyResult, type Decision, type MoveDecision, moveText } from './decision';
import { type Connection, rungs as ladder, type PathName, type RouteSetName } from './domain';
import type { Desired } from './lease';
import type { Announcement, Memory, Move, RungRun } from './memory';
import { budgetWindowMs, limits } from './policy';
import { own } from './shape';
import type { AutomationFacts } from './signal';
import { type Instant, instantText, minuteMs, spanText } from './time';
import { isAway } from './view';

export interface Look {
  readonly connection: Connection;
  readonly assessment: Assessment;
  readonly desired: Desired;
  readonly automation: AutomationFacts | null;
  /** The rung under way has claimed its gateway, or we cannot tell. */
  readonly mayHaveBegun: boolean;
  readonly now: Instant;
}

/** An automation that nobody can find any more is over this long after its deadline; one that had begun, failed. */
const lostAutomationMs = minuteMs;

/** Memory after looking, before deciding. */
export function remember(memory: Memory, look: Look): Memory {
  const { assessment, now } = look;
  const paths = Object.values(assessment.paths);
  const healthySince = since(memory.healthySince, paths, now, (p) => p.verdict === 'healthy' && isPinned(p));
  const severeSince = since(memory.severeSince, paths, now, (p) => p.severeNow);
  const rungs = forgetOldRungs(memory.rungs, endRung(memory.rungs, look), healthySince, look);
  const judged = Object.entries(memory.moves).map(
    ([set, move]) => [set, judge(move, own(assessment.sets, set), look)] as const,
  );
  return {
    ...memory,
    incident: memory.incident ?? openIncident(look),
    healthySince,
    severeSince,
    usedSince: usedSince(memory, assessment, now),
    rungs,
    moves: Object.fromEntries(judged),
    contradicted: {
      ...memory.contradicted,
      ...Object.fromEntries(judged.filter(([, m]) => m.outcome === 'contradicted').map(([set, m]) => [set, m.to])),
    },
    practisedAt: { ...memory.practisedAt, ...practised(memory.moves, judged) },
    told: forgetOver(memory.told, look, healthySince),
    budgets: prune(memory.budgets, now),
  };
}

/** A divert that users have just confirmed, planned or not. */
function practised(before: Memory['moves'], judged: readonly (readonly [RouteSetName, Move])[]): Memory['practisedAt'] {
  const proven = judged.filter(
    ([set, { kind, outcome }]) =>
      kind === 'divert' && outcome === 'confirmed' && before[set]?.outcome === 'unconfirmed',
  );
  return Object.fromEntries(proven.map(([set, { at }]) => [set, at]));
}

function since(
  before: Readonly<Record<PathName, Instant>>,
  paths: readonly PathAssessment[],
  now: Instant,
  holds: (path: PathAssessment) => boolean,
): Record<PathName, Instant> {
  return Object.fromEntries(paths.filter(holds).map((p) => [p.path, before[p.path] ?? now]));
}

/** Routes that cannot be read are taken to be where they were; a set seen for the first time, to have been there always. */
function usedSince(memory: Memory, { sets }: Assessment, now: Instant): Memory['usedSince'] {
  const changed = Object.values(sets).flatMap((set) => {
    if (set.used.length + set.foreign.length === 0) return [];
    const path = onlyPath(set);
    const before = memory.usedSince[set.routeSet];
    return before?.path === path ? [] : [[set.routeSet, { path, at: before === undefined ? 0 : now }] as const];
  });
  return { ...memory.usedSince, ...Object.fromEntries(changed) };
}

function openIncident(look: Look): Memory['incident'] {
  const { connection, assessment, now } = look;
  const bad = Object.values(assessment.paths).find((p) => p.verdict === 'down' || p.severeNow || p.drained);
  const away = Object.values(assessment.sets).find(
    (s) => s.foreign.length > 0 || s.stale || s.used.some((p) => p !== s.home),
  );
  if (bad === undefined && away === undefined) return null;
  const because =
    bad === undefined
      ? `routes of ${away!.routeSet} are not home`
      : bad.drained
        ? `path ${bad.path} is drained`
        : `path ${bad.path}: ${bad.because}`;
  return { id: `${connection.name}-${instantText(now)}`, openedAt: now, because };
}

function endRung(rungs: readonly RungRun[], look: Look): RungRun[] {
  const { automation, now } = look;
  return rungs.map((rung) => {
    if (rung.endedAt !== null) return rung;
    if (automation !== null && automation.status !== 'running') {
      return { ...rung, endedAt: automation.endedAt ?? now, result: automation.status };
    }
    if (isGivenUp(rung, look)) return { ...rung, endedAt: now, result: 'refused' };
    if (now <= rung.deadlineAt + lostAutomationMs) return rung;
    return { ...rung, endedAt: now, result: look.mayHaveBegun ? 'failed' : 'refused' };
  });
}

/** It has touched nothing yet, and must not any more: what still comes of it finds the gateway's token gone. */
function isGivenUp(rung: RungRun, { assessment, mayHaveBegun }: Look): boolean {
  const path = own(assessment.paths, rung.path);
  return !mayHaveBegun && (path === undefined || path.verdict !== 'down' || path.carries);
}

/**
 * The ladder starts afresh for a path that stayed healthy for one soak. A rung that has ended only now is kept for one
 * more turn: its gateway is still to be freed, and its new identity to be journalled.
 */
function forgetOldRungs(
  before: readonly RungRun[],
  rungs: readonly RungRun[],
  healthySince: Record<PathName, Instant>,
  { connection, now }: Look,
): RungRun[] {
  const wasOpen = ({ clientToken }: RungRun): boolean =>
    before.some((rung) => rung.clientToken === clientToken && rung.endedAt === null);
  return rungs
    .filter((rung) => {
      const healthy = own(healthySince, rung.path);
      return wasOpen(rung) || healthy === undefined || now - healthy < connection.policy.soakMs;
    })
    .slice(-limits.rungsRememberedMax);
}

/** Did the users confirm the move? Only a move that left a working path can be contradicted. */
function judge(move: Move, set: SetAssessment | undefined, look: Look): Move {
  if (move.outcome !== 'unconfirmed' || set === undefined || !set.used.includes(move.to)) return move;
  const { confirmAfterMs, downAfterRounds, roundIntervalMs } = look.connection.policy;
  const effectiveMs = 2 * downAfterRounds * roundIntervalMs;
  if (set.service === 'up' && set.serviceAt > move.at + effectiveMs) return { ...move, outcome: 'confirmed' };
  if (look.now - move.at < confirmAfterMs) return move;
  const pathWorks = look.assessment.paths[move.to]?.provenWorking === true;
  if (set.service === 'down' && move.leftWorkingPath && pathWorks) return { ...move, outcome: 'contradicted' };
  return set.service === 'unknown' && pathWorks ? { ...move, outcome: 'confirmed' } : move;
}

/**
 * What is over may be said anew when it comes again; an incident may stay open for weeks behind a lossy standby. Over
 * means over for a soak, so that flapping does not repeat itself to people.
 */
function forgetOver(told: Memory['told'], look: Look, healthySince: Memory['healthySince']): Memory['told'] {
  const { assessment, connection, desired, now } = look;
  const isWell = (path: PathName): boolean => now - (healthySince[path] ?? now) >= connection.policy.soakMs;
  const sets = Object.values(assessment.sets);
  const isServed = sets.every(
    (set) =>
      set.used.length > 0 && !set.stale && set.used.every((path) => isWell(path) && !assessment.paths[path]!.drained),
  );
  const isOver = (key: string, at: Instant): boolean => {
    const [kind, name = '', reason = ''] = key.split('/');
    switch (kind) {
      case 'manual':
        return isOurs(own(assessment.sets, name));
      case 'pin':
        return own(assessment.paths, name)?.pin.leads === 'target';
      case 'former':
        return isOurs(own(assessment.sets, name)) && !own(assessment.sets, name)!.stale;
      case 'away':
        return desired.acknowledgedAt > at || isAtHome(own(assessment.sets, name));
      case 'brake':
        return !assessment.mass && Object.keys(healthySince).some(isWell);
      case 'mtu':
        return isWell(name);
      case 'stuck':
        return isWell(name) || (reason === 'budget' && desired.acknowledgedAt > at);
      case 'would':
        if (name === 'repair') return isWell(reason);
        return name === 'divert' ? isServed : isServed && !sets.some(isAway);
      default:
        return false;
    }
  };
  return Object.fromEntries(Object.entries(told).filter(([key, at]) => !isOver(key, at)));
}

/** Routes that could not be read show nothing foreign either: that is not the same as being ours again. */
const isOurs = (set: SetAssessment | undefined): boolean =>
  set !== undefined && set.used.length > 0 && set.foreign.length === 0;

const isAtHome = (set: SetAssessment | undefined): boolean => isOurs(set) && !isAway(set!);

function prune(budgets: Memory['budgets'], now: Instant): Memory['budgets'] {
  const recent = (spent: readonly Instant[]): Instant[] => spent.filter((at) => now - at < budgetWindowMs);
  return {
    moves: recent(budgets.moves),
    failbacks: recent(budgets.failbacks),
    severeMoves: recent(budgets.severeMoves),
    repairs: recent(budgets.repairs),
    replaces: recent(budgets.replaces),
  };
}

/** Memory to store with the decision. Moves are remembered by `afterMoves`, once they are made. */
export function afterDecision(memory: Memory, decision: Decision, now: Instant): Memory {
  switch (decision.kind) {
    case 'repair':
      return afterRepair(memory, decision, now);
    case 'finish':
      return closeIncident(memory, now);
    default:
      return memory;
  }
}

function afterRepair(memory: Memory, decision: Decision & { readonly kind: 'repair' }, now: Instant): Memory {
  if (memory.rungs.some((r) => r.clientToken === decision.clientToken)) return memory;
  const { rung, path, gateway, clientToken, deadlineAt, because, declared } = decision;
  const run: RungRun = {
    rung,
    path,
    gateway,
    clientToken,
    startedAt: now,
    deadlineAt,
    endedAt: null,
    result: 'running',
    because,
    ...(rung === 'replace' && { declared }),
  };
  const { budgets } = memory;
  return {
    ...memory,
    rungs: [...memory.rungs, run],
    toTell: [...memory.toTell, { key: `repair/${clientToken}`, text: `repair: ${because}` }],
    budgets: {
      ...budgets,
      repairs: [...budgets.repairs, now],
      replaces: rung === ladder[3] ? [...budgets.replaces, now] : budgets.replaces,
    },
  };
}

function closeIncident(memory: Memory, now: Instant): Memory {
  const { incident } = memory;
  const lastIncident = incident === null ? memory.lastIncident : { ...incident, closedAt: now };
  return {
    ...memory,
    lastIncident,
    incident: null,
    moves: {},
    rungs: [],
    told: {},
    toTell: [],
    undone: false,
    contradicted: {},
  };
}

/** Memory after the routes were written, in whole or in part. */
export function rememberMoves(
  memory: Memory,
  decision: MoveDecision,
  outcome: ApplyResult['outcome'],
  now: Instant,
): Memory {
  if (outcome !== 'applied' && outcome !== 'partial') return memory;
  // Planned moves and failbacks leave a path that works; a move off a severe path leaves one that barely does.
  const leftWorking = decision.kind !== 'undo' && (decision.planned || decision.severe);
  const moves = decision.moves.map(({ routeSet, from, to, passed }): [RouteSetName, Move] => [
    routeSet,
    {
      kind: decision.kind,
      from,
      to,
      at: now,
      because: decision.because,
      planned: decision.planned,
      lastResort: decision.lastResort,
      leftWorkingPath: leftWorking && passed,
      outcome: 'unconfirmed',
    },
  ]);
  const { budgets } = memory;
  const text = `${decision.kind}: ${decision.moves.map(moveText).join(', ')}${outcome === 'partial' ? ' (in part, the rest follows)' : ''}: ${decision.because}`;
  return {
    ...memory,
    moves: { ...memory.moves, ...Object.fromEntries(moves) },
    undone: memory.undone || decision.kind === 'undo',
    toTell: [...memory.toTell, { key: `move/${decision.planDigest}/${decision.decidedAt}`, text }],
    budgets: {
      ...budgets,
      moves: decision.planned || decision.kind !== 'divert' ? budgets.moves : [...budgets.moves, now],
      failbacks: decision.kind === 'failback' ? [...budgets.failbacks, now] : budgets.failbacks,
      severeMoves: decision.severe ? [...budgets.severeMoves, now] : budgets.severeMoves,
    },
  };
}

/** Everything people must hear now: what was done, what is escalated, that it is over. */
export function pendingAnnouncements(memory: Memory, decision: Decision, now: Instant): Announcement[] {
  const escalation = decision.kind === 'escalate' ? [{ key: decision.key, text: decision.because }] : [];
  const heard = Object.keys(memory.told).length > 0 || memory.toTell.length > 0;
  const over =
    decision.kind === 'finish' && memory.incident !== null && heard && !('closed' in memory.told)
      ? [{ key: 'closed', text: `over after ${spanText(now - memory.incident.openedAt)}: ${decision.because}` }]
      : [];
  return [...memory.toTell, ...escalation, ...over];
}

/**
 * Memory once those are told. An escalation opens an incident, so that it is told once until all is well again. What is
 * told after "over" and before the incident is closed makes it one that is not over.
 */
export function afterTelling(
  memory: Memory,
  told: readonly Announcement[],
  look: { readonly connection: Connection; readonly now: Instant },
): Memory {
  const { connection, now } = look;
  const { closed, ...open } = memory.told;
  return {
    ...memory,
    incident: memory.incident ?? {
      id: `${connection.name}-${instantText(now)}`,
      openedAt: now,
      because: told[0]?.text ?? '',
    },
    told: { ...(told.length > 0 ? open : memory.told), ...Object.fromEntries(told.map((a) => [a.key, now])) },
    toTell: [],
  };
}
