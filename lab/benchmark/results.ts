/**
 * What the benchmark keeps: every run's numbers, and what they come to. The JSON file is the record; table and plots are
 * made from it.
 */
import { type Distribution, distributionOf } from '../measure';
import type { Fault } from './arena';
import type { Trial } from './contest';

export interface Row {
  readonly method: string;
  readonly parameters: string;
  readonly source: string;
  readonly fault: Fault;
  readonly hops: boolean;
  /** Measured on packets, or measured and a drawn part of the hop model added, or computed altogether. */
  readonly how: 'measured' | 'measured, AWS added' | 'computed';
  /** How long a run was waited for. */
  readonly patienceMs: number;
  readonly trials: readonly Pick<Trial, 'run' | 'recovered' | 'darkMs' | 'tcpStallMs' | 'tcpSurvived'>[];
}

export interface Results {
  readonly machine: string;
  readonly runs: number;
  readonly rows: readonly Row[];
  /** Method -> loss in percent -> moves. */
  readonly falseMoves: {
    readonly minutes: number;
    readonly counts: Readonly<Record<string, Readonly<Record<string, number>>>>;
  };
  /** Method -> where users follow when home dies and the standby passes one way only. */
  readonly standbyOneWay: Readonly<Record<string, string>>;
  /** Method -> where users follow when both gateways hang. */
  readonly bothDown: Readonly<Record<string, string>>;
}

export const emptyResults = (machine: string, runs: number): Results => ({
  machine,
  runs,
  rows: [],
  falseMoves: { minutes: 0, counts: {} },
  standbyOneWay: {},
  bothDown: {},
});

/** Null: no run recovered. Runs that did not recover are counted apart: their dark time has no end. */
export function darkOf({ trials }: Row): { readonly recovered: number; readonly dark: Distribution | null } {
  const ended = trials.filter(({ recovered }) => recovered).map(({ darkMs }) => darkMs);
  return { recovered: ended.length, dark: ended.length === 0 ? null : distributionOf(ended) };
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(ms < 10_000 ? 2 : 1);

export function darkCells(row: Row): readonly [median: string, p95: string, max: string] {
  const { recovered, dark } = darkOf(row);
  if (dark === null) return [`never (${row.patienceMs / 1_000} s waited)`, '', ''];
  const some = recovered < row.trials.length ? ` (${recovered} of ${row.trials.length})` : '';
  return [`${seconds(dark.median)}${some}`, seconds(dark.p95), seconds(dark.max)];
}
