/**
 * The smallest deployment with everything in it: connection `paris`, an instance pair, one route set at home on path a.
 */
import type { Canary, Connection, Deployment, InstanceGateway } from '../../../core/words/domain';
import { presets } from '../../../core/words/policy';

export function gateway(letter: 'a' | 'b'): InstanceGateway {
  const digit = letter === 'a' ? '1' : '2';
  return {
    name: `gw-${letter}`,
    kind: 'instance',
    instanceId: `i-${digit.repeat(17)}`,
    availabilityZone: `eu-central-1${letter}`,
    vpcId: 'vpc-1',
    subnetId: `subnet-${letter}`,
    routeInterfaceId: `eni-${letter}`,
    privateAddress: `10.0.${digit}.10`,
    probePort: 22,
    address: { allocationId: `eipalloc-${letter}`, publicIp: `198.51.100.${digit}` },
    control: 'ssm',
  };
}

function canary(connection: string, name: string, watches: Canary['watches']): Canary {
  return {
    id: `${connection}/${name}`,
    connection,
    watches,
    availabilityZone: 'eu-central-1b',
    subnetId: `subnet-${name}`,
    securityGroupId: 'sg-1',
    pin: watches.kind === 'path' ? 'subnet' : 'follows',
    targets: [
      { address: '192.0.2.1', port: 443, protocol: 'tcp', refusedIsUp: true },
      { address: '192.0.2.2', port: 443, protocol: 'tcp', refusedIsUp: true },
    ],
  };
}

export function connection(name = 'paris', tables: readonly string[] = ['rtb-1', 'rtb-2']): Connection {
  const path = (letter: 'a' | 'b') =>
    ({
      name: letter,
      gateway: `gw-${letter}`,
      tunnels: [`${name}-${letter}`],
    }) as const;
  return {
    name,
    mode: 'repair',
    coupled: false,
    standby: 'path',
    paths: { a: path('a'), b: path('b') },
    routeSets: {
      main: {
        name: 'main',
        home: 'a',
        region: 'eu-central-1',
        plane: 'vpc-table',
        propagated: false,
        tables,
        destinations: ['10.9.0.0/16'],
      },
    },
    canaries: [
      canary(name, 'a', { kind: 'path', path: 'a' }),
      canary(name, 'b', { kind: 'path', path: 'b' }),
      canary(name, 'users', { kind: 'service', routeSet: 'main' }),
    ],
    policy: presets.balanced,
  };
}

export function deployment(...connections: Connection[]): Deployment {
  const all = connections.length > 0 ? connections : [connection()];
  return {
    schema: 1,
    name: 'demo',
    region: 'eu-central-1',
    gateways: { 'gw-a': gateway('a'), 'gw-b': gateway('b') },
    connections: Object.fromEntries(all.map((c) => [c.name, c])),
    runbooks: {
      'clear-source-dest-check': 'demo-clear-source-dest-check',
      'restart-tunnel': 'demo-restart-tunnel',
      reboot: 'demo-reboot',
      'stop-start': 'demo-stop-start',
      replace: 'demo-replace',
      'replace-tunnel': 'demo-replace-tunnel',
    },
  };
}
