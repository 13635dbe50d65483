/**
 * `npm run -s sim -- --seeds A..B [--jobs N]`: plays one drawn incident per seed under drawn faults, with every law
 * watching, and tells what was broken and what was never exercised. `--seed N` replays one, line by line.
 *
 * Exits with 1 when a law is broken, or when over `seedsForCoverage` seeds and more some rule, Catch or fault was
 * never reached. Last line: `N incidents, N violations, N incidents/s`.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { Worker } from 'jest-worker';
import { ensureBundles } from '../../cli/bundles';
import { ruleNames } from '../../core/words/rules';
import { rungs } from '../../core/words/rungs';
import { countUpTo, type SeedRange, seedRange } from '../../scripts/option-values';
import type { BlockResult, Violation } from '../swarm/block';
import { addCoverage, type Counts, type Coverage, count, emptyCoverage } from '../swarm/coverage';
import { playIncident, seedsPerSite, siteOf } from '../swarm/incident';
import { judgedLaws } from '../swarm/laws/all';
import { machine } from '../swarm/reachable';
import { drawSite } from '../swarm/site';
import { drawnFaults } from '../swarm/storm-faults';
import { drawnWorlds, siteKinds, sorts } from '../swarm/worlds';

/** Below this many seeds a rare Catch may be missed by chance, and nothing is demanded. */
const seedsForCoverage = 2_000;
const transcriptLines = 40;
const progressEveryMs = 30_000;

function wholeFrom(text: string): number {
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(Number(text)))
    throw new InvalidArgumentError('expected a whole number');
  return Number(text);
}

const program = new Command('sim')
  .description('Swarm simulation: drawn sites, drawn faults, every law watching.')
  .option('--seeds <A..B>', 'play these seeds', seedRange, { from: 0, to: 199 })
  .option('--seed <N>', 'replay one seed and print all of it', wholeFrom)
  .option('--jobs <N>', 'processes', countUpTo(256), availableParallelism())
  .option('--holding <WORLD>', 'play only sites that hold this kind of world, e.g. "answers by BGP"')
  .option('--of-each-site <N>', 'only so many seeds of each whole site: more sites an hour', countUpTo(seedsPerSite))
  .option('--keep-going', 'play on after a violation')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse();

interface Options {
  readonly seeds: SeedRange;
  readonly seed?: number;
  readonly jobs: number;
  readonly holding?: string;
  readonly ofEachSite?: number;
  readonly keepGoing?: true;
}

const options = program.opts<Options>();

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function replay(seed: number): Promise<number> {
  const { transcript, breach } = await playIncident(seed);
  for (const line of transcript) say(line);
  say(breach === null ? `Seed ${seed}: no law is broken` : `Seed ${seed}: BROKEN: ${breach.law}: ${breach.how}`);
  return breach === null ? 0 : 1;
}

function sayViolation({ law, how, seed, transcript }: Violation): void {
  say(`\nLaw broken: ${law}\nSeed:       ${seed}  (npm run -s sim -- --seed ${seed})\nHow:        ${how}`);
  for (const line of transcript.slice(-transcriptLines)) say(`  ${line}`);
}

async function swarm({ from, to }: SeedRange, jobs: number): Promise<number> {
  const startedAt = performance.now();
  const worker = new Worker(join(__dirname, '../swarm/block.ts'), {
    numWorkers: Math.max(1, jobs),
    exposedMethods: ['playBlock'],
    forkOptions: { execArgv: ['--max-semi-space-size=64', '-r', 'tsx/cjs'] },
  }) as Worker & { playBlock(from: number, to: number): Promise<BlockResult> };
  const coverage = emptyCoverage();
  let incidents = 0;
  let violations = 0;
  let toldAt = startedAt;
  const play = async (block: SeedRange): Promise<void> => {
    if (violations > 0 && options.keepGoing !== true) return;
    const result = await worker.playBlock(block.from, block.to);
    incidents += result.incidents;
    violations += result.violations.length;
    addCoverage(coverage, result.coverage);
    result.violations.forEach(sayViolation);
    const now = performance.now();
    if (now - toldAt < progressEveryMs) return;
    toldAt = now;
    process.stderr.write(`${incidents} incidents, ${violations} violations, ${rate(incidents, now - startedAt)}\n`);
  };
  say(`Seeds ${from}..${to}, ${jobs} processes, ${seedsPerSite} seeds a site`);
  try {
    const { ofEachSite } = options;
    const blocks = blocksOf({ from, to }, ofEachSite ?? blockSizeFor(to - from + 1, jobs));
    const some = ofEachSite === undefined ? blocks : blocks.filter((block) => block.from % seedsPerSite === 0);
    const chosen = some.filter(holds);
    if (chosen.length === 0) throw new Error(`no site to play among the seeds ${from}..${to}: name more of them`);
    await inTurn(chosen, Math.max(1, jobs), play);
  } finally {
    await worker.end();
  }
  const missed = sayCoverage(coverage);
  const owed = incidents >= seedsForCoverage ? missed : [];
  if (owed.length > 0) say(`\nNever reached: ${owed.join(', ')}`);
  say(`${incidents} incidents, ${violations} violations, ${rate(incidents, performance.now() - startedAt)}`);
  return violations + owed.length > 0 ? 1 : 0;
}

/** A misspelt kind would play nothing, and call that clean. */
function holds({ from }: SeedRange): boolean {
  const { holding } = options;
  if (holding === undefined) return true;
  if (!siteKinds.includes(holding)) throw new Error(`--holding ${holding} is no kind of site: ${siteKinds.join(', ')}`);
  return sorts(drawSite(siteOf(from))).includes(holding);
}

const rate = (incidents: number, ms: number): string => `${((incidents * 1_000) / ms).toFixed(1)} incidents/s`;

/** A process takes as long to load everything and to synthesize a site as to play so many incidents. */
const seedsWorthAProcess = 15;

/** Seeds of one site are dealt out among the processes where there are enough: none may stand idle meanwhile. */
const blockSizeFor = (seeds: number, jobs: number): number =>
  Math.min(seedsPerSite, Math.max(seedsWorthAProcess, Math.ceil(seeds / Math.max(1, jobs))));

/** A block never crosses from one site to the next: each site is synthesized once by whoever plays it. */
function blocksOf({ from, to }: SeedRange, size: number): SeedRange[] {
  const blocks: SeedRange[] = [];
  for (let start = from; start <= to; ) {
    const end = Math.min(to, start + size - 1, start + seedsPerSite - 1 - (start % seedsPerSite));
    blocks.push({ from: start, to: end });
    start = end + 1;
  }
  return blocks;
}

async function inTurn(
  blocks: readonly SeedRange[],
  atOnce: number,
  play: (block: SeedRange) => Promise<void>,
): Promise<void> {
  const left = [...blocks];
  const lane = async (): Promise<void> => {
    for (let block = left.shift(); block !== undefined; block = left.shift()) await play(block);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

/** Prints what was exercised how often; answers with what never was. */
function sayCoverage(coverage: Coverage): string[] {
  const { states, catchers } = machine;
  const byRule: Counts = {};
  for (const [name, times] of Object.entries(coverage.rules)) count(byRule, name.split(' ')[0]!, times);
  // UnknownDecision is for another version's answer, which no incident gives: states are shown, not demanded.
  sayCounts('States', coverage.states, states);
  return [
    ...sayCounts('Faults', coverage.faults, drawnFaults),
    ...sayCounts('Worlds', coverage.worlds, drawnWorlds),
    ...sayCounts('Laws that judged', coverage.judged, judgedLaws),
    ...sayCounts('Rungs that ended well', coverage.rungs, rungs),
    ...sayCounts('Rules that spoke', byRule, ruleNames, (rule) => `rule ${rule}`),
    ...sayCounts(
      'Catches',
      coverage.catches,
      catchers.map(({ label }) => label),
    ),
  ];
}

function sayCounts(title: string, counts: Counts, wanted: readonly string[], label = (name: string) => name): string[] {
  say(`\n${title}`);
  say(wanted.map((name) => `  ${label(name)} ${counts[name] ?? 0}`).join('\n'));
  return wanted.filter((name) => (counts[name] ?? 0) === 0).map((name) => `${title.toLowerCase()}: ${name}`);
}

async function main(): Promise<number> {
  ensureBundles();
  return options.seed === undefined ? swarm(options.seeds, options.jobs) : replay(options.seed);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`sim: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 2;
  },
);
