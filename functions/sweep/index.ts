/**
 * The sweep: once a minute it asks of each connection whether a run is due, and starts one. Events make Switchback
 * fast; this makes it certain, since most AWS events are best effort and alarms fire only on transitions.
 *
 *     held by a run that runs  -> nothing: somebody cares
 *     held by one that ended, or expired + grace
 *                              -> start: the holder crashed, its signals are unassessed
 *     free                     -> take a turn without acting on it; start when it would act, hold or speak
 *
 * Read only, but for what a deployment brings (items that do not exist yet, which configuration there is, and which ids
 * are declared of each gateway),
 * for replacements that no run could journal (identities.ts) and for the routes last seen, which it keeps each minute. What it has seen anyway it says aloud: how each connection
 * stands (one log line each, the dashboard's table) and the metrics of
 * `standing-metrics.ts`.
 */
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { sights } from '../../adapters/dynamodb/sights';
import { stateTable } from '../../adapters/dynamodb/state-table';
import { AwsUnavailable, isFault, isTransient } from '../../adapters/errors';
import { type Executions, executionName, executions } from '../../adapters/stepfunctions/executions';
import { type Standing, standingOf } from '../../core/remember/standing';
import { type ConnectionLease, isFreshlyHeld, isHeld, leaseFrom } from '../../core/store/lease';
import type { Memory } from '../../core/store/memory';
import { memoryFrom } from '../../core/store/stored';
import type { TurnResult } from '../../core/turn/answers';
import { announcedIn } from '../../core/turn/letter';
import { takeTurn, turnFrom } from '../../core/turn/turn';
import { configuredAs } from '../../core/words/configured';
import type { ConnectionName, Deployment } from '../../core/words/domain';
import { gatewaysOf } from '../../core/words/ends';
import type { Evidence } from '../../core/words/evidence';
import { instancesOf } from '../../core/words/gateways';
import { limits } from '../../core/words/policy';
import { minuteMs } from '../../core/words/time';
import { gather, type Question } from '../assess/gather';
import { type FoundRoutes, readRoutes } from '../assess/questions';
import { logLine } from '../log';
import { onRealWorld } from '../real-world';
import { scopeOf } from '../scope';
import { readStandIns } from '../stand-ins';
import type { World } from '../world';
import { settleIdentities } from './identities';
import { publishGateways, publishStanding } from './standing-metrics';

export interface SweepAnswer {
  readonly started: readonly ConnectionName[];
  readonly failed: readonly ConnectionName[];
}

interface Verdict {
  readonly due: boolean;
  readonly because: string;
  readonly memory: Memory;
  /** Empty where the world was not looked at. */
  readonly instances: Evidence['instances'];
}

/** Each asks EC2 four questions; many more at once would use up the account's bucket for them. */
const connectionsAtOnce = 8;

export function createHandler(world: World, deployment: Deployment): () => Promise<SweepAnswer> {
  const state = stateTable(world.aws.dynamodb, world.env['STATE_TABLE']!, world);
  const seen = sights(world.aws.dynamodb, world.env['STATE_TABLE']!, world);
  const runs = executions(world.aws.sfn, world.env['STATE_MACHINE_ARN']!, world);
  // A deployment brings a new sandbox, so what it added is seeded once, at the first sweep.
  let seeded = false;
  const undeclared = new Set(Object.values(instancesOf(deployment)));

  const seed = async (names: readonly ConnectionName[]): Promise<void> => {
    const gateways = [...new Set(names.flatMap((name) => gatewaysOf(deployment.connections[name]!)))];
    await state.seed(
      names,
      gateways.map((name) => deployment.gateways[name]!),
    );
  };

  /**
   * A gateway whose declaration is refused is tried again each minute; meanwhile runs find it missing, and tell people.
   */
  const declare = async (): Promise<void> => {
    for (const gateway of undeclared) {
      try {
        await state.declare([gateway]);
        undeclared.delete(gateway);
      } catch (error) {
        if (!isFault(error)) throw error;
        const { message: because } = error;
        logLine(world, { level: 'error', what: 'sweep: not declared', because, gateway: gateway.name });
      }
    }
  };

  /** Read where nothing hangs on it: who does not answer is asked again in a minute. */
  const readWritten = (): Promise<Evidence['standIns']> =>
    readStandIns(world, deployment, Object.keys(deployment.gateways), (because) =>
      logLine(world, { level: 'warn', what: 'sweep: identities not read', because }),
    );

  /** Written whoever holds the connection: while EC2 is slow or throttled, a rescue goes by the routes seen here. */
  const lookAtRoutes = (name: ConnectionName): Promise<FoundRoutes> => {
    const found = readRoutes(world, deployment, scopeOf(deployment, name), limits.sweepPatienceMs);
    found.catch(() => {}); // Whoever waits for it is told.
    return found;
  };

  const keepSight = async (name: ConnectionName, routes: Promise<FoundRoutes>): Promise<void> => {
    try {
      const { seenAt, own, pins, unreadEnds } = await routes;
      if (own.length > 0 && unreadEnds.length === 0)
        await seen.write(deployment.connections[name]!, { seenAt, routes: own, pins });
    } catch (error) {
      if (!isFault(error)) throw error;
      const { message: because } = error;
      logLine(world, { level: 'warn', what: 'sweep: routes not seen', because, connection: name });
    }
  };

  /** A run of before finds that it speaks for a configuration that is no longer deployed, and hands over. */
  const stamp = async (name: ConnectionName, lease: ConnectionLease): Promise<void> => {
    const configured = configuredAs(deployment, name);
    if (lease.stamp?.configured === configured) return;
    try {
      await state.stamp(name, configured);
    } catch (error) {
      if (!isFault(error)) throw error;
      const { message: because } = error;
      logLine(world, { level: 'error', what: 'sweep: not stamped', because, connection: name });
    }
  };

  const sweepOne = async (
    name: ConnectionName,
    written: Evidence['standIns'],
  ): Promise<{ isDue: boolean; standing: Standing }> => {
    let lease = await state.readConnection(name);
    if (lease === null)
      await seed([name]); // The table was emptied under a warm sandbox.
    else await stamp(name, lease);
    lease ??= leaseFrom({});
    const routes = lookAtRoutes(name);
    const settle = (evidence: Evidence): Promise<Evidence> =>
      settleIdentities({ world, deployment, state, written }, deployment.connections[name]!, evidence);
    const question = { connection: name, lease, routes };
    const { due, because, memory, instances } = await judge(world, deployment, runs, question, settle);
    const standing = standingOf(deployment.connections[name]!, { ...lease, memory }, world.now());
    const what = due ? 'sweep: due' : 'sweep: quiet';
    logLine(world, { level: 'info', what, because, connection: name, ...standing });
    publishGateways(world, deployment, instances);
    await keepSight(name, routes);
    if (due) {
      const minute = Math.floor(world.now() / minuteMs);
      await runs.start(executionName('sweep', name, minute), { connection: name, source: 'sweep' });
    }
    return { isDue: due, standing };
  };

  return async () => {
    const names = Object.keys(deployment.connections);
    let mistake: unknown = null;
    const note = (error: unknown): void => {
      mistake ??= error;
    };
    // Gateways whose items are there already can be looked at although seeding failed.
    if (!seeded)
      await seed(names).then(() => {
        seeded = true;
      }, note);
    await declare();
    const written = await readWritten();
    const standings: Standing[] = [];
    const started: ConnectionName[] = [];
    const failed: ConnectionName[] = [];
    const sweep = async (name: ConnectionName): Promise<void> => {
      try {
        const { isDue, standing } = await sweepOne(name, written);
        if (isDue) started.push(name);
        standings.push(standing);
      } catch (error) {
        // Our own mistake is thrown in the end; until then the other connections get their look.
        if (!isTransient(error)) mistake ??= error;
        failed.push(name);
        logLine(world, { level: 'error', what: 'sweep: failed', because: (error as Error).message, connection: name });
      }
    };
    for (let i = 0; i < names.length; i += connectionsAtOnce) {
      await Promise.all(names.slice(i, i + connectionsAtOnce).map(sweep));
    }
    if (standings.length > 0) publishStanding(world, deployment, standings);
    if (mistake !== null) throw mistake;
    // No connection could be looked at: the function fails, and the alarm on Lambda's error metric is the last resort.
    if (failed.length > 0 && failed.length === names.length)
      throw new AwsUnavailable(`sweep of ${failed.join(', ')}: nothing could be read`);
    return { started, failed };
  };
}

async function judge(
  world: World,
  deployment: Deployment,
  runs: Executions,
  question: Question & { readonly lease: ConnectionLease },
  settle: (evidence: Evidence) => Promise<Evidence>,
): Promise<Verdict> {
  const { connection, lease } = question;
  const unlooked = { memory: lease.memory, instances: {} };
  if (lease.holder !== null && isHeld(lease, world.now())) {
    const state = await runs.stateOf(lease.holder);
    return state === 'running' || (state === 'absent' && isFreshlyHeld(lease, world.now()))
      ? { ...unlooked, due: false, because: `held by ${lease.holder}` }
      : { ...unlooked, due: true, because: `${lease.holder} holds the lease and has ended` };
  }
  if (lease.holder !== null)
    return { ...unlooked, due: true, because: `the lease of ${lease.holder} ran out: its run is gone` };
  const evidence = await settle((await gather(world, deployment, question)).evidence);
  const turn = takeTurn(turnFrom(lease, { deployment, connection, evidence, now: world.now() }));
  const after = memoryFrom(turn.memory);
  return { ...verdictOn(turn, lease, after), memory: after, instances: evidence.instances };
}

/** Would a run do anything that is not done yet? */
function verdictOn(
  { decision, notice, rungEnded }: TurnResult,
  lease: ConnectionLease,
  after: Memory,
): Pick<Verdict, 'due' | 'because'> {
  const because = `${decision.kind}: ${decision.because}`;
  if (notice !== null)
    return { due: true, because: `people are to be told: ${announcedIn(notice.message).join('; ')}` };
  switch (decision.kind) {
    case 'divert':
    case 'failback':
    case 'undo':
    case 'repair':
    case 'escalate':
      return { due: true, because };
    case 'hold':
      // Rule 14 lacks evidence: the next sweep looks again, a run could do no more.
      return { due: decision.rule !== 'evidence', because };
    case 'finish':
      return { due: lease.memory.incident !== null || rungEnded !== null, because };
    case 'park':
      return { due: rungEnded !== null || isUnremembered(lease.memory, after), because };
    default:
      return { due: false, because };
  }
}

/**
 * A path that has become well, or is so no longer, with nothing due soon: a sweep stores nothing, so without a run a soak
 * longer than a run waits would begin anew each minute, and the way home never end. Nor would the wait for company of
 * what is over: a person who was told that path a needs somebody would never hear that it is well.
 */
function isUnremembered(before: Memory, after: Memory): boolean {
  const well = ({ healthySince }: Memory): string => Object.keys(healthySince).sort().join();
  const waits = new Set(before.toTell.map(({ key }) => key));
  const isOwed = after.toTell.some(({ key }) => !waits.has(key));
  return before.incident !== null && (isOwed || well(before) !== well(after));
}

export const handler = onRealWorld(createHandler, (options) => ({
  cloudwatch: new CloudWatchClient(options),
  dynamodb: new DynamoDBClient(options),
  ec2: new EC2Client(options),
  sfn: new SFNClient(options),
  ssm: new SSMClient(options),
  sts: new STSClient(options),
}));
