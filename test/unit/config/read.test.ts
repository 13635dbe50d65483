/** switchback.yaml becomes a Deployment: defaults filled in, problems listed all at once, with lines. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigInvalid, deploymentFrom, parseConfig, readConfigFile } from '../../../config/read';
import { presets } from '../../../core/words/policy';
import { site } from './site';

const root = join(__dirname, '../../..');

describe('a sound configuration', () => {
  it.each(['sim/sites/pair.yaml', 'sim/sites/affinity.yaml', 'examples/adopt/switchback.yaml'])(
    '%s is read',
    (file) => {
      expect(readConfigFile(join(root, file)).schema).toBe(1);
    },
  );

  it('fills in what the author left out', () => {
    const { name, connections, gateways, runbooks } = readConfigFile(join(root, 'examples/adopt/switchback.yaml'));
    const paris = connections['paris']!;
    expect(name).toBe('switchback');
    expect(paris).toMatchObject({ mode: 'observe', coupled: true, policy: presets.balanced });
    expect(paris.canaries[0]).toMatchObject({ id: 'paris/path-a', pin: 'target', connection: 'paris' });
    expect(paris.canaries[2]).toMatchObject({ pin: 'follows', watches: { kind: 'service', routeSet: 'office' } });
    expect(paris.canaries[0]!.targets).toEqual([
      { address: '172.16.0.21', port: 443, protocol: 'tcp', refusedIsUp: true },
    ]);
    expect(gateways['gw-a']).toMatchObject({ probePort: 22, control: 'ssm' });
    expect(gateways['gw-a']).not.toHaveProperty('launchTemplate');
    expect(runbooks['stop-start']).toBe('switchback-stop-start');
  });

  it('gives a canary without targets those of its connection', () => {
    const canaries = readConfigFile(join(root, 'sim/sites/pair.yaml')).connections['paris']!.canaries;
    expect(canaries.map(({ targets }) => targets.length)).toEqual([2, 2, 2]);
  });

  it('says which sets a path canary judges where its targets lie in the destinations of some only', () => {
    const tree = site();
    const { paris } = tree.connections;
    Object.assign(paris.routeSets, {
      lab: { home: 'a', tables: ['rtb-00000000000000001'], destinations: ['172.20.0.0/16'] },
    });
    const own = (c: string) => ({ subnet: `subnet-0ca0000000000000${c}`, routeTable: `rtb-0ca0000000000000${c}` });
    Object.assign(paris.canaries, {
      'lab-a': { ...paris.canaries['path-a'], ...own('c'), targets: ['172.20.0.9:443'] },
      'lab-b': { ...paris.canaries['path-b'], ...own('d'), targets: ['172.20.0.9:443'] },
      'lab-users': { ...paris.canaries.service, routeSet: 'lab', targets: ['172.20.0.9:443'] },
    });
    const result = deploymentFrom(tree);
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    const judges = result.deployment.connections['paris']!.canaries.map(({ id, judges: sets }) => [id, sets]);
    expect(Object.fromEntries(judges)).toMatchObject({
      'paris/path-a': ['office'],
      'paris/lab-a': ['lab'],
      'paris/service': undefined,
    });
  });

  it('reads a span under its plain name or its old one, and refuses it under both', () => {
    const tree = site();
    Object.assign(tree.connections.paris, { policy: { soak: '1m', soakMax: '2m' } });
    expect(deploymentFrom(tree)).toMatchObject({
      deployment: { connections: { paris: { policy: { soakMs: 60_000, soakMaxMs: 120_000 } } } },
    });
    Object.assign(tree.connections.paris, { policy: { soakMs: 60_000, rungDeadlineMs: { reboot: '4m' } } });
    expect(deploymentFrom(tree)).toMatchObject({
      deployment: { connections: { paris: { policy: { soakMs: 60_000, rungDeadlineMs: { reboot: 240_000 } } } } },
      remarks: expect.arrayContaining([
        expect.objectContaining({ kind: 'old-name', message: expect.stringContaining('write soak') }),
        expect.objectContaining({ kind: 'old-name', message: expect.stringContaining('rungDeadline') }),
      ]),
    });
    Object.assign(tree.connections.paris, { policy: { soak: '1m', soakMs: 60_000 } });
    expect(JSON.stringify(deploymentFrom(tree))).toContain('write one of the two');
  });

  it('hands the protocol and the page of each target on', () => {
    const tree = site();
    tree.connections.paris.targets = [
      { address: '172.16.0.10', port: 80, protocol: 'http', page: '/health', refusedIsUp: false },
      { address: '172.16.0.11', port: 7, protocol: 'udp' },
    ];
    const result = deploymentFrom(tree);
    expect(result.ok && result.deployment.connections['paris']!.canaries[2]!.targets).toEqual([
      { address: '172.16.0.10', port: 80, protocol: 'http', page: '/health', refusedIsUp: false },
      { address: '172.16.0.11', port: 7, protocol: 'udp', refusedIsUp: true },
    ]);
  });

  it('gives each canary its own control target, or its connection’s, or none', () => {
    const tree = site();
    tree.connections.paris.controlTarget = '10.0.0.2:53';
    tree.connections.paris.canaries.service.controlTarget = { address: '10.0.0.9', port: 80, protocol: 'http' };
    const result = deploymentFrom(tree);
    const controls = result.ok && result.deployment.connections['paris']!.canaries.map((c) => c.controlTarget?.address);
    expect(controls).toEqual(['10.0.0.2', '10.0.0.2', '10.0.0.9']);
    const bare = deploymentFrom(site());
    expect(bare.ok && 'controlTarget' in bare.deployment.connections['paris']!.canaries[0]!).toBe(false);
  });

  it('keeps every name equal to its key', () => {
    const { gateways, connections } = readConfigFile(join(root, 'sim/sites/affinity.yaml'));
    for (const [key, { name }] of [...Object.entries(gateways), ...Object.entries(connections)]) expect(name).toBe(key);
    for (const { paths, routeSets } of Object.values(connections)) {
      for (const [key, { name }] of [...Object.entries(paths), ...Object.entries(routeSets)]) expect(name).toBe(key);
    }
  });

  it('lays overrides over the preset', () => {
    const tree = site();
    tree.connections.paris.policy = {
      preset: 'fast',
      soak: '10m',
      downAfterRounds: 4,
      rungDeadline: { reboot: '10m' },
    };
    const result = deploymentFrom(tree);
    if (!result.ok) throw new ConfigInvalid('test', result.problems);
    expect(result.deployment.connections['paris']!.policy).toEqual({
      ...presets.fast,
      soakMs: 600_000,
      downAfterRounds: 4,
      downAfterMs: 800, // As many rounds of 200 ms.
      rungDeadlineMs: { ...presets.fast.rungDeadlineMs, reboot: 600_000 },
    });
  });

  it('takes a silence that is written for what it says, whatever rounds are counted beside it', () => {
    const tree = site();
    tree.connections.paris.policy = { downAfter: '3s', downAfterRounds: 4 };
    expect(deploymentFrom(tree)).toMatchObject({
      deployment: { connections: { paris: { policy: { downAfterMs: 3_000, downAfterRounds: 4 } } } },
    });
  });

  it('takes three paths', () => {
    const tree = site('affinity');
    tree.gateways['gw-c'] = {
      ...tree.gateways['gw-a'],
      instance: 'i-0ccccccccccccccc1',
      interface: 'eni-0ccccccccccccccc1',
      privateAddress: '10.0.3.10',
      address: { allocation: 'eipalloc-0ccccccccccccccc1', publicIp: '203.0.113.30' },
    };
    tree.connections.paris.paths.c = { gateway: 'gw-c', tunnel: 'paris-c' };
    tree.connections.paris.canaries['path-c'] = {
      ...tree.connections.paris.canaries['path-a'],
      path: 'c',
      targets: ['172.16.0.23:443'],
    };
    expect(deploymentFrom(tree)).toMatchObject({ ok: true });
  });
});

describe('a text that is hardly YAML', () => {
  it.each([
    ['[[[['.repeat(2_000), /is nested too deeply/],
    ['name: *nobody', /has a wrong alias: .*nobody/],
    ['x'.repeat(200_000), /is longer than 131072 characters/],
  ])('is one problem of the file', (text, message) => {
    const result = parseConfig(text, 'mine.yaml');
    expect(result).toMatchObject({
      ok: false,
      problems: [{ path: 'mine.yaml', message: expect.stringMatching(message) }],
    });
  });
});

describe('what is not sound', () => {
  it('says the line of a syntax error', () => {
    const result = parseConfig('region: eu-central-1\ngateways: [\n  a: 1\n', 'my.yaml');
    expect(result).toMatchObject({ ok: false, problems: [{ path: 'my.yaml', line: expect.any(Number) }] });
  });

  it('refuses a key written twice: the first would be lost', () => {
    expect(parseConfig('region: a\nregion: b\n')).toMatchObject({ ok: false, problems: [{ line: 2 }] });
  });

  it('says the line of every other problem', () => {
    const result = parseConfig('name: switchback\nregion: Frankfurt\n');
    if (result.ok) throw new Error('accepted');
    expect(result.problems).toContainEqual({
      path: 'region',
      value: 'Frankfurt',
      message: 'is no region: write one like eu-central-1',
      kind: 'bad-value',
      level: 'error',
      line: 2,
      frame: '2 | region: Frankfurt\n  |         ^^^^^^^^^',
    });
  });

  it('lists wrong fields and broken references together', () => {
    const tree = site();
    tree.gateways['gw-a'].instance = 'i-1';
    tree.connections.paris.paths.b.gateway = 'gw-z';
    tree.connections.paris.colour = 'red';
    tree.connections.paris.routeSets.office.home = 'x';
    const result = deploymentFrom(tree);
    if (result.ok) throw new Error('accepted');
    expect(result.problems.map(({ path }) => path).sort()).toEqual([
      'connections.paris.colour',
      'connections.paris.paths.b.gateway',
      'connections.paris.routeSets.office.home',
      'gateways.gw-a.instance',
    ]);
  });

  it.each([[null], [[]], ['text'], [{}]])('survives %j', (tree) => {
    expect(deploymentFrom(tree)).toMatchObject({ ok: false });
  });

  it('throws everything in one message where nobody takes the list', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'switchback-')), 'switchback.yaml');
    writeFileSync(file, 'region: x\ncolour: red\n');
    expect(() => readConfigFile(file)).toThrow(ConfigInvalid);
    expect(() => readConfigFile(file)).toThrow(
      /4 problems:\n[\s\S]*region: "x" is no region[\s\S]*colour: "red" is unknown here/,
    );
  });
});
