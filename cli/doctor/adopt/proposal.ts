/**
 * From what was seen to a `switchback.yaml` in mode observe, and to what only people know. Pure. Where nothing fits, a
 * placeholder stands in the file, so that it reads as a configuration, and a question asks for what belongs there.
 */
import type { Subnet } from '@aws-sdk/client-ec2';
import { blockFrom } from '../../../config/addresses';
import { type Carried, type Carrier, carried, type Lead } from './carriers';
import type { SeenVpc } from './seen';

/** A question to a person: which field it is about, and what must be known. */
export interface Open {
  /** As in the file: `connections.partner.paths.a.tunnel`. */
  readonly field: string;
  readonly ask: string;
}

type Tree = { readonly [key: string]: unknown };

export interface Proposal {
  readonly tree: Tree;
  readonly open: readonly Open[];
  readonly carried: Carried;
  /** Each path, what carries it, and the targets that its canary should be answered by. */
  readonly probes: readonly {
    readonly path: string;
    readonly carrier: Carrier;
    readonly targets: readonly string[];
    readonly subnetId: string;
  }[];
}

/** Nothing has these; a file that holds them deploys nowhere. One each: a subnet lies in one zone. */
const noneOf = (kind: 'subnet' | 'rtb' | 'sg', i: number): string =>
  `${kind}-${'f'.repeat(14)}${String(i).padStart(3, '0')}`;
const isNone = (id: string): boolean => /-f{14}\d{3}$/.test(id);
const connection = 'partner';
const letters = ['a', 'b', 'c', 'd'];

/** A string: why there is nothing to propose. */
export function proposalFrom(seen: SeenVpc, name: string): Proposal | string {
  const found = carried(seen);
  const region = regionIn(seen.subnets);
  if (region === null) return `${seen.vpcId} has no subnet here: is it in this account and region?`;
  if (found.leads.length === 0)
    return `no route table of ${seen.vpcId} leads to an instance or a VPN connection of this VPC: ${found.left.join('; ') || 'is it the right VPC?'}`;
  const open: Open[] = [];
  const paths = found.carriers.map((carrier, i) => ({ path: letters[i]!, carrier }));
  const sets = routeSetsOf(found, paths, open);
  const canaries = canariesOf(seen, paths, sets, region, open);
  const tree = {
    ...{ name, region },
    gateways: Object.fromEntries(paths.map(({ carrier }) => [carrier.name, gatewayTree(carrier, seen, open)])),
    connections: {
      [connection]: {
        mode: 'observe',
        ...(paths.length === 1 && { standby: 'none' }),
        paths: Object.fromEntries(paths.map(({ path, carrier }) => [path, { gateway: carrier.name }])),
        routeSets: Object.fromEntries(sets.map(({ name: set, tree: fields }) => [set, fields])),
        canaries: canaries.tree,
      },
    },
  };
  askWhatNobodySees(paths, found, seen, open);
  return { tree, open, carried: found, probes: canaries.probes };
}

const regionIn = (subnets: readonly Subnet[]): string | null =>
  subnets
    .map(({ AvailabilityZone = '' }) => /^([a-z]+(?:-[a-z]+)+-\d)[a-z]$/.exec(AvailabilityZone)?.[1])
    .find((one) => one !== undefined) ?? null;

function gatewayTree(carrier: Carrier, seen: SeenVpc, open: Open[]): Tree {
  const at = `gateways.${carrier.name}`;
  if (carrier.kind === 'vpn') {
    const { vpn, vpnGatewayId } = carrier;
    const isStarted = vpn.tunnels.length > 0 && vpn.tunnels.every(({ startedByAws }) => startedByAws);
    if (!isStarted)
      open.push({
        field: `${at}.peerInitiates`,
        ask: 'does the partner’s device bring a tunnel up by itself? Then true',
      });
    return {
      ...{ vpn: vpn.id, vpnGateway: vpnGatewayId, tunnels: vpn.tunnels.map(({ outsideAddress }) => outsideAddress) },
      initiatedBy: isStarted ? 'aws' : 'peer',
    };
  }
  const { interface: own, instanceId } = carrier;
  const address = seen.addresses.find(
    (one) =>
      one.NetworkInterfaceId === own.NetworkInterfaceId ||
      (one.NetworkInterfaceId === undefined && one.InstanceId === instanceId),
  );
  if (address === undefined)
    open.push({ field: `${at}.address`, ask: 'which Elastic IP does the partner know? None is on this instance' });
  const isReached = seen.agents?.has(instanceId) ?? false;
  if (!isReached)
    open.push({
      field: `${at}.control`,
      ask: 'Systems Manager does not reach the instance: with its agent write ssm, and a tunnel can be restarted',
    });
  open.push({ field: `${at}.launchTemplate`, ask: templateAsk(seen, instanceId) });
  return {
    ...{ instance: instanceId, zone: own.AvailabilityZone, vpc: seen.vpcId, subnet: own.SubnetId },
    ...{ interface: own.NetworkInterfaceId, privateAddress: own.PrivateIpAddress },
    ...(address?.AllocationId !== undefined && {
      address: { allocation: address.AllocationId, publicIp: address.PublicIp },
    }),
    control: isReached ? 'ssm' : 'none',
  };
}

function templateAsk({ instances }: SeenVpc, instanceId: string): string {
  const tags = instances.find(({ InstanceId }) => InstanceId === instanceId)?.Tags ?? [];
  const [id, version] = ['id', 'version'].map(
    (part) => tags.find(({ Key }) => Key === `aws:ec2launchtemplate:${part}`)?.Value,
  );
  const from = id === undefined ? 'it was launched from none' : `it was launched from ${id}, version ${version}`;
  return `from which template, once a replacement from it has been rehearsed (${from})?`;
}

interface Routed {
  readonly name: string;
  readonly home: string;
  readonly tables: readonly string[];
  readonly destinations: readonly string[];
  readonly tree: Tree;
}

/** One set for what stands in the same tables and leads to the same carrier. */
function routeSetsOf(
  { leads }: Carried,
  paths: readonly { path: string; carrier: Carrier }[],
  open: Open[],
): readonly Routed[] {
  const groups = new Map<string, Lead[]>();
  for (const lead of homesOf(leads, open)) {
    const key = `${lead.carrier} ${lead.propagated} ${[...lead.tables].sort().join(' ')}`;
    groups.set(key, [...(groups.get(key) ?? []), lead]);
  }
  return [...groups.values()].map((group, i): Routed => {
    const [{ carrier, tables, propagated }] = group as [Lead];
    const name = `networks${i === 0 ? '' : `-${i + 1}`}`;
    const home = paths.find((one) => one.carrier.name === carrier)!.path;
    const destinations = group.map(({ destination }) => destination);
    return {
      name,
      home,
      tables,
      destinations,
      tree: { home, tables, destinations, ...(propagated && { propagated }) },
    };
  });
}

/** A destination that leads two ways belongs where most tables lead it. */
function homesOf(leads: readonly Lead[], open: Open[]): readonly Lead[] {
  const byDestination = new Map<string, Lead[]>();
  for (const lead of leads) byDestination.set(lead.destination, [...(byDestination.get(lead.destination) ?? []), lead]);
  return [...byDestination].map(([destination, all]) => {
    const [home, ...others] = [...all].sort((one, other) => other.tables.length - one.tables.length) as [
      Lead,
      ...Lead[],
    ];
    for (const { tables, carrier } of others)
      open.push({
        field: `connections.${connection}.routeSets`,
        ask: `${destination} leads to ${carrier} in ${tables.join(', ')}, and to ${home.carrier} elsewhere: is that a canary’s table, another set, or a mistake?`,
      });
    return home;
  });
}

type Paths = readonly { readonly path: string; readonly carrier: Carrier }[];

function canariesOf(seen: SeenVpc, paths: Paths, sets: readonly Routed[], region: string, open: Open[]) {
  const group =
    seen.groups.find(({ GroupName }) => GroupName === 'default')?.GroupId ?? seen.groups[0]?.GroupId ?? noneOf('sg', 0);
  const moved = new Set(sets.flatMap(({ tables }) => tables));
  const ways = sets.flatMap(({ destinations }) => destinations).filter((one) => blockFrom(one) !== null);
  open.push({
    field: `connections.${connection}.canaries.*.securityGroup`,
    ask: `which group lets the canaries out to their targets, to the gateways and to DynamoDB? ${isNone(group) ? 'None was seen' : `${group} is a guess`}`,
  });
  const probes = paths.map(({ path, carrier }, i) => {
    const place = pathPlace(seen, carrier, moved, { region, i });
    const targets = [`${hostIn(ways[0] ?? '', i)}:443`];
    const at = `connections.${connection}.canaries.path-${path}`;
    open.push({
      field: `${at}.targets`,
      ask: `which address at the partner answers over path ${path} alone? ${targets[0]} is made up`,
    });
    if (isNone(place.subnet))
      open.push({
        field: `${at}.subnet`,
        ask: `a subnet whose route table the route sets do not move, in another zone than ${carrier.name}: none was seen; make one, with a way to DynamoDB`,
      });
    else open.push({ field: `${at}.routeTable`, ask: pinAsk(place.routeTable, targets[0]!, carrier) });
    return { path, carrier, targets, subnetId: place.subnet, tree: { path, ...place, securityGroup: group, targets } };
  });
  const services = sets.map((set, n) => {
    const at = `connections.${connection}.canaries.service-${set.name}`;
    const home = paths.find(({ path }) => path === set.home)!.carrier;
    const own = set.destinations.find((one) => blockFrom(one) !== null) ?? '';
    const targets = [`${hostIn(own, paths.length)}:443`];
    open.push({
      field: `${at}.targets`,
      ask: `what do users of ${set.destinations.join(', ')} talk to? ${targets[0]} is made up`,
    });
    const place = servicePlace(seen, set.tables, zoneOf(home), { region, i: paths.length + n });
    if (isNone(place.subnet))
      open.push({ field: `${at}.subnet`, ask: `a subnet of users, on one of ${set.tables.join(', ')}: none was seen` });
    return [`service-${set.name}`, { routeSet: set.name, ...place, securityGroup: group, targets }] as const;
  });
  const tree = Object.fromEntries([...probes.map((one) => [`path-${one.path}`, one.tree] as const), ...services]);
  return { tree, probes: probes.map(({ tree: _, ...probe }) => probe) };
}

const zoneOf = (carrier: Carrier): string => (carrier.kind === 'vpn' ? '' : (carrier.interface.AvailabilityZone ?? ''));

function pinAsk(table: string, target: string, carrier: Carrier): string {
  const address = target.split(':')[0];
  const to =
    carrier.kind === 'vpn'
      ? `--gateway-id ${carrier.vpnGatewayId}`
      : `--network-interface-id ${carrier.interface.NetworkInterfaceId}`;
  return `pin it once the target is known: aws ec2 create-route --route-table-id ${table} --destination-cidr-block ${address}/32 ${to}`;
}

/** Where a placeholder would stand, and which. */
interface At {
  readonly region: string;
  readonly i: number;
}

/** In another zone and subnet than the gateway, on a table that no route set moves. */
function pathPlace(seen: SeenVpc, carrier: Carrier, moved: ReadonlySet<string>, at: At) {
  const taken = carrier.kind === 'vpn' ? '' : carrier.interface.SubnetId;
  const fit = seen.subnets.find(({ SubnetId = '', AvailabilityZone }) => {
    const table = tableOf(seen, SubnetId);
    return AvailabilityZone !== zoneOf(carrier) && SubnetId !== taken && table !== undefined && !moved.has(table);
  });
  if (fit === undefined)
    return {
      zone: otherZone(seen, zoneOf(carrier), at.region),
      subnet: noneOf('subnet', at.i),
      routeTable: noneOf('rtb', at.i),
    };
  return {
    zone: fit.AvailabilityZone ?? '',
    subnet: fit.SubnetId ?? '',
    routeTable: tableOf(seen, fit.SubnetId ?? '') ?? noneOf('rtb', at.i),
  };
}

/** Where users are; in another zone than their home gateway, if there are any. */
function servicePlace(seen: SeenVpc, tables: readonly string[], homeZone: string, at: At) {
  const fits = seen.subnets.filter(({ SubnetId = '' }) => tables.includes(tableOf(seen, SubnetId) ?? ''));
  const fit = fits.find(({ AvailabilityZone }) => AvailabilityZone !== homeZone) ?? fits[0];
  return fit === undefined
    ? { zone: otherZone(seen, homeZone, at.region), subnet: noneOf('subnet', at.i) }
    : { zone: fit.AvailabilityZone ?? '', subnet: fit.SubnetId ?? '' };
}

function otherZone({ subnets }: SeenVpc, zone: string, region: string): string {
  const seen = subnets.flatMap(({ AvailabilityZone }) => AvailabilityZone ?? []);
  return [...seen, ...['a', 'b'].map((letter) => `${region}${letter}`)].find((one) => one !== zone)!;
}

/** Its own, or the VPC's main one. */
const tableOf = ({ tables }: SeenVpc, subnetId: string): string | undefined =>
  (
    tables.find(({ Associations = [] }) => Associations.some((one) => one.SubnetId === subnetId)) ??
    tables.find(({ Associations = [] }) => Associations.some(({ Main }) => Main === true))
  )?.RouteTableId;

/** The twenty-first address of a block and on: no edge of it, and nobody's in particular. */
function hostIn(destination: string, i: number): string {
  const [network = '', bits = '32'] = destination.split('/');
  const size = 2 ** (32 - Number(bits));
  const first = network.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const host = first + Math.min(21 + i, Math.max(0, size - 2));
  return [24, 16, 8, 0].map((shift) => Math.floor(host / 2 ** shift) % 256).join('.');
}

function askWhatNobodySees(paths: Paths, { left }: Carried, { unread }: SeenVpc, open: Open[]): void {
  const at = `connections.${connection}`;
  open.push({ field: 'notify', ask: 'who is told? Without it nobody is, and no mode but observe is accepted' });
  open.push({ field: at, ask: 'is it one partner? Networks of another belong in a connection of their own' });
  for (const { path, carrier } of paths)
    if (carrier.kind === 'instance')
      open.push({
        field: `${at}.paths.${path}.tunnel`,
        ask: 'the connection’s name in swanctl.conf or ipsec.conf there: without it no tunnel is restarted',
      });
  if (paths.length > 1)
    open.push({
      field: `${at}.coupled`,
      ask: 'false, once a drill has shown that each canary is answered over its own path',
    });
  for (const what of left) open.push({ field: 'gateways', ask: what });
  for (const why of unread) open.push({ field: '(account)', ask: `could not be read: ${why}` });
}
