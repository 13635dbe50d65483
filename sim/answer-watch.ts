/**
 * By which path each partner answers users, where that is BGP's to say, and every change of it.
 */
import { isByBgp } from './network/bgp';
import type { PhysicalWorld } from './world';

export class AnswerWatch {
  private readonly seen: Readonly<Record<string, string[]>>;

  constructor(private readonly world: PhysicalWorld) {
    const connections = Object.values(world.deployment.connections).filter(isByBgp);
    this.seen = Object.fromEntries(connections.map(({ name }) => [name, []]));
    this.look();
    world.onChange(() => this.look());
  }

  /** The paths, the first one included; `nothing` while the partner has no way to our users. */
  sequence(connection: string): readonly string[] {
    return this.seen[connection] ?? [];
  }

  private look(): void {
    for (const [name, paths] of Object.entries(this.seen)) {
      const now = this.world.bgp.answersOver(name) ?? 'nothing';
      if (paths.at(-1) !== now) paths.push(now);
    }
  }
}
