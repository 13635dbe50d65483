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
import { datedSentences, sentences } from './sentences';

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
  const lines = source.history === undefined ? sentences(timeline) : datedSentences(timeline);
  process.stdout.write(`${lines.map(harmless).join('\n')}\n`);
  return 0;
}

async function simulated({ scenario = 'gateway-stopped', seed }: Source): Promise<readonly TimelineEntry[]> {
  ensureBundles();
  return (await simulate(loadScenario(scenario), { seed, tables: 'memory' })).timeline;
}
