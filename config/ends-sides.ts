/**
 * A connection with two ends as two that have one: each side as its author would write it who stands there. Every rule for
 * a connection holds for either side, so that each is written once; what a rule finds is said where it stands in the file.
 *
 *     connections.mesh.paths.a.gateways.ohio     as the rules see it: connections.mesh@ohio.paths.a.gateway
 */
import { own } from '../core/words/shape';
import type { Finding, Step } from './problems';
import type { AcrossPath, AcrossSet, AuthorConfig, AuthorConnection, WrittenConfig, WrittenConnection } from './schema';

type Ends = Pick<WrittenConfig, 'ends' | 'region'>;
type AuthorPath = AuthorConnection['paths'][string];
type AuthorSet = AuthorConnection['routeSets'][string];

export const isAcross = <T extends object>(path: T): path is T & AcrossPath => 'gateways' in path;
export const isSetAcross = <T extends object>(set: T): set is T & AcrossSet => 'ends' in set;

/** Where an end is; the deployment's own region where nothing else is said. */
export const regionOf = ({ ends, region }: Ends, end: string | undefined): string =>
  (end === undefined ? undefined : own(ends ?? {}, end)?.region) ?? region;

/** Is it where the deployment itself is? */
export const isHere = (config: Ends, end: string): boolean =>
  regionOf(config, end) === config.region && own(config.ends ?? {}, end)?.account === undefined;

/** The ends that a connection is written for: the near one first, which stands where the deployment does. Empty: one end. */
export function endsOf(config: Ends, { paths, routeSets }: WrittenConnection): string[] {
  const named = [
    ...Object.values(paths).flatMap((path) => (isAcross(path) ? Object.keys(path.gateways) : [])),
    ...Object.values(routeSets).flatMap((set) => (isSetAcross(set) ? Object.keys(set.ends) : [])),
  ];
  const listed = Object.keys(config.ends ?? {}).filter((end) => named.includes(end));
  const all = [...new Set([...listed, ...named])];
  return [...all.filter((end) => isHere(config, end)), ...all.filter((end) => !isHere(config, end))];
}

/** Names of connections hold no @. */
const sideName = (connection: string, end: string): string => `${connection}@${end}`;

/** All connections with one end, and both sides of the others. */
export function sidesOf(config: WrittenConfig): AuthorConfig {
  const sides = Object.entries(config.connections).flatMap(([name, connection]): [string, AuthorConnection][] => {
    const [near, far] = endsOf(config, connection);
    if (near === undefined) return [[name, sideOf(connection, '')]];
    return [near, ...(far === undefined ? [] : [far])].map((end) => [sideName(name, end), sideOf(connection, end)]);
  });
  return { ...config, connections: Object.fromEntries(sides) };
}

export function sideOf(connection: WrittenConnection, end: string): AuthorConnection {
  const { paths, routeSets, canaries } = connection;
  return {
    ...connection,
    paths: mapValues(paths, (path): AuthorPath => {
      if (!isAcross(path)) return path;
      return {
        gateway: own(path.gateways, end) ?? '',
        tunnel: tunnelAt(path, end),
        kind: 'instance',
        routing: 'static',
      };
    }),
    routeSets: mapValues(routeSets, (set): AuthorSet => {
      if (!isSetAcross(set)) return set;
      const { tables = [], destinations = [] } = own(set.ends, end) ?? {};
      return { home: set.home, tables, destinations, propagated: false };
    }),
    canaries: Object.fromEntries(Object.entries(canaries).filter(([, one]) => end === '' || one.end === end)),
  };
}

function tunnelAt({ tunnel }: AcrossPath, end: string): AuthorPath['tunnel'] {
  if (tunnel === undefined || typeof tunnel === 'string' || Array.isArray(tunnel)) return tunnel;
  return own(tunnel, end);
}

const mapValues = <A, B>(record: Readonly<Record<string, A>>, f: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, f(value)]));

/** What was found of sides, as people read it, each thing once. */
export function inFile<F extends Finding>(findings: readonly F[], config: WrittenConfig): F[] {
  const places = findings.map((finding) => {
    const [, side] = finding.at;
    const place = written(finding, config);
    const [, end] = typeof side === 'string' ? side.split('@') : [];
    const isPlaced = end === undefined || place.at.includes(end) || place.at[2] === 'canaries';
    const isAlike = ({ at, message }: Finding): boolean => message === place.message && isSame(at, place.at);
    const isOfBoth = isPlaced || findings.some((one) => one.at[1] !== side && isAlike(written(one, config)));
    return isOfBoth ? place : { ...place, message: `${place.message} (at ${end})` };
  });
  const isTwice = ({ at, message }: F, i: number): boolean =>
    places.slice(0, i).some((one) => one.message === message && isSame(one.at, at));
  return places.filter((finding, i) => !isTwice(finding, i));
}

function written<F extends Finding>(finding: F, config: WrittenConfig): F {
  const { at, about, message } = finding;
  return {
    ...finding,
    at: placeOf(at, config),
    message: message.replace(/([a-z][a-z0-9-]*)@([a-z][a-z0-9-]*)(\/[a-z0-9-]+)?/g, '$1$3 at $2'),
    ...(about !== undefined && { about: about.map((place) => placeOf(place, config)) }),
  };
}

function placeOf(at: readonly Step[], { connections }: WrittenConfig): readonly Step[] {
  const [first, second, group, name, field, ...rest] = at;
  if (first !== 'connections' || typeof second !== 'string' || !second.includes('@')) return at;
  const [connection = '', end = ''] = second.split('@');
  const under = ['connections', connection, ...at.slice(2, 4)];
  if (field === undefined || name === undefined) return under;
  const whole = own(connections, connection);
  const path = group === 'paths' ? own(whole?.paths ?? {}, String(name)) : undefined;
  const set = group === 'routeSets' ? own(whole?.routeSets ?? {}, String(name)) : undefined;
  if (path !== undefined && isAcross(path)) {
    if (field === 'gateway') return [...under, 'gateways', end, ...rest];
    const isByEnd = typeof path.tunnel === 'object' && !Array.isArray(path.tunnel);
    if (field === 'tunnel' && isByEnd) return [...under, field, end, ...rest];
  }
  const isAtEnd = set !== undefined && isSetAcross(set) && (field === 'tables' || field === 'destinations');
  return isAtEnd ? [...under, 'ends', end, field, ...rest] : [...under, field, ...rest];
}

const isSame = (a: readonly Step[], b: readonly Step[]): boolean =>
  a.length === b.length && a.every((step, i) => b[i] === step);
