/**
 * Two gateways in two zones, one connection, workload tables in each zone at home on its own gateway.
 * Path canaries live in the other zone than their gateway: canary a in zone b, pinned by subnet.
 */
import { deploymentFrom } from '../../../config/read';
import type { Deployment, InstanceGateway, RouteSet } from '../../../core/words/domain';
import { VirtualClock } from '../../../local-cloud/clock';
import { Ec2Fake, type StateChangeEvent } from '../../../local-cloud/services/ec2/ec2';
import type { WorldPort } from '../../../local-cloud/world-port';
import { portOf } from '../../../sim/network/port';
import { PhysicalWorld, type WorldOptions } from '../../../sim/world';
import { connection, deployment, gateway as givenGateway, office } from '../../given';
import { site } from '../config/site';

const startAt = Date.UTC(2026, 10, 20, 9, 0, 0);
const remote = { address: '172.16.5.10', port: 443 };
const remoteNetwork = '172.16.0.0/16';

/** With ids and addresses that tell the two apart in the physical world. */
function gateway(letter: 'a' | 'b', octet: number): InstanceGateway {
  return {
    ...givenGateway(`gw-${letter}`),
    routeInterfaceId: `eni-0${letter.repeat(16)}`,
    privateAddress: `10.0.${octet}.10`,
    probePort: 4500,
    address: { allocationId: `eipalloc-0000000${letter}`, publicIp: `192.0.2.${octet}` },
    launchTemplate: { id: `lt-0000000${letter}`, version: '3' },
  };
}

export function pairDeployment(coupled = false, tunnelsOfA: readonly string[] = ['paris-a']): Deployment {
  const set = (letter: string): RouteSet => ({
    ...office([`rtb-000000${letter}1`]),
    name: `zone-${letter}`,
    home: letter,
    destinations: [remoteNetwork],
  });
  const [a, b, service] = connection().canaries.map((canary) => ({
    ...canary,
    targets: [{ ...remote, protocol: 'tcp' as const, refusedIsUp: true }],
  }));
  const { paths } = connection();
  const paris = connection({
    coupled,
    paths: { ...paths, a: { ...paths['a']!, tunnels: tunnelsOfA } },
    routeSets: { 'zone-a': set('a'), 'zone-b': set('b') },
    canaries: [
      { ...a!, routeTableId: 'rtb-000000ca' },
      { ...b!, pin: 'target', routeTableId: 'rtb-000000cb' },
      {
        ...service!,
        id: 'paris/service-a',
        availabilityZone: 'eu-central-1a',
        watches: { kind: 'service', routeSet: 'zone-a' },
      },
    ],
  });
  return { ...deployment(paris), gateways: { 'gw-a': gateway('a', 1), 'gw-b': gateway('b', 2) } };
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
export function siteDeployment(name: 'transit' | 'managed' | 'pair' | 'two-ends'): Deployment {
  const read = deploymentFrom(site(name));
  if (!read.ok) throw new Error(read.problems.map(({ message }) => message).join());
  return read.deployment;
}

type StageOptions = Partial<WorldOptions> & { readonly coupled?: boolean; readonly deployment?: Deployment };

export function stage(options: StageOptions = {}): Stage {
  const clock = new VirtualClock(startAt);
  const { coupled = false, deployment: played = pairDeployment(coupled), seed = 1, ...rest } = options;
  const world = new PhysicalWorld(played, { clock, seed, lag: noLag, ...rest });
  const port = portOf(world);
  const events: StateChangeEvent[] = [];
  const ec2 = new Ec2Fake(port, { seed, region: played.region, onStateChange: (event) => events.push(event) });
  const canaries = Object.values(played.connections).flatMap((each) => each.canaries);
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
