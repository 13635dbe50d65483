/** Connections with two ends: what is read of them, and each rule by breaking it. */
import { deploymentFrom } from '../../../config/read';
import { twoEnds } from '../../two-ends';

// biome-ignore lint/suspicious/noExplicitAny: tests write wrong things into it on purpose.
type Change = (tree: any) => void;

function complaints(change: Change): string[] {
  const tree = twoEnds();
  change(tree);
  const result = deploymentFrom(tree);
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
}

function read(change: Change = () => {}) {
  const tree = twoEnds();
  change(tree);
  const result = deploymentFrom(tree);
  if (!result.ok) throw new Error(JSON.stringify(result.problems, null, 1));
  return result;
}

it('reads both sides of a path, a set for each end, and the near end first', () => {
  const { deployment, remarks } = read();
  const mesh = deployment.connections['mesh']!;
  // Its canaries aim at the machines themselves, so that none of those is replaced.
  expect(new Set(remarks.map(({ kind }) => kind))).toEqual(new Set(['replacement-unseen']));
  expect(deployment.ends).toEqual({
    frankfurt: { name: 'frankfurt', region: 'eu-central-1' },
    ohio: { name: 'ohio', region: 'eu-central-1' },
  });
  expect(mesh.ends).toEqual(['frankfurt', 'ohio']);
  expect(mesh.paths['b']).toEqual({
    name: 'b',
    gateway: 'f-b',
    tunnels: ['mesh-b'],
    far: { gateway: 'o-b', tunnels: ['to-frankfurt-b'] },
  });
  expect(Object.values(mesh.routeSets).map(({ name, end, twin, home }) => [name, end, twin, home])).toEqual([
    ['all.frankfurt', 'frankfurt', 'all.ohio', 'a'],
    ['all.ohio', 'ohio', 'all.frankfurt', 'a'],
  ]);
  expect(mesh.routeSets['all.ohio']!.destinations).toEqual(['10.10.0.0/16']);
  expect(mesh.canaries.map(({ id, end }) => [id, end])).toEqual([
    ['mesh/f-path-a', 'frankfurt'],
    ['mesh/f-path-b', 'frankfurt'],
    ['mesh/f-all', 'frankfurt'],
    ['mesh/o-path-a', 'ohio'],
    ['mesh/o-path-b', 'ohio'],
    ['mesh/o-all', 'ohio'],
  ]);
  expect(mesh.canaries[5]!.watches).toEqual({ kind: 'service', routeSet: 'all.ohio' });
});

it('takes for the near end the one that is where the deployment is, whichever is written first', () => {
  const { deployment } = read((t) => {
    t.account = '111122223333';
    t.ends = { ohio: { region: 'us-east-2', account: '210987654321', externalId: '3f6c' }, frankfurt: {} };
    for (const gateway of [t.gateways['o-a'], t.gateways['o-b']]) {
      gateway.zone = gateway.zone.replace('eu-central-1', 'us-east-2');
      delete gateway.launchTemplate;
    }
    for (const canary of ['o-path-a', 'o-path-b', 'o-all'])
      t.connections.mesh.canaries[canary].zone = t.connections.mesh.canaries[canary].zone.replace(
        'eu-central-1',
        'us-east-2',
      );
  });
  expect(deployment.connections['mesh']!.ends).toEqual(['frankfurt', 'ohio']);
  expect(deployment.ends!['ohio']).toEqual({
    name: 'ohio',
    region: 'us-east-2',
    account: '210987654321',
    role: 'switchback-mesh-end-ohio',
    externalId: '3f6c',
  });
  expect(deployment.connections['mesh']!.routeSets['all.ohio']!.region).toBe('us-east-2');
});

it('lets a pair be crossed: no gateway twice at one end is all that counts', () => {
  const crossed: Change = (t) => {
    t.connections.mesh.paths.a.gateways.ohio = 'o-b';
    t.connections.mesh.paths.b.gateways.ohio = 'o-a';
  };
  // Its canaries at ohio stand in the zones of what are now their own gateways: that is all.
  expect(complaints(crossed).map((text) => text.split(':')[0])).toEqual([
    'connections.mesh.canaries.o-path-a.zone',
    'connections.mesh.canaries.o-path-b.zone',
  ]);
});

const broken: readonly [what: string, change: Change, complaint: RegExp][] = [
  [
    'an end that the file does not name',
    (t) => delete t.ends.ohio,
    /^gateways\.o-a\.end: names no end: write one of frankfurt/,
  ],
  ['no ends at all', (t) => delete t.ends, /^gateways\.f-a\.end: names no end: the file has none; add it under ends:/],
  [
    'another account without an external id',
    (t) => {
      t.account = '111122223333';
      t.ends.ohio.account = '210987654321';
    },
    /^ends\.ohio\.externalId: is missing: ohio is in account 210987654321/,
  ],
  [
    'another account, with none of our own for its role to trust',
    (t) => (t.ends.ohio = { account: '210987654321', externalId: '3f6c' }),
    /^account: is missing: ohio is in another account/,
  ],
  [
    'our own account where another is meant',
    (t) => {
      t.account = '111122223333';
      t.ends.ohio = { account: '111122223333', externalId: '3f6c' };
    },
    /^ends\.ohio\.account: is the deployment's own: leave it out/,
  ],
  [
    'a replacement at an end elsewhere',
    (t) => (t.ends.ohio = { region: 'us-east-2' }),
    /^gateways\.o-a\.launchTemplate: is for replacing it, which is not built at ohio/,
  ],
  [
    'numbers of a gateway elsewhere',
    (t) => {
      t.ends.ohio = { region: 'us-east-2' };
      t.gateways['o-b'].tunnelMetrics = true;
    },
    /^gateways\.o-b\.tunnelMetrics: makes alarms on it, which is not built at ohio/,
  ],
  [
    'a role for our own account',
    (t) => (t.ends.ohio.role = 'x'),
    /^ends\.ohio\.role: is for an end in another account/,
  ],
  [
    'a connection that is nowhere near',
    (t) => {
      t.region = 'eu-west-1';
      t.ends = { frankfurt: { region: 'eu-central-1' }, ohio: { region: 'eu-central-1' } };
    },
    /^connections\.mesh: is between two other places \(frankfurt is in eu-central-1, ohio is in eu-central-1\)/,
  ],
  [
    'a path with one end',
    (t) => (t.connections.mesh.paths.a = { gateway: 'f-a' }),
    /paths\.a: has one end, and others of this connection two: write gateways, one at each end/,
  ],
  [
    'a set with one end',
    (t) =>
      (t.connections.mesh.routeSets.all = {
        home: 'a',
        tables: ['rtb-00000000000000001'],
        destinations: ['10.20.0.0/16'],
      }),
    /routeSets\.all: has one end, and others of this connection two/,
  ],
  [
    'a path that names one end',
    (t) => delete t.connections.mesh.paths.a.gateways.ohio,
    /paths\.a\.gateways: names one end: write two/,
  ],
  [
    'tables beside ends',
    (t) => (t.connections.mesh.routeSets.all.tables = ['rtb-00000000000000001']),
    /routeSets\.all\.tables: is written for each end, under ends/,
  ],
  [
    'gateway beside gateways',
    (t) => (t.connections.mesh.paths.a.gateway = 'f-a'),
    /paths\.a\.gateway: stands beside gateways, which names one at each end/,
  ],
  [
    'a gateway that stands at the other end',
    (t) => (t.connections.mesh.paths.a.gateways.ohio = 'f-a'),
    /paths\.a\.gateways\.ohio: stands at frankfurt: name one that stands there/,
  ],
  [
    'a gateway that does not say where it stands',
    (t) => delete t.gateways['o-a'].end,
    /paths\.a\.gateways\.ohio: does not say where it stands: write end: ohio in gateway o-a/,
  ],
  [
    'one gateway twice at an end',
    (t) => (t.connections.mesh.paths.b.gateways.ohio = 'o-a'),
    /paths\.b\.gateways\.ohio: is already the gateway of path a/,
  ],
  [
    'two VPCs at one end',
    (t) => (t.gateways['o-b'].vpc = 'vpc-00000000000000009'),
    /paths\.b\.gateways\.ohio: stands in vpc-00000000000000009/,
  ],
  [
    'a canary that does not say where it stands',
    (t) => delete t.connections.mesh.canaries['o-all'].end,
    /canaries\.o-all\.end: is missing: write where it stands, frankfurt or ohio/,
  ],
  [
    'a path that is seen from one end alone',
    (t) => delete t.connections.mesh.canaries['o-path-a'],
    /paths\.a: has no canary: add one with "path: a", or it can never be proven \(at ohio\)/,
  ],
  [
    'a canary that probes its own end',
    (t) => (t.connections.mesh.canaries['o-path-a'].targets = ['10.20.1.10:22']),
    /canaries\.o-path-a\.targets\[0\]: .*our own gateway o-a/,
  ],
  [
    'a table of both ends',
    (t) => {
      const { ends } = t.connections.mesh.routeSets.all;
      ends.ohio.tables = ends.frankfurt.tables;
    },
    /routeSets\.all\.ends\.ohio\.tables\[0\]: is a table of vpc-0+1 by connection mesh at frankfurt/,
  ],
  [
    'a home that is no path',
    (t) => (t.connections.mesh.routeSets.all.home = 'c'),
    /routeSets\.all\.home: names no path/,
  ],
  [
    'a zone of another region',
    (t) => (t.ends.ohio.region = 'us-east-2'),
    /^gateways\.o-a\.zone: is not in us-east-2: correct the zone or the region/,
  ],
  [
    'a tunnel without a name at one end',
    (t) => delete t.connections.mesh.paths.b.tunnel.ohio,
    /paths\.b\.tunnel: has no name at ohio/,
  ],
  [
    'a larger mesh',
    (t) => Object.assign(t.ends, { c: {}, d: {}, e: {}, g: {}, h: {} }),
    /^ends: are 7, more than 6: a larger mesh is not built yet/,
  ],
  [
    'a speaker',
    (t) => (t.gateways['f-a'].speaker = { software: 'frr', as: 64_601 }),
    /paths\.a\.gateways\.frankfurt: has a speaker, which is not built for both ends/,
  ],
  [
    'shared targets',
    (t) => (t.connections.mesh.targets = ['10.20.9.10:443']),
    /^connections\.mesh\.targets: would lie at one end alone/,
  ],
];

it.each(broken)('refuses %s', (_what, change, complaint) => {
  expect(complaints(change)).toContainEqual(expect.stringMatching(complaint));
});

it('says of an end in a connection that has one that it is idle', () => {
  const found = complaints((t) => {
    const { mesh } = t.connections;
    mesh.paths = { a: { gateway: 'f-a' }, b: { gateway: 'f-b' } };
    mesh.routeSets.all = { home: 'a', ...mesh.routeSets.all.ends.frankfurt };
    for (const one of ['o-path-a', 'o-path-b', 'o-all']) delete mesh.canaries[one];
    for (const one of ['o-a', 'o-b']) delete t.gateways[one];
  });
  expect(found).toContainEqual('connections.mesh.canaries.f-all.end: is for connections with two ends: remove it');
});
