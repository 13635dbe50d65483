/**
 * The law of the voice: users who get no answer, or are on a path that loses or delays too much, are told of within the
 * bound, whatever else holds (a pause, a drain, a mode, a budget), and nothing is said to be well while they are dark.
 *
 * Where every way across is switched off on purpose, in a quiet window, nobody expects an answer. What was told of an episode holds until users have been well for a soak: then it is another episode.
 */

import { laws } from '../../../core/decide/invariants';
import type { Connection, RouteSet } from '../../../core/words/domain';
import { windowRoundsOf } from '../../../core/words/policy';
import { minuteMs, secondMs } from '../../../core/words/time';
import type { Execution, HistoryEvent } from '../../../local-cloud/asl/runner';
import type { Notice } from '../../../local-cloud/services/sns/sns';
import { isSevere } from '../../network/passage';
import { connectionOf, inTrouble, isHandIn, type Law, type Scene, slowedMs, stateOf } from '../law';
import { isAllLeft } from '../quiet-hours';

/** Half of what is tried gets no answer: that shows in a handful of rounds, a third of it does not. */
const plainLossRatio = 0.5;
const oftenMs = 2 * secondMs;
/** From a route that EC2 shows to packets that follow it, at the most. */
const effectMs = 10 * secondMs;

interface Episode {
  /** Of this stretch of trouble, without a break. */
  badSince: number | null;
  /** Of the episode: its stretches and the short breaks between them. */
  readonly startedAt: number;
  wellSince: number | null;
  isJudged: boolean;
}

type Trouble = 'dark' | 'severe';

export class HeardLaw implements Law {
  private readonly episodes = new Map<string, Episode>();
  private readonly heardAt = new Map<string, number[]>();

  constructor(private readonly scene: Scene) {}

  onNotice(notice: Notice): void {
    const connection = connectionOf(notice);
    if (connection === undefined) return;
    this.heardAt.set(connection, [...(this.heardAt.get(connection) ?? []), this.scene.now()]);
  }

  onTick(): void {
    for (const connection of Object.values(this.scene.deployment.connections)) {
      for (const set of Object.values(connection.routeSets)) {
        this.look(connection, set, 'dark', this.scene.truth.darkForMs(connection.name, set.name) > 0);
        this.look(connection, set, 'severe', this.isSevere(connection, set));
      }
    }
  }

  /** A hand has pointed one of its routes where it should go a moment ago: EC2 shows that before packets follow it. */
  private isPutBack({ tables }: RouteSet): boolean {
    const now = this.scene.now();
    return isHandIn(this.scene, { tables }, now - effectMs, now);
  }

  /** `Finished` is true for users, or it is not said. */
  onState(event: HistoryEvent, execution: Execution): void {
    if (event.type !== 'ExecutionSucceeded' || stateOf(execution) !== 'Finished') return;
    const { connection: name } = JSON.parse(execution.input) as { connection?: string };
    const connection = this.scene.deployment.connections[name ?? ''];
    if (connection === undefined || inTrouble(this.scene)) return;
    this.scene.judged(laws.finished);
    for (const set of Object.keys(connection.routeSets)) {
      if (this.isPutBack(connection.routeSets[set]!)) continue;
      const darkMs = this.scene.truth.darkForMs(connection.name, set);
      if (darkMs > boundMs(connection, 'dark') + slowedMs(this.scene))
        this.scene.broken(laws.finished, `${connection.name}/${set} has been dark for ${darkMs / 1_000} s`);
    }
  }

  private look(connection: Connection, set: RouteSet, trouble: Trouble, isBad: boolean): void {
    const { scene } = this;
    const key = `${connection.name}/${set.name} is ${trouble}`;
    const now = scene.now();
    const episode = this.episodes.get(key) ?? { badSince: null, startedAt: now, wellSince: null, isJudged: false };
    if (isBad) {
      this.episodes.set(key, episode);
      // Speed is owed while the cloud works; what was said meanwhile was said of this episode.
      episode.badSince = inTrouble(scene) || isAllLeft(scene, connection) ? now : (episode.badSince ?? now);
      episode.wellSince = null;
      this.judge(connection, key, episode, boundMs(connection, trouble) + slowedMs(scene));
    } else if (this.episodes.has(key)) {
      episode.badSince = null;
      episode.wellSince ??= now;
      if (now - episode.wellSince > connection.policy.soakMaxMs + 2 * minuteMs) this.episodes.delete(key);
    }
  }

  private judge(connection: Connection, key: string, episode: Episode, limitMs: number): void {
    const { scene } = this;
    const badMs = scene.now() - (episode.badSince ?? scene.now());
    if (badMs <= limitMs || episode.isJudged) return;
    episode.isJudged = true;
    scene.judged(laws.heard);
    const heard = (this.heardAt.get(connection.name) ?? []).some((at) => at >= episode.startedAt - 10 * secondMs);
    if (!heard) scene.broken(laws.heard, `${key} for ${badMs / 1_000} s, and nobody was told`);
  }

  /** So badly that canaries which try every ten seconds cannot miss it either. */
  private isSevere({ name, policy }: Connection, set: RouteSet): boolean {
    const { world } = this.scene.cloud;
    const path = world.pathOf(name, set.name);
    const hardship = path === null || !world.usersServed(name, set.name) ? null : world.hardshipOn(name, path);
    if (hardship === null || !isSevere(hardship, policy)) return false;
    return hardship.lossRatio === 0 || hardship.lossRatio >= plainLossRatio || policy.roundIntervalMs <= oftenMs;
  }
}

/** The minute of the verdict, the rounds that show it, the report, and half a minute for a run to come to it. */
function boundMs({ policy }: Connection, trouble: Trouble): number {
  const { downAfterRounds, roundIntervalMs, reportIntervalMs, severeAfterMs } = policy;
  // A loss of 30 % reads as 20 % when two thirds of the window have seen it, by chance later: 20 s at the default, 80 s
  // in the calm preset.
  const rounds = trouble === 'dark' ? downAfterRounds + 1 : windowRoundsOf(policy);
  const seenMs = rounds * roundIntervalMs + reportIntervalMs;
  return (trouble === 'dark' ? minuteMs : Math.max(minuteMs, severeAfterMs)) + seenMs + 30 * secondMs;
}
