/**
 * A witness must be able to fail: what a canary asks lies behind the VPN it watches, and nobody else would answer.
 *
 * A target on our own side answers while the tunnel is dead, one on the internet answers through any NAT, one in another
 * connection's network proves that connection. Each would call a dead path proven, and routes would be moved onto it.
 */
import { limits } from '../core/words/policy';
import { type Block, blockAround, blockFrom, holds, isIpv4, isLinkLocal, whyNowhere } from './addresses';
import type { FindingKind } from './findings';
import { longest, meet, type Network, networksOf, shareTable } from './networks';
import { gatewayAt, type OwnGateway, ownBlocks, vpcPrefixMin } from './own-networks';
import type { Finding, Step } from './problems';
import { type AuthorConfig, type AuthorConnection, instancesIn } from './schema';

type AuthorCanary = AuthorConnection['canaries'][string];
type AuthorTarget = NonNullable<AuthorConnection['controlTarget']>;

/** What the targets of one connection are held against. */
interface World {
  readonly networks: readonly Network[];
  /** Those of the VPCs that the connection's own gateways stand in. */
  readonly gateways: readonly OwnGateway[];
  readonly own: readonly Block[];
}

interface Aim {
  readonly at: readonly Step[];
  readonly target: Block;
  readonly address: string;
  readonly connection: string;
  /** A service canary's; absent: it is the path's. */
  readonly set?: string | undefined;
}

export function targetFindings(config: AuthorConfig): Finding[] {
  const gateways = gatewaysOf(config);
  const networks = networksOf(config.connections, limits.planStepsMax).filter(({ block }) => block.family === 4);
  return Object.entries(config.connections).flatMap(([name, connection]) => {
    const under = ['connections', name];
    const near = nearGateways(connection, gateways);
    const world: World = { networks, gateways: near, own: ownBlocks(near) };
    const canaries = Object.entries(connection.canaries);
    return [
      ...canaries.flatMap(([canary, c]) => canaryTargets(c, connection, [...under, 'canaries', canary], world)),
      ...[
        { at: under, holder: connection },
        ...canaries.map(([canary, holder]) => ({ at: [...under, 'canaries', canary], holder })),
      ].flatMap(({ at, holder: { targets = [], controlTarget } }) => [
        ...targets.flatMap((target, i) => protocolFindings(target, [...at, 'targets', i])),
        ...(controlTarget === undefined ? [] : controlFindings(controlTarget, [...at, 'controlTarget'], world)),
      ]),
    ];
  });
}

function nearGateways({ paths }: AuthorConnection, gateways: readonly OwnGateway[]): OwnGateway[] {
  const own = new Set(Object.values(paths).map(({ gateway }) => gateway));
  const vpcs = new Set(gateways.filter(({ name }) => own.has(name)).map(({ vpc }) => vpc));
  return gateways.filter(({ vpc }) => vpcs.has(vpc));
}

export function gatewaysOf(config: AuthorConfig): OwnGateway[] {
  return Object.entries(instancesIn(config)).map(([name, { vpc, privateAddress, address }]) => ({
    name,
    vpc,
    privateAddress,
    publicIp: address?.publicIp,
  }));
}

function canaryTargets(c: AuthorCanary, connection: AuthorConnection, at: readonly Step[], world: World): Finding[] {
  const under = c.targets === undefined ? at.slice(0, 2) : at;
  const set = c.path === undefined ? c.routeSet : undefined;
  if (set !== undefined && !Object.hasOwn(connection.routeSets, set)) return []; // Said of the canary.
  return (c.targets ?? connection.targets ?? []).flatMap(({ address }, i): Finding[] => {
    if (!isIpv4(address)) return [];
    const target = blockAround(address);
    const aim: Aim = { at: [...under, 'targets', i], target, address, connection: String(at[1]), set };
    const found = nowhereOrOurs(aim, world) ?? elsewhere(aim, connection, world);
    return found === null ? [] : [found];
  });
}

function said({ at, connection, set }: Aim, kind: FindingKind, message: string): Finding {
  const sets = ['connections', connection, 'routeSets'];
  return { at, kind, message, about: [set === undefined ? sets : [...sets, set]] };
}

function nowhereOrOurs(aim: Aim, { networks, gateways, own }: World): Finding | null {
  const { target, address } = aim;
  const mend = 'use an address of the partner that answers over the VPN';
  const why = whyNowhere(target) ?? (isLinkLocal(target) && !isInside(target, networks) ? 'link-local' : null);
  if (why !== null) return said(aim, 'target-nowhere', `aims at ${address}, which is ${why}: ${mend}`);
  const gateway = gatewayAt(address, gateways);
  const block = own.find((one) => holds(one, target));
  if (gateway === undefined && block === undefined) return null;
  const ours =
    gateway === undefined
      ? `aims at ${address} in ${block?.text}, where our own gateways stand`
      : `aims at ${address}, which is our own gateway ${gateway.name}`;
  return said(aim, 'target-is-ours', `${ours}: it answers while the tunnel is dead; ${mend}`);
}

/** The far end of a tunnel, in an inside network that is a destination by itself: only the tunnel reaches it. */
function isInside(target: Block, networks: readonly Network[]): boolean {
  const network = longest(networks, target);
  return network !== null && isLinkLocal(network.block);
}

function elsewhere(aim: Aim, connection: AuthorConnection, world: World): Finding | null {
  const sets = aim.set === undefined ? Object.keys(connection.routeSets) : [aim.set];
  const isMine = (network: Network): boolean => network.connection === aim.connection && sets.includes(network.set);
  const mine = longest(world.networks.filter(isMine), aim.target);
  const rivals = world.networks.filter((network) =>
    aim.set === undefined ? network.connection !== aim.connection : !isMine(network),
  );
  if (mine === null) return nobodys(aim, connection, sets, world);
  const meets = aim.set === undefined ? meet : shareTable;
  const rival = longest(
    rivals.filter((network) => meets(network, mine)),
    aim.target,
  );
  if (rival === null || rival.block.prefix <= mine.block.prefix) return null;
  return said(aim, 'target-of-another', anothers(aim, rival));
}

function anothers({ address, connection }: Aim, rival: Network): string {
  const whose = rival.connection === connection ? `route set ${rival.set}` : `connection ${rival.connection}`;
  return `aims at ${address}, which ${whose} takes to ${rival.block.text}: it would prove that one; use an address that is this one's alone`;
}

/** In none of the blocks that are known. */
function nobodys(aim: Aim, connection: AuthorConnection, sets: readonly string[], world: World): Finding | null {
  const destinations = sets.flatMap((set) => connection.routeSets[set]?.destinations ?? []);
  if (destinations.some((one) => one === '') || destinations.length === 0) return null; // Refused already.
  const isIpv6 = destinations.every((one) => one.includes(':'));
  // A set of IPv6 alone can be judged by the connection's other networks only, which is warned of.
  if (isIpv6 && aim.set !== undefined) return elsewhere({ ...aim, set: undefined }, connection, world);
  const isUnknown = destinations.some(isPrefixList); // It may hold the target.
  const here = placeOf(connection, sets);
  const meets = aim.set === undefined ? meet : shareTable;
  const rival = longest(
    world.networks.filter((one) => one.connection !== aim.connection && (!isUnknown || meets(one, here))),
    aim.target,
  );
  if (rival !== null && rival.block.prefix > 0) return said(aim, 'target-of-another', anothers(aim, rival));
  if (isUnknown) return null;
  const whose = aim.set === undefined ? "the connection's" : "the set's";
  const message = isIpv6
    ? `aims at ${aim.address}, and ${whose} destinations are all IPv6, which no canary can probe: add an IPv4 block of the partner, and aim into it`
    : `aims at ${aim.address}, which is in none of ${whose} destinations (${shortList(destinations)}): it would answer without the VPN, or never; use one that is`;
  return said(aim, 'target-outside', message);
}

const placeOf = ({ paths, routeSets }: AuthorConnection, sets: readonly string[]) => ({
  tables: new Set(sets.flatMap((set) => routeSets[set]?.tables ?? [])),
  gateways: new Set(Object.values(paths).map(({ gateway }) => gateway)),
});

const shownMax = 6;

function shortList(texts: readonly string[]): string {
  const more = texts.length - shownMax;
  return `${texts.slice(0, shownMax).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** What a probe asks for must be something that Lambda can send and that the protocol knows. */
function protocolFindings({ protocol, page }: AuthorTarget, at: readonly Step[]): Finding[] {
  const kind = 'unsendable-probe';
  if (protocol === 'icmp') {
    const message = 'is icmp, which a Lambda function cannot send: use tcp (a refused connection counts), udp or http';
    return [{ at: [...at, 'protocol'], kind, message }];
  }
  if (page === undefined || protocol === 'http') return [];
  return [{ at: [...at, 'page'], kind, message: `is for http: remove it, ${protocol} asks for no page` }];
}

/** The VPC's resolver by its link-local name; the one service there that answers a canary. */
const resolver = '169.254.169.253';

/**
 * While its control target is silent, a canary counts as cut off itself. So one that never falls silent is useless, and
 * one that dies with a path or its gateway takes the witness with it.
 */
function controlFindings(target: AuthorTarget, at: readonly Step[], world: World): Finding[] {
  return [...protocolFindings(target, at), ...controlPlace(target.address, at, world)];
}

function controlPlace(address: string, at: readonly Step[], { networks, gateways, own }: World): Finding[] {
  if (!isIpv4(address) || address === resolver) return [];
  const target = blockAround(address);
  const mend = 'name an address that answers without it, e.g. port 53 of the VPC resolver';
  const why = whyNowhere(target) ?? (isLinkLocal(target) ? 'link-local' : null);
  if (why !== null) return [{ at, kind: 'target-nowhere', message: `is at ${address}, which is ${why}: ${mend}` }];
  const gateway = gatewayAt(address, gateways);
  const kind = 'control-over-vpn';
  if (gateway !== undefined)
    return [{ at, kind, message: `is gateway ${gateway.name} itself, and dies with it: ${mend}` }];
  if (own.some((block) => holds(block, target))) return [];
  const over = longest(networks, target);
  if (over === null || (over.block.prefix < vpcPrefixMin && isPerhapsOurs(target, gateways))) return [];
  return [{ at, kind, message: `is in ${over.block.text}, which lies behind the VPN: ${mend}`, about: [over.at] }];
}

/** Within a /16 of a gateway: the VPC may be that large, and keeps its own addresses from any larger route. */
function isPerhapsOurs(target: Block, gateways: readonly OwnGateway[]): boolean {
  return gateways.some(
    ({ privateAddress }) => isIpv4(privateAddress) && holds(blockAround(privateAddress, vpcPrefixMin), target),
  );
}

const isPrefixList = (destination: string): boolean => destination !== '' && blockFrom(destination) === null;
