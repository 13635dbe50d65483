/**
 * One signed request to a service of AWS of which a command asks a single question: that service's whole client would be
 * most of the command's weight.
 */
import type { SSMClientResolvedConfig } from '@aws-sdk/client-ssm';
import { SignatureV4 } from '@smithy/signature-v4';

export type Signing = Pick<SSMClientResolvedConfig, 'credentials' | 'region' | 'sha256'>;

export interface SignedRequest {
  /** As in the service's host name and in its signature: `sts`. */
  readonly service: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SignedAnswer {
  readonly host: string;
  readonly status: number;
  readonly text: string;
  /** AWS's own clock, to the second; null: it did not say. */
  readonly at: number | null;
}

/** Throws what `fetch` throws where nothing came back. */
export async function signedAnswer(
  { credentials, region, sha256 }: Signing,
  { service, method, path, headers, body }: SignedRequest,
  timeoutMs: number,
): Promise<SignedAnswer> {
  const isGlobal = service === 'iam'; // One for all regions, signed for the first of them.
  const where = isGlobal ? 'us-east-1' : await region();
  const own = process.env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ?? process.env['AWS_ENDPOINT_URL'];
  const url = new URL(path, own ?? `https://${isGlobal ? service : `${service}.${where}`}.${suffixOf(where)}`);
  const signer = new SignatureV4({ service, region: where, credentials, sha256 });
  const signed = await signer.sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    headers: { host: url.host, ...headers },
    body,
  });
  const { host: _, ...sent } = signed.headers; // Node sets it, from the same address.
  const answer = await fetch(url, {
    method,
    headers: sent,
    ...(method !== 'GET' && { body }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const at = Date.parse(answer.headers.get('date') ?? '');
  return {
    host: url.host,
    status: answer.status,
    text: await answer.text(),
    at: Number.isNaN(at) ? null : at,
  };
}

const suffixOf = (region: string): string => (region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com');
