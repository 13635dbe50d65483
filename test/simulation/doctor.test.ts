/**
 * `doctor` on the local cloud, by the code that an account meets and with the rights that `doctor --policy` prints: nothing
 * it asks is refused, nothing is written, and no key that it is shown goes further.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ensureBundles } from '../../cli/bundles';
import { adopt } from '../../cli/doctor/adopt/adopt';
import { type DoctorOptions, doctor, ownRights } from '../../cli/doctor/commands';
import { type LocalFooting, localFooting } from '../../cli/operate/local';
import type { Outcome } from '../../cli/operate/operate';
import { canaryKey } from '../../sim/network/managed-vpn';
import { parseScenario } from '../../sim/scenario';

const options: DoctorOptions = { name: 'switchback', at: 1, timeout: 60_000 };

beforeAll(() => {
  ensureBundles();
  Object.defineProperty(process.stdout, 'isTTY', { value: false });
});

const world = (site: string, steps = ''): Promise<LocalFooting> =>
  localFooting(
    parseScenario(`{ title: quiet, site: ${site}, durationMax: 5m, steps: [${steps}] }`, 'quiet'),
    1,
    7,
    ownRights,
  );

const examined = (ground: LocalFooting, more: Partial<DoctorOptions> = {}): Promise<Outcome> =>
  ground.play(() => doctor({ ...options, ...more })(ground));

const callsOf = ({ cloud }: LocalFooting) => cloud.front.calls.filter(({ by }) => by === 'owner');
const denied = ({ cloud }: LocalFooting) =>
  cloud.authority.usage().filter(({ role, allowed }) => role === 'person/owner' && !allowed);
const foundBy = ({ json }: Outcome, check: string): string[] =>
  (json as { findings: { check: string; level: string; about: string; found: string }[] }).findings
    .filter((one) => one.check === check)
    .map(({ level, about, found }) => `${level} ${about} ${found}`);

it('sees a quiet world as it is, and names what the local cloud does not play', async () => {
  const ground = await world('pair');
  const outcome = await examined(ground);
  expect(stripVTControlCharacters(outcome.lines.join('\n'))).toMatchSnapshot();
  expect(denied(ground)).toEqual([]);
  const launches = callsOf(ground).filter(({ operation }) => !/^(Describe|List|Get|Batch|Search)/.test(operation));
  expect(launches.filter(({ input }) => (input as { DryRun?: boolean }).DryRun !== true)).toEqual([]);
});

it('sees what was changed in the world behind EC2', async () => {
  const ground = await world('pair');
  const { vpc, routes } = ground.cloud.world;
  vpc.interfaces.get('eni-0aaaaaaaaaaaaaaa1')!.sourceDestCheck = true;
  routes.write('rtb-00000000000000001', '172.16.9.0/24', { kind: 'network-interface', id: 'eni-0bbbbbbbbbbbbbbb1' });
  routes.write('rtb-0ca0000000000000b', '172.16.0.0/16', { kind: 'network-interface', id: 'eni-0aaaaaaaaaaaaaaa1' });
  const outcome = await examined(ground, { only: 'source-dest-check,pins,routes' });
  expect(outcome.code).toBe(1);
  expect(foundBy(outcome, 'source-dest-check')).toEqual([
    'FAIL gw-a eni-0aaaaaaaaaaaaaaa1 checks source and destination',
  ]);
  expect(foundBy(outcome, 'pins')).toEqual(
    ['10', '11'].map((host) =>
      expect.stringContaining(`packets to 172.16.0.${host} leave rtb-0ca0000000000000b by eni-0a`),
    ),
  );
  expect(foundBy(outcome, 'routes')).toEqual([expect.stringContaining('172.16.9.0/24 in rtb-00000000000000001')]);
});

it('is shown keys and keeps none', async () => {
  const ground = await world('managed');
  const outcome = await examined(ground);
  expect(callsOf(ground).map(({ operation }) => operation)).toContain('DescribeVpnConnections');
  expect(foundBy(outcome, 'keys').join()).toMatch(/its keys are in the answer/);
  expect(JSON.stringify(outcome)).not.toContain(canaryKey);
});

it('proposes from a VPC with a VPN connection of AWS, keys unread, a file that is accepted', async () => {
  const ground = await world('managed');
  const output = mkdtempSync(path.join(tmpdir(), 'switchback-'));
  const vpc = [...ground.cloud.world.vpc.subnets.values()][0]!.vpcId;
  try {
    const outcome = await ground.play(() => adopt({ ...options, vpc, output })(ground));
    expect(outcome).toMatchObject({ code: 0, json: { gateways: ['vpn-a'] } });
    expect(denied(ground)).toEqual([]);
    const written = readdirSync(output).map((file) => readFileSync(path.join(output, file), 'utf8'));
    expect([...written, JSON.stringify(outcome)].join()).not.toContain(canaryKey);
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
});

it('says what it may not look at, and does not pass for well', async () => {
  const ground = await world('pair');
  ground.cloud.faults.deny('DescribeRouteTables');
  const outcome = await examined(ground, { only: 'pins,source-dest-check' });
  expect(outcome.code).toBe(4);
  expect(foundBy(outcome, 'pins')).toEqual([expect.stringMatching(/^unknown .*DescribeRouteTables.*not authorized/)]);
});
