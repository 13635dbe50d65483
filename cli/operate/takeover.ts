/**
 * `switchback takeover`: a standby begins to decide, because the region of whoever decided has failed. Whoever decided is
 * fenced first, at the role by which it acts where the standby is, with nothing asked of the failed region:
 *
 *     fence, read back | IAM gets about | the standby is freed | tokens raised | its starters on
 *     --------------------------------- nothing has begun yet -| ------------- it decides
 *
 * Law: nothing of the standby begins before the fence stands and the wait is over; what cannot be fenced is taken back and
 * refused. What is half done is finished by the same command. `--undo` is the same in reverse.
 *
 * It does not fence the other at its own end: its functions act there by rights of their own, in an account and a region
 * that may be silent. What follows from that is printed each time.
 */
import { raiseToken } from '../../adapters/dynamodb/first-token';
import { stateTable } from '../../adapters/dynamodb/state-table';
import type { Deployment } from '../../core/words/domain';
import type { StandsInFor } from '../../core/words/end';
import { endStackName, endsElsewhere } from '../../core/words/end-names';
import { brainRoles, fencedRole, heldActions, holdPolicy, standbyName } from '../../core/words/standby';
import { type Instant, instantText, minuteMs, secondMs, spanText } from '../../core/words/time';
import { callerName } from './caller';
import { type Confirming, confirm } from './confirm';
import { exitCodes, WronglyAsked } from './exit-codes';
import { isFenced, liftFence, lookAtFence, putFence, type RoleState, takeBack } from './fence';
import type { Outcome, Work } from './operate';
import type { Session } from './session';
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
import { stopAll, untilLanded } from './stop';

export interface TakeoverOptions extends Confirming {
  readonly from?: string;
  readonly dryRun?: true;
  readonly undo?: true;
}

/** AWS says seconds as a rule and names no bound. */
const settlingMs = minuteMs;

/** Whatever repair had begun before the fence has ended by then. */
const repairMsMax = ({ connections }: Deployment): number =>
  Math.max(...Object.values(connections).flatMap(({ policy }) => Object.values(policy.rungDeadlineMs)));

export const takeover =
  (options: TakeoverOptions): Work =>
  async (session) => {
    const standby = standbyIn(session);
    if (options.undo) return undo(session, standby, options);
    const { from, heldRole } = standby;
    if (options.from !== from.region)
      throw new WronglyAsked(
        `${session.whereabouts.name} stands in for ${from.name} of ${from.region}: say --from ${from.region}, so that it is meant`,
      );
    const { roles, clockOfAws } = session.takeover();
    const before = await lookAtFence(roles, from.role);
    const starters = await startersOf(session);
    const hold = await roles.policyOf(heldRole, holdPolicy);
    const plan = planned(session, standby, before, hold);
    if (options.dryRun) {
      const lines = [
        ...plan.map((text) => line('would', text)),
        ...uncertain(session, from).map((text) => line('unsure', text)),
      ];
      return {
        code: exitCodes.well,
        lines,
        json: { outcome: 'dry run', would: plan, unsure: uncertain(session, from) },
      };
    }
    await confirm(`${plan.join('; ')}. ${from.name} can then write nothing here until takeover --undo`, options);
    const fencedFrom = await clockOfAws();
    let deniedBefore: Instant;
    try {
      deniedBefore = await putFence(roles, from.role, before, fencedFrom);
    } catch (error) {
      return unfenced(session, standby, before, error);
    }
    await session.world.sleep(settlingMs);
    const failures: Failure[] = [];
    await noting(failures, `the state machine of ${session.whereabouts.name}`, () =>
      roles.setPolicy(heldRole, holdPolicy, null),
    );
    const raised = await raiseTokens(session, fencedFrom, failures);
    // Freed in part it would begin and fail; the same command again frees the rest and switches them on.
    if (failures.length === 0) await switchStarters(session, starters, true, failures);
    const done = [
      `${from.role}: keys given out before ${instantText(deniedBefore)} are good for nothing, and nobody is given others; read back, and ${settlingMs / secondMs} s waited`,
      ...(failures.length === 0
        ? [`${session.whereabouts.name} decides from now on; on: ${switched(starters, failures)}`]
        : []),
      ...raised,
    ];
    const again = failures.length === 0 ? [] : ['the fence stands; the same command again does what is left'];
    return {
      code: codeOf(failures),
      lines: [
        ...done.map((text) => line('done', text)),
        ...failures.map((failure) => line('FAILED', failureTextOf(failure))),
        ...again.map((text) => line('next', text)),
        ...uncertain(session, from).map((text) => line('unsure', text)),
        line('undo', `switchback takeover --undo --name ${session.whereabouts.name}`),
      ],
      json: {
        outcome: failures.length === 0 ? 'taken over' : 'failed',
        ...{ by: callerName(await session.callerArn()), from: from.name, done, unsure: uncertain(session, from) },
        ...failed(failures),
      },
    };
  };

interface Standby {
  readonly from: StandsInFor;
  /** Of its own state machine. */
  readonly heldRole: string;
}

function standbyIn({ deployment, whereabouts: { name, heldRole } }: Session): Standby {
  const from = deployment.standsInFor;
  if (from === undefined)
    throw new WronglyAsked(
      `${name} is nobody's standby: with standbyRegion in its switchback.yaml it has one, called ${standbyName(name)}, in that region: give --name and --region`,
    );
  if (heldRole === undefined) throw new WronglyAsked(`${name} does not say what holds it back: deploy it once more`);
  return { from, heldRole };
}

function planned(session: Session, { from }: Standby, before: RoleState, hold: string | null): string[] {
  const { deployment, whereabouts } = session;
  const role = fencedRole(from, deployment.account ?? whereabouts.account);
  return [
    `${role} is ${isFenced(before) ? 'fenced already, and is again' : 'fenced'}: its keys are denied, and it trusts nobody`,
    `${settlingMs / secondMs} s are waited: IAM gets about`,
    `${whereabouts.name} is ${hold === null ? 'free already' : 'freed'}, tokens are raised, and what starts it is switched on`,
  ];
}

/** What no command can make sure of, and what follows. */
function uncertain({ deployment, whereabouts }: Session, from: StandsInFor): string[] {
  const [other] = endsElsewhere(deployment);
  const place = other === undefined ? from.region : `${other.name} (${from.region}, account ${from.account})`;
  return [
    `at ${place} ${from.name} is not fenced: awake again it may write there what it decided before. As soon as that region answers: switchback stop --break-glass --name ${from.name}; in its account an explicit deny on ${brainRoles(from)} fences it now`,
    `IAM names no bound for how long a change takes: ${settlingMs / secondMs} s are experience, no promise`,
    `a repair that ${from.name} had begun here goes on by itself, for ${spanText(repairMsMax(deployment))} at most: aws ssm describe-automation-executions --region ${whereabouts.region}`,
    ...(other === undefined
      ? []
      : [
          `sense at ${other.name} stays off: what changes there is found by the sweep, within a minute; on by hand: stack ${endStackName(deployment, other)}`,
        ]),
  ];
}

/** Nothing may begin without the fence: what was put of it is taken back, and said. */
async function unfenced(session: Session, { from }: Standby, before: RoleState, error: unknown): Promise<Outcome> {
  const failures: Failure[] = [{ what: `the fence at ${from.role}`, error }];
  await noting(failures, `taking back what was put at ${from.role}`, () =>
    takeBack(session.takeover().roles, from.role, before),
  );
  const isBack = failures.length === 1;
  return {
    code: codeOf(failures),
    lines: [
      line(
        'refused',
        `${from.name} cannot be fenced here, and may wake with an old plan: nothing of ${session.whereabouts.name} was begun`,
      ),
      ...failures.map((failure) => line('FAILED', failureTextOf(failure))),
      line(
        'left',
        isBack
          ? 'everything is as it was'
          : `${from.role} may be fenced in part: give the same command again, or --undo`,
      ),
    ],
    json: { outcome: 'refused', ...failed(failures), left: isBack ? 'as it was' : 'fenced in part' },
  };
}

/** Far above what the other can have counted: seconds since 1970. */
async function raiseTokens(session: Session, now: Instant, failures: Failure[]): Promise<string[]> {
  const { world, whereabouts, deployment } = session;
  const { dynamodb } = session.takeover();
  const token = Math.floor(now / secondMs);
  const raised: string[] = [];
  await noting(failures, 'tokens', async () => {
    const connections = Object.keys(deployment.connections);
    await stateTable(dynamodb, whereabouts.stateTable, world).seed(connections, []);
    for (const connection of connections)
      if (await raiseToken(dynamodb, { table: whereabouts.stateTable, clock: world }, connection, token))
        raised.push(connection);
  });
  return raised.length === 0 ? [] : [`tokens of ${raised.join(', ')} begin at ${token}`];
}

/** The standby is stopped and held again before the other is let in. */
async function undo(session: Session, { from, heldRole }: Standby, options: TakeoverOptions): Promise<Outcome> {
  const { roles } = session.takeover();
  const { name } = session.whereabouts;
  const starters = await startersOf(session);
  await confirm(
    `${name} is switched off and stopped, ${settlingMs / secondMs} s are waited, and ${from.name} is let in here again`,
    options,
  );
  const failures: Failure[] = [];
  await switchStarters(session, starters, false, failures);
  await untilLanded(session);
  const stopped = await stopAll(session, `${from.name} takes over again`, failures);
  await noting(failures, `holding ${name}`, () => roles.setPolicy(heldRole, holdPolicy, heldDocument));
  if (failures.length === 0) {
    await session.world.sleep(settlingMs);
    await noting(failures, `the fence at ${from.role}`, () => liftFence(roles, from.role));
  }
  const isDone = failures.length === 0;
  const lines = [
    line('off', switched(starters, failures)),
    ...stopped.map((run) => line('stopped', run)),
    ...failures.map((failure) => line('FAILED', failureTextOf(failure))),
    isDone
      ? line('done', `${from.name} may write here again, within a minute; ${name} is held`)
      : line('left', `${from.name} is still fenced here; the same command again does what is left`),
  ];
  return {
    code: codeOf(failures),
    lines,
    json: { outcome: isDone ? 'undone' : 'failed', stopped, ...failed(failures) },
  };
}

/** As the stack has it (infra/standing-by.ts). */
const heldDocument = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Deny', Action: heldActions, Resource: '*' }],
});

const failureTextOf = (failure: Failure): string =>
  failureText(failure).replace('attach BreakGlassPolicy', 'attach TakeoverPolicy and BreakGlassPolicy');
