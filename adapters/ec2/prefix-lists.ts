/**
 * Prefix lists in transit gateways' tables. A table refers to a list, and shows each block of it as a route that names
 * the list. The reference is what is read and written, one call for all blocks; the routes only tell what has become of
 * it.
 *
 * A reference is `modifying` from the call until its routes follow. It names its new attachment by then, so the move
 * counts as done and has no effect yet; while it lasts another write is refused with `IncorrectState`.
 */
import {
  CreateTransitGatewayPrefixListReferenceCommand,
  DeleteTransitGatewayPrefixListReferenceCommand,
  type EC2Client,
  GetManagedPrefixListEntriesCommand,
  GetTransitGatewayPrefixListReferencesCommand,
  ModifyTransitGatewayPrefixListReferenceCommand,
  type TransitGatewayPrefixListReference,
  type TransitGatewayRoute,
} from '@aws-sdk/client-ec2';
import type { PlanStep } from '../../core/routes/plane';
import type { RouteFacts } from '../../core/words/evidence';
import { sameTarget } from '../../core/words/targets';
import { attempt, type Clock } from '../attempt';
import { isNamed } from '../errors';
import { attachmentIn, targetOf } from './transit-description';

interface Tools {
  readonly ec2: Pick<EC2Client, 'send'>;
  readonly clock: Clock;
  readonly patience: { readonly requestTimeout?: number };
}

/** Longer lists are not looked into in tables: a search takes so many values, and each table would need several. */
export const listBlocksMax = 200;

/** The blocks that a list holds, by the list itself: a table shows only those that nothing comes before. */
export async function blocksOf({ ec2, clock, patience }: Tools, list: string): Promise<string[]> {
  const blocks: string[] = [];
  let token: string | undefined;
  do {
    const page = new GetManagedPrefixListEntriesCommand({ PrefixListId: list, NextToken: token });
    const tried = { operation: 'GetManagedPrefixListEntries', on: list };
    const answer = await attempt(clock, tried, () => ec2.send(page, patience));
    blocks.push(...(answer.Entries ?? []).flatMap(({ Cidr }) => Cidr ?? []));
    token = answer.NextToken === '' ? undefined : answer.NextToken;
  } while (token !== undefined);
  return blocks;
}

/** By list. */
export type References = ReadonlyMap<string, TransitGatewayPrefixListReference>;

/** Null: there is no such table. */
export async function referencesIn(
  { ec2, clock, patience }: Tools,
  table: string,
  lists: readonly string[],
): Promise<References | null> {
  const found = new Map<string, TransitGatewayPrefixListReference>();
  let token: string | undefined;
  do {
    const page = new GetTransitGatewayPrefixListReferencesCommand({
      TransitGatewayRouteTableId: table,
      Filters: [{ Name: 'prefix-list-id', Values: [...lists] }],
      NextToken: token,
    });
    const tried = { operation: 'GetTransitGatewayPrefixListReferences', on: table };
    const answer = await attempt(clock, tried, () =>
      ec2.send(page, patience).catch((error: unknown) => {
        if (isNamed(error, 'InvalidRouteTableID.NotFound')) return null;
        throw error;
      }),
    );
    if (answer === null) return null;
    for (const each of answer.TransitGatewayPrefixListReferences ?? [])
      if (each.State !== 'deleting') found.set(each.PrefixListId ?? '', each);
    token = answer.NextToken === '' ? undefined : answer.NextToken;
  } while (token !== undefined);
  return found;
}

/** What a listed prefix list is in a table: its reference, and what the table shows of its blocks. */
export function listFacts(
  at: Pick<RouteFacts, 'routeSet' | 'table' | 'destination'>,
  reference: TransitGatewayPrefixListReference | undefined,
  shown: readonly TransitGatewayRoute[],
): RouteFacts {
  if (reference === undefined) return { ...at, target: null, state: 'active', origin: 'static' };
  const { State, Blackhole, TransitGatewayAttachment: to } = reference;
  const target = attachmentIn(Blackhole === true || to === undefined ? [] : [to]);
  const blocks = shown.filter(({ PrefixListId }) => PrefixListId === at.destination);
  const follows = blocks.filter((block) => sameTarget(targetOf(block), target));
  // Of blocks that have not followed yet, a black hole is that of the attachment before.
  const isDead = follows.some((block) => block.State === 'blackhole');
  const isUnderWay =
    State !== 'available' || follows.length < blocks.length || follows.some((block) => block.State === 'pending');
  return { ...at, target, state: isDead ? 'blackhole' : isUnderWay ? 'pending' : 'active', origin: 'static' };
}

/** `attachment` is null where the step deletes. */
export function referenceCommandOf({ kind, table, destination }: PlanStep, attachment: string | null) {
  const reference = { TransitGatewayRouteTableId: table, PrefixListId: destination };
  if (attachment === null) return new DeleteTransitGatewayPrefixListReferenceCommand(reference);
  const aimed = { ...reference, TransitGatewayAttachmentId: attachment };
  return kind === 'create'
    ? new CreateTransitGatewayPrefixListReferenceCommand(aimed)
    : new ModifyTransitGatewayPrefixListReferenceCommand(aimed);
}
