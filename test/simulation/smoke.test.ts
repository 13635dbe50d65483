/**
 * `smoke` on the local cloud, with the rights that `smoke --policy` prints: nothing moves, nothing is repaired, nobody is
 * told, and what it measures is what the local cloud draws from.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureBundles } from '../../cli/bundles';
import { smokeRights } from '../../cli/doctor/commands';
import { smoke } from '../../cli/doctor/smoke/smoke';
import { type LocalFooting, localFooting } from '../../cli/operate/local';
import type { Outcome } from '../../cli/operate/operate';
import { hops } from '../../local-cloud/latency';
import { calibratedHops } from '../../sim/calibrated';
import { parseScenario } from '../../sim/scenario';
import { simulate } from '../../sim/simulate';

let folder: string;
let ground: LocalFooting;
let outcome: Outcome;
const quiet = parseScenario('{ title: quiet, site: pair, durationMax: 5m, steps: [] }', 'quiet');

const smoked = (on: LocalFooting): Promise<Outcome> =>
  on.play(() => smoke({ name: 'switchback', at: 1, timeout: 60_000, output: path.join(folder, 'latency.json') })(on));
const foundBy = ({ json }: Outcome, check: string): string[] =>
  (json as { findings: { check: string; level: string; found: string }[] }).findings
    .filter((one) => one.check === check)
    .map(({ level, found }) => `${level} ${found}`);

beforeAll(async () => {
  ensureBundles();
  folder = mkdtempSync(path.join(tmpdir(), 'switchback-'));
  ground = await localFooting(quiet, 1, 7, smokeRights);
  outcome = await smoked(ground);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('finds each step as it should be', () => {
  expect(foundBy(outcome, 'documents')).toEqual(['ok 5 documents refused at the claim']);
  expect(foundBy(outcome, 'machine')).toEqual(['ok 5 runs, each refused as it should be']);
  expect(foundBy(outcome, 'canaries')).toEqual([expect.stringMatching(/^ok 3 canaries, no report older than [12] s$/)]);
});

it('moves nothing, repairs nothing, takes no lease and tells nobody', () => {
  const { cloud } = ground;
  const writes = cloud.front.calls.filter(
    ({ service, operation }) => service === 'ec2' && !/^(Describe|Search|Get)/.test(operation),
  );
  expect(writes).toEqual([]);
  const steps = [...cloud.ssm.runs.values()].map(({ records }) =>
    records.filter(({ startedAt }) => startedAt !== null).map(({ step }) => step.name),
  );
  expect(steps).toEqual(Array.from({ length: 5 }, () => ['claimGateway']));
  expect(cloud.topics.inbox).toEqual([]);
  const items = cloud.front.calls.filter(({ input }) => JSON.stringify(input).includes('connection#nobody'));
  expect(items.filter(({ error }) => error === '')).toEqual([]);
  expect(cloud.authority.usage().filter(({ role, allowed }) => role === 'person/owner' && !allowed)).toEqual([]);
});

it('measures what the local cloud draws from, and writes what simulate reads', async () => {
  const measured = calibratedHops(path.join(folder, 'latency.json'));
  expect(Object.keys(measured).sort()).toEqual(['logToMetric', 'taskOverhead', 'transition']);
  for (const [name, { p50 }] of Object.entries(measured)) {
    const drawn = hops[name as keyof typeof hops].p50;
    expect({ name, ratio: p50 / drawn > 0.5 && p50 / drawn < 1.5 }).toEqual({ name, ratio: true });
  }
  let drawnMs = 0;
  const brief = parseScenario('{ title: brief, site: pair, durationMax: 1s, steps: [] }', 'brief');
  await simulate(brief, {
    seed: 7,
    hops: { transition: { p50: 777, p99: 777 } },
    onCloud: ({ latencies }) => {
      drawnMs = latencies.draw('transition');
    },
  });
  expect(drawnMs).toBe(777);
  expect(readFileSync(path.join(folder, 'latency.json'), 'utf8')).toContain('"region": "eu-central-1"');
});

it('sends a notice with a number to those who are told, where it is asked to', async () => {
  const output = path.join(folder, 'told.json');
  const told = await ground.play(() =>
    smoke({ name: 'switchback', at: 1, timeout: 60_000, output, tell: true })(ground),
  );
  const [number] = /\d{4}/.exec(foundBy(told, 'notice')[0]!)!;
  expect(ground.cloud.topics.inbox).toEqual([
    expect.objectContaining({ subject: `[switchback] test notice ${number}: nothing to do` }),
  ]);
});

it('fails where the repair role may not claim, and says whose fault it is not', async () => {
  const broken = await localFooting(quiet, 1, 7, smokeRights);
  broken.cloud.faults.deny('UpdateItem');
  const seen = await smoked(broken);
  expect(seen.code).toBe(1);
  expect(foundBy(seen, 'documents')[0]).toMatch(/^FAIL its claim failed, but not for its token: .*AccessDenied/);
});
