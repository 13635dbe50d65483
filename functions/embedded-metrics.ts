/** One line to stdout in CloudWatch's embedded metric format: the function needs no grant, and waits for nobody. */
import type { World } from './world';

export type Publisher = Pick<World, 'now' | 'log' | 'env'>;

export function publish(
  world: Publisher,
  dimensions: Readonly<Record<string, string>>,
  values: Readonly<Record<string, number>>,
): void {
  const Metrics = Object.keys(values).map((Name) => ({ Name, Unit: Name.endsWith('Ms') ? 'Milliseconds' : 'None' }));
  const CloudWatchMetrics = [
    { Namespace: world.env['METRIC_NAMESPACE']!, Dimensions: [Object.keys(dimensions)], Metrics },
  ];
  world.log(JSON.stringify({ _aws: { Timestamp: world.now(), CloudWatchMetrics }, ...dimensions, ...values }));
}
