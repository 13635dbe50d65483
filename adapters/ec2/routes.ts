/**
 * Routes: what the listed tables say, and one write at a time.
 *
 * EC2 takes no token and no expected value, so a write proves nothing: the caller reads the route before and after.
 * That is why `write` does not throw for what AWS says: its answer is a hint, the read-back is the truth.
 */
import {
  CreateRouteCommand,
  DeleteRouteCommand,
  DescribeRouteTablesCommand,
  type EC2Client,
  ReplaceRouteCommand,
  type Route,
  type RouteTable,
} from '@aws-sdk/client-ec2';
import type { PlanStep } from '../../core/routes/plane';
import type { Canary, RouteSet, RouteTarget } from '../../core/words/domain';
import type { Evidence, RouteFacts, Shadow } from '../../core/words/evidence';
import { attempt, type Clock } from '../attempt';
import { AccessDenied, AwsUnavailable, faultFrom, isNamed, MalformedInput, Throttled } from '../errors';
import { pinFacts } from './pins';
import { originOf, targetOf } from './route-description';
import { shadowsOf } from './shadows';

export interface WriteAnswer {
  /** `silent`: no answer, so it may have happened. `refused`: EC2 says no. `denied`: IAM says no. */
  readonly result: 'accepted' | 'throttled' | 'conflict' | 'silent' | 'refused' | 'denied';
  /** EC2's own words; empty when accepted. */
  readonly detail: string;
}

export interface Routes {
  /** One list per set, in the order of its tables and destinations. A table that EC2 does not list has no facts. */
  read(sets: readonly RouteSet[]): Promise<RouteFacts[][]>;
  /**
   * The same, where the canaries `pinned` are pinned to, and what shadows the sets, by one look at all tables: they
   * cannot be known apart. `known`: all canaries whose host routes may stand in the tables.
   */
  readPinned(sets: readonly RouteSet[], pinned: readonly Canary[], known?: readonly Canary[]): Promise<Pinned>;
  /** One try: the fence is read again before another. */
  write(step: PlanStep): Promise<WriteAnswer>;
}

interface Pinned {
  readonly sets: RouteFacts[][];
  readonly pins: Evidence['pins'];
  /** One list per set. */
  readonly shadows: Shadow[][];
}

/** One page of DescribeRouteTables, which is also how many ids one call asks for. */
const tablesPerCallMax = 100;

/** `patienceMs`: how long one answer is waited for; absent: as long as every client waits. */
export function routes(ec2: Pick<EC2Client, 'send'>, clock: Clock, patienceMs?: number): Routes {
  const patience = patienceMs === undefined ? {} : { requestTimeout: patienceMs };
  const describe = async (ids: readonly string[]): Promise<RouteTable[]> => {
    const tables: RouteTable[] = [];
    let token: string | undefined;
    do {
      // A filter, not RouteTableIds: one deleted table must not blind us to all the others.
      const page = new DescribeRouteTablesCommand({
        Filters: [{ Name: 'route-table-id', Values: [...ids] }],
        MaxResults: tablesPerCallMax,
        NextToken: token,
      });
      const answer = await attempt(clock, { operation: 'DescribeRouteTables', on: ids.join(', ') }, () =>
        ec2.send(page, patience),
      );
      tables.push(...(answer.RouteTables ?? []));
      token = answer.NextToken;
    } while (token !== undefined && token !== '');
    return tables;
  };

  const readPinned: Routes['readPinned'] = async (sets, canaries, known = canaries) => {
    const pinned = canaries.flatMap(({ routeTableId }) => routeTableId ?? []);
    const ids = [...new Set([...sets.flatMap((set) => set.tables), ...pinned])];
    const found = new Map<string | undefined, RouteTable>();
    for (let i = 0; i < ids.length; i += tablesPerCallMax) {
      for (const table of await describe(ids.slice(i, i + tablesPerCallMax))) found.set(table.RouteTableId, table);
    }
    return {
      sets: sets.map((set) =>
        set.tables.flatMap((table) => {
          const listed = found.get(table)?.Routes;
          return listed === undefined ? [] : set.destinations.map((to) => routeFacts(set.name, table, to, listed));
        }),
      ),
      pins: Object.fromEntries(canaries.map((canary) => [canary.id, pinFacts(canary, found.get(canary.routeTableId))])),
      shadows: shadowsOf(sets, known, found),
    };
  };

  return {
    readPinned,
    read: async (sets) => (await readPinned(sets, [])).sets,

    async write(step) {
      try {
        await ec2.send(commandOf(step));
        return { result: 'accepted', detail: '' };
      } catch (error) {
        return answerTo(error, step);
      }
    },
  };
}

function routeFacts(routeSet: string, table: string, destination: string, listed: readonly Route[]): RouteFacts {
  const same = listed.filter((r) => destinationOf(r) === destination);
  // A static route beats a propagated one for the same destination; both are listed.
  const route = same.find((r) => originOf(r) === 'static') ?? same[0];
  return {
    routeSet,
    table,
    destination,
    target: route === undefined ? null : targetOf(route),
    state: route?.State === 'blackhole' ? 'blackhole' : 'active',
    origin: route === undefined ? 'static' : originOf(route),
  };
}

const destinationOf = (route: Route): string | undefined =>
  route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock ?? route.DestinationPrefixListId;

function commandOf(step: PlanStep): CreateRouteCommand | ReplaceRouteCommand | DeleteRouteCommand {
  const route = { RouteTableId: step.table, ...destinationInput(step.destination) };
  if (step.kind === 'delete') return new DeleteRouteCommand(route);
  if (step.to === null) throw new MalformedInput(`${step.kind} ${step.destination} in ${step.table} without a target`);
  const aimed = { ...route, ...targetInput(step.to) };
  return step.kind === 'create' ? new CreateRouteCommand(aimed) : new ReplaceRouteCommand(aimed);
}

function destinationInput(destination: string) {
  if (destination.startsWith('pl-')) return { DestinationPrefixListId: destination };
  return destination.includes(':') ? { DestinationIpv6CidrBlock: destination } : { DestinationCidrBlock: destination };
}

function targetInput(target: RouteTarget) {
  switch (target.kind) {
    case 'network-interface':
      return { NetworkInterfaceId: target.id };
    case 'gateway':
      return { GatewayId: target.id };
    case 'transit-gateway':
      return { TransitGatewayId: target.id };
    case 'attachment':
      throw new MalformedInput(`${target.id} is the target of a transit gateway's route, not of a VPC's`);
  }
}

function answerTo(error: unknown, step: PlanStep): WriteAnswer {
  const operation = { create: 'CreateRoute', replace: 'ReplaceRoute', delete: 'DeleteRoute' }[step.kind];
  const fault = faultFrom(error, { operation, on: `${step.destination} in ${step.table}` });
  const kind = [Throttled, AccessDenied, AwsUnavailable, MalformedInput].find((known) => fault instanceof known);
  if (kind === undefined) throw fault; // A mistake of ours, not an answer.
  const detail = (fault as Error).message;
  if (kind === Throttled) return { result: 'throttled', detail };
  if (kind === AccessDenied) return { result: 'denied', detail };
  const gone = isNamed(error, 'InvalidParameterValue', 'InvalidRoute.NotFound') && /no route/i.test(detail);
  if (gone || isNamed(error, 'RouteAlreadyExists')) return { result: 'conflict', detail };
  return { result: kind === MalformedInput ? 'refused' : 'silent', detail };
}
