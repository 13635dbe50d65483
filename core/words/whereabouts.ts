/**
 * Where everything of one deployment is: the text that its stack keeps in Systems Manager's Parameter Store, and all that
 * an operator's command has to know beforehand is the deployment's name.
 *
 * What the deployment declares lies beside it, packed, in as many parts as it takes (config/packed.ts).
 */
import type { Connection, ConnectionName, Deployment } from './domain';
import { isText, listOf, oneOf, orAbsent, parsed, recordOf, shapeOf } from './shape';

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
  /** In how many its starters do; absent: an older version's. */
  readonly starters?: number;
  /** The function that writes routes, for who asks whether it could; absent: no end stands elsewhere. */
  readonly writer?: string;
  /** The bucket that incidents are kept in; absent: none is. */
  readonly archive?: string;
  /** Name of the role that is kept from doing anything until a takeover; absent: it is no standby. */
  readonly heldRole?: string;
}

/** What starts a run by itself, and so what breaking the glass switches off. */
export interface Starters {
  /** Names of EventBridge rules. */
  readonly rules: readonly string[];
  /** Id of the event source mapping from the canaries' reports. */
  readonly reportsStream: string;
}

/** A parameter holds 4,096 characters; a name that CloudFormation gives is reckoned at its longest, about 180 as JSON. */
export const rulesPerPart = 16;

/** Of a deployment that could be there; any other text may lead anywhere. */
export const isDeploymentName = (name: string): boolean => /^[a-z][a-z0-9-]*$/.test(name);

export const whereaboutsParameter = (name: string): string => `/switchback/${name}`;

/** Connections whose drills are held by a schedule: in mode observe none is. */
export const scheduledDrills = ({ connections }: Deployment): Connection[] =>
  Object.values(connections).filter(({ mode, drills }) => mode !== 'observe' && drills?.schedule !== undefined);

/** A schedule's name: at most 63 of the 64 characters it may have. */
export const drillScheduleName = ({ name }: Deployment, connection: ConnectionName): string => `${name}.${connection}`;

/** Counted from 1. */
export const declaredParameter = (name: string, part: number): string =>
  `${whereaboutsParameter(name)}/declared/${part}`;

/** Counted from 1. */
export const startersParameter = (name: string, part: number): string =>
  `${whereaboutsParameter(name)}/starters/${part}`;

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
  starters: orAbsent(isCount),
  writer: orAbsent(isText),
  archive: orAbsent(isText),
  heldRole: orAbsent(isText),
});

const isStarters = shapeOf<Starters>({ rules: listOf(isText), reportsStream: isText });

/** Null: it is none, or a newer version's. */
export function whereaboutsFrom(text: string): Whereabouts | null {
  const value = parsed(text);
  return isWhereabouts(value) ? value : null;
}

/** Of all parts; null: one cannot be read. */
export function startersFrom(texts: readonly string[]): Starters | null {
  const parts = texts.map(parsed);
  if (parts.length === 0 || !parts.every(isStarters)) return null;
  return { rules: parts.flatMap(({ rules }) => rules), reportsStream: parts[0]!.reportsStream };
}
