/**
 * The roles of the template and what they may do: inline policies, AWS::IAM::Policy attachments, managed policies; and
 * who may assume them.
 */
import type { Json, JsonObject } from '../template/json';
import { onceFor } from '../template/once';
import type { Resource, Template } from '../template/template';
import { evaluate } from './evaluate';
import { managedPolicies, readPolicy, type Statement } from './policy';

export interface Role {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  readonly statements: readonly Statement[];
  readonly trust: readonly Statement[];
}

/** A role's own documents, which a call to IAM can change: whom it trusts, and its inline policies by name. */
export interface RoleDocuments {
  readonly trust: Json;
  readonly inline: ReadonlyMap<string, InlinePolicy>;
}

interface InlinePolicy {
  readonly document: Json;
  /** For reports. */
  readonly where: string;
}

export const rolesOf = onceFor((template: Template): readonly Role[] =>
  template.ofType('AWS::IAM::Role').map((role) => roleWith(role, template, roleDocuments(role, template))),
);

/** As the template has them. */
export function roleDocuments(role: Resource, template: Template): RoleDocuments {
  const own = ((role.properties['Policies'] ?? []) as JsonObject[]).map((policy): [string, InlinePolicy] => {
    const name = String(policy['PolicyName']);
    return [name, { document: policy['PolicyDocument']!, where: `${role.logicalId}/${name}` }];
  });
  const attached = template
    .ofType('AWS::IAM::Policy')
    .filter((policy) => ((policy.properties['Roles'] ?? []) as string[]).includes(role.name))
    .map(({ properties, logicalId }): [string, InlinePolicy] => [
      String(properties['PolicyName']),
      { document: properties['PolicyDocument']!, where: logicalId },
    ]);
  return { trust: role.properties['AssumeRolePolicyDocument'] ?? null, inline: new Map([...own, ...attached]) };
}

/** The role of the template with these documents in place of its own. */
export function roleWith(role: Resource, template: Template, { trust, inline }: RoleDocuments): Role {
  const { arn, logicalId, name } = role;
  const ofInline = [...inline.values()].flatMap(({ document, where }) => readPolicy(document, where));
  return {
    ...{ arn, logicalId, name },
    statements: [...ofInline, ...managedOf(role, template)],
    trust: trustOf(logicalId, trust),
  };
}

/** Somebody who has signed in, and to whom only these managed policies of the template, and one of his own, are attached. */
export function personWith(
  name: string,
  policyArns: readonly string[],
  template: Template,
  document?: JsonObject,
): Role {
  return {
    logicalId: `person/${name}`,
    name: `person-${name}`,
    arn: `arn:aws:sts::${template.accountId}:assumed-role/person/${name}`,
    statements: [
      ...policyArns.flatMap((arn) => managedStatements(arn, template)),
      ...(document === undefined ? [] : readPolicy(document, `person/${name}`)),
    ],
    trust: [],
  };
}

/** A trust policy names no resource; `*` makes it comparable. */
function trustOf(logicalId: string, document: Json): Statement[] {
  const statements = readPolicy(document, `${logicalId}/trust`);
  return statements.map((statement) => ({ ...statement, resources: ['*'] }));
}

function managedOf(role: Resource, template: Template): Statement[] {
  if (role.properties['PermissionsBoundary'] !== undefined)
    throw new Error(`Role '${role.logicalId}' has a PermissionsBoundary: not modelled`);
  const managed = ((role.properties['ManagedPolicyArns'] ?? []) as string[]).flatMap((arn) =>
    managedStatements(arn, template),
  );
  const attached = template
    .ofType('AWS::IAM::ManagedPolicy')
    .filter((policy) => ((policy.properties['Roles'] ?? []) as string[]).includes(role.name))
    .flatMap((policy) => readPolicy(policy.properties['PolicyDocument']!, policy.logicalId));
  return [...managed, ...attached];
}

function managedStatements(arn: string, template: Template): Statement[] {
  const known = managedPolicies[arn];
  if (known !== undefined) return readPolicy(known, arn.slice(arn.lastIndexOf('/') + 1));
  const own = template.ofType('AWS::IAM::ManagedPolicy').find((policy) => policy.arn === arn);
  if (own === undefined) throw new Error(`Managed policy '${arn}' is not modelled`);
  return readPolicy(own.properties['PolicyDocument']!, own.logicalId);
}

/** May this service (`states.amazonaws.com`) act as the role, on behalf of this machine, rule or automation? */
export function mayAssume(role: Role, service: string, sourceArn?: string): boolean {
  const statements = role.trust.filter((statement) => statement.principals.includes(service));
  // A service that names what it acts for names its account too; Lambda is not known to name either.
  const context: Record<string, string[]> =
    sourceArn === undefined
      ? {}
      : { 'aws:sourceaccount': [sourceArn.split(':')[4] ?? ''], 'aws:sourcearn': [sourceArn] };
  return evaluate(statements, { action: 'sts:AssumeRole', resource: '*', context }).allowed;
}
