/**
 * What a gateway itself may do: be reached by Systems Manager, read the keys of its own tunnels, and, where it is asked
 * to, publish how many of them are up. Nothing of Switchback's: it moves no route and writes no report.
 *
 * AmazonSSMManagedInstanceCore is not used: it would let the instance read every parameter of the account.
 */
import { ArnFormat, Stack, Validations } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { allow, role } from '../granting/grants';
import { service } from '../granting/trust';
import { gatewayNamespace } from '../tunnel-metrics';
import type { GreenfieldTunnel, KeySource } from './tunnel';

export function gatewayRole(
  scope: Construct,
  id: string,
  tunnels: readonly GreenfieldTunnel[],
  metricsFor?: string,
): iam.Role {
  const keys = tunnels.map(({ key }) => key);
  const kmsKeys = keys.flatMap(({ kmsKeyArn }) => (kmsKeyArn === undefined ? [] : [kmsKeyArn]));
  const made = role(
    scope,
    id,
    service(scope, 'ec2.amazonaws.com'),
    [
      reachBySystemsManager(),
      ...readKeys(scope, keys),
      ...(metricsFor === undefined ? [] : [publishMetrics(metricsFor)]),
      // Only for keys of the author's own; those AWS manages need no grant.
      ...(kmsKeys.length === 0 ? [] : [allow(['kms:Decrypt'], [...new Set(kmsKeys)], viaTheStores(scope))]),
    ],
    'A VPN gateway: reached by Systems Manager, reads the keys of its own tunnels.',
  );
  Validations.of(made).acknowledge({
    id: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
    reason:
      'The agent of Systems Manager calls for its own instance, and a metric is no resource: AWS lets neither be limited to one.',
  });
  return made;
}

/** What the agent needs for Run Command and Session Manager; why on every resource, see above. */
function reachBySystemsManager(): iam.PolicyStatement {
  const actions = [
    'ssm:UpdateInstanceInformation',
    'ssm:ListInstanceAssociations', // The agent asks each start; without it every start logs a refusal.
    'ssmmessages:CreateControlChannel',
    'ssmmessages:CreateDataChannel',
    'ssmmessages:OpenControlChannel',
    'ssmmessages:OpenDataChannel',
    'ec2messages:AcknowledgeMessage',
    'ec2messages:DeleteMessage',
    'ec2messages:FailMessage',
    'ec2messages:GetEndpoint',
    'ec2messages:GetMessages',
    'ec2messages:SendReply',
  ];
  return allow(actions, ['*']);
}

/** CloudWatch can be limited to no resource: the namespace, which is the gateways' own, is the fence. */
function publishMetrics(deployment: string): iam.PolicyStatement {
  return allow(['cloudwatch:PutMetricData'], ['*'], {
    StringEquals: { 'cloudwatch:namespace': gatewayNamespace({ name: deployment }) },
  });
}

function readKeys(scope: Construct, keys: readonly KeySource[]): iam.PolicyStatement[] {
  const stack = Stack.of(scope);
  // A secret's ARN ends in six characters that AWS adds to its name; the question marks stand for exactly those.
  const secrets = keys.flatMap((key) =>
    'secret' in key
      ? [
          stack.formatArn({
            service: 'secretsmanager',
            resource: 'secret',
            resourceName: `${key.secret}-??????`,
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          }),
        ]
      : [],
  );
  const parameters = keys.flatMap((key) =>
    'parameter' in key
      ? [stack.formatArn({ service: 'ssm', resource: 'parameter', resourceName: key.parameter.replace(/^\//, '') })]
      : [],
  );
  return [
    ...(secrets.length === 0 ? [] : [allow(['secretsmanager:GetSecretValue'], [...new Set(secrets)])]),
    ...(parameters.length === 0 ? [] : [allow(['ssm:GetParameter'], [...new Set(parameters)])]),
  ];
}

function viaTheStores(scope: Construct): Record<string, Record<string, unknown>> {
  const { region } = Stack.of(scope);
  const services = ['secretsmanager', 'ssm'].map((service) => `${service}.${region}.amazonaws.com`);
  return { StringEquals: { 'kms:ViaService': services } };
}
