/**
 * What the page about one incident shows, before it is HTML. Every text may be somebody else's; the page escapes it.
 * Whatever could not be read is said (`unread`), never left out in silence.
 */
import type { CanaryPoint } from '../../adapters/cloudwatch/canary-history';
import type { IncidentNotice } from '../../core/turn/incident-record';
import type { Instant } from '../../core/words/time';

/** How a state looks; words always stand beside the colour. */
export type Tone = 'well' | 'weak' | 'bad' | 'blank' | 'work' | 'planned';

export interface Stretch {
  readonly from: Instant;
  readonly to: Instant;
  readonly state: string;
  readonly tone: Tone;
}

/** One line of the Gantt chart. */
export interface Lane {
  readonly label: string;
  readonly stretches: readonly Stretch[];
}

/** A moment at which traffic was moved, or tried to be. */
export interface Mark {
  readonly at: Instant;
  readonly kind: 'divert' | 'failback' | 'undo';
  readonly text: string;
}

export interface CanarySeries {
  readonly id: string;
  /** `path a`, `users of office`. */
  readonly about: string;
  readonly of: 'path' | 'service';
  /** How much time one point stands for. Null: a point is what a run saw when it looked. */
  readonly periodMs: number | null;
  readonly points: readonly CanaryPoint[];
}

/** How long users of one route set got no answer. */
export interface DarkTime {
  readonly set: string;
  /** Null: nobody measured it. */
  readonly ms: number | null;
  readonly isOver: boolean;
  /** Who measured it, and in a simulation how long it was. */
  readonly by: string;
}

/** One route: where it led at the start, after each move, and at the end. */
export interface RouteRow {
  readonly table: string;
  readonly destination: string;
  /** As many as there are columns; null: there was no such route. */
  readonly targets: readonly (string | null)[];
}

export interface RouteDiff {
  readonly columns: readonly { readonly title: string; readonly at: Instant | null }[];
  readonly rows: readonly RouteRow[];
  readonly remarks: readonly string[];
}

export interface DecisionEntry {
  readonly at: Instant;
  /** Of a wait: when it was said last. */
  readonly until: Instant;
  readonly kind: string;
  readonly rule: string;
  readonly because: string;
  /** A sentence for each path and each set's users. */
  readonly evidence: readonly string[];
  /** What came of it; empty: nothing was to be done. */
  readonly outcome: string;
  readonly raw: unknown;
}

/** What a person asked for, and what came of it. */
export interface AskedEntry {
  readonly at: Instant;
  readonly who: string;
  readonly what: string;
  readonly outcome: string;
  readonly isRefused: boolean;
}

export interface Measure {
  readonly what: string;
  /** From the first sign; null: it has not happened. */
  readonly ms: number | null;
  /** What the step that ends here is called in the bar of all of them. Absent: it is not in it. */
  readonly step?: string;
  /** Null: there is none. */
  readonly budgetMs: number | null;
  readonly note: string;
}

export interface CostLine {
  readonly what: string;
  readonly quantity: string;
  readonly usd: number;
}

export interface IncidentReport {
  readonly id: string;
  readonly deployment: string;
  readonly connection: string;
  readonly account: string;
  readonly region: string;
  /** Of a simulation: which. Empty: it happened. */
  readonly played: string;
  readonly openedAt: Instant;
  /** Null: it is open. */
  readonly closedAt: Instant | null;
  /** What the charts show. */
  readonly from: Instant;
  readonly to: Instant;
  readonly madeAt: Instant;
  /** `word`: all of it, for whoever reads no further. */
  readonly verdict: { readonly tone: Tone; readonly word: string; readonly text: string };
  readonly dark: readonly DarkTime[];
  readonly lanes: readonly Lane[];
  readonly marks: readonly Mark[];
  readonly canaries: readonly CanarySeries[];
  readonly routes: RouteDiff;
  readonly decisions: readonly DecisionEntry[];
  readonly told: readonly IncidentNotice[];
  readonly asked: readonly AskedEntry[];
  /** What was done to a simulated world. */
  readonly happened: readonly { readonly at: Instant; readonly what: string }[];
  readonly measures: readonly Measure[];
  readonly undone: readonly { readonly what: string; readonly whys: readonly string[] }[];
  readonly cost: { readonly lines: readonly CostLine[]; readonly remark: string };
  readonly open: readonly string[];
  readonly unread: readonly string[];
  readonly executions: readonly string[];
}
