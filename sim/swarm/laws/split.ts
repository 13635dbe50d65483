/**
 * The law about two ends of ours: packets that leave by one path and whose answers come back by another are no lasting
 * state. A pair is finished, or somebody is told that one end has not followed; by the world's own truth, not by what is
 * desired. Speed is owed while the cloud works; what was said meanwhile was said of this split. Routes on no path of ours
 * are another matter: people hear that they are in somebody else's hands.
 */
import { laws } from '../../../core/decide/invariants';
import type { Connection, RouteSet } from '../../../core/words/domain';
import { choiceOf } from '../../../core/words/ends';
import type { Instant } from '../../../core/words/time';
import { minuteMs, secondMs } from '../../../core/words/time';
import type { Notice } from '../../../local-cloud/services/sns/sns';
import { connectionOf, inTrouble, type Law, type Scene, slowedMs } from '../law';

/** Unsaid for a minute; then a run has to come to say it, and half a minute is allowed for that, as elsewhere. */
const boundMs = minuteMs + 30 * secondMs;
/** The words that it is said in (core/decide/split), of one choice. */
const isSaidOf = (choice: string, text: string): boolean =>
  text.includes(`routes of ${choice} are on`) && text.includes('is answered over');

interface Split {
  readonly startedAt: Instant;
  /** Without trouble. */
  since: Instant;
  isJudged: boolean;
}

export class SplitLaw implements Law {
  private readonly splits = new Map<string, Split>();
  /** By connection. */
  private readonly notices = new Map<string, { readonly at: Instant; readonly text: string }[]>();

  constructor(private readonly scene: Scene) {}

  onNotice(notice: Notice): void {
    const connection = connectionOf(notice);
    if (connection === undefined) return;
    const heard = { at: this.scene.now(), text: `${notice.subject}\n${notice.message}` };
    this.notices.set(connection, [...(this.notices.get(connection) ?? []), heard]);
  }

  onTick(): void {
    for (const connection of Object.values(this.scene.deployment.connections))
      for (const set of Object.values(connection.routeSets))
        if (set.twin !== undefined && set.end === connection.ends?.[0]) this.look(connection, set, set.twin);
  }

  private look(connection: Connection, set: RouteSet, twin: string): void {
    const { scene } = this;
    const { world } = scene.cloud;
    const key = `${connection.name}/${choiceOf(set)}`;
    const [near, far] = [world.pathOf(connection.name, set.name), world.pathOf(connection.name, twin)];
    if (near === far || near === null || far === null || connection.mode === 'observe') {
      this.splits.delete(key);
      return;
    }
    const split = this.splits.get(key) ?? { startedAt: scene.now(), since: scene.now(), isJudged: false };
    this.splits.set(key, split);
    if (inTrouble(scene)) split.since = scene.now();
    const forMs = scene.now() - split.since;
    if (split.isJudged || forMs <= boundMs + slowedMs(scene)) return;
    split.isJudged = true;
    scene.judged(laws.split);
    const heard = (this.notices.get(connection.name) ?? []).filter(({ at }) => at >= split.startedAt);
    if (!heard.some(({ text }) => isSaidOf(choiceOf(set), text)))
      scene.broken(laws.split, `${key} is on ${near} at one end and on ${far} at the other, unsaid`);
  }
}
