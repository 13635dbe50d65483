/**
 * One request against a set of policy statements: an explicit Deny wins, then any Allow, else an implicit deny.
 */
import { holds, type RequestContext } from './conditions';
import type { Statement } from './policy';
import { isResourceless } from './resourceless';
import { matchesAction, matchesText } from './wildcard';

export interface AccessRequest {
  readonly action: string;
  readonly resource: string;
  readonly context: RequestContext;
}

export type Verdict =
  | { readonly allowed: true; readonly by: string }
  | { readonly allowed: false; readonly explicit: boolean };

/** The statements about an action, by policy: asked at every call, and policies never change. */
const aboutAction = new WeakMap<readonly Statement[], Map<string, readonly Statement[]>>();

function about(statements: readonly Statement[], action: string): readonly Statement[] {
  const byAction = aboutAction.get(statements) ?? new Map<string, readonly Statement[]>();
  aboutAction.set(statements, byAction);
  const known = byAction.get(action);
  if (known !== undefined) return known;
  const found = statements.filter((one) => one.actions.some((pattern) => matchesAction(pattern, action)));
  byAction.set(action, found);
  return found;
}

const applies = (statement: Statement, request: AccessRequest): boolean =>
  statement.resources.some((pattern) =>
    matchesText(pattern, isResourceless(request.action) ? '*' : request.resource),
  ) && statement.conditions.every((condition) => holds(condition, request.context));

export function evaluate(statements: readonly Statement[], request: AccessRequest): Verdict {
  let allow: Statement | undefined;
  for (const statement of about(statements, request.action)) {
    if (!applies(statement, request)) continue;
    if (statement.effect === 'Deny') return { allowed: false, explicit: true };
    allow ??= statement;
  }
  return allow === undefined ? { allowed: false, explicit: false } : { allowed: true, by: allow.where };
}
