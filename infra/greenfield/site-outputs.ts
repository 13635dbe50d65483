/**
 * What Switchback must know of the pair, as the stack's outputs: `Site…`, each a piece of `switchback.yaml` as JSON.
 * `switchback site` puts the pieces together (config/site-from-outputs.ts); the ids exist only after the deployment.
 *
 * In pieces because a single output would grow with every connection. `replace` is on from the start: the template is
 * the one the gateways were made from. A gateway with two interfaces has none: that rung moves one interface only.
 */
import { CfnOutput, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { VpnGateway } from './vpn-gateway';
import { type ConnectionProps, tunnelName, type VpnPair } from './vpn-pair';

export class SiteOutputs extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly pair: VpnPair,
    private readonly name: string,
  ) {
    super(scope, id);
    const { gateways, connections } = pair.props;
    this.piece('Deployment', { name, region: Stack.of(this).region });
    for (const [i, gateway] of gateways.entries())
      this.piece(`Gateway${i + 1}`, { gateways: { [gateway]: this.gateway(gateway, i) } });
    for (const [i, [connection, props]] of Object.entries(connections).entries()) {
      this.piece(`Connection${i + 1}`, { connections: { [connection]: this.connection(connection, props) } });
      this.piece(`Canaries${i + 1}`, { connections: { [connection]: { canaries: this.canaries(connection, props) } } });
    }
  }

  private piece(id: string, value: object): void {
    const output = new CfnOutput(this, id, {
      description: `Part of switchback.yaml for ${this.name}`,
      value: Stack.of(this).toJsonString(value),
    });
    output.overrideLogicalId(`Site${id}`);
  }

  private gateway(name: string, i: number): object {
    const { network, metricsFor } = this.pair.props;
    const gateway = this.pair.gateways[name]!;
    const inside = network.insideSubnets[i];
    return {
      instance: gateway.instanceId,
      zone: network.gatewaySubnets[i]!.zone,
      vpc: network.vpcId,
      subnet: (inside ?? network.gatewaySubnets[i]!).id,
      interface: gateway.routeInterface.ref,
      privateAddress: gateway.routeInterface.attrPrimaryPrivateIpAddress,
      ...(metricsFor !== undefined && { tunnelMetrics: true }),
      ...(inside === undefined && replaceable(gateway)),
    };
  }

  private connection(name: string, props: ConnectionProps): object {
    const { mode = 'observe', coupled = true, paths, routeSets, remote, targets } = props;
    const { workloadTables } = this.pair.props.network;
    return {
      mode,
      coupled,
      paths: mapValues(paths, (path, p) => ({ gateway: p.gateway, tunnel: tunnelName(name, path, p) })),
      routeSets: mapValues(routeSets, (_, set) => ({
        home: set.home,
        tables: this.pair.workloads(set).map((i) => workloadTables[i]!.ref),
        destinations: remote,
      })),
      targets,
    };
  }

  /** Named after what they watch; a connection's only service canary is just that. */
  private canaries(name: string, { paths, routeSets }: ConnectionProps): object {
    const places = this.pair.canaries[name]!;
    const securityGroup = this.pair.canarySecurityGroup.attrGroupId;
    const pinned = Object.keys(paths).map((path) => {
      const { zone, id: subnet, table } = places.paths[path]!;
      return [`path-${path}`, { path, zone, subnet, securityGroup, pin: 'subnet', routeTable: table.ref }] as const;
    });
    const sets = Object.keys(routeSets);
    const services = sets.map((routeSet) => {
      const { zone, id: subnet } = places.services[routeSet]!;
      return [
        sets.length === 1 ? 'service' : `service-${routeSet}`,
        { routeSet, zone, subnet, securityGroup },
      ] as const;
    });
    return Object.fromEntries([...pinned, ...services]);
  }
}

function mapValues<A>(record: Readonly<Record<string, A>>, to: (name: string, value: A) => object): object {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, to(name, value)]));
}

function replaceable({ address, replacement, role }: VpnGateway): object {
  return {
    address: { allocation: address.attrAllocationId, publicIp: address.attrPublicIp },
    launchTemplate: { id: replacement.ref, version: replacement.attrLatestVersionNumber, role: role.roleName },
  };
}
