/**
 * What cannot be, in the network as AWS and the internet have it: addresses, subnets and VPCs that contradict each other,
 * and destinations that lie behind no VPN.
 */
import { limits } from '../core/words/policy';
import { type Block, blockAround, holds, isIpv4, isPrivate, whyNowhere } from './addresses';
import type { Network } from './networks';
import { networksOf } from './networks';
import { ownBlocks, vpcPrefixMin } from './own-networks';
import { type Finding, repeated, type Step } from './problems';
import { type AuthorConfig, type AuthorConnection, instanceIn, instancesIn } from './schema';
import { gatewaysOf } from './target-rules';

export function placeFindings(config: AuthorConfig): Finding[] {
  return [
    ...addressFindings(config),
    ...subnetFindings(config),
    ...vpcFindings(config),
    ...destinationFindings(config),
  ];
}

/** An address belongs to one machine; in two VPCs two machines may have the same private one. */
function addressFindings(config: AuthorConfig): Finding[] {
  const all = Object.entries(instancesIn(config));
  const privates = all.flatMap(([name, { vpc, ...own }]) =>
    (['privateAddress', 'secondaryAddress'] as const).map((field) => ({
      at: ['gateways', name, field],
      key: (own[field] ?? '') === '' ? '' : `${vpc} ${own[field]}`,
    })),
  );
  const publics = all.map(([name, { address }]) => ({
    at: ['gateways', name, 'address', 'publicIp'],
    key: address?.publicIp ?? '',
  }));
  const is = (what: string) => (first: readonly Step[]) =>
    `is the ${what} address of ${first[1]} too: write this gateway's own`;
  return [
    ...repeated('duplicate-address', privates, is('private')),
    ...repeated('duplicate-address', publics, is('public')),
    ...all.flatMap(([name, { privateAddress, secondaryAddress = '', address }]) => [
      ...impossible(privateAddress, ['gateways', name, 'privateAddress'], 'write the private address of the interface'),
      ...impossible(secondaryAddress, ['gateways', name, 'secondaryAddress'], 'write a secondary one of the interface'),
      ...impossible(
        address?.publicIp ?? '',
        ['gateways', name, 'address', 'publicIp'],
        'write the Elastic IP',
        isPrivate,
      ),
    ]),
  ];
}

function impossible(
  address: string,
  at: readonly Step[],
  mend: string,
  isInside = (_: Block): boolean => false,
): Finding[] {
  if (!isIpv4(address)) return [];
  const block = blockAround(address);
  const first = whyNowhere(block) ?? (block.text.startsWith('169.254.') ? 'link-local' : null);
  const why = first ?? (isInside(block) ? 'private: the partner could not know it' : null);
  return why === null ? [] : [{ at, kind: 'impossible-address', message: `is ${why}; ${mend}` }];
}

/** A subnet lies in one zone and one VPC, whoever names it. */
function subnetFindings(config: AuthorConfig): Finding[] {
  const places = [
    ...Object.entries(instancesIn(config)).map(([name, { subnet, zone, vpc }]) => ({
      at: ['gateways', name, 'subnet'],
      who: `gateway ${name}`,
      subnet,
      zone,
      vpc,
    })),
    ...Object.entries(config.connections).flatMap(([connection, { canaries }]) =>
      Object.entries(canaries).map(([name, { subnet, zone }]) => ({
        at: ['connections', connection, 'canaries', name, 'subnet'],
        who: `canary ${name} of ${connection}`,
        subnet,
        zone,
        vpc: '',
      })),
    ),
  ];
  const first = new Map<string, (typeof places)[number]>();
  return places.flatMap((place): Finding[] => {
    const { at, subnet, zone, vpc } = place;
    if (subnet === '' || zone === '') return [];
    const before = first.get(subnet);
    if (before === undefined) first.set(subnet, place);
    if (before === undefined) return [];
    const kind = 'subnet-in-two-places';
    const about = [before.at.slice(0, -1), [...at.slice(0, -1), 'zone'], [...before.at.slice(0, -1), 'zone']];
    if (before.zone !== zone) {
      const message = `is in ${before.zone} by ${before.who}, and in ${zone} here: a subnet lies in one zone`;
      return [{ at, kind, message, about }];
    }
    if (vpc === '' || before.vpc === '' || before.vpc === vpc) return [];
    return [
      {
        at,
        kind,
        message: `is in ${before.vpc} by ${before.who}, and in ${vpc} here: a subnet lies in one VPC`,
        about,
      },
    ];
  });
}

/** A route leads to no interface of another VPC: such a path could never be moved to. */
function vpcFindings(config: AuthorConfig): Finding[] {
  const vpcOf = (gateway: string): string => instanceIn(config, gateway)?.vpc ?? '';
  const tables = new Map<string, { readonly vpc: string; readonly whose: string }>();
  return Object.entries(config.connections).flatMap(([name, connection]): Finding[] => {
    const paths = Object.entries(connection.paths).filter(([, { gateway }]) => vpcOf(gateway) !== '');
    const [first] = paths;
    if (first === undefined) return [];
    const vpc = vpcOf(first[1].gateway);
    const apart = paths.filter(([, { gateway }]) => vpcOf(gateway) !== vpc);
    if (apart.length > 0)
      return apart.map(([path, { gateway }]) => ({
        at: ['connections', name, 'paths', path, 'gateway'],
        kind: 'paths-in-two-vpcs',
        message: `stands in ${vpcOf(gateway)}, and ${first[1].gateway} in ${vpc}: a route leads to no interface of another VPC; use gateways of one VPC`,
        about: [
          ['gateways', gateway],
          ['gateways', first[1].gateway],
        ],
      }));
    return tablesElsewhere(name, connection, vpc, tables);
  });
}

function tablesElsewhere(
  name: string,
  { routeSets }: AuthorConnection,
  vpc: string,
  seen: Map<string, { readonly vpc: string; readonly whose: string }>,
): Finding[] {
  return Object.entries(routeSets).flatMap(([set, { tables }]) =>
    tables.flatMap((table, i): Finding[] => {
      const before = seen.get(table);
      if (table !== '' && before === undefined) seen.set(table, { vpc, whose: name });
      if (table === '' || before === undefined || before.vpc === vpc) return [];
      const message = `is a table of ${before.vpc} by connection ${before.whose}, and the gateways here stand in ${vpc}: a table belongs to one VPC`;
      return [{ at: ['connections', name, 'routeSets', set, 'tables', i], kind: 'table-in-two-vpcs', message }];
    }),
  );
}

function destinationFindings(config: AuthorConfig): Finding[] {
  const gateways = gatewaysOf(config);
  const near = new Map<string, readonly Block[]>();
  return networksOf(config.connections, limits.planStepsMax).flatMap((network): Finding[] => {
    const { at, block, connection } = network;
    const why = whyNowhere(block);
    if (why !== null)
      return [{ at, kind: 'impossible-destination', message: `lies behind no VPN: it is ${why}; remove it` }];
    const vpcs = new Set(gateways.filter(({ name }) => network.gateways.has(name)).map(({ vpc }) => vpc));
    const blocks = near.get(connection) ?? ownBlocks(gateways.filter(({ vpc }) => vpcs.has(vpc)));
    near.set(connection, blocks);
    return ownNetwork(network, blocks);
  });
}

/** No block of a VPC is larger than a /16: a larger destination may well hold the VPC, which keeps its own addresses. */
function ownNetwork({ at, block }: Network, blocks: readonly Block[]): Finding[] {
  if (block.prefix < vpcPrefixMin) return [];
  const own = blocks.find((one) => holds(one, block) || holds(block, one));
  if (own === undefined) return [];
  const message = `is where our own gateways stand (${own.text}): it lies before the VPN, not behind it; name the partner's network`;
  return [{ at, kind: 'own-network', message }];
}
