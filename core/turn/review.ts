/**
 * May this command be recorded? A command is judged by what its author would find a moment later: somebody who has been
 * told "drained" opens the machine, whether or not its users have left it.
 *
 * Law: the last working path is never taken down. A review counts every drain that stands already, also one whose routes
 * have not moved yet, and its answer is recorded only while no other command has been (`RecordDecision.update`).
 */

import { isFailing, isPinned, type PathAssessment, type SetAssessment, verdictText } from '../assess/assessment';
import { pauseNow } from '../decide/asked';
import { whyNotDiverted } from '../decide/by-word';
import { whyNotDrilled } from '../decide/drill';
import { whyNotRehearsed } from '../decide/rehearsal';
import {
  candidates,
  isAway,
  isHomeContradicted,
  isHomeWell,
  pathFor,
  unreadOf,
  usedPaths,
  type View,
} from '../decide/view';
import { isDrained } from '../store/lease';
import type { OperatorRequest, RecordDecision, RefuseDecision } from '../words/decision';
import type { Drain } from '../words/domain';
import { isMeant } from '../words/ends';
import { MalformedInput, shown } from '../words/malformed';
import { orderText, theSchedule } from '../words/orders';
import { own } from '../words/shape';
import { isCommand, mendMalformed, parseRequest, requestText, updateFor } from './request';

type Divert = Extract<OperatorRequest, { trigger: 'divert' }>;
type Drill = Extract<OperatorRequest, { trigger: 'drill' }>;
type Maintenance = Extract<OperatorRequest, { trigger: 'maintenance' }>;
type Refusal = Pick<RefuseDecision, 'because' | 'mend'>;

const forceText = 'set "force": true to drain it all the same';

/** A command becomes desired state, or is refused with the reason and the mend. Never throws for what a person wrote. */
export function review(view: View, raw: unknown): RecordDecision | RefuseDecision {
  const request = understood(view, raw);
  if ('mend' in request) return { kind: 'refuse_request', rule: 'request', ...request };
  const refusal = whyNot(view, request);
  if (refusal !== null) return { kind: 'refuse_request', rule: 'request', ...refusal };
  const update = updateFor(request, view.desired.commands, view.now);
  return { kind: 'record_request', rule: 'request', because: requestText(request), update };
}

function understood(view: View, raw: unknown): OperatorRequest | Refusal {
  if (!isCommand(raw))
    return { because: `input: ${shown(raw)} must be one group of fields with a trigger`, mend: mendMalformed };
  try {
    return parseRequest(raw, view.connection, view.now);
  } catch (error) {
    if (!(error instanceof MalformedInput)) throw error;
    return { because: error.message, mend: mendMalformed };
  }
}

function whyNot(view: View, request: OperatorRequest): Refusal | null {
  if (request.trigger === 'failback') return whyNotHome(view, request.routeSet);
  if (request.trigger === 'divert') return whyNotMoved(view, request);
  if (request.trigger === 'drill') return whyNotDrill(view, request);
  if (request.trigger === 'rehearsal') return whyNotRehearsal(view);
  return request.trigger === 'maintenance' && !request.force ? whyNotDrain(view, request) : null;
}

/** The schedule's word is recorded, so that people are told where it cannot be followed; not beside a drill that is open. */
function whyNotDrill(view: View, { routeSet, requestedBy }: Drill): Refusal | null {
  if (requestedBy === theSchedule && view.memory.drill === null) return null;
  const held = whyStill(view) ?? whyHeld(view);
  if (held !== null) return held;
  const because = whyNotDrilled(view, routeSet ?? null);
  return because === ''
    ? null
    : { because, mend: 'a drill needs everything healthy and no blocked window: ask again when that is so' };
}

function whyNotRehearsal(view: View): Refusal | null {
  const because = whyNotRehearsed(view);
  return because === '' ? null : { because, mend: 'ask again when that is no longer so' };
}

function whyNotMoved(view: View, { routeSets, to }: Divert): Refusal | null {
  const held = whyStill(view) ?? whyHeld(view);
  if (held !== null) return held;
  const because = whyNotDiverted(view, routeSets, to);
  return because === ''
    ? null
    : { because, mend: 'ask again when that is no longer so, or name another path or routeSet' };
}

function whyStill({ connection: { mode, name } }: View): Refusal | null {
  if (mode !== 'observe') return null;
  return { because: `${name} is in mode observe, which moves no route`, mend: 'deploy it in mode divert or repair' };
}

/** The word lifts a soak, a window, a budget and `failback: manual`; never the proof that home works. */
function whyNotHome(view: View, routeSet: string | undefined): Refusal | null {
  const asked = Object.values(view.assessment.sets).filter((set) => isMeant(routeSet ?? null, set.routeSet));
  const held = whyStill(view) ?? whyHeld(view);
  if (held !== null) return held;
  if (view.assessment.mass)
    return {
      because: `a common cause is suspected: ${view.assessment.massBecause}`,
      mend: 'give the word when it is over',
    };
  const away = asked.filter(isAway);
  if (away.length === 0)
    return { because: `${asked.map((set) => set.routeSet).join(', ')}: home already`, mend: 'nothing is left to do' };
  for (const set of away) {
    const refusal = whyNotSetHome(view, set);
    if (refusal === null) continue;
    const ready = away.filter((other) => whyNotSetHome(view, other) === null).map((other) => other.routeSet);
    return ready.length === 0
      ? refusal
      : { ...refusal, mend: `${refusal.mend}; or name the "routeSet" that is ready: ${ready.join(', ')}` };
  }
  return null;
}

function whyNotSetHome(view: View, set: SetAssessment): Refusal | null {
  const { routeSet } = set;
  if (set.used.length + set.foreign.length === 0)
    return { because: `the routes of ${routeSet} could not be read`, mend: 'give the word again in a minute' };
  if (set.foreign.length > 0)
    return {
      because: `${routeSet} is in somebody else's hands: ${set.foreign.join(', ')}`,
      mend: 'point its routes at one of its paths first',
    };
  const home = pathFor(view, set, set.home);
  if (home.drained)
    return {
      because: `path ${set.home}, the home of ${routeSet}, is drained`,
      mend: `end the maintenance of ${set.home}`,
    };
  if (home.verdict !== 'healthy') {
    const because = `path ${set.home}, the home of ${routeSet}, is ${verdictText(home)}: ${home.because}`;
    return { because, mend: 'give the word when it is healthy' };
  }
  if (!isHomeWell(view, set))
    return { because: `path ${set.home} is being repaired`, mend: 'give the word when that is over' };
  if (isHomeContradicted(view, set)) {
    const because = `users of ${routeSet} got nothing over ${set.home} while its path canary passed`;
    return { because, mend: 'look beyond the gateways, acknowledge, then give the word' };
  }
  return null;
}

function whyNotDrain(view: View, request: Maintenance): Refusal | null {
  // Asked again, because nobody heard the first answer: it is in force, whatever has happened since.
  if (stands(own(view.desired.drains, request.path), request)) return null;
  return whyStranded(view, request.path) ?? whyStuck(view, request.path);
}

function stands(drain: Drain | undefined, asked: Maintenance): boolean {
  return (
    drain !== undefined &&
    drain.kind === asked.drain &&
    drain.until === asked.until &&
    drain.reason === asked.reason &&
    drain.requestedBy === asked.requestedBy
  );
}

/** Some users would be left without a working path, now or as soon as the drains that stand have moved them. */
function whyStranded(view: View, path: string): Refusal | null {
  const stranded = Object.values(view.assessment.sets).filter((set) => !isServedWithout(view, set, path));
  if (stranded.length === 0) return null;
  const others = candidates(view, stranded[0]!)
    .filter((p) => p.path !== path)
    .map((p) => `path ${p.path} is ${p.drained ? 'drained' : verdictText(p)} (${p.because})`);
  const sets = stranded.map(({ routeSet }) => routeSet).join(', ');
  const carries = stranded.some((set) => set.used.includes(path))
    ? `path ${path} carries ${sets}`
    : `path ${path} is what ${sets} would need`;
  if (view.connection.standby === 'none')
    return {
      because: `${carries} and there is no other (standby: none): its users would have none`,
      mend: `agree on an hour with them, and ${forceText}`,
    };
  return {
    because: `${carries} and no other path is proven healthy: ${others.join(', ')}`,
    mend: `wait until another path is healthy and undrained, or ${forceText}`,
  };
}

function isServedWithout(view: View, set: SetAssessment, path: string): boolean {
  if (set.used.length === 0 && set.foreign.length > 0) return true; // On nobody's path of ours: a drain changes nothing.
  const stays = (p: PathAssessment): boolean => p.path !== path && !p.drained;
  const used = usedPaths(view, set);
  if (used.length > 0 && used.every((p) => stays(p) && !isFailing(p))) return true;
  return candidates(view, set).some((p) => stays(p) && p.verdict === 'healthy' && isPinned(p));
}

/** Nothing moves meanwhile, so whoever opened the machine would find its users on it. */
function whyStuck(view: View, path: string): Refusal | null {
  const carried = Object.values(view.assessment.sets).filter((set) => set.used.includes(path));
  if (carried.length === 0 || isDrained(view.desired, path, view.now)) return null;
  const carries = `path ${path} carries ${carried.map(({ routeSet }) => routeSet).join(', ')} and nothing would move it`;
  const held = whyHeld(view);
  return held && { because: `${carries}: ${held.because}`, mend: `${held.mend}, or ${forceText}` };
}

/** Rule 1 holds the connection. */
function whyHeld(view: View): Refusal | null {
  const paused = pauseNow(view);
  if (paused !== null) {
    return { because: `${view.connection.name} is paused ${orderText(paused, view.now)}`, mend: 'resume first' };
  }
  const [unread] = unreadOf(view);
  if (unread === undefined) return null;
  return { because: `what is stored cannot be read (${unread.field} is ${unread.seen})`, mend: unread.mend };
}
