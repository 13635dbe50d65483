/** Who may do what, read out of a template: inline policies, attached ones and managed ones together. */

import type { Synthesis } from '../../infra/assembly';
import { type Resource, resources } from './synthesis';

export interface Permission {
  readonly role: string;
  readonly effect: string;
  readonly actions: readonly string[];
  /** As text; `${Token}` where CloudFormation fills in a name. */
  readonly resources: readonly string[];
  readonly conditions: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: Permission['conditions'];
}

const list = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

/** Intrinsics as text: enough to compare, never evaluated. */
export function text(value: unknown): string {
  if (typeof value === 'string') return value;
  const [kind, argument] = Object.entries(value as Record<string, unknown>)[0]!;
  if (kind === 'Ref') return `\${${argument}}`;
  if (kind === 'Fn::GetAtt') return `\${${(argument as string[]).join('.')}}`;
  if (kind === 'Fn::Join')
    return ((argument as [string, unknown[]])[1] ?? []).map(text).join((argument as [string])[0]);
  // A part of the whole is shown as the whole.
  if (kind === 'Fn::Select' || kind === 'Fn::Split') return text((argument as [unknown, unknown])[1]);
  throw new Error(`No text for ${kind}`);
}

export function permissions(synthesis: Synthesis): Permission[] {
  const roles = resources(synthesis, 'AWS::IAM::Role');
  const managed = new Map(resources(synthesis, 'AWS::IAM::ManagedPolicy'));
  const inline = roles.flatMap(([role, { Properties }]) =>
    ((Properties.Policies ?? []) as Resource['Properties'][]).flatMap((p) => from(role, p.PolicyDocument.Statement)),
  );
  const onRole = roles.flatMap(([role, { Properties }]) =>
    ((Properties.ManagedPolicyArns ?? []) as { Ref: string }[]).flatMap(({ Ref }) =>
      from(role, managed.get(Ref)!.Properties.PolicyDocument.Statement),
    ),
  );
  const attached = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'].flatMap((type) =>
    resources(synthesis, type).flatMap(([, { Properties }]) =>
      ((Properties.Roles ?? []) as { Ref: string }[]).flatMap(({ Ref }) =>
        from(Ref, Properties.PolicyDocument.Statement),
      ),
    ),
  );
  return [...inline, ...onRole, ...attached];
}

function from(role: string, statements: Statement[]): Permission[] {
  return statements.map(({ Effect, Action, Resource: where, Condition }) => ({
    role,
    effect: Effect,
    actions: list(Action),
    resources: list(where).map(text),
    conditions: Condition ?? {},
  }));
}

/** What one role is allowed, as `action on resource`, sorted. */
export function allowed(all: readonly Permission[], rolePart: string): string[] {
  return all
    .filter(({ role, effect }) => role.includes(rolePart) && effect === 'Allow')
    .flatMap(({ actions, resources: where }) => actions.flatMap((a) => where.map((r) => `${a} on ${r}`)))
    .sort();
}
