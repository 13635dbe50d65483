/**
 * Routes of transit gateways' tables. One search per table asks for all listed destinations and the canaries' host
 * routes: the values of a filter are alternatives. Only the preferred route of a destination is shown, so what is
 * propagated beneath a static one is not known here.
 *
 * A route that names no attachment drops what meets it, and somebody meant it to: it is no target of ours. One that is
 * a black hole and names ours has lost its attachment, or the VPN behind it.
 */
import {
  CreateTransitGatewayRouteCommand,
  DeleteTransitGatewayRouteCommand,
  type EC2Client,
  type Filter,
  ReplaceTransitGatewayRouteCommand,
  SearchTransitGatewayRoutesCommand,
  type TransitGatewayRoute,
} from '@aws-sdk/client-ec2';
import type { PlanStep } from '../../core/routes/plane';
import type { Canary, RouteSet, RouteTarget } from '../../core/words/domain';
import type { PinFacts, RouteFacts } from '../../core/words/evidence';
import { attempt, type Clock } from '../attempt';
import { AwsUnavailable, isNamed, MalformedInput } from '../errors';
import { answerTo, type Routes } from './route-port';
import { shadowsOf, type TableRoutes } from './shadows';

/** EC2 takes so many values in one filter. */
const valuesPerCallMax = 200;
/** A search for shadows is one more for each table; a transit gateway has at most 20 unless AWS has raised that. */
const shadowTablesMax = 20;

type Found = Map<string, TransitGatewayRoute[]>;

export function transitRoutes(
  ec2: Pick<EC2Client, 'send'>,
  clock: Clock,
  patience: { readonly requestTimeout?: number },
): Pick<Routes, 'readPinned' | 'write'> {
  /** Null: there is no such table. */
  const search = async (table: string, filter: Filter): Promise<TransitGatewayRoute[] | null> => {
    const routes: TransitGatewayRoute[] = [];
    let token: string | undefined;
    do {
      const page = new SearchTransitGatewayRoutesCommand({
        TransitGatewayRouteTableId: table,
        Filters: [filter],
        NextToken: token,
      });
      const answer = await attempt(clock, { operation: 'SearchTransitGatewayRoutes', on: table }, () =>
        ec2.send(page, patience).catch((error: unknown) => {
          if (isNamed(error, 'InvalidRouteTableID.NotFound')) return null;
          throw error;
        }),
      );
      if (answer === null) return null;
      routes.push(...(answer.Routes ?? []).filter(isThere));
      token = answer.NextToken === '' ? undefined : answer.NextToken;
      if (token === undefined && answer.AdditionalRoutesAvailable === true)
        throw new AwsUnavailable(`SearchTransitGatewayRoutes on ${table}: more routes than it would show`);
    } while (token !== undefined);
    return routes;
  };

  const searchAll = async (wanted: ReadonlyMap<string, ReadonlySet<string>>, name: string): Promise<Found> => {
    const calls = [...wanted].flatMap(([table, values]) =>
      chunks([...values]).map(async (some) => [table, await search(table, { Name: name, Values: some })] as const),
    );
    const found: Found = new Map();
    for (const [table, routes] of await Promise.all(calls))
      if (routes !== null) found.set(table, [...(found.get(table) ?? []), ...routes]);
    return found;
  };

  /** A host route is exact; without one the table's longest prefix decides, which only the table itself can tell. */
  const pinFacts = async ({ routeTableId: table, targets }: Canary, found: Found): Promise<PinFacts | null> => {
    if (table === undefined) return null;
    const facts = targets.map(async ({ address }) => {
      const exact = found.get(table)?.find((route) => route.DestinationCidrBlock === `${address}/32`);
      if (exact !== undefined) return { address, target: targetOf(exact) };
      const led = await search(table, { Name: 'route-search.longest-prefix-match', Values: [address] });
      const [route] = led ?? [];
      return led === null ? null : { address, target: route === undefined ? null : targetOf(route) };
    });
    const known = (await Promise.all(facts)).filter((fact) => fact !== null);
    return known.length === targets.length ? known : null;
  };

  const lookForShadows = async (sets: readonly RouteSet[], known: readonly Canary[] | undefined) => {
    const blocks = wantedIn(sets.map(({ tables, destinations }) => ({ tables, values: destinations })));
    if (known === undefined || blocks.size > shadowTablesMax) return sets.map(() => []);
    const found = await searchAll(blocks, 'route-search.subnet-of-match');
    const tables = new Map([...found].map(([table, routes]) => [table, asTableRoutes(routes)]));
    return shadowsOf(sets, known, tables);
  };

  return {
    async readPinned(sets, pinned, known) {
      const wanted = wantedIn([
        ...sets.map(({ tables, destinations }) => ({ tables, values: destinations })),
        ...pinned.map(({ routeTableId, targets }) => ({
          tables: [routeTableId ?? ''],
          values: targets.map(({ address }) => `${address}/32`),
        })),
      ]);
      const looking = lookForShadows(sets, known);
      looking.catch(() => {}); // It is told below, unless the other search has failed before.
      const found = await searchAll(wanted, 'route-search.exact-match');
      const pins = pinned.map(async (canary) => [canary.id, await pinFacts(canary, found)] as const);
      return {
        sets: sets.map((set) => factsOf(set, found)),
        pins: Object.fromEntries(await Promise.all(pins)),
        shadows: await looking,
      };
    },

    async write(step) {
      try {
        await ec2.send(commandOf(step));
        return { result: 'accepted', detail: '' };
      } catch (error) {
        const name = { create: 'Create', replace: 'Replace', delete: 'Delete' }[step.kind];
        const tried = { operation: `${name}TransitGatewayRoute`, on: `${step.destination} in ${step.table}` };
        return answerTo(error, tried, {
          // Something about the table or the attachment is being changed: it passes.
          isBusy: (each) => isNamed(each, 'IncorrectState'),
          isConflict: (each) => isNamed(each, 'InvalidRoute.NotFound'),
        });
      }
    },
  };
}

function wantedIn(
  questions: readonly { readonly tables: readonly string[]; readonly values: readonly string[] }[],
): Map<string, Set<string>> {
  const wanted = new Map<string, Set<string>>();
  for (const { tables, values } of questions)
    for (const table of tables) wanted.set(table, new Set([...(wanted.get(table) ?? []), ...values]));
  return wanted;
}

const chunks = (values: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(values.length / valuesPerCallMax) }, (_, i) =>
    values.slice(i * valuesPerCallMax, (i + 1) * valuesPerCallMax),
  );

const isThere = ({ State }: TransitGatewayRoute): boolean => State !== 'deleting' && State !== 'deleted';

const asTableRoutes = (routes: readonly TransitGatewayRoute[]): TableRoutes =>
  routes.map((route) => ({ destination: route.DestinationCidrBlock, target: targetOf(route), isLocal: false }));

function factsOf({ name, tables, destinations }: RouteSet, found: Found): RouteFacts[] {
  return tables.flatMap((table) => {
    const listed = found.get(table);
    if (listed === undefined) return [];
    return destinations.map((destination): RouteFacts => {
      const route = listed.find((each) => each.DestinationCidrBlock === destination);
      const at = { routeSet: name, table, destination };
      if (route === undefined) return { ...at, target: null, state: 'active', origin: 'static' };
      const origin = isReplaceable(route) ? 'static' : 'propagated';
      return { ...at, target: targetOf(route), state: stateOf(route), origin };
    });
  });
}

/**
 * A block of a prefix list that the table refers to is shown as a route, and belongs to the reference: like a propagated
 * one it is laid over, by a static route, which AWS prefers.
 */
const isReplaceable = ({ Type, PrefixListId = '' }: TransitGatewayRoute): boolean =>
  Type !== 'propagated' && PrefixListId === '';

const stateOf = ({ State }: TransitGatewayRoute): RouteFacts['state'] =>
  State === 'blackhole' || State === 'pending' ? State : 'active';

/** Several attachments share one route by BGP: that is none of ours, whichever they are. */
function targetOf({ TransitGatewayAttachments }: TransitGatewayRoute): RouteTarget {
  const ids = (TransitGatewayAttachments ?? []).map((each) => each.TransitGatewayAttachmentId ?? 'an unknown target');
  return { kind: 'attachment', id: ids.length === 0 ? 'nothing, on purpose' : ids.join(' and ') };
}

function commandOf({ kind, table, destination, to }: PlanStep) {
  const route = { TransitGatewayRouteTableId: table, DestinationCidrBlock: destination };
  if (kind === 'delete') return new DeleteTransitGatewayRouteCommand(route);
  if (to?.kind !== 'attachment')
    throw new MalformedInput(`${kind} ${destination} in ${table}: ${to?.id ?? 'nothing'} is no attachment`);
  const aimed = { ...route, TransitGatewayAttachmentId: to.id };
  return kind === 'create' ? new CreateTransitGatewayRouteCommand(aimed) : new ReplaceTransitGatewayRouteCommand(aimed);
}
