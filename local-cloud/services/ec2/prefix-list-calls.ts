/**
 * GetTransitGatewayPrefixListReferences, CreateTransitGatewayPrefixListReference,
 * ModifyTransitGatewayPrefixListReference, DeleteTransitGatewayPrefixListReference, GetManagedPrefixListEntries.
 *
 * A reference is `pending` or `modifying` until its packets follow, and names its new attachment from the call on: so
 * AWS's own examples answer. Whether it takes another write meanwhile is the world's affair.
 */
import type {
  CreateTransitGatewayPrefixListReferenceCommandInput,
  DeleteTransitGatewayPrefixListReferenceCommandInput,
  GetManagedPrefixListEntriesCommandInput,
  GetTransitGatewayPrefixListReferencesCommandInput,
  ModifyTransitGatewayPrefixListReferenceCommandInput,
  TransitGatewayPrefixListReference,
} from '@aws-sdk/client-ec2';
import type { RouteEnd } from '../../shown-route';
import type { WorldPort } from '../../world-port';
import type { Calls } from './calls';
import * as errors from './errors';
import { type Fields, matching, page } from './listing';
import { attached, mustBeTransit, targetOf } from './tgw-calls';

export function prefixListCalls(world: WorldPort, accountId: string): Calls {
  const answer = (table: string, list: string, { target, state }: { target: RouteEnd; state: string }): object => ({
    TransitGatewayPrefixListReference: describe(world, accountId, { table, list, target, state }),
  });
  return {
    GetTransitGatewayPrefixListReferences: (input: GetTransitGatewayPrefixListReferencesCommandInput) => {
      const { TransitGatewayRouteTableId: table = '', Filters, ...rest } = input;
      mustBeTransit(world, table);
      const shown = world.routes.shown(table).filter(({ destination }) => destination.startsWith('pl-'));
      const all = shown.map(({ destination: list, target }) =>
        describe(world, accountId, { table, list, target, state: world.transit.referenceState(table, list) }),
      );
      const { items, NextToken } = page(matching(all, Filters, referenceFields), rest);
      return { TransitGatewayPrefixListReferences: items, NextToken };
    },
    CreateTransitGatewayPrefixListReference: (input: CreateTransitGatewayPrefixListReferenceCommandInput) => {
      const { table, list } = place(world, input);
      const target = targetOf(world, input);
      if (world.routes.written(table, list) !== null) throw errors.referenceExists(list, table);
      world.routes.write(table, list, target);
      return answer(table, list, { target, state: 'pending' });
    },
    ModifyTransitGatewayPrefixListReference: (input: ModifyTransitGatewayPrefixListReferenceCommandInput) => {
      const { table, list } = place(world, input);
      const target = targetOf(world, input);
      if (world.routes.written(table, list) === null) throw errors.noReference(list, table);
      world.routes.write(table, list, target);
      return answer(table, list, { target, state: 'modifying' });
    },
    DeleteTransitGatewayPrefixListReference: (input: DeleteTransitGatewayPrefixListReferenceCommandInput) => {
      const { table, list } = place(world, input);
      const target = world.routes.written(table, list);
      if (target === null) throw errors.noReference(list, table);
      world.routes.write(table, list, null);
      return answer(table, list, { target, state: 'deleting' });
    },
    GetManagedPrefixListEntries: ({ PrefixListId = '', ...rest }: GetManagedPrefixListEntriesCommandInput) => {
      const { items, NextToken } = page(blocksOf(world, PrefixListId), rest);
      return { Entries: items.map((Cidr) => ({ Cidr })), NextToken };
    },
  };
}

const referenceFields: Fields<TransitGatewayPrefixListReference> = {
  'attachment.resource-id': (each) => [each.TransitGatewayAttachment?.ResourceId],
  'attachment.resource-type': (each) => [each.TransitGatewayAttachment?.ResourceType],
  'attachment.transit-gateway-attachment-id': (each) => [each.TransitGatewayAttachment?.TransitGatewayAttachmentId],
  'is-blackhole': (each) => [String(each.Blackhole)],
  'prefix-list-id': (each) => [each.PrefixListId],
  'prefix-list-owner-id': (each) => [each.PrefixListOwnerId],
  state: (each) => [each.State],
};

interface Reference {
  readonly table: string;
  readonly list: string;
  readonly target: RouteEnd;
  readonly state: string;
}

function describe(
  world: WorldPort,
  accountId: string,
  { table, list, target, state }: Reference,
): TransitGatewayPrefixListReference {
  const [attachment] = attached(world, target);
  return {
    TransitGatewayRouteTableId: table,
    PrefixListId: list,
    PrefixListOwnerId: accountId,
    State: state as NonNullable<TransitGatewayPrefixListReference['State']>,
    Blackhole: attachment === undefined,
    ...(attachment !== undefined && { TransitGatewayAttachment: attachment }),
  };
}

type Place = Pick<DeleteTransitGatewayPrefixListReferenceCommandInput, 'TransitGatewayRouteTableId' | 'PrefixListId'>;

function place(world: WorldPort, input: Place): { table: string; list: string } {
  const { TransitGatewayRouteTableId: table = '', PrefixListId: list = '' } = input;
  mustBeTransit(world, table);
  blocksOf(world, list);
  if (world.transit.isChanging(table, list)) throw errors.transitBusy(table);
  return { table, list };
}

function blocksOf(world: WorldPort, list: string): readonly string[] {
  const blocks = world.transit.prefixLists.get(list);
  if (blocks === undefined) throw errors.noPrefixList(list);
  return blocks;
}
