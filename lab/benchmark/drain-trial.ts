/**
 * One drain of the home path, and one undrain, under users' load: routes move there and answers move back by BGP, each as
 * Switchback would have it done, by ReplaceRoute and by the order to the speaker, at once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { answeringRouters, speakerAs } from '../answers';
import { attempt } from '../command';
import type { Frr } from '../frr';
import { type Felt, feltBetween } from '../measure';
import { server, transit } from '../plan';
import { now, until } from '../real-time';
import { startRouters } from '../routers';
import { LabSpeaker } from '../speaker';
import { Arena, Hops } from './arena';

export type TrialMethod = 'prepend' | 'graceful-shutdown' | 'shutdown';

export interface DrainHalf extends Felt {
  /** From the order to its last line. */
  readonly orderMs: number;
  /** Until answers came the other way; null: they did not while it was waited for. */
  readonly movedMs: number | null;
  /** Until the drained tunnel was empty, as the speaker's own document says; null: it was not, or nobody watched. */
  readonly emptyMs: number | null;
}

export interface DrainTrial {
  readonly run: number;
  readonly drain: DrainHalf;
  /** Null: nothing had moved. */
  readonly undrain: DrainHalf | null;
}

const patienceMs = 12_000;
const withinS = 10;

export class DrainArena {
  private constructor(
    readonly arena: Arena,
    /** Of the home path's gateway. */
    readonly speaker: LabSpeaker,
    /** At the far end of the home path. */
    readonly remote: Frr,
  ) {}

  static async build(deployment: Parameters<typeof Arena.build>[0], ignoresPrepend: boolean): Promise<DrainArena> {
    const arena = await Arena.build(deployment, 'answers');
    try {
      const { spaces, runFolder, plan } = arena.lab;
      const paths = [arena.home, arena.standby].map((path) => ({ path, host: arena.gatewayOf(path).namespace }));
      const frrs = await startRouters(spaces, runFolder, answeringRouters(plan, paths, { ignoresPrepend }));
      const { host } = paths[0]!;
      const neighbour = transit(arena.remoteOf(arena.home).mark).theirs;
      const speaker = new LabSpeaker(spaces, host, frrs.get(host)!, speakerAs(0), neighbour);
      const made = new DrainArena(arena, speaker, frrs.get(arena.remoteOf(arena.home).name)!);
      await until('Answers must come over the home path', 60_000, () => made.answersOver(arena.home));
      await arena.lab.tunnelsUp();
      return made;
    } catch (error) {
      await arena.lab.end();
      throw error;
    }
  }

  async answersOver(path: string): Promise<boolean> {
    const { spaces, plan } = this.arena.lab;
    const users = plan.hosts.find(({ name }) => name === 'users')!;
    const ask = ['ip', 'route', 'get', users.address, 'from', server.address, 'iif', 'server'];
    const { stdout } = await attempt(spaces.inside('site', ask));
    return stdout.includes(`via ${this.arena.remoteOf(path).inside} `);
  }

  async trial(method: TrialMethod, run: number): Promise<DrainTrial> {
    const { home, standby } = this.arena;
    const drain = await this.half('drain', method, standby);
    const undrain = await this.half('undrain', method, home);
    return { run, drain, undrain: drain.movedMs === null ? null : undrain };
  }

  private async half(order: 'drain' | 'undrain', method: TrialMethod, path: string): Promise<DrainHalf> {
    const { arena, speaker } = this;
    await arena.lab.startUsers();
    await sleep(1_500);
    const from = now();
    const told = speaker.order(order, method, { withinS: order === 'drain' ? withinS : 0 });
    const [{ code, neighbour, lines }, movedMs, orderMs] = await Promise.all([
      told,
      this.movedAfter(path, from),
      told.then(() => now() - from),
      arena.move(path, new Hops(1, false)),
    ]);
    if (code !== 0) throw new Error(`The ${order} by ${method} ended with ${code}: ${lines.join(' / ')}`);
    await sleep(1_500);
    const felt = feltBetween(await arena.lab.stopUsers(), from);
    const emptyMs = neighbour?.['quietAfterMs'] as number | null;
    return { ...felt, orderMs: Math.round(orderMs), movedMs, emptyMs };
  }

  private async movedAfter(path: string, from: number): Promise<number | null> {
    while (now() - from < patienceMs) {
      if (await this.answersOver(path)) return Math.round(now() - from);
      await sleep(20);
    }
    return null;
  }
}
