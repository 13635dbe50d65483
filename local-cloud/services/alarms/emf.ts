/**
 * The embedded metric format: a log line that CloudWatch Logs turns into metrics.
 *
 * A line that is not EMF is just a log line. A line that claims to be EMF and is malformed makes no metrics on AWS, in
 * silence; here it throws, because in our own functions that is always a mistake.
 */
import type { MetricId } from './metrics';

export interface EmbeddedMetric {
  readonly id: MetricId;
  readonly at: number;
  readonly values: readonly number[];
}

interface Directive {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string; readonly Unit?: string; readonly StorageResolution?: number }[];
}

const metricsPerDirectiveMax = 100;
const valuesPerMetricMax = 100;
const dimensionsMax = 30;

export function embeddedMetrics(line: string): EmbeddedMetric[] {
  if (!line.includes('"_aws"')) return [];
  const root = JSON.parse(line) as Record<string, unknown> & {
    _aws?: { Timestamp?: number; CloudWatchMetrics?: Directive[] };
  };
  const directives = root._aws?.CloudWatchMetrics;
  const at = root._aws?.Timestamp;
  if (directives === undefined) return [];
  if (typeof at !== 'number') throw new Error(`EMF line without a numeric _aws.Timestamp: ${line}`);
  return directives.flatMap((directive) => readDirective(directive, root, at, line));
}

function readDirective(
  directive: Directive,
  root: Record<string, unknown>,
  at: number,
  line: string,
): EmbeddedMetric[] {
  const { Namespace: namespace, Dimensions: sets, Metrics: metrics } = directive;
  if (!namespace || !Array.isArray(sets) || !Array.isArray(metrics))
    throw new Error(`Malformed EMF directive: ${line}`);
  if (metrics.length > metricsPerDirectiveMax) throw new Error(`EMF directive with more than 100 metrics: ${line}`);
  return metrics.flatMap((metric) => {
    const values = valuesOf(root[metric.Name], metric.Name, line);
    // An absent member is legal: the line carries no value of this metric.
    return values.length === 0
      ? []
      : sets.map((names) => ({
          id: { namespace, name: metric.Name, dimensions: dimensionsOf(names, root, line) },
          at,
          values,
        }));
  });
}

function valuesOf(value: unknown, name: string, line: string): number[] {
  if (value === undefined) return [];
  const values = Array.isArray(value) ? value : [value];
  if (values.length > valuesPerMetricMax || !values.every((one) => typeof one === 'number' && Number.isFinite(one))) {
    throw new Error(`EMF metric '${name}' is not a number or up to 100 of them: ${line}`);
  }
  return values as number[];
}

function dimensionsOf(names: readonly string[], root: Record<string, unknown>, line: string): Record<string, string> {
  if (names.length > dimensionsMax) throw new Error(`EMF dimension set with more than 30 dimensions: ${line}`);
  return Object.fromEntries(
    names.map((name) => {
      const value = root[name];
      if (typeof value !== 'string' || value === '')
        throw new Error(`EMF dimension '${name}' has no text value: ${line}`);
      return [name, value];
    }),
  );
}
