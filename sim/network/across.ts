/**
 * Packets between two ends that are both ours: out by the asker's own route table, over a tunnel between two of our
 * gateways, and back by the route table of whoever answers. The two may lead over different tunnels, and nothing is
 * lost by that while both pass; who answers from a gateway itself answers into that gateway's own tunnel.
 */
import type { Connection, Deployment, RouteSet } from '../../core/words/domain';
import type { EndName } from '../../core/words/end';
import type { NetworkInterface } from '../../local-cloud/world-port';
import type { SimulatedInstances } from './instances';
import { prefixBits } from './prefix';
import type { Side, Tunnel, Tunnels } from './tunnels';
import type { Vpc } from './vpc';

/** Over which tunnel packets leave, as the asker's end holds it, and over which answers do, as the other end holds it. */
export interface Way {
  readonly out: Tunnel;
  readonly back: Tunnel;
}

interface Terrain {
  readonly deployment: Deployment;
  readonly vpc: Vpc;
  readonly instances: SimulatedInstances;
  readonly tunnels: Tunnels;
}

/** What a packet that has come out of a tunnel asks of the route tables there. */
type LineBack = (set: RouteSet) => Tunnel | null;

/** What has one end only is near. */
export const sideOf = ({ ends }: Pick<Connection, 'ends'>, end: EndName | undefined): Side =>
  ends !== undefined && end === ends[1] ? 'far' : 'near';

/** The VPC at the other end of this tunnel. */
const vpcAcross = ({ deployment }: Terrain, { mate }: Tunnel): string | undefined => {
  const gateway = deployment.gateways[mate?.gateway ?? ''];
  return gateway?.kind === 'instance' ? gateway.vpcId : undefined;
};

export class Across {
  constructor(private readonly terrain: Terrain) {}

  /** Does what is sent into this tunnel come out in the VPC at its other end? */
  arrives(out: Tunnel): boolean {
    return this.forwards(out.host) && this.passesInto(out);
  }

  /** What its gateway has sent into it, its own words included. */
  private passesInto(out: Tunnel): boolean {
    return this.terrain.tunnels.carriesOut(out) && this.forwards(out.mate?.host ?? null);
  }

  /** The way of a whole round trip over this one tunnel; null: it does not pass both ways. */
  roundTrip(out: Tunnel): Way | null {
    return this.arrives(out) && this.arrives(out.mate!) ? { out, back: out.mate! } : null;
  }

  /** The machine of ours at the other end that has this address itself; undefined: it is a user's. */
  machineAt(out: Tunnel, address: string): NetworkInterface | undefined {
    return this.terrain.vpc.interfaceAt(address, vpcAcross(this.terrain, out));
  }

  /** From a canary or a user at `end` to this address, and back; null: no answer comes. */
  way(out: Tunnel, address: string, end: EndName | undefined, lineBack: LineBack): Way | null {
    const machine = this.machineAt(out, address);
    if (machine !== undefined) return this.wayToMachine(out, machine, end, lineBack);
    return this.arrives(out) ? this.answered(out, this.lineOf(out, address, end, lineBack)) : null;
  }

  private wayToMachine(out: Tunnel, { instanceId }: NetworkInterface, end: EndName | undefined, lineBack: LineBack) {
    if (instanceId === null || !this.answers(instanceId)) return null;
    const isAtTunnel = instanceId === out.mate!.host;
    if (isAtTunnel ? !this.reaches(out) : !this.arrives(out)) return null;
    // What a gateway says itself goes into its own tunnel; its route table is never asked.
    const own = this.terrain.tunnels.all.find(
      (each) => each.connection === out.connection && each.host === instanceId && this.terrain.tunnels.carries(each),
    );
    if (own === undefined) return this.answered(out, this.lineOf(out, null, end, lineBack));
    return own.side !== out.side && this.passesInto(own) ? { out, back: own } : null;
  }

  private answered(out: Tunnel, back: Tunnel | null): Way | null {
    return back !== null && back.side !== out.side && this.arrives(back) ? { out, back } : null;
  }

  /** The tunnel that the far set's table sends answers into: of the set whose twin lists the address. */
  private lineOf({ connection }: Tunnel, address: string | null, end: EndName | undefined, lineBack: LineBack) {
    const sets = Object.values(this.terrain.deployment.connections[connection]?.routeSets ?? {});
    const asked = sets.filter((set) => set.end === end);
    const holds = ({ destinations }: RouteSet): boolean =>
      destinations.some((one) => address !== null && !one.startsWith('pl-') && prefixBits(one, address) >= 0);
    const set = asked.find(holds) ?? asked[0];
    const twin = sets.find(({ name }) => name === set?.twin);
    return twin === undefined ? null : lineBack(twin);
  }

  /** To the daemon at the other end. */
  private reaches(out: Tunnel): boolean {
    return this.terrain.tunnels.carriesOut(out) && this.forwards(out.host);
  }

  private answers(instanceId: string): boolean {
    const { instances } = this.terrain;
    return instances.answers(instances.machines.get(instanceId)!);
  }

  private forwards(instanceId: string | null): boolean {
    return (
      instanceId !== null &&
      this.answers(instanceId) &&
      this.terrain.vpc.interfaceOf(instanceId)?.sourceDestCheck === false
    );
  }
}
