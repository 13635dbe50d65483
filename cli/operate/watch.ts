/**
 * `switchback watch`: status, again and again. On a terminal the picture is drawn anew in its place; in a pipe each change
 * is a line. The cursor is never hidden, so whoever interrupts it finds the terminal as it was.
 */
import { clearScreenDown, cursorTo, moveCursor } from 'node:readline';
import { isTransient } from '../../adapters/errors';
import { harmless } from '../../core/words/malformed';
import { minuteMs } from '../../core/words/time';
import { jsonLine } from '../harmless';
import { type ExitCode, exitCodes, WronglyAsked } from './exit-codes';
import { spanFrom, type Work } from './operate';
import type { SessionOptions } from './session';
import { type ConnectionStatus, status } from './status';

export interface WatchOptions extends SessionOptions {
  readonly every: string;
  readonly for?: string;
}

/** Where it is drawn. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly rows?: number;
  write(text: string): boolean;
}

/** In the local cloud nobody waits for ever: one command may take an hour of its time. */
const localMsMax = 55 * minuteMs;
/** Each look asks EC2 and DynamoDB a few questions per connection. */
const everyMsMin = 1_000;
/** So that somebody can look on: a tenth of the local cloud's time. */
const localPaceRatio = 0.1;

type Facts = ReadonlyMap<string, string>;

export const watch =
  (connection: string | undefined, options: WatchOptions, screen: Screen = process.stdout): Work =>
  async (session) => {
    const everyMs = spanFrom(options.every);
    if (everyMs < everyMsMin) throw new WronglyAsked(`--every ${options.every}: at least 1s`);
    const { world } = session;
    const endsAt = world.now() + lastingMs(options);
    const view = screen.isTTY && !options.json ? new Picture(screen) : new Changes(screen, options.json === true);
    let code: ExitCode = exitCodes.well;
    for (;;) {
      try {
        const seen = await status(connection)(session);
        code = seen.code;
        view.show(seen.lines, seen.json as { at: string; connections: readonly ConnectionStatus[] });
      } catch (error) {
        if (!isTransient(error)) throw error;
        view.fail(harmless((error as Error).message));
      }
      if (world.now() + everyMs > endsAt) return { code, lines: [], json: undefined };
      if (options.local !== undefined && screen.isTTY) pause(everyMs * localPaceRatio);
      await world.sleep(everyMs);
    }
  };

function lastingMs({ for: span, local }: WatchOptions): number {
  const givenMs = span === undefined ? Number.POSITIVE_INFINITY : spanFrom(span);
  if (local === undefined) return givenMs;
  if (span !== undefined && givenMs > localMsMax) throw new WronglyAsked(`--for ${span}: with --local at most 55m`);
  return Math.min(givenMs, localMsMax);
}

/** By the clock on the wall: the local cloud's own stands still meanwhile. */
const pause = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

class Picture {
  private drawn = 0;

  constructor(private readonly screen: Screen) {}

  show(lines: readonly string[]): void {
    this.draw(lines.join('\n').split('\n'));
  }

  fail(because: string): void {
    this.screen.write(`cannot look: ${because}\n`);
    this.drawn++;
  }

  /** No taller than the screen: what has scrolled away cannot be drawn over. */
  private draw(lines: readonly string[]): void {
    const room = Math.max(2, (this.screen.rows ?? 24) - 1);
    const hidden = lines.length - room;
    const shown = hidden > 0 ? [...lines.slice(0, room - 1), `… ${hidden + 1} lines more: name a connection`] : lines;
    const out = this.screen as NodeJS.WritableStream & Screen;
    moveCursor(out, 0, -this.drawn);
    cursorTo(out, 0);
    clearScreenDown(out);
    out.write(`${shown.join('\n')}\n`);
    this.drawn = shown.length;
  }
}

class Changes {
  private before: Facts = new Map();

  constructor(
    private readonly screen: Screen,
    private readonly json: boolean,
  ) {}

  show(_: readonly string[], { at, connections }: { at: string; connections: readonly ConnectionStatus[] }): void {
    const now = factsOf(connections);
    for (const { what, is, was } of changesBetween(this.before, now))
      this.screen.write(this.json ? jsonLine({ at, what, is, was }) : `${at}  ${harmless(`${what}: ${is}`)}\n`);
    this.before = now;
  }

  fail(because: string): void {
    this.screen.write(this.json ? jsonLine({ unread: because }) : `cannot look: ${because}\n`);
  }
}

/** What of a status is worth a line when it changes; reasons and ages change all the time. */
function factsOf(connections: readonly ConnectionStatus[]): Facts {
  const entries = connections.flatMap(({ connection, incident, paths, sets, repair, drill, paused, asks }) =>
    [
      ['incident', incident === null ? 'none' : `${incident.id}: ${incident.because}`] as const,
      ...paths.map(
        (one) => [`path ${one.path}`, one.drained === null ? one.verdict : `${one.verdict}, drained`] as const,
      ),
      ...sets.map(({ set, on, home, foreign, users }) => {
        const place = foreign.length > 0 ? 'manual' : on.join('+') || 'nobody knows where';
        return [set, `on ${place}, home ${home}, users ${users}`] as const;
      }),
      ['repair', repair === null ? 'none' : repair.split(' for ')[0]!] as const,
      ['drill', drill ?? 'none'] as const,
      ['pause', paused ?? 'none'] as const,
      ['you', asks.length === 0 ? 'nothing' : asks.join('; ')] as const,
    ].map(([what, is]) => [`${connection}  ${what}`, is] as const),
  );
  return new Map(entries);
}

/** What was not there before and is nothing now is no news. */
function changesBetween(before: Facts, now: Facts): { what: string; is: string; was: string | null }[] {
  return [...now].flatMap(([what, is]) => {
    const was = before.get(what) ?? null;
    const isNothing = was === null && (is === 'none' || is === 'nothing');
    return was === is || isNothing ? [] : [{ what, is, was }];
  });
}
