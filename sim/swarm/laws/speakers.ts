/**
 * The laws about speakers, judged by the world's own truth: what each partner's site has heard. An order never drains the last
 * path that is advertised, judged as the command is sent. And speakers say what they should: a path that its users have left,
 * or that people drain, is not advertised for long beside the one they are on, unless people are told why.
 *
 * Speakers are read each minute, and what was read counts for two and a half: a path that has fallen silent within the last
 * few minutes may still be taken for advertised.
 */
import { laws } from '../../../core/decide/invariants';
import type { Connection, PathName } from '../../../core/words/domain';
import type { Instant } from '../../../core/words/time';
import { minuteMs } from '../../../core/words/time';
import type { CallRecord } from '../../../local-cloud/front/front';
import type { Notice } from '../../../local-cloud/services/sns/sns';
import { isByBgp } from '../../network/bgp';
import { drainOf, lease, text } from '../items';
import { connectionOf, inTrouble, type Law, type Scene, slowedMs } from '../law';

/** A reading may be so old, and an order so long on its way. */
const lookBackMs = 4 * minuteMs;
/** The next reading, an order that ends at its deadline and the second try: what a lost drain may cost. */
const obeyedMs = 4 * minuteMs;
/** What people hear where a speaker cannot be brought to it. */
const reasons =
  /should be drained and is not|takes no order|is not known since|common cause|is left alone|needs? (you|a person)/i;

interface Sent {
  readonly Parameters?: { readonly Order?: readonly string[]; readonly Neighbor?: readonly string[] };
}

export class SpeakerLaws implements Law {
  /** `connection/path` -> when the partner's site knew it last as an undrained way. */
  private readonly advertisedAt = new Map<string, Instant>();
  /** `connection/path` -> since when it has been left and advertised without a break. */
  private readonly leftAt = new Map<string, Instant>();
  /** By connection: when people were told why something is not as it should be. */
  private readonly toldAt = new Map<string, Instant>();

  constructor(private readonly scene: Scene) {
    this.onTick();
  }

  onTick(): void {
    for (const connection of this.byBgp())
      for (const path of Object.keys(connection.paths))
        if (this.scene.cloud.world.bgp.isAdvertised(connection.name, path))
          this.advertisedAt.set(`${connection.name}/${path}`, this.scene.now());
    for (const connection of this.byBgp())
      for (const path of Object.keys(connection.paths)) this.look(connection, path);
  }

  onNotice(notice: Notice): void {
    const connection = connectionOf(notice);
    if (connection !== undefined && reasons.test(notice.message)) this.toldAt.set(connection, this.scene.now());
  }

  /** Speed is owed while the cloud works and nobody holds the connection. */
  private look(connection: Connection, path: PathName): void {
    const { scene } = this;
    const key = `${connection.name}/${path}`;
    const isOpen = this.isLeft(connection, path) && this.isWrong(connection, path);
    if (!isOpen || inTrouble(scene) || isHeld(scene, connection)) {
      if (!isOpen && this.leftAt.has(key)) scene.judged(laws.obeyed);
      this.leftAt.delete(key);
      return;
    }
    const since = this.leftAt.get(key) ?? scene.now();
    this.leftAt.set(key, since);
    if (scene.now() - since <= obeyedMs + slowedMs(scene)) return;
    this.leftAt.delete(key);
    if ((this.toldAt.get(connection.name) ?? 0) >= since) return;
    scene.broken(
      laws.obeyed,
      `${key} is advertised ${(scene.now() - since) / 1_000} s after it was left, and nobody was told`,
    );
  }

  /** No set is on it, and one is at home there and elsewhere, or people drain it. */
  private isLeft({ name, routeSets }: Connection, path: PathName): boolean {
    const { cloud, items, now } = this.scene;
    const sets = Object.values(routeSets).map(({ name: set, home }) => ({ home, on: cloud.world.pathOf(name, set) }));
    if (sets.some(({ on }) => on === null || on === path)) return false;
    const isDrained = (drainOf(items.at(...lease(name)), path)?.until ?? 0) > now();
    return isDrained || sets.some(({ home }) => home === path);
  }

  /** It is advertised, and so is another that works. */
  private isWrong({ name, paths }: Connection, path: PathName): boolean {
    const { world } = this.scene.cloud;
    const isWell = (other: PathName): boolean =>
      other !== path && world.bgp.isAdvertised(name, other) && world.pathState(name, other) === 'works';
    return world.bgp.isAdvertised(name, path) && Object.keys(paths).some(isWell);
  }

  onLanded({ by, operation, input }: CallRecord): void {
    const { Order, Neighbor } = (input as Sent).Parameters ?? {};
    if (by !== 'automation' || operation !== 'SendCommand' || Order?.[0] !== 'drain') return;
    for (const connection of this.byBgp()) {
      const drained = Object.values(connection.paths).find(({ neighbor }) => neighbor?.across === Neighbor?.[0]);
      if (drained === undefined) continue;
      this.scene.judged(laws.lastAdvertised);
      if (!this.isAdvertisedBeside(connection, drained.name))
        this.scene.broken(
          laws.lastAdvertised,
          `${connection.name}/${drained.name} is drained, and no other was heard of`,
        );
    }
  }

  private isAdvertisedBeside({ name, paths }: Connection, drained: PathName): boolean {
    const since = this.scene.now() - lookBackMs;
    return Object.keys(paths).some(
      (path) => path !== drained && (this.advertisedAt.get(`${name}/${path}`) ?? 0) >= since,
    );
  }

  private byBgp(): Connection[] {
    return Object.values(this.scene.deployment.connections).filter(isByBgp);
  }
}

/** By a person's pause, or because only people act there. */
function isHeld({ items, now }: Scene, { name, mode }: Connection): boolean {
  const paused = text(items.at(...lease(name)), 'paused');
  return mode === 'observe' || (paused !== undefined && (JSON.parse(paused) as { until: number }).until > now());
}
