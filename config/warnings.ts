/**
 * What is deployed all the same, and said: when the template is made, and on the dashboard for whoever stands before it
 * at night. Of a `Deployment`, so that one that was not read from a file is warned of as well.
 *
 * Places are the author's: `at` is where it stands in `switchback.yaml`.
 */

import { isPrefixList } from '../core/words/destinations';
import type { Canary, Connection, Deployment } from '../core/words/domain';
import type { EndName } from '../core/words/end';
import { isAimedAt, seenFrom } from '../core/words/ends';
import { instanceNamed, instancesOf } from '../core/words/gateways';
import { limits } from '../core/words/policy';
import { own } from '../core/words/shape';
import { dayMs } from '../core/words/time';
import { type Block, blockAround, blockFrom, holds } from './addresses';
import { drillGapMs } from './drill-rules';
import type { FindingKind } from './findings';
import { nobodyTold } from './installation-schema';
import { type Network, networksOf } from './networks';
import { type OwnGateway, ownBlocks, vpcPrefixMin } from './own-networks';
import type { Finding, Step } from './problems';
import { speakerWarnings } from './speaker-rules';

/** Of a connection with two ends, as one who stands at each end would be warned. */
export function warningFindings(deployment: Deployment): Finding[] {
  const sides = Object.values(deployment.connections).flatMap((connection): Sided[] => {
    const { ends = [] } = connection;
    return ends.length === 0
      ? [{ key: connection.name, connection }]
      : ends.map((end) => ({ key: `${connection.name}@${end}`, connection: seenFrom(connection, end), end }));
  });
  const found = sides.flatMap(({ connection, end }) =>
    sideFindings(connection, deployment).map((finding) => placedAt(finding, end)),
  );
  const networks = networksOf(
    Object.fromEntries(sides.map((side) => [side.key, side.connection])),
    limits.planStepsMax,
  );
  const others = [
    ...networks.flatMap((network) => widthFindings(network, deployment)),
    ...overlapFindings(networks),
    ...sameNetworkFindings(networks),
  ].map((finding) => placedAt(finding, undefined));
  return [
    ...found,
    ...replaceFindings(deployment),
    ...others,
    ...speakerWarnings(deployment),
    ...noticeFindings(deployment),
  ];
}

function replaceFindings(deployment: Deployment): Finding[] {
  return Object.values(instancesOf(deployment)).flatMap(({ name, launchTemplate, privateAddress }) => {
    if (launchTemplate === undefined || !isAimedAt(deployment, name)) return [];
    const message = `is never used: a canary of the other end aims at ${privateAddress}, which a replacement would not have, and its path could never be proven again; aim at a host behind the gateway or at its secondaryAddress, or remove it`;
    return [say(['gateways', name, 'launchTemplate'], 'replacement-unseen', message)];
  });
}

interface Sided {
  readonly key: string;
  readonly connection: Connection;
  readonly end?: EndName;
}

const sideFindings = (connection: Connection, deployment: Deployment): Finding[] => [
  ...zoneFindings(connection, deployment),
  ...serviceFindings(connection, deployment),
  ...familyFindings(connection),
  ...targetFindings(connection),
  ...scheduleFindings(connection),
];

/** Where it stands in the file: gateways, tables and destinations under their end. */
function placedAt(finding: Finding, end: EndName | undefined): Finding {
  const [top = '', side = '', group = '', name = '', ...rest] = finding.at.map(String);
  const [connection = '', at = end] = side.split('@');
  const message = finding.message.replace(/@([a-z][a-z0-9-]*)\/[a-z0-9-]+\.[a-z0-9-]+/g, ' at $1');
  if (at === undefined || group === '') return finding;
  const place =
    group === 'routeSets'
      ? [top, connection, group, name.slice(0, -at.length - 1), 'ends', at, ...finding.at.slice(4)]
      : group === 'paths' && rest[0] === 'gateway'
        ? [top, connection, group, name, 'gateways', at]
        : [top, connection, ...finding.at.slice(2)];
  return { ...finding, at: place, message };
}

const say = (at: readonly Step[], kind: FindingKind, message: string): Finding => ({ at, kind, message });

function noticeFindings(deployment: Deployment): Finding[] {
  const message = nobodyTold(deployment)?.replace(/^notify: /, '');
  return message === undefined ? [] : [say(['notify'], 'nobody-told', message)];
}

function zoneFindings({ name, paths }: Connection, { gateways }: Deployment): Finding[] {
  const first = new Map<string, string>();
  return Object.values(paths).flatMap((path): Finding[] => {
    const zone = instanceNamed({ gateways }, path.gateway)?.availabilityZone ?? '';
    const before = first.get(zone);
    if (before === undefined) first.set(zone, path.name);
    if (zone === '' || before === undefined) return [];
    const message = `stands in ${zone} like path ${before}'s: an outage of that zone takes both paths; move one to another zone`;
    return [say(['connections', name, 'paths', path.name, 'gateway'], 'gateways-in-one-zone', message)];
  });
}

function serviceFindings({ name, canaries, paths, routeSets }: Connection, { gateways }: Deployment): Finding[] {
  return Object.values(routeSets).flatMap((set): Finding[] => {
    const gateway = own(paths, set.home)?.gateway ?? '';
    const zone = instanceNamed({ gateways }, gateway)?.availabilityZone;
    const watching = canaries.filter(({ watches }) => watches.kind === 'service' && watches.routeSet === set.name);
    if (watching.length === 0 || watching.some(({ availabilityZone }) => availabilityZone !== zone)) return [];
    const [first] = watching as [Canary];
    const message = `is the zone of ${gateway}, where ${set.name} is at home: an outage takes the path and who would tell what users feel; add a service canary in another zone`;
    return [say([...canaryAt(name, first), 'zone'], 'service-canary-in-home-zone', message)];
  });
}

function familyFindings({ name, routeSets }: Connection): Finding[] {
  return Object.values(routeSets).flatMap((set): Finding[] => {
    const i = set.destinations.findIndex((one) => one.includes(':'));
    if (i < 0) return [];
    const message =
      'is IPv6, and canaries probe IPv4: it moves when IPv4 fails, and nothing is noticed while only IPv6 does';
    return [say(['connections', name, 'routeSets', set.name, 'destinations', i], 'ipv6-by-ipv4', message)];
  });
}

function targetFindings({ name, canaries, routeSets }: Connection): Finding[] {
  const blocks = Object.values(routeSets).flatMap(({ destinations }) =>
    destinations.flatMap((one) => blockFrom(one) ?? []),
  );
  return canaries.flatMap((canary): Finding[] => {
    const at = [...canaryAt(name, canary), 'targets'];
    const texts = canary.targets.map(({ address, port, protocol, page }) => `${address} ${port} ${protocol} ${page}`);
    const twice = texts.findIndex((text, i) => texts.indexOf(text) < i);
    const unchecked = uncheckedIn(canary, routeSets, blocks);
    return [
      ...(twice < 0
        ? []
        : [
            say(
              at,
              'target-twice',
              `aim at ${canary.targets[twice]!.address} twice: further attempts go to other targets; name another, or one`,
            ),
          ]),
      ...canary.targets.flatMap(({ address }) => edgeOf(address, blocks, at)),
      ...(unchecked === null
        ? []
        : [
            say(
              at,
              'unchecked-destination',
              `aim at ${unchecked}, and nobody can see from here whether ${prefixListsIn(routeSets)} holds it: switchback validate --live looks; where it does not, the canary proves nothing`,
            ),
          ]),
    ];
  });
}

function scheduleFindings({ name, mode, drills, policy }: Connection): Finding[] {
  const gapMs = drills === undefined ? null : drillGapMs(drills);
  if (gapMs === null) return [];
  const at = ['connections', name, 'drills', 'schedule'];
  if (mode === 'observe')
    return [
      say(
        at,
        'drills-observed',
        'is not deployed in mode observe, which moves no route: drills begin with mode divert',
      ),
    ];
  const days = (ms: number): string => `${Math.ceil(ms / dayMs)} days`;
  const rare = `comes up to ${days(gapMs)} after the one before, and drillEvery is ${days(policy.drillEveryMs)}: people are told of an overdue drill in between; lengthen drillEvery, or drill more often`;
  const atDeploy =
    'is a rate, which EventBridge begins with the deployment: a drill is held then; cron(…) names its time';
  return [
    ...(gapMs > policy.drillEveryMs ? [say(at, 'drills-rare', rare)] : []),
    ...(drills?.schedule?.startsWith('rate') ? [say(at, 'drills-at-deploy', atDeploy)] : []),
  ];
}

function uncheckedIn(canary: Canary, routeSets: Connection['routeSets'], blocks: readonly Block[]): string | null {
  const { watches } = canary;
  const sets = watches.kind === 'service' ? [routeSets[watches.routeSet]] : Object.values(routeSets);
  const texts = sets.flatMap((set) => set?.destinations ?? []);
  if (!texts.some(isPrefixList)) return null;
  const known = watches.kind === 'service' ? texts.flatMap((text) => blockFrom(text) ?? []) : blocks;
  const outside = canary.targets.find(({ address }) => !known.some((block) => holds(block, blockAround(address))));
  return outside?.address ?? null;
}

const prefixListsIn = (routeSets: Connection['routeSets']): string =>
  [...new Set(Object.values(routeSets).flatMap(({ destinations }) => destinations))]
    .filter(isPrefixList)
    .slice(0, 3)
    .join(', ');

/** The last /30 and smaller have no spare ends. */
const edgePrefixMax = 30;

function edgeOf(address: string, blocks: readonly Block[], at: readonly Step[]): Finding[] {
  const { first } = blockAround(address);
  const block = blocks.find(
    (one) => one.family === 4 && one.prefix <= edgePrefixMax && (one.first === first || one.last === first),
  );
  if (block === undefined) return [];
  const which = block.first === first ? 'first' : 'last';
  return [
    say(
      at,
      'edge-target',
      `aim at ${address}, the ${which} address of ${block.text}, on which usually nobody answers: name a host`,
    ),
  ];
}

/** The default route, whole or in halves. */
const defaultPrefixMax = 1;

function widthFindings({ at, block, gateways }: Network, deployment: Deployment): Finding[] {
  if (block.prefix <= defaultPrefixMax) {
    const message =
      'sends everything behind the VPN, the way to AWS included where it has no endpoint, and a canary that aims at the internet may be answered without the tunnel: name the networks of the partner';
    return [say(at, 'default-route', message)];
  }
  const own = Object.values(instancesOf(deployment))
    .filter(({ name }) => gateways.has(name))
    .map(
      (one): OwnGateway => ({
        name: one.name,
        vpc: one.vpcId,
        privateAddress: one.privateAddress,
        publicIp: one.address?.publicIp,
      }),
    );
  const held = ownBlocks(own).find((one) => holds(block, one));
  if (held !== undefined && block.prefix < vpcPrefixMin) {
    const message = `holds ${held.text}, where our own gateways stand: the VPC keeps those addresses, and a target among them proves nothing`;
    return [say(at, 'holds-own-network', message)];
  }
  const reached = own.find(({ publicIp }) => publicIp !== undefined && holds(block, blockAround(publicIp)));
  if (reached === undefined) return [];
  const message = `holds the public address of ${reached.name}, ${reached.publicIp}: is that network the partner's?`;
  return [say(at, 'holds-own-network', message)];
}

/** In the same table, a block inside another set's: sorted, so that thousands are compared with few. */
function overlapFindings(networks: readonly Network[]): Finding[] {
  const tables = new Map<string, Network[]>();
  for (const network of networks)
    for (const table of network.tables) tables.set(table, [...(tables.get(table) ?? []), network]);
  const found = new Map<Network, Finding>();
  for (const [table, inTable] of tables) {
    const open: Network[] = [];
    for (const network of inTable.sort(byPlace)) {
      while (open.length > 0 && !holds(open.at(-1)!.block, network.block)) open.pop();
      const outer = open.findLast((one) => one.set !== network.set || one.connection !== network.connection);
      // The default route holds everything, and is warned of by itself.
      if (outer !== undefined && outer.block.prefix > defaultPrefixMax && !found.has(network)) {
        const message = `lies inside ${outer.block.text} of ${outer.connection}/${outer.set} in ${table}: its packets follow this route, whatever becomes of that one`;
        found.set(network, say(network.at, 'overlapping-destinations', message));
      }
      open.push(network);
    }
  }
  return [...found.values()];
}

function byPlace({ block: a }: Network, { block: b }: Network): number {
  if (a.family !== b.family) return a.family - b.family;
  if (a.first !== b.first) return a.first < b.first ? -1 : 1;
  return a.prefix - b.prefix;
}

function sameNetworkFindings(networks: readonly Network[]): Finding[] {
  const first = new Map<string, Network>();
  return networks.flatMap((network): Finding[] => {
    const before = [...network.gateways]
      .map((gateway) => first.get(`${gateway} ${network.block.text}`))
      .find((one) => one !== undefined && one.connection !== network.connection);
    for (const gateway of network.gateways) {
      const key = `${gateway} ${network.block.text}`;
      if (!first.has(key)) first.set(key, network);
    }
    if (before === undefined) return [];
    const message = `is a network of connection ${before.connection} too, over the same gateway: its tunnels must tell the two apart`;
    return [say(network.at, 'same-network-twice', message)];
  });
}

const canaryAt = (connection: string, { id }: Canary): Step[] => [
  'connections',
  connection,
  'canaries',
  id.slice(connection.length + 1),
];
