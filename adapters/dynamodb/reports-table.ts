/**
 * The reports table: one item per canary, overwritten with each report. The canaries may write here and nowhere else,
 * so whoever takes over a probed subnet can forge a report but never a lease.
 */
import { BatchGetItemCommand, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { CanaryId } from '../../core/words/domain';
import type { CanaryReport } from '../../core/words/evidence';
import { attempt, attemptOnCondition, type Clock } from '../attempt';
import { Throttled } from '../errors';
import type { Attributes } from './attributes';
import { reportFromItem, reportItem } from './report-item';

export interface ReportsTable {
  put(report: CanaryReport): Promise<void>;
  /** Changes nothing; throws as `put` does. */
  ping(canary: CanaryId): Promise<void>;
  /** Null: no readable report. Throws only when nothing could be read at all. */
  read(canaries: readonly CanaryId[]): Promise<Readonly<Record<CanaryId, CanaryReport | null>>>;
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
    const tried = { operation: 'BatchGetItem', on: `${keys.length} canary reports` };
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

  return {
    async put(report) {
      const put = new PutItemCommand({ TableName: table, Item: reportItem(report) });
      await attempt(clock, { operation: 'PutItem', on: `report of ${report.canary}` }, () => dynamodb.send(put));
    },
    async ping(canary) {
      const put = new PutItemCommand({ TableName: table, Item: { canary: { S: canary } }, ConditionExpression: never });
      const tried = { operation: 'PutItem', on: `report of ${canary}, as a ping` };
      await attemptOnCondition(clock, tried, () => dynamodb.send(put));
    },
    async read(canaries) {
      const keys = canaries.map((canary): Attributes => ({ canary: { S: canary } }));
      const pages: Attributes[][] = [];
      for (let i = 0; i < keys.length; i += keysPerCallMax)
        pages.push(await readPage(keys.slice(i, i + keysPerCallMax)));
      const items = new Map(pages.flat().map((item) => [item['canary']?.S, item]));
      return Object.fromEntries(canaries.map((canary) => [canary, readable(items.get(canary))]));
    },
  };
}

/** A report that cannot be understood is as good as none; `sense` is the one that complains about it. */
function readable(item: Attributes | undefined): CanaryReport | null {
  if (item === undefined) return null;
  try {
    return reportFromItem(item);
  } catch {
    return null; // Unknown, not down: see above.
  }
}
