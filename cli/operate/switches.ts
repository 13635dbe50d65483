/**
 * What `stop` switches off beside rules, each by the one request that it takes: Lambda's reading of a stream, and the
 * schedules of drills.
 */
import { AccessDenied, AwsUnavailable } from '../../adapters/errors';
import { isRecord, isText, parsed } from '../../core/words/shape';
import { type SignedRequest, type Signing, signedAnswer } from './signed';

export async function switchMapping(signing: Signing, uuid: string, on: boolean, timeoutMs: number): Promise<void> {
  const request = {
    service: 'lambda',
    method: 'PUT',
    path: `/2015-03-31/event-source-mappings/${uuid}`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ Enabled: on }),
  } as const;
  await answered('UpdateEventSourceMapping', signing, request, timeoutMs);
}

/** A schedule is written whole: it is read first, and only its state is another. */
export async function switchSchedule(signing: Signing, name: string, on: boolean, timeoutMs: number): Promise<void> {
  const request = {
    service: 'scheduler',
    path: `/schedules/${name}`,
    headers: { 'content-type': 'application/json' },
  } as const;
  const found = await answered('GetSchedule', signing, { ...request, method: 'GET', body: '' }, timeoutMs);
  const body = JSON.stringify(asWritten(found, on));
  await answered('UpdateSchedule', signing, { ...request, method: 'PUT', body }, timeoutMs);
}

/** As it was read, but for its state, and for what Scheduler itself wrote down of it. */
export function asWritten(found: object, on: boolean): Readonly<Record<string, unknown>> {
  const own = new Set(['Arn', 'CreationDate', 'LastModificationDate']);
  const kept = Object.entries(found).filter(([field]) => !own.has(field));
  return { ...Object.fromEntries(kept), State: on ? 'ENABLED' : 'DISABLED' };
}

async function answered(
  operation: string,
  signing: Signing,
  request: SignedRequest,
  timeoutMs: number,
): Promise<Readonly<Record<string, unknown>>> {
  const { status, text } = await signedAnswer(signing, request, timeoutMs).catch((error: Error) => {
    throw new AwsUnavailable(`${operation}: no answer: ${error.message}`, { cause: error });
  });
  const said = parsed(text);
  if (status >= 200 && status < 300) return isRecord(said) ? said : {};
  const why = isRecord(said) ? (said['Message'] ?? said['message']) : undefined;
  const because = `${operation}: ${isText(why) ? why : `status ${status}`}`;
  if (status >= 500 || status === 429) throw new AwsUnavailable(because);
  throw new AccessDenied(because);
}
