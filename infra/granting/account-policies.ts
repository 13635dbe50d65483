/**
 * What an account must say that no stack of ours can: the service control policies that keep others out, what a
 * permissions boundary must let through, and the policy of a topic that is not ours. Read from the synthesized template, so
 * that a name in them is one that is deployed.
 *
 * CloudFormation names our roles; what they have in common is their path (`rolePath`), so that is what policies go by.
 */
import type { Deployment } from '../../core/words/domain';
import { endStackName, endsElsewhere, rolePath } from '../../core/words/end-names';
import type { Synthesis } from '../assembly';
import { metricNamespace } from '../switchback-function';
import { identityPrefix, replaceableGateways } from './arns';

interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: '*' | { readonly Service: string };
  readonly Action: readonly string[];
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

interface EndBoundary {
  readonly account: string;
  readonly Version: string;
  readonly Statement: readonly PolicyStatement[];
}

export interface AccountPolicies {
  readonly serviceControlPolicy: { readonly Version: string; readonly Statement: readonly PolicyStatement[] };
  /** The least that a boundary must allow, and that no policy above may deny. */
  readonly boundary: { readonly Version: string; readonly Statement: readonly PolicyStatement[] };
  /** The same for each end in another account, by its name; null: there is none. */
  readonly endBoundaries: Readonly<Record<string, EndBoundary>> | null;
  /** Null: the topic is ours. */
  readonly topicPolicy: { readonly Version: string; readonly Statement: readonly PolicyStatement[] } | null;
  /** For the key of such a topic, where it has one of its own. */
  readonly topicKeyPolicy: { readonly Version: string; readonly Statement: readonly PolicyStatement[] } | null;
}

const Version = '2012-10-17';

export function accountPolicies({ template, elsewhere }: Synthesis, deployment: Deployment): AccountPolicies {
  const topic = topicOf(deployment);
  const actions = actionsOfRoles(template);
  return {
    serviceControlPolicy: { Version, Statement: denials(template, deployment, actions) },
    boundary: { Version, Statement: [letting(actions)] },
    endBoundaries: endBoundaries(elsewhere, deployment),
    topicPolicy: topic === null ? null : { Version, Statement: publishers(topic, deployment, ['sns:Publish'], topic) },
    topicKeyPolicy:
      topic === null
        ? null
        : { Version, Statement: publishers(topic, deployment, ['kms:GenerateDataKey*', 'kms:Decrypt'], '*') },
  };
}

const letting = (Action: readonly string[]): PolicyStatement => ({
  ...{ Sid: 'Switchback', Effect: 'Allow', Action, Resource: '*' },
});

function endBoundaries(stacks: Synthesis['elsewhere'], deployment: Deployment): AccountPolicies['endBoundaries'] {
  const ends = endsElsewhere(deployment).flatMap((end) => {
    const stack = stacks.find(({ stackName }) => stackName === endStackName(deployment, end));
    if (end.account === undefined || stack === undefined) return [];
    const Statement = [letting(actionsOfRoles(stack.template))];
    return [[end.name, { account: end.account, Version, Statement }] as const];
  });
  return ends.length === 0 ? null : Object.fromEntries(ends);
}

/** Each denies everybody whom it does not name, administrators too. */
function denials(template: Synthesis['template'], deployment: Deployment, ours: readonly string[]): PolicyStatement[] {
  const [machine] = ofType(template, 'AWS::StepFunctions::StateMachine');
  const deny = (
    Sid: string,
    Action: readonly string[],
    Resource: string,
    when: NonNullable<PolicyStatement['Condition']> = {},
  ): PolicyStatement => {
    const isOurs = Action.some((action) => ours.includes(action));
    const but = { ArnNotLike: { 'aws:PrincipalArn': `arn:aws:iam::*:role${rolePath(deployment)}*` } };
    const Condition = isOurs ? { ...but, ...when } : when;
    return { Sid, Effect: 'Deny', Action, Resource, ...(Object.keys(Condition).length > 0 && { Condition }) };
  };
  // One tag for all deployments: a second one's repairs must not be denied by what was printed for the first.
  const tagged = {
    'ForAnyValue:StringLike': { 'aws:TagKeys': 'switchback:*' },
    ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/switchback/*' },
  };
  const identity = `arn:aws:ssm:*:*:parameter${identityPrefix(deployment)}*`;
  return [
    deny('NoRedrive', ['states:RedriveExecution'], `arn:aws:states:*:*:execution:${machine!['StateMachineName']}:*`),
    deny('OurTagsAreOurs', ['ec2:CreateTags', 'ec2:DeleteTags'], '*', tagged),
    deny('OurMetricsLeaveAsLogs', ['cloudwatch:PutMetricData'], '*', {
      StringEquals: { 'cloudwatch:namespace': metricNamespace(deployment) },
    }),
    ...(replaceableGateways(deployment).length === 0
      ? []
      : [deny('WhoIsWhoIsOurs', ['ssm:PutParameter', 'ssm:DeleteParameter', 'ssm:DeleteParameters'], identity)]),
  ];
}

/** Our own alarms, and the machine where its account is not the topic's. */
function publishers(
  topic: string,
  deployment: Deployment,
  Action: readonly string[],
  Resource: string,
): PolicyStatement[] {
  const account = topic.split(':')[4] ?? '';
  const alarms = `arn:aws:cloudwatch:${deployment.region}:${account}:alarm:${deployment.name}/*`;
  return [
    {
      Sid: 'SwitchbackAlarms',
      Effect: 'Allow',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action,
      Resource,
      Condition: { StringEquals: { 'aws:SourceAccount': account }, ArnLike: { 'aws:SourceArn': alarms } },
    },
    {
      Sid: 'SwitchbackNotices',
      Effect: 'Allow',
      Principal: '*',
      Action,
      Resource,
      Condition: { ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::${account}:role${rolePath(deployment)}*` } },
    },
  ];
}

function topicOf({ installation }: Deployment): string | null {
  const notify = installation?.notify;
  return notify?.kind === 'people' ? (notify.topic ?? null) : null;
}

type Properties = Readonly<Record<string, unknown>>;

interface Written {
  readonly Statement: readonly { readonly Effect: string; readonly Action: string | readonly string[] }[];
}

/** Everything any role of ours is allowed, each action once. */
function actionsOfRoles(template: Synthesis['template']): string[] {
  const inline = ofType(template, 'AWS::IAM::Role').flatMap(({ Policies = [] }) =>
    (Policies as { PolicyDocument: Written }[]).map(({ PolicyDocument }) => PolicyDocument),
  );
  // A managed policy without roles is for people.
  const attached = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy']
    .flatMap((type) => ofType(template, type))
    .filter(({ Roles }) => Roles !== undefined)
    .map(({ PolicyDocument }) => PolicyDocument as Written);
  const allowed = [...inline, ...attached]
    .flatMap(({ Statement }) => Statement)
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ Action }) => Action);
  return [...new Set(allowed)].sort();
}

function ofType(template: Synthesis['template'], type: string): Properties[] {
  const all = Object.values(template['Resources'] as Record<string, { Type: string; Properties: Properties }>);
  return all.filter(({ Type }) => Type === type).map(({ Properties }) => Properties);
}
