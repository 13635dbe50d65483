/**
 * The rules that speak to people: the brake (6) and the call for help (11). Each thing is said once per incident, under
 * its key; `told.ts` reminds of it, and says when it is over. What no rule may silence is said by `voice.ts`.
 */

import { isPinned, isWorking, type PathAssessment, type SetAssessment, verdictText } from '../assess/assessment';
import { rhythmOf, roundsFor } from '../assess/blips';
import { isQuiet, isQuietlyStopped } from '../assess/quiet';
import { placeIn } from '../routes/plan';
import type { Decision, EscalateDecision } from '../words/decision';
import { choiceOf } from '../words/ends';
import { isMovedByNetwork } from '../words/routing';
import { targetText } from '../words/targets';
import { minuteMs, spanText } from '../words/time';
import type { ToldKey } from '../words/told-kinds';
import { tunnelText } from '../words/tunnel-text';
import { divertWord } from './asked';
import { chooseRung } from './ladder';
import {
  budgetLeft,
  hasWord,
  isAway,
  isHomeContradicted,
  isHomeWell,
  isInFailbackWindow,
  isUnderRepair,
  movableSets,
  soakedAt,
  soakMs,
  unreadOf,
  type View,
} from './view';

/** Null when it was said already. */
export function once(view: View, spoken: EscalateDecision): EscalateDecision | null {
  return spoken.key in view.memory.told ? null : spoken;
}

// 1 ------------------------------------------------------------------------------------------------------------------

/** What we or a human wrote down cannot be read: whoever acted on the rest might start a repair twice. Null: all is read. */
export function unreadAsk(view: View): EscalateDecision | null {
  const unread = unreadOf(view);
  if (unread.length === 0) return null;
  const because = `what is stored cannot be read, so nothing moves and nothing is repaired: ${unread
    .map(({ field, seen, mend }) => `${field} is ${seen}: ${mend}`)
    .join('; ')}`;
  return {
    kind: 'escalate',
    rule: 'stand-still',
    key: `unread/${unread.map(({ field }) => field).join('+')}`,
    because,
  };
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

function noPathText(view: View): string {
  const paths = Object.values(view.assessment.paths);
  const states = paths.map((p) => `${p.path} ${p.verdict}: ${p.because}`).join('; ');
  if (view.connection.standby === 'path')
    return `no path works (${states}); routes hold but for a last resort, ${repairText(view)}`;
  const own = paths.map((p) => (p.ownSideBecause === '' ? '' : `; ${p.ownSideBecause}`)).join('');
  return `the only path does not work (${states}${own}), and there is none to move to (standby: none); ${repairText(view)}`;
}

/**
 * No path works, or many fail at once for what must be one cause: routes are left alone, since moving users from one
 * dead path to another helps nobody and hides what happened. Repairs go on.
 *
 * Example: the partner's router dies and both paths of `paris` are down: people are told once, and the ladder tries
 * what may be tried on each gateway.
 */
export function brake(view: View): Decision | null {
  const asked = brakeAsk(view);
  return asked === null ? null : once(view, asked);
}

/** What the brake has to say, said already or not; null: it does not brake. */
export function brakeAsk(view: View): EscalateDecision | null {
  const paths = Object.values(view.assessment.paths);
  const { mass, massBecause } = view.assessment;
  if (mass && (paths.some((p) => p.verdict !== 'unknown') || isBlind(view))) {
    return {
      kind: 'escalate',
      rule: 'brake',
      key: 'mass',
      because: `brake: ${massBecause}; routes hold, only proven rescues go on`,
    };
  }
  if (paths.some((p) => isWorking(p.verdict))) return null;
  if (paths.every((p) => p.verdict === 'unknown') && !isBlind(view)) return null;
  if (isQuiet(view)) return null;
  return { kind: 'escalate', rule: 'brake', key: 'brake/none', because: `brake: ${noPathText(view)}` };
}

// 11 -----------------------------------------------------------------------------------------------------------------

/** A set that could go home but for something that only people lift; null: no such thing. */
function whyAway(view: View, set: SetAssessment): { readonly key: ToldKey; readonly because: string } | null {
  const { failback, failbacks24hMax } = view.connection.policy;
  // A word that was given before users got nothing at home does not lift that: it waits for the acknowledgement.
  const isBarred = isHomeContradicted(view, set);
  const isReady =
    isAway(set) &&
    (isBarred || !hasWord(view, set)) &&
    divertWord(view, set.routeSet) === null &&
    isHomeWell(view, set) &&
    soakedAt(view, set) <= view.now &&
    isInFailbackWindow(view);
  if (!isReady) return null;
  const away = `route set ${set.routeSet} stays on ${set.used.join('+')} though home is well`;
  if (isBarred) {
    return {
      key: `away/${set.routeSet}/contradicted`,
      because: `${away}: users got nothing over ${set.home} while its path canary passed; look beyond the gateways, then acknowledge to let it go home`,
    };
  }
  if (failback === 'manual') {
    const { name: connection } = view.connection;
    const routeSet = choiceOf(view.connection.routeSets[set.routeSet]!);
    const word = JSON.stringify({ connection, trigger: 'failback', routeSet, requestedBy: 'your name' });
    return {
      key: `away/${set.routeSet}/manual`,
      because: `home is well, route set ${set.routeSet} stays on ${set.used.join('+')} till a person gives the word: start an execution with ${word}`,
    };
  }
  if (budgetLeft(view, view.memory.budgets.failbacks, failbacks24hMax)) return null;
  return {
    key: `away/${set.routeSet}`,
    because: `${away}: the failback budget of the day is used up; acknowledge to lift it`,
  };
}

/**
 * Says what only people can mend, one thing a turn, each once.
 *
 * Example: every rung that fits was tried on gw-a and path a is still down: people hear what was tried, what the
 * machine showed, and where to look next.
 */
export function askForHelp(view: View): Decision | null {
  return helpAsks(view).find((asked) => once(view, asked) !== null) ?? null;
}

/** Everything that only people can mend, said already or not; the sets first. */
export function helpAsks(view: View): EscalateDecision[] {
  return [
    ...waysHome(view),
    ...blips(view),
    ...formerSets(view),
    ...foreignSets(view),
    ...pins(view),
    ...holes(view),
    ...stuckPaths(view),
  ];
}

function waysHome(view: View): EscalateDecision[] {
  const sets = isMovedByNetwork(view.connection) ? Object.values(view.assessment.sets) : movableSets(view);
  return sets.flatMap((set) => {
    const why = whyAway(view, set);
    return why === null ? [] : [{ kind: 'escalate', rule: 'help', ...why } as const];
  });
}

function foreignSets(view: View): EscalateDecision[] {
  const held = Object.values(view.assessment.sets).filter((set) => set.foreign.length > 0);
  return held.map((set) => ({
    kind: 'escalate',
    rule: 'help',
    key: `manual/${set.routeSet}`,
    because: `route set ${set.routeSet} is in somebody else's hands: ${set.foreign.join(', ')}; it is held until its routes point at a path again`,
  }));
}

/** Where such routes serve nobody, rule 3 has moved them. The others are a person's to move, at a time of their own. */
function formerSets(view: View): EscalateDecision[] {
  return Object.values(view.assessment.sets)
    .filter((set) => set.stale)
    .map((set) => formerNotice(view, set));
}

function formerNotice(view: View, set: SetAssessment): EscalateDecision {
  const path = set.used.find((name) => set.strays[name] !== undefined) ?? set.used[0]!;
  const place = placeIn(view.connection.routeSets[set.routeSet]!, view.assessment, path);
  const why = set.strays[path]?.because ?? `routes of ${set.routeSet} are not on ${targetText(place)}`;
  return {
    kind: 'escalate',
    rule: 'help',
    key: `former/${set.routeSet}`,
    because: `${why}: gateway ${view.connection.paths[path]!.gateway} has become another since; they are left while nothing shows that they serve nobody; drain ${path} for a while to have them come home to where it leads now`,
  };
}

/** Said when its traffic stays away from it, so that nobody wonders why. */
function blips(view: View): EscalateDecision[] {
  const { connection, memory, desired } = view;
  return movableSets(view).flatMap((set) => {
    const { home } = set;
    const rhythm = isAway(set) ? rhythmOf(memory, home, desired.acknowledgedAt) : null;
    if (rhythm === null) return [];
    const tunnel = tunnelText(connection.paths[home]!);
    const settings = tunnel === '' ? '' : `see the rekey settings of ${tunnel}, or `;
    const because = `path ${home} fails every ${spanText(rhythm.apartMs)} or so, for ${spanText(rhythm.lastedMs)}, and mends itself (${rhythm.blips.length} times): the traffic of ${set.routeSet} stays on ${set.used.join('+')} until ${home} has been well for ${spanText(soakMs(view, home))}; ${settings}raise downAfterRounds to ${roundsFor(rhythm, connection.policy)} to ride it out; acknowledge to go home earlier`;
    return [{ kind: 'escalate', rule: 'help', key: `away/${set.routeSet}/blips`, because } as const];
  });
}

function pins(view: View): EscalateDecision[] {
  return Object.values(view.assessment.paths)
    .filter((path) => !isPinned(path) && !path.drained && !isInRepair(view, path))
    .filter(({ path }) => !isQuietlyStopped(view, path))
    .map(pinNotice);
}

function holes(view: View): EscalateDecision[] {
  const lossy = Object.values(view.assessment.paths).filter((path) => path.mtu && !path.drained);
  return lossy.map((path) => mtuNotice(view, path));
}

function stuckPaths(view: View): EscalateDecision[] {
  if (view.connection.mode !== 'repair') return [];
  const down = Object.values(view.assessment.paths).filter(
    (path) => path.verdict === 'down' && !path.drained && !isQuietlyStopped(view, path.path),
  );
  return down.flatMap((path) => {
    const choice = chooseRung(view, path);
    if (choice.kind !== 'stuck') return [];
    return [
      { kind: 'escalate', rule: 'help', key: `stuck/${path.path}/${choice.key}`, because: choice.because } as const,
    ];
  });
}

/** A replacement moves the pins before its gateway has become another; it is still told as the old one. */
function isInRepair(view: View, { path, gateway }: PathAssessment): boolean {
  const lease = view.evidence.gatewayLeases[gateway];
  return isUnderRepair(view, path) || (lease !== null && lease !== undefined && lease.until > view.now);
}

function pinNotice({ path, pin }: PathAssessment): EscalateDecision {
  return {
    kind: 'escalate',
    rule: 'help',
    key: `pin/${path}`,
    because: `path ${path} is not proven and nothing is moved onto it: ${pin.because}; point its pinning routes there, or correct the configuration`,
  };
}

/** No repair mends it and no rule moves for it: a person finds the hop, and may move the traffic meanwhile. */
function mtuNotice(view: View, path: PathAssessment): EscalateDecision {
  const isUsed = Object.values(view.assessment.sets).some((set) => set.used.includes(path.path));
  const way = isUsed ? `; maintenance on ${path.path} moves its traffic meanwhile` : '';
  return {
    kind: 'escalate',
    rule: 'help',
    key: `mtu/${path.path}`,
    because: `path ${path.path} is ${verdictText(path)}: ${path.because}; large transfers hang on it: clamp the MSS on gateway ${path.gateway}, or let "fragmentation needed" back through${way}`,
  };
}
