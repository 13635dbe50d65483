/**
 * One JSON line per decision: who, about what, what was decided and why. `because` is the sentence a human reads; the
 * other fields are for queries. Secrets and whole events never go in.
 */
import type { World } from './world';

export interface LogFields {
  readonly level: 'info' | 'warn' | 'error';
  readonly what: string;
  readonly because: string;
  readonly [field: string]: unknown;
}

export function logLine(world: Pick<World, 'now' | 'log'>, fields: LogFields): void {
  world.log(JSON.stringify({ at: new Date(world.now()).toISOString(), ...fields }));
}
