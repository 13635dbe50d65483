/**
 * How memory follows the world: what an assessment adds to it, before anything is decided.
 *
 * Pure, and idempotent for the same evidence: a crashed run that is followed by another remembers the same.
 */

import { type Assessment, isPinned, onlyPath, type PathAssessment, type SetAssessment } from '../assess/assessment';
import { rememberBlips } from '../assess/blips';
import { sidesOf } from '../assess/both-ends';
import type { Memory, Move, RungRun, Unserved } from '../store/memory';
import type { PathName, RouteSetName } from '../words/domain';
import { incidentIdOf } from '../words/incident-id';
import { budgetWindowMs, limits, type Policy } from '../words/policy';
import { own } from '../words/shape';
import { type Instant, minuteMs, secondMs } from '../words/time';
import { reopenMoves, seeHands, seeMoves } from './moves';
import { seeNetwork } from './network';
import { seeRungs } from './rung-ends';
import type { Seen } from './seen';

/** A tunnel that comes back at the very end of its time still has to settle, and to be told. */
const plannedKeptMs = 30 * minuteMs;
/** A gateway that answers for that long has come back for good: if it falls silent again, that is another silence. */
const silenceRememberedMs = 90 * secondMs;

/** Memory after looking, before deciding. */
export function remember(memory: Memory, look: Seen): Memory {
  const { assessment, now } = look;
  const whole = Object.values(assessment.paths);
  const paths = allPaths(assessment);
  const reopened = reopenMoves(memory, assessment);
  const seen = seeNetwork(seeMoves(seeHands(reopened, assessment, look.writing, now), assessment, now), look);
  const healthySince = since(memory.healthySince, paths, now, (p) => p.verdict === 'healthy' && isPinned(p));
  const severeSince = since(memory.severeSince, paths, now, (p) => p.severeNow);
  const { rungs: ended, told, budgets, replacedAt } = seeRungs(seen, look);
  const rungs = forgetOldRungs(memory.rungs, ended, healthySince, look);
  const unserved = unservedSince(memory, assessment, now);
  const { blindSince, ...before } = seen;
  const judged = Object.entries(seen.moves).map(
    ([set, move]) => [set, judge(move, own(assessment.sets, set), healthySince, look)] as const,
  );
  return {
    ...before,
    ...(look.isBlind && { blindSince: blindSince ?? now }),
    incident: memory.incident ?? openIncident(memory, look),
    healthySince,
    severeSince,
    downSince: downSince(memory, whole, now),
    blips: rememberBlips(memory, whole, now),
    silence: silenceOf(memory, whole.flatMap(sidesOf), now),
    usedSince: usedSince(memory, assessment, now),
    rungs,
    moves: Object.fromEntries(judged),
    contradicted: contradictions(memory, judged, look),
    unserved,
    darkMs: darkSoFar(memory, unserved, look),
    servedOn: servedOn(memory, look),
    slowSince: since(memory.slowSince, paths, now, (p) => p.slowMs !== null),
    practisedAt: { ...memory.practisedAt, ...practised(memory.moves, judged) },
    undeclaredSince: Object.fromEntries(
      (look.undeclared ?? []).map((gateway) => [gateway, memory.undeclaredSince[gateway] ?? now]),
    ),
    toTell: [...seen.toTell, ...told],
    budgets: prune(budgets, look.connection.policy, now),
    replacedAt: ofToday(replacedAt, now),
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
  return Object.fromEntries(paths.filter(holds).map((p) => [p.scope, before[p.scope] ?? now]));
}

/** Nobody heard leaves it as it was. */
function downSince(memory: Memory, paths: readonly PathAssessment[], now: Instant): Memory['downSince'] {
  return Object.fromEntries(
    paths.flatMap(({ path, verdict, failingSince }) => {
      const before = own(memory.downSince, path);
      if (verdict === 'down') return [[path, Math.min(before ?? now, failingSince ?? now)]];
      return verdict === 'unknown' && before !== undefined ? [[path, before]] : [];
    }),
  );
}

/**
 * Gateways that answer none of their canaries' probes. A run may look again only much later, or another one: it is the
 * same silence as long as no path of the gateway has answered in between.
 */
function silenceOf({ silence }: Memory, paths: readonly PathAssessment[], now: Instant): Memory['silence'] {
  const of = (gateway: string): PathAssessment[] => paths.filter((path) => path.gateway === gateway);
  const answers = (gateway: string): boolean => of(gateway).some(({ gatewayProbe }) => gatewayProbe === 'up');
  const silent = paths.filter(({ gateway, gatewayProbe }) => gatewayProbe === 'down' && !answers(gateway));
  const lastsSince = (gateway: string): Instant => {
    const before = own(silence, gateway);
    if (before === undefined) return now;
    const never = of(gateway).every(({ failingSince }) => failingSince !== null && failingSince <= before.until);
    return never || now - before.until < silenceRememberedMs ? before.since : now;
  };
  const kept = Object.entries(silence).filter(
    ([gateway, { until }]) => of(gateway).length > 0 && (!answers(gateway) || now - until < silenceRememberedMs),
  );
  const seen = silent.map(({ gateway }) => [gateway, { since: lastsSince(gateway), until: now }] as const);
  return Object.fromEntries([...kept, ...seen]);
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

/** As wholes, and as single sets are served by them. */
const allPaths = ({ paths, sets }: Assessment): PathAssessment[] => [
  ...Object.values(paths),
  ...Object.values(sets).flatMap(({ onPaths }) => Object.values(onPaths)),
];

function openIncident({ lastIncident }: Memory, look: Seen): Memory['incident'] {
  const { connection, now } = look;
  const because = whatIsWrong(look);
  const id = incidentIdOf(connection, lastIncident?.closedAt ?? 0, now);
  return because === '' ? null : { id, openedAt: now, because };
}

/** The first thing that is not as it should be: a path, a set's routes, a set's users. Empty: all is well. */
function whatIsWrong({ assessment }: Seen): string {
  const sets = Object.values(assessment.sets);
  const bad = allPaths(assessment).find((p) => p.verdict === 'down' || p.severeNow || p.drained);
  if (bad !== undefined) return bad.drained ? `path ${bad.path} is drained` : `path ${bad.path}: ${bad.because}`;
  const away = sets.find(
    (s) => s.foreign.length > 0 || s.stale || s.cover === 'wanted' || s.used.some((p) => p !== s.home),
  );
  if (away !== undefined) return `routes of ${away.routeSet} are not home`;
  const hurt = sets.find(({ users }) => users.state === 'dark' || users.state === 'severe');
  return hurt === undefined ? '' : `users of ${hurt.routeSet}: ${hurt.users.because}`;
}

/**
 * The ladder starts afresh for a path that stayed healthy for one soak. A rung that has ended only now is kept for one
 * more turn: its gateway is still to be freed, and its new identity to be journalled.
 */
function forgetOldRungs(
  before: readonly RungRun[],
  rungs: readonly RungRun[],
  healthySince: Record<PathName, Instant>,
  { connection, now }: Seen,
): RungRun[] {
  const wasOpen = ({ clientToken }: RungRun): boolean =>
    before.some((rung) => rung.clientToken === clientToken && rung.endedAt === null);
  return rungs
    .filter((rung) => {
      if (rung.purpose === 'order' && rung.endedAt !== null) return wasOpen(rung); // What came of it: memory.orders.
      const healthy = own(healthySince, rung.path);
      // Maintenance and rehearsals are started on a healthy path, so that the path is healthy does not say how they
      // ended.
      const isPlanned = (rung.purpose ?? 'repair') !== 'repair' && now < rung.deadlineAt + plannedKeptMs;
      return wasOpen(rung) || isPlanned || healthy === undefined || now - healthy < connection.policy.soakMs;
    })
    .slice(-limits.rungsRememberedMax);
}

/**
 * Did the users confirm the move? Only a move that left a working path can be contradicted, and only over a path that has
 * worked for as long as a move is given: where a path comes back, its own canary is often the first to hear so. Users
 * who get answers after all speak for the move: it is not to be taken back under them.
 */
function judge(move: Move, set: SetAssessment | undefined, healthySince: Memory['healthySince'], look: Seen): Move {
  if (move.outcome === 'confirmed' || move.state !== 'whole') return move;
  if (set === undefined || !set.used.includes(move.to)) return move;
  const { confirmAfterMs, downAfterRounds, roundIntervalMs } = look.connection.policy;
  const effectiveMs = 2 * downAfterRounds * roundIntervalMs;
  if (set.service === 'up' && set.serviceAt > move.at + effectiveMs) return { ...move, outcome: 'confirmed' };
  if (move.outcome === 'contradicted' || look.now - move.at < confirmAfterMs) return move;
  const path = own(set.onPaths, move.to) ?? look.assessment.paths[move.to];
  if (path?.provenWorking !== true) return move;
  if (set.service === 'unknown') return move.trial ? move : { ...move, outcome: 'confirmed' };
  const isBackMs = look.now - (own(healthySince, path.scope) ?? 0);
  const mayBeWrong = (move.leftWorkingPath || move.trial) && isBackMs >= confirmAfterMs;
  return set.service === 'down' && mayBeWrong ? { ...move, outcome: 'contradicted' } : move;
}

/**
 * A move that users contradict speaks against the path it led to; one that was tried for dark users, and helped, against
 * the path it left.
 */
function contradictions(
  memory: Memory,
  judged: readonly (readonly [RouteSetName, Move])[],
  { desired, now }: Seen,
): Memory['contradicted'] {
  const found = judged.flatMap(([set, { outcome, to, from, trial }]) => {
    if (memory.moves[set]?.outcome === outcome) return [];
    if (outcome === 'contradicted') return [{ set, path: to }];
    return outcome === 'confirmed' && trial ? from.map((path) => ({ set, path })) : [];
  });
  const sets = new Set([...Object.keys(memory.contradicted), ...found.map(({ set }) => set)]);
  return Object.fromEntries(
    [...sets].flatMap((set) => {
      const known = Object.entries(memory.contradicted[set] ?? {}).filter(([, at]) => at > desired.acknowledgedAt);
      const fresh = found.filter((one) => one.set === set).map(({ path }): [PathName, Instant] => [path, now]);
      const all = Object.fromEntries([...known, ...fresh]);
      return Object.keys(all).length === 0 ? [] : [[set, all]];
    }),
  );
}

/**
 * Where no canary could be heard the record stays as it was: silence is no sign that users are served. Only how long they
 * were dark is counted no further when it lasts: nobody knows that they are.
 */
function unservedSince(memory: Memory, { sets }: Assessment, now: Instant): Memory['unserved'] {
  return Object.fromEntries(
    Object.values(sets).flatMap(({ routeSet, users }) => {
      const before = memory.unserved[routeSet];
      if (users.state === 'unknown' && before !== undefined && users.unheard === true)
        return [[routeSet, { ...before, dark: null }]];
      if (users.state === 'unknown') return before === undefined ? [] : [[routeSet, before]];
      if (users.state === 'served') return [];
      const began = Math.min(users.since, now);
      const hurts = users.state !== 'slow';
      const unserved: Unserved = {
        dark: users.state === 'dark' ? Math.min(before?.dark ?? began, began) : null,
        hurt: hurts ? Math.min(before?.hurt ?? began, began) : null,
        slow: Math.min(before?.slow ?? began, began),
      };
      return [[routeSet, unserved]];
    }),
  );
}

/**
 * A spell without answers is added once it is over: till the first answer, or the look that sees it. Where nobody hears of
 * users any more, till their routes left for another path, if they have.
 */
function darkSoFar(
  { unserved: before, darkMs, usedSince: used }: Memory,
  unserved: Memory['unserved'],
  { assessment, now }: Seen,
): Memory['darkMs'] {
  const ended = Object.entries(before).flatMap(([set, { dark }]) => {
    if (dark === null || (unserved[set]?.dark ?? null) !== null) return [];
    const { state, since } = own(assessment.sets, set)?.users ?? {};
    const known = state === 'served' ? since : state === 'unknown' ? used[set]?.at : undefined;
    const until = known !== undefined && known > dark ? known : now;
    return [[set, (darkMs[set] ?? 0) + until - dark] as const];
  });
  return { ...darkMs, ...Object.fromEntries(ended) };
}

/** Right after a set's routes changed, its service canary's answers may still have come over the path they left. */
function servedOn(memory: Memory, { assessment, connection }: Seen): Memory['servedOn'] {
  const served = Object.values(assessment.sets).flatMap((set) => {
    const path = onlyPath(set);
    const since = memory.usedSince[set.routeSet];
    if (path === null || set.servedAt === 0 || (since !== undefined && since.path !== path)) return [];
    const changedAt = since?.at ?? 0;
    const isAboutIt = changedAt === 0 || set.servedAt >= changedAt + connection.policy.confirmAfterMs;
    return isAboutIt ? [[set.routeSet, path] as const] : [];
  });
  return { ...memory.servedOn, ...Object.fromEntries(served) };
}

function ofToday(replacedAt: Memory['replacedAt'], now: Instant): Memory['replacedAt'] {
  const kept = Object.entries(replacedAt).map(
    ([tunnel, spent]) =>
      [tunnel, spent.filter((at) => now - at < budgetWindowMs).slice(-limits.tunnelReplaces24hMax - 1)] as const,
  );
  return Object.fromEntries(kept.filter(([, spent]) => spent.length > 0));
}

/**
 * A day's, and of those as many as are ever counted: acknowledging makes room for more than a budget holds. Not only as
 * many as this run's own policy counts: while it is under way another may be deployed that allows more.
 */
function prune(budgets: Memory['budgets'], policy: Policy, now: Instant): Memory['budgets'] {
  const recent = (spent: readonly Instant[], max: number): Instant[] =>
    spent.filter((at) => now - at < budgetWindowMs).slice(-Math.max(limits.budgetKeptMin, max));
  return {
    moves: recent(budgets.moves, limits.movesCountedMax),
    failbacks: recent(budgets.failbacks, policy.failbacks24hMax),
    severeMoves: recent(budgets.severeMoves, policy.severeMoves24hMax),
    repairs: recent(budgets.repairs, policy.repairs24hMax),
    replaces: recent(budgets.replaces, policy.replaces24hMax),
  };
}
