/**
 * `npm run -s lab -- --scenario charon-killed --runs 5 [--json]`: plays a scenario on real packets and says what users
 * felt. Root on Linux; `--list` names the scenarios, `--check` says whether this machine can.
 *
 * Exit 0: every run ended as it should. 1: one did not. 2: not called rightly, or this machine cannot.
 */
import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { ensureBundles } from '../cli/bundles';
import { countUpTo } from '../scripts/option-values';
import { debianPackages, obstacles } from './lab';
import { type Distribution, distributionOf } from './measure';
import { atSomeMoment, type LabRun, labScenario, labScenarios, play } from './play';

const program = new Command('lab')
  .description('Scenarios on real packets: network namespaces, strongSwan, the deployed functions, real time.')
  .option('--scenario <name>', 'which; --list names them', 'charon-killed')
  .option('--runs <N>', 'how often', countUpTo(9_999), 1)
  .option('--hops', 'each hop takes what AWS takes, by the hop model')
  .option('--attract', 'after each move, rekey there: draws the answers of a site that holds both tunnels in one box')
  .option('--json', 'one JSON value on standard output')
  .option('--raw <file>', 'keep every probe, and every reading of tunnels, of every run in this file (JSON)')
  .option('--list', 'name the scenarios and end')
  .option('--packages', 'name the Debian packages it needs, and end')
  .option('--check', 'say whether this machine can, and end')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse();

const options = program.opts<{
  scenario: string;
  runs: number;
  hops?: true;
  attract?: true;
  json?: true;
  raw?: string;
  list?: true;
  packages?: true;
  check?: true;
}>();

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const complain = (line: string): void => void process.stderr.write(`${line}\n`);

async function main(): Promise<number> {
  if (options.list) {
    const names = labScenarios();
    const width = Math.max(...names.map((name) => name.length));
    for (const name of names) say(`${name.padEnd(width)}  ${labScenario(name).title}`);
    return 0;
  }
  if (options.packages) {
    say(debianPackages.join(' '));
    return 0;
  }
  const inTheWay = await obstacles();
  for (const obstacle of inTheWay) complain(obstacle);
  if (inTheWay.length > 0) return 2;
  if (options.check) return 0;
  return playAll();
}

async function playAll(): Promise<number> {
  ensureBundles();
  const scenario = labScenario(options.scenario);
  if (!options.json) say(`${scenario.title}\n`);
  const runs: LabRun[] = [];
  for (let run = 1; run <= options.runs; run++) {
    const result = await play(atSomeMoment(scenario, run), {
      seed: run,
      withHops: options.hops === true,
      attracts: options.attract === true,
    });
    runs.push(result);
    if (!options.json) say(runLine(run, result));
  }
  const darkMs = distributionOf(runs.map((one) => one.darkMs));
  const lean = runs.map(({ recording, readings, ...rest }) => rest);
  if (options.raw !== undefined)
    writeFileSync(options.raw, JSON.stringify(runs.map(({ recording, readings }) => ({ ...recording, readings }))));
  if (options.json)
    say(JSON.stringify({ scenario: options.scenario, hops: options.hops === true, runs: lean, darkMs }));
  else say(`\n${summary(darkMs)}`);
  return runs.every(({ asExpected }) => asExpected) ? 0 : 1;
}

function runLine(run: number, result: LabRun): string {
  const { darkMs, lostProbes, tcpStallMs, tcpSurvived, failback, toldOfHome, surprises } = result;
  const tcp = tcpSurvived ? `transfer stood still ${tcpStallMs} ms` : 'transfer was reset';
  const end = surprises.length === 0 ? 'as expected' : `NOT AS EXPECTED: ${surprises.join('; ')}`;
  const home = failback === null ? '' : `, ${failback.lostProbes} of them on the way home`;
  const told = toldOfHome === null ? '' : `; home's tunnels UP in ${toldOfHome.up} of ${toldOfHome.readings} readings`;
  return `run ${run}: dark ${darkMs} ms, ${lostProbes} probes lost${home}, ${tcp}${told}${waysText(result)}; ${result.outcome}, ${end}`;
}

/** `a, dark, b, a`; `b/a`: packets left by b, and answers came back by a. */
function waysText({ ways }: LabRun): string {
  if (ways.length === 0) return '';
  const one = (path: string | null): string => path ?? '-';
  const said = ways.map(({ out, back }) => (out === back ? (out ?? 'dark') : `${one(out)}/${one(back)}`));
  return `; there and back over ${said.join(', ')}`;
}

const summary = ({ min, median, p95, max }: Distribution): string =>
  `dark: min ${min}, median ${median}, p95 ${p95}, max ${max} ms`;

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    complain(error.message);
    process.exit(1);
  },
);
