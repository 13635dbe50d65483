/**
 * `switchback explain`: an incident as sentences, from a simulated run or from a real execution's history.
 *
 * The chain is always the same: what happened, who noticed, what the evidence was, what was decided and why, what was
 * done, how it ended.
 */
import { readFileSync } from 'node:fs';
import { harmless } from '../core/words/malformed';
import { loadScenario } from '../sim/scenario';
import { simulate } from '../sim/simulate';
import type { TimelineEntry } from '../sim/timeline';
import { ensureBundles } from './bundles';
import { timelineFromHistory } from './history';

interface Source {
  readonly scenario?: string;
  readonly seed: number;
  readonly history?: string;
}

export async function explain(source: Source): Promise<number> {
  const timeline =
    source.history === undefined
      ? await simulated(source)
      : timelineFromHistory(readFileSync(source.history, 'utf8'), source.history);
  process.stdout.write(`${sentences(timeline).map(harmless).join('\n')}\n`);
  return 0;
}

async function simulated({ scenario = 'gateway-stopped', seed }: Source): Promise<readonly TimelineEntry[]> {
  ensureBundles();
  return (await simulate(loadScenario(scenario), { seed })).timeline;
}

/** One sentence an entry; repeated signals about the same thing are said once. */
export function sentences(timeline: readonly TimelineEntry[]): string[] {
  const start = timeline[0]?.atMs ?? 0;
  let before = '';
  return timeline.flatMap((entry) => {
    const sentence = sentenceOf(entry);
    if (sentence === before || sentence === '') return [];
    before = sentence;
    return [`${afterText(entry.atMs - start)} ${sentence}`];
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
    case 'Rung':
      return `the repair ended: ${because}.`;
    case 'Routes':
      return `routes took effect: ${because.replace(/ \(.*/, '').replace('->', 'to').replace('between', 'both')}.`;
    case 'NotifyPeople':
      return '';
    case 'Told':
      return `people were told${colon}.`;
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
