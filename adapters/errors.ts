/**
 * What can go wrong with AWS, in four names that Step Functions matches on. Each message says what was tried, on what,
 * and what was seen; `cause` keeps the SDK's own error.
 *
 * Names are set explicitly: class names do not survive the minifier. What an adapter expects (a condition that failed,
 * an execution that exists) never comes here: it is returned as data.
 */
import { MalformedInput } from '../core/words/malformed';

export { MalformedInput };

/** AWS asked us to slow down, and did so again after every retry. */
export class Throttled extends Error {
  override readonly name = 'Throttled';
}

/** No answer, or an answer that says the fault is AWS's. A write may or may not have happened. */
export class AwsUnavailable extends Error {
  override readonly name = 'AwsUnavailable';
}

/** A grant is missing; no retry helps. */
export class AccessDenied extends Error {
  override readonly name = 'AccessDenied';
}

/** What was tried, on what: the first half of every message. */
export interface Tried {
  readonly operation: string;
  readonly on: string;
}

const throttles = new Set([
  'RequestLimitExceeded',
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'RequestThrottled',
  'RequestThrottledException',
  'TooManyRequestsException',
  'ProvisionedThroughputExceededException',
  'LimitExceededException',
  'ExecutionLimitExceeded',
  'BandwidthLimitExceeded',
]);

const denials = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'UnauthorizedOperation',
  'AuthFailure',
  'NotAuthorized',
  'OptInRequired',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'MissingAuthenticationToken',
  'UnrecognizedClientException',
]);

const silences = new Set([
  'TimeoutError',
  'AbortError',
  'RequestTimeout',
  'RequestTimeoutException',
  'InternalError',
  'InternalFailure',
  'InternalServerError',
  'InternalServiceError',
  'InternalServiceFault',
  'ServiceUnavailable',
  'ServiceUnavailableException',
  'Unavailable',
  'CredentialsProviderError',
]);

/** Connection-level codes of Node: nothing came back. */
const brokenSockets = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED']);
const deadNetworks = new Set(['ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN']);

/** Name, code, status and sentence of whatever was thrown. */
function traits(error: unknown): { name: string; code: string; status: number; text: string } {
  const { name, message, code, $metadata } = error as Partial<Error> & SdkParts;
  return {
    name: name ?? '',
    code: String(code ?? ''),
    status: $metadata?.httpStatusCode ?? 0,
    text: message ?? '',
  };
}

interface SdkParts {
  readonly code?: unknown;
  /** On every answer of an AWS service, and on nothing else. */
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** The error's AWS name, for adapters that expect it. */
export function isNamed(error: unknown, ...names: readonly string[]): boolean {
  return names.includes(traits(error).name);
}

export function isThrottle(error: unknown): boolean {
  const { name, status } = traits(error);
  return throttles.has(name) || status === 429;
}

/** The socket died before an answer: what a frozen sandbox's idle connection does on its first use. */
export function isBrokenSocket(error: unknown): boolean {
  const { name, code } = traits(error);
  return brokenSockets.has(code) || brokenSockets.has(name);
}

/**
 * The four names, by what the SDK threw. What AWS calls a wrong request is our own malformed input. An error that no
 * service and no socket gave is a mistake in our code: it keeps its name, so that nothing takes it for a bad night.
 */
export function faultFrom(error: unknown, tried: Tried): unknown {
  const { name, code, status, text } = traits(error);
  const message = `${tried.operation} on ${tried.on}: ${[name, text].filter((part) => part !== '').join(': ')}`;
  const options = { cause: error };
  if (isThrottle(error)) return new Throttled(message, options);
  if (denials.has(name) || status === 401 || status === 403) return new AccessDenied(message, options);
  const silent = silences.has(name) || brokenSockets.has(code) || deadNetworks.has(code) || deadNetworks.has(name);
  if (silent || isBrokenSocket(error) || status >= 500) return new AwsUnavailable(message, options);
  return (error as SdkParts).$metadata === undefined ? error : new MalformedInput(message, options);
}

/** One of the four: AWS's doing, not a mistake in our code. */
export function isFault(error: unknown): error is Error {
  return isTransient(error) || error instanceof AccessDenied || error instanceof MalformedInput;
}

/** Worth trying again later: the service, not the request, was at fault. */
export function isTransient(error: unknown): boolean {
  return error instanceof Throttled || error instanceof AwsUnavailable;
}
