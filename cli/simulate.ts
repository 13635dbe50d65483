/**
 * `switchback simulate`: one scenario in the local cloud, told as it happens, judged at the end.
 */
import { loadScenario, scenarioNames } from '../sim/scenario';
import { type SimulationResult, simulate } from '../sim/simulate';
import { ensureBundles } from './bundles';
import { entryLine, headline, summary } from './screen';

/** One scenario a line: its name, then what it shows. */
export function listScenarios(): number {
  const names = scenarioNames();
  const width = Math.max(...names.map((name) => name.length));
  for (const name of names) process.stdout.write(`${name.padEnd(width)}  ${loadScenario(name).title}\n`);
  return 0;
}

/** 0: the incident ended as it should. 1: it did not. */
export async function simulateScenario(options: { scenario: string; seed: number; json?: true }): Promise<number> {
  ensureBundles();
  const scenario = loadScenario(options.scenario);
  const loud = options.json !== true;
  if (loud) process.stdout.write(`${headline(scenario.title, scenario.name, options.seed)}\n`);
  const result = await simulate(scenario, {
    seed: options.seed,
    onEvent: (entry) => {
      if (loud) process.stdout.write(`${entryLine(entry)}\n`);
    },
  });
  process.stdout.write(loud ? `${summary(result)}\n` : `${JSON.stringify(result)}\n`);
  return endedAsItShould(result) ? 0 : 1;
}

const endedAsItShould = (result: SimulationResult): boolean =>
  result.expectations.every((expectation) => expectation.ok);
