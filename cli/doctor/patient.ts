/**
 * What `doctor` has before it: one deployment, as it stands or as a file declares it, and the account it is in. What
 * several checks look at is read once.
 */
import { DescribeAlarmsCommand, type MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { attempt } from '../../adapters/attempt';
import { reportsTable } from '../../adapters/dynamodb/reports-table';
import { stateTable } from '../../adapters/dynamodb/state-table';
import { instances } from '../../adapters/ec2/instances';
import { routes } from '../../adapters/ec2/routes';
import { AccessDenied } from '../../adapters/errors';
import { identityOf } from '../../core/gateways/identity';
import type {
  Canary,
  Connection,
  Deployment,
  GatewayIdentity,
  GatewayName,
  InstanceGateway,
} from '../../core/words/domain';
import type { End } from '../../core/words/end';
import { endsElsewhere } from '../../core/words/end-names';
import type {
  CanaryReport,
  Evidence,
  InstanceFacts,
  RouteFacts,
  Shadow,
  SpeakerReport,
} from '../../core/words/evidence';
import { instancesOf, speakersOf } from '../../core/words/gateways';
import type { Whereabouts } from '../../core/words/whereabouts';
import type { World } from '../../functions/world';
import { standingHere } from '../../infra/ends/standing';
import { type Account, accountOf } from './account';
import type { AccountServices } from './elsewhere';

export interface GatewayLook {
  readonly gateway: InstanceGateway;
  /** As declared, or as our own replacement journalled. */
  readonly identity: GatewayIdentity;
  /** Null: EC2 does not list it. */
  readonly facts: InstanceFacts | null;
}

export interface RouteLook {
  readonly connection: Connection;
  readonly routes: readonly RouteFacts[];
  readonly shadows: readonly Shadow[];
  readonly pins: Evidence['pins'];
}

/** A deployment that stands. */
export interface StandingDeployment {
  readonly whereabouts: Whereabouts;
  reports(): Promise<Readonly<Record<string, CanaryReport | null>>>;
  /** What `watch` read of each speaker, however long ago. */
  speakers(): Promise<Readonly<Record<GatewayName, SpeakerReport | null>>>;
  /** All of this deployment's. */
  alarms(): Promise<readonly MetricAlarm[]>;
}

export interface Patient {
  /** What of it stands in this account and region; what stands elsewhere nobody can look at from here. */
  readonly deployment: Deployment;
  /** Ends in another region or account. */
  readonly away: readonly End[];
  /** Null: it is not deployed yet. */
  readonly standing: StandingDeployment | null;
  readonly world: World;
  readonly elsewhere: AccountServices;
  readonly account: Account;
  gateways(): Promise<readonly GatewayLook[]>;
  /** Why the agents could not be asked; null: they were. */
  agentsUnread(): Promise<Error | null>;
  routes(): Promise<readonly RouteLook[]>;
}

export interface Examined {
  readonly deployment: Deployment;
  readonly whereabouts: Whereabouts | null;
  readonly world: World;
  readonly elsewhere: AccountServices;
}

const lazily = <T>(ask: () => Promise<T>): (() => Promise<T>) => {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= ask();
    return answer;
  };
};

export function patientOf({ deployment: whole, whereabouts, world, elsewhere }: Examined): Patient {
  const deployment = standingHere(whole);
  const account = accountOf(world);
  const unread: Error[] = [];
  const gateways = lazily(async (): Promise<readonly GatewayLook[]> => {
    const known = await identitiesOf(world, deployment, whereabouts);
    const facts = await instances(world.aws, world, (fault) => unread.push(fault)).read(known);
    return known.map((one) => ({ ...one, facts: facts[one.gateway.name] ?? null }));
  });
  const allCanaries = Object.values(deployment.connections).flatMap(({ canaries }) => canaries);
  return {
    deployment,
    away: endsElsewhere(whole),
    world,
    elsewhere,
    account,
    standing: whereabouts && standingOf(whereabouts, deployment, allCanaries, world),
    gateways,
    agentsUnread: async () => {
      await gateways();
      return unread.find(({ message }) => message.startsWith('DescribeInstanceInformation')) ?? null;
    },
    routes: lazily(() =>
      Promise.all(
        Object.values(deployment.connections).map(async (connection): Promise<RouteLook> => {
          const pinned = connection.canaries.filter(({ watches }) => watches.kind === 'path');
          const sets = Object.values(connection.routeSets);
          const seen = await routes(world.aws.ec2, world).readPinned(sets, pinned, allCanaries);
          return { connection, routes: seen.sets.flat(), shadows: seen.shadows.flat(), pins: seen.pins };
        }),
      ),
    ),
  };
}

function standingOf(
  whereabouts: Whereabouts,
  deployment: Deployment,
  canaries: readonly Canary[],
  world: World,
): StandingDeployment {
  const table = reportsTable(world.aws.dynamodb, whereabouts.reportsTable, world);
  return {
    whereabouts,
    reports: lazily(() => table.read(canaries.map(({ id }) => id))),
    speakers: lazily(async () => {
      const names = Object.keys(speakersOf(deployment));
      return names.length === 0 ? {} : (await table.readAll([], [], names)).speakers;
    }),
    alarms: lazily(() => alarmsOf(world, deployment)),
  };
}

async function identitiesOf(
  world: World,
  deployment: Deployment,
  whereabouts: Whereabouts | null,
): Promise<readonly { readonly gateway: InstanceGateway; readonly identity: GatewayIdentity }[]> {
  const all = Object.values(instancesOf(deployment));
  const names: readonly GatewayName[] = all.map(({ name }) => name);
  const gatewayLeases =
    whereabouts === null ? {} : await stateTable(world.aws.dynamodb, whereabouts.stateTable, world).readGateways(names);
  const known = { gatewayLeases, standIns: {}, pins: {} };
  return all.map((gateway) => ({ gateway, identity: identityOf(deployment, gateway.name, known) }));
}

async function alarmsOf(world: World, { name }: Deployment): Promise<readonly MetricAlarm[]> {
  const found: MetricAlarm[] = [];
  let NextToken: string | undefined;
  do {
    const describe = new DescribeAlarmsCommand({ AlarmNamePrefix: `${name}/`, NextToken });
    const tried = { operation: 'DescribeAlarms', on: `${name}/` };
    const answer = await attempt(world, tried, () => world.aws.cloudwatch.send(describe));
    found.push(...(answer.MetricAlarms ?? []));
    NextToken = answer.NextToken;
  } while (NextToken !== undefined);
  return found;
}

/** Of what could not be looked at: did AWS refuse? */
export const isDenied = (error: unknown): boolean => error instanceof AccessDenied;
