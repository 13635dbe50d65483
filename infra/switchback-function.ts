/**
 * One Lambda function of ours: prebuilt ESM bundle on arm64, its own role and nothing in it that is not named here,
 * its own log group. What differs between them is in `functions.ts`, `canaries.ts` and `repin.ts`.
 */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Deployment } from '../core/words/domain';
import type { FunctionAssets } from './function-assets';
import type { FunctionName } from './function-names';
import { allow, role } from './granting/grants';
import { service } from './granting/trust';

/** One a deployment: two that both have a connection `paris` must not prove each other's paths. */
export const metricNamespace = ({ name }: Pick<Deployment, 'name'>): string => `Switchback/${name}`;

export interface SwitchbackFunctionProps {
  readonly name: FunctionName;
  readonly assets: FunctionAssets;
  readonly description: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly statements: readonly iam.PolicyStatement[];
  /**
   * So many at once are kept for this function, and no more are let through.
   * @default - none: it takes from what the account has left
   */
  readonly reservedConcurrency?: number | undefined;
  /**
   * Of its role, where others tell our roles apart by it.
   * @default - that of all our roles
   */
  readonly rolePath?: string | undefined;
}

export class SwitchbackFunction extends Construct {
  readonly function: lambda.Function;
  readonly role: iam.Role;
  readonly logs: logs.ILogGroup;

  constructor(scope: Construct, id: string, props: SwitchbackFunctionProps) {
    super(scope, id);
    const logGroup = new logs.LogGroup(this, 'Logs', {
      retention: logs.RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.logs = logGroup;
    const mayLog = allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]);
    const lambdaService = service(this, 'lambda.amazonaws.com');
    const path = props.rolePath === undefined ? {} : { path: props.rolePath };
    this.role = role(this, 'Role', lambdaService, [mayLog, ...props.statements], props.description, path);
    this.function = new lambda.Function(this, 'Function', {
      description: props.description,
      code: props.assets.code(props.name),
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      memorySize: props.memoryMb,
      timeout: Duration.seconds(props.timeoutSeconds),
      environment: { ...props.environment },
      role: this.role,
      logGroup,
      ...(props.reservedConcurrency !== undefined && { reservedConcurrentExecutions: props.reservedConcurrency }),
      // Executions that run across an update go on calling the version they began with.
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
    });
  }
}
