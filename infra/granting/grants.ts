/**
 * Small words for IAM: one statement from actions and resources, and a role that carries its statements from its
 * first second (inline), and more in managed policies only where they outgrow the inline limit (policy-size.ts).
 *
 * A grant with a wildcard in a resource says why it needs one (`allowWide`); reviewers and cdk-nag find the reason at
 * the grant. A wildcard without a reason fails test/synth/nag.test.ts.
 */
import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { accept } from './accepted';
import { managedCharactersFilled, sharedOut } from './policy-size';

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

export const describeIsForAll = 'AWS lets no question of this kind be limited to resources; it changes nothing.';
/** What is asked about routes and machines, where they stand. */
export const groundQuestions: readonly string[] = [
  'ec2:DescribeRouteTables',
  'ec2:DescribeInstances',
  'ec2:DescribeInstanceStatus',
  'ec2:DescribeNetworkInterfaces',
  'ssm:DescribeInstanceInformation',
];

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

function withResources(statement: iam.PolicyStatement, resources: string[]): iam.PolicyStatement {
  const copy = statement.copy({ resources });
  const because = reasons.get(statement);
  if (because !== undefined) reasons.set(copy, because);
  return copy;
}

/** Tells cdk-nag what the statements' own reasons are. */
function acceptWide(target: Construct, statements: readonly iam.PolicyStatement[]): void {
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

/**
 * A role and what it may do. What does not fit its inline policies stands in managed ones of its own, as many as it
 * takes: EC2's ids in ARNs grow with every gateway and table.
 */
export function role(
  scope: Construct,
  id: string,
  assumedBy: iam.IPrincipal,
  statements: readonly iam.PolicyStatement[],
  description: string,
  more: Partial<Pick<iam.RoleProps, 'path' | 'roleName'>> = {},
): iam.Role {
  const [own = [], ...others] = sharedOut(scope, statements, { withResources });
  const created = new iam.Role(scope, id, {
    ...more,
    assumedBy,
    description,
    ...(own.length > 0 && { inlinePolicies: { own: documentOf(own) } }),
  });
  acceptWide(created, own);
  for (const [i, some] of others.entries()) {
    const policy = new iam.ManagedPolicy(scope, `${id}More${i + 1}`, {
      description: `${description.slice(0, 900)} What its inline policy has no room for, part ${i + 1}.`,
      document: documentOf(some),
    });
    acceptWide(policy, some);
    created.addManagedPolicy(policy); // On the role, so that nobody acts as it before it holds all of them.
  }
  return created;
}

/** Managed policies to attach to people, one or as many as the statements need; the first bears the name alone. */
export function attachable(
  scope: Construct,
  id: string,
  description: string,
  statements: readonly iam.PolicyStatement[],
): readonly iam.ManagedPolicy[] {
  return sharedOut(scope, statements, { firstMax: managedCharactersFilled, withResources }).map((some, i) => {
    const policy = new iam.ManagedPolicy(scope, i === 0 ? id : `${id}${i + 1}`, {
      description,
      document: documentOf(some),
    });
    acceptWide(policy, some);
    return policy;
  });
}

const documentOf = (statements: readonly iam.PolicyStatement[]): iam.PolicyDocument =>
  new iam.PolicyDocument({ statements: [...statements], minimize: false });
