/**
 * A fabricated incident for one law: the deployment of test/given.ts, tables whose items are written down, and a cloud,
 * a world and a truth that answer what the test says. The clock stands at `t0` until the test moves it.
 */
import type { Deployment } from '../../../../../core/words/domain';
import type { Instant } from '../../../../../core/words/time';
import { Items } from '../../../../../sim/swarm/items';
import type { Scene } from '../../../../../sim/swarm/law';
import { deployment as givenDeployment, t0 } from '../../../../given';

/** Plain values, as a table keeps them. */
export type Plain = Readonly<Record<string, string | number | Readonly<Record<string, string>>>>;

export interface Given {
  readonly deployment?: Deployment;
  /** The storm's steps, each `at` so many ms after the beginning. */
  readonly steps?: readonly object[];
  /** From and until when the cloud itself misbehaves, in ms after the beginning. */
  readonly troubles?: readonly { readonly fromMs: number; readonly untilMs: number }[];
  /** By key and sort key, e.g. `connection#paris lease`, or a canary's id alone. */
  readonly items?: Readonly<Record<string, Plain>>;
  readonly world?: object;
  readonly truth?: object;
  readonly executions?: readonly object[];
  readonly automations?: Readonly<Record<string, object>>;
}

/** An hour before. */
const beganAt = t0 - 3_600_000;

export class FabricatedScene {
  /** The laws that were said to be broken, in order. */
  readonly broke: string[] = [];
  readonly judgedLaws = new Set<string>();
  readonly items = new Items();
  readonly startedAt = beganAt;
  readonly deployment: Deployment;
  readonly storm: object;
  readonly cloud: object;
  readonly truth: object;
  at: Instant = t0;

  constructor(given: Given = {}) {
    this.deployment = given.deployment ?? givenDeployment();
    this.storm = { steps: given.steps ?? [], troubles: given.troubles ?? [], lost: [], mendMs: t0 - beganAt };
    const executions = given.executions ?? [];
    this.cloud = {
      world: given.world ?? {},
      stepfunctions: { executions, running: executions.length },
      automations: new Map(Object.entries(given.automations ?? {})),
      calls: [],
    };
    this.truth = given.truth ?? {};
    for (const [key, item] of Object.entries(given.items ?? {})) this.put(key, item);
  }

  now = (): Instant => this.at;
  judged = (law: string): void => void this.judgedLaws.add(law);
  broken = (law: string): void => void this.broke.push(law);

  put(key: string, item: Plain): void {
    const [pk, sk] = key.split(' ');
    const keys = sk === undefined ? { canary: { S: pk } } : { pk: { S: pk }, sk: { S: sk } };
    this.items.note({ keys, newImage: imageOf(item) } as never);
  }

  get scene(): Scene {
    return this as unknown as Scene;
  }
}

/** An item as a stream shows it. */
export function imageOf(item: Plain): Readonly<Record<string, object>> {
  const attribute = (value: Plain[string]): object => {
    if (typeof value === 'string') return { S: value };
    if (typeof value === 'number') return { N: String(value) };
    return { M: Object.fromEntries(Object.entries(value).map(([key, each]) => [key, { S: each }])) };
  };
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, attribute(value)]));
}

/** Where in the storm something stands that happened this long before the test's instant. */
export const beganAgo = (ms: number): number => t0 - ms - beganAt;
