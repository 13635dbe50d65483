/**
 * Small words for IAM: one statement from actions and resources, and a role that carries its statements from its
 * first second (inline), sharded into managed policies only where a list of ARNs outgrows the inline limit.
 *
 * A grant with a wildcard in a resource says why it needs one (`allowWide`); reviewers and cdk-nag find the reason at
 * the grant. A wildcard without a reason fails test/synth/nag.test.ts.
 */
import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { accept } from './accepted';

/**
 * A managed policy holds 6,144 characters, a role's inline policies 10,240 in all. A route table's ARN takes up to 75;
 * 70 of them and their actions fit either.
 */
const arnsPerPolicyMax = 70;

export function allow(
  actions: readonly string[],
  resources: readonly string[],
  conditions?: Record<string, Record<string, unknown>>,
): iam.PolicyStatement {
  return new iam.PolicyStatement({
    actions: [...actions],
    resources: [...resources],
    ...(conditions !== undefined && { conditions }),
  });
}

/** Writes to one table, by the kinds of item its keys begin with. */
export function onItems(
  actions: readonly string[],
  table: { readonly tableArn: string },
  ...kinds: readonly ('connection' | 'gateway' | 'observed')[]
): iam.PolicyStatement {
  return allow(actions, [table.tableArn], {
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': kinds.map((kind) => `${kind}#*`) },
  });
}

/** A grant that cannot name its resources one by one, and why. */
export function allowWide(
  because: string,
  actions: readonly string[],
  resources: readonly string[] = ['*'],
  conditions?: Record<string, Record<string, unknown>>,
): iam.PolicyStatement {
  const statement = allow(actions, resources, conditions);
  reasons.set(statement, because);
  return statement;
}

const reasons = new WeakMap<iam.PolicyStatement, string>();

/** Tells cdk-nag what the statements' own reasons are. */
export function acceptWide(target: Construct, statements: readonly iam.PolicyStatement[]): void {
  const accepted = new Set<string>();
  for (const statement of statements) {
    const because = reasons.get(statement);
    if (because === undefined) continue;
    for (const resource of statement.resources.map((r) => asText(Stack.of(target).resolve(r)))) {
      if (!resource.includes('*') || accepted.has(resource)) continue;
      accepted.add(resource);
      accept(target, `IAM5[Resource::${resource}]`, because);
    }
  }
}

/** An ARN as cdk-nag spells it: `<LogicalId.Attribute>` for what CloudFormation fills in. */
function asText(arn: unknown): string {
  if (typeof arn === 'string') return arn;
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = arn as Readonly<Record<string, unknown>>;
  if (typeof Ref === 'string') return `<${Ref}>`;
  if (Array.isArray(attribute)) return `<${attribute.join('.')}>`;
  if (Array.isArray(join)) return (join[1] as unknown[]).map(asText).join(String(join[0]));
  throw new Error(`No text is known for ${JSON.stringify(arn)}`);
}

export function role(
  scope: Construct,
  id: string,
  assumedBy: iam.IPrincipal,
  statements: readonly iam.PolicyStatement[],
  description: string,
): iam.Role {
  const created = new iam.Role(scope, id, {
    assumedBy,
    description,
    inlinePolicies: { own: new iam.PolicyDocument({ statements: [...statements], minimize: false }) },
  });
  acceptWide(created, statements);
  return created;
}

/** The same actions on however many ARNs. */
export function grantOnMany(target: iam.Role, id: string, actions: readonly string[], arns: readonly string[]): void {
  if (arns.length <= arnsPerPolicyMax) {
    if (arns.length > 0) target.addToPolicy(allow(actions, arns));
    return;
  }
  for (let i = 0; i < arns.length; i += arnsPerPolicyMax) {
    new iam.ManagedPolicy(target, `${id}${i / arnsPerPolicyMax + 1}`, {
      roles: [target],
      statements: [allow(actions, arns.slice(i, i + arnsPerPolicyMax))],
    });
  }
}
