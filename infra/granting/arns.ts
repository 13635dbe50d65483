/**
 * ARNs of what exists before us (instances, interfaces, route tables): from the configuration, in this stack's
 * account and region. Policies name them one by one; a list here is the whole of what a role may touch.
 */

import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { identityParameter } from '../../core/gateways/identity';
import type { Deployment, InstanceGateway, VpnConnectionGateway } from '../../core/words/domain';
import { rolePath } from '../../core/words/end-names';
import { gatewayOfCanary, gatewaysOf, isReplaceable } from '../../core/words/ends';
import { instancesOf, vpnsOf } from '../../core/words/gateways';

export type Ec2Kind =
  | 'elastic-ip'
  | 'image'
  | 'instance'
  | 'key-pair'
  | 'launch-template'
  | 'network-interface'
  | 'prefix-list'
  | 'route-table'
  | 'security-group'
  | 'subnet'
  | 'transit-gateway-attachment'
  | 'transit-gateway-route-table'
  | 'volume'
  | 'vpn-connection';

/** Images belong to whoever published them: their ARN has no account. A prefix list may be another account's, shared. */
const accounts: Partial<Record<Ec2Kind, { readonly account: string }>> = {
  image: { account: '' },
  'prefix-list': { account: '*' },
};

/** `region`: absent, the stack's own. */
export function ec2Arns(scope: Construct, kind: Ec2Kind, ids: readonly string[], region?: string): string[] {
  const stack = Stack.of(scope);
  return [...new Set(ids)].map((id) => {
    const where = { ...accounts[kind], ...(region !== undefined && { region }) };
    return stack.formatArn({ service: 'ec2', resource: kind, resourceName: id, ...where });
  });
}

/** A document of Systems Manager, ours. `region`: absent, the stack's own. */
export const documentArn = (scope: Construct, name: string, region?: string): string =>
  ssmArn(scope, 'document', name, region);

/** Whatever is started of a document: Systems Manager gives out the ids. */
export const automationsArn = (scope: Construct, region?: string): string =>
  ssmArn(scope, 'automation-execution', '*', region);

/** Route 53 has neither regions nor, in its ARNs, accounts. */
export const route53Arn = (scope: Construct, resource: 'hostedzone' | 'change', id: string): string =>
  Stack.of(scope).formatArn({ service: 'route53', region: '', account: '', resource, resourceName: id });

const ssmArn = (scope: Construct, resource: string, resourceName: string, region?: string): string =>
  Stack.of(scope).formatArn({ service: 'ssm', resource, resourceName, ...(region !== undefined && { region }) });

/** A role under the deployment's own path. `account`: absent, the stack's own. */
export const roleArn = (scope: Construct, deployment: Deployment, resourceName: string, account?: string): string =>
  Stack.of(scope).formatArn({
    service: 'iam',
    region: '',
    ...(account !== undefined && { account }),
    resource: `role${rolePath(deployment).slice(0, -1)}`,
    resourceName,
  });

/** Every route table that pins a canary to a path over a gateway which may be replaced. */
export function canaryTableIds(deployment: Deployment): string[] {
  const instances = instancesOf(deployment);
  return Object.values(deployment.connections).flatMap((connection) =>
    connection.canaries.flatMap((canary) => {
      const gateway = instances[gatewayOfCanary(connection, canary) ?? ''];
      return gateway?.launchTemplate === undefined ? [] : (canary.routeTableId ?? []);
    }),
  );
}

/** What `replace` has made of a gateway is written under this prefix and the gateway's name, in Systems Manager. */
export const identityPrefix = (deployment: Deployment): string => identityParameter(deployment, '');

/** The parameters of gateways that may be replaced; the others never have one. */
export function identityParameterArns(scope: Construct, deployment: Deployment): string[] {
  const prefix = identityPrefix(deployment).slice(1);
  return replaceableGateways(deployment).map(({ name }) =>
    Stack.of(scope).formatArn({ service: 'ssm', resource: 'parameter', resourceName: `${prefix}${name}` }),
  );
}

export const replaceableGateways = (deployment: Deployment): InstanceGateway[] =>
  Object.values(instancesOf(deployment)).filter(({ name }) => isReplaceable(deployment, name));

/** Site-to-Site connections whose tunnels may be replaced: of connections in mode repair, and no others. */
export function repairableVpns(deployment: Deployment): VpnConnectionGateway[] {
  const repaired = Object.values(deployment.connections).filter(({ mode }) => mode === 'repair');
  const names = new Set(repaired.flatMap(gatewaysOf));
  return Object.values(vpnsOf(deployment)).filter(({ name }) => names.has(name));
}
