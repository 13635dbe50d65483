/**
 * A pair of VPN gateways in two zones, with what Switchback needs around them: routes of the workloads towards each
 * connection's home path, and per connection the canaries' places: one pinned subnet a path, in the zone its gateway
 * is not in, and a workload subnet for the service canary, likewise.
 *
 *     const pair = new VpnPair(this, 'Vpn', { network, cidr, software, gateways: {...}, connections: {...} });
 *
 * Switchback itself is another stack, made from a `switchback.yaml` that holds these ids: see SiteOutputs.
 */
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { Mode } from '../../core/words/domain';
import type { GreenfieldNetwork, PinnedSubnet, Subnet } from './network';
import { checkTunnel, type GreenfieldTunnel, type KeySource } from './tunnel';
import { type GatewayMachine, VpnGateway } from './vpn-gateway';

export interface PathProps {
  /** A name from `gateways`. */
  readonly gateway: string;
  /** The partner's device for this path: its own for each, or the canaries' answers are coupled. */
  readonly peer: string;
  readonly peerIdentity?: string;
  readonly key: KeySource;
  /** @default - `<connection>-<path>` */
  readonly tunnel?: string;
}

export interface RouteSetProps {
  /** The path these workloads use when all is well. */
  readonly home: string;
  /** @default - the workloads of both zones */
  readonly zone?: string;
}

export interface ConnectionProps {
  /** The networks behind the partner: what the workloads' routes lead to. */
  readonly remote: readonly string[];
  /** What canaries probe there, address:port, e.g. 172.16.0.10:443. */
  readonly targets: readonly string[];
  /** Two ways across, one over each gateway. */
  readonly paths: Readonly<Record<string, PathProps>>;
  /** By name: all workloads in one, or one a zone, so that each zone uses the gateway of its own. */
  readonly routeSets: Readonly<Record<string, RouteSetProps>>;
  /** How far Switchback may go; see the configuration's own `mode`. @default observe */
  readonly mode?: Mode;
  /** Whether the partner may answer both canaries over one path; false only when a drill has shown it. @default true */
  readonly coupled?: boolean;
  readonly ikeProposals?: string;
  readonly espProposals?: string;
}

export interface VpnPairProps extends GatewayMachine {
  readonly network: GreenfieldNetwork;
  /** The VPC's block. */
  readonly cidr: string;
  /** Two, in the order of the network's zones. */
  readonly gateways: readonly [first: string, second: string];
  readonly connections: Readonly<Record<string, ConnectionProps>>;
}

/** Where a connection's canaries stand. */
export interface CanaryPlaces {
  readonly paths: Readonly<Record<string, PinnedSubnet>>;
  /** By route set. */
  readonly services: Readonly<Record<string, Subnet>>;
}

export class VpnPair extends Construct {
  readonly gateways: Readonly<Record<string, VpnGateway>>;
  readonly canaries: Readonly<Record<string, CanaryPlaces>>;
  readonly canarySecurityGroup: ec2.CfnSecurityGroup;

  constructor(
    scope: Construct,
    id: string,
    readonly props: VpnPairProps,
  ) {
    super(scope, id);
    const { gateways, connections } = props;
    for (const [name, connection] of Object.entries(connections)) this.check(name, connection);
    this.gateways = Object.fromEntries(gateways.map((name, i) => [name, this.gateway(name, i)]));
    this.canarySecurityGroup = this.canaryGuard();
    this.canaries = Object.fromEntries(
      Object.entries(connections).map(([name, connection]) => [name, this.places(name, connection)]),
    );
    for (const [name, connection] of Object.entries(connections)) this.workloadRoutes(name, connection);
  }

  /** The zone a gateway is not in. */
  private otherZone(gateway: string): number {
    return 1 - this.props.gateways.indexOf(gateway);
  }

  private check(name: string, { paths, routeSets, remote }: ConnectionProps): void {
    const used = Object.values(paths).map(({ gateway }) => gateway);
    const both = this.props.gateways.every((gateway) => used.includes(gateway));
    if (used.length !== 2 || !both) throw new Error(`Connection ${name} needs two paths, one over each gateway`);
    for (const [set, { home, zone }] of Object.entries(routeSets)) {
      if (paths[home] === undefined) throw new Error(`Route set ${name}/${set}: home "${home}" is no path`);
      if (this.workloads({ zone }).length === 0) throw new Error(`Route set ${name}/${set}: no workloads in ${zone}`);
    }
    const served = Object.values(routeSets).flatMap((set) => this.workloads(set));
    if (new Set(served).size !== served.length) throw new Error(`Connection ${name}: two route sets share a zone`);
    if (remote.some((cidr) => cidr.includes(':'))) throw new Error(`Connection ${name}: IPv6 is not built here`);
  }

  /** The workload subnets of a route set, by their place in the network. */
  workloads({ zone }: Pick<RouteSetProps, 'zone'>): number[] {
    const { workloadSubnets } = this.props.network;
    return workloadSubnets.flatMap((subnet, i) => (zone === undefined || subnet.zone === zone ? [i] : []));
  }

  private gateway(name: string, i: number): VpnGateway {
    const { network, cidr, software, image, instanceType, protect, metricsFor } = this.props;
    const tunnels = Object.entries(this.props.connections).flatMap(([connection, props]) =>
      Object.entries(props.paths)
        .filter(([, { gateway }]) => gateway === name)
        .map(([path]) => tunnelOf(connection, path, props, cidr)),
    );
    for (const tunnel of tunnels) checkTunnel(tunnel);
    return new VpnGateway(this, name, {
      name,
      vpcId: network.vpcId,
      vpcCidr: cidr,
      subnet: network.gatewaySubnets[i]!,
      insideSubnet: network.insideSubnets[i],
      tunnels,
      internet: network.internet,
      software,
      image,
      instanceType,
      protect,
      metricsFor,
    });
  }

  private places(name: string, { paths, routeSets, remote }: ConnectionProps): CanaryPlaces {
    const { network } = this.props;
    const pinned = Object.entries(paths).map(([path, { gateway }]) => {
      const zone = network.gatewaySubnets[this.otherZone(gateway)]!.zone;
      const subnet = network.pinnedSubnet(`canary-${name}-${path}`, zone);
      this.route(`pin-${name}-${path}`, subnet.table, remote, gateway);
      return [path, subnet] as const;
    });
    const services = Object.entries(routeSets).map(([set, props]) => {
      // Where its gateway is not; a set of one zone leaves no choice.
      const wanted = this.otherZone(paths[props.home]!.gateway);
      const possible = this.workloads(props);
      return [set, network.workloadSubnets[possible.includes(wanted) ? wanted : possible[0]!]!] as const;
    });
    return { paths: Object.fromEntries(pinned), services: Object.fromEntries(services) };
  }

  /**
   * Where the routes lead in the beginning. CloudFormation writes a route again only when its properties here change,
   * so a deployment leaves alone what Switchback has moved since.
   */
  private workloadRoutes(name: string, { paths, routeSets, remote }: ConnectionProps): void {
    for (const set of Object.values(routeSets)) {
      for (const i of this.workloads(set)) {
        const table = this.props.network.workloadTables[i]!;
        this.route(`home-${name}-${i + 1}`, table, remote, paths[set.home]!.gateway);
      }
    }
  }

  private route(name: string, table: ec2.CfnRouteTable, destinations: readonly string[], gateway: string): void {
    for (const [i, destination] of destinations.entries()) {
      new ec2.CfnRoute(this, `${name}-${i + 1}`, {
        routeTableId: table.ref,
        destinationCidrBlock: destination,
        networkInterfaceId: this.gateways[gateway]!.routeInterface.ref,
      });
    }
  }

  /** A canary is never called. Where it may call is said by its subnet's routes: partner, VPC, DynamoDB. */
  private canaryGuard(): ec2.CfnSecurityGroup {
    const remote = [...new Set(Object.values(this.props.connections).flatMap((connection) => connection.remote))];
    const egress = (cidrIp: string, description: string) => ({ ipProtocol: '-1', cidrIp, description });
    return new ec2.CfnSecurityGroup(this, 'CanaryGuard', {
      vpcId: this.props.network.vpcId,
      groupDescription: 'Canaries of Switchback',
      securityGroupIngress: [],
      securityGroupEgress: [
        ...remote.map((cidr) => egress(cidr, 'Probes of the partner')),
        egress(this.props.cidr, 'Probes of the gateways'),
        // DynamoDB has no fixed addresses; its prefix list has another id in each region.
        { ipProtocol: 'tcp', fromPort: 443, toPort: 443, cidrIp: '0.0.0.0/0', description: 'Reports to DynamoDB' },
      ],
    });
  }
}

/** The name runbooks know it by. */
export const tunnelName = (connection: string, path: string, { tunnel }: PathProps): string =>
  tunnel ?? `${connection}-${path}`;

function tunnelOf(connection: string, path: string, props: ConnectionProps, cidr: string): GreenfieldTunnel {
  const { remote, ikeProposals, espProposals } = props;
  const { peer, peerIdentity, key } = props.paths[path]!;
  const name = tunnelName(connection, path, props.paths[path]!);
  return { name, peer, peerIdentity, key, local: [cidr], remote, ikeProposals, espProposals };
}
