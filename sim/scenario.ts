/**
 * A scenario: a site, what happens to it and when, and what is expected of Switchback. A YAML file a person can read.
 *
 * Everything is checked when it is read; every error is named at once, with its path. What a step does is in
 * scenario-steps.ts, how an expectation is judged in expectations.ts.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { ConfigInvalid, deploymentFrom } from '../config/read';
import type { Deployment } from '../core/domain';

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** `90s`, `2m`, `500ms`, `1.5h`: text in the file, milliseconds in the code. */
const span = z
  .string()
  .regex(/^\d+(\.\d+)?(ms|s|m|h)$/, 'must be a span such as 90s, 2m or 500ms')
  .transform((text) => Number.parseFloat(text) * units[/[a-z]+$/.exec(text)![0] as keyof typeof units]);

const at = { at: span };
const gateway = { gateway: z.string() };
const path = { path: z.string() };
const step = <D extends string, S extends z.core.$ZodLooseShape>(name: D, shape: S) =>
  z.strictObject({ ...at, do: z.literal(name), ...shape });

const stepSchema = z.discriminatedUnion('do', [
  step('stop_instance', gateway),
  step('start_instance', gateway),
  step('hang_instance', gateway),
  step('break_host', gateway),
  step('terminate_instance', gateway),
  step('reboot_by_hand', gateway),
  step('kill_daemon', gateway),
  step('mend_gateway', gateway),
  step('agent_gone', gateway),
  step('one_way', { ...path, on: z.boolean() }),
  step('loss', { ...path, ratio: z.number().min(0).max(1) }),
  step('latency', { ...path, ms: z.number().min(0) }),
  step('mtu_black_hole', { ...path, on: z.boolean() }),
  /** The far side answers the path's own canary over this path, and nobody else. */
  step('users_blocked', { ...path, on: z.boolean() }),
  step('peer_down', path),
  step('peer_up', path),
  step('flap', { ...path, every: span, times: z.int().positive() }),
  step('zone_down', { zone: z.string() }),
  step('zone_up', { zone: z.string() }),
  step('table_down', { table: z.enum(['state', 'reports', 'all']) }),
  step('table_up', { table: z.enum(['state', 'reports', 'all']) }),
  step('canary_silent', { canary: z.string() }),
  step('canary_back', { canary: z.string() }),
  step('canary_cut_off', { canary: z.string(), on: z.boolean() }),
  step('route_by_hand', { table: z.string(), destination: z.string(), target: z.string() }),
  step('command', { input: z.record(z.string(), z.unknown()) }),
  step('event', { file: z.string(), set: z.record(z.string(), z.unknown()).optional() }),
  step('duplicate', { source: z.enum(['ec2', 'alarm', 'canary']), copies: z.int().min(2) }),
  step('late', { source: z.enum(['ec2', 'alarm']), by: span }),
  step('drop', { source: z.enum(['ec2', 'alarm', 'canary', 'schedule']), times: z.int().positive() }),
  step('crash_execution', { when: z.string(), after: span.optional() }),
  step('no_capacity', { on: z.boolean() }),
  /** What is launched meanwhile comes up without its agent. */
  step('no_agent', { on: z.boolean() }),
  step('throttle', { service: z.string(), operation: z.string(), for: span }),
  step('fail', {
    service: z.string(),
    operation: z.string(),
    error: z.string(),
    status: z.int().min(0).default(500),
    landed: z.boolean().default(false),
    times: z.int().positive().default(1),
  }),
  step('fail_state', {
    when: z.string(),
    error: z.string(),
    status: z.int().min(0).default(500),
    landed: z.boolean().default(false),
    times: z.int().positive().default(1),
  }),
  /** A step of a repair document, by name; status 0: it gets no answer till its time is up. */
  step('fail_step', {
    when: z.string(),
    error: z.string(),
    status: z.int().min(0).default(500),
    landed: z.boolean().default(false),
    times: z.int().positive().default(1),
  }),
  step('queue_automations', { for: span }),
  step('stall_execution', { when: z.string(), for: span }),
  step('clock_skew', { ms: z.int().min(0) }),
  step('faults_end', {}),
]);

const standing = z.enum(['address', 'canaries', 'declared', 'launched']);

const expectSchema = z.strictObject({
  /** The end of the last execution that decided something, in lower_snake; `holding` while one still runs. */
  outcome: z.string().optional(),
  /** Route set -> the paths its routes went through, the first one included. */
  routes: z.record(z.string(), z.array(z.string())).optional(),
  /** Rungs started, in order. */
  rungs: z.array(z.string()).optional(),
  /** Each must be part of something people were told. */
  told: z.array(z.string()).optional(),
  notTold: z.array(z.string()).optional(),
  /** Notices sent, at most. */
  noticesMax: z.int().min(0).optional(),
  /** Routes written by Switchback: exactly, or at most. */
  ec2Writes: z.union([z.int().min(0), z.strictObject({ max: z.int().min(0) })]).optional(),
  ssmStarts: z.int().min(0).optional(),
  darkMsMax: z.number().min(0).optional(),
  lease: z.literal('free').optional(),
  executions: z.strictObject({ failed: z.int().min(0) }).optional(),
  /** From this step (or from the first signal after it) until the state is entered. */
  reaction: z
    .strictObject({
      after: z.int().min(0),
      from: z.enum(['step', 'signal']).default('step'),
      state: z.string(),
      withinMs: z.number().positive(),
    })
    .optional(),
  transitions: z
    .strictObject({ toDivertMax: z.int().positive().optional(), duplicateMax: z.int().positive().optional() })
    .optional(),
  /** Gateway -> what a replacement left; see standing.ts. */
  gateways: z.record(z.string(), z.partialRecord(standing, z.string())).optional(),
  /** Path -> never: no route was ever put on it. */
  paths: z.record(z.string(), z.literal('never')).optional(),
});

const scenarioSchema = z.strictObject({
  title: z.string().min(1),
  site: z.string(),
  config: z.record(z.string(), z.unknown()).default({}),
  durationMax: span,
  steps: z.array(stepSchema).default([]),
  expect: expectSchema.default({}),
});

export type ScenarioStep = z.output<typeof stepSchema>;
export type Expectations = z.output<typeof expectSchema>;

export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly deployment: Deployment;
  readonly durationMaxMs: number;
  readonly steps: readonly ScenarioStep[];
  readonly expect: Expectations;
}

/** What is wrong with a scenario file, all of it. */
export class ScenarioInvalid extends Error {
  override readonly name = 'ScenarioInvalid';
}

const scenarios = join(__dirname, 'scenarios');
const sites = join(__dirname, 'sites');

/** Names of all scenarios of a folder: by default those of the simulation. */
export function scenarioNames(folder = scenarios): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .sort();
}

/** By name, or from a file of the author's own (a path that ends in `.yaml`). */
export function loadScenario(nameOrFile: string, folder = scenarios): Scenario {
  const isFile = nameOrFile.endsWith('.yaml');
  if (!isFile && !scenarioNames(folder).includes(nameOrFile)) {
    throw new ScenarioInvalid(`There is no scenario '${nameOrFile}'. Known: ${scenarioNames(folder).join(', ')}`);
  }
  const file = isFile ? nameOrFile : join(folder, `${nameOrFile}.yaml`);
  return parseScenario(readFileSync(file, 'utf8'), basename(file, '.yaml'));
}

/** In another site than its own; scenario-fit.ts says whether that makes sense. */
export function loadScenarioAt(name: string, site: SiteTree): Scenario {
  return parseScenario(readFileSync(join(scenarios, `${name}.yaml`), 'utf8'), name, site);
}

export function parseScenario(text: string, name: string, elsewhere?: SiteTree): Scenario {
  const result = scenarioSchema.safeParse(parse(text), { reportInput: true });
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `  ${issue.path.join('.') || 'scenario'}: ${issue.message}`);
    throw new ScenarioInvalid(`Scenario '${name}' is not valid:\n${problems.join('\n')}`);
  }
  const { title, site, config, durationMax, steps, expect } = result.data;
  const deployment = siteWith(elsewhere ?? siteTree(site), config);
  return { name, title, deployment, durationMaxMs: durationMax, steps, expect };
}

/** A configuration as it was written: a scenario's own is laid over it before it is validated. */
export interface SiteTree {
  readonly file: string;
  readonly tree: unknown;
}

function siteTree(site: string): SiteTree {
  const file = join(sites, `${site}.yaml`);
  const known = readdirSync(sites).map((one) => basename(one, '.yaml'));
  if (!known.includes(site)) throw new ScenarioInvalid(`There is no site '${site}'. Known: ${known.join(', ')}`);
  return { file, tree: parse(readFileSync(file, 'utf8')) };
}

/** The site's configuration with the scenario's own laid over it, validated as a whole. */
function siteWith({ file, tree }: SiteTree, overrides: object): Deployment {
  const result = deploymentFrom(mergeDeep(tree, overrides));
  if (!result.ok) throw new ConfigInvalid(`${file} with the scenario's config`, result.problems);
  return result.deployment;
}

function mergeDeep(base: unknown, over: unknown): unknown {
  if (!isRecord(base) || !isRecord(over)) return over;
  const keys = new Set([...Object.keys(base), ...Object.keys(over)]);
  return Object.fromEntries([...keys].map((key) => [key, key in over ? mergeDeep(base[key], over[key]) : base[key]]));
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
