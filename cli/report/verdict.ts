/** The sentence that whoever opens the page reads first: what happened, what was done, how it stands, how users fared. */
import { spanText } from '../../core/words/time';
import type { DarkTime, IncidentReport, Tone } from './incident-report';
import { hasMoved, type RouteCall } from './moves';
import type { ReportSource } from './source';

export function verdictOf(
  source: ReportSource,
  calls: readonly RouteCall[],
  dark: readonly DarkTime[],
): IncidentReport['verdict'] {
  const parts = [causeOf(source), movesOf(source, calls), repairsOf(source), endOf(source)];
  const text = parts.filter((part) => part !== '').join('; ');
  return { tone: toneOf(source, dark), text: `${capital(text)}. ${darkText(dark)}` };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function causeOf({ record }: ReportSource): string {
  const planned = record.commands.find(({ answer }) => answer === 'recorded');
  const who =
    planned === undefined
      ? ''
      : `${planned.requestedBy || 'somebody'} asked for ${planned.trigger.replaceAll('_', ' ')}`;
  return [who, record.because].filter((part) => part !== '').join(': ');
}

function movesOf({ record, connection }: ReportSource, calls: readonly RouteCall[]): string {
  const moved = calls.filter(hasMoved);
  if (moved.length === 0) return calls.length === 0 ? 'no route was moved' : 'routes were to be moved and were not';
  const sets = [...new Set(moved.flatMap(({ writes }) => writes.map(({ routeSet }) => routeSet)))];
  return sets
    .map((set) => {
      const on = record.sets[set]?.at(-1)?.on ?? '';
      if (on === connection.routeSets[set]?.home) return `${set} was moved away and is home again`;
      return `${set} was moved and is ${on === '' ? 'nobody knows where' : `on ${on}`}`;
    })
    .join(', ');
}

const results: Readonly<Record<string, string>> = { success: 'succeeded', running: 'still runs' };

const repairsOf = ({ record }: ReportSource): string =>
  record.rungs
    .map(({ rung, gateway, result }) => `${rung} of ${gateway} ${results[result] ?? `ended ${result}`}`)
    .join(', ');

function endOf({ record, madeAt }: ReportSource): string {
  const { openedAt, closedAt } = record;
  return closedAt === null
    ? `still open after ${spanText(madeAt - openedAt)}`
    : `over after ${spanText(closedAt - openedAt)}`;
}

function darkText(dark: readonly DarkTime[]): string {
  const known = dark.filter(({ ms }) => ms !== null);
  if (known.length === 0) return 'No service canary says what users felt.';
  const each = known.map(({ set, ms, isOver }) => {
    if (ms === 0) return `users of ${set} were never seen dark`;
    return `users of ${set} ${isOver ? 'were' : 'have been'} dark for ${spanText(ms!)}`;
  });
  return `${capital(each.join(', '))}.`;
}

/** Longer, and somebody will ask. */
const longDarkMs = 60_000;

function toneOf({ record }: ReportSource, dark: readonly DarkTime[]): Tone {
  const worst = Math.max(0, ...dark.map(({ ms }) => ms ?? 0));
  if (record.closedAt === null) return dark.every(({ isOver }) => isOver) ? 'weak' : 'bad';
  if (worst > longDarkMs) return 'weak';
  return record.commands.some(({ answer }) => answer === 'recorded') ? 'planned' : 'well';
}
