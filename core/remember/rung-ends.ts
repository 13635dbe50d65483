/**
 * What a look shows of the repairs: whether one has begun, and how it ended.
 *
 *     journalled -- started -- claimed its gateway ........ ended: success, failed, ...
 *        spent from the budget |  told from here on
 *        `- never claims it: refused or given up; nothing was done, nothing is told, and the budget has it back
 */

import { isStillWanted } from '../assess/assessment';
import { sideAt } from '../assess/both-ends';
import { rungSpecs } from '../gateways/kinds';
import { withRecord } from '../gateways/name-record';
import { deniedCall, outcomeOf } from '../gateways/rung-outcome';
import type { Announcement, Memory, RungRun } from '../store/memory';
import { limits } from '../words/policy';
import { own } from '../words/shape';
import type { Instant } from '../words/time';
import type { ToldKey } from '../words/told-kinds';
import type { Seen } from './seen';

export interface SeenRungs {
  readonly rungs: RungRun[];
  readonly told: Announcement[];
  readonly budgets: Memory['budgets'];
  readonly replacedAt: Memory['replacedAt'];
}

type Spent = Pick<Memory, 'budgets' | 'replacedAt'>;

export function seeRungs({ rungs: before, budgets, replacedAt }: Memory, look: Seen): SeenRungs {
  const ended = before.map((rung) => endOf(rung, look));
  // A rung that was seen to begin, and told, keeps its entry in the budget, even if its automation cannot be found any
  // more.
  const refused = ended.filter(
    ({ result }, i) =>
      before[i]!.result === 'running' &&
      before[i]!.untold === true &&
      (result === 'refused' || result === 'denied') &&
      look.hasNotBegun,
  );
  const tellable = new Set(ended.filter((rung) => rung.untold === true && hasBegun(rung, look)));
  return {
    rungs: ended.map((rung) => (tellable.has(rung) ? withoutUntold(rung) : rung)),
    told: [
      ...[...tellable].map(({ clientToken, because, rung }) => ({
        key: rungSpecs[rung].isOrder ? (`repair/${clientToken}/${rung}` as const) : (`repair/${clientToken}` as const),
        text: `${rungSpecs[rung].isOrder ? rung : 'repair'}: ${because}`,
      })),
      ...ended.filter((rung, i) => before[i]!.endedAt === null && rung.result === 'success').flatMap(doneText),
    ],
    budgets: {
      ...budgets,
      repairs: without(budgets.repairs, refused),
      replaces: without(
        budgets.replaces,
        refused.filter(({ rung }) => rungSpecs[rung].replaces),
      ),
    },
    replacedAt: Object.fromEntries(
      Object.entries(replacedAt).map(([tunnel, spent]) => [
        tunnel,
        without(
          spent,
          refused.filter((run) => run.tunnel === tunnel),
        ),
      ]),
    ),
  };
}

/** Of several tunnels only the document knows which were dead. */
function doneText({ rung, gateway, clientToken, said, record }: RungRun): Announcement[] {
  if (said === undefined || rungSpecs[rung].isOrder || record === 'wrong') return [];
  return [{ key: doneKey(clientToken), text: `done: ${rung} on ${gateway}: ${said}` }];
}

/** What a repair that ended well said of itself. */
export const doneKey = (clientToken: string) => `repair/${clientToken}/done` as const satisfies ToldKey;

/** What is spent, with the rung's entries in it. */
export function spentBy(run: Pick<RungRun, 'rung' | 'startedAt' | 'tunnel'>, { budgets, replacedAt }: Spent): Spent {
  const { rung, startedAt, tunnel } = run;
  if (rungSpecs[rung].isOrder) return { budgets, replacedAt };
  const withIt = (spent: readonly Instant[]): Instant[] => [...new Set([...spent, startedAt])].sort((a, b) => a - b);
  return {
    budgets: {
      ...budgets,
      repairs: withIt(budgets.repairs),
      replaces: rungSpecs[rung].replaces ? withIt(budgets.replaces) : budgets.replaces,
    },
    replacedAt: tunnel === undefined ? replacedAt : { ...replacedAt, [tunnel]: withIt(replacedAt[tunnel] ?? []) },
  };
}

function withoutUntold({ untold: _, ...rung }: RungRun): RungRun {
  return rung;
}

/** A rung that has ended since the last look began before that: it counts as begun. */
const hasBegun = ({ result }: RungRun, look: Seen): boolean =>
  result === 'running' ? look.hasBegun : result !== 'refused' && result !== 'denied';

const without = (spent: readonly Instant[], refused: readonly RungRun[]): Instant[] =>
  spent.filter((at) => !refused.some(({ startedAt }) => startedAt === at));

function endOf(rung: RungRun, look: Seen): RungRun {
  const { automation, now } = look;
  if (rung.endedAt !== null) return rung;
  if (automation !== null && automation.status !== 'running') {
    return {
      ...rung,
      endedAt: automation.endedAt ?? now,
      ...withRecord(rung, automation, outcomeOf(rung.rung, automation)),
    };
  }
  if (isGivenUp(rung, look)) return { ...rung, endedAt: now, result: 'refused' };
  const denied = look.mayHaveBegun ? null : deniedCall(look.startFault);
  if (denied !== null) return { ...rung, endedAt: now, result: 'denied', said: denied };
  if (now <= rung.deadlineAt + limits.lostAutomationMs) return rung;
  return { ...rung, endedAt: now, result: look.mayHaveBegun ? 'failed' : 'refused' };
}

/**
 * The rung is given up before it touched anything. Should its automation start late, it finds another token on the
 * gateway's lease, and its claim is refused.
 */
function isGivenUp(rung: RungRun, { assessment, mayHaveBegun }: Seen): boolean {
  const path = own(assessment.paths, rung.path);
  return !mayHaveBegun && (path === undefined || !isStillWanted(sideAt(path, rung.gateway), rung));
}
