/**
 * Routes of transit gateways' tables. One search per table asks for all listed destinations and the canaries' host
 * routes: the values of a filter are alternatives. Only the preferred route of a destination is shown, so what is
 * propagated beneath a static one is not known here. A prefix list has calls of its own (prefix-lists.ts).
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
import { isPrefixList } from '../../core/words/destinations';
import type { Canary, RouteSet } from '../../core/words/domain';
import type { PinFacts, RouteFacts } from '../../core/words/evidence';
import { attempt, type Clock } from '../attempt';
import { AwsUnavailable, isNamed, MalformedInput } from '../errors';
import { blocksOf, listBlocksMax, listFacts, type References, referenceCommandOf, referencesIn } from './prefix-lists';
import { answerTo, type Routes } from './route-port';
import { type BlocksOfLists, shadowsOf, type TableRoutes } from './shadows';
import { targetOf } from './transit-description';

/** EC2 takes so many values in one filter. */
const valuesPerCallMax = 200;
/** A search for shadows is one more for each table; a transit gateway has at most 20 unless AWS has raised that. */
const shadowTablesMax = 20;
/** What takes blocks out of a list is told some minute soon; the users who are to be moved do not wait for it. */
const listsWaitMs = 1_000;

/** By table; one that is not there is missing. */
type Found = Map<string, TransitGatewayRoute[]>;
type Wanted = ReadonlyMap<string, ReadonlySet<string>>;

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

  const searchAll = async (wanted: Wanted, name: string): Promise<Found> => {
    const calls = [...wanted].flatMap(([table, values]) =>
      chunks([...values]).map(async (some) => [table, await search(table, { Name: name, Values: some })] as const),
    );
    const found: Found = new Map();
    for (const [table, routes] of await Promise.all(calls))
      if (routes !== null) found.set(table, [...(found.get(table) ?? []), ...routes]);
    return found;
  };

  /** What tables say of the prefix lists they refer to. */
  const askForLists = async (wanted: Wanted): Promise<Map<string, References>> => {
    const asked = [...wanted].map(async ([table, lists]) => {
      return [table, await referencesIn({ ec2, clock, patience }, table, [...lists])] as const;
    });
    return new Map((await Promise.all(asked)).flatMap(([table, found]) => (found === null ? [] : [[table, found]])));
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

  /** A list that cannot be read, or not soon, is left out: `doctor` says which. */
  const lookIntoLists = async (lists: readonly string[]): Promise<BlocksOfLists> => {
    if (lists.length === 0) return new Map();
    const asked = lists.map(async (list) => {
      const blocks = await blocksOf({ ec2, clock, patience }, list).catch(() => []);
      return [list, blocks.length > listBlocksMax ? [] : blocks] as const;
    });
    return Promise.race([
      Promise.all(asked).then((found) => new Map(found)),
      clock.sleep(listsWaitMs).then(() => new Map()),
    ]);
  };

  const lookForShadows = async (sets: readonly RouteSet[], known: readonly Canary[] | undefined) => {
    const tablesCount = new Set(sets.flatMap(({ tables }) => tables)).size;
    if (known === undefined || tablesCount > shadowTablesMax) return sets.map(() => []);
    const lists = await lookIntoLists([
      ...new Set(sets.flatMap(({ destinations }) => destinations.filter(isPrefixList))),
    ]);
    const around = (destination: string) => (isBlock(destination) ? [destination] : (lists.get(destination) ?? []));
    const blocks = wantedIn(sets.map(({ tables, destinations }) => ({ tables, values: destinations.flatMap(around) })));
    const found = await searchAll(blocks, 'route-search.subnet-of-match');
    const tables = new Map([...found].map(([table, routes]) => [table, asTableRoutes(routes)]));
    return shadowsOf(sets, known, tables, lists);
  };

  return {
    async readPinned(sets, pinned, known) {
      const lists = wantedIn(
        sets.map(({ tables, destinations }) => ({ tables, values: destinations.filter(isPrefixList) })),
      );
      const wanted = wantedIn([
        ...sets.map(({ tables, destinations }) => ({ tables, values: destinations.filter(isBlock) })),
        ...pinned.map(({ routeTableId, targets }) => ({
          tables: [routeTableId ?? ''],
          values: targets.map(({ address }) => `${address}/32`),
        })),
      ]);
      const looking = lookForShadows(sets, known);
      looking.catch(() => {}); // It is told below, unless the other search has failed before.
      const [found, ofLists, references] = await Promise.all([
        searchAll(wanted, 'route-search.exact-match'),
        searchAll(lists, 'prefix-list-id'),
        askForLists(lists),
      ]);
      const pins = pinned.map(async (canary) => [canary.id, await pinFacts(canary, found)] as const);
      return {
        sets: sets.map((set) => factsOf(set, found, ofLists, references)),
        pins: Object.fromEntries(await Promise.all(pins)),
        shadows: await looking,
      };
    },

    async write(step) {
      try {
        const attachment = attachmentOf(step);
        await (isPrefixList(step.destination)
          ? ec2.send(referenceCommandOf(step, attachment))
          : ec2.send(routeCommandOf(step, attachment)));
        return { result: 'accepted', detail: '' };
      } catch (error) {
        const tried = { operation: operationOf(step), on: `${step.destination} in ${step.table}` };
        return answerTo(error, tried, {
          // Something about the table, the attachment or the reference is being changed: it passes.
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
  for (const { tables, values } of questions.filter((each) => each.values.length > 0))
    for (const table of tables) wanted.set(table, new Set([...(wanted.get(table) ?? []), ...values]));
  return wanted;
}

const chunks = (values: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(values.length / valuesPerCallMax) }, (_, i) =>
    values.slice(i * valuesPerCallMax, (i + 1) * valuesPerCallMax),
  );

const isBlock = (destination: string): boolean => !isPrefixList(destination);

const isThere = ({ State }: TransitGatewayRoute): boolean => State !== 'deleting' && State !== 'deleted';

const asTableRoutes = (routes: readonly TransitGatewayRoute[]): TableRoutes =>
  routes.map(({ DestinationCidrBlock: destination, PrefixListId: list = '', ...route }) => ({
    ...{ destination, target: targetOf(route), isLocal: false, ...(list !== '' && { list }) },
  }));

function factsOf(
  { name, tables, destinations }: RouteSet,
  found: Found,
  ofLists: Found,
  references: ReadonlyMap<string, References>,
): RouteFacts[] {
  return tables.flatMap((table) =>
    destinations.flatMap((destination): RouteFacts[] => {
      const at = { routeSet: name, table, destination };
      if (isPrefixList(destination)) {
        const referred = references.get(table);
        const blocks = ofLists.get(table);
        return referred === undefined || blocks === undefined ? [] : [listFacts(at, referred.get(destination), blocks)];
      }
      const listed = found.get(table);
      return listed === undefined ? [] : [blockFacts(at, listed)];
    }),
  );
}

function blockFacts(
  at: Pick<RouteFacts, 'routeSet' | 'table' | 'destination'>,
  listed: readonly TransitGatewayRoute[],
): RouteFacts {
  const route = listed.find((each) => each.DestinationCidrBlock === at.destination);
  if (route === undefined) return { ...at, target: null, state: 'active', origin: 'static' };
  const origin = isReplaceable(route) ? 'static' : 'propagated';
  return { ...at, target: targetOf(route), state: stateOf(route), origin };
}

/**
 * A block of a prefix list that the table refers to is shown as a route, and belongs to the reference: like a propagated
 * one it is laid over, by a static route, which AWS prefers.
 */
const isReplaceable = ({ Type, PrefixListId = '' }: TransitGatewayRoute): boolean =>
  Type !== 'propagated' && PrefixListId === '';

const stateOf = ({ State }: TransitGatewayRoute): RouteFacts['state'] =>
  State === 'blackhole' || State === 'pending' ? State : 'active';

function operationOf({ kind, destination }: PlanStep): string {
  const isList = isPrefixList(destination);
  const verb = { create: 'Create', replace: isList ? 'Modify' : 'Replace', delete: 'Delete' }[kind];
  return `${verb}TransitGateway${isList ? 'PrefixListReference' : 'Route'}`;
}

/** Null: the step deletes. */
function attachmentOf({ kind, table, destination, to }: PlanStep): string | null {
  if (kind === 'delete') return null;
  if (to?.kind === 'attachment') return to.id;
  throw new MalformedInput(`${kind} ${destination} in ${table}: ${to?.id ?? 'nothing'} is no attachment`);
}

function routeCommandOf({ kind, table, destination }: PlanStep, attachment: string | null) {
  const route = { TransitGatewayRouteTableId: table, DestinationCidrBlock: destination };
  if (attachment === null) return new DeleteTransitGatewayRouteCommand(route);
  const aimed = { ...route, TransitGatewayAttachmentId: attachment };
  return kind === 'create' ? new CreateTransitGatewayRouteCommand(aimed) : new ReplaceTransitGatewayRouteCommand(aimed);
}
