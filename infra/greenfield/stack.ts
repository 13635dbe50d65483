/**
 * The network stack of a new installation: VPC, gateways, canary subnets, outputs. It lives longer than Switchback and
 * is deployed apart from it: a mistake there must not touch the gateways, nor the other way round.
 */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { GreenfieldNetwork, type Zones } from './network';
import { SiteOutputs } from './site-outputs';
import { VpnPair, type VpnPairProps } from './vpn-pair';

export interface GreenfieldProps extends StackProps, Omit<VpnPairProps, 'network' | 'metricsFor'> {
  /**
   * The Switchback deployment that will guard this pair: prefix of its resources.
   * @default switchback
   */
  readonly deployment?: string;
  readonly zones: Zones;
  /**
   * Gateways with a second interface, for the VPC's side alone. The replace rung is then off.
   * @default false
   */
  readonly twoInterfaces?: boolean;
  /**
   * Each gateway publishes how many of its tunnels are up, and Switchback has alarms on it. Some 1.84 USD a month and
   * gateway.
   * @default false
   */
  readonly tunnelMetrics?: boolean;
}

export class GreenfieldStack extends Stack {
  readonly pair: VpnPair;

  constructor(scope: Construct, id: string, props: GreenfieldProps) {
    const { zones, cidr, gateways, connections, deployment = 'switchback', twoInterfaces, ...rest } = props;
    const { software, image, instanceType, protect, tunnelMetrics, ...stack } = rest;
    super(scope, id, stack);
    const network = new GreenfieldNetwork(this, 'Network', { zones, cidr, inside: twoInterfaces ?? false });
    this.pair = new VpnPair(this, 'Vpn', {
      network,
      cidr,
      gateways,
      connections,
      software,
      image,
      instanceType,
      protect,
      ...(tunnelMetrics === true && { metricsFor: deployment }),
    });
    new SiteOutputs(this, 'Site', this.pair, deployment);
  }
}
