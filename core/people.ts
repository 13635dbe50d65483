/**
 * The rules that speak to people: the brake (6) and the call for help (11). Each thing is said once per incident, under
 * its key; `remember.ts` forgets it when it has been over for a soak.
 */
import { isPinned, isWorking, type PathAssessment, type SetAssessment, verdictText } from './assessment';
import type { Decision, EscalateDecision } from './decision';
import { chooseRung } from './ladder';
import { targetText } from './plan';
import { minuteMs } from './time';
import {
  budgetLeft,
  isAway,
  isHomeContradicted,
  isHomeWell,
  isInFailbackWindow,
  isUnderRepair,
  movableSets,
  soakedAt,
  type View,
} from './view';

/** Null when it was said already. */
export function once(view: View, spoken: EscalateDecision): EscalateDecision | null {
  return spoken.key in view.memory.told ? null : spoken;
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

export function brake(view: View): Decision | null {
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
  if (paths.some((p) => isWorking(p.verdict))) return null;
  if (paths.every((p) => p.verdict === 'unknown') && !isBlind(view)) return null;
  const states = paths.map((p) => `${p.path} ${p.verdict}: ${p.because}`).join('; ');
  return once(view, {
    kind: 'escalate',
    rule: 6,
    key: 'brake/none',
    because: `brake: no path works (${states}); routes hold but for a last resort, ${repairText(view)}`,
  });
}

// 11 -----------------------------------------------------------------------------------------------------------------

/** A set that could go home but for something that only people lift; null: no such thing. */
function whyAway(view: View, set: SetAssessment): { readonly key: string; readonly because: string } | null {
  const { failbacks24hMax } = view.connection.policy;
  const isReady = isAway(set) && isHomeWell(view, set) && soakedAt(view, set) <= view.now && isInFailbackWindow(view);
  if (!isReady) return null;
  const away = `route set ${set.routeSet} stays on ${set.used.join('+')} though home is well`;
  if (isHomeContradicted(view, set)) {
    return {
      key: `away/${set.routeSet}/contradicted`,
      because: `${away}: users got nothing over ${set.home} while its path canary passed; look beyond the gateways, then acknowledge to let it go home`,
    };
  }
  if (budgetLeft(view, view.memory.budgets.failbacks, failbacks24hMax)) return null;
  return {
    key: `away/${set.routeSet}`,
    because: `${away}: the failback budget of the day is used up; acknowledge to lift it`,
  };
}

export function askForHelp(view: View): Decision | null {
  return askAboutSets(view) ?? askAboutPaths(view);
}

function askAboutSets(view: View): Decision | null {
  for (const set of movableSets(view)) {
    const why = whyAway(view, set);
    const told = why && once(view, { kind: 'escalate', rule: 11, ...why });
    if (told) return told;
  }
  for (const set of Object.values(view.assessment.sets)) {
    const told = set.stale ? once(view, formerNotice(view, set)) : null;
    if (told !== null) return told;
  }
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
  return null;
}

/** Where such routes serve nobody, rule 3 has moved them. The others are a person's to move, at a time of their own. */
function formerNotice(view: View, set: SetAssessment): EscalateDecision {
  const { targets } = view.assessment;
  const path = set.used.find((name) => set.strays[name] !== undefined) ?? set.used[0]!;
  const why = set.strays[path]?.because ?? `routes of ${set.routeSet} are not on ${targetText(targets[path]!)}`;
  return {
    kind: 'escalate',
    rule: 11,
    key: `former/${set.routeSet}`,
    because: `${why}: gateway ${view.connection.paths[path]!.gateway} has become another since; they are left while nothing shows that they serve nobody; drain ${path} for a while to have them come home to where it leads now`,
  };
}

function askAboutPaths(view: View): Decision | null {
  for (const path of Object.values(view.assessment.paths)) {
    const told = isPinned(path) || path.drained || isInRepair(view, path) ? null : once(view, pinNotice(path));
    if (told !== null) return told;
  }
  for (const path of Object.values(view.assessment.paths)) {
    const told = path.mtu && !path.drained ? once(view, mtuNotice(view, path)) : null;
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

/** A replacement moves the pins before its gateway has become another; it is still told as the old one. */
function isInRepair(view: View, { path, gateway }: PathAssessment): boolean {
  const lease = view.evidence.gatewayLeases[gateway];
  return isUnderRepair(view, path) || (lease !== null && lease !== undefined && lease.until > view.now);
}

function pinNotice({ path, pin }: PathAssessment): EscalateDecision {
  return {
    kind: 'escalate',
    rule: 11,
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
    rule: 11,
    key: `mtu/${path.path}`,
    because: `path ${path.path} is ${verdictText(path)}: ${path.because}; large transfers hang on it: clamp the MSS on gateway ${path.gateway}, or let "fragmentation needed" back through${way}`,
  };
}
