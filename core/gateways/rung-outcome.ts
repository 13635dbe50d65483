/**
 * What a rung that has ended shows. The restart of a tunnel says in its own words what it found on the gateway, in one
 * line of its output (runbooks/tunnel.yaml); that it ended says little: a command that was never delivered has looked
 * at no daemon, and one that knows the daemon of another maker has looked at none either.
 */

import type { RungResult, RungRun } from '../store/memory';
import type { AutomationFacts } from '../words/evidence';
import { isOrderRung, type Rung } from '../words/rungs';

/** `switchback: <what>: <why>`; it stands in the output, or in the failure message that quotes the output. */
const spoken = /switchback: (alive|dead|unseen|left)(?:: ([^\n\\\]"]*))?/;
const results: Readonly<Record<string, RungResult>> = {
  alive: 'success',
  dead: 'failed',
  unseen: 'unseen',
  left: 'left',
};
/** It comes from a machine that others administer, and goes into mails. */
const saidLengthMax = 160;

export function outcomeOf(rung: Rung, { status, outputs, failure }: AutomationFacts): Pick<RungRun, 'result' | 'said'> {
  const call = status === 'failed' || status === 'refused' ? deniedCall(failure) : null;
  if (call !== null) return { result: 'denied', said: call };
  if (rung === 'replace-tunnel' && status === 'failed') return declined(failure) ?? { result: status };
  if (isOrderRung(rung) && status === 'failed') return failedOrder(outputs, failure);
  if (rung !== 'restart-tunnel' || status === 'running' || status === 'refused') return { result: status };
  const [, what = '', why = ''] = spoken.exec(`${outputs['Output'] ?? ''}\n${failure}`) ?? [];
  const said = shortly(why);
  const result = results[what] ?? (status === 'success' ? 'unseen' : 'undelivered');
  return said === '' ? { result } : { result, said };
}

/** The document says why in the same form. Where nothing is said, it did not reach the machine, or was cut off. */
function failedOrder(outputs: AutomationFacts['outputs'], failure: string): Pick<RungRun, 'result' | 'said'> {
  const [, why = ''] = orderRefused.exec(`${outputs['Output'] ?? ''}\n${failure}`) ?? [];
  const said = shortly(why);
  return { result: 'failed', said: said === '' ? 'no command got through, or it was not done in time' : said };
}

const orderRefused = /switchback: (?:dead|unseen|refused): ([^\n\\\]"]*)/;

const shortly = (text: string): string =>
  text
    .replace(/[^\x20-\x7e]/g, ' ')
    .trim()
    .slice(0, saidLengthMax);

/** By AWS in the one call that does anything, or by a look before it. Null: it had begun. */
function declined(failure: string): Pick<RungRun, 'result' | 'said'> | null {
  const [, code, why = ''] = /\((\w+)\) when calling the ReplaceVpnTunnel operation[^:]*: ([^\n]*)/.exec(failure) ?? [];
  if (code !== undefined) return { result: 'declined', said: shortly(`AWS says ${code}: ${why}`) };
  if (/not in the desired values/.test(failure))
    return { result: 'declined', said: 'just before it began, the other tunnel was not there to take over' };
  return null;
}

const denial = /AccessDenied|UnauthorizedOperation|not authorized to perform/;
const deniedAction = /not authorized to perform: ([a-z0-9-]+:[A-Za-z]+)/;
const deniedOperation = /when calling the ([A-Za-z]+) operation/;

/** The call that IAM, or a policy above it, forbids, by the words of a fault; null: it speaks of something else. */
export function deniedCall(fault: string): string | null {
  if (!denial.test(fault)) return null;
  return (deniedAction.exec(fault) ?? deniedOperation.exec(fault))?.[1] ?? 'one of its calls';
}
