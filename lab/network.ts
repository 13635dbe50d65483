/**
 * The parts of the network that stand for the whole run: the VPC's router and its tables, the internet, the site with
 * its remote gateways and server, and the hosts. Gateways come and go: gateway.ts.
 *
 * The site answers over the link a flow came in by (connection marks): both tunnels then carry their own answers.
 */
import { farVpc } from './ends-plan';
import type { Namespaces } from './namespaces';
import type { HostPlan, RemotePlan } from './places';
import {
  type LabPlan,
  outsideNetwork,
  outsideRouter,
  type Routing,
  serverNetwork,
  serverRouter,
  vpcNetwork,
} from './plan';
import { buildTransit } from './transit-network';

/** Priority of the rules that give a subnet its route table; the main table comes after. */
const tableRule = 100;
const returnRule = 200;
const aroundVpc = '10.0.0.0/8';

export async function buildNetwork(spaces: Namespaces, plan: LabPlan): Promise<void> {
  const remotes = plan.remotes.map(({ name }) => name);
  const isAcross = plan.connection.ends !== undefined;
  const theirs = isAcross ? ['site'] : ['site', 'server'];
  await spaces.create(['vpc', 'inet', ...theirs, ...remotes, ...plan.hosts.map(({ name }) => name)]);
  const farEnd = isAcross ? buildVpc(spaces, plan, farVpc.space) : buildSite(spaces, plan);
  await Promise.all([buildVpc(spaces, plan, 'vpc'), buildInternet(spaces), farEnd]);
  if (plan.transit !== null) await buildTransit(spaces, plan.transit, plan.tables);
  await Promise.all(plan.remotes.map((remote) => buildRemote(spaces, remote, plan.routing)));
}

/** The router of one VPC of ours, with its gateways' subnets and its hosts. */
async function buildVpc(spaces: Namespaces, plan: LabPlan, space: string): Promise<void> {
  const own = plan.gateways.filter(({ vpc }) => vpc.space === space);
  const bridges = own.flatMap(({ bridge, router }) => [
    `link add ${bridge} type bridge`,
    `addr add ${router}/24 dev ${bridge}`,
    `link set ${bridge} up`,
  ]);
  await spaces.ip(space, bridges);
  const hosts = plan.hosts.filter((host) => host.space === space);
  for (const host of hosts) await buildHost(spaces, host, vpcTableOf(plan, host));
}

/** Of a host behind a transit gateway's table: the table of its VPC, which leads to the gateway. */
function vpcTableOf({ transit, tables }: LabPlan, { tableId }: HostPlan): number {
  const attached = transit?.vpcs.find((one) => one.tableId === tableId);
  return attached?.number ?? tables.get(tableId)!;
}

async function buildHost(
  spaces: Namespaces,
  { name, space, address, router, subnet }: HostPlan,
  table: number,
): Promise<void> {
  await spaces.link(space, name, name, 'eth0');
  await spaces.ip(space, [
    `addr add ${router}/24 dev ${name}`,
    `link set ${name} up`,
    `rule add pref ${tableRule} from ${subnet} lookup ${table}`,
  ]);
  await spaces.ip(name, [`addr add ${address}/24 dev eth0`, 'link set eth0 up', `route add default via ${router}`]);
}

/** What leaves a gateway without its Elastic IP reaches nobody, as in AWS. */
async function buildInternet(spaces: Namespaces): Promise<void> {
  await spaces.ip('inet', [
    'link add outside type bridge',
    `addr add ${outsideRouter}/24 dev outside`,
    'link set outside up',
  ]);
  await spaces.nft(
    'inet',
    `table ip lab {
       chain forward {
         type filter hook forward priority 0;
         ip saddr ${outsideNetwork} drop;
       }
     }`,
  );
}

async function buildSite(spaces: Namespaces, plan: LabPlan): Promise<void> {
  await spaces.link('site', 'server', 'server', 'eth0');
  await spaces.ip('site', [`addr add ${serverRouter}/24 dev server`, 'link set server up']);
  await spaces.ip('server', [
    ...plan.targets.map((address) => `addr add ${address}/24 dev eth0`),
    'link set eth0 up',
    `route add default via ${serverRouter}`,
  ]);
  const marks = plan.remotes.map(({ name, mark }) => `iifname "${name}" ct mark set ${mark};`).join(' ');
  await spaces.nft(
    'site',
    `table ip lab {
       chain marks {
         type filter hook prerouting priority mangle;
         ${marks}
         iifname "server" meta mark set ct mark;
       }
     }`,
  );
}

async function buildRemote(spaces: Namespaces, remote: RemotePlan, routing: Routing): Promise<void> {
  const { name, inside, insideRouter, outside, outsideRouter: router, mark } = remote;
  await spaces.link('inet', name, name, 'wan');
  await spaces.link('site', name, name, 'lan');
  await spaces.ip('inet', [`addr add ${router}/30 dev ${name}`, `link set ${name} up`]);
  const table = returnRule + mark;
  const back = [
    `rule add pref ${table} fwmark ${mark} lookup ${table}`,
    `route add ${vpcNetwork} via ${inside} table ${table}`,
  ];
  await spaces.ip('site', [
    `addr add ${insideRouter}/24 dev ${name}`,
    `link set ${name} up`,
    ...(routing === 'static' ? back : []),
  ]);
  await spaces.ip(name, [
    `addr add ${outside}/30 dev wan`,
    `addr add ${inside}/24 dev lan`,
    'link set wan up',
    'link set lan up',
    `route add default via ${router}`,
    ...(routing === 'static' ? [`route add ${serverNetwork} via ${insideRouter}`] : []),
    // Wider than what routers learn: of the same width it would stand before theirs.
    `route add unreachable ${aroundVpc} metric 9999`,
  ]);
  await setFaults(spaces, remote, noFaults);
}

export interface RemoteFaults {
  /** Nothing in, nothing out. */
  readonly gone: boolean;
  /** Data for the cloud is dropped; keys and dead-peer probes pass. */
  readonly oneWay: boolean;
  /** Of round trips: dropped on their way in. */
  readonly lossRatio: number;
}

export const noFaults: RemoteFaults = { gone: false, oneWay: false, lossRatio: 0 };

/** At who answers: the partner's gateway, or that of our other end, whose own words are `sent` into the tunnel too. */
export async function setFaults(
  spaces: Namespaces,
  { name }: Pick<RemotePlan, 'name'>,
  faults: RemoteFaults,
  isOurs = false,
): Promise<void> {
  const outside = faults.gone ? 'iifname "wan" drop;' : '';
  const sent = faults.gone ? 'oifname "wan" drop;' : '';
  const back = faults.oneWay ? 'oifname "ipsec0" drop;' : '';
  const perMille = Math.round(faults.lossRatio * 1_000);
  const lost = perMille > 0 ? `iifname "ipsec0" numgen random mod 1000 < ${perMille} drop;` : '';
  await spaces.nft(
    name,
    `table inet faults {}
     flush table inet faults
     table inet faults {
       chain in { type filter hook input priority 0; ${outside} ${lost} }
       chain out { type filter hook output priority 0; ${sent} ${isOurs ? back : ''} }
       chain through { type filter hook forward priority 0; ${back} ${lost} }
     }`,
  );
}
