/**
 * DynamoDB: the tables of the template, a real expression engine, and the streams.
 *
 * Calls are served one at a time and under `clock.busy`, so the engine's own asynchrony decides nothing: the order of
 * arrival on the virtual clock is the order of effect, and time stands still meanwhile.
 * A dead table (`table_down`) answers like a service nobody can reach: a connection error after a bounded wait.
 */
import type { VirtualClock } from '../clock';
import type { JsonObject } from '../template/json';
import type { Resource, Template } from '../template/template';
import { DynaliteEngine } from './dynalite-engine';
import type { Faults } from './faults';
import { AwsError, type FakeService, NotModelled } from './service';

export type Item = Record<string, JsonObject>;

/** One change of one item, as the stream sees it. */
export interface ItemChange {
  readonly table: string;
  readonly keys: Item;
  readonly oldImage: Item | undefined;
  readonly newImage: Item | undefined;
}

export interface DynamoDbOptions {
  readonly template: Template;
  readonly clock: VirtualClock;
  readonly faults: Faults;
  onChange(change: ItemChange): void;
}

/** How long the SDK waits for a socket before it gives up: ours are configured to about this. */
const unreachableAfterMs = 1_000;

const reads = ['GetItem', 'BatchGetItem', 'Query', 'Scan'];
const writes = ['PutItem', 'UpdateItem', 'DeleteItem'];

export class DynamoDb implements FakeService {
  readonly name = 'dynamodb';
  private readonly engine: DynaliteEngine;
  private readonly tables: ReadonlyMap<string, Resource>;
  /** The items of streamed tables as last written: nobody else writes them. */
  private readonly images = new Map<string, Item>();
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: DynamoDbOptions) {
    this.engine = new DynaliteEngine(options.template.region);
    const tables = options.template.ofType('AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable');
    this.tables = new Map(tables.map((table) => [table.name, table]));
  }

  /** Creates the tables; real work, so it belongs before the clock runs or under `busy`. */
  async open(): Promise<void> {
    for (const table of this.tables.values()) await this.engine.createTable(table);
    // dynalite makes a table ACTIVE on a timer of the host; asking until it is so is quicker than any fixed wait.
    for (const table of this.tables.values()) {
      while ((await this.status(table.name)) !== 'ACTIVE') await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async call(operation: string, input: unknown): Promise<unknown> {
    if (![...reads, ...writes].includes(operation)) throw new NotModelled('dynamodb', operation);
    const request = input as JsonObject;
    const named =
      operation === 'BatchGetItem'
        ? Object.keys(request['RequestItems'] as JsonObject)
        : [String(request['TableName'])];
    if (named.some((table) => this.options.faults.deadTables.has(table))) return this.unreachable();
    return this.inTurn(() =>
      writes.includes(operation) ? this.write(operation, request) : this.send(operation, request),
    );
  }

  /** An item as it is now, for expectations and tests; no call is recorded. */
  async peek(table: string, key: Item): Promise<Item | undefined> {
    const found = await this.inTurn(() =>
      this.send('GetItem', { TableName: table, Key: key as JsonObject, ConsistentRead: true }),
    );
    return found['Item'] as Item | undefined;
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(work);
    this.turn = mine.catch(() => {});
    return this.options.clock.busy(mine);
  }

  private async unreachable(): Promise<never> {
    await this.options.clock.sleep(unreachableAfterMs, 'dynamodb unreachable');
    throw Object.assign(new AwsError('TimeoutError', 'connect ETIMEDOUT', 0), { code: 'ETIMEDOUT' });
  }

  private async write(operation: string, input: JsonObject): Promise<JsonObject> {
    const table = this.tables.get(String(input['TableName']));
    const keys = keysOf(table, (operation === 'PutItem' ? input['Item'] : input['Key']) as Item);
    const output = await this.send(operation, input, keys);
    if (table?.properties['StreamSpecification'] !== undefined) {
      const after = operation === 'PutItem' ? (input['Item'] as Item) : await this.item(table.name, keys);
      this.record(table.name, keys, after);
    }
    return output;
  }

  /** A write that changes nothing leaves no record in the stream. */
  private record(table: string, keys: Item, newImage: Item | undefined): void {
    const id = `${table}/${JSON.stringify(keys)}`;
    const oldImage = this.images.get(id);
    if (JSON.stringify(oldImage) === JSON.stringify(newImage)) return;
    if (newImage === undefined) this.images.delete(id);
    else this.images.set(id, newImage);
    this.options.onChange({ table, keys, oldImage, newImage });
  }

  private async item(table: string, keys: Item): Promise<Item | undefined> {
    return (await this.engine.send('GetItem', { TableName: table, Key: keys, ConsistentRead: true }))['Item'] as
      | Item
      | undefined;
  }

  private async send(operation: string, input: JsonObject, keys?: Item): Promise<JsonObject> {
    const { ReturnValuesOnConditionCheckFailure: onFailure, ...known } = input;
    try {
      const { $metadata, ...output } = await this.engine.send(operation, known);
      return output as JsonObject;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
      if (status === undefined) throw error;
      // dynalite leaves the item out of a failed condition; AWS returns it when asked.
      const failed = error.name === 'ConditionalCheckFailedException' && onFailure === 'ALL_OLD' && keys !== undefined;
      const item = failed ? await this.item(String(input['TableName']), keys) : undefined;
      throw new AwsError(error.name, error.message, status, item === undefined ? {} : { Item: item });
    }
  }

  private async status(table: string): Promise<unknown> {
    const { Table } = await this.engine.send('DescribeTable', { TableName: table });
    return (Table as JsonObject)['TableStatus'];
  }
}

function keysOf(table: Resource | undefined, attributes: Item): Item {
  const schema = (table?.properties['KeySchema'] ?? []) as JsonObject[];
  const names = schema.map((key) => String(key['AttributeName']));
  return Object.fromEntries(Object.entries(attributes ?? {}).filter(([name]) => names.includes(name)));
}
