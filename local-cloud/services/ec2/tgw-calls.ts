/**
 * SearchTransitGatewayRoutes, CreateTransitGatewayRoute, ReplaceTransitGatewayRoute, DeleteTransitGatewayRoute,
 * DescribeTransitGatewayAttachments.
 *
 * Search shows the preferred route of a destination only. A route that names no attachment drops what meets it. Writes
 * are decided on what is written, and refused with `IncorrectState` while the table or the attachment changes.
 */
import type {
  CreateTransitGatewayRouteCommandInput,
  DeleteTransitGatewayRouteCommandInput,
  DescribeTransitGatewayAttachmentsCommandInput,
  ReplaceTransitGatewayRouteCommandInput,
  SearchTransitGatewayRoutesCommandInput,
  TransitGatewayAttachment,
  TransitGatewayRoute,
} from '@aws-sdk/client-ec2';
import ipaddr from 'ipaddr.js';
import type { RouteEnd } from '../../shown-route';
import type { ShownTransitRoute } from '../../site-to-site';
import type { WorldPort } from '../../world-port';
import type { Calls } from './calls';
import * as errors from './errors';
import { type Fields, type Filter, matching, page } from './listing';

/** Of one answer. */
const routesMax = 1_000;

export function tgwCalls(world: WorldPort, accountId: string): Calls {
  return {
    SearchTransitGatewayRoutes: (input: SearchTransitGatewayRoutesCommandInput) => search(world, input),
    CreateTransitGatewayRoute: (input: CreateTransitGatewayRouteCommandInput) => {
      const { table, destination } = place(world, input);
      const target = targetOf(world, input);
      if (world.routes.written(table, destination) !== null) throw errors.transitRouteExists(destination, table);
      world.routes.write(table, destination, target);
      return { Route: written(world, destination, target) };
    },
    ReplaceTransitGatewayRoute: (input: ReplaceTransitGatewayRouteCommandInput) => {
      const { table, destination } = place(world, input);
      const target = targetOf(world, input);
      if (world.routes.written(table, destination) === null) throw errors.noTransitRoute(destination, table);
      world.routes.write(table, destination, target);
      return { Route: written(world, destination, target) };
    },
    DeleteTransitGatewayRoute: (input: DeleteTransitGatewayRouteCommandInput) => {
      const { table, destination } = place(world, input);
      const target = world.routes.written(table, destination);
      if (target === null) throw errors.noTransitRoute(destination, table);
      world.routes.write(table, destination, null);
      return { Route: { ...written(world, destination, target), State: 'deleting' } };
    },
    DescribeTransitGatewayAttachments: (input: DescribeTransitGatewayAttachmentsCommandInput) => {
      const { TransitGatewayAttachmentIds: ids, Filters, ...rest } = input;
      const lost = ids?.find((id) => !world.transit.attachments.has(id));
      if (lost !== undefined) throw errors.noAttachment(lost);
      const all = [...world.transit.attachments.values()].map(
        ({ id, transitGatewayId, resourceType, resourceId, isGone }): TransitGatewayAttachment => ({
          TransitGatewayAttachmentId: id,
          TransitGatewayId: transitGatewayId,
          TransitGatewayOwnerId: accountId,
          ResourceOwnerId: accountId,
          ResourceType: resourceType,
          ResourceId: resourceId,
          State: isGone ? 'deleted' : 'available',
        }),
      );
      const wanted = all.filter((each) => ids === undefined || ids.includes(each.TransitGatewayAttachmentId!));
      const { items, NextToken } = page(matching(wanted, Filters, attachmentFields), rest);
      return { TransitGatewayAttachments: items, NextToken };
    },
  };
}

const attachmentFields: Fields<TransitGatewayAttachment> = {
  'transit-gateway-attachment-id': (each) => [each.TransitGatewayAttachmentId],
  'transit-gateway-id': (each) => [each.TransitGatewayId],
  'resource-id': (each) => [each.ResourceId],
  'resource-type': (each) => [each.ResourceType],
  state: (each) => [each.State],
};

function search(world: WorldPort, input: SearchTransitGatewayRoutesCommandInput): object {
  const { TransitGatewayRouteTableId: table = '', Filters = [], MaxResults = routesMax, NextToken } = input;
  mustBeTransit(world, table);
  if (Filters.length === 0) throw errors.missingParameter('Filters');
  if (MaxResults < 5 || MaxResults > routesMax)
    throw errors.invalidValue(`Value ( ${MaxResults} ) for parameter MaxResults is invalid.`);
  const all = world.transit.shown(table).map((route) => describe(world, route));
  const found = Filters.reduce((left, filter) => left.filter((route) => meets(route, filter)), all);
  const { items, NextToken: more } = page(found, { MaxResults, NextToken });
  return {
    Routes: items,
    AdditionalRoutesAvailable: more !== undefined,
    ...(more !== undefined && { NextToken: more }),
  };
}

/** Values of one filter are alternatives. */
function meets(route: TransitGatewayRoute, { Name = '', Values = [] }: Filter): boolean {
  const destination = route.DestinationCidrBlock!;
  switch (Name) {
    case 'route-search.exact-match':
      return Values.includes(destination);
    case 'route-search.subnet-of-match':
      return Values.some((wide) => holds(wide, destination));
    case 'route-search.supernet-of-match':
      return Values.some((narrow) => holds(destination, narrow));
    case 'prefix-list-id':
      return Values.includes(route.PrefixListId ?? '');
    case 'state':
      return Values.includes(route.State!);
    case 'type':
      return Values.includes(route.Type!);
    case 'attachment.transit-gateway-attachment-id':
      return route.TransitGatewayAttachments!.some((each) => Values.includes(each.TransitGatewayAttachmentId!));
    default:
      throw errors.invalidValue(`The filter '${Name}' is invalid`);
  }
}

type Block = ReturnType<typeof ipaddr.parseCIDR>;

/** Every look at a table asks about the same few blocks. */
const known = new Map<string, Block>();

function blockOf(text: string): Block {
  const block = known.get(text) ?? ipaddr.parseCIDR(text);
  known.set(text, block);
  return block;
}

function holds(wide: string, narrow: string): boolean {
  const [network, bits] = blockOf(wide);
  const [inner, innerBits] = blockOf(narrow);
  return network.kind() === inner.kind() && innerBits >= bits && inner.match(network, bits);
}

function describe(
  world: WorldPort,
  { destination, target, propagated, state, prefixList }: ShownTransitRoute,
): TransitGatewayRoute {
  return {
    DestinationCidrBlock: destination,
    ...(prefixList !== undefined && { PrefixListId: prefixList }),
    TransitGatewayAttachments: attached(world, target),
    Type: propagated ? 'propagated' : 'static',
    State: state,
  };
}

function written(world: WorldPort, destination: string, target: RouteEnd): TransitGatewayRoute {
  const State = target.id === '' ? 'blackhole' : 'active';
  return {
    DestinationCidrBlock: destination,
    TransitGatewayAttachments: attached(world, target),
    Type: 'static',
    State,
  };
}

/** Empty: the route drops. One that this world does not have is somebody else's. */
export function attached(world: WorldPort, { id }: RouteEnd) {
  if (id === '') return [];
  const known = world.transit.attachments.get(id);
  return [
    {
      TransitGatewayAttachmentId: id,
      ...(known !== undefined && { ResourceId: known.resourceId, ResourceType: known.resourceType }),
    },
  ];
}

export function mustBeTransit(world: WorldPort, table: string): void {
  if (!world.transit.tables.has(table) || !world.routes.isListed(table)) throw errors.noTransitTable(table);
}

type Place = Pick<CreateTransitGatewayRouteCommandInput, 'TransitGatewayRouteTableId' | 'DestinationCidrBlock'>;

function place(world: WorldPort, input: Place): { table: string; destination: string } {
  const { TransitGatewayRouteTableId: table = '', DestinationCidrBlock: destination = '' } = input;
  mustBeTransit(world, table);
  if (!ipaddr.isValidCIDR(destination))
    throw errors.invalidValue(`Value (${destination}) for parameter destinationCidrBlock is invalid.`);
  if (world.transit.isChanging(table)) throw errors.transitBusy(table);
  return { table, destination };
}

type Target = Pick<CreateTransitGatewayRouteCommandInput, 'TransitGatewayAttachmentId' | 'Blackhole'>;

export function targetOf(world: WorldPort, { TransitGatewayAttachmentId: id, Blackhole }: Target): RouteEnd {
  if (Blackhole === true) return { kind: 'attachment', id: '' };
  if (id === undefined) throw errors.missingParameter('TransitGatewayAttachmentId');
  const known = world.transit.attachments.get(id);
  if (known === undefined || known.isGone) throw errors.noAttachment(id);
  return { kind: 'attachment', id };
}
