/**
 * The journal of route writes. Before the first write it says that a writer is under way (`writeUntil`), afterwards it
 * stores what is now remembered; both on condition that holder and token are still the writer's.
 *
 *     open: writeUntil  \
 *     tell "before"     / ---- route writes ---- tell "after" ---- close: memory, no writeUntil
 *
 * Opening it answers with the lease as it is then: the fence of the writes that follow at once.
 *
 * The story items are append-only, their keys idempotent: a repeated apply writes the same item again.
 */
import {
  type DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { type ConnectionLease, leaseFrom } from '../../core/store/lease';
import type { ConnectionName } from '../../core/words/domain';
import { type Instant, instantText } from '../../core/words/time';
import { attempt, attemptOnCondition, type Clock } from '../attempt';
import { type Attributes, fromItem } from './attributes';
import { leaseKey } from './state-table';

/**
 * The connection whose journal is written, and the lease under which: the write fails if the lease is another's by now.
 */
export interface Writer {
  readonly connection: ConnectionName;
  readonly holder: string;
  readonly token: number;
}

export interface StoryItem {
  readonly decidedAt: Instant;
  readonly planDigest: string;
  readonly when: 'before' | 'after';
  readonly body: unknown;
}

export interface Journal {
  /** The item as it is now. Null: the lease is no longer the writer's; nothing was changed. Memory null or absent: as it was. */
  open(writer: Writer, writeUntil: Instant, memory?: string | null): Promise<ConnectionLease | null>;
  tell(connection: ConnectionName, story: StoryItem): Promise<void>;
  /** False: the lease was lost meanwhile; nothing was changed. Memory null: as it was. */
  close(writer: Writer, memory: string | null): Promise<boolean>;
}

const mine = '#holder = :holder AND #token = :token';
const digestDigits = 12;

export function journal(dynamodb: Pick<DynamoDBClient, 'send'>, table: string, clock: Clock): Journal {
  const update = (writer: Writer, change: UpdateItemCommandInput): Promise<boolean> =>
    attemptOnCondition(clock, { operation: 'UpdateItem', on: `connection ${writer.connection}` }, () =>
      dynamodb.send(new UpdateItemCommand(change)),
    );

  const conditioned = (writer: Writer) => ({
    TableName: table,
    Key: leaseKey('connection', writer.connection),
    ConditionExpression: mine,
  });
  const names = { '#holder': 'holder', '#token': 'token', '#writeUntil': 'writeUntil' };
  const values = (writer: Writer) => ({
    ':holder': { S: writer.holder },
    ':token': { N: String(writer.token) },
  });

  return {
    async open(writer, writeUntil, memory = null) {
      let item: Attributes = {};
      const write = async (): Promise<void> => {
        const opening = new UpdateItemCommand({
          ...conditioned(writer),
          UpdateExpression: `SET #writeUntil = :writeUntil${memory === null ? '' : ', #memory = :memory'}`,
          ExpressionAttributeNames: memory === null ? names : { ...names, '#memory': 'memory' },
          ExpressionAttributeValues: {
            ...values(writer),
            ':writeUntil': { N: String(writeUntil) },
            ...(memory !== null && { ':memory': { S: memory } }),
          },
          ReturnValues: 'ALL_NEW',
        });
        item = (await dynamodb.send(opening)).Attributes ?? {};
      };
      const tried = { operation: 'UpdateItem', on: `connection ${writer.connection}` };
      return (await attemptOnCondition(clock, tried, write)) ? leaseFrom(fromItem(item)) : null;
    },

    async tell(connection, story) {
      const decided = new Date(story.decidedAt).toISOString();
      const digest = story.planDigest.slice(0, digestDigits);
      const put = new PutItemCommand({
        TableName: table,
        Item: {
          pk: leaseKey('connection', connection).pk,
          sk: { S: `story#${decided}#${digest}#${story.when}` },
          body: { S: JSON.stringify(story.body) },
        },
      });
      const on = `story of ${connection}, ${instantText(story.decidedAt)} ${story.when}`;
      await attempt(clock, { operation: 'PutItem', on }, () => dynamodb.send(put));
    },

    close: (writer, memory) =>
      update(writer, {
        ...conditioned(writer),
        UpdateExpression: memory === null ? 'REMOVE #writeUntil' : 'SET #memory = :memory REMOVE #writeUntil',
        ExpressionAttributeNames: memory === null ? names : { ...names, '#memory': 'memory' },
        ExpressionAttributeValues: memory === null ? values(writer) : { ...values(writer), ':memory': { S: memory } },
      }),
  };
}
