/**
 * The reports table: one item per canary, overwritten with each report, and one per gateway whose tunnels or speaker `watch`
 * looks at. The canaries may write their own items here and nothing anywhere else, so whoever takes over a probed subnet can
 * forge a canary's report but neither a tunnel's, a speaker's nor a lease. Path canaries of a connection that stand apart share
 * one item more, by which they ask each other for a report: it proves nothing, and nobody else reads it.
 */
import {
  BatchGetItemCommand,
  type ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { CanaryId, ConnectionName, GatewayName } from '../../core/words/domain';
import type { CanaryReport, SpeakerReport } from '../../core/words/evidence';
import type { Instant } from '../../core/words/time';
import { attempt, attemptOnCondition, type Clock } from '../attempt';
import { isNamed, Throttled } from '../errors';
import type { Attributes } from './attributes';
import { failingItem, failingKey, failingSinceIn } from './failing-item';
import { reportFromItem, reportItem } from './report-item';
import { speakerItem, speakerKey, speakerReportFrom } from './speaker-item';
import { type KeptReport, tunnelItem, tunnelKey, tunnelReportFrom } from './tunnel-item';

/** Null: no readable report. */
interface Found {
  readonly reports: Readonly<Record<CanaryId, CanaryReport | null>>;
  readonly tunnels: Readonly<Record<GatewayName, KeptReport | null>>;
  readonly speakers: Readonly<Record<GatewayName, SpeakerReport | null>>;
}

export interface ReportsTable {
  put(report: CanaryReport): Promise<void>;
  /** Changes nothing; throws as `put` does. The report that is there; null: none, or it cannot be read. */
  ping(canary: CanaryId): Promise<CanaryReport | null>;
  /** One of the connection's path canaries began to fail then: its others, in other functions, are to prove their paths. */
  putFailing(connection: ConnectionName, since: Instant): Promise<void>;
  /** When that was said last, perhaps a second ago; 0: never, or what is there cannot be read. */
  failingSince(connection: ConnectionName): Promise<Instant>;
  /** Null: no readable report. Throws only when nothing could be read at all. */
  read(canaries: readonly CanaryId[]): Promise<Found['reports']>;
  /** In the same calls, reports of tunnels and of speakers. */
  readAll(
    canaries: readonly CanaryId[],
    gateways: readonly GatewayName[],
    speakers?: readonly GatewayName[],
  ): Promise<Found>;
  /** False: a newer one is there already. */
  putTunnels(report: KeptReport): Promise<boolean>;
  putSpeaker(report: SpeakerReport): Promise<void>;
}

/** A canary may put and nothing else, so its ping is a put on a condition that no item meets. */
const never = 'attribute_exists(canary) AND attribute_not_exists(canary)';
/** DynamoDB's own limit for one BatchGetItem. */
const keysPerCallMax = 100;
/** Waits before asking again for what DynamoDB left unprocessed. */
const unprocessedWaitsMs = [50, 100, 200];

export function reportsTable(dynamodb: Pick<DynamoDBClient, 'send'>, table: string, clock: Clock): ReportsTable {
  const readPage = async (keys: readonly Attributes[]): Promise<Attributes[]> => {
    const get = new BatchGetItemCommand({
      RequestItems: { [table]: { Keys: [...keys], ConsistentRead: true } },
    });
    const tried = { operation: 'BatchGetItem', on: `${keys.length} reports` };
    const found: Attributes[] = [];
    let answer = await attempt(clock, tried, () => dynamodb.send(get));
    for (const waitMs of unprocessedWaitsMs) {
      found.push(...(answer.Responses?.[table] ?? []));
      const left = answer.UnprocessedKeys;
      if (left?.[table] === undefined) return found;
      await clock.sleep(waitMs);
      answer = await attempt(clock, tried, () => dynamodb.send(new BatchGetItemCommand({ RequestItems: left })));
    }
    found.push(...(answer.Responses?.[table] ?? []));
    if (found.length === 0) throw new Throttled(`BatchGetItem on ${tried.on}: every key was left unprocessed`);
    return found; // What is still unprocessed reads as null: unknown, not down.
  };

  const readAll: ReportsTable['readAll'] = async (canaries, gateways, speakers = []) => {
    const keys = [...canaries, ...gateways.map(tunnelKey), ...speakers.map(speakerKey)].map(
      (key): Attributes => ({ canary: { S: key } }),
    );
    const pages: Attributes[][] = [];
    for (let i = 0; i < keys.length; i += keysPerCallMax) pages.push(await readPage(keys.slice(i, i + keysPerCallMax)));
    const items = new Map(pages.flat().map((item) => [item['canary']?.S, item]));
    return {
      reports: Object.fromEntries(canaries.map((id) => [id, readable(items.get(id), reportFromItem)])),
      tunnels: Object.fromEntries(
        gateways.map((name) => [name, readable(items.get(tunnelKey(name)), tunnelReportFrom)]),
      ),
      speakers: Object.fromEntries(
        speakers.map((name) => [name, readable(items.get(speakerKey(name)), speakerReportFrom)]),
      ),
    };
  };

  return {
    readAll,
    async put(report) {
      const put = new PutItemCommand({ TableName: table, Item: reportItem(report) });
      await attempt(clock, { operation: 'PutItem', on: `report of ${report.canary}` }, () => dynamodb.send(put));
    },
    async ping(canary) {
      const put = new PutItemCommand({
        TableName: table,
        Item: { canary: { S: canary } },
        ConditionExpression: never,
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      const tried = { operation: 'PutItem', on: `report of ${canary}, as a ping` };
      const found = await attempt(clock, tried, () => itemInTheWay(dynamodb.send(put)));
      return readable(found, reportFromItem);
    },
    async putFailing(connection, since) {
      const put = new PutItemCommand({ TableName: table, Item: failingItem(connection, since) });
      await attempt(clock, { operation: 'PutItem', on: `failure in ${connection}` }, () => dynamodb.send(put));
    },
    async failingSince(connection) {
      // Asked twice a second, and half as dear as a consistent read.
      const get = new GetItemCommand({ TableName: table, Key: { canary: { S: failingKey(connection) } } });
      const tried = { operation: 'GetItem', on: `failure in ${connection}` };
      const { Item } = await attempt(clock, tried, () => dynamodb.send(get));
      return Item === undefined ? 0 : failingSinceIn(Item);
    },
    async read(canaries) {
      return (await readAll(canaries, [])).reports;
    },
    putTunnels(report) {
      const put = new PutItemCommand({
        TableName: table,
        Item: tunnelItem(report),
        ConditionExpression: 'attribute_not_exists(writtenAt) OR writtenAt < :writtenAt',
        ExpressionAttributeValues: { ':writtenAt': { N: String(report.writtenAt) } },
      });
      const tried = { operation: 'PutItem', on: `tunnel report of ${report.gateway}` };
      return attemptOnCondition(clock, tried, () => dynamodb.send(put));
    },
    async putSpeaker(report) {
      const put = new PutItemCommand({ TableName: table, Item: speakerItem(report) });
      await attempt(clock, { operation: 'PutItem', on: `speaker report of ${report.gateway}` }, () =>
        dynamodb.send(put),
      );
    },
  };
}

/** What a conditional write has met; undefined: nothing is there, or the write was done. */
async function itemInTheWay(write: Promise<unknown>): Promise<Attributes | undefined> {
  try {
    await write;
    return undefined;
  } catch (error) {
    if (!isNamed(error, 'ConditionalCheckFailedException')) throw error;
    return (error as ConditionalCheckFailedException).Item;
  }
}

/** A report that cannot be understood is as good as none; `sense` is the one that complains about it. */
function readable<T>(item: Attributes | undefined, from: (item: Attributes) => T): T | null {
  if (item === undefined) return null;
  try {
    return from(item);
  } catch {
    return null; // Unknown, not down: see above.
  }
}
