/**
 * By which path answers come back to users: what the partner's BGP says, or, between two ends of ours, the route tables
 * of the other end. And for how long the two ends were split: one's packets left over another path than their answers
 * came back by.
 */
import type { Connection, PathName } from '../core/words/domain';
import { choiceOf } from '../core/words/ends';
import type { Instant } from '../core/words/time';
import { isByBgp } from './network/bgp';
import type { PhysicalWorld } from './world';

/** One thing whose answers are looked at: a connection, or a pair of its route sets. */
interface Watched {
  readonly label: string;
  /** Null: between two ends, at this moment there is no one path. */
  now(): PathName | 'nothing' | null;
  readonly paths: string[];
}

export class AnswerWatch {
  private readonly all: readonly Watched[];
  private readonly splitSince = new Map<string, Instant>();
  private splitMs = 0;

  constructor(private readonly world: PhysicalWorld) {
    this.all = Object.values(world.deployment.connections).flatMap((connection) => watchedOf(connection, world));
    this.look();
    world.onChange(() => this.look());
  }

  /**
   * The paths, the first one included. By BGP: `nothing` while the partner has no way to our users. Between two ends:
   * those that packets left by and answers came back by; moments between two are left out, `longestSplitMs` has them.
   */
  sequence(label: string): readonly string[] {
    return this.all.find((each) => each.label === label)?.paths ?? [];
  }

  /** The longest time without a break in which two ends were on different paths. */
  longestSplitMs(): number {
    this.look();
    return this.splitMs;
  }

  private look(): void {
    const at = this.world.clock.now();
    for (const { label, now, paths } of this.all) {
      const path = now();
      if (path !== null && paths.at(-1) !== path) paths.push(path);
      const since = this.splitSince.get(label);
      if (since !== undefined) this.splitMs = Math.max(this.splitMs, at - since);
      if (path !== null) this.splitSince.delete(label);
      else if (since === undefined) this.splitSince.set(label, at);
    }
  }
}

/** Named after its connection; of several pairs of sets, after the pair: `mesh/office`. */
function watchedOf(connection: Connection, world: PhysicalWorld): Watched[] {
  const { name, routeSets, ends } = connection;
  if (isByBgp(connection)) return [{ label: name, paths: [], now: () => world.bgp.answersOver(name) ?? 'nothing' }];
  const near = Object.values(routeSets).filter(({ end, twin }) => end !== undefined && end === ends?.[0] && twin);
  return near.map((set) => ({
    label: near.length === 1 ? name : `${name}/${choiceOf(set)}`,
    paths: [],
    now: () => {
      const path = world.pathOf(name, set.name);
      return path === world.pathOf(name, set.twin!) ? path : null;
    },
  }));
}
