/**
 * The law about speakers: an order never drains the last path that is advertised. Judged as the command is sent, by the
 * world's own truth: what each partner's site has heard.
 *
 * Speakers are read each minute, and what was read counts for two and a half: a path that has fallen silent within the last
 * few minutes may still be taken for advertised.
 */
import { laws } from '../../../core/decide/invariants';
import type { Connection, PathName } from '../../../core/words/domain';
import type { Instant } from '../../../core/words/time';
import { minuteMs } from '../../../core/words/time';
import type { CallRecord } from '../../../local-cloud/front/front';
import { isByBgp } from '../../network/bgp';
import type { Law, Scene } from '../law';

/** A reading may be so old, and an order so long on its way. */
const lookBackMs = 4 * minuteMs;

interface Sent {
  readonly Parameters?: { readonly Order?: readonly string[]; readonly Neighbor?: readonly string[] };
}

export class SpeakerLaws implements Law {
  /** `connection/path` -> when the partner's site knew it last as an undrained way. */
  private readonly advertisedAt = new Map<string, Instant>();

  constructor(private readonly scene: Scene) {
    this.onTick();
  }

  onTick(): void {
    for (const connection of this.byBgp())
      for (const path of Object.keys(connection.paths))
        if (this.scene.cloud.world.bgp.isAdvertised(connection.name, path))
          this.advertisedAt.set(`${connection.name}/${path}`, this.scene.now());
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
