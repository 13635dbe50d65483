/** Kinds of worlds that hold AWS's own VPN connections, or appliances with several tunnels to one, by name. */
import { isPrefixList } from '../../core/words/destinations';
import type { Connection, Deployment, Gateway, RouteSet } from '../../core/words/domain';
import { viewsOf, vpnsOf } from '../../core/words/gateways';
import type { PhysicalWorld } from '../world';

type Sort = readonly [name: string, isSo: (deployment: Deployment) => boolean];
type End = 'transit-gateway' | 'vpn-gateway';

/** What a connection is at home on, and what stands by. */
interface Stands {
  readonly connection: Connection;
  readonly home: Gateway;
  readonly standbys: readonly Gateway[];
}

function standsIn({ connections, gateways }: Deployment): Stands[] {
  return Object.values(connections).map((connection) => {
    const { home } = Object.values(connection.routeSets)[0]!;
    const others = Object.values(connection.paths).filter(({ name }) => name !== home);
    return {
      connection,
      home: gateways[connection.paths[home]!.gateway]!,
      standbys: others.map(({ gateway }) => gateways[gateway]!),
    };
  });
}

const isOn = (gateway: Gateway, end: End): boolean => gateway.kind === 'vpn' && gateway.endsOn.kind === end;
const some = (deployment: Deployment, isSo: (stands: Stands) => boolean): boolean => standsIn(deployment).some(isSo);
const setsOf = ({ connections }: Deployment) =>
  Object.values(connections).flatMap(({ routeSets }) => Object.values(routeSets));
const pathsOf = ({ connections }: Deployment) =>
  Object.values(connections).flatMap(({ paths }) => Object.values(paths));

const refersToList = ({ plane, destinations }: RouteSet): boolean =>
  plane === 'tgw-table' && destinations.some(isPrefixList);

export const managedKinds: readonly Sort[] = [
  [
    'two connections on a transit gateway',
    (site) => some(site, ({ home, standbys }) => [home, ...standbys].every((one) => isOn(one, 'transit-gateway'))),
  ],
  [
    'a VPN gateway before a transit gateway',
    (site) =>
      some(
        site,
        ({ home, standbys }) => isOn(home, 'vpn-gateway') && standbys.some((one) => isOn(one, 'transit-gateway')),
      ),
  ],
  [
    'a VPN gateway before an instance',
    (site) =>
      some(site, ({ home, standbys }) => isOn(home, 'vpn-gateway') && standbys.some(({ kind }) => kind === 'instance')),
  ],
  [
    'an instance before a VPN gateway',
    (site) =>
      some(site, ({ home, standbys }) => home.kind === 'instance' && standbys.some((one) => isOn(one, 'vpn-gateway'))),
  ],
  [
    'a VPN connection alone',
    (site) => some(site, ({ home, standbys }) => home.kind === 'vpn' && standbys.length === 0),
  ],
  ['an appliance alone', (site) => some(site, ({ home, standbys }) => home.kind !== 'vpn' && standbys.length === 0)],
  ['a prefix list on a transit gateway', (site) => setsOf(site).some(refersToList)],
  ['propagated routes', (site) => setsOf(site).some(({ propagated }) => propagated)],
  ['a last resort over propagated routes', (site) => setsOf(site).some(({ lastResort }) => lastResort === 'routes')],
  ['several tunnels on a path', (site) => pathsOf(site).some(({ tunnels }) => tunnels.length > 1)],
  ['an appliance seen from afar', (site) => Object.values(viewsOf(site)).some(({ region }) => region !== site.region)],
  ['IKE begun by AWS', (site) => Object.values(vpnsOf(site)).some(({ initiatedBy }) => initiatedBy === 'aws')],
  [
    'IKE begun by nobody',
    (site) =>
      Object.values(vpnsOf(site)).some(({ initiatedBy, peerInitiates }) => initiatedBy === 'peer' && !peerInitiates),
  ],
  ['maintenance applied', (site) => Object.values(vpnsOf(site)).some(({ maintenance }) => maintenance === 'apply')],
  ['maintenance window', (site) => Object.values(vpnsOf(site)).some(({ maintenance }) => maintenance === 'window')],
  ['rehearsal by AWS', (site) => some(site, ({ connection }) => connection.rehearsal?.by === 'aws')],
  ['rehearsal by the partner', (site) => some(site, ({ connection }) => connection.rehearsal?.by === 'peer')],
];

/** What AWS does there, which nobody knows and each seed draws. */
export const fateNames = [
  'dead VPNs blackhole',
  'dead VPNs stay active',
  'dead routes withdrawn',
  'dead routes propagated on',
  'blocks of lists follow at once',
  'blocks of lists follow with their packets',
] as const;

export function fates({ deployment, transit, propagation }: PhysicalWorld): (typeof fateNames)[number][] {
  const follows = transit.blocksFollowAtOnce
    ? 'blocks of lists follow at once'
    : 'blocks of lists follow with their packets';
  const isTransit = Object.values(vpnsOf(deployment)).some((one) => isOn(one, 'transit-gateway'));
  const isPropagated = setsOf(deployment).some(({ propagated }) => propagated);
  return [
    ...(isTransit ? ([transit.deadVpnBlackholes ? 'dead VPNs blackhole' : 'dead VPNs stay active'] as const) : []),
    ...(setsOf(deployment).some(refersToList) ? ([follows] as const) : []),
    ...(isPropagated ? ([propagation.withdraws ? 'dead routes withdrawn' : 'dead routes propagated on'] as const) : []),
  ];
}
