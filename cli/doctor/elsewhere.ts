/**
 * What `doctor` asks of services that no function of ours calls. Each question is one operation; nothing is changed.
 * A service that refuses or is silent throws as the SDK would, so that adapters/errors.ts names it.
 */
import type { SNSClient } from '@aws-sdk/client-sns';
import { isRecord, parsed } from '../../core/words/shape';
import { type SignedAnswer, type SignedRequest, type Signing, signedAnswer } from '../operate/signed';

/** A question to a service whose client is not aboard. */
export interface OutsideQuestion {
  readonly service: 'servicequotas' | 'cloudtrail' | 'lambda' | 'cloudformation';
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export interface AccountServices {
  readonly sns: Pick<SNSClient, 'send'>;
  /** JSON services answer with an object, CloudFormation with its XML as text. */
  ask(question: OutsideQuestion): Promise<unknown>;
  /** AWS's own clock. */
  clockOfAws(): Promise<number>;
}

/** By `X-Amz-Target`. */
const targets = {
  servicequotas: 'ServiceQuotasV20190624',
  cloudtrail: 'CloudTrail_20131101',
} as const;

export async function signedQuestion(signing: Signing, question: OutsideQuestion, timeoutMs: number): Promise<unknown> {
  const answer = await signedAnswer(signing, requestFor(question), timeoutMs).catch(throwSilence);
  if (answer.status >= 200 && answer.status < 300)
    return question.service === 'cloudformation' ? answer.text : parsed(answer.text);
  throw refusalIn(answer);
}

function requestFor({ service, operation, input }: OutsideQuestion): SignedRequest {
  switch (service) {
    case 'lambda':
      if (operation === 'Invoke') return invocation(input);
      return { service, method: 'GET', path: '/2016-08-19/account-settings', headers: {}, body: '' };
    case 'cloudformation': {
      const body = new URLSearchParams({ Action: operation, Version: '2010-05-15', ...(input as object) }).toString();
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      return { service, method: 'POST', path: '/', headers, body };
    }
    case 'servicequotas':
    case 'cloudtrail': {
      const headers = {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `${targets[service]}.${operation}`,
      };
      return { service, method: 'POST', path: '/', headers, body: JSON.stringify(input) };
    }
  }
}

const invocation = ({ FunctionName, Payload }: OutsideQuestion['input']): SignedRequest => ({
  ...{ service: 'lambda', method: 'POST', headers: { 'content-type': 'application/json' } },
  path: `/2015-03-31/functions/${encodeURIComponent(String(FunctionName))}/invocations`,
  body: JSON.stringify(Payload),
});

/** What `fetch` throws where nothing came back is a TypeError, its reason one level down. */
export function throwSilence(error: unknown): never {
  if ((error as Error).name !== 'TypeError') throw error;
  const { message, cause } = error as Error;
  const why = (cause as Partial<Error> | undefined)?.message ?? '';
  throw Object.assign(new Error(`${message}: ${why}`, { cause: error }), { name: 'ServiceUnavailable' });
}

/** As the SDK throws it: `name` is AWS's error code. */
export function refusalIn({ status, text }: SignedAnswer): Error {
  const { name, message } = text.trimStart().startsWith('{') ? ofJson(text) : ofXml(text);
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });
}

function ofJson(text: string): { name: string; message: string } {
  const answer = parsed(text);
  const { __type, message, Message } = isRecord(answer) ? answer : {};
  return {
    name: String(__type ?? 'Refused')
      .split('#')
      .at(-1)!,
    message: String(message ?? Message ?? ''),
  };
}

const ofXml = (text: string): { name: string; message: string } => ({
  name: /<Code>([^<]+)</.exec(text)?.[1] ?? 'Refused',
  message: /<Message>([^<]+)</.exec(text)?.[1] ?? '',
});
