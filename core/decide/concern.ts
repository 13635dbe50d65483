/** What people must hear, as the voice finds it: what waits for them now, and what will if it lasts. */
import type { Instant } from '../words/time';
import type { ToldKey } from '../words/told-kinds';

/** Something that waits for a person: named by its key, said in one sentence. */
export interface Concern {
  readonly key: ToldKey;
  readonly text: string;
  /** Users suffer while it lasts. */
  readonly urgent: boolean;
}

/** When to look again, though nothing happens until then. */
export interface Due {
  readonly at: Instant;
  readonly because: string;
}

/** When something will have lasted long enough to be said. */
export interface SpokenDue extends Due {
  readonly key: string;
}
