/**
 * The failover state machine: its definition (definition.ts) with the deployed names filled in, and the role that holds
 * what its states call directly. It routes and waits; everything judged or written in EC2 happens elsewhere.
 */
import { ArnFormat, Aws, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as sns from 'aws-cdk-lib/aws-sns';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Deployment } from '../core/words/domain';
import type { DeployedName } from './definition';
import { executionsAreMany, type Functions } from './functions';
import { accept } from './granting/accepted';
import { allow, allowWide, onItems, role } from './granting/grants';
import { service } from './granting/trust';
import { publishedRungs } from './runbooks';
import type { Tables } from './tables';

export interface MachineProps {
  readonly deployment: Deployment;
  readonly definition: string;
  readonly tables: Tables;
  readonly functions: Functions;
  readonly repairRole: iam.IRole;
  readonly topic: sns.ITopic;
}

function machineName({ name }: Deployment): string {
  return `${name}-failover`;
}

/** Every execution of the machine. */
export function executionArns(scope: Construct, deployment: Deployment): string {
  return Stack.of(scope).formatArn({
    service: 'states',
    resource: 'execution',
    resourceName: `${machineName(deployment)}:*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

/** `where`: absent, where the stack is. */
export function machineArn(
  scope: Construct,
  deployment: Deployment,
  where: { readonly region?: string; readonly account?: string } = {},
): string {
  return Stack.of(scope).formatArn({
    service: 'states',
    resource: 'stateMachine',
    resourceName: machineName(deployment),
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    ...where,
  });
}

/** Eight letters that are this stack's from its creation to its end, and no other's: the first of its id's own part. */
function creation(): string {
  return Fn.select(0, Fn.split('-', Fn.select(2, Fn.split('/', Aws.STACK_ID))));
}

export class FailoverMachine extends Construct {
  readonly machine: sfn.StateMachine;
  readonly logs: logs.ILogGroup;

  constructor(scope: Construct, id: string, props: MachineProps) {
    super(scope, id);
    const { deployment, definition, functions, tables, topic } = props;
    const stateMachineName = machineName(deployment);
    this.logs = new logs.LogGroup(this, 'Logs', {
      // Under this prefix log delivery needs no resource policy of its own, of which a region has ten. The audit trail
      // outlives the stack, so its name must not be in the next stack's way.
      logGroupName: Fn.join('-', [`/aws/vendedlogs/states/${stateMachineName}`, creation()]),
      retention: logs.RetentionDays.ONE_YEAR,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    this.machine = new sfn.StateMachine(this, 'Machine', {
      stateMachineName,
      comment: 'Diverts, repairs and fails back one connection; see docs/ARCHITECTURE.md.',
      definitionBody: sfn.DefinitionBody.fromString(definition),
      definitionSubstitutions: {
        StateTable: tables.state.tableName,
        AssessFunction: functions.assess.function.currentVersion.functionArn,
        ApplyFunction: functions.apply.function.currentVersion.functionArn,
        NoticeTopic: topic.topicArn,
      } satisfies Record<DeployedName, string>,
      role: this.roleFor(props),
      tracingEnabled: true,
      logs: { destination: this.logs, level: sfn.LogLevel.ALL, includeExecutionData: true },
    });
    accept(
      this.machine.role,
      'IAM5[Resource::*]',
      'Written by the CDK: log delivery and X-Ray know no resources to limit them to.',
    );
  }

  private roleFor({ deployment, functions, repairRole, tables, topic }: MachineProps): iam.Role {
    const stack = Stack.of(this);
    const ssmArn = (resource: string, resourceName: string) =>
      stack.formatArn({ service: 'ssm', resource, resourceName });
    const documents = publishedRungs(deployment).map((rung) => deployment.runbooks[rung]);
    return role(
      this,
      'Role',
      service(this, 'states.amazonaws.com', [machineArn(this, deployment)]),
      [
        onItems(['dynamodb:UpdateItem'], tables.state, 'connection', 'gateway'),
        // Any version of the two: an execution that runs across an update calls the one it began with.
        allowWide(
          'Every published version of these two functions, and nothing else.',
          ['lambda:InvokeFunction'],
          [functions.assess, functions.apply].map(({ function: f }) => `${f.functionArn}:*`),
        ),
        // AWS authorizes the document and the execution; older policies, still honoured, name the definition.
        allowWide(
          'Versions and executions of our own documents; Systems Manager gives out their ids.',
          ['ssm:StartAutomationExecution'],
          [
            ...documents.map((name) => ssmArn('document', name)),
            ...documents.map((name) => ssmArn('automation-definition', `${name}:*`)),
            ssmArn('automation-execution', '*'),
          ],
        ),
        allow(['iam:PassRole'], [repairRole.roleArn], { StringEquals: { 'iam:PassedToService': 'ssm.amazonaws.com' } }),
        allow(['sns:Publish'], [topic.topicArn]),
        // Nobody else's events, and onto no other bus.
        allow(
          ['events:PutEvents'],
          [stack.formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' })],
          { StringEquals: { 'events:source': 'switchback' } },
        ),
        // To start itself: a successor when its history is used up, and, without the lock table, a run whose name
        // remembers what people were told.
        allow(['states:SendTaskSuccess', 'states:StartExecution'], [machineArn(this, deployment)]),
        allowWide(executionsAreMany, ['states:DescribeExecution'], [executionArns(this, deployment)]),
      ],
      'The failover state machine.',
    );
  }
}
