/**
 * The configurations of a scenario: its site's with the scenario's own laid over it, and what each of its redeployments
 * makes of that. Validated as a whole, as a deployment is.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { packagePath } from '../config/package-files';
import { ConfigInvalid, deploymentFrom } from '../config/read';
import type { Deployment } from '../core/words/domain';

/** What is wrong with a scenario file, all of it. */
export class ScenarioInvalid extends Error {
  override readonly name = 'ScenarioInvalid';
}

/** A configuration as it was written, and where. */
export interface SiteTree {
  readonly file: string;
  readonly tree: unknown;
}

/** What a `redeploy` step says. */
interface Change {
  readonly at: number;
  readonly site?: string | undefined;
  readonly config?: Readonly<Record<string, unknown>> | undefined;
  readonly gateway?: string | undefined;
  readonly instance?: string | undefined;
  readonly interface?: string | undefined;
  readonly privateAddress?: string | undefined;
}

const sites = packagePath('sim/sites');

/** Host numbers of gateways that are rebuilt: nothing else in a site's subnets has them. */
const firstRebuiltHost = 60;

export const treeIn = (file: string): SiteTree => ({ file, tree: parse(readFileSync(file, 'utf8')) });

/** Our own, each parsed once: a site stands under dozens of scenarios. */
const known = new Map<string, SiteTree>();

/** One of ours by its name, or a file beside the scenario. */
export function siteTree(site: string, folder: string): SiteTree {
  if (site.endsWith('.yaml')) return treeIn(join(folder, site));
  const found = known.get(site);
  if (found !== undefined) return found;
  const names = readdirSync(sites).map((one) => basename(one, '.yaml'));
  if (!names.includes(site)) throw new ScenarioInvalid(`There is no site '${site}'. Known: ${names.join(', ')}`);
  const made = treeIn(join(sites, `${site}.yaml`));
  known.set(site, made);
  return made;
}

export const laidOver = ({ file, tree }: SiteTree, config: object): SiteTree => ({
  file,
  tree: mergeDeep(tree, config),
});

/** By what was written: most scenarios play on a site that another has validated already. */
const accepted = new Map<string, Deployment>();

export function deploymentOf({ file, tree }: SiteTree): Deployment {
  const text = JSON.stringify(tree);
  const known = accepted.get(text);
  if (known !== undefined) return known;
  const result = deploymentFrom(tree);
  if (!result.ok) throw new ConfigInvalid(`${file} with the scenario's config`, result.problems);
  accepted.set(text, result.deployment);
  return result.deployment;
}

/** Each redeployment with its deployment: it changes what the one before it left. */
export function withDeployments<S extends { readonly do: string; readonly at: number }>(
  steps: readonly S[],
  first: SiteTree,
  siteNamed: (name: string) => SiteTree,
): (Exclude<S, { do: 'redeploy' }> | (Extract<S, { do: 'redeploy' }> & { readonly deployment: Deployment }))[] {
  const found = new Map<S, Deployment>();
  let tree = first;
  for (const step of steps.filter((one) => one.do === 'redeploy').sort((one, other) => one.at - other.at)) {
    tree = changed(tree, step as S & Change, found.size, siteNamed);
    found.set(step, deploymentOf(tree));
  }
  return steps.map((step) => {
    const deployment = found.get(step);
    return deployment === undefined ? step : { ...step, deployment };
  }) as ReturnType<typeof withDeployments<S>>;
}

function changed(before: SiteTree, change: Change, earlier: number, siteNamed: (name: string) => SiteTree): SiteTree {
  const { site, config = {}, gateway, instance, interface: card } = change;
  if (gateway === undefined && site === undefined && change.config === undefined)
    throw new ScenarioInvalid('A redeploy names a site, a config, or a gateway with its instance and interface');
  const base = laidOver(site === undefined ? before : siteNamed(site), config);
  if (gateway === undefined) return base;
  if (instance === undefined || card === undefined)
    throw new ScenarioInvalid(`The redeploy of ${gateway} names its new instance and its new interface`);
  const old = (base.tree as { gateways?: Record<string, { privateAddress?: unknown }> }).gateways?.[gateway];
  if (old === undefined) throw new ScenarioInvalid(`The redeploy names ${gateway}, which the site does not have`);
  // The old machine may stand beside it, with the address it always had.
  const fresh = String(old.privateAddress).replace(/\d+$/, String(firstRebuiltHost + earlier));
  const ids = { instance, interface: card, privateAddress: change.privateAddress ?? fresh };
  return laidOver(base, { gateways: { [gateway]: ids } });
}

function mergeDeep(base: unknown, over: unknown): unknown {
  if (!isRecord(base) || !isRecord(over)) return over;
  const keys = new Set([...Object.keys(base), ...Object.keys(over)]);
  return Object.fromEntries([...keys].map((key) => [key, key in over ? mergeDeep(base[key], over[key]) : base[key]]));
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
