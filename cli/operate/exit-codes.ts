/**
 * How a command that operates ends, for people and for scripts: one number a kind of end, the same for every command
 * (docs/OPERATIONS.md, "From the command line").
 */
import { AccessDenied, isTransient, MalformedInput } from '../../adapters/errors';
import { problemText } from '../problem';

export const exitCodes = { well: 0, notWell: 1, usage: 2, refused: 3, noAccess: 4, unreachable: 5 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** It was asked wrongly; nothing was sent. */
export class WronglyAsked extends Error {
  override readonly name = 'WronglyAsked';
}

/** No answer within the time there was; what was sent may still take effect. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
}

/** What the SDK's credential chain throws where it found nothing to sign with, or nothing that is still good. */
const withoutCredentials = ['CredentialsProviderError', 'TokenProviderError', 'ExpiredTokenException'];

interface End {
  readonly code: ExitCode;
  /** One line for stderr. */
  readonly text: string;
}

export function endFrom(error: unknown): End {
  const text = problemText(error);
  if (error instanceof WronglyAsked || error instanceof MalformedInput) return { code: exitCodes.usage, text };
  if (isWithoutCredentials(error))
    return { code: exitCodes.noAccess, text: `${text} (is --profile right? sign in first: aws sso login)` };
  if (error instanceof AccessDenied)
    return { code: exitCodes.noAccess, text: `${text} (attach OperatorPolicy to who signs in here)` };
  if (error instanceof Unanswered || isTransient(error)) return { code: exitCodes.unreachable, text };
  // The SDK's own words where no region is configured anywhere.
  if (/region is missing/i.test(text))
    return { code: exitCodes.usage, text: 'no region: give --region, or set AWS_REGION' };
  return { code: exitCodes.usage, text };
}

function isWithoutCredentials(error: unknown): boolean {
  const { name = '', cause } = error as Partial<Error>;
  return withoutCredentials.includes(name) || (cause !== undefined && isWithoutCredentials(cause));
}
