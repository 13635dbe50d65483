/**
 * The two programs that the speaker documents hold, before what FRR 8.4.4 was recorded to say and by every awk that is
 * here. The documents on a real FRR: test/lab/speaker.test.ts.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandScript } from '../../../lab/speaker';
import { missingPrograms } from '../../programs';

const runbooks = join(__dirname, '../../../runbooks');
const recorded = (name: string): string => readFileSync(join(__dirname, 'recordings', `${name}.txt`), 'utf8');
const awks = [['awk'], ['mawk'], ['gawk', '--posix'], ['busybox', 'awk'], ['original-awk']].filter(
  ([name]) => missingPrograms(name!).length === 0,
);
const neighbour = '169.254.1.1';
const given = { neighbor: neighbour, as: '64601', map: `SWITCHBACK-${neighbour}`, mark: '2004318071' };

describe.each(awks)('by %s', (awk, ...options) => {
  const run = (program: string, variables: Readonly<Record<string, string>>, input: string) => {
    const asked = Object.entries(variables).flatMap(([name, value]) => ['-v', `${name}=${value}`]);
    const words = [...options, ...asked, '-f', join(runbooks, program)];
    const { status, stdout } = spawnSync(awk!, words, { input, encoding: 'utf8' });
    return { status, said: stdout.trimEnd() };
  };
  const read = (said: string, other = {}) => run('speaker-state.awk', { ...given, ...other }, said);
  const state = (said: string, other = {}): string => {
    const { status, said: words } = read(said, other);
    expect(status).toBe(0);
    return words;
  };

  it('reads whom a neighbour hears, by which map, and whose the map is', () => {
    expect(state(recorded('frr-normal'))).toBe('up normal 2 OWNER - - no none yes no');
    expect(state(recorded('frr-drained'))).toBe(`up drained 2 ${given.map} OWNER prepend no none yes yes`);
    expect(state(recorded('frr-shut'))).toBe(`down drained 0 ${given.map} OWNER prepend ours none yes yes`);
  });

  it('reads JSON that another version breaks into lines elsewhere', () => {
    const [json = '', config = ''] = recorded('frr-drained').split('Building');
    const oneLine = `${json.replace(/\s+/g, ' ').replaceAll(':', ' : ')}\nBuilding${config}`;
    expect(state(oneLine)).toBe(state(recorded('frr-drained')));
  });

  it('calls drained what shows both the mark and the AS in front, and nothing else', () => {
    const drained = recorded('frr-drained');
    expect(state(drained.replace('"metric":2004318071', '"metric":100'))).toContain('up partly 2');
    expect(state(drained.replaceAll('"metric":2004318071', '"metric":100'))).toContain('up normal 2');
    // The owner's own map puts our AS in front once, ours four times.
    expect(state(drained.replaceAll('"path":"64601 64601', '"path":"64601'))).toContain('up drained 2');
    expect(state(drained.replaceAll('"path":"64601 64601 ', '"path":"'))).toContain('up normal 2');
    const withDefault = drained.replace(
      '"advertisedRoutes"',
      '"bgpOriginatingDefaultNetwork":"0.0.0.0/0", "advertisedRoutes"',
    );
    expect(state(withDefault)).toContain('up partly 3');
  });

  it('tells a session that was shut by hand from one that was drained', () => {
    const byHand = recorded('frr-shut').replace('drained by Switchback', 'kernel update');
    expect(state(byHand)).toMatch(/^down silent 0 .* theirs none/);
  });

  it('names what stands in the way', () => {
    expect(state(recorded('frr-normal'), { as: '6460' })).toContain(' other-as ');
    const missing =
      '{\n "bgpNoSuchNeighbor":true\n}\n{\n "warning":"No such neighbor in this view/vrf"\n}\nBuilding configuration...\n';
    expect(state(missing)).toContain(' no-neighbor ');
    const policy = recorded('frr-normal').replace(
      '"acceptedPrefixCounter"',
      '"outboundEbgpRequiresPolicy":"x", "acceptedPrefixCounter"',
    );
    expect(state(policy)).toContain(' no-policy ');
    expect(state(recorded('frr-normal').replace('extendedAndStandard', 'extended'))).toMatch(/ no no$/);
  });

  it('says nothing of what was cut off, or is none of it', () => {
    for (const said of ['', 'vtysh: command not found', recorded('frr-normal').slice(0, 900), '{"a":1}\nBuilding\n'])
      expect(read(said)).toEqual({ status: 3, said: '' });
  });

  const looks = (...packets: readonly number[]): string =>
    packets
      .map((count, i) => `${(100 + i).toFixed(2)} 50.00\n  lo: 1 ${count + 9} 0\nvti1:  84 ${count} 0 0 0 0 0 0 84 9\n`)
      .join('');
  const flow = (text: string, device = 'vti1'): string =>
    run('tunnel-flow.awk', { device, start: '99.50 40.00', quietAt: '5' }, text).said;

  it('counts what comes in through one device, and finds since when that is next to nothing', () => {
    expect(flow(looks(10, 210))).toBe('200 null');
    expect(flow(looks(10, 210, 214))).toBe('4 null');
    expect(flow(looks(10, 210, 214, 219))).toBe('5 1500');
    expect(flow(looks(10, 210, 214, 419, 420))).toBe('1 null');
    expect(flow(looks(10, 11, 12))).toBe('1 500');
    expect(flow(looks(10), 'vti1')).toBe('null null');
    expect(flow(looks(10, 210), 'vti')).toBe('null null');
  });
});

it.each(['speaker', 'read-speaker'] as const)(
  '%s is a script that /bin/sh reads, without what Systems Manager would fill in',
  (name) => {
    const filled = commandScript(name);
    expect(filled).not.toMatch(/\{\{|\}\}/);
    expect(filled).not.toMatch(/\$\{[A-Z]\w+\}/);
    expect(spawnSync('/bin/sh', ['-n'], { input: filled, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  },
);
