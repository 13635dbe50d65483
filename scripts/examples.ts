/**
 * `npm run -s test:examples`: plays every scenario that fits in the local cloud of each example, from that example's
 * own template, and says which do not fit and why. `--site <file>` plays one configuration, yours for instance.
 *
 * Exits with 1 when a scenario does not end as its file says, when a role is denied something, or when no scenario
 * fits. Last line: `N of N played as they should, N do not fit`.
 */
import { join } from 'node:path';
import { Command } from 'commander';
import { ensureBundles } from '../cli/bundles';
import { play } from '../sim/playback';
import { scenarioNames } from '../sim/scenario';
import { scenarioAt, siteFile } from '../sim/scenario-fit';

const examples = ['adopt', 'greenfield', 'cross-region', 'transit-gateway', 'vpn-gateway', 'mesh'].map((name) =>
  join('examples', name, 'switchback.yaml'),
);

const { site } = new Command('examples')
  .description('Plays the scenarios in the examples’ own templates.')
  .option('--site <file>', 'this configuration instead of the examples')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse()
  .opts<{ site?: string }>();

const say = (line: string): void => void process.stdout.write(`${line}\n`);

interface Tally {
  played: number;
  right: number;
  unfit: number;
}

async function playIn(file: string, tally: Tally): Promise<void> {
  say(`\n${file}`);
  const there = siteFile(file);
  const width = Math.max(...scenarioNames().map((name) => name.length));
  let fitting = 0;
  for (const name of scenarioNames()) {
    const fit = scenarioAt(name, there);
    if ('unfit' in fit) {
      tally.unfit++;
      say(`  ${name.padEnd(width)}  does not fit: ${fit.unfit}`);
      continue;
    }
    fitting++;
    const wrong = await wrongIn(fit.scenario);
    tally.played++;
    if (wrong.length === 0) tally.right++;
    say(`  ${name.padEnd(width)}  ${wrong.length === 0 ? 'ok' : `WRONG: ${wrong.join('; ')}`}`);
  }
  if (fitting === 0) {
    tally.played++;
    say('  WRONG: no scenario fits');
  }
}

async function wrongIn(scenario: Parameters<typeof play>[0]): Promise<string[]> {
  const { result, cloud } = await play(scenario);
  const denied = cloud.authority.usage().filter(({ allowed }) => !allowed);
  return [
    ...result.expectations.filter(({ ok }) => !ok).map(({ what, saw }) => `${what}, saw ${JSON.stringify(saw)}`),
    ...denied.map((use) => `denied ${JSON.stringify(use)}`),
  ];
}

async function main(): Promise<number> {
  ensureBundles();
  const tally: Tally = { played: 0, right: 0, unfit: 0 };
  for (const file of site === undefined ? examples : [site]) await playIn(file, tally);
  say(`\n${tally.right} of ${tally.played} played as they should, ${tally.unfit} do not fit`);
  return tally.right === tally.played ? 0 : 1;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`examples: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  },
);
