/**
 * Everything that can be said of a configuration, each with its level; nothing is said that does not stand here.
 *
 * `error`: can never be right, so nothing is deployed. `warning`: is deployed, and says what it costs: printed when the
 * template is made, and kept on the dashboard. `note`: what could not be checked from here. The table in
 * docs/CONFIGURATION.md is held to this one by a test.
 */
export type Level = 'error' | 'warning' | 'note';
export type FindingKind = keyof typeof findings;

interface Kind {
  readonly level: Level;
  /** For the documents, after "A configuration in which …". */
  readonly when: string;
}

const error = (when: string): Kind => ({ level: 'error', when });
const warning = (when: string): Kind => ({ level: 'warning', when });
const note = (when: string): Kind => ({ level: 'note', when });

export const findings = {
  'not-yaml': error('the text is no YAML, or none of ours: empty, two documents, merge keys'),
  'bad-value': error('a field is missing or holds what it cannot'),
  'unknown-field': error('a field is none of ours'),
  'not-built': error('something is asked for that Switchback does not do'),
  'names-nothing': error('a gateway, path or route set is named that is not there'),
  'reserved-name': error('a connection bears the prefix of other alarms'),
  'zone-elsewhere': error('a zone is not in the region'),
  'subnet-in-two-places': error('one subnet lies in two zones or two VPCs'),
  'idle-gateway': error('a gateway is on no path'),
  'one-machine-twice': error('one instance is two gateways'),
  'duplicate-address': error('two gateways share a private or public address'),
  'never-followed': error('a name in DNS or an address is to follow two gateways, or one that is never replaced'),
  'impossible-address': error('a gateway has an address that no machine can have'),
  'paths-in-two-vpcs': error('the gateways of a connection lie in two VPCs'),
  'table-in-two-vpcs': error('gateways of two VPCs are to be routed to from one table'),
  'arn-elsewhere': error('an ARN is of another region or partition'),
  'protected-twice': error('protection is asked for a table that is handed on'),
  'too-few-paths': error('a connection has a single path and does not say so'),
  'standby-is-there': error('a connection says that it has no standby, and has one'),
  'one-vpn-twice': error('one VPN connection is two gateways'),
  'vpn-ends-wrong': error('a VPN connection does not say, in one way, what it ends on at AWS'),
  'vpn-tunnels-wrong': error('a VPN connection does not have two tunnels'),
  'vpn-named-tunnel': error('a path over a VPN connection names a tunnel of a daemon'),
  'vpn-cannot-do': error('a VPN connection is to carry what AWS does not carry over it'),
  'network-manager-idle': error('Network Manager is listened to, and it could tell of nothing'),
  'upkeep-wrong': error('maintenance has no window, or a window no maintenance'),
  'rehearsal-wrong': error('a rehearsal is asked for that cannot be, or should not'),
  'drills-wrong': error('a schedule of drills is none, comes too often, or could never be followed'),
  'tables-of-two-kinds': error('a route set has tables of a VPC and of a transit gateway'),
  'path-not-in-table': error('a table cannot lead to a path of its set'),
  'paths-alike-in-table': error('a table cannot tell two paths apart'),
  'propagated-wrong': error('routes are said to be propagated where AWS propagates none'),
  'speaker-missing': error('answers are to follow BGP, and something they would follow is missing or out of reach'),
  'speaker-idle': error('something is written for BGP that nothing would use'),
  'route-server-wrong': error('a Route Server is to lead users, and what it needs is missing, or it cannot do that'),
  'last-resort-idle': error('a last resort is asked for over routes that nobody propagates'),
  'attract-idle': error('answers are to be drawn where nothing could draw them'),
  'drain-in-vain': error('a path is to be drained in a way that its partner cannot follow'),
  'ends-wrong': error(
    'a connection has two ends, and something of it is at neither, at one alone, or not built for two',
  ),
  'standby-wrong': error(
    'a standby is to stand in a region where it could not be let in, or the first could not be fenced',
  ),
  'session-twice': error('two paths are one session of a speaker'),
  'too-many-paths': error('a connection has more than four paths'),
  'shared-gateway': error('two paths of a connection lead over one gateway'),
  'shared-tunnel': error('two paths are one tunnel'),
  'metrics-of-no-tunnel': error('a gateway is to publish its tunnels, and no path names one'),
  'route-twice': error('a route stands in two sets'),
  'too-many-routes': error('a plan would outlast patience'),
  'too-many-sets': error('a connection could not remember its worst day'),
  'impossible-destination': error('a destination lies behind no VPN: loopback, link-local, multicast, reserved'),
  'own-network': error("a destination is the gateways' own network"),
  'no-witness': error('a path or a route set has no canary'),
  'watches-wrong': error('a canary watches nothing, or two things'),
  'canary-in-gateway-zone': error("a path canary stands in its gateway's zone or subnet"),
  'pin-missing': error('a path canary has no table that pins it'),
  'pin-clash': error('a pin would have to lead two ways'),
  'pin-moves': error('a pin lies in what a route set moves, or a service canary in what is pinned'),
  'pin-on-service': error('a service canary is pinned'),
  'no-targets': error('a canary has nothing to probe'),
  'unsendable-probe': error('a probe asks for what Lambda cannot send'),
  'target-nowhere': error(
    'a target is loopback, link-local, multicast, reserved: it answers whatever happens, or never',
  ),
  'target-is-ours': error(
    "a target is a gateway or lies in the gateways' own network: it answers while the tunnel is dead",
  ),
  'target-of-another': error("a target lies in another connection's or another set's network: it would prove that one"),
  'target-outside': error("a target lies in none of the connection's destinations: it answers over the internet"),
  'control-over-vpn': error('a control target dies with what it is to be told apart from'),
  'numbers-disagree': error('one number of a policy takes the sense of another'),
  'span-too-short': error('a span is too short to be meant'),
  'written-twice': error('a span stands under its new and its old name'),
  'empty-window': error('a window has no length'),
  'drills-observed': warning('drills are scheduled in mode observe, in which none is held'),
  'drills-rare': warning('a standby is overdue for a drill before its schedule comes again'),
  'drills-at-deploy': warning('drills are scheduled by a rate, which begins when it is deployed'),
  'nobody-told': warning(
    'routes are moved or gateways repaired and nobody hears of it; an error when a template is made',
  ),
  'gateways-in-one-zone': warning('two gateways of a connection stand in one zone: one outage takes both'),
  'service-canary-in-home-zone': warning(
    "a set's only service canary stands in its home gateway's zone: one outage takes what users feel and who tells of it",
  ),
  'replacement-unseen': warning(
    'a gateway has a launch template, and a canary at the other end aims at the very address a replacement would not have',
  ),
  'speaker-starts-open': warning('a speaker that a repair started draws answers before it has soaked'),
  'ipv6-by-ipv4': warning('IPv6 destinations are judged by canaries that probe IPv4'),
  'default-route': warning('everything is sent behind the VPN: 0.0.0.0/0 or ::/0, whole or in halves'),
  'overlapping-destinations': warning(
    "a destination lies inside another set's in the same table: the longer one takes it",
  ),
  'same-network-twice': warning(
    'two connections over one gateway lead to the same network: their tunnels must tell them apart',
  ),
  'holds-own-network': warning("a destination holds the gateways' own network: the VPC keeps those addresses"),
  'edge-target': warning("a target is a destination's first or last address, which usually nobody answers on"),
  'target-twice': warning('a canary probes one target twice'),
  'old-name': warning('a span stands under its old name, in milliseconds'),
  'unchecked-destination': note('a prefix list hides whether targets lie in it'),
} as const satisfies Record<string, Kind>;

export const levelOf = (kind: FindingKind): Level => findings[kind].level;
