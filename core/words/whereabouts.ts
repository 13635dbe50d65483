/**
 * Where everything of one deployment is: the text that its stack keeps in Systems Manager's Parameter Store, and all that
 * an operator's command has to know beforehand is the deployment's name.
 *
 * What the deployment declares lies beside it, packed, in as many parts as it takes (config/packed.ts).
 */
import { isText, oneOf, parsed, recordOf, shapeOf } from './shape';

export interface Whereabouts {
  readonly schema: 1;
  readonly name: string;
  readonly region: string;
  readonly account: string;
  readonly machine: string;
  readonly stateTable: string;
  readonly reportsTable: string;
  readonly topic: string;
  readonly metricNamespace: string;
  readonly dashboard: string;
  /** By what writes to them. */
  readonly logGroups: Readonly<Record<string, string>>;
  /** In how many parameters the declared deployment lies. */
  readonly parts: number;
}

export const whereaboutsParameter = (name: string): string => `/switchback/${name}`;

/** Counted from 1. */
export const declaredParameter = (name: string, part: number): string =>
  `${whereaboutsParameter(name)}/declared/${part}`;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;

const isWhereabouts = shapeOf<Whereabouts>({
  schema: oneOf(1),
  name: isText,
  region: isText,
  account: isText,
  machine: isText,
  stateTable: isText,
  reportsTable: isText,
  topic: isText,
  metricNamespace: isText,
  dashboard: isText,
  logGroups: recordOf(isText),
  parts: isCount,
});

/** Null: it is none, or a newer version's. */
export function whereaboutsFrom(text: string): Whereabouts | null {
  const value = parsed(text);
  return isWhereabouts(value) ? value : null;
}
