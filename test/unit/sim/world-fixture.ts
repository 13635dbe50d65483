/**
 * Two gateways in two zones, one connection, workload tables in each zone at home on its own gateway.
 * Path canaries live in the other zone than their gateway: canary a in zone b, pinned by subnet.
 */
import { deploymentFrom } from '../../../config/read';
import type { Canary, Deployment, InstanceGateway } from '../../../core/words/domain';
import { presets } from '../../../core/words/policy';
import { VirtualClock } from '../../../local-cloud/clock';
import { Ec2Fake, type StateChangeEvent } from '../../../local-cloud/services/ec2/ec2';
import type { WorldPort } from '../../../local-cloud/world-port';
import { portOf } from '../../../sim/network/port';
import { PhysicalWorld, type WorldOptions } from '../../../sim/world';
import { site } from '../config/site';

const startAt = Date.UTC(2026, 10, 20, 9, 0, 0);
const remote = { address: '172.16.5.10', port: 443 };
const remoteNetwork = '172.16.0.0/16';

function gateway(letter: 'a' | 'b', subnetOctet: number): InstanceGateway {
  return {
    name: `gw-${letter}`,
    kind: 'instance',
    instanceId: `i-0${letter.repeat(16)}`,
    availabilityZone: `eu-west-3${letter}`,
    vpcId: 'vpc-1',
    subnetId: `subnet-gw-${letter}`,
    routeInterfaceId: `eni-0${letter.repeat(16)}`,
    privateAddress: `10.0.${subnetOctet}.10`,
    probePort: 4500,
    address: { allocationId: `eipalloc-0000000${letter}`, publicIp: `192.0.2.${subnetOctet}` },
    control: 'ssm',
    launchTemplate: { id: `lt-0000000${letter}`, version: '3' },
  };
}

function canary(id: string, zone: string, rest: Pick<Canary, 'watches' | 'pin' | 'routeTableId'>): Canary {
  const target = { ...remote, protocol: 'tcp' as const, refusedIsUp: true };
  return {
    id: `paris/${id}`,
    connection: 'paris',
    availabilityZone: zone,
    subnetId: `subnet-${id}`,
    securityGroupId: 'sg-1',
    targets: [target],
    ...rest,
  };
}

export function pairDeployment(coupled = false, tunnelsOfA: readonly string[] = ['paris-a']): Deployment {
  const path = (letter: string) => ({
    name: letter,
    gateway: `gw-${letter}`,
    tunnels: letter === 'a' ? tunnelsOfA : [`paris-${letter}`],
  });
  const set = (letter: string) => ({
    name: `zone-${letter}`,
    home: letter,
    region: 'eu-west-3',
    plane: 'vpc-table' as const,
    propagated: false,
    tables: [`rtb-000000${letter}1`],
    destinations: [remoteNetwork],
  });
  return {
    schema: 1,
    name: 'pair',
    region: 'eu-west-3',
    gateways: { 'gw-a': gateway('a', 1), 'gw-b': gateway('b', 2) },
    connections: {
      paris: {
        name: 'paris',
        mode: 'repair',
        coupled,
        standby: 'path',
        paths: { a: path('a'), b: path('b') },
        routeSets: { 'zone-a': set('a'), 'zone-b': set('b') },
        canaries: [
          canary('path-a', 'eu-west-3b', {
            watches: { kind: 'path', path: 'a' },
            pin: 'subnet',
            routeTableId: 'rtb-000000ca',
          }),
          canary('path-b', 'eu-west-3a', {
            watches: { kind: 'path', path: 'b' },
            pin: 'target',
            routeTableId: 'rtb-000000cb',
          }),
          canary('service-a', 'eu-west-3a', { watches: { kind: 'service', routeSet: 'zone-a' }, pin: 'follows' }),
        ],
        policy: presets.balanced,
      },
    },
    runbooks: {
      'clear-source-dest-check': 'pair-clear-source-dest-check',
      'restart-tunnel': 'pair-restart-tunnel',
      reboot: 'pair-reboot',
      'stop-start': 'pair-stop-start',
      replace: 'pair-replace',
      'replace-tunnel': 'pair-replace-tunnel',
    },
  };
}

export interface Stage {
  readonly clock: VirtualClock;
  readonly world: PhysicalWorld;
  readonly port: WorldPort;
  readonly ec2: Ec2Fake;
  readonly events: StateChangeEvent[];
  /** One attempt of a canary, by its local name. */
  probe(canary: string): boolean;
  run(ms: number): Promise<void>;
  /** Calls EC2 with `input` and returns the answer as `T`. */
  call<T = unknown>(operation: string, input: object): Promise<T>;
}

const noLag = { chance: 0, msMax: 1 };

/** One of the simulator's own sites. */
export function siteDeployment(name: 'transit' | 'managed'): Deployment {
  const read = deploymentFrom(site(name));
  if (!read.ok) throw new Error(read.problems.map(({ message }) => message).join());
  return read.deployment;
}

type StageOptions = Partial<WorldOptions> & { readonly coupled?: boolean; readonly deployment?: Deployment };

export function stage(options: StageOptions = {}): Stage {
  const clock = new VirtualClock(startAt);
  const { coupled = false, deployment = pairDeployment(coupled), seed = 1, ...rest } = options;
  const world = new PhysicalWorld(deployment, { clock, seed, lag: noLag, ...rest });
  const port = portOf(world);
  const events: StateChangeEvent[] = [];
  const ec2 = new Ec2Fake(port, { seed, region: deployment.region, onStateChange: (event) => events.push(event) });
  const canaries = Object.values(deployment.connections).flatMap((connection) => connection.canaries);
  return {
    clock,
    world,
    port,
    ec2,
    events,
    probe: (name) => {
      const { subnetId, availabilityZone, targets } = canaries.find(({ id }) => id.endsWith(`/${name}`))!;
      const { answered, refused } = world.connect(subnetId, availabilityZone, targets[0]!);
      return answered || refused;
    },
    run: (ms) => clock.runUntil(clock.now() + ms),
    call: async <T>(operation: string, input: object) => (await ec2.call(operation, input)) as T,
  };
}

export const minute = 60_000;
export const idA = 'i-0aaaaaaaaaaaaaaaa';
export const idB = 'i-0bbbbbbbbbbbbbbbb';
export const eniA = 'eni-0aaaaaaaaaaaaaaaa';
export const eniB = 'eni-0bbbbbbbbbbbbbbbb';
export const network = remoteNetwork;
