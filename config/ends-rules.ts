/**
 * What cannot be where both ends of a connection are ours: ends that are none, or not two, and what stands at none of them.
 * What holds for each side by itself is found by the rules for connections with one end (ends-sides.ts).
 */
import { endsOf, isAcross, isHere, isSetAcross, regionOf } from './ends-sides';
import { type Finding, oneOf, type Step } from './problems';
import { type AuthorInstance, instanceIn, type WrittenConfig, type WrittenConnection } from './schema';

/** A mesh of so many has fifteen connections; a larger one needs several deployments. */
const endsMax = 6;
const endsOfConnection = 2;

export function endsFindings(config: WrittenConfig): Finding[] {
  return [
    ...Object.keys(config.ends ?? {}).flatMap((end) => endFindings(config, end)),
    ...sizeFindings(config),
    ...accountFindings(config),
    ...placesFindings(config),
    ...Object.entries(config.connections).flatMap(([name, connection]) =>
      connectionFindings(config, connection, ['connections', name]),
    ),
  ];
}

const wrong = (at: readonly Step[], message: string): Finding => ({ at, kind: 'ends-wrong', message });

function sizeFindings({ ends = {} }: WrittenConfig): Finding[] {
  const count = Object.keys(ends).length;
  if (count <= endsMax) return [];
  const mend = `are ${count}, more than ${endsMax}: a larger mesh is not built yet; deploy it in parts, each with a name of its own`;
  return [wrong(['ends'], mend)];
}

/** In another account nothing of ours may act but by a role there, whose trust asks for an id that only both know. */
function endFindings(config: WrittenConfig, end: string): Finding[] {
  const { account, role, externalId } = config.ends![end]!;
  const at = ['ends', end];
  if (account !== undefined && account === config.account)
    return [wrong([...at, 'account'], "is the deployment's own: leave it out, and role and externalId with it")];
  if (account !== undefined && externalId === undefined)
    return [
      wrong(
        [...at, 'externalId'],
        `is missing: ${end} is in account ${account}, whose role must ask for one; write it here and in the role's trust`,
      ),
    ];
  const idle = account === undefined && (role !== undefined ? 'role' : externalId !== undefined ? 'externalId' : null);
  if (!idle) return [];
  const mend = 'is for an end in another account: write that account beside it, or remove this';
  return [wrong([...at, idle], mend)];
}

/** A role there can trust us only if it knows our account. */
function accountFindings({ account, ends = {} }: WrittenConfig): Finding[] {
  const [first] = Object.entries(ends).filter(([, end]) => end.account !== undefined);
  if (first === undefined || account !== undefined) return [];
  const mend = `is missing: ${first[0]} is in another account, whose role must know whom to trust; write the account that this deployment is deployed to`;
  return [wrong(['account'], mend)];
}

/** Gateways that stand at an end which is none, or ask at one elsewhere for what is done where the deployment is. */
function placesFindings(config: WrittenConfig): Finding[] {
  return Object.keys(config.gateways).flatMap((name): Finding[] => {
    const gateway = instanceIn(config, name);
    if (gateway?.end === undefined) return [];
    const unknown = nameFindings(config, gateway.end, ['gateways', name, 'end']);
    return unknown.length > 0 || isHere(config, gateway.end) ? unknown : awayFindings(gateway, name, gateway.end);
  });
}

function awayFindings(
  { launchTemplate, tunnelMetrics }: Pick<AuthorInstance, 'launchTemplate' | 'tunnelMetrics'>,
  name: string,
  end: string,
): Finding[] {
  const asked = [
    ...(launchTemplate === undefined ? [] : [['launchTemplate', 'is for replacing it'] as const]),
    ...(tunnelMetrics === true ? [['tunnelMetrics', 'makes alarms on it'] as const] : []),
  ];
  return asked.map(([field, what]) =>
    wrong(['gateways', name, field], `${what}, which is not built at ${end}, in another region or account: remove it`),
  );
}

function nameFindings({ ends = {} }: WrittenConfig, end: string, at: readonly Step[]): Finding[] {
  if (end === '' || Object.hasOwn(ends, end)) return [];
  const mend = Object.keys(ends).length === 0 ? 'the file has none; add it under ends:' : oneOf(end, ends);
  return [{ at, kind: 'names-nothing', message: `names no end: ${mend}`, about: [['ends']] }];
}

function connectionFindings(config: WrittenConfig, connection: WrittenConnection, under: readonly Step[]): Finding[] {
  const ends = endsOf(config, connection);
  return ends.length === 0
    ? oneEndFindings(config, connection, under)
    : [
        ...pairFindings(config, connection, ends, under),
        ...halfFindings(connection, under),
        ...gatewaysFindings(config, connection, under),
        ...tunnelsFindings(connection, ends, under),
        ...canariesFindings(connection, ends, under),
        ...unbuiltFindings(connection, under),
      ];
}

/** Everything of a connection with one end stands where the deployment does. */
function oneEndFindings(
  config: WrittenConfig,
  { paths, canaries }: WrittenConnection,
  under: readonly Step[],
): Finding[] {
  const away = Object.entries(paths).flatMap(([path, { gateway = '' }]): Finding[] => {
    const end = instanceIn(config, gateway)?.end;
    if (end === undefined || isHere(config, end) || !Object.hasOwn(config.ends ?? {}, end)) return [];
    const mend = `stands at ${end}, which is not where this deployment is: use a gateway of ${config.region}, or write gateways: {…} with one at each end`;
    return [wrong([...under, 'paths', path, 'gateway'], mend)];
  });
  const idle = Object.entries(canaries).flatMap(([name, { end }]): Finding[] =>
    end === undefined
      ? []
      : [wrong([...under, 'canaries', name, 'end'], 'is for connections with two ends: remove it')],
  );
  return [...away, ...idle];
}

function pairFindings(
  config: WrittenConfig,
  { paths, routeSets }: WrittenConnection,
  ends: readonly string[],
  under: readonly Step[],
): Finding[] {
  const named = [
    ...Object.entries(paths).flatMap(([path, one]) =>
      isAcross(one) ? [{ at: [...under, 'paths', path, 'gateways'], ends: Object.keys(one.gateways) }] : [],
    ),
    ...Object.entries(routeSets).flatMap(([set, one]) =>
      isSetAcross(one) ? [{ at: [...under, 'routeSets', set, 'ends'], ends: Object.keys(one.ends) }] : [],
    ),
  ];
  const unknown = named.flatMap((one) => one.ends.flatMap((end) => nameFindings(config, end, [...one.at, end])));
  const short = named
    .filter((one) => one.ends.length !== endsOfConnection)
    .map(({ at, ends: own }) => wrong(at, `names ${own.length === 1 ? 'one end' : `${own.length} ends`}: write two`));
  if (unknown.length + short.length > 0) return [...unknown, ...short];
  if (ends.length > endsOfConnection)
    return [wrong(under, `is between ${ends.join(', ')}: a connection is between two ends; write one for each pair`)];
  if (ends.some((end) => isHere(config, end))) return [];
  const places = ends.map((end) => `${end} is in ${regionOf(config, end)}`).join(', ');
  const mend = `is between two other places (${places}): whoever decides must stand at one of the ends, or the loss of a third place stops it; deploy it from one of theirs`;
  return [wrong(under, mend)];
}

/** Of a connection with two ends every path and every set has both. */
function halfFindings({ paths, routeSets }: WrittenConnection, under: readonly Step[]): Finding[] {
  const mend = (what: string) => `has one end, and others of this connection two: ${what}`;
  return [
    ...Object.entries(paths).flatMap(([path, one]) =>
      isAcross(one) ? [] : [wrong([...under, 'paths', path], mend('write gateways, one at each end'))],
    ),
    ...Object.entries(routeSets).flatMap(([set, one]) =>
      isSetAcross(one)
        ? []
        : [wrong([...under, 'routeSets', set], mend('write ends, each with tables and destinations'))],
    ),
  ];
}

function gatewaysFindings(config: WrittenConfig, { paths }: WrittenConnection, under: readonly Step[]): Finding[] {
  return Object.entries(paths).flatMap(([path, one]) => {
    if (!isAcross(one)) return [];
    return Object.entries(one.gateways).flatMap(([end, name]): Finding[] => {
      const at = [...under, 'paths', path, 'gateways', end];
      if (name === '' || !Object.hasOwn(config.gateways, name)) return []; // Said by the rules of its side.
      const gateway = instanceIn(config, name);
      const about = [['gateways', name]];
      if (gateway === undefined)
        return [{ ...wrong(at, 'is no instance: a VPN connection of AWS is looked after from one end alone'), about }];
      if (gateway.speaker !== undefined || gateway.seenBy !== undefined) {
        const what = gateway.speaker === undefined ? 'seenBy' : 'a speaker';
        return [
          { ...wrong(at, `has ${what}, which is not built for both ends: remove it from gateway ${name}`), about },
        ];
      }
      if (gateway.end === end) return [];
      const mend = gateway.end === undefined ? `write end: ${end} in gateway ${name}` : 'name one that stands there';
      return [
        {
          ...wrong(
            at,
            `${gateway.end === undefined ? 'does not say where it stands' : `stands at ${gateway.end}`}: ${mend}`,
          ),
          about,
        },
      ];
    });
  });
}

function tunnelsFindings({ paths }: WrittenConnection, ends: readonly string[], under: readonly Step[]): Finding[] {
  return Object.entries(paths).flatMap(([path, one]): Finding[] => {
    if (!isAcross(one) || typeof one.tunnel !== 'object' || Array.isArray(one.tunnel)) return [];
    const { tunnel } = one;
    const missing = ends.filter((end) => !Object.hasOwn(tunnel, end));
    const unknown = Object.keys(tunnel).filter((end) => !ends.includes(end));
    const at = [...under, 'paths', path, 'tunnel'];
    return [
      ...unknown.map((end) => wrong([...at, end], `is none of its ends: write one of ${ends.join(', ')}`)),
      ...missing.map((end) => wrong(at, `has no name at ${end}: add it, or write one name for both`)),
    ];
  });
}

function canariesFindings({ canaries }: WrittenConnection, ends: readonly string[], under: readonly Step[]): Finding[] {
  return Object.entries(canaries).flatMap(([name, { end }]): Finding[] => {
    const at = [...under, 'canaries', name, 'end'];
    if (end === undefined) return [wrong(at, `is missing: write where it stands, ${ends.join(' or ')}`)];
    return end === '' || ends.includes(end)
      ? []
      : [wrong(at, `is none of its connection's ends: write one of ${ends.join(', ')}`)];
  });
}

/** What is done for one end, and not yet for two. */
function unbuiltFindings(connection: WrittenConnection, under: readonly Step[]): Finding[] {
  const { routing, rehearsal, targets } = connection;
  return [
    ...(routing === undefined
      ? []
      : [wrong([...under, 'routing'], 'is not built for both ends: both tables are ours to write; remove it')]),
    ...(rehearsal === undefined
      ? []
      : [wrong([...under, 'rehearsal'], 'is for a VPN connection of AWS without a standby: remove it')]),
    ...(targets === undefined
      ? []
      : [
          wrong(
            [...under, 'targets'],
            'would lie at one end alone: write targets in each canary, as seen from its end',
          ),
        ]),
  ];
}
