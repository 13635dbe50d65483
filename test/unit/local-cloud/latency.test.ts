/** The table of latencies: a source per number, draws that follow it, and one seed one run. */
import { hourMs } from '../../../core/words/time';
import { ec2BucketOf, ec2Buckets, type HopName, hopOf, hops, Latencies, tails } from '../../../local-cloud/latency';

const names = Object.keys(hops) as HopName[];
const quantile = (sorted: readonly number[], q: number): number => sorted[Math.floor(sorted.length * q)]!;

it('names a source for every number', () => {
  const rows = [...Object.values(hops), ...Object.values(ec2Buckets), ...Object.values(tails)];
  expect(rows.filter(({ source }) => !/^(h\d|r\d|est\.|.*\bguide\b|.*est\.$)/.test(source))).toEqual([]);
});

it.each(names)('draws %s as the table says: median and 99th percentile within a tenth and a quarter', (name) => {
  const latencies = new Latencies(11);
  const drawn = Array.from({ length: 20_000 }, () => latencies.draw(name)).sort((a, b) => a - b);
  const { p50, p99 } = hops[name];
  expect(Math.abs(quantile(drawn, 0.5) - p50) / p50).toBeLessThan(0.1);
  expect(Math.abs(quantile(drawn, 0.99) - p99) / p99).toBeLessThan(0.25);
});

it('draws the same from the same seed, and a hop alike whatever other hops draw', () => {
  const one = new Latencies(3);
  const other = new Latencies(3);
  for (let i = 0; i < 10; i++) other.draw('ec2Read');
  const draws = (from: Latencies) => Array.from({ length: 20 }, () => from.draw('ec2Write'));
  expect(draws(one)).toEqual(draws(other));
  expect(draws(new Latencies(4))).not.toEqual(draws(new Latencies(3)));
});

it('knows the hop of every service, and does not guess one', () => {
  expect([hopOf('ec2', 'DescribeInstances'), hopOf('ec2', 'ReplaceRoute')]).toEqual(['ec2Read', 'ec2Write']);
  expect(() => hopOf('acm', 'ListCertificates')).toThrow("No latency is known for service 'acm'");
});

it.each([
  ['ReplaceRoute', {}, 'changing'],
  ['AssociateAddress', {}, 'changing'],
  ['RunInstances', {}, 'starting'],
  ['StartInstances', { InstanceIds: ['i-1'] }, 'starting'],
  ['StopInstances', { InstanceIds: ['i-1'] }, 'changing'],
  ['CreateTags', {}, 'tagging'],
  ['ModifyNetworkInterfaceAttribute', {}, 'interfaces'],
  ['DescribeRouteTables', { RouteTableIds: ['rtb-1'] }, 'reading'],
  ['DescribeInstances', { InstanceIds: ['i-1'] }, 'wide'],
  ['DescribeInstances', { Filters: [] }, 'reading'],
  ['DescribeInstanceStatus', { MaxResults: 5 }, 'reading'],
] as const)('takes %s %j out of the bucket %s', (operation, input, kind) => {
  expect(ec2BucketOf(operation, input)).toBe(kind);
});

describe('a rough hour', () => {
  const many = (latencies: Latencies, name: HopName): number[] =>
    Array.from({ length: 5_000 }, () => latencies.draw(name)).sort((a, b) => a - b);

  it('shows a metric as late as 20 s and more now and then; a calm one never after 10 s', () => {
    const rough = many(new Latencies(5, { regime: 'rough' }), 'logToMetric');
    const calm = many(new Latencies(5), 'logToMetric');
    expect(calm.at(-1)).toBeLessThanOrEqual(10_000);
    expect(Math.abs(quantile(rough, 0.5) - quantile(calm, 0.5))).toBeLessThan(300);
    const late = rough.filter((ms) => ms > 10_000).length / rough.length;
    expect(late).toBeGreaterThan(0.01);
    expect(late).toBeLessThan(0.03);
    expect(rough[0]).toBeGreaterThanOrEqual(5_000);
  });

  it('draws what has no tail as a calm one does', () => {
    expect(many(new Latencies(5, { regime: 'rough' }), 'ec2Write')).toEqual(many(new Latencies(5), 'ec2Write'));
  });

  it('has each shard roll over within four hours; a calm one never', () => {
    const rough = new Latencies(5, { regime: 'rough' });
    expect(rough.nextRolloverMs('Sense')).toBeGreaterThan(0);
    expect(rough.nextRolloverMs('Sense')).toBeLessThanOrEqual(4 * hourMs);
    expect(new Latencies(5).nextRolloverMs('Sense')).toBe(Number.POSITIVE_INFINITY);
  });

  it('slows all hops together, by as much, from one moment to another', () => {
    const slow = new Latencies(5);
    const plain = new Latencies(5);
    for (const name of ['ec2Write', 'transition', 'logToMetric'] as const) {
      slow.slowness = 4;
      expect(slow.draw(name)).toBe(4 * plain.draw(name));
      slow.slowness = 1;
      expect(slow.draw(name)).toBe(plain.draw(name));
    }
  });

  it('draws what a scenario gives in place of the table', () => {
    const given = new Latencies(5, { hops: { ec2Write: { p50: 3_000, p99: 9_000 } } });
    const drawn = many(given, 'ec2Write');
    expect(Math.abs(quantile(drawn, 0.5) - 3_000)).toBeLessThan(300);
    expect(many(given, 'ec2Read')).toEqual(many(new Latencies(5), 'ec2Read'));
  });
});
