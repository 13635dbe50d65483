/**
 * `npm run -s targets`: measures what the design promises and virtual time can tell, and prints a table: target,
 * measured, ok. `--seeds A..B` sets over how many runs, `--loss-hours N` how long the loss lasts, `--only TEXT` which
 * rows. Exits with 1 when a target is missed. docs/TARGETS.md says where the others are measured.
 */
import { Command } from 'commander';
import { ensureBundles } from '../../cli/bundles';
import { countUpTo, seedRange } from '../../scripts/option-values';
import { type Measured, targets } from '../targets';

const seedsFrom = (text: string): number[] => {
  const { from, to } = seedRange(text);
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
};

const program = new Command('targets')
  .description('Measures the targets of the design in virtual time.')
  .option(
    '--seeds <A..B>',
    'runs of each scenario; what hardly varies takes the first 20',
    seedsFrom,
    seedsFrom('0..99'),
  )
  .option('--loss-hours <N>', 'simulated hours of random loss; 720 are 30 days', countUpTo(10_000), 4)
  .option('--only <text>', 'targets whose name contains this', '')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse();

const options = program.opts<{ seeds: number[]; lossHours: number; only: string }>();

const shown = (value: number, unit: Measured['unit']): string =>
  unit === 's' ? `${value.toFixed(2)} s` : String(value);

async function main(): Promise<number> {
  ensureBundles();
  const chosen = targets.filter(({ name }) => name.includes(options.only));
  let missed = 0;
  console.log('| what | target | measured | ok |\n|---|---|---|---|');
  for (const target of chosen) {
    const rows = await target.measure({ seeds: options.seeds, lossHours: options.lossHours });
    for (const { what, limit, measured, unit } of rows) {
      const ok = measured <= limit;
      if (!ok) missed++;
      console.log(
        `| ${target.name}: ${what} | ${shown(limit, unit)} | ${shown(measured, unit)} | ${ok ? 'yes' : 'NO'} |`,
      );
    }
  }
  console.log(`\n${options.seeds.length} seeds, ${missed} targets missed`);
  return missed === 0 && chosen.length > 0 ? 0 : 1;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`targets: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 2;
  },
);
