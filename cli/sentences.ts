/** A timeline as sentences: what happened, who noticed, what was decided and why, what was done, what people were told. */
import { instantText } from '../core/words/time';
import type { TimelineEntry } from '../sim/timeline';

/** As a real execution's history is told: each sentence under the time that clocks on the wall had. */
export function datedSentences(timeline: readonly TimelineEntry[]): string[] {
  const day = instantText(timeline[0]?.atMs ?? 0).slice(0, 10);
  const told = sentences(timeline, (at) => {
    const text = new Date(at).toISOString();
    return text.startsWith(day) ? `${text.slice(11, 19)}Z` : instantText(at);
  });
  return [`On ${day}, times in UTC:`, ...told];
}

/** One sentence an entry; repeated signals about the same thing are said once. */
export function sentences(
  timeline: readonly TimelineEntry[],
  timeText: (at: number, start: number) => string = (at, start) => afterText(at - start),
): string[] {
  const start = timeline[0]?.atMs ?? 0;
  let before = '';
  return timeline.flatMap((entry) => {
    const sentence = sentenceOf(entry);
    if (sentence === before || sentence === '') return [];
    before = sentence;
    return [`${timeText(entry.atMs, start)} ${sentence}`];
  });
}

/** `At once,` `After 3.2 s,` `After 4 min 10 s,` from the first entry on. */
function afterText(ms: number): string {
  if (ms < 50) return 'At once,';
  if (ms < 100_000) return `After ${(ms / 1_000).toFixed(1)} s,`;
  return `After ${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s,`;
}

function sentenceOf({ state, because }: TimelineEntry): string {
  const why = because === '' ? '' : `, because ${because}`;
  const colon = because === '' ? '' : `: ${because}`;
  switch (state) {
    case 'World':
      return `this happened: ${because}.`;
    case 'Signal':
      return because === '' ? 'a signal or a command came.' : `a signal came (${because}).`;
    case 'DivertRoutes':
      return `it decided to divert${why}.`;
    case 'FailBackRoutes':
      return `it decided to fail back${why}.`;
    case 'RepairGateway':
      return `it started a repair${why}.`;
    case 'OrderSpeaker':
      return `it gave an order to a speaker${why}.`;
    case 'Rung':
      return `the repair ended: ${because}.`;
    case 'Ordered':
      return `the order ended: ${because}.`;
    case 'Routes':
      return `routes took effect: ${because.replace(/ \(.*/, '').replace('->', 'to').replace('between', 'both')}.`;
    case 'NotifyPeople':
      return '';
    case 'Told':
      return `people were told${colon}.`;
    case 'Untold':
      return `people could not be told${colon}.`;
    case 'AwaitNews':
      return `it waited${why}.`;
    case 'Finished':
      return `it finished${colon}.`;
    case 'Parked':
      return `it parked${colon}.`;
    case 'Cut':
    case 'WithoutData':
      return `${because}.`;
    case 'Refused':
      return `it refused: ${because}. Nothing was recorded.`;
    case 'ReleaseLease':
      return '';
    default:
      return `the run ended at ${state}${colon}.`;
  }
}
