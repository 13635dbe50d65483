/**
 * What a resource is called after deployment: its Ref, its ARN and its attributes, per resource type.
 *
 * A type that is in none of the two lists is an error by name: then the template has something the local cloud would
 * silently leave out. `ignored` says why leaving out is right.
 */

import type { Pseudo } from './intrinsics';
import type { Json } from './json';

export interface Identity {
  readonly ref: string;
  readonly arn: string;
  /** The physical name. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Subject {
  readonly logicalId: string;
  readonly type: string;
  readonly pseudo: Pseudo;
  /** A resolved property; null when absent. */
  property(name: string): Json;
}

/** Deployed, but nothing that runs here can tell whether they exist. */
const ignored: Readonly<Record<string, string>> = {
  'AWS::CDK::Metadata': 'construct statistics',
  'AWS::Logs::LogGroup': 'log lines are kept by the local cloud itself; permissions on it are checked',
  'AWS::Logs::MetricFilter': 'no alarm of ours reads its metric',
  'AWS::CloudWatch::Dashboard': 'for human eyes',
  'AWS::Lambda::LayerVersion': 'the bundles carry everything they need',
};

export const isKnowinglyIgnored = (type: string): boolean => type in ignored;

type Describe = (subject: Subject, names: Names) => Identity;

interface Names {
  /** The name given by this property, or the one CloudFormation would generate. */
  named(property: string): string;
  arn(service: string, resource: string): string;
}

const plain = (property: string, service: string, resource: (name: string) => string, arnAttribute = 'Arn'): Describe =>
  function describe(_, { named, arn }) {
    const name = named(property);
    const self = arn(service, resource(name));
    return { ref: name, arn: self, name, attributes: { [arnAttribute]: self } };
  };

/** Parts of other resources: only their existence and properties count. */
const part: Describe = ({ logicalId }, { arn }) => ({
  ref: logicalId,
  arn: arn('cloudformation', `part/${logicalId}`),
  name: logicalId,
  attributes: { Id: logicalId },
});

const table: Describe = (_, { named, arn }) => {
  const name = named('TableName');
  const self = arn('dynamodb', `table/${name}`);
  return {
    ref: name,
    arn: self,
    name,
    attributes: { Arn: self, StreamArn: `${self}/stream/2026-01-05T00:00:00.000` },
  };
};

const kinds: Readonly<Record<string, Describe>> = {
  'AWS::DynamoDB::Table': table,
  'AWS::DynamoDB::GlobalTable': table,
  'AWS::Lambda::Function': plain('FunctionName', 'lambda', (name) => `function:${name}`),
  'AWS::Lambda::Version': (subject, names) => {
    const version = String(subject.pseudo.deployments);
    const self = `${functionArn(subject, names)}:${version}`;
    return { ref: self, arn: self, name: self, attributes: { Version: version, FunctionArn: self } };
  },
  'AWS::Lambda::Alias': (subject, names) => {
    const name = String(subject.property('Name'));
    const self = `${functionArn(subject, names)}:${name}`;
    return { ref: self, arn: self, name, attributes: { AliasArn: self } };
  },
  'AWS::Lambda::EventSourceMapping': ({ logicalId }, { arn }) => {
    const self = arn('lambda', `event-source-mapping:${logicalId}`);
    return { ref: logicalId, arn: self, name: logicalId, attributes: { Id: logicalId, EventSourceMappingArn: self } };
  },
  'AWS::Lambda::EventInvokeConfig': part,
  'AWS::Lambda::Permission': part,
  'AWS::StepFunctions::StateMachine': (_, { named, arn }) => {
    const name = named('StateMachineName');
    const self = arn('states', `stateMachine:${name}`);
    return { ref: self, arn: self, name, attributes: { Arn: self, Name: name } };
  },
  'AWS::Scheduler::Schedule': (subject, { named, arn }) => {
    const name = named('Name');
    const self = arn('scheduler', `schedule/${String(subject.property('GroupName') ?? 'default')}/${name}`);
    return { ref: name, arn: self, name, attributes: { Arn: self } };
  },
  'AWS::Events::Rule': plain('Name', 'events', (name) => `rule/${name}`),
  'AWS::CloudWatch::Alarm': plain('AlarmName', 'cloudwatch', (name) => `alarm:${name}`),
  'AWS::CloudWatch::CompositeAlarm': plain('AlarmName', 'cloudwatch', (name) => `alarm:${name}`),
  'AWS::SNS::Topic': (_, { named, arn }) => {
    const name = named('TopicName');
    const self = arn('sns', name);
    return { ref: self, arn: self, name, attributes: { TopicArn: self, TopicName: name } };
  },
  'AWS::SNS::Subscription': part,
  'AWS::SNS::TopicPolicy': part,
  'AWS::SQS::Queue': ({ pseudo }, { named, arn }) => {
    const name = named('QueueName');
    const self = arn('sqs', name);
    const url = `https://sqs.${pseudo.region}.amazonaws.com/${pseudo.accountId}/${name}`;
    return { ref: url, arn: self, name, attributes: { Arn: self, QueueName: name, QueueUrl: url } };
  },
  'AWS::SQS::QueuePolicy': part,
  'AWS::IAM::Role': (subject, { named }) => {
    const name = named('RoleName');
    const path = String(subject.property('Path') ?? '/');
    const arn = `arn:aws:iam::${subject.pseudo.accountId}:role${path}${name}`;
    return { ref: name, arn, name, attributes: { Arn: arn, RoleId: `AROA${subject.logicalId}` } };
  },
  'AWS::IAM::Policy': part,
  'AWS::IAM::ManagedPolicy': (subject, { named }) => {
    const name = named('ManagedPolicyName');
    const arn = `arn:aws:iam::${subject.pseudo.accountId}:policy/${name}`;
    return { ref: arn, arn, name, attributes: { PolicyArn: arn } };
  },
  'AWS::SSM::Parameter': ({ property }, { named, arn }) => {
    const name = named('Name');
    const self = arn('ssm', `parameter/${name.replace(/^\//, '')}`);
    return {
      ref: name,
      arn: self,
      name,
      attributes: { Type: String(property('Type')), Value: String(property('Value')) },
    };
  },
  'AWS::SSM::Document': plain('Name', 'ssm', (name) => `document/${name}`),
  'AWS::Logs::LogGroup': plain('LogGroupName', 'logs', (name) => `log-group:${name}:*`),
};

/** A version or alias names its function by name or by ARN. */
function functionArn({ property }: Subject, { arn }: Names): string {
  const nameOrArn = String(property('FunctionName'));
  return nameOrArn.startsWith('arn:') ? nameOrArn : arn('lambda', `function:${nameOrArn}`);
}

export function identify(subject: Subject): Identity {
  const { pseudo, logicalId, type } = subject;
  const arn = (service: string, resource: string): string =>
    `arn:aws:${service}:${pseudo.region}:${pseudo.accountId}:${resource}`;
  const named = (property: string): string => {
    const given = subject.property(property);
    // CloudFormation adds random letters; a fixed name keeps runs equal. 64 is the shortest limit among our types.
    return typeof given === 'string' ? given : `${pseudo.stackName}-${logicalId}`.slice(0, 64);
  };
  const describe = kinds[type] ?? (isKnowinglyIgnored(type) ? part : undefined);
  if (describe === undefined) {
    throw new Error(
      `Resource '${logicalId}' has type ${type}, which the local cloud neither models nor knowingly ignores`,
    );
  }
  return describe(subject, { named, arn });
}
