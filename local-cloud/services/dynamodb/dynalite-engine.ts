/**
 * A DynamoDB engine in this process, with the real SDK client in front of it.
 *
 * dynalite is an HTTP server; its request listener is called directly, without a socket, so nothing of the host (ports,
 * the loopback's scheduling) enters a run. What passes is still what the SDK would put on the wire.
 *
 * It works on the host's own time, so calls take turns and hold the virtual clock still: the order of arrival is the
 * order of effect.
 */
import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import * as commands from '@aws-sdk/client-dynamodb';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import type { VirtualClock } from '../../clock';
import { AwsError } from '../../service';
import type { JsonObject } from '../../template/json';
import { type Item, keysOf, type Table, type TableEngine, transactionCanceled, type Written } from './table-engine';

interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string | Uint8Array;
}

/** Stands where the SDK's HTTP handler would. */
class InProcessHandler {
  readonly metadata = { handlerProtocol: 'http/1.1' };

  constructor(private readonly server: EventEmitter) {}

  handle(request: WireRequest): Promise<{ response: unknown }> {
    return new Promise((resolve) => {
      const headers: Record<string, string> = {};
      const response = {
        statusCode: 200,
        setHeader: (name: string, value: unknown): void => {
          headers[name.toLowerCase()] = String(value);
        },
        end: (body = ''): void => {
          resolve({
            response: { statusCode: response.statusCode, headers, body: Readable.from([Buffer.from(body)]) },
          });
        },
      };
      const lowered = Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]);
      const incoming = Object.assign(new EventEmitter(), {
        method: request.method,
        url: request.path,
        headers: Object.fromEntries(lowered) as Record<string, string>,
      });
      this.server.emit('request', incoming, response);
      incoming.emit('data', bytesOf(request.body));
      incoming.emit('end');
    });
  }

  updateHttpClientConfig(): void {}

  httpHandlerConfigs(): object {
    return {};
  }
}

/** The SDK's body warns when it is used as text, so its bytes are taken as such. */
const bytesOf = (body: string | Uint8Array | undefined): Buffer =>
  typeof body === 'object' ? Buffer.from(body.buffer, body.byteOffset, body.byteLength) : Buffer.from(body ?? '');

/** Signing proves nothing here and costs more than the call; dynalite only wants the header's shape. */
const signer = {
  sign: async (request: WireRequest): Promise<WireRequest> => {
    request.headers['authorization'] =
      'AWS4-HMAC-SHA256 Credential=local/20260105/local/dynamodb/aws4_request, SignedHeaders=host, Signature=local';
    request.headers['x-amz-date'] = '20260105T000000Z';
    return request;
  },
};

const idleMiddleware = [
  'loggerMiddleware',
  'getUserAgentMiddleware',
  'recursionDetectionMiddleware',
  'hostHeaderMiddleware',
];

type Command = new (input: never) => Parameters<DynamoDBClient['send']>[0];

export class DynaliteEngine implements TableEngine {
  private readonly client: DynamoDBClient;
  private readonly tables = new Map<string, Table>();
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    region: string,
    private readonly clock: VirtualClock,
  ) {
    this.client = new DynamoDBClient({
      region,
      endpoint: 'http://dynamodb.local',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      maxAttempts: 1,
      requestHandler: new InProcessHandler(dynalite({ createTableMs: 0 })) as never,
      signer: signer as never,
    });
    // They write headers that nobody reads here, and cost a quarter of the call.
    for (const name of idleMiddleware) this.client.middlewareStack.remove(name);
  }

  /** Key schema and attribute definitions are handed over untouched. */
  async createTable(table: Table): Promise<void> {
    const { KeySchema, AttributeDefinitions } = table.properties as JsonObject;
    await this.client.send(
      new CreateTableCommand({
        TableName: table.name,
        KeySchema: KeySchema as never,
        AttributeDefinitions: AttributeDefinitions as never,
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    this.tables.set(table.name, table);
    // dynalite makes a table ACTIVE on a timer of the host; asking until it is so is quicker than any fixed wait.
    while ((await this.status(table.name)) !== 'ACTIVE') await new Promise((resolve) => setImmediate(resolve));
  }

  send(operation: string, input: JsonObject): Promise<JsonObject> {
    return this.inTurn(() => this.ask(operation, input));
  }

  write(operation: string, input: JsonObject): Promise<Written> {
    return this.inTurn(async () => {
      const output = await this.ask(operation, input);
      const item = operation === 'PutItem' ? (input['Item'] as Item) : await this.item(input);
      return { output, keys: this.keysOf(input), item };
    });
  }

  transact(updates: readonly JsonObject[]): Promise<Written[]> {
    return this.inTurn(async () => {
      const before = await Promise.all(updates.map((update) => this.item(update)));
      const written: Written[] = [];
      for (const [i, update] of updates.entries()) {
        try {
          const output = await this.ask('UpdateItem', update);
          written.push({ output, keys: this.keysOf(update), item: await this.item(update) });
        } catch (error) {
          if (!(error instanceof AwsError) || error.name !== 'ConditionalCheckFailedException') throw error;
          for (const [n, item] of before.slice(0, i).entries()) await this.restore(updates[n]!, item);
          throw transactionCanceled(updates.map((_, n) => (n === i ? 'ConditionalCheckFailed' : 'None')));
        }
      }
      return written;
    });
  }

  private async restore({ TableName, Key }: JsonObject, item: Item | undefined): Promise<void> {
    if (item === undefined) await this.ask('DeleteItem', { TableName: TableName!, Key: Key! });
    else await this.ask('PutItem', { TableName: TableName!, Item: item });
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(work);
    this.turn = mine.catch(() => {});
    return this.clock.busy(mine);
  }

  private async ask(operation: string, input: JsonObject): Promise<JsonObject> {
    const { ReturnValuesOnConditionCheckFailure: onFailure, ...known } = input;
    const command = (commands as unknown as Record<string, Command | undefined>)[`${operation}Command`];
    if (command === undefined) throw new Error(`DynamoDB has no operation '${operation}'`);
    try {
      const { $metadata, ...output } = await this.client.send(new command(known as never));
      return output as unknown as JsonObject;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
      if (status === undefined) throw error;
      // dynalite leaves the item out of a failed condition; AWS returns it when asked.
      const wanted = error.name === 'ConditionalCheckFailedException' && onFailure === 'ALL_OLD';
      const item = wanted ? await this.item(input) : undefined;
      throw new AwsError(error.name, error.message, status, item === undefined ? {} : { Item: item });
    }
  }

  /** The item that a write is about, as it is now. */
  private async item(input: JsonObject): Promise<Item | undefined> {
    const key = { TableName: input['TableName']!, Key: this.keysOf(input), ConsistentRead: true };
    return (await this.ask('GetItem', key))['Item'] as Item | undefined;
  }

  private keysOf(input: JsonObject): Item {
    return keysOf(this.tables.get(String(input['TableName'])), input);
  }

  private async status(table: string): Promise<unknown> {
    const { Table } = await this.ask('DescribeTable', { TableName: table });
    return (Table as JsonObject)['TableStatus'];
  }
}
