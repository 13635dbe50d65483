/**
 * A stack of its own, one rule and one role, in the region where Network Manager speaks: its events come to the bus of
 * that one region, wherever the transit gateway is, and nobody outside hears them. The rule hands them on to the bus
 * where Switchback stands; there `sense` knows which connections are ours (infra/signals.ts).
 *
 * Best effort, as those events are: nothing here keeps one that could not be handed on. It would only have woken
 * somebody, and the sweep does that each minute.
 */
import { type App, Stack, type StackProps } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Deployment } from '../core/words/domain';
import { boundRoles } from './granting/boundary';
import { placeRoles } from './granting/role-path';
import { service } from './granting/trust';

/** As `sense` has it: Network Manager also tells of topology and routes, which nobody here could use. */
export const networkManagerPattern: events.EventPattern = {
  source: ['aws.networkmanager'],
  detailType: ['Network Manager Status Update'],
};

/** Whoever is woken later than that has been woken by the sweep. */
const eventAgeMaxS = 300;

/** Null: the author names no region, or the very one where Switchback's own rule listens. */
function networkManagerRegion({ region, installation }: Deployment): string | null {
  const named = installation?.networkManagerRegion;
  return named === undefined || named === region ? null : named;
}

export interface NetworkManagerProps extends StackProps {
  readonly deployment: Deployment;
}

export class NetworkManagerStack extends Stack {
  constructor(scope: App, { deployment, ...props }: NetworkManagerProps) {
    const region = networkManagerRegion(deployment);
    if (region === null) throw new Error(`networkManagerRegion of ${deployment.name} names no other region`);
    const stackName = `${deployment.name}-network-manager`;
    super(scope, stackName, { ...props, env: { ...props.env, region } });
    placeRoles(this, deployment);
    boundRoles(this, deployment);
    const bus = this.formatArn({
      service: 'events',
      region: deployment.region,
      resource: 'event-bus',
      resourceName: 'default',
    });
    const rules = this.formatArn({ service: 'events', resource: 'rule', resourceName: `${stackName}-*` });
    const role = new iam.Role(this, 'ForwarderRole', {
      assumedBy: service(this, 'events.amazonaws.com', [rules]),
      description: `Puts what Network Manager says of VPN connections onto the bus in ${deployment.region}.`,
      inlinePolicies: {
        Forward: new iam.PolicyDocument({
          statements: [new iam.PolicyStatement({ actions: ['events:PutEvents'], resources: [bus] })],
        }),
      },
    });
    new events.Rule(this, 'NetworkManager', {
      description: `Network Manager speaks of a VPN connection: Switchback ${deployment.name} in ${deployment.region} shall hear it.`,
      eventPattern: networkManagerPattern,
      targets: [{ bind: () => ({ arn: bus, role, retryPolicy: { maximumEventAgeInSeconds: eventAgeMaxS } }) }],
    });
  }
}

/** Beside the main stack, where the configuration asks for it. */
export function addNetworkManager(app: App, props: NetworkManagerProps): NetworkManagerStack | null {
  return networkManagerRegion(props.deployment) === null ? null : new NetworkManagerStack(app, props);
}
