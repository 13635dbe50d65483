/**
 * Two laws of restraint: what is home and healthy is not written to, and no run goes round so often that its history
 * nears what one execution may hold.
 */
import { laws } from '../../../core/decide/invariants';
import type { DivertWord, DrillWord } from '../../../core/words/domain';
import { limits, windowMsOf } from '../../../core/words/policy';
import { type Instant, secondMs } from '../../../core/words/time';
import type { CallRecord } from '../../../local-cloud/front/front';
import { isRouteWrite, writtenBy } from '../../route-call';
import { drainOf, lease, text } from '../items';
import { inTrouble, type Law, type Scene } from '../law';

/** Step Functions ends an execution at 25,000 events, with whatever it is in the middle of. */
const historyEventsMax = 20_000;
/** A drain or a move asked for, or ended by its author, while the plan was under way. */
const commandRaceMs = 10 * secondMs;

/** Till it could begin, and as long as it lasts. */
const drillMsMax = limits.drillWordMs + limits.drillMs;

export class QuietHomeLaws implements Law {
  /** Until when each home path was last seen drained, by connection and path. */
  private readonly drainedUntil = new Map<string, Instant>();
  /** Until when somebody wanted the users of each set elsewhere, by connection and set. */
  private readonly wantedUntil = new Map<string, Instant>();

  constructor(private readonly scene: Scene) {}

  /** A drain that is taken out of the item counts to the moment it was taken. */
  onConnections(): void {
    const { deployment, items, now } = this.scene;
    for (const { name, routeSets } of Object.values(deployment.connections)) {
      for (const { name: set, home } of Object.values(routeSets)) {
        const word = text(items.at(...lease(name)), `divert#${set}`);
        if (word !== undefined) this.want(`${name}/${set}`, (JSON.parse(word) as DivertWord).until);
        const drill = text(items.at(...lease(name)), 'drill');
        if (drill !== undefined) this.want(`${name}/${set}`, (JSON.parse(drill) as DrillWord).since + drillMsMax);
        const key = `${name}/${home}`;
        const drain = drainOf(items.at(...lease(name)), home);
        const known = this.drainedUntil.get(key) ?? 0;
        if (drain !== null) this.drainedUntil.set(key, drain.until);
        else if (known > now()) this.drainedUntil.set(key, now());
      }
    }
  }

  private want(set: string, until: Instant): void {
    this.wantedUntil.set(set, Math.max(until, this.wantedUntil.get(set) ?? 0));
  }

  onLanded({ operation, by, input }: CallRecord): void {
    if (by === 'automation' || !isRouteWrite(operation) || inTrouble(this.scene)) return;
    const { table, destination } = writtenBy(input);
    const { deployment, truth, cloud, now } = this.scene;
    for (const { name, routeSets, paths, policy } of Object.values(deployment.connections)) {
      const set = Object.values(routeSets).find(
        (one) => one.tables.includes(table) && one.destinations.includes(destination),
      );
      if (set === undefined) continue;
      this.scene.judged(laws.homeAndHealthy);
      // What a canary may still say of rounds long past, and a move of a moment ago.
      const windowMs = Math.max(60 * secondMs, windowMsOf(policy));
      const backMs = windowMs + policy.silentAfterMs + (policy.downAfterRounds + 2) * policy.roundIntervalMs;
      const isDrained = (this.drainedUntil.get(`${name}/${set.home}`) ?? 0) > now() - commandRaceMs;
      const isWanted = (this.wantedUntil.get(`${name}/${set.name}`) ?? 0) > now() - commandRaceMs;
      const cameFrom = cloud.world.pathTo(name, cloud.world.routes.replacedBy(table, destination));
      // A set whose twin a hand has moved follows it (decision 038).
      const isTogether = set.twin === undefined || truth.ledThroughout(name, set.twin, set.home, backMs);
      // What a few dozen probes count may be twice what is lost: answers may come back over a path that loses nothing.
      const lossRatio = cloud.world.hardshipOn(name, set.home)?.lossRatio ?? 1;
      const isWell =
        isTogether &&
        lossRatio < policy.severeLossRatio / 2 &&
        truth.ledThroughout(name, set.name, set.home, backMs) &&
        truth.workedThroughout(name, set.home, backMs) &&
        truth.servedThroughout(name, set.name, backMs);
      // A static route over what AWS propagates again is taken away, and packets go where they went.
      const isGivenBack = operation === 'DeleteRoute' && set.lastResort === 'routes';
      const isAsked = isDrained || isWanted || this.isAnnounced(paths[set.home]!.gateway);
      if (isWell && !isAsked && !isGivenBack && cameFrom === set.home)
        this.scene.broken(
          laws.homeAndHealthy,
          `${name}/${set.name}: ${destination} in ${table} was written over ${paths[set.home]!.gateway}`,
        );
    }
  }

  /** Users leave a home ahead of the maintenance that AWS has announced for it, where it is to be applied by us. */
  private isAnnounced(name: string): boolean {
    const { cloud, deployment } = this.scene;
    const gateway = deployment.gateways[name];
    if (gateway?.kind !== 'vpn' || gateway.maintenance === 'never') return false;
    return cloud.world.vpns.named(name).tunnels.some(({ maintenanceBy }) => maintenanceBy !== null);
  }

  atEnd(): void {
    for (const { name, history } of this.scene.cloud.stepfunctions.executions) {
      this.scene.judged(laws.history);
      if (history.length > historyEventsMax) this.scene.broken(laws.history, `${name} has ${history.length} events`);
    }
  }
}
