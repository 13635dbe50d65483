/**
 * The one name an operator needs: `/switchback/<name>` in Systems Manager's Parameter Store says where everything of this
 * deployment is, and beside it lies what the deployment declares, so that a command line on a laptop needs neither the
 * stack's outputs nor a copy of `switchback.yaml`.
 *
 * Nothing of ours reads it on the way to a decision: a function has its configuration beside its code.
 */
import { Stack } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as sns from 'aws-cdk-lib/aws-sns';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { packed } from '../config/packed';
import type { Deployment } from '../core/words/domain';
import { endsElsewhere } from '../core/words/end-names';
import { isStandby } from '../core/words/standby';
import {
  declaredParameter,
  rulesPerPart,
  type Starters,
  startersParameter,
  type Whereabouts,
  whereaboutsParameter,
} from '../core/words/whereabouts';
import { machineArn } from './machine';
import { metricNamespace } from './switchback-function';
import type { Tables } from './tables';

export interface SignpostProps {
  readonly deployment: Deployment;
  readonly tables: Tables;
  readonly topic: sns.ITopic;
  readonly logGroups: Readonly<Record<string, logs.ILogGroup>>;
  readonly starters: readonly events.IRule[];
  readonly reportsStream: lambda.IEventSourceMapping;
  /** Writes routes. */
  readonly writer: lambda.IFunction;
  readonly machineRole: iam.IRole;
}

export class Signpost extends Construct {
  constructor(scope: Construct, id: string, props: SignpostProps) {
    super(scope, id);
    const { deployment, tables, topic, logGroups } = props;
    const { name } = deployment;
    const archive = deployment.installation?.archive;
    const stack = Stack.of(this);
    const parts = partsOf(deployment);
    const whereabouts: Whereabouts = {
      schema: 1,
      name,
      region: stack.region,
      account: stack.account,
      machine: machineArn(this, deployment),
      stateTable: tables.state.tableName,
      reportsTable: tables.reports.tableName,
      topic: topic.topicArn,
      metricNamespace: metricNamespace(deployment),
      dashboard: name,
      logGroups: Object.fromEntries(Object.entries(logGroups).map(([by, group]) => [by, group.logGroupName])),
      parts: parts.length,
      starters: startersIn(props.starters).length,
      ...(endsElsewhere(deployment).length > 0 && { writer: props.writer.functionName }),
      ...(archive !== undefined && { archive: archive.bucket }),
      ...(isStandby(deployment) && { heldRole: props.machineRole.roleName }),
    };
    new ssm.CfnParameter(this, 'Whereabouts', {
      name: whereaboutsParameter(name),
      type: 'String',
      value: stack.toJsonString(whereabouts),
      description: `Where Switchback ${name} is; read by the command line.`,
    });
    for (const [i, part] of parts.entries())
      new ssm.CfnParameter(this, `Declared${i + 1}Part`, {
        name: declaredParameter(name, i + 1),
        type: 'String',
        value: part,
        description: `What Switchback ${name} declares, packed, part ${i + 1} of ${parts.length}.`,
      });
    for (const [i, rules] of startersIn(props.starters).entries()) {
      const starters: Starters = {
        rules: rules.map(({ ruleName }) => ruleName),
        reportsStream: props.reportsStream.eventSourceMappingId,
      };
      new ssm.CfnParameter(this, `Starters${i + 1}Part`, {
        name: startersParameter(name, i + 1),
        type: 'String',
        value: stack.toJsonString(starters),
        description: `What starts runs of Switchback ${name} by itself, part ${i + 1}.`,
      });
    }
  }
}

/** Packing takes as long as all else here together, and the policies ask how many parts there are. */
const known = new WeakMap<Deployment, readonly string[]>();

function partsOf(deployment: Deployment): readonly string[] {
  const parts = known.get(deployment) ?? packed(deployment);
  known.set(deployment, parts);
  return parts;
}

const startersIn = (rules: readonly events.IRule[]): (readonly events.IRule[])[] =>
  Array.from({ length: Math.ceil(rules.length / rulesPerPart) }, (_, i) =>
    rules.slice(i * rulesPerPart, (i + 1) * rulesPerPart),
  );

/** What an operator's command may read of it. */
export function signpostArns(scope: Construct, deployment: Deployment, starters: readonly events.IRule[]): string[] {
  const { name } = deployment;
  const names = [
    whereaboutsParameter(name),
    ...partsOf(deployment).map((_, i) => declaredParameter(name, i + 1)),
    ...startersIn(starters).map((_, i) => startersParameter(name, i + 1)),
  ];
  return names.map((parameter) =>
    Stack.of(scope).formatArn({ service: 'ssm', resource: 'parameter', resourceName: parameter.slice(1) }),
  );
}
