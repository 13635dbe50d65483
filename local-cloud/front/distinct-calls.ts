/**
 * The calls of played scenarios as data for a check that knows AWS's models better than we do: each distinct
 * (service, operation, input) once, one JSON object a line.
 *
 *     {"service":"ec2","operation":"ReplaceRoute","input":{"RouteTableId":"rtb-…", …}}
 *
 * Inputs are those of the SDK's commands. JSON has no instants and no bytes: a timestamp is written as ISO-8601 text in
 * UTC, a blob as Base64 text.
 */
import { Buffer } from 'node:buffer';
import type { CallRecord } from './front';

/** The services the check knows; calls of others (Lambda's own invocations, queues) are left out. */
const listed: ReadonlySet<string> = new Set([
  'cloudwatch',
  'dynamodb',
  'ec2',
  'events',
  's3',
  'sns',
  'ssm',
  'stepfunctions',
  'sts',
]);

export class DistinctCalls {
  private readonly seen = new Set<string>();

  /** Sorted, so that two listings can be compared. */
  get lines(): string[] {
    return [...this.seen].sort();
  }

  add(calls: readonly CallRecord[]): void {
    for (const { service, operation, input } of calls) {
      if (listed.has(service)) this.seen.add(JSON.stringify({ service, operation, input }, inJson));
    }
  }
}

/** Instants reach here as text already: `Date` has its own `toJSON`. */
const inJson = (_: string, value: unknown): unknown =>
  value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
