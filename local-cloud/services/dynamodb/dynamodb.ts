/**
 * DynamoDB: the tables of the template, a real expression engine, and the streams. The order of arrival on the virtual
 * clock is the order of effect, and time stands still meanwhile, whichever engine does the work.
 *
 * A dead table (`table_down`) answers like a service nobody can reach: a connection error after a bounded wait.
 */
import type { VirtualClock } from '../../clock';
import type { Faults } from '../../front/faults';
import { type FakeService, NotModelled, type Patience, unreachable, usualPatience } from '../../service';
import type { JsonObject } from '../../template/json';
import type { Resource, Template } from '../../template/template';
import { DynaliteEngine } from './dynalite-engine';
import { MemoryEngine } from './memory-engine';
import type { Item, TableEngine, TableEngineName } from './table-engine';

export type { Item } from './table-engine';

/** One change of one item, as the stream sees it. */
export interface ItemChange {
  readonly table: string;
  readonly keys: Item;
  readonly oldImage: Item | undefined;
  readonly newImage: Item | undefined;
  /** The new image, or the old one where there is none any more, as JSON. */
  readonly text: string;
}

export interface DynamoDbOptions {
  readonly template: Template;
  readonly clock: VirtualClock;
  readonly faults: Faults;
  /** `dynalite` unless said otherwise; `memory` answers the same for a twentieth of the cost. */
  readonly tables?: TableEngineName | undefined;
  /** How long clients wait for a dead table. */
  readonly patience?: Patience | undefined;
  /** An item of a streamed table has changed. */
  onChange(change: ItemChange): void;
  /** An item of any table has changed: for whoever watches from outside. */
  readonly onItem?: (change: ItemChange) => void;
}

const reads = ['GetItem', 'BatchGetItem', 'Query', 'Scan'];
const writes = ['PutItem', 'UpdateItem', 'DeleteItem', 'TransactWriteItems'];

export class DynamoDb implements FakeService {
  readonly name = 'dynamodb';
  private readonly engine: TableEngine;
  private tables: ReadonlyMap<string, Resource>;
  /** The items of streamed tables as last written: nobody else writes them. */
  private readonly images = new Map<string, { readonly item: Item; readonly text: string }>();

  constructor(private readonly options: DynamoDbOptions) {
    const { template, clock } = options;
    this.engine = options.tables === 'memory' ? new MemoryEngine() : new DynaliteEngine(template.region, clock);
    this.tables = tablesOf(template);
  }

  /** Tables keep their items; a new one is made. */
  async redeploy(template: Template): Promise<void> {
    const before = this.tables;
    this.tables = tablesOf(template);
    for (const [name, table] of this.tables) if (!before.has(name)) await this.engine.createTable(table);
  }

  /** Creates the tables; real work, so it belongs before the clock runs or under `busy`. */
  async open(): Promise<void> {
    for (const table of this.tables.values()) await this.engine.createTable(table);
  }

  async call(operation: string, input: unknown): Promise<unknown> {
    if (![...reads, ...writes].includes(operation)) throw new NotModelled('dynamodb', operation);
    const request = input as JsonObject;
    if (operation === 'TransactWriteItems') return this.transact(request);
    const named =
      operation === 'BatchGetItem'
        ? Object.keys(request['RequestItems'] as JsonObject)
        : [String(request['TableName'])];
    if (named.some((table) => this.options.faults.deadTables.has(table)))
      return unreachable(this.options.clock, this.options.patience ?? usualPatience);
    const isWatched = this.isStreamed(named[0]!) || this.options.onItem !== undefined;
    if (!isWatched || reads.includes(operation)) return this.engine.send(operation, request);
    const { output, keys, item } = await this.engine.write(operation, request);
    this.record(named[0]!, keys, item);
    return output;
  }

  /** Of updates alone: whatever else a transaction may hold is refused by name. */
  private async transact({ TransactItems }: JsonObject): Promise<unknown> {
    const updates = (TransactItems as JsonObject[]).map((item) => {
      if (Object.keys(item).join() !== 'Update')
        throw new NotModelled('dynamodb', `TransactWriteItems with ${Object.keys(item).join()}`);
      return item['Update'] as JsonObject;
    });
    if (updates.some((update) => this.options.faults.deadTables.has(String(update['TableName']))))
      return unreachable(this.options.clock, this.options.patience ?? usualPatience);
    const written = await this.engine.transact(updates);
    for (const [i, { keys, item }] of written.entries()) this.record(String(updates[i]!['TableName']), keys, item);
    return {};
  }

  /** An item as it is now, for expectations and tests; no call is recorded. */
  async peek(table: string, key: Item): Promise<Item | undefined> {
    const found = await this.engine.send('GetItem', { TableName: table, Key: key, ConsistentRead: true });
    return found['Item'] as Item | undefined;
  }

  /** A write that changes nothing leaves no record in the stream. */
  private record(table: string, keys: Item, newImage: Item | undefined): void {
    const id = `${table}/${JSON.stringify(keys)}`;
    const { item: oldImage, text: oldText } = this.images.get(id) ?? {};
    const text = JSON.stringify(newImage);
    if (text === oldText) return;
    if (newImage === undefined) this.images.delete(id);
    else this.images.set(id, { item: newImage, text });
    const change = { table, keys, oldImage, newImage, text: text ?? oldText! };
    this.options.onItem?.(change);
    if (this.isStreamed(table)) this.options.onChange(change);
  }

  private isStreamed(table: string): boolean {
    return this.tables.get(table)?.properties['StreamSpecification'] !== undefined;
  }
}

function tablesOf(template: Template): ReadonlyMap<string, Resource> {
  const tables = template.ofType('AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable');
  return new Map(tables.map((table) => [table.name, table]));
}
