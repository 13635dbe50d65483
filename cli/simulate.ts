/**
 * `switchback simulate`: one scenario in the local cloud, told as it happens, judged at the end.
 */
import { nobodyTold } from '../config/installation-schema';
import { calibratedHops } from '../sim/calibrated';
import { loadScenario, scenarioNames, titleOf } from '../sim/scenario';
import { type SimulationResult, simulate } from '../sim/simulate';
import type { TimelineEntry } from '../sim/timeline';
import { ensureBundles } from './bundles';
import { harmlessValue, jsonLine } from './harmless';
import { type Noted, note } from './operate/report-local';
import { entryLine, headline, isBeginning, isTold, quietStart, summary } from './screen';

/** One scenario a line, its name, then what it shows; or all of them as JSON. */
export function listScenarios(json?: true): number {
  const names = scenarioNames();
  if (json) {
    process.stdout.write(jsonLine(names.map((name) => ({ name, title: titleOf(name) }))));
    return 0;
  }
  const width = Math.max(...names.map((name) => name.length));
  for (const name of names) process.stdout.write(`${name.padEnd(width)}  ${harmlessValue(titleOf(name))}\n`);
  return 0;
}

/** 0: the incident ended as it should. 1: it did not. */
export async function simulateScenario(options: {
  scenario: string;
  seed: number;
  site?: string;
  json?: true;
  report?: string;
  calibrated?: string;
}): Promise<number> {
  const hops = options.calibrated === undefined ? undefined : calibratedHops(options.calibrated);
  ensureBundles();
  const scenario = loadScenario(options.scenario, options.site === undefined ? {} : { siteFile: options.site });
  // Of the built-in sites nobody deploys any.
  const deaf = options.site === undefined ? null : nobodyTold(scenario.deployment);
  if (deaf !== null) process.stderr.write(`warning: ${harmlessValue(deaf)}\n`);
  const loud = options.json !== true;
  if (loud)
    process.stdout.write(`${headline(harmlessValue(scenario.title), harmlessValue(scenario.name), options.seed)}\n`);
  let noted: Noted | undefined;
  const result = await simulate(scenario, {
    seed: options.seed,
    tables: 'memory',
    ...(hops !== undefined && { hops }),
    playsOut: true,
    onEvent: loud ? teller() : () => {},
    onCloud: (cloud) => {
      if (options.report !== undefined) noted = note(cloud);
    },
  });
  process.stdout.write(loud ? `${summary(harmlessValue(result))}\n` : jsonLine(result));
  if (noted !== undefined) {
    const line = await noted.write(result, options.report!);
    if (loud) process.stdout.write(`  ${harmlessValue(line)}\n\n`);
  }
  return endedAsItShould(result) ? 0 : 1;
}

/** Tells each entry as it comes; what comes before the story is a quiet start, told in one line. */
function teller(): (entry: TimelineEntry) => void {
  let before = 0;
  let started = false;
  return (entry) => {
    if (!started && isBeginning(entry)) {
      process.stdout.write(`${quietStart(entry.atMs, before)}\n`);
      started = true;
    }
    if (!started) before++;
    else if (isTold(entry)) process.stdout.write(`${entryLine(harmlessValue(entry))}\n`);
  };
}

const endedAsItShould = (result: SimulationResult): boolean =>
  result.expectations.every((expectation) => expectation.ok);
