/**
 * The two engines of the local cloud's tables are one: the same answer, the same error in the same words, and the same
 * item after every call.
 *
 * Method: fast-check draws sequences of calls, the product's own among them; both engines get each call, one after the
 * other. A sequence uses few expressions with many values, because the engine in memory parses an expression once.
 */
import fc from 'fast-check';
import { VirtualClock } from '../../local-cloud/clock';
import { DynaliteEngine } from '../../local-cloud/services/dynamodb/dynalite-engine';
import { MemoryEngine } from '../../local-cloud/services/dynamodb/memory-engine';
import { keysOf, type Table, type TableEngine } from '../../local-cloud/services/dynamodb/table-engine';
import type { JsonObject } from '../../local-cloud/template/json';
import { template } from '../contract/site';
import { type ProductCalls, productCalls } from './product-table-calls';
import { type Call, callsLike } from './table-calls';

const seed = Number(process.env['SEED'] ?? 20_260_105);
const numRuns = Number(process.env['RUNS'] ?? 40);

const drawn = {
  name: 'drawn',
  properties: {
    KeySchema: ['pk', 'sk'].map((AttributeName, i) => ({ AttributeName, KeyType: i === 0 ? 'HASH' : 'RANGE' })),
    AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
  },
};

const tables = (): readonly Table[] => [drawn, ...template().ofType('AWS::DynamoDB::Table')];

async function opened(engine: TableEngine): Promise<TableEngine> {
  for (const table of tables()) await engine.createTable(table);
  return engine;
}

/** What a caller sees, and for a write what the engine says of the item. */
async function outcome(engine: TableEngine, { operation, input }: Call): Promise<unknown> {
  const request = structuredClone(input) as JsonObject;
  try {
    if (isWrite(operation)) {
      const { item, ...written } = await engine.write(operation, request);
      // The engine over dynalite spares itself a read: it says what was put, with numbers as they were written.
      return operation === 'PutItem' ? written : { ...written, item };
    }
    const output = await engine.send(operation, request);
    return operation === 'BatchGetItem' ? sorted(output) : output;
  } catch (error) {
    const { name, message, Item } = error as Error & { Item?: unknown };
    return { name, message, Item };
  }
}

const isWrite = (operation: string): boolean => !operation.endsWith('GetItem');

/** The call, and for a write also a look at what it left, on condition that it left anything. */
const withLook = (call: Call): Call[] => {
  const { TableName } = call.input;
  const Key = keysOf(
    tables().find(({ name }) => name === TableName),
    call.input as JsonObject,
  );
  return isWrite(call.operation) ? [call, { operation: 'GetItem', input: { TableName, Key } }] : [call];
};

/** A batch has no order: dynalite shuffles its own. */
function sorted({ Responses, ...rest }: JsonObject): unknown {
  const items = Object.values(Responses as Record<string, object[]>).flat();
  return { ...rest, items: items.map((item) => JSON.stringify(Object.entries(item).sort())).sort() };
}

describe(`tables in memory and in dynalite (seed ${seed}, ${numRuns} runs)`, () => {
  let product: ProductCalls;
  beforeAll(async () => {
    product = await productCalls();
  });

  it('answer every call alike and keep the same items', async () => {
    const outcomes = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(callsLike(product.all), async (calls) => {
        const dynalite = await opened(new DynaliteEngine('eu-central-1', new VirtualClock(0)));
        const memory = await opened(new MemoryEngine());
        for (const call of [...product.seed, ...calls].flatMap(withLook)) {
          const expected = await outcome(dynalite, call);
          expect({ call, seen: await outcome(memory, call) }).toEqual({ call, seen: expected });
          const kind = `${call.operation} ${(expected as Partial<Error>).name ?? 'accepted'}`;
          outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
        }
      }),
      { seed, numRuns },
    );
    // Calls that fail alike prove little: each kind of end must have been there, many times.
    const seldom = ['accepted', 'ConditionalCheckFailedException', 'ValidationException']
      .flatMap((end) => [`PutItem ${end}`, `UpdateItem ${end}`])
      .filter((kind) => (outcomes.get(kind) ?? 0) < numRuns / 10);
    expect(seldom).toEqual([]);
  });
});
