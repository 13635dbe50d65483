/**
 * How `apply` looks at the routes of one connection: what EC2 shows now; for a rescue that EC2 keeps waiting, what it
 * showed last. The newest sight is kept for the next one.
 */

import type { Sights } from '../../adapters/dynamodb/sights';
import type { Routes } from '../../adapters/ec2/route-port';
import { isTransient } from '../../adapters/errors';
import { unseenSets, withLastSeen } from '../../core/assess/unseen';
import { isLate } from '../../core/decide/last-seen';
import type { Connection } from '../../core/words/domain';
import type { EndName } from '../../core/words/end';
import type { Sight } from '../../core/words/evidence';
import { limits } from '../../core/words/policy';
import { logLine } from '../log';
import { pinnedCanaries } from '../scope';
import type { World } from '../world';

export interface Looks {
  /** To plan by; null: nothing is known. `isShown`: EC2 shows it now. */
  first(): Promise<{ readonly sight: Sight; readonly isShown: boolean } | null>;
  /** Null: EC2 does not show it, or not in time for a rescue. */
  again(): Promise<Sight | null>;
  /** Keeps what EC2 showed last. */
  keep(): Promise<void>;
}

/**
 * `mayGoUnseen`: somebody is in the dark, and may be moved by what was seen last. `byLastSeen`: that was decided, of sets
 * whose end may be the only one that EC2 does not show.
 */
export function looksAt(
  tools: { readonly world: World; readonly routes: Routes; readonly sights: Sights },
  connection: Connection,
  mayGoUnseen: boolean,
  byLastSeen: boolean,
): Looks {
  const { world, routes, sights } = tools;
  let newest: Sight | null = null;
  let unread: readonly EndName[] = [];

  const ask = async (): Promise<Sight | null> => {
    const seenAt = world.now();
    try {
      // All sets of the connection: one call, and a sight that is whole.
      const found = await routes.readPinned(Object.values(connection.routeSets), pinnedCanaries(connection));
      const sight = { seenAt, routes: found.sets.flat(), pins: found.pins };
      unread = found.unreadEnds ?? [];
      if (unread.length === 0) newest = sight; // Half a sight must not stand in place of a whole one.
      return sight;
    } catch (error) {
      if (isTransient(error)) return null; // Not knowing is an answer here, a crash in the middle of writes is not.
      throw error;
    }
  };

  const inTime = (asked: Promise<Sight | null>): Promise<Sight | null> => {
    asked.catch(() => {}); // Nobody may come back for it.
    return Promise.race([asked, world.sleep(limits.rescueWaitMs).then(() => null)]);
  };

  const lastSeen = async (): Promise<Sight | null> => {
    const seen = await sights.read(connection);
    return seen !== null && isLate(seen, world.now()) ? seen : null;
  };

  return {
    async first() {
      const asked = ask();
      const shown = mayGoUnseen ? await inTime(asked) : await asked;
      const isWhole = unread.length === 0 || !byLastSeen;
      if (shown !== null && isWhole) return { sight: shown, isShown: true };
      const seen = mayGoUnseen ? await lastSeen() : null;
      if (shown !== null && seen !== null) {
        const unseen = unseenSets({ connection, evidence: { ...shown, missingTables: [], unreadEnds: unread } });
        return { sight: { ...shown, routes: withLastSeen(shown.routes, seen, unseen) }, isShown: false };
      }
      if (seen !== null) return { sight: seen, isShown: false };
      const late = await asked;
      return late === null ? null : { sight: late, isShown: true };
    },
    again: () => (mayGoUnseen ? inTime(ask()) : ask()),
    async keep() {
      if (newest === null) return;
      try {
        await sights.write(connection, newest);
      } catch (error) {
        // The next sweep sees them too; the routes are moved, and that is what counts.
        const because = (error as Error).message;
        logLine(world, {
          level: 'warn',
          what: 'apply: routes last seen not kept',
          because,
          connection: connection.name,
        });
      }
    },
  };
}
