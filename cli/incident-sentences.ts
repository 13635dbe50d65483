/**
 * An incident's record as sentences, each under its time: what came, what was found and why that was done, which routes
 * moved, what was repaired, which mails people were sent (the subjects; `--json` and the report have the whole texts),
 * how it ended.
 */
import type { IncidentRecord, IncidentWrite } from '../core/turn/incident-record';
import { type Instant, instantText, spanText } from '../core/words/time';

interface Sentence {
  readonly at: Instant;
  readonly text: string;
}

export function incidentSentences(record: IncidentRecord): string[] {
  const { id, connection, deployment, account, region, openedAt, closedAt } = record;
  const day = instantText(openedAt).slice(0, 10);
  const lasted = closedAt === null ? 'still open' : `over after ${spanText(closedAt - openedAt)}`;
  return [
    `Incident ${id} of ${connection} (${deployment}, ${account}, ${region}): ${lasted}. ${darkText(record)}`,
    `On ${day}, times in UTC:`,
    ...told(record).map(({ at, text }) => `${timeText(at, day)} ${text}`),
    ...record.gaps.map((gap) => `Not known: ${gap}.`),
  ];
}

const timeText = (at: Instant, day: string): string => {
  const text = instantText(at);
  return text.startsWith(day) ? text.slice(11) : text;
};

function darkText({ dark }: IncidentRecord): string {
  if (dark.length === 0) return 'No user was seen without answers.';
  const each = dark.map(({ routeSet, from, until }) =>
    until === null ? `${routeSet} since ${instantText(from)}` : `${routeSet} for ${spanText(until - from)}`,
  );
  return `Users got no answers: ${each.join(', ')}.`;
}

/** In order of time, repeated signals said once. */
function told(record: IncidentRecord): Sentence[] {
  const all = [...signalsOf(record), ...actsOf(record), ...peopleOf(record), ...endOf(record)];
  const sorted = all.sort((a, b) => a.at - b.at);
  return sorted.filter(({ text }, i) => text !== sorted[i - 1]?.text);
}

function signalsOf({ signals, dark }: IncidentRecord): Sentence[] {
  return [
    ...signals.map(({ at, source }) => ({ at, text: source === '' ? 'a signal came.' : `a signal came (${source}).` })),
    ...dark.flatMap(({ routeSet, from, until }) => [
      { at: from, text: `users of ${routeSet} get no answers from here on.` },
      ...(until === null ? [] : [{ at: until, text: `users of ${routeSet} are answered again.` }]),
    ]),
  ];
}

const decided: Readonly<Record<string, string>> = {
  divert: 'it decided to move routes',
  failback: 'it decided to bring routes home',
  undo: 'it decided to take a move back',
  repair: 'it decided to repair',
  hold: 'it waited',
  escalate: 'it asked for people',
};

function actsOf({ decisions, writes, rungs }: IncidentRecord): Sentence[] {
  return [
    ...decisions.flatMap(({ at, kind, because }) => {
      const what = decided[kind];
      return what === undefined ? [] : [{ at, text: `${what}, because ${because}.` }];
    }),
    ...writes.map((write) => ({ at: write.effectiveAt ?? write.sentAt, text: writeText(write) })),
    ...rungs.flatMap(({ rung, path, startedAt, endedAt, result, said }) => [
      { at: startedAt, text: `${rung} began on path ${path}.` },
      ...(endedAt === null
        ? []
        : [{ at: endedAt, text: `${rung} on path ${path} ended: ${[result, said].filter(Boolean).join(', ')}.` }]),
    ]),
  ];
}

function writeText({ table, destination, from, to, sentAt, effectiveAt, result, detail }: IncidentWrite): string {
  const route = `${destination} in ${table}: ${from ?? 'nothing'} -> ${to ?? 'nothing'}`;
  if (effectiveAt !== null) return `a route moved, ${route}, ${spanText(effectiveAt - sentAt)} after it was begun.`;
  return `a route was not seen to move, ${route}: ${[result, detail].filter(Boolean).join(', ')}.`;
}

function peopleOf({ notices, commands }: IncidentRecord): Sentence[] {
  return [
    ...commands.map(({ at, trigger, requestedBy, about, until, reason, answer, because }) => {
      const where = about === '' ? '' : ` of ${about}`;
      const when = until === '' ? '' : ` until ${until}`;
      const why = reason === '' ? '' : `: ${reason}`;
      const refused = answer === 'refused' ? ` It was refused: ${because}.` : '';
      return { at, text: `${requestedBy || 'somebody'} asked for ${trigger}${where}${when}${why}.${refused}` };
    }),
    ...notices.map(({ at, subject, isSent }) => ({
      at,
      text: `people ${isSent ? 'were told' : 'could not be told'}: ${subject}`,
    })),
  ];
}

function endOf({ closedAt, decisions }: IncidentRecord): Sentence[] {
  return closedAt === null ? [] : [{ at: closedAt, text: `it finished: ${decisions.at(-1)?.because ?? ''}.` }];
}
