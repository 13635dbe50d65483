/** What is deployed all the same is warned of: once, where it stands; and a sound site of nothing. */
import { deploymentFrom } from '../../../config/read';
import { site } from './site';

// biome-ignore lint/suspicious/noExplicitAny: tests write odd things into it on purpose.
type Tree = any;

function remarks(change: (tree: Tree) => void, name = 'pair'): string[] {
  const tree = { ...site(name), notify: 'none' };
  change(tree);
  const result = deploymentFrom(tree);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.remarks.map(({ path, kind, level }) => `${level} ${kind} ${path}`);
}

const paris = (change: (connection: Tree) => void) => (t: Tree) => change(t.connections.paris);
const office = 'connections.paris.routeSets.office.destinations';
const destinations = (...all: string[]) => paris((c) => (c.routeSets.office.destinations = all));
const tables = ['rtb-00000000000000001', 'rtb-00000000000000002'];

it.each<[string, (tree: Tree) => void, string[]]>([
  ['nothing', () => {}, []],
  [
    'gateways in one zone',
    (t) => {
      Object.assign(t.gateways['gw-b'], { zone: 'eu-central-1a', subnet: t.gateways['gw-a'].subnet });
      t.connections.paris.canaries['path-b'].zone = 'eu-central-1c';
    },
    ['warning gateways-in-one-zone connections.paris.paths.b.gateway'],
  ],
  [
    "the only service canary in the home gateway's zone",
    paris((c) => (c.canaries.service.zone = 'eu-central-1a')),
    ['warning service-canary-in-home-zone connections.paris.canaries.service.zone'],
  ],
  [
    "one of two service canaries in the home gateway's zone",
    paris((c) => {
      c.canaries.other = { ...c.canaries.service, zone: 'eu-central-1a', subnet: 'subnet-00000000000000001' };
    }),
    [],
  ],
  ['IPv6', destinations('172.16.0.0/16', '2001:db8::/32'), [`warning ipv6-by-ipv4 ${office}[1]`]],
  ['everything', destinations('0.0.0.0/0'), [`warning default-route ${office}[0]`]],
  [
    'everything in halves',
    destinations('0.0.0.0/1', '128.0.0.0/1'),
    [`warning default-route ${office}[0]`, `warning default-route ${office}[1]`],
  ],
  [
    'a summary with the VPC in it',
    destinations('172.16.0.0/16', '10.0.0.0/8'),
    [`warning holds-own-network ${office}[1]`],
  ],
  [
    'our own public address',
    destinations('172.16.0.0/16', '203.0.113.0/24'),
    [`warning holds-own-network ${office}[1]`],
  ],
  [
    'a network inside another set’s',
    paris((c) => {
      c.routeSets.lab = { home: 'b', tables: [tables[0]], destinations: ['172.16.9.0/24'] };
      c.canaries.lab = {
        ...c.canaries.service,
        routeSet: 'lab',
        zone: 'eu-central-1a',
        targets: ['172.16.9.9:443'],
        subnet: 'subnet-00000000000000001',
      };
    }),
    ['warning overlapping-destinations connections.paris.routeSets.lab.destinations[0]'],
  ],
  [
    'an address nobody has',
    paris((c) => (c.targets = ['172.16.0.0:443'])),
    [
      'warning edge-target connections.paris.canaries.path-a.targets',
      'warning edge-target connections.paris.canaries.path-b.targets',
      'warning edge-target connections.paris.canaries.service.targets',
    ],
  ],
  [
    'a target twice',
    paris((c) => (c.canaries.service.targets = ['172.16.0.10:443', '172.16.0.10:443'])),
    ['warning target-twice connections.paris.canaries.service.targets'],
  ],
  [
    'a prefix list that may hold a target',
    destinations('pl-0123456789abcdef0'),
    [
      'note unchecked-destination connections.paris.canaries.path-a.targets',
      'note unchecked-destination connections.paris.canaries.path-b.targets',
      'note unchecked-destination connections.paris.canaries.service.targets',
    ],
  ],
  ['a prefix list beside the block the targets are in', destinations('172.16.0.0/16', 'pl-0123456789abcdef0'), []],
  ['nobody who is told', (t) => delete t.notify, ['warning nobody-told notify']],
  ['an old name', paris((c) => (c.policy = { soakMs: 60_000 })), ['warning old-name connections.paris.policy.soakMs']],
])('warns of %s', (_what, change, said) => expect(remarks(change)).toEqual(said));

it('warns of one network of two partners, where one gateway leads to both', () => {
  const said = remarks((t) => {
    const { rome } = t.connections;
    rome.routeSets.plant.destinations = ['172.16.0.0/16'];
    rome.targets = ['172.16.0.30:443'];
  }, 'shared');
  expect(said).toContain('warning same-network-twice connections.rome.routeSets.plant.destinations[0]');
});
