/**
 * The law users feel: nobody stays dark beside a path that is proven healthy. Speed is owed while the cloud works at all,
 * slowly or not; a connection that people hold (paused, route changed by hand) or that only watches is theirs, and there
 * the law of the voice (heard.ts) speaks. Users whom the far side turns away, while it answers the path's own canary, are
 * owed one try of another path, where the way back is known not to be shared.
 */

import { laws } from '../../../core/decide/invariants';
import type { Canary, Connection, PathName, RouteSet } from '../../../core/words/domain';
import { limits } from '../../../core/words/policy';
import { minuteMs, secondMs } from '../../../core/words/time';
import { drainOf, lease, number, text } from '../items';
import { canariesOf, inTrouble, type Law, pathHeld, type Scene, slowedMs } from '../law';

/** Users who are dark beside a proven path for this long were owed something. */
const judgedFromMs = 20 * secondMs;

export class DarknessLaw implements Law {
  /** Since when each set has been dark beside each path. */
  private readonly since = new Map<string, number>();

  /** The path each set's users were turned away on first, and the sets that have been moved off it since. */
  private readonly blockedOn = new Map<string, PathName>();
  private readonly left = new Set<string>();

  constructor(private readonly scene: Scene) {}

  onTick(): void {
    const { scene } = this;
    for (const [key, path] of this.blockedOn) {
      const [connection = '', set = ''] = key.split('/');
      if (scene.cloud.world.pathOf(connection, set) !== path) this.left.add(key);
    }
    for (const connection of Object.values(scene.deployment.connections)) {
      for (const set of Object.values(connection.routeSets)) {
        for (const path of Object.keys(connection.paths)) this.look(connection, set, path);
      }
    }
  }

  private look(connection: Connection, set: RouteSet, path: PathName): void {
    const { scene } = this;
    const key = `${connection.name}/${set.name} beside ${path}`;
    const isOwed =
      connection.mode !== 'observe' &&
      !inTrouble(scene) &&
      !scene.cloud.world.usersServed(connection.name, set.name) &&
      scene.cloud.world.pathOf(connection.name, set.name) !== path &&
      this.isProven(connection, path) &&
      !this.isPeoples(connection, set, path) &&
      !this.isTurnedAway(connection, set);
    if (!isOwed) {
      this.since.delete(key);
      return;
    }
    const since = this.since.get(key) ?? scene.now();
    this.since.set(key, since);
    const darkMs = scene.now() - since;
    if (darkMs > judgedFromMs) scene.judged(laws.dark);
    if (darkMs > boundMs(connection) + slowedMs(scene)) {
      this.since.set(key, Number.POSITIVE_INFINITY);
      scene.broken(laws.dark, `${key} for ${darkMs / 1_000} s; the bound is ${boundMs(connection) / 1_000} s`);
    }
  }

  /** The far side answers their path's own canary and not them: rule 5b tries another path once, where it may. */
  private isTurnedAway(connection: Connection, set: RouteSet): boolean {
    const { cloud } = this.scene;
    const key = `${connection.name}/${set.name}`;
    const used = cloud.world.pathOf(connection.name, set.name);
    if (used === null || !cloud.world.tunnels.get(connection.name, used).usersBlocked) return false;
    const tried = this.blockedOn.get(key);
    if (tried === undefined) this.blockedOn.set(key, used);
    return connection.coupled || (tried !== undefined && tried !== used) || this.left.has(key);
  }

  /** Its canary says so, lately, and it is true; between two ends of ours those of both. */
  private isProven(connection: Connection, path: PathName): boolean {
    const { items, truth, now } = this.scene;
    const says = ({ id }: Canary): boolean =>
      text(items.at(id), 'verdict') === 'healthy' &&
      now() - number(items.at(id), 'reportedAt') <= connection.policy.freshMaxMs;
    return canariesOf(connection, path).every(says) && truth.workedThroughout(connection.name, path, 0);
  }

  private isPeoples(connection: Connection, set: RouteSet, path: PathName): boolean {
    const { items, cloud, now } = this.scene;
    const item = items.at(...lease(connection.name));
    const paused = text(item, 'paused');
    if (paused !== undefined && (JSON.parse(paused) as { until: number }).until > now()) return true;
    if ((drainOf(item, path)?.until ?? 0) > now()) return true;
    const twin = connection.routeSets[set.twin ?? ''];
    return [set, ...(twin === undefined ? [] : [twin])].some(({ tables, destinations, ...one }) =>
      tables.some((table) =>
        destinations.some(
          (destination) =>
            pathHeld(this.scene, connection.name, one, cloud.world.routes.held(table, destination)) === null,
        ),
      ),
    );
  }
}

/**
 * Rounds until the canary is sure, one sweep should every event be lost, one lease should the holder have died unseen,
 * two settling times of a move, and a minute of AWS's own slowness: hops, route effect, cold starts.
 */
function boundMs({ policy }: Connection): number {
  return (
    (policy.downAfterRounds + policy.upAfterRounds + 2) * policy.roundIntervalMs +
    policy.silentAfterMs +
    2 * policy.confirmAfterMs +
    limits.leaseMs +
    2 * minuteMs +
    10 * secondMs
  );
}
