/**
 * What must hang together in a configuration: names that point somewhere, things that may exist only once, and the
 * witnesses every path and route set needs. One function per rule set; each returns findings and none throws.
 *
 * Works on a lenient reading: an empty text is a field the schema has already complained about, and is passed over.
 */

import { routeSetsThatFit } from '../core/remember/memory-worst';
import { setAt } from '../core/words/ends';
import { limits } from '../core/words/policy';
import { own } from '../core/words/shape';
import { canaryFindings } from './canary-rules';
import { tunnelsOf } from './deployment';
import { drillFindings } from './drill-rules';
import { endsOf, regionOf, sideOf } from './ends-sides';
import { followingFindings } from './following-rules';
import { installationFindings } from './installation-schema';
import { placeFindings } from './place-rules';
import { type Finding, oneOf, repeated, type Step } from './problems';
import { quietFindings } from './quiet-schema';
import { routeServerFindings } from './route-server-rules';
import { type AuthorConfig, type AuthorConnection, instancesIn, type WrittenConfig } from './schema';
import { speakerFindings } from './speaker-rules';
import { policyFindings, policyFrom } from './thresholds';
import { upkeepFindings } from './upkeep-rules';
import { vpnFindings } from './vpn-rules';
import { isElsewhere, isRegionAlone, zonesOf } from './zones';

/** Route plans and proofs are made per pair of paths; beyond four nobody can follow them. */
const pathsMax = 4;
/** Alarms are named `<deployment>/<connection>/…`, and by these words: see infra/observing/alarms.ts and infra/observing/self-alarms.ts. */
const alarmPrefixes: ReadonlySet<string> = new Set(['self', 'gateway', 'people']);

export function referenceFindings(config: AuthorConfig): Finding[] {
  return [
    ...installationFindings(config),
    ...gatewayFindings(config),
    ...tunnelFindings(config),
    ...metricsFindings(config),
    ...followingFindings(config),
    ...vpnFindings(config),
    ...upkeepFindings(config),
    ...speakerFindings(config),
    ...routeServerFindings(config),
    ...routeFindings(config),
    ...placeFindings(config),
    ...Object.entries(config.connections).flatMap(([name, connection]) => {
      const under = ['connections', name];
      return [
        ...(alarmPrefixes.has(name)
          ? [
              {
                at: under,
                kind: 'reserved-name' as const,
                message: 'is the prefix of alarms that are about no connection: choose another name',
              },
            ]
          : []),
        ...pathFindings(config, connection, under),
        ...homeFindings(connection, under),
        ...policyFindings(connection.policy, [...under, 'policy']),
        ...quietFindings(connection.quiet, [...under, 'quiet']),
        ...drillFindings(connection.drills, connection.standby !== 'none', [...under, 'drills']),
      ];
    }),
    ...canaryFindings(config),
  ];
}

/** Limits on what a connection has at both its ends. */
export function wholeFindings(config: WrittenConfig): Finding[] {
  return Object.entries(config.connections).flatMap(([name, connection]) => {
    const under = ['connections', name];
    const ends = endsOf(config, connection);
    const sides = (ends.length === 0 ? [''] : ends).map((end): Side => ({ end, ...sideOf(connection, end) }));
    return [...sizeFindings(sides, under), ...memoryFindings(name, sides, under)];
  });
}

/** One end of a connection; `end` is empty where there is no other. */
interface Side extends AuthorConnection {
  readonly end: string;
}

function gatewayFindings(config: AuthorConfig): Finding[] {
  const gateways = Object.entries(instancesIn(config));
  const zones = gateways
    .filter(([, g]) => isElsewhere(g.zone, config, g.end) && !isRegionAlone(config))
    .map(
      ([name, { end }]): Finding => ({
        at: ['gateways', name, 'zone'],
        kind: 'zone-elsewhere',
        message: `is not in ${regionOf(config, end)}: correct the zone or the region`,
        about: [['region']],
      }),
    );
  const instances = repeated(
    'one-machine-twice',
    gateways.map(([name, { instance }]) => ({ at: ['gateways', name, 'instance'], key: instance })),
    (first) =>
      `is already the instance of ${first[1]}: one machine is one gateway, whatever its interfaces; two paths over it would fail together`,
  );
  return [...zones, ...regionFindings(config), ...idleFindings(config), ...instances];
}

/** Where every zone is in one other region, it is the region that is wrong. */
function regionFindings(config: AuthorConfig): Finding[] {
  if (!isRegionAlone(config)) return [];
  const elsewhere = zonesOf(config)[0]?.slice(0, -1);
  return [
    { at: ['region'], kind: 'zone-elsewhere', message: `is not where the zones are: did you mean ${elsewhere}?` },
  ];
}

/** A path whose gateway is misspelt, or written twice, leaves one over: that is said of the path. */
function idleFindings(config: AuthorConfig): Finding[] {
  const connections = Object.entries(config.connections);
  const isWhole = connections.every(([, { paths, standby }]) => {
    const used = Object.values(paths).map(({ gateway }) => gateway);
    const isKnown = used.every((gateway) => Object.hasOwn(config.gateways, gateway));
    return (used.length > 1 || standby === 'none') && isKnown && new Set(used).size === used.length;
  });
  if (!isWhole || connections.length === 0) return [];
  const used = connections.flatMap(([, { paths }]) => Object.values(paths).map(({ gateway }) => gateway));
  const places = connections.flatMap(([name, { paths }]) => {
    const under = ['connections', name, 'paths'];
    return [under, ...Object.keys(paths).map((path) => [...under, path])];
  });
  return Object.keys(config.gateways)
    .filter((name) => !used.includes(name))
    .map(
      (name): Finding => ({
        at: ['gateways', name],
        kind: 'idle-gateway',
        message: 'is the gateway of no path: remove it, or add its path',
        about: places,
      }),
    );
}

/** A tunnel belongs to one path: restarting it must not touch anybody else's. */
function tunnelFindings(config: AuthorConfig): Finding[] {
  const tunnels = Object.entries(config.connections).flatMap(([name, { paths }]) =>
    Object.entries(paths).flatMap(([pathName, { tunnel, gateway }]) =>
      tunnelsOf(tunnel).map((one, i) => ({
        at: ['connections', name, 'paths', pathName, 'tunnel', ...(Array.isArray(tunnel) ? [i] : [])],
        key: one === '' || gateway === '' ? '' : `${gateway} ${one}`,
      })),
    ),
  );
  return repeated(
    'shared-tunnel',
    tunnels,
    (first) => `is already the tunnel of path ${first[3]} of ${first[1]} on the same gateway: name this path's own`,
  );
}

/** A daemon without a named tunnel counts none of none, for ever: its alarm would call that an outage. */
function metricsFindings(config: AuthorConfig): Finding[] {
  const paths = Object.entries(config.connections).flatMap(([name, { paths }]) =>
    Object.entries(paths).map(([path, written]) => ({ ...written, at: ['connections', name, 'paths', path] })),
  );
  return Object.entries(instancesIn(config)).flatMap(([name, { tunnelMetrics }]): Finding[] => {
    const over = paths.filter(({ gateway }) => gateway === name);
    const isIdle = over.length === 0; // Said of the gateway.
    if (!tunnelMetrics || isIdle || over.some(({ tunnel }) => tunnelsOf(tunnel).length > 0)) return [];
    const message = `is true, and no path over ${name} names a tunnel that could be counted: write "tunnel" in its path, or remove this`;
    const about = over.map(({ at }) => at);
    return [{ at: ['gateways', name, 'tunnelMetrics'], kind: 'metrics-of-no-tunnel', message, about }];
  });
}

/** One route has one owner: two sets that list it would move it to and fro. */
function routeFindings(config: AuthorConfig): Finding[] {
  const routes = Object.entries(config.connections).flatMap(([name, { routeSets }]) =>
    Object.entries(routeSets).flatMap(([setName, set]) => {
      const at = ['connections', name, 'routeSets', setName];
      if (set.tables.length * set.destinations.length > limits.planStepsMax) return []; // Refused below, by its size.
      return set.tables.flatMap((table, t) =>
        set.destinations.map((destination) => ({
          at: [...at, 'tables', t],
          key: table === '' || destination === '' ? '' : `${destination} in ${table}`,
        })),
      );
    }),
  );
  return repeated(
    'route-twice',
    routes,
    (first, key) => `lists ${key}, which ${first[1]}/${first[3]} lists already: leave it in one route set`,
  );
}

function pathFindings(config: AuthorConfig, connection: AuthorConnection, under: readonly Step[]): Finding[] {
  const paths = Object.entries(connection.paths);
  const findings: Finding[] = [];
  if (paths.length === 1 && connection.standby !== 'none') {
    findings.push({
      at: [...under, 'paths'],
      kind: 'too-few-paths',
      message: 'has a single path: add a second one to switch to, or say aloud that there is none with standby: none',
    });
  }
  if (paths.length > 1 && connection.standby === 'none') {
    findings.push({
      at: [...under, 'standby'],
      kind: 'standby-is-there',
      message: `says none, and there are ${paths.length} paths: remove it, or leave one path`,
    });
  }
  if (paths.length > pathsMax) {
    findings.push({
      at: [...under, 'paths'],
      kind: 'too-many-paths',
      message: `has ${paths.length} paths: keep at most ${pathsMax}`,
    });
  }
  for (const [name, { gateway }] of paths) {
    if (gateway === '' || Object.hasOwn(config.gateways, gateway)) continue;
    findings.push({
      at: [...under, 'paths', name, 'gateway'],
      kind: 'names-nothing',
      message: `names no gateway: ${oneOf(gateway, config.gateways)}`,
      about: [['gateways']],
    });
  }
  const shared = repeated(
    'shared-gateway',
    paths.map(([name, { gateway }]) => ({ at: [...under, 'paths', name, 'gateway'], key: gateway })),
    (first) => `is already the gateway of path ${first[3]}: routes could not choose between the two`,
  );
  const over = ({ at }: Finding): Step[] => ['gateways', own(connection.paths, String(at[3]))?.gateway ?? ''];
  return [...findings, ...shared.map((finding) => ({ ...finding, about: [over(finding)] }))];
}

/** What a connection must remember on its worst day has a limit; forgetting then would start a repair twice. */
function memoryFindings(name: string, sides: readonly Side[], under: readonly Step[]): Finding[] {
  const [near, far] = sides as [Side, Side?];
  const sets = sides.flatMap(({ end, routeSets }) =>
    Object.entries(routeSets).map(([set, { tables }]) => ({ name: end === '' ? set : setAt(set, end), tables })),
  );
  if (sets.length > limits.planStepsMax) return []; // Refused by its size.
  const paths = Object.entries(near.paths).map(([path, { gateway }]) => {
    const there = far === undefined ? {} : { far: { gateway: own(far.paths, path)?.gateway ?? '', tunnels: [] } };
    return [path, { name: path, gateway, ...there }] as const;
  });
  const fits = routeSetsThatFit({
    name,
    policy: policyFrom(near.policy),
    paths: Object.fromEntries(paths),
    routeSets: Object.fromEntries(sets.map((set) => [set.name, set])),
  });
  if (fits === sets.length) return [];
  const fit = Math.floor(fits / sides.length);
  const message = `are more than a connection can remember on its worst day: ${fit} route sets fit, ${sets.length / sides.length} are configured; split the connection, put tables that move together into one set, or shorten the names`;
  return [{ at: [...under, 'routeSets'], kind: 'too-many-sets', message }];
}

function homeFindings(connection: AuthorConnection, under: readonly Step[]): Finding[] {
  return Object.entries(connection.routeSets)
    .filter(([, { home }]) => home !== '' && !Object.hasOwn(connection.paths, home))
    .map(
      ([name, { home }]): Finding => ({
        at: [...under, 'routeSets', name, 'home'],
        kind: 'names-nothing',
        message: `names no path: ${oneOf(home, connection.paths)}`,
        about: [[...under, 'paths']],
      }),
    );
}

function sizeFindings(sides: readonly Side[], under: readonly Step[]): Finding[] {
  const sets = sides.flatMap(({ routeSets }) => Object.values(routeSets));
  const steps = sets.reduce((sum, { tables, destinations }) => sum + tables.length * destinations.length, 0);
  if (steps <= limits.planStepsMax) return [];
  const message = `make ${steps} routes (tables x destinations), more than ${limits.planStepsMax}: use a prefix list, or split the connection`;
  return [{ at: [...under, 'routeSets'], kind: 'too-many-routes', message }];
}
