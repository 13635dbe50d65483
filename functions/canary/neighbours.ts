/**
 * What the path canaries of a connection tell each other: that one begins to fail. Whoever moves its traffic will ask the
 * others for a proof from after that (docs/decisions/006), so they report at once and not when their next report is due.
 *
 *     one function          at once
 *     several functions     by an item of the reports table, which each asks for at its beat: put it, --> get it, report
 *
 * Another connection's traffic never moves to them. What is told here only brings a report forward: a word that is wrong
 * costs a write, and nothing is believed for it. A table that does not answer delays a proof to the next report that is due.
 */
import type { ReportsTable } from '../../adapters/dynamodb/reports-table';
import { isFault } from '../../adapters/errors';
import type { Connection } from '../../core/words/domain';
import { type Instant, secondMs } from '../../core/words/time';
import { logLine } from '../log';
import type { World } from '../world';

/** `fast` probes five times a second; its silence takes longer than this to be believed. */
const askEveryMsMin = 200;
/** A path that fails and is answered by turns is said no oftener. */
const sayEveryMsMin = secondMs;

export class Neighbours {
  /** When the latest failure of one of them began; 0: none has failed. */
  missedSince: Instant = 0;
  private readonly listeners: (() => void)[] = [];
  private readonly standApart: boolean;
  private isCutOff = false;
  private asking = false;
  private askedAt: Instant = Number.NEGATIVE_INFINITY;
  private saidAt: Instant = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly world: Pick<World, 'now' | 'log'>,
    private readonly table: ReportsTable,
    private readonly connection: Connection,
    /** The canaries of this function. */
    ids: readonly string[],
  ) {
    const paths = connection.canaries.filter(({ watches }) => watches.kind === 'path');
    this.standApart = paths.some(({ id }) => ids.includes(id)) && paths.some(({ id }) => !ids.includes(id));
  }

  onFailure(listener: () => void): () => void {
    this.listeners.push(listener);
    return () => void this.listeners.splice(this.listeners.indexOf(listener), 1);
  }

  /** A canary of this function fails since then. */
  sayFailing(since: Instant): void {
    if (since <= this.missedSince) return;
    this.heed(since);
    const { table, world, connection } = this;
    if (!this.standApart || world.now() - this.saidAt < sayEveryMsMin) return;
    this.saidAt = world.now();
    this.survive(table.putFailing(connection.name, since), 'failure not said');
  }

  /** Has one of another function begun to fail? */
  askWhenDue(): void {
    const { table, world, connection } = this;
    const everyMs = Math.max(askEveryMsMin, connection.policy.roundIntervalMs);
    if (!this.standApart || this.asking || world.now() - this.askedAt < everyMs) return;
    this.askedAt = world.now();
    this.asking = true;
    const asked = table.failingSince(connection.name).then((since) => this.heed(since));
    this.survive(asked, 'failures of others not heard').finally(() => {
      this.asking = false;
    });
  }

  private heed(since: Instant): void {
    if (since <= this.missedSince) return;
    this.missedSince = since;
    for (const listener of this.listeners) listener();
  }

  private survive(work: Promise<void>, what: string): Promise<void> {
    const { world, connection } = this;
    return work.then(
      () => {
        this.isCutOff = false;
      },
      (error: unknown) => {
        if (!isFault(error)) throw error;
        // Once, not twice a second.
        if (!this.isCutOff)
          logLine(world, {
            level: 'warn',
            what: `canary: ${what}`,
            because: error.message,
            connection: connection.name,
          });
        this.isCutOff = true;
      },
    );
  }
}
