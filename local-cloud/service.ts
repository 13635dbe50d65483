/**
 * What every fake of an AWS service looks like, and how it fails.
 *
 * A fake answers SDK commands (`operation` is the command's own name, such as "DescribeRouteTables") with the SDK's
 * output shape, on virtual time. It authorises nobody and throttles nothing: that is the front's work, before it.
 */
import type { Instant } from '../core/words/time';
import type { VirtualClock } from './clock';

/** Who calls: a role of the template (its logical id) or `operator`, and in whose name, for the record of calls. */
export interface Principal {
  readonly role: string;
  readonly by: string;
  /** The function invocation that calls, if one does. */
  readonly invocation?: string;
  /** Where it calls; absent: where the stack is. */
  readonly region?: string | undefined;
  /** Where the caller itself is, if that is not where the called cloud is. */
  readonly from?: string | undefined;
  /** When STS gave out the keys it calls with; absent: it calls with a role's own, whose age nobody asks about. */
  readonly issuedAt?: Instant | undefined;
}

export interface FakeService {
  /** `ec2`, `ssm`, `dynamodb`, … */
  readonly name: string;
  call(operation: string, input: unknown, principal: Principal): Promise<unknown>;
}

/** An error as the SDK throws it: `name` is AWS's error code. */
export class AwsError extends Error {
  readonly $fault: 'client' | 'server';
  readonly $metadata: { readonly httpStatusCode: number; readonly attempts: 1 };

  constructor(
    override readonly name: string,
    message: string,
    httpStatusCode = 400,
    /** Modelled members of the error shape, such as `Item` of ConditionalCheckFailedException. */
    readonly detail: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.$fault = httpStatusCode >= 500 ? 'server' : 'client';
    this.$metadata = { httpStatusCode, attempts: 1 };
    for (const [member, value] of Object.entries(detail))
      if (!(member in this)) Object.assign(this, { [member]: value });
  }
}

/** How long a function's AWS clients wait for a connection, and for an answer. */
export interface Patience {
  readonly connectionMs: number;
  readonly requestMs: number;
}

export const usualPatience: Patience = { connectionMs: 1_000, requestMs: 2_000 };

/** As the functions' clients give up on an endpoint that does not answer. */
export async function unreachable(clock: VirtualClock, patience: Patience): Promise<never> {
  await clock.sleep(patience.connectionMs, 'unreachable');
  throw Object.assign(new AwsError('TimeoutError', 'connect ETIMEDOUT', 0), { code: 'ETIMEDOUT' });
}

/** As they give up on a call that was sent and not answered in time: it may have taken effect, or still may. */
export const unanswered = (patience: Patience): AwsError =>
  new AwsError('TimeoutError', `a request has exceeded the configured ${patience.requestMs} ms requestTimeout.`, 0);

/** The call a fake does not know: a gap in the local cloud, not an answer of AWS, so nothing may catch it by name. */
export class NotModelled extends Error {
  override readonly name = 'NotModelled';

  constructor(service: string, what: string) {
    super(`The local cloud's ${service} does not model ${what}`);
  }
}
