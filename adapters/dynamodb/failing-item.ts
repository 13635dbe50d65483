/** That a path canary of a connection begins to fail, as an item of the reports table under a key of its own. */
import type { ConnectionName } from '../../core/words/domain';
import { isInstant } from '../../core/words/shape';
import type { Instant } from '../../core/words/time';
import { type Attributes, fromItem, toItem } from './attributes';

/** No canary's id holds a `#`. */
export const failingKey = (connection: ConnectionName): string => `failing#${connection}`;

export const failingItem = (connection: ConnectionName, since: Instant): Attributes =>
  toItem({ canary: failingKey(connection), schema: 1, since });

/** 0: nothing that can be understood. It only brings a report forward, so nobody is told. */
export function failingSinceIn(item: Attributes): Instant {
  const { since } = fromItem(item);
  return isInstant(since) ? since : 0;
}
