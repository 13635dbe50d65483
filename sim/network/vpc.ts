/**
 * Subnets, network interfaces and Elastic IPs: which address is on which interface of which instance.
 *
 * Plain state with a few questions; no time passes here. One interface per instance: appliances with a second
 * interface for the outside are not modelled, so the Elastic IP sits on the interface that routes point at.
 */
import type { Random } from '../../local-cloud/random';
import type {
  ElasticIp,
  NetworkInterface,
  NewInterface,
  VirtualMachine,
  VpcPort,
  VpcSubnet,
} from '../../local-cloud/world-port';

export class Vpc implements VpcPort {
  readonly subnets = new Map<string, VpcSubnet>();
  readonly interfaces = new Map<string, NetworkInterface>();
  readonly addresses = new Map<string, ElasticIp>();
  /** Interfaces that were and are no more. */
  readonly gone = new Set<string>();
  /** Whose interfaces were that have lost their instance to its termination. */
  private readonly lastOwners = new Map<string, string>();
  private hostNumber = 200;
  private publicHostNumber = 1;

  constructor(private readonly random: Random) {}

  /** `i-0…`, `eni-0…`: seventeen hexadecimal digits as AWS has them. */
  newId(prefix: string): string {
    return `${prefix}-0${this.random.uuid().replaceAll('-', '').slice(0, 16)}`;
  }

  addSubnet(subnet: VpcSubnet): VpcSubnet {
    const known = this.subnets.get(subnet.id);
    if (known === undefined) this.subnets.set(subnet.id, subnet);
    else known.routeTableId ??= subnet.routeTableId;
    return known ?? subnet;
  }

  addInterface(wanted: NewInterface): NetworkInterface {
    const [secondaryAddresses, tags] = [new Set<string>(), new Map<string, string>()];
    const made = { ...wanted, attachmentId: this.newId('eni-attach'), tags, secondaryAddresses };
    this.interfaces.set(made.id, made);
    return made;
  }

  /** A free address beside `neighbour`, for an interface made at launch. */
  freeAddress(neighbour: string): string {
    return neighbour.replace(/\d+$/, String(this.hostNumber++));
  }

  freePublicAddress(): string {
    return `198.51.100.${this.publicHostNumber++}`;
  }

  /** EC2 takes a public address that is no Elastic IP back with the stop, and gives another with the start. */
  powered({ id, state }: Pick<VirtualMachine, 'id' | 'state'>): void {
    const own = this.interfaceOf(id);
    if (own?.publicAddress === undefined) return;
    if (state === 'stopped') own.publicAddress = null;
    if (state === 'pending') own.publicAddress ??= this.freePublicAddress();
  }

  interfaceOf(instanceId: string): NetworkInterface | undefined {
    return [...this.interfaces.values()].find((each) => each.instanceId === instanceId);
  }

  /** The instance it is on, or was on when that was terminated. */
  ownerOf(interfaceId: string): string | undefined {
    return this.interfaces.get(interfaceId)?.instanceId ?? this.lastOwners.get(interfaceId);
  }

  interfaceAt(address: string, vpcId: string | undefined): NetworkInterface | undefined {
    return [...this.interfaces.values()].findLast(
      (each) => each.vpcId === vpcId && (each.privateAddress === address || each.secondaryAddresses.has(address)),
    );
  }

  addressOn(interfaceId: string): ElasticIp | undefined {
    return [...this.addresses.values()].find((each) => each.interfaceId === interfaceId);
  }

  associate(address: ElasticIp, interfaceId: string): string {
    address.interfaceId = interfaceId;
    address.associationId = this.newId('eipassoc');
    return address.associationId;
  }

  disassociate(address: ElasticIp): void {
    address.interfaceId = null;
    address.associationId = null;
  }

  assign(address: string, interfaceId: string): void {
    const on = this.interfaces.get(interfaceId);
    this.interfaceAt(address, on?.vpcId)?.secondaryAddresses.delete(address);
    on?.secondaryAddresses.add(address);
  }

  discard(interfaceId: string): void {
    this.interfaces.delete(interfaceId);
    this.gone.add(interfaceId);
  }

  /** What termination does to the interface: it goes with the instance or stays behind, available. */
  release(instanceId: string): void {
    const attached = this.interfaceOf(instanceId);
    if (attached === undefined) return;
    this.lastOwners.set(attached.id, instanceId);
    attached.instanceId = null;
    if (attached.publicAddress !== undefined) attached.publicAddress = null;
    if (!attached.deleteOnTermination) return;
    const address = this.addressOn(attached.id);
    if (address !== undefined) this.disassociate(address);
    this.discard(attached.id);
  }
}
