/**
 * Questions about ends. A connection with two ends is two sides of one choice: each end has its own gateway on every path,
 * its own route sets and its own canaries, and what holds for a connection with one end holds for either side by itself.
 *
 *     seenFrom(mesh, 'ohio')     the same connection as it would be written by somebody who stands in ohio
 */
import type {
  Canary,
  Connection,
  Deployment,
  Gateway,
  GatewayName,
  Path,
  PathName,
  RouteSet,
  RouteSetName,
} from './domain';
import type { End, EndName } from './end';
import { own } from './shape';

/** Undefined: the deployment names no such end. */
export const endNamed = ({ ends }: Pick<Deployment, 'ends'>, name: EndName | undefined): End | undefined =>
  name === undefined ? undefined : own(ends ?? {}, name);

/** The end that a gateway, set or canary stands at. */
export const endOf = (
  deployment: Pick<Deployment, 'ends'>,
  one: Gateway | RouteSet | Canary | undefined,
): End | undefined => endNamed(deployment, one !== undefined && 'end' in one ? one.end : undefined);

/** In another region or account than the deployment itself. */
export const isElsewhere = ({ region }: Pick<Deployment, 'region'>, end: End | undefined): boolean =>
  end !== undefined && (end.region !== region || end.account !== undefined);

export const gatewaysOfPath = ({ gateway, far }: Pick<Path, 'gateway' | 'far'>): GatewayName[] =>
  far === undefined ? [gateway] : [gateway, far.gateway];

/** Of all paths, each once. */
export const gatewaysOf = ({
  paths,
}: {
  readonly paths: Readonly<Record<PathName, Pick<Path, 'gateway' | 'far'>>>;
}): GatewayName[] => [...new Set(Object.values(paths).flatMap(gatewaysOfPath))];

/** As one who stands at that end sees it: its gateway on every path, its own sets and canaries. */
export function seenFrom(connection: Connection, end: EndName): Connection {
  const { ends, canaries, routeSets, paths } = connection;
  if (ends === undefined) return connection;
  const isFar = end === ends[1];
  const sides = Object.values(paths).map((path): Path => {
    const { far, ...near } = path;
    return isFar && far !== undefined ? { ...near, ...far } : near;
  });
  const sets = Object.values(routeSets).filter((set) => set.end === end);
  return {
    ...connection,
    paths: Object.fromEntries(sides.map((path) => [path.name, path])),
    routeSets: Object.fromEntries(sets.map((set) => [set.name, set])),
    canaries: canaries.filter((canary) => canary.end === end),
  };
}

/** As the author calls it, and people read it: both sets of a pair have one name. */
export const choiceOf = ({ name, end }: Pick<RouteSet, 'name' | 'end'>): RouteSetName =>
  end === undefined ? name : name.slice(0, -end.length - 1);

/** The sets of two ends are called as their author calls them: `all.ohio` is `all at ohio`. */
export const inWords = ({ routeSets }: Pick<Connection, 'routeSets'>, text: string): string =>
  Object.values(routeSets).reduce(
    (said, set) => (set.end === undefined ? said : said.replaceAll(set.name, `${choiceOf(set)} at ${set.end}`)),
    text,
  );

/** Does a person who names this choice mean that set? Null: every set. */
export const isMeant = (choice: RouteSetName | null, set: RouteSetName): boolean =>
  choice === null || choice === set || set.startsWith(`${choice}.`);

/** The set of a choice at one end: names hold no dot, so that no other set can be called so. */
export const setAt = (choice: RouteSetName, end: EndName): RouteSetName => `${choice}.${end}`;

/** Undefined: there is no such path. */
export function gatewayAt(
  { paths, ends }: Pick<Connection, 'paths' | 'ends'>,
  path: PathName,
  end: EndName | undefined,
): GatewayName | undefined {
  const found = own(paths, path);
  return end !== undefined && end === ends?.[1] ? found?.far?.gateway : found?.gateway;
}

/** The gateway of ours that a path canary's packets leave by; undefined: it watches a set. */
export const gatewayOfCanary = (
  connection: Pick<Connection, 'paths' | 'ends'>,
  { watches, end }: Pick<Canary, 'watches' | 'end'>,
): GatewayName | undefined => (watches.kind === 'path' ? gatewayAt(connection, watches.path, end) : undefined);

/**
 * Does a canary of the other end aim at this machine's own address? A machine that took its place would have another, and
 * the path would never be proven again.
 */
export function isAimedAt({ connections, gateways }: Pick<Deployment, 'connections' | 'gateways'>, name: GatewayName) {
  const gateway = gateways[name];
  if (gateway?.kind !== 'instance' || gateway.end === undefined) return false;
  return Object.values(connections).some(
    (connection) =>
      gatewaysOf(connection).includes(name) &&
      connection.canaries.some(
        ({ end, targets }) => end !== gateway.end && targets.some(({ address }) => address === gateway.privateAddress),
      ),
  );
}

/** May a repair put another machine in its place? */
export function isReplaceable(deployment: Pick<Deployment, 'connections' | 'gateways'>, name: GatewayName): boolean {
  const gateway = deployment.gateways[name];
  return gateway?.kind === 'instance' && gateway.launchTemplate !== undefined && !isAimedAt(deployment, name);
}

/** Does this path lead over that gateway, at whichever end? */
export const isOver = (path: Path, gateway: unknown): boolean => gatewaysOfPath(path).some((one) => one === gateway);
