/** A Route Server that leads users: what is read of it, and what cannot be, each with its mend. */
import { deploymentFrom } from '../../../config/read';
import { complaints, site } from './site';

// biome-ignore lint/suspicious/noExplicitAny: tests write wrong things into it on purpose.
type Tree = any;

/** The pair, both of whose directions BGP decides. */
function led(tree: Tree): Tree {
  const { paris } = tree.connections;
  for (const [name, as] of [
    ['gw-a', 64_601],
    ['gw-b', 64_602],
  ] as const) {
    tree.gateways[name].speaker = { software: 'frr', as, startsDrained: true };
    delete tree.gateways[name].launchTemplate;
  }
  paris.routing = {
    out: { by: 'route-server', routeServer: 'rs-0aaaaaaaaaaaaaaa1' },
    back: { by: 'bgp' },
    convergeWithin: '5s',
  };
  const inside = ['10.0.1.4', '10.0.2.4'];
  Object.assign(paris.paths.a, { neighbors: { inside, across: '169.254.3.1' }, drain: 'prepend' });
  Object.assign(paris.paths.b, { neighbors: { inside, across: '169.254.4.1' }, drain: 'graceful-shutdown' });
  return tree;
}

it('reads who leads users, and whom each gateway tells', () => {
  const read = deploymentFrom(led(site()));
  if (!read.ok) throw new Error(read.problems.map(({ message }) => message).join());
  expect(read.deployment.connections['paris']).toMatchObject({
    routing: { back: 'bgp', routeServer: 'rs-0aaaaaaaaaaaaaaa1', convergeWithinMs: 5_000 },
    paths: {
      a: { neighbor: { across: '169.254.3.1', inside: ['10.0.1.4', '10.0.2.4'], drain: 'prepend' } },
      b: { neighbor: { across: '169.254.4.1', drain: 'graceful-shutdown' } },
    },
  });
});

const replaceable = { id: 'lt-0aaaaaaaaaaaaaaa1', version: 3, role: 'vpn-gateway' };

it('lets a gateway be replaced whose peer address its successor takes over', () => {
  const tree = led(site());
  Object.assign(tree.gateways['gw-a'], { launchTemplate: replaceable, secondaryAddress: '10.0.1.11' });
  const read = deploymentFrom(tree);
  expect(read.ok || read.problems.map(({ message }) => message)).toBe(true);
});

it.each<[string, (tree: Tree) => void, string, RegExp]>([
  [
    'answers that are left to the partner',
    (t) => (t.connections.paris.routing.back.by = 'peer'),
    'connections.paris.routing.out.by',
    /write back: \{by: bgp\}/,
  ],
  [
    'no Route Server by its id',
    (t) => delete t.connections.paris.routing.out.routeServer,
    'connections.paris.routing.out',
    /add routeServer: rs-/,
  ],
  [
    'an id that is none',
    (t) => (t.connections.paris.routing.out.routeServer = 'rse-1'),
    'connections.paris.routing.out.routeServer',
    /is no Route Server/,
  ],
  [
    'a gateway that is nobody\u2019s peer',
    (t) => delete t.connections.paris.paths.a.neighbors.inside,
    'connections.paris.paths.a.neighbors',
    /add inside: /,
  ],
  [
    'a gateway that a repair would give another address',
    (t) => (t.gateways['gw-a'].launchTemplate = replaceable),
    'connections.paris.paths.a.gateway',
    /secondaryAddress .* or remove launchTemplate/,
  ],
  [
    'a last resort over its routes',
    (t) => (t.connections.paris.routing.lastResort = 'routes'),
    'connections.paris.routing.lastResort',
    /nobody could tell a memory from a fact/,
  ],
  [
    'drills',
    (t) => (t.connections.paris.drills = { schedule: 'cron(0 6 ? * TUE#1 *)' }),
    'connections.paris.drills',
    /not built where a Route Server leads/,
  ],
  [
    'a prefix list',
    (t) => (t.connections.paris.routeSets.office.destinations = ['172.16.0.0/16', 'pl-0123456789abcdef0']),
    'connections.paris.routeSets.office.destinations[1]',
    /installs networks/,
  ],
  [
    'IPv6',
    (t) => (t.connections.paris.routeSets.office.destinations = ['172.16.0.0/16', '2001:db8::/32']),
    'connections.paris.routeSets.office.destinations[1]',
    /is IPv6/,
  ],
  [
    'a Route Server where routes are ours',
    (t) => {
      t.connections.paris.routing.out.by = 'routes';
      for (const path of Object.values<Tree>(t.connections.paris.paths)) delete path.neighbors.inside;
    },
    'connections.paris.routing.out.routeServer',
    /has no effect/,
  ],
])('refuses %s', (_, change, at, mend) => {
  const found = complaints((tree: Tree) => {
    change(led(tree));
  });
  expect(found.filter((line) => line.startsWith(`${at}: `))).toEqual([expect.stringMatching(mend)]);
});

it('refuses a second path over a peer: its endpoints hear of all that the gateway carries', () => {
  const lines = complaints((tree: Tree) => {
    const { paris, ...others } = led(tree).connections;
    const [berlin] = Object.keys(others);
    Object.assign(tree.connections[berlin!], { routing: paris.routing });
    for (const [i, path] of Object.values<Tree>(tree.connections[berlin!].paths).entries())
      Object.assign(path, {
        neighbors: { inside: ['10.0.1.4'], across: `169.254.5.${i + 1}` },
        drain: 'prepend',
      });
  }, 'shared');
  expect(lines.filter((line) => line.includes('where a Route Server leads users a gateway of its own'))).not.toEqual(
    [],
  );
});
