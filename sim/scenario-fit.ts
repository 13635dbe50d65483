/**
 * Plays a scenario in a configuration it was not written for, such as an example's: the whole template is then that
 * configuration's own.
 *
 * Two things are laid over it: mode `repair` and `coupled: false`, since a scenario shows what Switchback does, and an
 * example begins in `observe`. A scenario fits where everything it names is there under the same name, and what it
 * does to a zone, probes with or expects of a replacement can happen there; if not, the reason is said. Route tables are found by
 * their place in the route set.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { ConfigInvalid, deploymentFrom } from '../config/read';
import type { Deployment } from '../core/words/domain';
import { instancesOf } from '../core/words/gateways';
import { loadScenario, loadScenarioAt, type Scenario, type ScenarioStep } from './scenario';
import type { SiteTree } from './scenario-site';

export type Fit = { readonly scenario: Scenario } | { readonly unfit: string };

/** An example's configuration, ready to be played in. */
export function siteFile(file: string): SiteTree {
  const tree = parse(readFileSync(file, 'utf8')) as { connections?: Record<string, object> };
  const connections = Object.entries(tree.connections ?? {}).map(([name, connection]) => [
    name,
    { ...connection, mode: 'repair', coupled: false },
  ]);
  return { file, tree: { ...tree, connections: Object.fromEntries(connections) } };
}

/** The scenario as it is to be played there. */
export function scenarioAt(name: string, site: SiteTree): Fit {
  const own = loadScenario(name);
  const result = deploymentFrom(site.tree);
  if (!result.ok) throw new ConfigInvalid(site.file, result.problems);
  const unfit = whyUnfit(own, result.deployment);
  if (unfit !== null) return { unfit };
  const there = loadScenarioAt(name, site);
  const lacking = probesIn(own.deployment).filter((probe) => !probesIn(there.deployment).includes(probe));
  if (lacking[0] !== undefined) return { unfit: `needs ${lacking[0]}` };
  return {
    scenario: { ...there, steps: there.steps.map((step) => withTable(step, own.deployment, there.deployment)) },
  };
}

function whyUnfit({ deployment, steps, expect }: Scenario, there: Deployment): string | null {
  const here = namesIn(there);
  const missing = namesIn(deployment).filter((name) => !here.includes(name));
  if (missing.length > 0) return `needs ${missing.join(', ')}`;
  for (const step of steps) {
    if (step.do !== 'zone_down') continue;
    const [wanted, found] = [inZone(step.zone, deployment), inZone(step.zone, there)];
    if (wanted !== found) return `takes ${step.zone} down with ${wanted}; in it here: ${found}`;
  }
  const keeps = Object.values(instancesOf(there)).filter(({ launchTemplate }) => launchTemplate === undefined);
  if (keeps.length > 0 && isAboutReplacement(expect))
    return `expects a replacement; ${keeps.map(({ name }) => name).join(' and ')} may not be replaced here`;
  const ours = Object.values(instancesOf(there)).map(({ instanceId }) => instanceId);
  const strangers = instancesTold(expect).filter((id) => !ours.includes(id));
  return strangers.length > 0 ? `is about ${strangers.join(', ')}, which is not here` : null;
}

/** An event of AWS's own names instances by their ids, and people are told of those. */
const instancesTold = (expect: Scenario['expect']): string[] => [
  ...new Set(JSON.stringify(expect).match(/\bi-[0-9a-f]{17}\b/g) ?? []),
];

/** What scenarios name and count on. */
function namesIn({ connections, gateways }: Deployment): string[] {
  const names = Object.values(instancesOf({ gateways })).flatMap(({ name, record, secondaryAddress }) => [
    ...(record === undefined ? [] : [`a name in DNS for ${name}`]),
    ...(secondaryAddress === undefined ? [] : [`a secondary address of ${name}`]),
  ]);
  const rest = Object.values(connections).flatMap(({ name, paths, routeSets, canaries, routing }) => [
    `connection ${name}`,
    ...(routing === undefined ? [] : [`answers to ${name} by BGP`]),
    ...Object.values(paths).map((path) => `${name}/${path.name} over ${path.gateway}`),
    ...Object.values(routeSets).map((set) => `${name}/${set.name} at home on ${set.home}`),
    ...Object.values(routeSets).flatMap((set) =>
      set.lastResort === undefined ? [] : [`lastResort: routes for ${name}/${set.name}`],
    ),
    ...canaries.map(({ id }) => `canary ${id}`),
  ]);
  return [...names, ...rest];
}

/** A canary with targets of its own keeps them, whatever the scenario's connection aims at. */
function probesIn({ connections }: Deployment): string[] {
  const canaries = Object.values(connections).flatMap((connection) => connection.canaries);
  return canaries.flatMap(({ id, targets }) => targets.map(({ protocol }) => `a ${protocol} target of canary ${id}`));
}

/** By the words of what it expects: the rung itself, or what a launch leaves behind. */
function isAboutReplacement(expect: Scenario['expect']): boolean {
  return /"(replace|launched)"/.test(JSON.stringify(expect));
}

function inZone(zone: string, { gateways, connections }: Deployment): string {
  const gatewaysThere = Object.values(instancesOf({ gateways })).filter(
    ({ availabilityZone }) => availabilityZone === zone,
  );
  const canaries = Object.values(connections).flatMap((connection) => connection.canaries);
  const canariesThere = canaries.filter(({ availabilityZone }) => availabilityZone === zone);
  return (
    [...gatewaysThere.map(({ name }) => name), ...canariesThere.map(({ id }) => id)].sort().join(', ') || 'nothing'
  );
}

/** The same table of the same route set, by its place there. */
function withTable(step: ScenarioStep, from: Deployment, to: Deployment): ScenarioStep {
  if (!('table' in step) || step.do === 'table_down' || step.do === 'table_up') return step;
  const tables = (deployment: Deployment): string[] =>
    Object.values(deployment.connections).flatMap(({ routeSets }) =>
      Object.values(routeSets).flatMap((set) => [...set.tables]),
    );
  return { ...step, table: tables(to)[tables(from).indexOf(step.table)] ?? step.table };
}
