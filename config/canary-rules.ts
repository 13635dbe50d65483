/**
 * The rules for canaries: every path and route set has a witness, and each witness can really see what it watches.
 *
 * A canary that shares its gateway's fate, or whose pinning route is somebody else's, would report, and report
 * wrongly; nothing at run time could tell. So these are errors, not warnings.
 */

import { own } from '../core/words/shape';
import { regionOf } from './ends-sides';
import { type Finding, oneOf, repeated, type Step } from './problems';
import { type AuthorConfig, type AuthorConnection, instanceIn, instancesIn } from './schema';
import { targetFindings } from './target-rules';
import { isElsewhere, isRegionAlone } from './zones';

type AuthorCanary = AuthorConnection['canaries'][string];

interface Placed {
  readonly at: readonly Step[];
  readonly canary: AuthorCanary;
  readonly connection: AuthorConnection;
}

export function canaryFindings(config: AuthorConfig): Finding[] {
  const placed = Object.entries(config.connections).flatMap(([name, connection]) =>
    Object.entries(connection.canaries).map(
      ([c, canary]): Placed => ({ at: ['connections', name, 'canaries', c], canary, connection }),
    ),
  );
  return [
    ...Object.entries(config.connections).flatMap(([name, connection]) =>
      missingWitnesses(connection, ['connections', name]),
    ),
    ...restingOnWatched(config, [
      ...placed.flatMap((p) => watchFindings(p)),
      ...placed.flatMap((p) => placeFindings(config, p)),
      ...pinFindings(config, placed),
      ...placed.flatMap((p) => followFindings(p, placed)),
    ]),
    ...targetFindings(config),
  ];
}

/** A canary of something that is refused cannot be right, and need not be said to be wrong. */
function restingOnWatched(config: AuthorConfig, findings: readonly Finding[]): Finding[] {
  return findings.map((finding) => {
    const under = finding.at.slice(0, 2);
    const connection = own(config.connections, String(finding.at[1]));
    const { path, routeSet } = own(connection?.canaries ?? {}, String(finding.at[3])) ?? {};
    const gateway = own(connection?.paths ?? {}, path ?? '')?.gateway;
    const about = [
      ...(finding.about ?? []),
      ...(path === undefined ? [] : [[...under, 'paths', path]]),
      ...(routeSet === undefined ? [] : [[...under, 'routeSets', routeSet]]),
      ...(gateway === undefined ? [] : [['gateways', gateway]]),
    ];
    return { ...finding, about };
  });
}

/** A canary that watches what is not there was meant for one of these: that is said of the canary. */
function missingWitnesses(connection: AuthorConnection, under: readonly Step[]): Finding[] {
  const canaries = Object.values(connection.canaries);
  if (canaries.some((canary) => isAstray(canary, connection))) return [];
  const about = [[...under, 'canaries']];
  const paths = Object.keys(connection.paths).filter((path) => !canaries.some((c) => c.path === path));
  const sets = Object.keys(connection.routeSets).filter((set) => !canaries.some((c) => c.routeSet === set));
  return [
    ...paths.map(
      (path): Finding => ({
        at: [...under, 'paths', path],
        kind: 'no-witness',
        message: `has no canary: add one with "path: ${path}", or it can never be proven`,
        about,
      }),
    ),
    ...sets.map(
      (set): Finding => ({
        at: [...under, 'routeSets', set],
        kind: 'no-witness',
        message: `has no service canary: add one with "routeSet: ${set}", to see what users feel`,
        about,
      }),
    ),
  ];
}

function isAstray({ path, routeSet }: AuthorCanary, { paths, routeSets }: AuthorConnection): boolean {
  if (path === undefined && routeSet === undefined) return true;
  return (
    (path !== undefined && !Object.hasOwn(paths, path)) ||
    (routeSet !== undefined && !Object.hasOwn(routeSets, routeSet))
  );
}

function watchFindings({ at, canary, connection }: Placed): Finding[] {
  const { path, routeSet } = canary;
  if ((path === undefined) === (routeSet === undefined)) {
    return [{ at, kind: 'watches-wrong', message: 'must watch one thing: write either path or routeSet' }];
  }
  const findings: Finding[] = [];
  if (path !== undefined && !Object.hasOwn(connection.paths, path)) {
    findings.push({
      at: [...at, 'path'],
      kind: 'names-nothing',
      message: `names no path: ${oneOf(path, connection.paths)}`,
      about: [[...at.slice(0, 2), 'paths']],
    });
  }
  if (routeSet !== undefined && !Object.hasOwn(connection.routeSets, routeSet)) {
    findings.push({
      at: [...at, 'routeSet'],
      kind: 'names-nothing',
      message: `names no route set: ${oneOf(routeSet, connection.routeSets)}`,
      about: [[...at.slice(0, 2), 'routeSets']],
    });
  }
  if (path !== undefined && canary.routeTable === undefined) {
    findings.push({
      at: [...at, 'routeTable'],
      kind: 'pin-missing',
      message: 'is missing: name the table with the host routes that pin this canary to its path',
    });
  }
  for (const field of ['pin', 'routeTable'] as const) {
    if (routeSet === undefined || canary[field] === undefined) continue;
    findings.push({
      at: [...at, field],
      kind: 'pin-on-service',
      message: 'is for path canaries: remove it, a service canary follows the routes',
    });
  }
  return findings;
}

function placeFindings(config: AuthorConfig, { at, canary, connection }: Placed): Finding[] {
  const findings: Finding[] = [];
  if (isElsewhere(canary.zone, config, canary.end) && !isRegionAlone(config)) {
    findings.push({
      at: [...at, 'zone'],
      kind: 'zone-elsewhere',
      message: `is not in ${regionOf(config, canary.end)}: correct the zone or the region`,
      about: [['region']],
    });
  }
  const over = own(connection.paths, canary.path ?? '')?.gateway ?? '';
  // Two paths over one gateway are refused as that; which zone is whose cannot be said yet.
  const isShared = Object.values(connection.paths).filter(({ gateway: of }) => of === over).length > 1;
  const gateway = isShared ? undefined : instanceIn(config, over);
  if (gateway !== undefined && canary.zone !== '' && canary.zone === gateway.zone) {
    findings.push({
      at: [...at, 'zone'],
      kind: 'canary-in-gateway-zone',
      message: "is its gateway's own zone: place the canary in another, or one outage takes both",
    });
  }
  if (
    targetsOf({ canary, connection }).length === 0 &&
    canary.targets === undefined &&
    connection.targets === undefined
  ) {
    findings.push({
      at: [...at, 'targets'],
      kind: 'no-targets',
      message: "is missing: name targets here, or once in the connection's targets",
    });
  }
  return findings;
}

/** One pinning route cannot lead to two gateways; a pinned subnet is nobody else's; a pinning route never moves. */
function pinFindings(config: AuthorConfig, placed: readonly Placed[]): Finding[] {
  const pinned = placed.filter(({ canary }) => canary.path !== undefined && canary.routeTable);
  const owners = new Map<string, { readonly gateway: string; readonly canary: Step | undefined }>();
  const clashes = pinned.flatMap((p): Finding[] => {
    const gateway = own(p.connection.paths, p.canary.path ?? '')?.gateway ?? '';
    return pinnedDestinations(p).flatMap((destination): Finding[] => {
      const route = `${destination} in ${p.canary.routeTable}`;
      const owner = owners.get(route) ?? { gateway, canary: p.at[3] };
      owners.set(route, owner);
      if (owner.gateway === gateway) return [];
      const message = `needs ${route} towards ${gateway}, but ${owner.canary} needs it towards ${owner.gateway}: use another table`;
      return [{ at: [...p.at, 'routeTable'], kind: 'pin-clash', message }];
    });
  });
  const subnets = pinned
    .filter(({ canary }) => canary.pin === 'subnet')
    .map((p) => ({ at: [...p.at, 'subnet'], key: p.canary.subnet }));
  return [
    ...clashes,
    ...repeated(
      'pin-clash',
      subnets,
      (first) => `is already pinned by canary ${first[3]}: a pinned subnet serves one canary`,
    ),
    ...pinned.flatMap((p) => movedPins(config, p)),
    ...pinned.flatMap((p) => pinnedGateways(config, p)),
  ];
}

/** A gateway in a pinned subnet would send its own packets round in a circle. */
function pinnedGateways(config: AuthorConfig, { at, canary }: Placed): Finding[] {
  if (canary.pin !== 'subnet' || canary.subnet === '') return [];
  const inside = Object.entries(instancesIn(config)).find(([, { subnet }]) => subnet === canary.subnet);
  if (inside === undefined) return [];
  const message = `is the subnet of gateway ${inside[0]}, whose own packets would follow the pin: give the canary a subnet of its own`;
  return [{ at: [...at, 'subnet'], kind: 'pin-clash', message }];
}

/** A pinned subnet has its own routes to all that lies behind; a pinned target one host route. */
function pinnedDestinations({ canary, connection }: Placed): string[] {
  if (canary.pin !== 'subnet') return targetsOf({ canary, connection }).map(({ address }) => `${address}/32`);
  const all = Object.values(connection.routeSets).flatMap(({ destinations }) => destinations);
  return [...new Set(all)].filter((destination) => destination !== '');
}

function movedPins(config: AuthorConfig, { at, canary, connection }: Placed): Finding[] {
  const sets = Object.values(config.connections).flatMap(({ routeSets }) => Object.values(routeSets));
  const here = sets.filter(({ tables }) => tables.includes(canary.routeTable ?? ''));
  if (here.length === 0) return [];
  if (canary.pin === 'subnet') {
    return [
      {
        at: [...at, 'routeTable'],
        kind: 'pin-moves',
        message: "is a route set's table, which moves: give the pinned subnet a table of its own",
      },
    ];
  }
  const moved = targetsOf({ canary, connection }).filter(({ address }) =>
    here.some(({ destinations }) => destinations.includes(`${address}/32`)),
  );
  return moved.map(({ address }) => ({
    at: [...at, 'targets'],
    kind: 'pin-moves',
    message: `is pinned by ${address}/32, which a route set moves: use another target`,
  }));
}

/** A service canary must follow the routes: not from a pinned subnet, not to a pinned target, not beside the set. */
function followFindings({ at, canary, connection }: Placed, placed: readonly Placed[]): Finding[] {
  const set = own(connection.routeSets, canary.routeSet ?? '');
  if (set === undefined) return [];
  const pinned = placed.filter((p) => p.canary.path !== undefined);
  const findings: Finding[] = [];
  if (canary.subnet !== '' && pinned.some((p) => p.canary.pin === 'subnet' && p.canary.subnet === canary.subnet)) {
    findings.push({
      at: [...at, 'subnet'],
      kind: 'pin-moves',
      message: 'is pinned to a path: place the service canary in a workload subnet',
    });
  }
  const pinnedHere = pinned
    .filter((p) => set.tables.includes(p.canary.routeTable ?? ''))
    .flatMap((p) => targetsOf(p).map(({ address }) => address));
  for (const { address } of targetsOf({ canary, connection })) {
    if (pinnedHere.includes(address)) {
      findings.push({
        at: [...at, 'targets'],
        kind: 'pin-moves',
        message: `holds ${address}, which a host route pins to one path: use another target`,
      });
    }
  }
  return findings;
}

/** A canary's own targets, or its connection's; without those the schema refused. */
export function targetsOf({
  canary,
  connection,
}: Pick<Placed, 'canary' | 'connection'>): NonNullable<AuthorConnection['targets']> {
  return (canary.targets ?? connection.targets ?? []).filter(({ address }) => address !== '');
}
