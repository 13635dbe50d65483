/**
 * `npm run model-check`: runs the batteries of model/batteries.ts, one line each, and a summary. Exits with 1
 * when a verdict is not the expected one, or when a model no longer quotes the state machine it models.
 *
 *     --quick      the short part            --only TEXT   batteries whose name holds TEXT
 *     --trail      tell each violation       --required    fail, rather than pass, where SPIN is absent
 */
import { parseArgs } from 'node:util';
import { type Battery, batteries } from './batteries';
import { drift } from './quotes';
import { isInstalled, run, type SpinOutcome } from './spin';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    trail: { type: 'boolean', default: false },
    required: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
  },
});

function main(): number {
  const drifted = drift();
  for (const line of drifted) console.log(`DRIFTED  ${line}`);

  const missing = ['spin', 'cc'].filter((tool) => !isInstalled(tool));
  if (missing.length > 0) {
    console.log(`MODEL NOT CHECKED: ${missing.join(' and ')} not found. Install: apt-get install spin gcc`);
    return options.required || drifted.length > 0 ? 1 : 0;
  }

  const chosen = batteries.filter((b) => (!options.quick || b.quick === true) && b.name.includes(options.only));
  const startedAt = Date.now();
  let megabytesMax = 0;
  const wrong = chosen.filter((battery) => {
    const outcome = run(battery);
    megabytesMax = Math.max(megabytesMax, outcome.megabytes);
    console.log(lineOf(battery, outcome));
    if (options.trail) {
      for (const [i, step] of outcome.trail.entries()) console.log(`${String(i + 1).padStart(8)}. ${step}`);
      if (outcome.trail.length > 0) console.log(`${' '.repeat(10)}and the next step violates ${outcome.verdict}`);
    }
    return outcome.verdict !== battery.expect;
  });
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  const asExpected = chosen.length - wrong.length;
  const cost = `${seconds} s, at most ${Math.ceil(megabytesMax)} MB`;
  console.log(`${chosen.length} batteries in ${cost}: ${asExpected} as expected, ${wrong.length} not`);
  return wrong.length > 0 || drifted.length > 0 || chosen.length === 0 ? 1 : 0;
}

function lineOf(battery: Battery, { verdict, states, depth, seconds }: SpinOutcome): string {
  const says = (word: string): string => (word === 'holds' ? word : `violates ${word}`);
  const judged = verdict === battery.expect ? says(verdict) : `${says(verdict)}, EXPECTED: ${says(battery.expect)}`;
  const name = battery.claim === undefined ? battery.name : `${battery.name} (${battery.claim})`;
  const numbers = `${states.toLocaleString('en').padStart(10)} states ${String(depth).padStart(4)} deep`;
  return `${verdict === battery.expect ? 'ok   ' : 'WRONG'} ${name.padEnd(56)}${numbers}${seconds.toFixed(1).padStart(6)} s  ${judged}`;
}

process.exitCode = main();
