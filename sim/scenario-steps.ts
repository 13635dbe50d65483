/**
 * What each step of a scenario does to the world, to the cloud, or as the operator.
 */

import { readFileSync } from 'node:fs';
import { packagePath } from '../config/package-files';
import type { Canary } from '../core/words/domain';
import { instanceAt } from '../core/words/gateways';
import type { EventSource, Reach } from '../local-cloud/front/faults';
import { isOperation } from '../local-cloud/front/shapes';
import type { LocalCloud } from '../local-cloud/local-cloud';
import type { BusEvent } from '../local-cloud/services/events/bus-event';
import { reachOfEnd } from './ends';
import { performManaged, turnTunnel } from './managed-steps';
import type { Scenario, ScenarioStep } from './scenario';
import { ScenarioInvalid } from './scenario-site';
import type { SimulatedCloud } from './simulated-cloud';
import { synthesisFor } from './synthesis-cache';
import type { PhysicalWorld } from './world';

export type SingleStep = Exclude<ScenarioStep, { do: 'flap' }>;
export type StepOf<D extends ScenarioStep['do']> = Extract<ScenarioStep, { do: D }>;

export function perform(step: SingleStep, cloud: SimulatedCloud): void | Promise<void> {
  const { world, faults } = cloud;
  switch (step.do) {
    case 'stop_instance':
      return world.stopInstance(step.gateway, step.by);
    case 'start_instance':
      return world.startInstance(step.gateway);
    case 'hang_instance':
      return world.hangInstance(step.gateway);
    case 'break_host':
      return world.breakHost(step.gateway);
    case 'terminate_instance':
      return world.terminateInstance(step.gateway);
    case 'reboot_by_hand':
      return world.rebootByHand(step.gateway);
    case 'scheduled_event':
      return world.instances.schedule(world.machineOf(step.gateway), step.code, step.in, step.lasts);
    case 'kill_daemon':
      return world.killDaemon(step.gateway);
    case 'publisher':
      world.machineOf(step.gateway).publishes = step.on;
      return;
    case 'gateway_runs':
      world.machineOf(step.gateway).software = { daemon: step.daemon, unit: step.unit };
      return;
    case 'mend_gateway':
      return world.mendGateway(step.gateway);
    case 'agent_gone':
      return world.agentGone(step.gateway);
    case 'one_way':
      return world.oneWay(step.path, step.on, step.tunnel, step.from);
    case 'tunnel_down':
    case 'tunnel_up':
      return turnTunnel(world, step.gateway, step.tunnel, step.do === 'tunnel_up');
    case 'loss':
      return world.loss(step.path, step.ratio);
    case 'latency':
      return world.latency(step.path, step.ms);
    case 'mtu_black_hole':
      return world.mtuBlackHole(step.path, step.on);
    case 'users_blocked':
      return world.usersBlocked(step.path, step.on);
    case 'peer_down':
      return world.peerDown(step.path);
    case 'peer_up':
      return world.peerUp(step.path);
    case 'restart_speaker':
      return world.bgp.restartSpeaker(world.machineOf(step.gateway));
    case 'partner_prefers_home':
      return world.bgp.partnerIs(step.connection, { prefersHome: step.on });
    case 'zone_down':
      return world.zoneDown(step.zone);
    case 'zone_up':
      return world.zoneUp(step.zone);
    case 'table_down':
      for (const table of tablesOf(step.table, cloud)) faults.deadTables.add(table);
      return;
    case 'table_up':
      for (const table of tablesOf(step.table, cloud)) faults.deadTables.delete(table);
      return;
    case 'canary_silent':
    case 'canary_back':
      return silence(step, cloud);
    case 'canary_cut_off':
      return world.cutOffSubnet(canaryNamed(step.canary, cloud).subnetId, step.on);
    case 'source_dest_check':
      return world.checkSourceDest(step.gateway, step.on);
    case 'checks_fail':
      return world.failChecks(step.gateway, step.on);
    case 'address_away':
      return world.moveAddress(step.gateway, null);
    case 'address_to':
      return world.moveAddress(step.gateway, step.to);
    case 'table_missing':
      return world.routes.lose(step.table, step.on);
    case 'route_by_hand':
      return world.routeByHand(step.table, step.destination, step.target);
    case 'route_propagated':
      return world.propagateRoute(step.table, step.destination, step.target ?? 'none');
    case 'redeploy':
      return cloud.deployAgain(synthesisFor(step.deployment), step.deployment);
    case 'command':
      return command(step, cloud);
    case 'event':
      return cloud.bus.put(readEvent(step));
    case 'duplicate':
      return faults.duplicateNext(sourceOf(step.source), step.copies);
    case 'late':
      return faults.delayNext(step.source, step.by);
    case 'drop':
      return faults.dropNext(sourceOf(step.source), step.times);
    case 'crash_execution':
      return faults.crashOn(step.when, step.after);
    case 'region_silent':
      if (step.on) faults.silentRegions.add(step.region);
      else faults.silentRegions.delete(step.region);
      return;
    case 'end_silent':
      return faults.silence(`end ${step.end}`, step.on ? reachOfEnd(world, step.end) : null);
    case 'record_by_hand':
      return nameByHand(world, step.gateway, step.address);
    case 'peers_take_any':
      world.roles.takesAnyAddress = step.on;
      return world.networkChanged(`peers take ${step.on ? 'any address' : 'the address they know'}`);
    case 'no_capacity':
      return world.noCapacity(step.on);
    case 'no_agent':
      world.agentsCome = !step.on;
      return;
    case 'first_boot':
      world.firstBoot = { takesMs: step.takes, fails: step.fails };
      return;
    case 'fail':
      return faults.failNext({ ...step, reach: reachOf(step, cloud) }, step.times);
    case 'fail_state':
      return faults.failState(step.when, step, step.times);
    case 'fail_step':
      return faults.failStep(step.when, step, step.times);
    case 'stall_execution':
      return faults.stall(step.when, step.for);
    case 'queue_automations':
      return faults.queueAutomations(world.clock.now() + step.for);
    case 'clock_skew':
      return skew(step, cloud);
    case 'slow':
      return faults.slowDown(step.service, step.operation, step.ms, reachOf(step, cloud));
    case 'slow_hour':
      cloud.latencies.slowness = step.times;
      return;
    case 'shard_rollover':
      return cloud.streams.rollOver();
    case 'describe_lag':
      return world.lagDescribe(step.ms);
    case 'deny':
      return faults.deny(step.operation, reachOf(step, cloud));
    case 'faults_end':
      world.lagDescribe(0);
      cloud.latencies.slowness = 1;
      return faults.clear();
    case 'throttle':
      return faults.throttle(step.service, step.operation, world.clock.now() + step.for, reachOf(step, cloud));
    default:
      return performManaged(step, world);
  }
}

/** One sentence for the timeline. */
export function stepText({ do: what, at: _, ...rest }: SingleStep): string {
  const said = Object.entries(rest).filter(([key, value]) => key !== 'deployment' && value !== undefined);
  const details = said.map(
    ([key, value]) => `${key} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`,
  );
  return `${what.replaceAll('_', ' ')}: ${details.join(', ')}`;
}

const reachOf = ({ end }: { readonly end?: string | undefined }, { world }: SimulatedCloud): Reach | undefined =>
  end === undefined ? undefined : reachOfEnd(world, end);

/** A name that no service knows would break nothing, and the scenario would prove nothing. Throws `ScenarioInvalid`. */
export function refuseUnknownCalls({ name, steps }: Pick<Scenario, 'name' | 'steps'>): void {
  const unknown = steps.flatMap((step, i) => {
    if (!('operation' in step)) return [];
    const { operation } = step;
    const service = 'service' in step ? step.service : null;
    const mend = 'write the API operation without its service: ReplaceRoute, or Describe* for all that begin so';
    return isOperation(service, operation)
      ? []
      : [`steps.${i}.operation: '${operation}' is no operation of ${service ?? 'any service here'}; ${mend}`];
  });
  if (unknown.length > 0) throw new ScenarioInvalid(`Scenario '${name}': ${unknown.join('; ')}`);
}

/** An end that the site does not have would break nothing either. */
export function refuseUnknownEnds({ name, steps, deployment }: Scenario): void {
  const known = Object.keys(deployment.ends ?? {});
  const unknown = steps.flatMap((step, i) => {
    const places = { ...('end' in step && { end: step.end }), ...('from' in step && { from: step.from }) };
    return Object.entries(places).flatMap(([field, end]) =>
      end === undefined || known.includes(end)
        ? []
        : [`steps.${i}.${field}: the site has no end '${end}'; its ends are ${known.join(' and ') || 'none'}`],
    );
  });
  if (unknown.length > 0) throw new ScenarioInvalid(`Scenario '${name}': ${unknown.join('; ')}`);
}

/** Steps as they happen: a flap is a peer that goes and comes. */
export function singleSteps(steps: readonly ScenarioStep[]): SingleStep[] {
  return steps.flatMap((step) => (step.do === 'flap' ? turns(step) : [step]));
}

const turns = ({ at, path, every, times }: StepOf<'flap'>): SingleStep[] =>
  Array.from({ length: 2 * times }, (_, turn) => ({
    at: at + turn * every,
    do: turn % 2 === 0 ? 'peer_down' : 'peer_up',
    path,
  }));

/** Physical names, from the functions' environment in the template. */
/** What canaries report reaches functions over a stream. */
const sourceOf = (source: EventSource | 'canary'): EventSource => (source === 'canary' ? 'stream' : source);

/** Each end elsewhere has a table of reports of its own, which goes with the others. */
function tablesOf(which: 'state' | 'reports' | 'all', cloud: SimulatedCloud): string[] {
  const variables = which === 'all' ? ['STATE_TABLE', 'REPORTS_TABLE'] : [`${which.toUpperCase()}_TABLE`];
  const functions = [cloud, ...cloud.ends.values()].flatMap(({ template }) => template.ofType('AWS::Lambda::Function'));
  const environments = functions.map(
    ({ properties }) =>
      (properties['Environment'] as { Variables?: Record<string, string> } | undefined)?.Variables ?? {},
  );
  return variables.flatMap((variable) => {
    const tables = new Set(environments.flatMap((environment) => environment[variable] ?? []));
    if (tables.size === 0) throw new Error(`No function of the template has ${variable}`);
    return [...tables];
  });
}

function silence({ canary, do: what }: StepOf<'canary_silent'> | StepOf<'canary_back'>, cloud: SimulatedCloud): void {
  // Its function does not run, and with it no other canary that shares the function.
  const { host, name } = functionOf(canary, cloud);
  host.lambda.silence(name, what === 'canary_silent');
}

function skew({ canary, ms }: StepOf<'clock_skew'>, cloud: SimulatedCloud): void {
  if (canary === undefined) cloud.faults.skewMs = ms;
  else cloud.faults.skews.set(functionOf(canary, cloud).name, ms);
}

/** The function that runs a canary, and the cloud of the end where it stands. */
function functionOf(canary: string, cloud: SimulatedCloud): { readonly host: LocalCloud; readonly name: string } {
  const { id } = canaryNamed(canary, cloud);
  const isHeldBy = ({ CANARIES }: Readonly<Record<string, string | undefined>>): boolean =>
    CANARIES?.split(',').includes(id) === true;
  const found = [cloud, ...cloud.ends.values()].flatMap((host) =>
    host.lambda.names(isHeldBy).map((name) => ({ host, name })),
  );
  if (found[0] === undefined) throw new Error(`No function runs canary ${id}`);
  return found[0];
}

function canaryNamed(name: string, { world }: SimulatedCloud): Canary {
  const all = Object.values(world.deployment.connections).flatMap(({ canaries }) => canaries);
  const matching = all.filter(({ id }) => id === name || id.endsWith(`/${name}`));
  if (matching.length !== 1) throw new Error(`'${name}' names ${matching.length} canaries; say connection/canary`);
  return matching[0]!;
}

/** As a person would, with StartExecution; `until: +30m` counts from now. */
async function command({ input }: StepOf<'command'>, { front, stepfunctions, world }: SimulatedCloud): Promise<void> {
  const now = world.clock.now();
  const until = input['until'];
  const relative = typeof until === 'string' ? /^\+(\d+)(s|m|h)$/.exec(until) : null;
  const unitMs = { s: 1_000, m: 60_000, h: 3_600_000 }[relative?.[2] ?? 's']!;
  const given =
    relative === null ? input : { ...input, until: new Date(now + Number(relative[1]) * unitMs).toISOString() };
  await front.call({ role: 'operator', by: 'operator' }, 'stepfunctions', 'StartExecution', {
    stateMachineArn: stepfunctions.onlyMachineArn,
    input: JSON.stringify(given),
  });
}

/** The step's own payload or a documented one of sim/fixtures, whole; `set` replaces single values by dotted path. */
function readEvent({ file = '', payload, set = {} }: StepOf<'event'>): BusEvent {
  const path = packagePath(`sim/fixtures/${file.replace(/^fixtures\//, '')}`);
  const event = payload === undefined ? fixture(path) : structuredClone(payload);
  for (const [place, value] of Object.entries(set)) {
    const keys = place.split('.');
    const last = keys.pop()!;
    const target = keys.reduce<Record<string, unknown>>((node, key) => node[key] as Record<string, unknown>, event);
    target[last] = value;
  }
  return event as unknown as BusEvent;
}

const fixture = (path: string): Record<string, unknown> =>
  JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;

function nameByHand({ deployment, names }: PhysicalWorld, gateway: string, value: string): void {
  const { record } = instanceAt(deployment, gateway);
  if (record === undefined) throw new ScenarioInvalid(`${gateway} has no name in DNS`);
  names.serve(record.zoneId, record.name, { value, ttlSeconds: record.ttlSeconds });
}
