/**
 * What users felt, from raw times: how long they were dark, how long a transfer stood still, and how many runs make a number.
 *
 * Dark is the longest time between the sendings of two answered probes with lost ones between; 0 when none was lost. A
 * probe is lost when it has no answer within a second. Resolution: one probe, 10 ms.
 */

/** Times are milliseconds since the epoch, of one machine's clock. */
export interface Recording {
  readonly intervalMs: number;
  readonly sentAt: readonly number[];
  /** Null: lost. */
  readonly rttMs: readonly (number | null)[];
  readonly tcp: {
    readonly receivedAt: readonly number[];
    /** The connection was reset; null: it survived. */
    readonly brokenAt: number | null;
    readonly endedAt: number;
  };
}

export interface Felt {
  readonly darkMs: number;
  /** All of the run: what was lost in several gaps counts together. */
  readonly lostProbes: number;
  readonly tcpStallMs: number;
  readonly tcpSurvived: boolean;
}

/** Judges what was sent from `fromMs` to `untilMs`. */
export function feltBetween(recording: Recording, fromMs: number, untilMs = Number.POSITIVE_INFINITY): Felt {
  const { sentAt, rttMs, tcp } = recording;
  let darkMs = 0;
  let lostProbes = 0;
  let lastAnswered: number | null = null;
  let isGap = false;
  for (const [i, at] of sentAt.entries()) {
    if (at > untilMs) break;
    if (rttMs[i] === null) {
      if (at >= fromMs) lostProbes++;
      isGap ||= at >= fromMs;
      continue;
    }
    if (isGap) darkMs = Math.max(darkMs, at - (lastAnswered ?? fromMs));
    lastAnswered = at;
    isGap = false;
  }
  const lastSent = sentAt.filter((at) => at <= untilMs).at(-1) ?? fromMs;
  if (isGap) darkMs = Math.max(darkMs, lastSent - (lastAnswered ?? fromMs));
  const { receivedAt, brokenAt, endedAt } = tcp;
  const marks = [...receivedAt, Math.min(endedAt, untilMs)].filter((at) => at >= fromMs && at <= untilMs);
  const gaps = marks.map((at, i) => at - (marks[i - 1] ?? at));
  return {
    darkMs: Math.round(darkMs),
    lostProbes,
    tcpStallMs: Math.round(Math.max(0, ...gaps)),
    tcpSurvived: brokenAt === null,
  };
}

export interface Distribution {
  readonly min: number;
  readonly median: number;
  readonly p95: number;
  readonly max: number;
}

/** Nearest rank, so that each is a value that was measured; the median of an even number is the lower one. */
export function distributionOf(values: readonly number[]): Distribution {
  if (values.length === 0) throw new Error('A distribution needs at least one value');
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
  return { min: sorted[0]!, median: at(0.5), p95: at(0.95), max: sorted.at(-1)! };
}
