/**
 * The local cloud as the ground under a command: a scenario is played up to a minute of it, then the command runs in that
 * world, as somebody who holds `OperatorPolicy` and nothing else. Its clients are the SDK's commands on the cloud's front, so
 * what IAM would refuse is refused here.
 */

import type { RoleKeys } from '../../adapters/sts/assume-role';
import { minuteMs } from '../../core/words/time';
import type { AwsClients } from '../../functions/world';
import type { VirtualClock } from '../../local-cloud/clock';
import { simulationStart } from '../../local-cloud/latency';
import type { LocalCloud } from '../../local-cloud/local-cloud';
import { NotModelled } from '../../local-cloud/service';
import type { JsonObject } from '../../local-cloud/template/json';
import type { Scenario } from '../../sim/scenario';
import { type SimulationOptions, simulate } from '../../sim/simulate';
import type { SimulatedCloud } from '../../sim/simulated-cloud';
import { type RoleAnswer, rolesBy } from './roles';
import type { Footing, GlassClients, TakeoverClients } from './session';
import { asWritten } from './switches';

const operator = 'ana';
/** Looks at the account with rights of his own. */
const owner = 'owner';
/** What one command may take of virtual time; far more than any `--timeout`. */
const commandMsMax = 60 * minuteMs;

export interface LocalFooting extends Footing {
  /** For tests: what the command changed. */
  readonly cloud: SimulatedCloud;
  /** Lets so many milliseconds pass. */
  pass(ms: number): Promise<void>;
}

/** What the sdk's command says of itself: [kind, namespace, operation, …]. */
interface Command {
  readonly schema: readonly [number, string, string, ...unknown[]];
  readonly input: unknown;
}

/** Looks on while it is played. */
type Onlooker = Pick<SimulationOptions, 'onCloud' | 'onEvent'>;

/** `own`: the person's policy is this one instead, as of somebody who looks at the account with rights of his own. */
export async function localFooting(
  scenario: Scenario,
  atMinute: number,
  seed: number,
  own?: JsonObject,
  onlooker: Onlooker = {},
): Promise<LocalFooting> {
  return footingOn(await played(scenario, atMinute * minuteMs, seed, onlooker), own);
}

/** Of a cloud that has been played for a while, or to its end. */
export const footingOn = (cloud: SimulatedCloud, own?: JsonObject): LocalFooting => ({
  cloud,
  ...footingIn(cloud, cloud.world.clock, own),
});

/** Of one stack's cloud, which may be one of several of its world. */
export function footingIn(cloud: LocalCloud, clock: VirtualClock, own?: JsonObject): Omit<LocalFooting, 'cloud'> {
  const person = own === undefined ? operator : owner;
  const policies = own === undefined ? String(cloud.template.output('OperatorPolicy')).split(' ') : [];
  const role = cloud.authority.admit(person, policies, own);
  const clientOf =
    ({ logicalId }: typeof role, region?: string, as?: () => Promise<RoleKeys>) =>
    (service: string) => ({
      send: async ({ schema, input }: Command): Promise<unknown> => {
        const keys = await as?.();
        const caller = keys === undefined ? { role: logicalId, by: person } : cloud.sts.principalOf(keys.accessKeyId);
        const output = (await cloud.front.call({ ...caller, region }, service, schema[2], input)) as object;
        return { ...output, $metadata: { httpStatusCode: 200, attempts: 1 } };
      },
    });
  const client = clientOf(role);
  const awsOf = (of: typeof client): AwsClients =>
    ({
      cloudwatch: of('cloudwatch'),
      dynamodb: of('dynamodb'),
      ec2: of('ec2'),
      s3: of('s3'),
      sfn: of('stepfunctions'),
      sns: of('sns'),
      ssm: of('ssm'),
      sts: of('sts'),
    }) as unknown as AwsClients;
  return {
    clock,
    aws: awsOf(client),
    awsIn: (region, as) => awsOf(clientOf(role, region, as)),
    elsewhere: {
      sns: client('sns') as unknown as Footing['elsewhere']['sns'],
      ask: async ({ service, operation }) => {
        throw new NotModelled(service, operation);
      },
      clockOfAws: async () => clock.now(),
    },
    callerArn: async () => role.arn,
    breakGlass: () => {
      const allowed = String(cloud.template.output('BreakGlassPolicy')).split(' ');
      const glass = cloud.authority.admit(`${person}-with-glass`, allowed);
      return {
        events: clientOf(glass)('events') as unknown as GlassClients['events'],
        sfn: clientOf(glass)('stepfunctions') as unknown as GlassClients['sfn'],
        switchMapping: async (UUID, Enabled) => {
          const call = { role: glass.logicalId, by: person };
          await cloud.front.call(call, 'lambda', 'UpdateEventSourceMapping', { UUID, Enabled });
        },
        switchSchedule: async (Name, on) => {
          const call = { role: glass.logicalId, by: person };
          const found = (await cloud.front.call(call, 'scheduler', 'GetSchedule', { Name })) as object;
          await cloud.front.call(call, 'scheduler', 'UpdateSchedule', asWritten(found, on));
        },
      };
    },
    takeover: () => {
      const allowed = String(cloud.template.output('TakeoverPolicy')).split(' ');
      const taking = cloud.authority.admit(`${person}-taking-over`, allowed);
      const iam = async (operation: string, input: object): Promise<RoleAnswer> => {
        const answer = await cloud.front.call({ role: taking.logicalId, by: person }, 'iam', operation, input);
        const { Role, ...rest } = answer as RoleAnswer & { readonly Role?: RoleAnswer };
        return { ...rest, ...Role };
      };
      return {
        roles: rolesBy(iam, clock),
        dynamodb: clientOf(taking)('dynamodb') as unknown as TakeoverClients['dynamodb'],
        clockOfAws: async () => clock.now(),
      };
    },
    play: (work) => playing(clock, work),
    pass: (ms) => clock.runUntil(clock.now() + ms),
    close: async () => {},
  };
}

/** The cloud at that minute, everything in it still under way. */
async function played(
  scenario: Scenario,
  untilMs: number,
  seed: number,
  { onCloud, onEvent }: Onlooker,
): Promise<SimulatedCloud> {
  let cloud: SimulatedCloud | undefined;
  await simulate(scenario, {
    seed,
    tables: 'memory',
    onCloud: (made) => {
      cloud = made;
      onCloud?.(made);
    },
    onEvent,
    stage: {
      cloud: {},
      quietMs: 0,
      // Never done: what would end a scenario is no reason to stop before the minute that was asked for.
      play: (clock) => clock.runUntil(simulationStart + untilMs),
      darkMs: async () => 0,
    },
  });
  return cloud!;
}

async function playing<T>(clock: VirtualClock, work: () => Promise<T>): Promise<T> {
  let isOver = false;
  const asked = work().finally(() => {
    isOver = true;
  });
  asked.catch(() => {}); // Thrown below; the clock must first come to a stop.
  await clock.runUntil(clock.now() + commandMsMax, () => isOver);
  return asked;
}
