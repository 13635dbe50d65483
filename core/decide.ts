/**
 * Chooses what to do about one connection. Pure: same inputs, same decision.
 *
 * Rules are tried in order and the first that speaks wins, so the order is the policy: traffic first (3 to 5), then
 * people (6, 7), then repair (9), failback last (10). A rule judges each route set or path by itself; a plan without a
 * step does not speak. `decide` is total: rule 14 always has something to say.
 *
 * Law: no brake, window or budget stands before rule 3. Law: unknown never diverts, save rule 4 off a dead path.
 */
import type { PathAssessment, SetAssessment } from './assess';
import type { Decision, EscalateDecision, MoveDecision, RepairDecision, SetMove } from './decision';
import { nextDue } from './due';
import { chooseRung, repairDecision } from './ladder';
import { limits } from './policy';
import { minuteMs } from './time';
import {
  budgetLeft,
  candidates,
  isAway,
  isInFailbackWindow,
  isProvenSince,
  isWorking,
  maySoakHome,
  movableSets,
  moveDecision,
  runningRung,
  soakedAt,
  usedPaths,
  type View,
} from './view';

type Rule = (view: View) => Decision | null;

/** The order is the policy. Rules 2 and 8 hold one set or one path: they speak through `movableSets` and `chooseRung`. */
export const rules: readonly Rule[] = [
  holdWhilePaused, // 1
  divertFromDown, // 3
  divertAsLastResort, // 4
  divertFromSevere, // 5
  brake, // 6
  undoContradicted, // 7
  repairDown, // 9
  failBack, // 10
  askForHelp, // 11
  holdTillDue, // 12
  finishOrPark, // 13
  holdForEvidence, // 14
];

export function decide(view: View): Decision {
  for (const rule of rules) {
    const spoken = permitted(view, rule(view));
    if (spoken !== null) return spoken;
  }
  return holdForEvidence(view);
}

/** With the lock table down only a divert onto a proven path is safe: every actor would do the same. */
export function decideFailOpen(view: View): Decision {
  return (
    divertFromDown(view) ?? {
      kind: 'hold',
      rule: 14,
      because: 'the lock table does not answer: nothing but a rescue is allowed',
      until: view.now,
    }
  );
}

/** Below the mode's line a rule's act becomes an announcement, made once; then the rules after it are asked. */
function permitted(view: View, spoken: Decision | null): Decision | null {
  if (spoken === null) return null;
  const { mode } = view.connection;
  const acts =
    spoken.kind === 'divert' || spoken.kind === 'undo' || spoken.kind === 'failback' || spoken.kind === 'repair';
  if (!acts || mode === 'repair' || (mode === 'divert' && spoken.kind !== 'repair')) return spoken;
  const what =
    spoken.kind === 'repair' ? `${spoken.rung} ${spoken.gateway}` : `${spoken.kind} ${movesText(spoken.moves)}`;
  return once(view, {
    kind: 'escalate',
    rule: spoken.rule,
    key: `would/${what}`,
    because: `mode ${mode}: would ${what}, because ${spoken.because}`,
  });
}

function once(view: View, spoken: EscalateDecision): EscalateDecision | null {
  return spoken.key in view.memory.told ? null : spoken;
}

export const movesText = (moves: readonly SetMove[]): string =>
  moves.map((m) => `${m.routeSet} from ${m.from.join('+')} to ${m.to}`).join(', ');

// 1 ------------------------------------------------------------------------------------------------------------------

function holdWhilePaused(view: View): Decision | null {
  const { paused } = view.desired;
  if (paused === null || paused.until <= view.now) return null;
  const because = `paused by ${paused.requestedBy}: ${paused.reason}`;
  if (runningRung(view) !== null)
    return {
      kind: 'hold',
      rule: 1,
      because: `${because}; a running repair may end`,
      until: view.now + limits.sleepMaxMs,
    };
  if (paused.until - view.now <= limits.dueSoonMs) return { kind: 'hold', rule: 1, because, until: paused.until };
  return { kind: 'park', rule: 1, because };
}

// 3 ------------------------------------------------------------------------------------------------------------------

function divertFromDown(view: View): MoveDecision | null {
  const found = movableSets(view).flatMap((set) => {
    const bad = usedPaths(view, set).filter((p) => p.verdict === 'down' || p.drained);
    if (bad.length === 0 && !set.stale) return [];
    const planned = bad.every((p) => p.verdict !== 'down') && !set.stale;
    const to = candidates(view, set).find(
      (p) =>
        p.provenHealthy &&
        isProvenSince(p, bad) &&
        !p.drained &&
        !bad.includes(p) &&
        !(planned && view.memory.contradicted[set.routeSet] === p.path),
    );
    return to === undefined ? [] : [{ set, bad, to, planned }];
  });
  const first = found[0];
  if (first === undefined) return null;
  return moveAll(view, found, {
    kind: 'divert',
    rule: 3,
    planned: found.every((f) => f.planned),
    because: `${whyLeave(first.bad)}; path ${first.to.path} is proven healthy: ${first.to.because}`,
  });
}

interface Found {
  readonly set: SetAssessment;
  readonly to: PathAssessment;
}

const moveAll = (view: View, found: readonly Found[], shape: Parameters<typeof moveDecision>[2]): MoveDecision | null =>
  moveDecision(
    view,
    found.map(({ set, to }) => moveOf(set, to)),
    shape,
  );

const moveOf = (set: SetAssessment, to: PathAssessment): SetMove => ({
  routeSet: set.routeSet,
  from: set.used,
  to: to.path,
  passed: set.service === 'up',
});

function whyLeave(bad: readonly PathAssessment[]): string {
  if (bad.length === 0) return 'routes point at the interface of a replaced instance';
  return bad
    .map((p) => (p.verdict === 'down' ? `path ${p.path} is down: ${p.because}` : `path ${p.path} is drained`))
    .join('; ');
}

// 4 ------------------------------------------------------------------------------------------------------------------

/** Users are dark and nothing is proven healthy: what is still better than staying? */
function divertAsLastResort(view: View): MoveDecision | null {
  const found = movableSets(view).flatMap((set) => {
    const used = usedPaths(view, set);
    if (used.some((p) => p.verdict !== 'down')) return [];
    const others = candidates(view, set).filter((p) => !used.includes(p));
    const answering = others.find((p) => p.provenWorking && isProvenSince(p, used) && !p.drained);
    if (answering !== undefined)
      return [{ set, to: answering, why: `path ${answering.path} is ${answering.verdict} but answers` }];
    const soft = others.find((p) => p.provenHealthy && view.desired.drains[p.path]?.kind === 'soft');
    if (soft !== undefined) return [{ set, to: soft, why: `only the soft-drained path ${soft.path} is healthy` }];
    const unproven = others.find((p) => !p.drained && mayStillWork(view, used, p));
    return unproven === undefined
      ? []
      : [{ set, to: unproven, why: `path ${unproven.path} is ${unproven.verdict}, its own side ${unproven.ownSide}` }];
  });
  const first = found[0];
  if (first === undefined) return null;
  return moveAll(view, found, {
    kind: 'divert',
    rule: 4,
    lastResort: true,
    because: `last resort: ${whyLeave(usedPaths(view, first.set))}; ${first.why}`,
  });
}

/**
 * Off a path that is dead beyond doubt, onto one nobody can vouch for. In a coupled connection the other canary dies
 * with the first tunnel, so there "down" proves little and the other's own side decides.
 */
function mayStillWork(view: View, used: readonly PathAssessment[], to: PathAssessment): boolean {
  if (view.assessment.mass || to.dead) return false;
  const gone = used.every((p) => p.dead || p.ownSide === 'failed' || p.gatewayProbe === 'down');
  if (!gone || to.ownSide === 'failed') return false;
  return to.verdict === 'unknown' || (view.connection.coupled && to.ownSide === 'fine');
}

// 5 ------------------------------------------------------------------------------------------------------------------

function divertFromSevere(view: View): MoveDecision | null {
  const { policy } = view.connection;
  const { memory, now } = view;
  if (view.assessment.mass || !budgetLeft(view, memory.budgets.severeMoves, policy.severeMoves24hMax)) return null;
  const found = movableSets(view).flatMap((set) => {
    const severe = usedPaths(view, set).find((p) => p.verdict === 'severe');
    if (severe === undefined) return [];
    const to = candidates(view, set).find(
      (p) =>
        p.provenHealthy &&
        !p.drained &&
        now - (memory.healthySince[p.path] ?? now) >= policy.severeAfterMs &&
        memory.contradicted[set.routeSet] !== p.path,
    );
    return to === undefined ? [] : [{ set, severe, to }];
  });
  const first = found[0];
  if (first === undefined) return null;
  return moveAll(view, found, {
    kind: 'divert',
    rule: 5,
    severe: true,
    because: `path ${first.severe.path} is severe: ${first.severe.because}; path ${first.to.path} has been healthy all that time`,
  });
}

// 6 ------------------------------------------------------------------------------------------------------------------

const repairText = ({ connection: { mode } }: View): string =>
  mode === 'repair' ? 'repair goes on' : `nothing is repaired in mode ${mode}`;

/** Nobody has reported for this long: people should know that we are blind. */
const blindToleranceMs = minuteMs;

/** Every canary has spoken once and none for a minute. One that never spoke is the silent-canary alarm's affair. */
function isBlind(view: View): boolean {
  const reports = view.connection.canaries.map((c) => view.evidence.reports[c.id] ?? null);
  return reports.length > 0 && reports.every((r) => r !== null && view.now - r.reportedAt >= blindToleranceMs);
}

function brake(view: View): Decision | null {
  const paths = Object.values(view.assessment.paths);
  const { mass, massBecause } = view.assessment;
  if (mass && (paths.some((p) => p.verdict !== 'unknown') || isBlind(view))) {
    return once(view, {
      kind: 'escalate',
      rule: 6,
      key: 'brake/mass',
      because: `brake: ${massBecause}; routes hold, only proven rescues go on`,
    });
  }
  if (paths.some(isWorking)) return null;
  if (paths.every((p) => p.verdict === 'unknown') && !isBlind(view)) return null;
  const states = paths.map((p) => `${p.path} ${p.verdict}: ${p.because}`).join('; ');
  return once(view, {
    kind: 'escalate',
    rule: 6,
    key: 'brake/none',
    because: `brake: no path works (${states}); routes hold, ${repairText(view)}`,
  });
}

// 7 ------------------------------------------------------------------------------------------------------------------

function undoContradicted(view: View): Decision | null {
  if (view.assessment.mass) return null;
  const wrong = movableSets(view).filter((set) => view.memory.moves[set.routeSet]?.outcome === 'contradicted');
  const undoable = view.memory.undone ? [] : wrong.flatMap((set) => undoOf(view, set));
  if (undoable.length > 0) {
    return moveDecision(view, undoable, {
      kind: 'undo',
      rule: 7,
      because: `the service canary of ${undoable[0]!.routeSet} passed before the move to ${undoable[0]!.from.join('+')} and fails since: back to ${undoable[0]!.to}`,
    });
  }
  const set = wrong[0];
  if (set === undefined) return null;
  return once(view, {
    kind: 'escalate',
    rule: 7,
    key: `contradicted/${set.routeSet}`,
    because: `the service canary of ${set.routeSet} fails on ${set.used.join('+')} although its path canary passes: look beyond the gateways`,
  });
}

function undoOf(view: View, set: SetAssessment): SetMove[] {
  const move = view.memory.moves[set.routeSet]!;
  const back = move.from.map((path) => view.assessment.paths[path]!).find((p) => p.provenWorking);
  return back === undefined || !set.used.includes(move.to) ? [] : [moveOf(set, back)];
}

// 9 ------------------------------------------------------------------------------------------------------------------

function repairDown(view: View): RepairDecision | null {
  const unanswered = runningRung(view);
  if (unanswered !== null) return resume(view, unanswered.path);
  for (const path of Object.values(view.assessment.paths)) {
    if (path.verdict !== 'down' || path.drained) continue;
    const choice = chooseRung(view, path);
    if (choice.kind === 'try') return repairDecision(view, path, choice.rung);
  }
  return null;
}

/** A start that was journalled but not answered (the run crashed between): the same token makes it the same start. */
function resume(view: View, path: string): RepairDecision | null {
  const rung = runningRung(view)!;
  const target = view.assessment.paths[path]!;
  if (view.automationId !== null || view.now >= rung.deadlineAt || target.carries || target.drained) return null;
  const decision = repairDecision(view, target, rung.rung);
  return { ...decision, clientToken: rung.clientToken, deadlineAt: rung.deadlineAt, because: rung.because };
}

// 10 -----------------------------------------------------------------------------------------------------------------

function failBack(view: View): MoveDecision | null {
  if (view.assessment.mass || !isInFailbackWindow(view)) return null;
  if (!budgetLeft(view, view.memory.budgets.failbacks, view.connection.policy.failbacks24hMax)) return null;
  const ready = movableSets(view).filter(
    (set) => isAway(set) && maySoakHome(view, set) && soakedAt(view, set) <= view.now,
  );
  const homes = ready.map((set) => view.assessment.paths[set.home]!).filter((p) => p.provenHealthy);
  const moves = ready
    .filter((set) => homes.some((p) => p.path === set.home))
    .map((set) => moveOf(set, view.assessment.paths[set.home]!));
  return moveDecision(view, moves, {
    kind: 'failback',
    rule: 10,
    planned: true,
    because: `home is healthy and has soaked: ${homes[0]?.because ?? ''}`,
  });
}

// 11 -----------------------------------------------------------------------------------------------------------------

function askForHelp(view: View): Decision | null {
  for (const set of Object.values(view.assessment.sets)) {
    if (set.foreign.length === 0) continue;
    const told = once(view, {
      kind: 'escalate',
      rule: 11,
      key: `manual/${set.routeSet}`,
      because: `route set ${set.routeSet} is in somebody else's hands: ${set.foreign.join(', ')}; it is held until its routes point at a path again`,
    });
    if (told !== null) return told;
  }
  for (const path of Object.values(view.assessment.paths)) {
    if (path.verdict !== 'down' || path.drained || view.connection.mode !== 'repair') continue;
    const choice = chooseRung(view, path);
    if (choice.kind !== 'stuck') continue;
    const told = once(view, {
      kind: 'escalate',
      rule: 11,
      key: `stuck/${path.path}/${choice.key}`,
      because: choice.because,
    });
    if (told !== null) return told;
  }
  return null;
}

// 12, 13, 14 ---------------------------------------------------------------------------------------------------------

function holdTillDue(view: View): Decision | null {
  const due = nextDue(view);
  if (due === null || due.at - view.now > limits.dueSoonMs) return null;
  return { kind: 'hold', rule: 12, because: due.because, until: due.at };
}

function finishOrPark(view: View): Decision | null {
  if (!view.assessment.complete) return null;
  const sets = Object.values(view.assessment.sets);
  const paths = Object.values(view.assessment.paths);
  const home = sets.every((set) => !isAway(set) && !set.stale && set.foreign.length === 0);
  const open = paths.filter((p) => p.verdict !== 'healthy' || p.drained);
  if (home && open.length === 0)
    return { kind: 'finish', rule: 13, because: 'all routes are home and all paths are healthy' };
  const away = sets.filter(isAway).map((set) => `${set.routeSet} is on ${set.used.join('+') || 'no path of ours'}`);
  const states = open.map((p) => `path ${p.path} is ${p.drained ? 'drained' : p.verdict}`);
  return { kind: 'park', rule: 13, because: `nothing is due soon: ${[...away, ...states].join(', ')}` };
}

function holdForEvidence(view: View): Decision {
  return {
    kind: 'hold',
    rule: 14,
    because: `not enough is known: ${view.assessment.missing}`,
    until: view.now + limits.sleepMaxMs,
  };
}
