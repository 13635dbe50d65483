/**
 * Who calls, by AWS's own word: GetCallerIdentity of the Security Token Service, which needs no permission.
 */
import { AccessDenied, AwsUnavailable } from '../../adapters/errors';
import type { Instant } from '../../core/words/time';
import { type SignedAnswer, type Signing, signedAnswer } from './signed';

const identityRequest = {
  service: 'sts',
  method: 'POST',
  path: '/',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: 'Action=GetCallerIdentity&Version=2011-06-15',
} as const;

export async function callerArn(signing: Signing, timeoutMs: number): Promise<string> {
  const arn = /<Arn>([^<]+)<\/Arn>/.exec((await identityAnswer(signing, timeoutMs)).text)?.[1];
  if (arn === undefined) throw new AwsUnavailable('GetCallerIdentity: an answer without an ARN');
  return arn;
}

/** What AWS's clock said; to the second. */
export async function clockOfAws(signing: Signing, timeoutMs: number): Promise<Instant> {
  const { at } = await identityAnswer(signing, timeoutMs);
  if (at === null) throw new AwsUnavailable('GetCallerIdentity: an answer without a date');
  return at;
}

async function identityAnswer(signing: Signing, timeoutMs: number): Promise<SignedAnswer> {
  let answer: SignedAnswer;
  try {
    answer = await signedAnswer(signing, identityRequest, timeoutMs);
  } catch (error) {
    if (isUnsigned(error)) throw error;
    throw new AwsUnavailable(`GetCallerIdentity: no answer: ${(error as Error).message}`, { cause: error });
  }
  const { status, text } = answer;
  if (status >= 200 && status < 300) return answer;
  const why = /<Message>([^<]+)</.exec(text)?.[1] ?? `status ${status}`;
  if (status >= 500) throw new AwsUnavailable(`GetCallerIdentity: ${why}`);
  throw new AccessDenied(`GetCallerIdentity: ${why}`);
}

/** Nothing was sent: there were no credentials to sign with, or no region. */
const isUnsigned = (error: unknown): boolean =>
  /Credentials|TokenProvider/.test((error as Error).name) || /region is missing/i.test((error as Error).message);

/** `arn:aws:sts::123456789012:assumed-role/Ops/ana` is `Ops/ana` to people, a user `ana`. */
export const callerName = (arn: string): string =>
  arn
    .split(':')
    .at(-1)!
    .replace(/^(assumed-role|user)\//, '');
