/** Which deployments the lab builds, and what it refuses by name. */
import { planFor } from '../../../lab/plan';
import { siteDeployment } from '../sim/world-fixture';

const transit = siteDeployment('transit');
const paris = transit.connections['paris']!;

it('has two ends and two remote gateways for each VPN connection, each tunnel with networks of its own', () => {
  const { transit: plan, remotes, gateways } = planFor(transit);
  expect(gateways).toEqual([]);
  expect(plan!.vpns.map(({ attachmentId }) => attachmentId)).toEqual([
    'tgw-attach-0aaaaaaaaaaaaaaa1',
    'tgw-attach-0bbbbbbbbbbbbbbb1',
  ]);
  const ends = plan!.vpns.flatMap((vpn) => vpn.ends);
  expect(ends.map(({ outsideAddress }) => outsideAddress)).toEqual([
    '203.0.113.1',
    '203.0.113.2',
    '203.0.113.3',
    '203.0.113.4',
  ]);
  expect(ends.map(({ remote }) => remote)).toEqual(remotes);
  for (const own of [ends.map((one) => one.link.far), ends.map((one) => one.outside), remotes.map((one) => one.inside)])
    expect(new Set(own).size).toBe(4);
});

it('has users and canaries behind the table that is associated with their VPC', () => {
  const { transit: plan, hosts } = planFor(transit);
  expect(plan!.vpcs.map(({ tableId, subnets }) => [tableId, subnets.length])).toEqual([
    ['tgw-rtb-00000000000000001', hosts.length],
  ]);
});

it('has no transit gateway where paths lead over instances', () => {
  const { transit: plan, remotes, gateways } = planFor(siteDeployment('pair'));
  expect([plan, remotes.length, gateways.length]).toEqual([null, 2, 2]);
});

it('refuses what it cannot build, by name', () => {
  const coupled = { ...transit, connections: { paris: { ...paris, coupled: true } } };
  expect(() => planFor(coupled)).toThrow('not coupled');
  expect(() => planFor(transit, 'bgp')).toThrow('static routes');
  const instances = { ...transit, gateways: { ...transit.gateways, ...siteDeployment('pair').gateways } };
  expect(() => planFor(instances)).toThrow('without instances beside them');
  expect(() => planFor(siteDeployment('managed'))).toThrow();
});

describe('where both ends are ours', () => {
  const across = siteDeployment('two-ends');
  const mesh = across.connections['mesh']!;

  it('has a second VPC with gateways, hosts and tables of its own, and nothing of a partner', () => {
    const { gateways, hosts, remotes, farTables, tables } = planFor(across);
    expect(remotes).toEqual([]);
    expect(gateways.map(({ gateway, vpc, router }) => [gateway.name, vpc.space, router])).toEqual([
      ['f-a', 'vpc', '10.0.1.1'],
      ['f-b', 'vpc', '10.0.2.1'],
      ['o-a', 'site', '172.16.1.1'],
      ['o-b', 'site', '172.16.2.1'],
    ]);
    expect(hosts.filter(({ subnetId }) => subnetId === null).map(({ name, address }) => [name, address])).toEqual([
      ['users', '10.0.100.10'],
      ['server', '172.16.100.10'],
    ]);
    for (const own of [hosts.map(({ name }) => name), hosts.map(({ subnet }) => subnet)])
      expect(new Set(own).size).toBe(own.length);
    expect(new Set(tables.values()).size).toBe(tables.size);
    const atOhio = Object.values(mesh.routeSets).flatMap(({ end, tables: own }) => (end === 'ohio' ? own : []));
    expect([...farTables].filter((table) => table.startsWith('rtb-0ee')).sort()).toEqual([...farTables].sort());
    for (const table of atOhio) expect(farTables).toContain(table);
  });

  it('refuses other networks, and answers that are coupled', () => {
    const changed = (over: object) => ({ ...across, connections: { mesh: { ...mesh, ...over } } });
    expect(() => planFor(changed({ coupled: true }))).toThrow('not coupled');
    const sets = Object.entries(mesh.routeSets).map(([name, set]) => [name, { ...set, destinations: ['10.9.0.0/16'] }]);
    expect(() => planFor(changed({ routeSets: Object.fromEntries(sets) }))).toThrow('leads to 10.9.0.0/16');
    const moved = { ...across.gateways['o-a']!, privateAddress: '10.9.1.10' };
    expect(() => planFor({ ...across, gateways: { ...across.gateways, 'o-a': moved } } as typeof across)).toThrow(
      'o-a',
    );
  });
});
