/**
 * The laws, as checks. They stay on in production where they are cheap: a violated law is a bug of ours, so the run
 * ends, routes stay as they are, and people are paged. The simulator checks them at every instant.
 *
 * Each law has a name; a comment elsewhere that leans on one names it.
 */

import { mayTouch } from '../assess/assessment';
import { sideAt } from '../assess/both-ends';
import { rungSpecs } from '../gateways/kinds';
import type { Decision, MoveDecision, RepairDecision } from '../words/decision';
import { own } from '../words/shape';
import { isAdvertisedBeside } from './speaker-wants';
import { isElsewhere, isHomeAndHealthy, pathFor, usedPaths, type View } from './view';

/**
 * Every law by its name. Those of one decision are checked below, in production too; the rest are about what is written
 * when, and the swarm's witnesses (sim/swarm/laws/) watch them from outside.
 */
export const laws = {
  oneHolder: 'one holder per connection and per gateway',
  signals: 'a signal once counted is never uncounted',
  proven: 'never divert onto a path not proven healthy while the current one works',
  allowList: 'never write a route outside the allow-list',
  foreignRoutes: 'never overwrite a route somebody else changed',
  leaseLost: 'no write after the lease is known lost',
  failOpen: 'write without a lease only while the lock table does not answer',
  besideTraffic: 'no repair of a gateway under working traffic, but of one dead tunnel beside it',
  homeAndHealthy: 'a route set that is home and healthy is not written to',
  lastAdvertised: 'the last path that is advertised is never drained',
  obeyed: 'a path that its users have left is drained within the bound, or people are told why not',
  workingPath: 'the last working path is never taken down',
  oneTunnel: 'never two tunnels of one VPN connection are replaced at once',
  lastTunnel: 'no tunnel that carries answered traffic is replaced outside a rehearsal',
  drained: 'no repair of a drained path',
  dark: 'users never stay dark beside a path proven healthy',
  observe: 'in observe nothing is written',
  journalled: 'every write is journalled before and after',
  budgets: 'flap and repair budgets are never exceeded',
  told: 'people are told of every divert, escalation and failback exactly once',
  heard: 'users who are dark or on a severe path are told of within the bound',
  finished: 'a run that says all is well is right about the users',
  quiet: 'what a user switched off in a quiet window stays off till it ends',
  word: 'with failback: manual nothing goes home without a word',
  together: 'a command for a gateway drains every path over it, or none',
  history: 'no run comes near the events that one execution may have',
  split: 'two ends on different paths are brought together, or somebody is told',
  oneMove: 'a move is told and counted once, however often it is tried',
  secrets: 'a pre-shared key is written down nowhere',
  named: 'functions fail by named errors only, and nothing they do is denied',
  home: 'once faults stop, every connection comes home and every lease is free',
} as const;

/** A bug in Switchback: never retried, never caught to go on. */
export class InvariantViolated extends Error {
  override readonly name = 'InvariantViolated';
}

function invariant(condition: boolean, law: string): asserts condition {
  if (!condition) throw new InvariantViolated(law);
}

/** Every law a decision can break, checked against what it was decided on. */
export function checkDecision(view: View, decision: Decision): void {
  switch (decision.kind) {
    case 'divert':
    case 'undo':
    case 'failback':
      neverWritesToHealthyHome(view, decision);
      neverDivertsBlind(view, decision);
      neverTouchesForeignRoutes(view, decision);
      if (decision.order !== undefined) checkRepair(view, decision.order);
      return;
    case 'repair':
      checkRepair(view, decision);
      return;
    default:
      return;
  }
}

function checkRepair(view: View, decision: RepairDecision): void {
  const found = own(view.assessment.paths, decision.path);
  const path = found && sideAt(found, decision.gateway);
  const isForDrained = decision.purpose === 'maintenance' || decision.purpose === 'order';
  invariant(path !== undefined && (!path.drained || isForDrained), laws.drained);
  invariant(decision.rung !== 'drain' || isAdvertisedBeside(view, decision.path), laws.lastAdvertised);
  // What is planned on a tunnel leaves the other one to carry: see lastTunnel.
  invariant(decision.purpose !== 'repair' || mayTouch(path, decision.beside), laws.besideTraffic);
  invariant(!decision.beside || rungSpecs[decision.rung].besideTraffic, laws.besideTraffic);
}

/** A move goes to a path proven healthy; as a last resort or an undo, only off a path that serves nobody or back. */
function neverDivertsBlind(view: View, decision: MoveDecision): void {
  for (const move of decision.moves) {
    const set = own(view.assessment.sets, move.routeSet);
    const to = set && own(view.assessment.paths, move.to) && pathFor(view, set, move.to);
    invariant(to !== undefined, 'a move goes to a configured path');
    if (decision.lastResort) {
      invariant(
        set !== undefined && usedPaths(view, set).every((path) => path.verdict === 'down'),
        'a last resort leaves only paths that are down',
      );
      invariant(to.drained ? view.desired.drains[move.to]?.kind === 'soft' : true, 'a hard drain is never used');
    } else {
      invariant(to.provenWorking && (decision.kind === 'undo' || to.provenHealthy), laws.proven);
      invariant(decision.kind === 'undo' || !to.drained, 'a move never goes to a drained path');
    }
  }
}

/** Routes that are where they belong and serve are left, whatever else is known; and to a path they are on, none move. */
function neverWritesToHealthyHome(view: View, { kind, moves }: MoveDecision): void {
  for (const { routeSet, to } of moves) {
    const set = own(view.assessment.sets, routeSet);
    const path = own(view.assessment.paths, to);
    invariant(set !== undefined && !isHomeAndHealthy(view, set), laws.homeAndHealthy);
    const isWhole = set.used.length === 1;
    const isGivenBack = kind === 'failback' && set.cover === 'spare';
    invariant(!isWhole || path === undefined || isElsewhere(set, path) || isGivenBack, laws.homeAndHealthy);
  }
}

function neverTouchesForeignRoutes(view: View, decision: MoveDecision): void {
  for (const { routeSet } of decision.moves) {
    invariant(view.assessment.sets[routeSet]?.foreign.length === 0, laws.foreignRoutes);
  }
}
