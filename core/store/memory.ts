/**
 * What a connection remembers between assessments: the open facts of its incident and its budgets.
 *
 * Stored as one JSON text in the lease item, written only by the lease's holder, always on condition of holder and
 * token, so it has one writer at a time. The story (everything that happened) is elsewhere: append-only items and the
 * execution history. Invariant: at most `limits.memoryBytesMax` bytes,
 * which the configuration sees to (memory-worst.ts).
 */

import type { DeclaredIds, GatewayName, PathName, RouteSetName, TunnelAddress } from '../words/domain';
import type { Rung } from '../words/rungs';
import type { Instant } from '../words/time';
import type { PlannedEvent } from './planned-event';
import type { DrainProof, Order } from './speaker-order';

/** One move of one route set, the latest. */
export interface Move {
  readonly kind: 'divert' | 'failback' | 'undo';
  /** Paths the set's routes used before. */
  readonly from: readonly PathName[];
  readonly to: PathName;
  /** When all routes were seen on it; until then, when its first write was sent. */
  readonly at: Instant;
  /**
   * `tried`: EC2 did not answer, so it may have moved routes or not. `sent`: EC2 took the writes and shows none of them
   * yet. `begun`: some routes follow it. `whole`: all did, once.
   */
  readonly state: 'tried' | 'sent' | 'begun' | 'whole';
  /** Whole but for so many tables that EC2 did not list: once it lists one again, the move goes on. Absent: none. */
  readonly missing?: number;
  readonly because: string;
  /** Asked for by a drain: not a flap. */
  readonly planned: boolean;
  readonly lastResort: boolean;
  /**
   * The path it left still carried traffic and the service canary was answered: only then can the canary's silence
   * afterwards speak against the move.
   */
  readonly leftWorkingPath: boolean;
  /** Users were dark on a path that answers its own canary: this one is tried, and left again if it is no better. */
  readonly trial: boolean;
  readonly outcome: 'unconfirmed' | 'confirmed' | 'contradicted';
  /** The move before, while nothing shows of this one: it counts again if this was never made. */
  readonly over?: MoveBefore;
}

/** Its reason was told. */
export type MoveBefore = Omit<Move, 'because' | 'over'>;

/** Why a rung is started: to mend what is down, for AWS's own maintenance, to rehearse, or as an order to a speaker. */
export const purposes = ['repair', 'maintenance', 'rehearsal', 'order'] as const;
export type Purpose = (typeof purposes)[number];

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
  /** Started while others' traffic passed: it may touch its own tunnel and nothing else. */
  readonly beside?: boolean;
  /**
   * Its automation may never begin: people are told of the repair once it has claimed its gateway. Absent: they were
   * told, or need not be.
   */
  readonly untold?: boolean;
  readonly result: RungResult;
  /** What the gateway itself said about it, for people; absent: nothing. */
  readonly said?: string;
  readonly because: string;
  /** The one it acts on; absent: it acts on the whole gateway. */
  readonly tunnel?: TunnelAddress;
  /** Absent: to repair. */
  readonly purpose?: Purpose;
  /** Of `replace`, where a name in DNS follows the gateway: did it? Absent: none follows it. */
  readonly record?: RecordState;
  /** Of `replace`: what the configuration declared when it began, and so what it replaces. */
  readonly declared?: DeclaredIds;
}

/**
 * `refused`: it never began, because it came too late or was given up. `undelivered`: its command did not reach the
 * machine, or nothing came back. `unseen`: it reached the machine and found no daemon it knows. `left`: it found a
 * silent daemon and did not touch it under others' traffic. `denied`: IAM or a policy above it forbids one of its calls.
 * `declined`: AWS or its own document said no, before anything was touched.
 * None of these six says anything about the daemon.
 */
export const rungResults = [
  'running',
  'success',
  'failed',
  'refused',
  'undelivered',
  'unseen',
  'left',
  'denied',
  'declined',
] as const;
export type RungResult = (typeof rungResults)[number];

/** `follows`: it should, and nobody has looked yet. `wrong`: it says something else than it should, or could not be asked. */
type RecordState = 'follows' | 'right' | 'wrong';

export interface Blip {
  readonly at: Instant;
  readonly ms: number;
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
  /** Since when each path that is down has been so: a canary counts anew each minute, and knows no further back. */
  readonly downSince: Readonly<Record<PathName, Instant>>;
  /** When each path failed without being stopped or repaired, and for how long as far as we looked; at most 24 h back. */
  readonly blips: Readonly<Record<PathName, readonly Blip[]>>;
  /** Gateways that answered no canary at all: since when, and when that was seen last. */
  readonly silence: Readonly<Record<GatewayName, { readonly since: Instant; readonly until: Instant }>>;
  /**
   * The one path each set's routes follow (null: not one), and since when: what its users feel is about that path only
   * from there on.
   */
  readonly usedSince: Readonly<Record<RouteSetName, { readonly path: PathName | null; readonly at: Instant }>>;
  /** Announcements made in this incident, by key: when first. */
  readonly told: Readonly<Record<string, Instant>>;
  /** Of what was told and asks for people: when they were reminded last. */
  readonly reminded: Readonly<Record<string, Instant>>;
  /** Of what was told and asks for people: since when it no longer holds. After a soak people hear that it is over. */
  readonly goneSince: Readonly<Record<string, Instant>>;
  /** Announcements of what was done, still to be made. */
  readonly toTell: readonly Announcement[];
  readonly undone: boolean;
  /**
   * Paths on which a set's users got nothing although the path's own canary passed, and since when. Of the home path it
   * is kept until a human acknowledges, whatever incidents end meanwhile; of others until the incident ends.
   */
  readonly contradicted: Readonly<Record<RouteSetName, Readonly<Record<PathName, Instant>>>>;
  /** Sets whose users are not served as they should be. */
  readonly unserved: Readonly<Record<RouteSetName, Unserved>>;
  /** For how long each set's users have had no answers in this incident, before now. */
  readonly darkMs: Readonly<Record<RouteSetName, number>>;
  /** Neither the reports of the connection's canaries nor their metrics could be read since then; absent: they could. */
  readonly blindSince?: Instant;
  /** The path on which each set's users were last answered. */
  readonly servedOn: Readonly<Record<RouteSetName, PathName>>;
  /** When another path was last tried for users who were dark on a working one. */
  readonly triedAt: Readonly<Record<RouteSetName, Instant>>;
  /** Paths that answer, but more slowly than the policy calls healthy, and nothing else: since when. */
  readonly slowSince: Readonly<Record<PathName, Instant>>;
  /** Sets whose routes could not be written, and have not been since. */
  readonly unwritten: Readonly<Record<RouteSetName, Unwritten>>;
  /** Sets whose routes somebody else moved off the path they were on. */
  readonly putBack: Readonly<Record<RouteSetName, PutBack>>;
  /** The open journal whose run has ended, and what it left was seen: it explains nothing that comes later. */
  readonly settledJournal?: Instant;
  /** When what was done, oldest first, at most 24 h back. */
  readonly budgets: {
    readonly moves: readonly Instant[];
    readonly failbacks: readonly Instant[];
    readonly severeMoves: readonly Instant[];
    readonly repairs: readonly Instant[];
    readonly replaces: readonly Instant[];
  };
  /** When each tunnel of a Site-to-Site connection was given a new endpoint, at most 24 h back: a budget, too. */
  readonly replacedAt: Readonly<Record<TunnelAddress, readonly Instant[]>>;
  /** To the speakers of paths, the last of each. */
  readonly orders: Readonly<Record<PathName, Order>>;
  /** Of paths whose partner was once seen to follow a drain. Nobody can see from outside whether he would. */
  readonly drainProofs: Readonly<Record<PathName, DrainProof>>;
  /** Null: none is open. */
  readonly rehearsal: RehearsalUnderWay | null;
  /** Null: none is open. */
  readonly drill: DrillUnderWay | null;
  /** Null: there was none. */
  readonly lastDrill: DrillRecord | null;
  /** Null: there was none. */
  readonly lastRehearsal: RehearsalRecord | null;
  /** The incident before this one. Null: none yet. */
  readonly lastIncident: {
    readonly id: string;
    readonly openedAt: Instant;
    readonly closedAt: Instant;
    readonly because: string;
  } | null;
  /** When each set was last moved off its home and its users got through: proof that the standby is one. */
  readonly practisedAt: Readonly<Record<RouteSetName, Instant>>;
  /** Gateways whose declared ids are not in their item: since when. The sweep should have written them. */
  readonly undeclaredSince: Readonly<Record<GatewayName, Instant>>;
  /** What AWS has scheduled for each gateway's instance, the next first, and whether people have heard of it. */
  readonly scheduled: Readonly<Record<GatewayName, readonly PlannedEvent[]>>;
  /** What AWS Health said of each gateway is told up to here. */
  readonly healthToldAt: Readonly<Record<GatewayName, Instant>>;
  /** The configuration that spoke last (core/words/configured.ts). Absent: an older version's. */
  readonly configured?: string;
  /** What was stored here and cannot be read: another version's, or damaged. Kept for whoever can; see stored.ts. */
  readonly unread?: string;
}

/** A drill that is open: see core/decide/drill.ts. */
export interface DrillUnderWay {
  readonly openedAt: Instant;
  /** Users go home from here on; an abort makes it now. */
  readonly until: Instant;
  /** Which sets, each to which path. */
  readonly sets: Readonly<Record<RouteSetName, PathName>>;
  readonly requestedBy: string;
  /** Why it was ended early; null: it was not. */
  readonly aborted: string | null;
  /** Since when users are dark now; null: they are not. */
  readonly darkSince: Instant | null;
  /** For how long they have been, before that. */
  readonly darkMs: number;
}

/** `unmoved`: it was over before anybody had been moved. `refused`: it never began. */
export const drillOutcomes = ['passed', 'aborted', 'unmoved', 'refused'] as const;

/** The last drill, for whoever asks what the standby is worth; of one that never began, when it was asked for. */
export interface DrillRecord extends Pick<DrillUnderWay, 'openedAt' | 'darkMs' | 'requestedBy'> {
  readonly outcome: (typeof drillOutcomes)[number];
  readonly because: string;
}

/** A rehearsal of the second tunnel that is open: see core/decide/rehearsal.ts. */
export interface RehearsalUnderWay {
  readonly by: 'peer' | 'aws';
  readonly path: PathName;
  /** The one that was in use, and is to be taken away. */
  readonly tunnel: TunnelAddress;
  readonly openedAt: Instant;
  /** Nothing is taken away any more after this. */
  readonly until: Instant;
  readonly requestedBy: string;
  /** When it went DOWN, by AWS's clock; null: it has not been seen to. */
  readonly downAt: Instant | null;
  /** Since when users are dark now; null: they are not. */
  readonly darkSince: Instant | null;
  /** For how long they have been, before that. */
  readonly darkMs: number;
}

/** `refused`: nothing was done. `expired`: nobody took the tunnel away. */
export const rehearsalOutcomes = ['passed', 'failed', 'expired', 'refused'] as const;

/** The last rehearsal, for whoever asks what the second tunnel is worth. */
export interface RehearsalRecord
  extends Pick<RehearsalUnderWay, 'by' | 'tunnel' | 'openedAt' | 'darkMs' | 'requestedBy'> {
  readonly outcome: (typeof rehearsalOutcomes)[number];
}

/** What the users of one set suffer, each since its first miss and without a break. A worse one counts as a lesser too. */
export interface Unserved {
  /** Since when they get nothing; null: they do. */
  readonly dark: Instant | null;
  /** Since when they get nothing or little of it. */
  readonly hurt: Instant | null;
  /** Since when they wait longer than the policy calls healthy, or worse. */
  readonly slow: Instant;
}

/** In place of EC2's operation, where our own function could not even ask for it. */
export const applyCall = 'apply';

/** A route write that EC2 or IAM refuses, or does not answer. */
export interface Unwritten {
  /** EC2's operation, and the route: what a person must look at. */
  readonly call: string;
  readonly table: string;
  readonly destination: string;
  readonly to: PathName;
  /** EC2's own words, cut. */
  readonly detail: string;
  /** EC2 or IAM said no: trying again soon is pointless. False: no answer, or throttled. */
  readonly refused: boolean;
  readonly since: Instant;
  readonly at: Instant;
  readonly tries: number;
}

/** Somebody else's hand on routes that we had moved. */
export interface PutBack {
  readonly from: PathName;
  readonly to: string;
  readonly times: number;
  readonly at: Instant;
}

/** One thing people are told once. */
export interface Announcement {
  /** Told at most once per incident under this key. */
  readonly key: string;
  readonly text: string;
  /** It waits for company until here, so that one mail says all; absent: it is told now. */
  readonly waitsUntil?: Instant;
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
  downSince: {},
  blips: {},
  silence: {},
  usedSince: {},
  told: {},
  reminded: {},
  goneSince: {},
  toTell: [],
  undone: false,
  contradicted: {},
  unserved: {},
  darkMs: {},
  servedOn: {},
  triedAt: {},
  slowSince: {},
  unwritten: {},
  putBack: {},
  lastIncident: null,
  practisedAt: {},
  undeclaredSince: {},
  scheduled: {},
  healthToldAt: {},
  budgets: { moves: [], failbacks: [], severeMoves: [], repairs: [], replaces: [] },
  replacedAt: {},
  orders: {},
  drainProofs: {},
  rehearsal: null,
  drill: null,
  lastDrill: null,
  lastRehearsal: null,
};
