/** Partners who listen to BGP: what is read of them, and what cannot be, each with its mend. */
import { deploymentFrom } from '../../../config/read';
import { complaints, site } from './site';

// biome-ignore lint/suspicious/noExplicitAny: tests write wrong things into it on purpose.
type Tree = any;

/** The pair, spoken to by BGP. */
function spoken(tree: Tree): Tree {
  tree.gateways['gw-a'].speaker = { software: 'frr', as: 64601, startsDrained: true };
  tree.gateways['gw-b'].speaker = { software: 'frr', as: 64602, startsDrained: true };
  const { paris } = tree.connections;
  paris.routing = { out: { by: 'routes' }, back: { by: 'bgp' }, convergeWithin: '5s' };
  Object.assign(paris.paths.a, { neighbors: { across: '169.254.3.1' }, drain: 'prepend' });
  Object.assign(paris.paths.b, { neighbors: { across: '169.254.4.1' }, drain: 'graceful-shutdown' });
  return tree;
}

const found = (change: (tree: Tree) => void): string[] =>
  complaints((tree: Tree) => {
    change(spoken(tree));
  });

it('reads who speaks, to whom, and who decides by direction', () => {
  const read = deploymentFrom(spoken(site()));
  if (!read.ok) throw new Error(read.problems.map(({ message }) => message).join());
  const { gateways, connections } = read.deployment;
  expect(gateways['gw-a']).toMatchObject({ speaker: { software: 'frr', as: 64601, startsDrained: true } });
  expect(connections['paris']).toMatchObject({
    routing: { back: 'bgp', convergeWithinMs: 5_000 },
    paths: {
      a: { neighbor: { across: '169.254.3.1', drain: 'prepend' } },
      b: { neighbor: { across: '169.254.4.1', drain: 'graceful-shutdown' } },
    },
  });
});

it('gives a partner without BFD the time of its timers, and leaves answers to the partner where nothing is said', () => {
  const tree = spoken(site());
  delete tree.connections.paris.routing.convergeWithin;
  const read = deploymentFrom(tree);
  expect(read.ok && read.deployment.connections['paris']!.routing).toEqual({ back: 'bgp', convergeWithinMs: 35_000 });
  const plain = deploymentFrom(site());
  expect(plain.ok && plain.deployment.connections['paris']!.routing).toBeUndefined();
});

it.each<[string, (tree: Tree) => void, string, RegExp]>([
  ...['vgw', 'tgw'].map((by): [string, (tree: Tree) => void, string, RegExp] => [
    `out by ${by}`,
    (t) => (t.connections.paris.routing.out.by = by),
    'connections.paris.routing.out.by',
    /known but not built yet .*write out: \{by: routes\}.* out: \{by: route-server\}/,
  ]),
  [
    'a last resort over routes that nobody propagates',
    (t) => (t.connections.paris.routing.lastResort = 'routes'),
    'connections.paris.routing.lastResort',
    /no route set of this connection is propagated/,
  ],
  [
    'neighbours inside the VPC',
    (t) => (t.connections.paris.paths.a.neighbors.inside = ['10.0.1.4']),
    'connections.paris.paths.a.neighbors.inside',
    /has no effect, since users follow routes that are ours/,
  ],
  ...['vyos', 'bird', 'own'].map((software): [string, (tree: Tree) => void, string, RegExp] => [
    `a speaker by ${software}`,
    (t) => (t.gateways['gw-a'].speaker.software = software),
    'gateways.gw-a.speaker.software',
    /not built yet \(a BGP daemon other than FRR\)/,
  ]),
  [
    'a drain by shutdown',
    (t) => (t.connections.paris.paths.a.drain = 'shutdown'),
    'connections.paris.paths.a.drain',
    /loses its own way .*write prepend or graceful-shutdown/,
  ],
  [
    'a drain by MED',
    (t) => (t.connections.paris.paths.a.drain = 'med'),
    'connections.paris.paths.a.drain',
    /nothing ever moved/,
  ],
  [
    'a prepend to a partner who goes by local-preference',
    (t) => (t.connections.paris.paths.a.neighbors.prefersByLocalPreference = true),
    'connections.paris.paths.a.drain',
    /nothing would ever move; write graceful-shutdown/,
  ],
  ['no speaker', (t) => delete t.gateways['gw-a'].speaker, 'connections.paris.paths.a.gateway', /add speaker: /],
  ['no neighbour', (t) => delete t.connections.paris.paths.a.neighbors, 'connections.paris.paths.a', /add neighbors: /],
  [
    'no way to drain',
    (t) => delete t.connections.paris.paths.a.drain,
    'connections.paris.paths.a',
    /add drain: prepend/,
  ],
  [
    'a speaker that no command reaches',
    (t) => (t.gateways['gw-a'].control = 'none'),
    'gateways.gw-a.control',
    /no order could reach/,
  ],
  [
    'a speaker, and nobody who listens',
    (t) => delete t.connections.paris.routing,
    'gateways.gw-a.speaker',
    /spoken through by no connection/,
  ],
  [
    'a time to converge, and nobody who listens',
    (t) => (t.connections.paris.routing = { convergeWithin: '5s' }),
    'connections.paris.routing.convergeWithin',
    /has no effect/,
  ],
  [
    'a second to converge that says no unit',
    (t) => (t.connections.paris.routing.convergeWithin = 5),
    'connections.paris.routing.convergeWithin',
    /says no unit/,
  ],
  [
    'an AS that is none',
    (t) => (t.gateways['gw-a'].speaker.as = 0),
    'gateways.gw-a.speaker.as',
    /no autonomous system/,
  ],
])('refuses %s', (_, change, at, mend) => {
  expect(found(change).filter((line) => line.startsWith(`${at}: `))).toEqual([expect.stringMatching(mend)]);
});

it('refuses two connections over one session: draining the one would drain the other', () => {
  const lines = complaints((tree: Tree) => {
    const { paris, ...others } = spoken(tree).connections;
    const [berlin] = Object.keys(others);
    Object.assign(tree.connections[berlin!], { routing: paris.routing });
    for (const path of Object.values<Tree>(tree.connections[berlin!].paths))
      Object.assign(path, {
        neighbors: { across: path.gateway === 'gw-a' ? '169.254.3.1' : '169.254.5.1' },
        drain: 'prepend',
      });
  }, 'shared');
  expect(lines.filter((line) => line.includes('draining the one would drain the other'))).toHaveLength(1);
});

it('warns of a speaker that starts open', () => {
  const tree = spoken(site());
  tree.gateways['gw-b'].speaker.startsDrained = false;
  const read = deploymentFrom(tree);
  expect(read.ok && read.remarks.map(({ path, kind }) => [path, kind])).toContainEqual([
    'gateways.gw-b.speaker.startsDrained',
    'speaker-starts-open',
  ]);
});

describe('answers that are drawn to the tunnel keyed last', () => {
  const attract = (tree: Tree, over: object = {}): Tree => {
    Object.assign(tree.connections.paris, { coupled: true, routing: { back: { by: 'peer', attract: 'rekey' } } }, over);
    return tree;
  };

  it('are read, for a partner with one box', () => {
    const read = deploymentFrom(attract(site()));
    if (!read.ok) throw new Error(read.problems.map(({ message }) => message).join());
    expect(read.deployment.connections['paris']).toMatchObject({ attract: 'rekey' });
    expect(read.deployment.connections['paris']!.routing).toBeUndefined();
  });

  it('are refused where nothing could draw them, each with its mend', () => {
    const said = (change: (tree: Tree) => void): string => complaints(change).join('\n');
    expect(said((tree: Tree) => void attract(tree, { coupled: false }))).toMatch(/attract.*coupled: true/s);
    expect(said((tree: Tree) => (attract(tree).gateways['gw-b'].control = 'none'))).toMatch(
      /b\.gateway.*control: ssm/s,
    );
    const bgp = (tree: Tree): void => {
      spoken(tree).connections.paris.routing.back.attract = 'rekey';
    };
    expect(said(bgp)).toMatch(/attract.*by: peer/s);
    expect(said((tree: Tree) => (attract(tree).connections.paris.routing.back.attract = 'med'))).toContain(
      'write rekey',
    );
  });
});
