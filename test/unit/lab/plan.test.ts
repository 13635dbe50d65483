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
