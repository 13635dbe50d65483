/**
 * Liveness: once faults have stopped and people have mended what only people can, everything comes home within a bound.
 *
 * Home means: no run, no lease, nobody waiting, no open incident, and each route set on its home path and served. What
 * cannot be asked is left out: connections that only observe keep their routes where hands put them; a gateway that the
 * storm terminated may be gone for good, and its path with it; outside its window nothing fails back.
 */
import { outlastsMs, rhythmOf } from '../../core/assess/blips';
import { laws } from '../../core/decide/invariants';
import { memoryFrom } from '../../core/store/stored';
import type { Connection, Path, RouteSet } from '../../core/words/domain';
import { gatewaysOfPath } from '../../core/words/ends';
import { minuteMs } from '../../core/words/time';
import { isByBgp } from '../network/bgp';
import { lease, number, text } from './items';
import type { Scene } from './law';

/** After people have mended: boot, tunnel, settle, the longest soak, and a few sweeps of patience. */
export function boundAfterMendMs(scene: Scene): number {
  const longest = (pick: (connection: Connection) => number): number =>
    Math.max(...Object.values(scene.deployment.connections).map(pick));
  const blipMs = longest(({ name, paths }) =>
    Math.max(0, ...Object.keys(paths).map((path) => waitsForMs(scene, name, path))),
  );
  const rungMs = longest(({ policy }) => Math.max(...Object.values(policy.rungDeadlineMs)));
  return (
    rungMs +
    Math.max(
      blipMs,
      longest(({ policy }) => policy.soakMaxMs),
    ) +
    longest(({ policy }) => policy.repairSettleMs + policy.severeAfterMs) +
    10 * minuteMs
  );
}

/** A home that kept failing for a moment is waited for longer than any soak. */
function waitsForMs({ items }: Scene, connection: string, path: string): number {
  const rhythm = rhythmOf(memoryFrom(text(items.at(...lease(connection)), 'memory')), path, 0);
  return rhythm === null ? 0 : outlastsMs(rhythm);
}

/** Judged once, when the bound is over. */
export function comesHome(scene: Scene): void {
  const left = notHome(scene);
  if (left.length > 0) scene.broken(laws.home, left.join('; '));
}

/** What still keeps the site from being home; empty when it is. */
export function notHome(scene: Scene): string[] {
  const { cloud, deployment, items } = scene;
  const left: string[] = [];
  const { running } = cloud.stepfunctions;
  if (running > 0) left.push(`${running} runs go on`);
  for (const connection of Object.values(deployment.connections)) {
    const { name } = connection;
    const item = items.at(...lease(name));
    if (text(item, 'holder') !== undefined) left.push(`${name}: the lease is held by ${text(item, 'holder')}`);
    if (text(item, 'waiter') !== undefined) left.push(`${name}: a waiter is left`);
    const sets = Object.values(connection.routeSets).flatMap((set) => awayFrom(scene, connection, set));
    const split = connection.mode === 'observe' ? [] : splitOf(scene, connection);
    left.push(...sets, ...split, ...stillDrained(scene, connection));
    const isLame = Object.values(connection.paths).some((path) => isLost(scene, path));
    const memory = text(item, 'memory');
    const incident = memory === undefined ? null : (JSON.parse(memory) as { incident?: unknown }).incident;
    const isExcused =
      isLame || isLeftToHands(scene, connection) || isAnnounced(scene, connection) || isUncounted(scene, connection);
    if (incident && sets.length === 0 && !isExcused && mayFailBack(connection))
      left.push(`${name}: the incident is open`);
  }
  return [...left, ...takenGateways(scene)];
}

/** Its partner has heard that it is drained, and nothing keeps it out any more: its speaker has not been told. */
function stillDrained({ cloud, storm }: Scene, connection: Connection): string[] {
  const { name, mode, paths, routeSets } = connection;
  if (mode === 'observe' || !isByBgp(connection)) return [];
  // While users wait for a word to go home, answers must not come back over it.
  if (Object.values(routeSets).some((set) => cloud.world.pathOf(name, set.name) !== set.home)) return [];
  return Object.values(paths).flatMap(({ name: path, gateway }) =>
    storm.lost.includes(gateway) || !cloud.world.bgp.isDrained(name, path)
      ? []
      : [`${name}: path ${path} is still drained`],
  );
}

/**
 * It only observes, and its routes serve nobody, e.g. because another connection's repair replaced the gateway; or a hand
 * has moved the routes of one of its ends; or a speaker came up drained, and "would undrain" is all that is said.
 */
function isLeftToHands(scene: Scene, connection: Connection): boolean {
  const { mode, name, paths, routeSets } = connection;
  const { world } = scene.cloud;
  const isServed = Object.keys(routeSets).every((set) => world.usersServed(name, set));
  const isDrained = isByBgp(connection) && Object.keys(paths).some((path) => world.bgp.isDrained(name, path));
  return mode === 'observe' && (!isServed || isDrained || splitOf(scene, connection).length > 0);
}

/** A gateway of it is to publish how many of its tunnels are up, and its daemon is none that can be asked: people hear of it. */
const isUncounted = ({ cloud, deployment }: Scene, { paths }: Connection): boolean =>
  Object.values(paths)
    .flatMap(gatewaysOfPath)
    .some((name) => {
      const gateway = deployment.gateways[name]!;
      const isCounting = gateway.kind === 'instance' && gateway.tunnelMetrics === true;
      return isCounting && cloud.world.machineOf(name).software.daemon === 'other';
    });

/** AWS will work on a tunnel days from now, and people are asked to mind it until it has. */
const isAnnounced = ({ cloud }: Scene, { paths }: Connection): boolean =>
  cloud.world.vpns.all.some(
    ({ gateway, tunnels }) =>
      Object.values(paths).some((path) => path.gateway === gateway) &&
      tunnels.some(({ maintenanceBy }) => maintenanceBy !== null),
  );

/**
 * A gateway whose repair is over settles for a while and is free then; one forgotten is taken till its rung's deadline.
 * One that was freed is its own: nobody has to do anything for it to be free when its time is over, and to wait for that
 * was a quarter of an hour of nothing (docs/decisions/037).
 */
function takenGateways(scene: Scene): string[] {
  const { cloud, deployment, items, now, startedAt, storm } = scene;
  const boundAt = startedAt + storm.mendMs + boundAfterMendMs(scene);
  const isRepairing = [...cloud.automations.values()].some((run) => !run.isOver);
  const settleMs = Math.max(...Object.values(deployment.connections).map(({ policy }) => policy.repairSettleMs));
  return Object.keys(deployment.gateways).flatMap((gateway) => {
    const item = items.at(`gateway#${gateway}`, 'lease');
    const until = number(item, 'until');
    const leftMs = until - now();
    const isFreed = text(item, 'clientToken') === undefined && until <= boundAt;
    return isRepairing || isFreed || leftMs <= settleMs
      ? []
      : [`gateway ${gateway} is taken for ${leftMs / 1_000} s more`];
  });
}

/** Home or away, packets leave by the path that their answers come back by. */
const splitOf = ({ cloud }: Scene, { name, routeSets, ends }: Connection): string[] =>
  Object.values(routeSets).flatMap((set) => {
    if (set.twin === undefined || set.end !== ends?.[0]) return [];
    const [path, back] = [cloud.world.pathOf(name, set.name), cloud.world.pathOf(name, set.twin)];
    return path === back ? [] : [`${name}/${set.name}: on ${path}, answers come back over ${back}`];
  });

/** The storm has terminated a gateway of it, at either end. */
const isLost = ({ storm }: Scene, path: Path): boolean =>
  gatewaysOfPath(path).some((gateway) => storm.lost.includes(gateway));

function awayFrom(scene: Scene, connection: Connection, set: RouteSet): string[] {
  if (connection.mode === 'observe') return [];
  const { world } = scene.cloud;
  const what = `${connection.name}/${set.name}`;
  const works = Object.keys(connection.paths).some((path) => world.pathState(connection.name, path) !== 'dark');
  if (works && !world.usersServed(connection.name, set.name)) return [`${what}: users are dark`];
  if (isLost(scene, connection.paths[set.home]!) || !mayFailBack(connection)) return [];
  const path = world.pathOf(connection.name, set.name);
  return path === set.home ? [] : [`${what}: on ${path ?? 'no path'}, home is ${set.home}`];
}

/** Whoever reads that home is well and waits for a word gives it. */
const mayFailBack = ({ policy }: Connection): boolean => policy.failbackWindow === undefined;
