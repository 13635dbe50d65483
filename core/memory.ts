/**
 * What a connection remembers between assessments: the open facts of its incident and its budgets.
 *
 * Stored as one JSON text in the lease item, written only by the lease's holder, always on condition of holder and
 * token, so it has one writer at a time. The story (everything that happened) is elsewhere: append-only items and the
 * execution history. Invariant: at most `limits.memoryBytesMax` bytes.
 */
import type { DeclaredIds, GatewayName, PathName, RouteSetName, Rung } from './domain';
import type { Instant } from './time';

/** One move of one route set, the latest. */
export interface Move {
  readonly kind: 'divert' | 'failback' | 'undo';
  /** Paths the set's routes used before. */
  readonly from: readonly PathName[];
  readonly to: PathName;
  readonly at: Instant;
  readonly because: string;
  /** Asked for by a drain: not a flap. */
  readonly planned: boolean;
  readonly lastResort: boolean;
  /** What it left still carried traffic, and the service canary passed: only such a move can be contradicted. */
  readonly leftWorkingPath: boolean;
  readonly outcome: 'unconfirmed' | 'confirmed' | 'contradicted';
}

/** A rung that was started, or whose start was journalled and not yet answered. */
export interface RungRun {
  readonly rung: Rung;
  readonly path: PathName;
  readonly gateway: GatewayName;
  /** Makes StartAutomationExecution idempotent; derived from connection, token and attempt. */
  readonly clientToken: string;
  readonly startedAt: Instant;
  readonly deadlineAt: Instant;
  readonly endedAt: Instant | null;
  /** `refused`: it never began, because it came too late or was given up. It proves nothing and may be tried again. */
  readonly result: 'running' | 'success' | 'failed' | 'refused';
  readonly because: string;
  /** Of `replace`: what the configuration declared when it began, and so what it replaces. */
  readonly declared?: DeclaredIds;
}

export interface Memory {
  readonly schema: 1;
  /** Null: nothing is wrong and nothing is open. */
  readonly incident: { readonly id: string; readonly openedAt: Instant; readonly because: string } | null;
  readonly moves: Readonly<Record<RouteSetName, Move>>;
  /** Newest last; the running one, if any, is the last. */
  readonly rungs: readonly RungRun[];
  readonly healthySince: Readonly<Record<PathName, Instant>>;
  readonly severeSince: Readonly<Record<PathName, Instant>>;
  /**
   * The one path each set's routes follow (null: not one), and since when: what its users feel is about that path only
   * from there on.
   */
  readonly usedSince: Readonly<Record<RouteSetName, { readonly path: PathName | null; readonly at: Instant }>>;
  /** Announcements made in this incident, by key. */
  readonly told: Readonly<Record<string, Instant>>;
  /** Announcements of what was done, still to be made. */
  readonly toTell: readonly Announcement[];
  readonly undone: boolean;
  /** Paths found wanting by a service canary after a move onto them, per set, in this incident. */
  readonly contradicted: Readonly<Record<RouteSetName, PathName>>;
  /** When what was done, oldest first, at most 24 h back. */
  readonly budgets: {
    readonly moves: readonly Instant[];
    readonly failbacks: readonly Instant[];
    readonly severeMoves: readonly Instant[];
    readonly repairs: readonly Instant[];
    readonly replaces: readonly Instant[];
  };
  /** The incident before this one. Null: none yet. */
  readonly lastIncident: {
    readonly id: string;
    readonly openedAt: Instant;
    readonly closedAt: Instant;
    readonly because: string;
  } | null;
  /** When each set was last moved off its home and its users got through: proof that the standby is one. */
  readonly practisedAt: Readonly<Record<RouteSetName, Instant>>;
  /** What was stored here and cannot be read: another version's, or damaged. Kept for whoever can; see stored.ts. */
  readonly unread?: string;
}

/** One thing people are told once. */
export interface Announcement {
  /** Told at most once per incident under this key. */
  readonly key: string;
  readonly text: string;
}

/** The rung under way; a connection has one at most. */
export function openRung(memory: Memory): RungRun | null {
  return memory.rungs.findLast((rung) => rung.endedAt === null) ?? null;
}

export const emptyMemory: Memory = {
  schema: 1,
  incident: null,
  moves: {},
  rungs: [],
  healthySince: {},
  severeSince: {},
  usedSince: {},
  told: {},
  toTell: [],
  undone: false,
  contradicted: {},
  lastIncident: null,
  practisedAt: {},
  budgets: { moves: [], failbacks: [], severeMoves: [], repairs: [], replaces: [] },
};
