/**
 * `switchback stop --break-glass`: everything that starts runs of this deployment is switched off, then what runs is
 * stopped; `stop --undo` switches it on again. In this order, or what is stopped would be started anew.
 *
 *     starters off | writes of routes under way get their time to land | runs stopped, until none is left | what is left
 *
 * Stopping a run stops no function: a batch of routes that `apply` is writing is finished and journalled. What a run
 * had begun and not finished is printed, because until the undo nobody else will say it.
 */
import { type ExecutionListItem, ListExecutionsCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { attempt } from '../../adapters/attempt';
import type { ConnectionLease } from '../../core/store/lease';
import { openRung } from '../../core/store/memory';
import { moveText } from '../../core/words/decision';
import type { ConnectionName, Deployment } from '../../core/words/domain';
import type { End } from '../../core/words/end';
import { endStackName, endsElsewhere } from '../../core/words/end-names';
import { type Instant, instantText, secondMs } from '../../core/words/time';
import { callerName } from './caller';
import { type Confirming, confirm } from './confirm';
import { WronglyAsked } from './exit-codes';
import type { Work } from './operate';
import type { Session } from './session';
import { leasesOf } from './standing-orders';
import {
  codeOf,
  type Failure,
  failed,
  failureText,
  line,
  noting,
  startersOf,
  switched,
  switchStarters,
} from './starters';
import { nameOf } from './unlock';

export interface StopOptions extends Confirming {
  readonly breakGlass?: true;
  readonly undo?: true;
  readonly reason?: string;
}

/** Step Functions keeps a cause of 32,768 characters; a reason is a sentence. */
const causeLengthMax = 1_000;
/** A run that was being started when its starter was switched off shows within seconds. */
const rounds = { max: 5, pauseMs: 3 * secondMs } as const;
/** No function of ours writes routes for longer (infra/functions.ts). */
const landingMsMax = 20 * secondMs;

export const stop =
  (options: StopOptions): Work =>
  async (session) => {
    if (options.undo) return undo(session);
    if (!options.breakGlass)
      throw new WronglyAsked(
        'stop ends what runs and keeps everything from starting: add --break-glass, or pause --all',
      );
    const { name } = session.whereabouts;
    const starters = await startersOf(session);
    const running = await runsOf(session);
    const drills = starters.schedules.length === 0 ? '' : `, the schedules of ${starters.schedules.length} connections`;
    await confirm(
      `${starters.rules.length} rules${drills} and the stream of reports are switched off and ${count(running.length, 'run')} stopped: until stop --undo nothing of ${name} moves, repairs or tells${awayText(session)}; canaries and alarms go on`,
      options,
    );
    const failures: Failure[] = [];
    await switchStarters(session, starters, false, failures);
    await untilLanded(session);
    const stopped = await stopAll(session, options.reason ?? 'no reason given', failures);
    const left = inFlight(await leasesOf(session));
    const lines = [
      line('off', switched(starters, failures)),
      ...(stopped.length === 0 ? [line('stopped', 'nothing ran')] : stopped.map((run) => line('stopped', run))),
      ...(left.length === 0 ? [line('left', 'nothing was in flight')] : left.map((text) => line('left', text))),
      ...endsElsewhere(session.deployment).map((end) => line('left', stillStarting(session.deployment, end))),
      ...failures.map((failure) => line('FAILED', failureText(failure))),
      line('undo', `switchback stop --undo${name === 'switchback' ? '' : ` --name ${name}`}`),
    ];
    return {
      code: codeOf(failures),
      lines,
      json: {
        outcome: failures.length === 0 ? 'stopped' : 'failed',
        off: starters,
        stopped,
        left,
        ...failed(failures),
      },
    };
  };

/** Rules and streams of other regions and accounts are out of reach of whoever may break the glass here. */
const awayText = ({ deployment }: Session): string =>
  endsElsewhere(deployment)
    .map(({ name }) => `, unless sense at ${name} starts a run`)
    .join('');

const stillStarting = (deployment: Deployment, end: End): string =>
  `sense at ${end.name} still starts runs: switch its function, rules and stream off in ${end.region}${end.account === undefined ? '' : `, account ${end.account}`}, stack ${endStackName(deployment, end)}`;

async function undo(session: Session) {
  const starters = await startersOf(session);
  const failures: Failure[] = [];
  await switchStarters(session, starters, true, failures);
  const lines = [
    line('on', switched(starters, failures)),
    ...failures.map((failure) => line('FAILED', failureText(failure))),
    line('next', 'the sweep looks at every connection within a minute, and takes over what was left'),
  ];
  const json = { outcome: failures.length === 0 ? 'started' : 'failed', on: starters, ...failed(failures) };
  return { code: codeOf(failures), lines, json };
}

/** Writes of routes that are under way get their time. */
export async function untilLanded(session: Session): Promise<void> {
  const { world } = session;
  const endsAt = world.now() + landingMsMax;
  const isWriting = async (): Promise<boolean> =>
    (await leasesOf(session)).some(([, lease]) => lease !== null && lease.writeUntil > world.now());
  while (world.now() < endsAt && (await isWriting())) await world.sleep(secondMs);
}

/** All that runs, until none is left; what was stopped. */
export async function stopAll(session: Session, reason: string, failures: Failure[]): Promise<string[]> {
  const { world } = session;
  const { sfn } = session.breakGlass();
  const cause = `${callerName(await session.callerArn())}: ${reason}`.slice(0, causeLengthMax);
  const stopped: string[] = [];
  for (let round = 0; round < rounds.max; round++) {
    const running = (await runsOf(session)).filter(({ name }) => !stopped.includes(name!));
    if (running.length === 0 && round > 0) break;
    for (const { executionArn, name = '' } of running)
      await noting(failures, name, async () => {
        const command = new StopExecutionCommand({ executionArn, error: 'GlassBroken', cause });
        await attempt(world, { operation: 'StopExecution', on: name }, () => sfn.send(command));
        stopped.push(name);
      });
    await world.sleep(rounds.pauseMs);
  }
  return stopped;
}

async function runsOf({ world, whereabouts }: Session): Promise<ExecutionListItem[]> {
  const list = new ListExecutionsCommand({ stateMachineArn: whereabouts.machine, statusFilter: 'RUNNING' });
  const tried = { operation: 'ListExecutions', on: whereabouts.machine };
  const { executions = [] } = await attempt(world, tried, () => world.aws.sfn.send(list));
  return executions;
}

/** What was begun and is not over, each in a sentence. */
function inFlight(leases: readonly (readonly [ConnectionName, ConnectionLease | null])[]): string[] {
  return leases.flatMap(([name, lease]) => {
    if (lease === null) return [];
    const { holder, token, memory, automation } = lease;
    const rung = openRung(memory);
    const moves = Object.entries(memory.moves).filter(([, { state }]) => state !== 'whole');
    return [
      ...(holder === null
        ? []
        : [`${name}: the lease is left with ${nameOf(holder)}, token ${token}: the next run takes it`]),
      ...moves.map(
        ([routeSet, move]) => `${name}: ${moveText({ routeSet, ...move })} is made in part: look at its routes`,
      ),
      ...(rung === null
        ? []
        : [
            `${name}: ${rung.rung} of ${rung.gateway} goes on by itself until ${by(rung.deadlineAt)} (automation ${automation?.id ?? 'not known'})`,
          ]),
    ];
  });
}

const by = (at: Instant): string => instantText(at);

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? ' is' : 's are'}`;
