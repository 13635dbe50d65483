/** The sentence that whoever opens the page reads first: what happened, what was done, how it stands, how users fared. */
import { isIncidentId } from '../../core/words/incident-id';
import { spanText } from '../../core/words/time';
import type { DarkTime, IncidentReport } from './incident-report';
import { hasMoved, type RouteCall } from './moves';
import type { ReportSource } from './source';

export function verdictOf(
  source: ReportSource,
  calls: readonly RouteCall[],
  dark: readonly DarkTime[],
): IncidentReport['verdict'] {
  const parts = [causeOf(source), movesOf(source, calls), repairsOf(source), endOf(source)];
  const text = parts.filter((part) => part !== '').join('; ');
  return { ...stateOf(source, dark), text: `${darkText(dark)} ${capital(text)}.` };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function causeOf({ record }: ReportSource): string {
  const asked = record.commands.find(({ answer }) => answer !== 'unknown');
  const who =
    asked === undefined
      ? ''
      : `${asked.requestedBy || 'somebody'} asked for ${asked.trigger.replaceAll('_', ' ')}${asked.answer === 'refused' ? ', and was refused' : ''}`;
  const brake = record.decisions.find(({ rule }) => rule === 'brake');
  // How old a report was is of no interest any more.
  const because = (brake?.because ?? record.because).replace(/ \(\d+(\.\d+)? (ms|s) ago\)/g, '');
  return [who, because].filter((part) => part !== '').join(': ');
}

function movesOf({ record, connection }: ReportSource, calls: readonly RouteCall[]): string {
  const moved = calls.filter(hasMoved);
  if (moved.length === 0) return calls.length === 0 ? 'no route was moved' : 'routes were to be moved and were not';
  const setsOf = ({ writes }: RouteCall): string[] => writes.map(({ routeSet }) => routeSet);
  return [...new Set(moved.flatMap(setsOf))]
    .map((set) => {
      const on = record.sets[set]?.at(-1)?.on ?? '';
      const isUndone = moved.some((call) => call.kind === 'undo' && setsOf(call).includes(set));
      const away = isUndone ? 'was moved away, served worse there, and taken back' : 'was moved away';
      if (on === connection.routeSets[set]?.home) return `${set} ${away}${isUndone ? '' : ' and is home again'}`;
      return `${set} ${isUndone ? away : 'was moved'} and is ${on === '' ? 'nobody knows where' : `on ${on}`}`;
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

function stateOf({ record }: ReportSource, dark: readonly DarkTime[]): Omit<IncidentReport['verdict'], 'text'> {
  const worst = Math.max(0, ...dark.map(({ ms }) => ms ?? 0));
  if (record.closedAt === null)
    return dark.every(({ isOver }) => isOver) ? { tone: 'weak', word: 'open' } : { tone: 'bad', word: 'users dark' };
  if (worst > longDarkMs) return { tone: 'weak', word: 'over, long dark' };
  if (record.commands.some(({ answer }) => answer === 'recorded')) return { tone: 'planned', word: 'over, asked for' };
  // An execution that only answered a command.
  const isRefusal = !isIncidentId(record.id) && record.commands.some(({ answer }) => answer === 'refused');
  return isRefusal ? { tone: 'weak', word: 'refused' } : { tone: 'well', word: 'over' };
}
