/** The table of latencies: a source per number, draws that follow it, and one seed one run. */
import { ec2Buckets, type HopName, hopOf, hops, Latencies } from '../../../sim/latency';

const names = Object.keys(hops) as HopName[];
const quantile = (sorted: readonly number[], q: number): number => sorted[Math.floor(sorted.length * q)]!;

it('names a source for every number', () => {
  const rows = [...Object.values(hops), ...Object.values(ec2Buckets)];
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
  expect(() => hopOf('route53', 'ChangeResourceRecordSets')).toThrow("No latency is known for service 'route53'");
});
