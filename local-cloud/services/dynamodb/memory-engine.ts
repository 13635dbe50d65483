/**
 * A DynamoDB engine in memory: dynalite's own checks, parser and actions over a Map. No client, no wire, no host time:
 * a call is done before its promise is handed out, so there are no turns to take.
 *
 * Not modelled, and refused by name: Scan, Query but by a whole key, binary attributes, the parameters from before expressions
 * (`Expected`, `AttributeUpdates`, `AttributesToGet`), consumed capacity. A batch is answered whole, in its own order.
 */
import deleteItem from 'dynalite/actions/deleteItem.js';
import getItem from 'dynalite/actions/getItem.js';
import putItem from 'dynalite/actions/putItem.js';
import updateItem from 'dynalite/actions/updateItem.js';
import {
  type Action,
  type Attributes,
  createKey,
  MAX_SIZE,
  matchesExprFilter,
  type Request,
  type Store,
} from 'dynalite/db/index.js';
import { AwsError, NotModelled } from '../../service';
import type { JsonObject } from '../../template/json';
import { copyOf } from './attribute-copy';
import { type Item, keysOf, type Table, type TableEngine, transactionCanceled, type Written } from './table-engine';
import { checkedBatch, checkedQuery, checkedRequest } from './table-request';

const actions: Readonly<Record<string, Action>> = {
  GetItem: getItem,
  PutItem: putItem,
  UpdateItem: updateItem,
  DeleteItem: deleteItem,
};

/** As dynalite's actions fail: the wire's status and body on the error. */
interface WireError extends Error {
  readonly statusCode: number;
  readonly body: { readonly __type: string; readonly message?: string };
}

export class MemoryEngine implements TableEngine {
  private readonly tables = new Map<string, MemoryTable>();
  private readonly store: Store = {
    options: { maxItemSize: MAX_SIZE },
    getTable: (name, done) => {
      const table = this.tables.get(name);
      if (table === undefined) done(notFound());
      else done(null, table);
    },
    getItemDb: (name) => this.tables.get(name)!,
  };

  async createTable(table: Table): Promise<void> {
    this.tables.set(table.name, new MemoryTable(table));
  }

  async send(operation: string, input: JsonObject): Promise<JsonObject> {
    return this.serve(operation, input);
  }

  async write(operation: string, input: JsonObject): Promise<Written> {
    return this.writeNow(operation, input);
  }

  private writeNow(operation: string, input: JsonObject): Written {
    const output = this.serve(operation, input);
    const table = this.tableOf(input);
    return { output, keys: table.keysOf(input), item: table.written && (copyOf(table.written) as Item) };
  }

  async transact(updates: readonly JsonObject[]): Promise<Written[]> {
    const before = updates.map((update) => this.tableOf(update).items.get(this.keyOf(update)));
    const written: Written[] = [];
    for (const [i, update] of updates.entries()) {
      try {
        written.push(this.writeNow('UpdateItem', update));
      } catch (error) {
        if (!(error instanceof AwsError) || error.name !== 'ConditionalCheckFailedException') throw error;
        for (const [n, item] of before.slice(0, i).entries()) this.restore(updates[n]!, item);
        throw transactionCanceled(updates.map((_, n) => (n === i ? 'ConditionalCheckFailed' : 'None')));
      }
    }
    return written;
  }

  private restore(update: JsonObject, item: Attributes | undefined): void {
    if (item === undefined) this.tableOf(update).items.delete(this.keyOf(update));
    else this.tableOf(update).items.set(this.keyOf(update), item);
  }

  private tableOf(input: JsonObject): MemoryTable {
    return this.tables.get(String(input['TableName']))!;
  }

  private keyOf(input: JsonObject): string {
    const table = this.tableOf(input);
    return createKey(table.keysOf(input) as Attributes, table);
  }

  private serve(operation: string, input: JsonObject): JsonObject {
    try {
      if (operation === 'BatchGetItem') return this.getBatch(input);
      if (operation === 'Query') return this.query(input);
      const action = actions[operation];
      if (action === undefined) throw new NotModelled('dynamodb', `${operation} on tables in memory`);
      if (action !== getItem) return this.act(action, checkedRequest(operation, input, this.store));
      return this.getAgain(input) ?? this.getFirst(input);
    } catch (error) {
      throw this.asAwsError(error as Partial<WireError>, input);
    }
  }

  private getFirst(input: JsonObject): JsonObject {
    const output = this.act(getItem, checkedRequest('GetItem', input, this.store));
    this.tableOf(input).rememberKey(input['Key']);
    return output;
  }

  /** Most calls ask for a whole item by a key that was asked for before, and found right; undefined: this one does not. */
  private getAgain({ TableName, Key, ConsistentRead = false, ...others }: JsonObject): JsonObject | undefined {
    if (typeof ConsistentRead !== 'boolean' || Object.keys(others).length > 0) return undefined;
    const table = this.tables.get(String(TableName));
    const key = table?.rememberedKey(Key);
    if (table === undefined || key === undefined) return undefined;
    const item = table.items.get(key);
    return item === undefined ? {} : { Item: copyOf(item) as JsonObject };
  }

  private getBatch(input: JsonObject): JsonObject {
    const tables = [...checkedBatch(input, this.store)].map(([table, gets]) => {
      const items = gets.flatMap((get) => this.act(getItem, get)['Item'] ?? []);
      return [table, items] as const;
    });
    return { Responses: Object.fromEntries(tables), UnprocessedKeys: {} };
  }

  private query(input: JsonObject): JsonObject {
    const table = this.tables.get(String(input['TableName']));
    if (table === undefined) throw notFound();
    const { key, filter } = checkedQuery(input, table, this.store);
    const found = table.items.get(createKey(key, table));
    const scanned = found === undefined ? [] : [found];
    const items = scanned.filter((item) => filter === undefined || matchesExprFilter(item, filter));
    return { Items: items.map((item) => copyOf(item) as Item), Count: items.length, ScannedCount: scanned.length };
  }

  private act(action: Action, request: Request): JsonObject {
    let failure: Error | null | undefined;
    let answer: { Item?: Attributes; Attributes?: Attributes } | undefined;
    action(this.store, request, (error, output) => {
      failure = error;
      answer = output as typeof answer;
    });
    if (failure) throw failure;
    if (answer === undefined) throw new Error('An action of dynalite was not done at once');
    const output: JsonObject = {};
    if (answer.Item) output['Item'] = copyOf(answer.Item) as JsonObject;
    if (answer.Attributes) output['Attributes'] = copyOf(answer.Attributes) as JsonObject;
    return output;
  }

  private asAwsError(error: Partial<WireError>, input: JsonObject): unknown {
    if (error.body === undefined) return error;
    const name = error.body.__type.split('#')[1]!;
    const wanted =
      name === 'ConditionalCheckFailedException' && input['ReturnValuesOnConditionCheckFailure'] === 'ALL_OLD';
    const item = wanted ? this.itemOf(input) : undefined;
    return new AwsError(name, error.message!, error.statusCode, item === undefined ? {} : { Item: item });
  }

  /** The item that a write is about, as it is now. */
  private itemOf(input: JsonObject): Item | undefined {
    const table = this.tables.get(String(input['TableName']))!;
    const found = table.items.get(createKey(table.keysOf(input) as Attributes, table));
    return found && (copyOf(found) as Item);
  }
}

type ItemDb = ReturnType<Store['getItemDb']>;

/** A table as dynalite's actions use it, and its items by dynalite's key. */
class MemoryTable implements ItemDb {
  readonly KeySchema: readonly { readonly AttributeName: string }[];
  readonly AttributeDefinitions: readonly object[];
  readonly items = new Map<string, Attributes>();
  /** Dynalite's keys of what was asked for, which it makes of a digest each time. */
  private readonly remembered = new Map<string, string>();
  /** What the last write left of its item; undefined: nothing. */
  written: Attributes | undefined;

  constructor(private readonly resource: Table) {
    const { KeySchema, AttributeDefinitions } = resource.properties;
    this.KeySchema = KeySchema as unknown as MemoryTable['KeySchema'];
    this.AttributeDefinitions = AttributeDefinitions as unknown as MemoryTable['AttributeDefinitions'];
  }

  readonly get: ItemDb['get'] = (key, done) => done(null, this.items.get(key));

  readonly put: ItemDb['put'] = (key, item, done) => {
    // A store on disk would keep no prototypes and no part that two attributes share.
    this.written = copyOf(item);
    this.items.set(key, this.written);
    done();
  };

  readonly del: ItemDb['del'] = (key, done) => {
    this.items.delete(key);
    this.written = undefined;
    done();
  };

  /** Nothing else can run meanwhile. */
  readonly lock: ItemDb['lock'] = (_key, work) => work((done) => done);

  keysOf(input: JsonObject): Item {
    return keysOf(this.resource, input);
  }

  /** Of a key that dynalite has accepted. */
  rememberKey(key: unknown): void {
    const text = this.textOf(key);
    if (text !== undefined) this.remembered.set(text, createKey(key as Attributes, this));
  }

  rememberedKey(key: unknown): string | undefined {
    const text = this.textOf(key);
    return text === undefined ? undefined : this.remembered.get(text);
  }

  /** Undefined: it is no plain key of strings. */
  private textOf(key: unknown): string | undefined {
    if (typeof key !== 'object' || key === null) return undefined;
    let text = '';
    for (const { AttributeName } of this.KeySchema) {
      const value = (key as Attributes)[AttributeName];
      if (typeof value?.['S'] !== 'string' || Object.keys(value).length > 1) return undefined;
      text += `${value['S'].length} ${value['S']}`;
    }
    return Object.keys(key).length === this.KeySchema.length ? text : undefined;
  }
}

/** As dynalite's own store says it. */
const notFound = (): WireError => {
  const message = 'Requested resource not found';
  const __type = 'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException';
  return Object.assign(new Error(message), { statusCode: 400, body: { __type, message } });
};
