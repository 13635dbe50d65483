/**
 * A scenario: a site, what happens to it and when, and what is expected of Switchback. A YAML file a person can read.
 *
 * Everything is checked when it is read; every error is named at once, with its path. What a step does is in
 * scenario-steps.ts, how an expectation is judged in expectations.ts.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { meant } from '../config/nearest';
import { packagePath } from '../config/package-files';
import type { Deployment } from '../core/words/domain';
import { type HopName, hops, type LatencyOptions } from '../local-cloud/latency';
import { managedSteps } from './managed-steps';
import {
  deploymentOf,
  laidOver,
  ScenarioInvalid,
  type SiteTree,
  siteTree,
  treeIn,
  withDeployments,
} from './scenario-site';

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** `90s`, `2m`, `500ms`, `1.5h`: text in the file, milliseconds in the code. */
const span = z
  .string()
  .regex(/^\d+(\.\d+)?(ms|s|m|h)$/, 'must be a span such as 90s, 2m or 500ms')
  .transform((text) => Number.parseFloat(text) * units[/[a-z]+$/.exec(text)![0] as keyof typeof units]);

const hopNames = Object.keys(hops) as [HopName, ...HopName[]];

const at = { at: span };
const gateway = { gateway: z.string() };
const path = { path: z.string() };
/** Only calls that name something at this end of the deployment. */
const ofEnd = { end: z.string().optional() };
const step = <D extends string, S extends z.core.$ZodLooseShape>(name: D, shape: S) =>
  z.strictObject({ ...at, do: z.literal(name), ...shape });

/** As the local cloud names them, and as people do. */
const serviceNames: Readonly<Record<string, string>> = {
  ec2: 'ec2',
  ssm: 'ssm',
  dynamodb: 'dynamodb',
  cloudwatch: 'cloudwatch',
  lambda: 'lambda',
  sns: 'sns',
  route53: 'route53',
  sqs: 'sqs',
  events: 'events',
  stepfunctions: 'stepfunctions',
  sfn: 'stepfunctions',
  states: 'stepfunctions',
};
const service = z.enum(Object.keys(serviceNames) as [string, ...string[]]).transform((name) => serviceNames[name]!);

const stepSchema = z.discriminatedUnion('do', [
  /** By its user, or by EC2 itself, whose host is being retired. */
  step('stop_instance', { ...gateway, by: z.enum(['user', 'host']).optional() }),
  step('start_instance', gateway),
  step('hang_instance', gateway),
  step('break_host', gateway),
  step('terminate_instance', gateway),
  step('reboot_by_hand', gateway),
  /** AWS announces work on the instance, to begin so much later and to last so long; `lasts`: where EC2 says it. */
  step('scheduled_event', {
    ...gateway,
    code: z.enum(['instance-reboot', 'system-reboot', 'system-maintenance', 'instance-retirement', 'instance-stop']),
    in: span,
    lasts: span.optional(),
  }),
  step('kill_daemon', gateway),
  /** Whose VPN daemon runs there, in which unit of systemd: what the repair finds, other than strongSwan's. */
  step('gateway_runs', { ...gateway, daemon: z.enum(['strongswan', 'libreswan', 'other']), unit: z.string() }),
  step('mend_gateway', gateway),
  step('agent_gone', gateway),
  /** Its timer that publishes how many tunnels are up. */
  step('publisher', { ...gateway, on: z.boolean() }),
  /** `tunnel`: of the path's several this one only. `from`: data passes from this end only, where both ends are ours. */
  step('one_way', { ...path, on: z.boolean(), tunnel: z.string().optional(), from: z.string().optional() }),
  /** The peer's end of one tunnel goes and says so, or comes back; the path's others stay. */
  step('tunnel_down', { ...gateway, tunnel: z.coerce.string() }),
  step('tunnel_up', { ...gateway, tunnel: z.coerce.string() }),
  step('loss', { ...path, ratio: z.number().min(0).max(1) }),
  step('latency', { ...path, ms: z.number().min(0) }),
  step('mtu_black_hole', { ...path, on: z.boolean() }),
  /** The far side answers the path's own canary over this path, and nobody else. */
  step('users_blocked', { ...path, on: z.boolean() }),
  step('peer_down', path),
  step('peer_up', path),
  /** Its BGP daemon starts anew: what it was told since the machine started is forgotten. */
  step('restart_speaker', gateway),
  /** The partner prefers home by local-preference from now on, or looks at AS paths again. */
  step('partner_prefers_home', { connection: z.string(), on: z.boolean() }),
  step('flap', { ...path, every: span, times: z.int().positive() }),
  step('zone_down', { zone: z.string() }),
  step('zone_up', { zone: z.string() }),
  step('table_down', { table: z.enum(['state', 'reports', 'all']) }),
  step('table_up', { table: z.enum(['state', 'reports', 'all']) }),
  step('canary_silent', { canary: z.string() }),
  step('canary_back', { canary: z.string() }),
  step('canary_cut_off', { canary: z.string(), on: z.boolean() }),
  step('source_dest_check', { ...gateway, on: z.boolean() }),
  step('checks_fail', { ...gateway, on: z.boolean() }),
  step('address_away', gateway),
  step('address_to', { ...gateway, to: z.string() }),
  /** EC2 does not list it, and writes to it are answered with InvalidRouteTableID.NotFound; its subnets keep its routes. */
  step('table_missing', { table: z.string(), on: z.boolean().default(true) }),
  step('route_by_hand', { table: z.string(), destination: z.string(), target: z.string() }),
  /** `target: none` or null: withdrawn. */
  step('route_propagated', { table: z.string(), destination: z.string(), target: z.string().nullable().default(null) }),
  /** The configuration changes in mid-run: a whole site, a part of the present one, or another instance of a gateway. */
  step('redeploy', {
    site: z.string().optional(),
    config: z.record(z.string(), z.unknown()).optional(),
    gateway: z.string().optional(),
    instance: z.string().optional(),
    interface: z.string().optional(),
    privateAddress: z.string().optional(),
  }),
  step('command', { input: z.record(z.string(), z.unknown()) }),
  step('event', {
    file: z.string().optional(),
    set: z.record(z.string(), z.unknown()).optional(),
    payload: z.record(z.string(), z.unknown()).optional(),
  }).refine(
    ({ file, payload }) => (file === undefined) !== (payload === undefined),
    'names a file or carries a payload',
  ),
  step('duplicate', { source: z.enum(['ec2', 'alarm', 'canary', 'network']), copies: z.int().min(2) }),
  step('late', { source: z.enum(['ec2', 'alarm']), by: span }),
  step('drop', { source: z.enum(['ec2', 'alarm', 'canary', 'network', 'schedule']), times: z.int().positive() }),
  step('crash_execution', { when: z.string(), after: span.optional() }),
  /** Somebody writes another address into a gateway's name. */
  step('record_by_hand', { ...gateway, address: z.ipv4() }),
  /** Peers take whoever has the keys, from wherever it calls, though they know an address or a name. */
  step('peers_take_any', { on: z.boolean() }),
  step('no_capacity', { on: z.boolean() }),
  /** What is launched meanwhile comes up without its agent. */
  step('no_agent', { on: z.boolean() }),
  /** What is launched from now on gets its daemon in its first boot, which takes so long, and may fail at the end. */
  step('first_boot', { takes: span, fails: z.boolean().default(false) }),
  step('throttle', { service, operation: z.string(), for: span, ...ofEnd }),
  /** Every such call takes this long from now on; the functions' clients give up after their own timeout. 0 ends it. */
  step('slow', { service, operation: z.string().default('*'), ms: z.number().min(0), ...ofEnd }),
  /** All of AWS is slow together: every hop and every route's effect takes so many times as long. 1 ends it. */
  step('slow_hour', { times: z.number().min(1).max(20) }),
  /** The shards of all streams are closed now; until their successors are found, nothing in them is delivered. */
  step('shard_rollover', {}),
  /** No service of that region, which is not the stack's own, answers our functions from now on. */
  step('region_silent', { region: z.string(), on: z.boolean().default(true) }),
  /** AWS answers no function that asks about anything at this end from now on. */
  step('end_silent', { end: z.string(), on: z.boolean().default(true) }),
  /** EC2's Describe shows every write so much later from now on. 0 ends it. */
  step('describe_lag', { ms: z.number().min(0) }),
  /** A policy above the account refuses it from now on. */
  step('deny', { operation: z.string(), ...ofEnd }),
  step('fail', {
    ...ofEnd,
    service,
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
  /** Of one canary's function, ahead or (below 0) behind; without one: every second function is ahead, the others behind. */
  step('clock_skew', { ms: z.int(), canary: z.string().optional() }),
  step('faults_end', {}),
  ...managedSteps(span, span),
]);

const standing = z.enum(['address', 'name', 'secondary', 'canaries', 'declared', 'launched']);

const heard = z.strictObject({ after: span, within: span });

const expectSchema = z.strictObject({
  /** The end of the last execution that decided something, in lower_snake; `holding` while one still runs. */
  outcome: z.string().optional(),
  /** Route set -> the paths its routes went through, the first one included. */
  routes: z.record(z.string(), z.array(z.string())).optional(),
  /**
   * Connection whose answers come back by BGP -> the paths they came by, the first one included; `nothing`: by none.
   * With two ends of ours -> those by which packets left and answers came back alike.
   */
  answers: z.record(z.string(), z.array(z.string())).optional(),
  /** Two ends were on different paths for so long at a stretch, at most. */
  splitMax: span.optional(),
  /** Rungs started, in order. */
  rungs: z.array(z.string()).optional(),
  /** Each must be part of something people were told. */
  told: z.array(z.string()).optional(),
  notTold: z.array(z.string()).optional(),
  /** Notices sent, at most; reminders of what was told before do not count. */
  noticesMax: z.int().min(0).optional(),
  /** Notices sent, at least. */
  noticesMin: z.int().min(0).optional(),
  /** At least one notice is sent in each of these spans of time. */
  heardWithin: z.union([heard, z.array(heard)]).optional(),
  /** No execution ends as Finished while users of its connection are dark. */
  finishedWhileDark: z.literal(false).optional(),
  /** AWS hands pre-shared keys out, and none is written down anywhere. */
  secrets: z.literal('kept').optional(),
  /** Events in the history of any one execution, at most. */
  historyEventsMax: z.int().positive().optional(),
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
  /** How long AWS takes: see local-cloud/latency.ts; single hops may be given another median and 99th percentile. */
  latency: z
    .strictObject({
      regime: z.enum(['calm', 'rough']).default('calm'),
      hops: z.partialRecord(z.enum(hopNames), z.strictObject({ p50: span, p99: span })).default({}),
    })
    .refine(
      ({ hops: given }) => Object.values(given).every(({ p50, p99 }) => p50 > 0 && p99 >= p50),
      'hops: each p50 must be above 0, and p99 at least p50',
    )
    .default({ regime: 'calm', hops: {} }),
  steps: z.array(stepSchema).default([]),
  expect: expectSchema.default({}),
});

type ReadStep = z.output<typeof stepSchema>;
type Redeployment = Extract<ReadStep, { do: 'redeploy' }>;

/** A redeployment carries what is deployed then, read and validated. */
export type ScenarioStep = Exclude<ReadStep, { do: 'redeploy' }> | (Redeployment & { readonly deployment: Deployment });
export type Expectations = z.output<typeof expectSchema>;

export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly deployment: Deployment;
  readonly durationMaxMs: number;
  readonly latency: LatencyOptions;
  readonly steps: readonly ScenarioStep[];
  readonly expect: Expectations;
}

const scenarios = packagePath('sim/scenarios');

/** Names of all scenarios of a folder: by default those of the simulation. */
export function scenarioNames(folder = scenarios): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .sort();
}

/** By name, or from a file of the author's own (a path that ends in `.yaml`); in its own site, or in that of a file. */
export function loadScenario(nameOrFile: string, { folder = scenarios, siteFile }: LoadOptions = {}): Scenario {
  const isFile = nameOrFile.endsWith('.yaml');
  if (!isFile && !scenarioNames(folder).includes(nameOrFile))
    throw new ScenarioInvalid(unknownText(nameOrFile, folder));
  const file = isFile ? nameOrFile : join(folder, `${nameOrFile}.yaml`);
  const site = siteFile === undefined ? undefined : treeIn(siteFile);
  return parseScenario(readFileSync(file, 'utf8'), basename(file, '.yaml'), site, dirname(file));
}

/** Of one of ours, and nothing else of its file: a list of them all reads no sites and no steps. */
export function titleOf(name: string): string {
  const text = readFileSync(join(scenarios, `${name}.yaml`), 'utf8');
  // With what may go on below it, further in.
  const [field = ''] = /^title:.*(?:\n[ \t]+.*)*/m.exec(text) ?? [];
  return (parse(field) as { readonly title: string }).title;
}

/** Two hundred names help nobody who has mistyped one. */
function unknownText(name: string, folder: string): string {
  const near = meant(name, scenarioNames(folder));
  const hint = near === null ? 'switchback simulate --list names them' : `Did you mean ${near}?`;
  return `There is no scenario '${name}'. ${hint}`;
}

export interface LoadOptions {
  /** Where scenarios are found by name. */
  readonly folder?: string;
  /** The site's configuration in place of the scenario's own. */
  readonly siteFile?: string;
}

/** In another site than its own; scenario-fit.ts says whether that makes sense. */
export function loadScenarioAt(name: string, site: SiteTree): Scenario {
  return parseScenario(readFileSync(join(scenarios, `${name}.yaml`), 'utf8'), name, site);
}

export function parseScenario(text: string, name: string, elsewhere?: SiteTree, folder = scenarios): Scenario {
  const result = scenarioSchema.safeParse(parse(text), { reportInput: true });
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `  ${issue.path.join('.') || 'scenario'}: ${issue.message}`);
    throw new ScenarioInvalid(`Scenario '${name}' is not valid:\n${problems.join('\n')}`);
  }
  const { title, site, config, durationMax, latency, steps, expect } = result.data;
  const tree = laidOver(elsewhere ?? siteTree(site, folder), config);
  return {
    name,
    title,
    deployment: deploymentOf(tree),
    durationMaxMs: durationMax,
    latency,
    steps: withDeployments(steps, tree, (other) => laidOver(siteTree(other, folder), config)),
    expect,
  };
}
