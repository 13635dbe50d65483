/**
 * What keeps the items of DynamoDB's tables and evaluates its expressions. There are two, told apart by cost alone:
 * dynalite behind the real SDK client, and its parts over a Map in memory. `tables.property.test.ts` holds them equal.
 *
 * Both serve calls one at a time, in the order of arrival, and no virtual time passes meanwhile.
 */

import { AwsError } from '../../service';
import type { JsonObject } from '../../template/json';
import type { Resource } from '../../template/template';

export type TableEngineName = 'dynalite' | 'memory';

export type Item = Record<string, JsonObject>;

/** A write that was made, and the item as it left it; undefined: there is none now. */
export interface Written {
  readonly output: JsonObject;
  readonly keys: Item;
  readonly item: Item | undefined;
}

/** What an engine needs of the template's table. */
export type Table = Pick<Resource, 'name' | 'properties'>;

export interface TableEngine {
  /** As the template says; the table can be used at once. */
  createTable(table: Table): Promise<void>;
  /** Throws `AwsError`, with the item of a failed condition when that was asked for. */
  send(operation: string, input: JsonObject): Promise<JsonObject>;
  /** The same for PutItem, UpdateItem and DeleteItem, with the item right after it. */
  write(operation: string, input: JsonObject): Promise<Written>;
  /** UpdateItems of a transaction: all are made, or none and `TransactionCanceledException`. */
  transact(updates: readonly JsonObject[]): Promise<Written[]>;
}

/** The key attributes of the item that a write is about. */
export function keysOf(table: Table | undefined, { Item: item, Key }: JsonObject): Item {
  const schema = (table?.properties['KeySchema'] ?? []) as JsonObject[];
  const names = schema.map((key) => String(key['AttributeName']));
  return Object.fromEntries(Object.entries((item ?? Key ?? {}) as Item).filter(([name]) => names.includes(name)));
}

/** As AWS words it: a code for each item, in order. */
export function transactionCanceled(codes: readonly string[]): AwsError {
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes.join(', ')}]`;
  return new AwsError('TransactionCanceledException', message, 400);
}
