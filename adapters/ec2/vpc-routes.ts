/**
 * Routes of VPCs' tables. A static route beats a propagated one for the same destination, and both are listed: the one
 * beneath shows again when the static one is deleted.
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
import { isPrefixList } from '../../core/words/destinations';
import type { RouteTarget } from '../../core/words/domain';
import type { RouteFacts } from '../../core/words/evidence';
import { attempt, type Clock } from '../attempt';
import { isNamed, MalformedInput } from '../errors';
import { pinFacts } from './pins';
import { originOf, shownIn, targetOf } from './route-description';
import { answerTo, type Routes, type WriteAnswer } from './route-port';
import { shadowsOf } from './shadows';

/** One page of DescribeRouteTables, which is also how many ids one call asks for. */
const tablesPerCallMax = 100;

export function vpcRoutes(
  ec2: Pick<EC2Client, 'send'>,
  clock: Clock,
  patience: { readonly requestTimeout?: number },
): Pick<Routes, 'readPinned' | 'write' | 'dryRun'> {
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

  const readPinned: Routes['readPinned'] = async (sets, canaries, known) => {
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
      shadows:
        known === undefined
          ? sets.map(() => [])
          : shadowsOf(sets, known, new Map([...found].map(([id, table]) => [id, shownIn(table)]))),
    };
  };

  return {
    readPinned,

    write: (step) => tryTo(step, false),
    dryRun: (step) => tryTo(step, true),
  };

  async function tryTo(step: PlanStep, isDryRun: boolean): Promise<WriteAnswer> {
    try {
      await ec2.send(commandOf(step, isDryRun));
      return { result: 'accepted', detail: '' };
    } catch (error) {
      // So EC2 says that it would have been done.
      if (isDryRun && isNamed(error, 'DryRunOperation')) return { result: 'accepted', detail: '' };
      const operation = { create: 'CreateRoute', replace: 'ReplaceRoute', delete: 'DeleteRoute' }[step.kind];
      return answerTo(
        error,
        { operation, on: `${step.destination} in ${step.table}` },
        {
          isBusy: () => false,
          isConflict: (each) =>
            isNamed(each, 'InvalidParameterValue', 'InvalidRoute.NotFound') &&
            /no route/i.test((each as Error).message),
        },
      );
    }
  }
}

function routeFacts(routeSet: string, table: string, destination: string, listed: readonly Route[]): RouteFacts {
  const same = listed.filter((r) => destinationOf(r) === destination);
  // A static route beats a propagated one for the same destination; both are listed.
  const route = same.find((r) => originOf(r) === 'static') ?? same[0];
  const beneath = same.find((r) => originOf(r) === 'propagated');
  return {
    routeSet,
    table,
    destination,
    target: route === undefined ? null : targetOf(route),
    state: route?.State === 'blackhole' ? 'blackhole' : 'active',
    origin: route === undefined ? 'static' : originOf(route),
    under: beneath === undefined ? null : targetOf(beneath),
  };
}

const destinationOf = (route: Route): string | undefined =>
  route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock ?? route.DestinationPrefixListId;

function commandOf(step: PlanStep, isDryRun: boolean): CreateRouteCommand | ReplaceRouteCommand | DeleteRouteCommand {
  const route = {
    RouteTableId: step.table,
    ...destinationInput(step.destination),
    ...(isDryRun && { DryRun: true }),
  };
  if (step.kind === 'delete') return new DeleteRouteCommand(route);
  if (step.to === null) throw new MalformedInput(`${step.kind} ${step.destination} in ${step.table} without a target`);
  const aimed = { ...route, ...targetInput(step.to) };
  return step.kind === 'create' ? new CreateRouteCommand(aimed) : new ReplaceRouteCommand(aimed);
}

function destinationInput(destination: string) {
  if (isPrefixList(destination)) return { DestinationPrefixListId: destination };
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
