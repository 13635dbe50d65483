/**
 * `switchback unlock`: a lease whose holder is gone is taken over now, instead of when it runs out. By the protocol alone:
 * a run is started, and takes it as any run does, on condition that holder and token are still those that were seen. This
 * command writes nothing, and asks beforehand what that run will ask, so that its author hears what there is to wait for.
 */
import { stateTable } from '../../adapters/dynamodb/state-table';
import { executionName, executions } from '../../adapters/stepfunctions/executions';
import { type ConnectionLease, isFreshlyHeld, isHeld } from '../../core/store/lease';
import { harmless } from '../../core/words/malformed';
import { limits } from '../../core/words/policy';
import { type Instant, instantText, spanText } from '../../core/words/time';
import { wrapped } from '../terminal';
import { type Confirming, confirm } from './confirm';
import { exitCodes, Unanswered } from './exit-codes';
import { type Outcome, oneOfNames, type Work } from './operate';
import type { Session } from './session';

const lookEveryMs = 500;

/** Why it is not to be taken, and what to wait for. */
interface Refusal {
  readonly because: string;
  readonly mend: string;
}

export const unlock =
  (name: string, options: Confirming): Work =>
  async (session) => {
    const { world, whereabouts, deployment } = session;
    oneOfNames(name, Object.keys(deployment.connections), 'connection');
    const table = stateTable(world.aws.dynamodb, whereabouts.stateTable, world);
    const lease = await table.readConnection(name);
    if (lease === null || lease.holder === null)
      return said(exitCodes.well, `nobody holds ${name}: there is nothing to unlock`, { outcome: 'free' });
    const refusal = await whyNot(session, lease, lease.holder);
    if (refusal !== null) return refused(refusal);
    const { holder, token } = lease;
    const what = `the lease of ${name} is taken from ${nameOf(holder)}, which has ended; token ${token} becomes ${token + 1}, and the run that takes it goes on by its own rules`;
    await confirm(what, options);
    const runs = executions(world.aws.sfn, whereabouts.machine, world);
    const run = executionName('unlock', name, world.now());
    await runs.start(run, { connection: name, source: 'person' });
    const endsAt = world.now() + options.timeout;
    while (world.now() < endsAt) {
      const now = await table.readConnection(name);
      if (now !== null && now.token > token) {
        const by = now.holder === null ? `${run}, which has let go of it again` : nameOf(now.holder);
        const json = { outcome: 'unlocked', connection: name, from: holder, token: now.token, by: run };
        return said(
          exitCodes.well,
          `unlocked  ${name}: taken from ${nameOf(holder)} by ${by}; token ${now.token}`,
          json,
        );
      }
      await world.sleep(lookEveryMs);
    }
    throw new Unanswered(
      `${run} has not taken the lease of ${name} within ${spanText(options.timeout)}: explain ${run}`,
    );
  };

/** The questions of states AskHolder and TakeOver, in their order; null: it may be taken. */
async function whyNot(
  { world, whereabouts }: Session,
  lease: ConnectionLease,
  holder: string,
): Promise<Refusal | null> {
  const now = world.now();
  const state = await executions(world.aws.sfn, whereabouts.machine, world).stateOf(holder);
  if (state === 'running' && isHeld(lease, now))
    return {
      because: `${nameOf(holder)} holds it and runs (token ${lease.token}, renewed until ${instantText(lease.leaseUntil)})`,
      mend: `wait: it lets go when nothing is due soon; explain ${nameOf(holder)} tells what it does, pause keeps it from beginning anything, stop --break-glass ends it`,
    };
  if (state === 'absent' && isFreshlyHeld(lease, now))
    return {
      because: `${nameOf(holder)} renewed it a moment ago, and Step Functions may not show that run yet`,
      mend: `ask again in ${spanText(limits.absentAfterMs)}`,
    };
  const landedAt = landedBy(lease);
  if (landedAt > now)
    return {
      because: `${nameOf(holder)} has ended, and a route write of its may still be under way`,
      mend: `ask again after ${instantText(landedAt)}`,
    };
  return null;
}

/** As TakeOver has it: the grace of the lease covers two clocks. */
const landedBy = ({ writeUntil }: ConnectionLease): Instant =>
  writeUntil === 0 ? 0 : writeUntil + limits.leaseGraceMs;

/** What people call an execution by: the last part of its ARN. */
export const nameOf = (execution: string): string => execution.split(':').at(-1)!;

const said = (code: Outcome['code'], line: string, json: object): Outcome => ({
  code,
  lines: [wrapped(harmless(line), 10).trimStart()],
  json,
});

const refused = ({ because, mend }: Refusal): Outcome => ({
  code: exitCodes.refused,
  lines: [`refused   ${wrapped(harmless(because), 10)}`, `mend      ${wrapped(harmless(mend), 10)}`],
  json: { outcome: 'refused', because, mend },
});
