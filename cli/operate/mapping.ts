/** Lambda's reading of a stream, switched on or off: the one thing that `stop` asks of Lambda. */
import { AccessDenied, AwsUnavailable } from '../../adapters/errors';
import { isRecord, isText, parsed } from '../../core/words/shape';
import { type Signing, signedAnswer } from './signed';

export async function switchMapping(signing: Signing, uuid: string, on: boolean, timeoutMs: number): Promise<void> {
  const request = {
    service: 'lambda',
    method: 'PUT',
    path: `/2015-03-31/event-source-mappings/${uuid}`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ Enabled: on }),
  } as const;
  const { status, text } = await signedAnswer(signing, request, timeoutMs).catch((error: Error) => {
    throw new AwsUnavailable(`UpdateEventSourceMapping: no answer: ${error.message}`, { cause: error });
  });
  if (status >= 200 && status < 300) return;
  const said = parsed(text);
  const why = isRecord(said) ? (said['Message'] ?? said['message']) : undefined;
  const because = `UpdateEventSourceMapping: ${isText(why) ? why : `status ${status}`}`;
  if (status >= 500 || status === 429) throw new AwsUnavailable(because);
  throw new AccessDenied(because);
}
