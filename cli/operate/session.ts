/**
 * What a command that operates has in its hands: one deployment, found by its name alone, and the clients to ask with.
 * The same command code runs against an account and against the local cloud; only who makes the session differs.
 *
 * It is a `World` like a function's, so that what a command shows of a connection is gathered by the very code that
 * decides about it.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { SFNClient } from '@aws-sdk/client-sfn';
import { GetParametersCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { attempt, type Clock } from '../../adapters/attempt';
import { unpacked } from '../../config/packed';
import type { Deployment } from '../../core/words/domain';
import { shown } from '../../core/words/malformed';
import type { Instant } from '../../core/words/time';
import {
  declaredParameter,
  isDeploymentName,
  type Whereabouts,
  whereaboutsFrom,
  whereaboutsParameter,
} from '../../core/words/whereabouts';
import type { AwsClients, World } from '../../functions/world';
import type { AccountServices } from '../doctor/elsewhere';
import { WronglyAsked } from './exit-codes';
import type { IamRoles } from './roles';

/** Options that every command that operates has. */
export interface SessionOptions {
  readonly name: string;
  readonly profile?: string;
  readonly region?: string;
  /** True, or a scenario's name: play in the local cloud. */
  readonly local?: string | true;
  /** Of the scenario: at which minute the command is given. */
  readonly at: number;
  readonly json?: true;
  /** Milliseconds that a command waits for its answer. */
  readonly timeout: number;
}

/** What stops a deployment, and starts it again. */
export interface GlassClients {
  readonly events: Pick<EventBridgeClient, 'send'>;
  readonly sfn: Pick<SFNClient, 'send'>;
  /** Switches Lambda's reading of a stream on or off. */
  switchMapping(uuid: string, on: boolean): Promise<void>;
  /** The same of a schedule of drills. */
  switchSchedule(name: string, on: boolean): Promise<void>;
}

/** What lets a standby take over, beside what stops and starts it. */
export interface TakeoverClients {
  readonly roles: IamRoles;
  readonly dynamodb: Pick<DynamoDBClient, 'send'>;
  /** AWS's own clock: the age of keys is reckoned by it. */
  clockOfAws(): Promise<Instant>;
}

/** Where a session's clients and its clock come from. */
export interface Footing {
  readonly clock: Clock;
  readonly aws: AwsClients;
  /** The same of another region, or with the keys of a role that whoever calls may take on. */
  readonly awsIn: World['awsIn'];
  /** What only who looks at the account itself asks. */
  readonly elsewhere: AccountServices;
  /** Who calls, as AWS names him. */
  callerArn(): Promise<string>;
  /** With the rights of `BreakGlassPolicy`; the others are an operator's. */
  breakGlass(): GlassClients;
  /** With the rights of `TakeoverPolicy`, which only a standby has. */
  takeover(): TakeoverClients;
  /** Lets `work` come to its end: in the local cloud time passes only while somebody lets it. */
  play<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface Session extends Pick<Footing, 'callerArn' | 'breakGlass' | 'takeover'> {
  readonly world: World;
  readonly whereabouts: Whereabouts;
  readonly deployment: Deployment;
}

/** GetParameters takes no more names at once. */
const namesPerCallMax = 10;

/** Throws WronglyAsked where there is no such deployment. */
export async function sessionOn(footing: Footing, name: string): Promise<Session> {
  const { clock, aws, callerArn, breakGlass, takeover } = footing;
  if (!isDeploymentName(name))
    throw new WronglyAsked(`--name ${shown(name)} is no deployment's name: a to z, 0 to 9 and -`);
  const [text] = await readParameters(aws.ssm, clock, [whereaboutsParameter(name)]);
  if (text === undefined)
    throw new WronglyAsked(
      `no deployment is called ${name} in this account and region: check --name, --region and --profile; ` +
        'one deployed before there was this command is to be deployed once more',
    );
  const whereabouts = whereaboutsFrom(text);
  if (whereabouts === null)
    throw new WronglyAsked(`${whereaboutsParameter(name)} was written by another version: use that version's command`);
  const parts = Array.from({ length: whereabouts.parts }, (_, i) => declaredParameter(name, i + 1));
  const deployment = unpacked(await readParameters(aws.ssm, clock, parts));
  if (deployment === null)
    throw new WronglyAsked(`${declaredParameter(name, 1)} and on cannot be read: deploy again, nothing moves by it`);
  return { whereabouts, deployment, callerArn, breakGlass, takeover, world: worldOf(footing, whereabouts) };
}

export async function readParameters(
  ssm: Pick<SSMClient, 'send'>,
  clock: Clock,
  names: readonly string[],
): Promise<string[]> {
  const found = new Map<string, string>();
  for (let i = 0; i < names.length; i += namesPerCallMax) {
    const get = new GetParametersCommand({ Names: names.slice(i, i + namesPerCallMax) });
    const tried = { operation: 'GetParameters', on: names[i]! };
    const { Parameters = [] } = await attempt(clock, tried, () => ssm.send(get));
    for (const { Name = '', Value = '' } of Parameters) found.set(Name, Value);
  }
  return names.flatMap((name) => found.get(name) ?? []);
}

/** As `assess` has it, but for sockets and log lines. */
function worldOf(footing: Footing, { stateTable, reportsTable, metricNamespace }: Whereabouts): World {
  return {
    ...bareWorld(footing),
    env: { STATE_TABLE: stateTable, REPORTS_TABLE: reportsTable, METRIC_NAMESPACE: metricNamespace },
  };
}

/** Of an account in which nothing of ours may stand yet. */
export function bareWorld({ clock, aws, awsIn }: Pick<Footing, 'clock' | 'aws' | 'awsIn'>): World {
  return {
    now: () => clock.now(),
    sleep: (ms) => clock.sleep(ms),
    connect: () => {
      throw new Error('a command probes nothing by itself');
    },
    log: () => {},
    env: {},
    aws,
    awsIn,
  };
}
