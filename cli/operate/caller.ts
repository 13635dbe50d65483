/**
 * Who calls, by AWS's own word: GetCallerIdentity of the Security Token Service, which needs no permission. One signed
 * request; the service's whole client would be most of this command's weight.
 */
import type { SSMClientResolvedConfig } from '@aws-sdk/client-ssm';
import { SignatureV4 } from '@smithy/signature-v4';
import { AccessDenied, AwsUnavailable } from '../../adapters/errors';

const body = 'Action=GetCallerIdentity&Version=2011-06-15';

type Signing = Pick<SSMClientResolvedConfig, 'credentials' | 'region' | 'sha256'>;

export async function callerArn({ credentials, region, sha256 }: Signing, timeoutMs: number): Promise<string> {
  const endpoint = process.env['AWS_ENDPOINT_URL_STS'] ?? process.env['AWS_ENDPOINT_URL'];
  const url = new URL(endpoint ?? `https://sts.${await region()}.amazonaws.com/`);
  const signer = new SignatureV4({ service: 'sts', region, credentials, sha256 });
  const signed = await signer.sign({
    method: 'POST',
    protocol: url.protocol,
    hostname: url.hostname,
    path: '/',
    headers: { host: url.host, 'content-type': 'application/x-www-form-urlencoded' },
    body,
  });
  const { host: _, ...headers } = signed.headers; // Node sets it, from the same address.
  const answer = await answerTo(url, headers, timeoutMs);
  const arn = /<Arn>([^<]+)<\/Arn>/.exec(answer)?.[1];
  if (arn === undefined) throw new AwsUnavailable('GetCallerIdentity: an answer without an ARN');
  return arn;
}

async function answerTo(url: URL, headers: Record<string, string>, timeoutMs: number): Promise<string> {
  let answer: Response;
  try {
    answer = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    throw new AwsUnavailable(`GetCallerIdentity: no answer from ${url.host}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const text = await answer.text();
  if (answer.ok) return text;
  const why = /<Message>([^<]+)</.exec(text)?.[1] ?? `status ${answer.status}`;
  if (answer.status >= 500) throw new AwsUnavailable(`GetCallerIdentity: ${why}`);
  throw new AccessDenied(`GetCallerIdentity: ${why}`);
}

/** `arn:aws:sts::123456789012:assumed-role/Ops/ana` is `Ops/ana` to people, a user `ana`. */
export const callerName = (arn: string): string =>
  arn
    .split(':')
    .at(-1)!
    .replace(/^(assumed-role|user)\//, '');
