/**
 * `npm run -s test:package`: packs this tree, installs the tarball into a fresh CDK app outside the repository, and uses
 * it there as somebody else would: type-checks an app against it, synthesizes, plays an incident, writes a plain
 * template, asks the command for help where there is no CDK. Needs the registry, for what the app itself installs.
 * Exits with 1 at the first thing that does not hold. `--keep` leaves the app and says where.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Command } from 'commander';
import { packagePath } from '../config/package-files';

const { keep } = new Command('package')
  .description('Installs the packed tarball into a fresh CDK app and uses it there.')
  .option('--keep', 'leave the app, and say where')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .parse()
  .opts<{ keep?: true }>();

const root = packagePath('.');
const pinned = JSON.parse(readFileSync(packagePath('package.json'), 'utf8')) as Readonly<
  Record<'dependencies' | 'devDependencies', Readonly<Record<string, string>>>
>;
const work = mkdtempSync(join(tmpdir(), 'switchback-package-'));

class DoesNotHold extends Error {}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** What a program printed. Throws with all it said when it fails. */
function run(cwd: string, program: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status === 0) return stdout;
  throw new DoesNotHold(`${program} ${args.join(' ')} failed:\n${error?.message ?? ''}${stdout}${stderr}`);
}

function hold(what: string, holds: boolean, saw: string): void {
  if (!holds) throw new DoesNotHold(`${what}: ${saw}`);
  say(`  ok  ${what}`);
}

/** The tarball; no file in it but what was built here and what git has, as git has it. */
function pack(): string {
  const tarball = run(root, 'npm', 'pack', '--silent', '--pack-destination', work).trim().split('\n').at(-1)!;
  const listed = execFileSync('tar', ['-tzf', join(work, tarball)], { encoding: 'utf8' })
    .trim()
    .split('\n');
  const files = listed.map((path) => path.replace(/^package\//, ''));
  if (existsSync(packagePath('.git'))) {
    const known = new Set(run(root, 'git', 'ls-files').split('\n'));
    const strange = files.filter((file) => !file.startsWith('dist/') && !known.has(file));
    hold('packs no file that git does not know', strange.length === 0, strange.join(', '));
  }
  const ours = files.filter((file) => /(^|\/)(test|lab|model|scripts|\.ci)\//.test(file) || /(?<!\.d)\.ts$/.test(file));
  hold(`packs nothing of ours alone (${files.length} files)`, ours.length === 0, ours.join(', '));
  return join(work, tarball);
}

function freshApp(name: string, tarball: string, ...flags: string[]): string {
  const folder = join(work, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: '1.0.0', private: true }));
  run(folder, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', ...flags, tarball);
  return folder;
}

const appText = `import { App, Stack } from 'aws-cdk-lib';
import { type Deployment, readConfigFile, Switchback, type SwitchbackProps } from 'switchback';
import { GreenfieldStack } from 'switchback/greenfield';

const deployment: Deployment = readConfigFile('switchback.yaml');
const props: SwitchbackProps = { deployment };
const app = new App({ outdir: 'cdk.out' });
const stack = new Stack(app, 'Mine', { env: { region: deployment.region } });
const switchback = new Switchback(stack, 'Vpn', props);
switchback.machine.stateMachineName satisfies string;
GreenfieldStack satisfies Function;
app.synth();
`;

/** Strict, and with the types of libraries checked too: ours are among them. */
const compilerOptions = {
  ...{ target: 'ES2022', module: 'NodeNext', moduleResolution: 'NodeNext', strict: true, skipLibCheck: false },
  ...{ types: ['node'], outDir: 'out' },
};

interface Resource {
  readonly Type: string;
}

function usedByAnApp(tarball: string): void {
  const versionOf = (name: string): string => `${name}@${{ ...pinned.dependencies, ...pinned.devDependencies }[name]}`;
  const others = ['aws-cdk-lib', 'constructs', 'typescript', '@types/node'].map(versionOf);
  const app = freshApp('app', tarball, ...others);
  const installed = join(app, 'node_modules/switchback');
  cpSync(join(installed, 'examples/adopt/switchback.yaml'), join(app, 'switchback.yaml'));
  writeFileSync(join(app, 'app.ts'), appText);
  writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['app.ts'] }));
  run(app, 'npx', '--no', '--', 'tsc');
  say('  ok  type-checks an app that uses the construct');

  run(app, process.execPath, 'out/app.js');
  const template = JSON.parse(readFileSync(join(app, 'cdk.out/Mine.template.json'), 'utf8')) as {
    readonly Resources: Readonly<Record<string, Resource>>;
  };
  const kinds = Object.values(template.Resources).map(({ Type }) => Type);
  const has = (kind: string): boolean => kinds.includes(`AWS::${kind}`);
  const wanted = ['StepFunctions::StateMachine', 'SSM::Document', 'SNS::Subscription', 'Lambda::Version'];
  hold(`synthesizes it (${kinds.length} resources)`, wanted.every(has), wanted.filter((kind) => !has(kind)).join(', '));
  const staged = readdirSync(join(app, 'cdk.out'))
    .map((asset) => join(app, 'cdk.out', asset, 'index.mjs'))
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'utf8'));
  const built = readdirSync(packagePath('dist/functions'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => readFileSync(packagePath(`dist/functions/${name}/index.mjs`), 'utf8'));
  // Not each configuration has each function.
  const prebuilt = staged.length > 0 && staged.every((bundle) => built.includes(bundle));
  hold(`deploys bundles of the package, byte by byte (${staged.length})`, prebuilt, `${built.length} are built`);

  const ours = run(root, process.execPath, 'cli/switchback.cjs', 'simulate', '--seed', '7', '--json');
  const theirs = run(app, 'npx', '--no', '--', 'switchback', 'simulate', '--seed', '7', '--json');
  hold(
    'plays an incident exactly as the repository does',
    ours === theirs,
    `${ours.length}, ${theirs.length} characters`,
  );

  run(app, 'npx', '--no', '--', 'switchback', 'report', '--local', '--output', 'report.html');
  const report = readFileSync(join(app, 'report.html'), 'utf8');
  const licences = readFileSync(join(installed, 'dist/THIRD-PARTY-LICENCES.txt'), 'utf8');
  const isWhole = report.includes('Content-Security-Policy') && report.endsWith('</html>\n');
  hold('writes the report of an incident', isWhole, report.slice(0, 500));
  hold('passes on the licence of what draws in it', licences.includes('uplot '), licences.slice(0, 500));

  run(app, 'npx', '--no', '--', 'switchback', 'synth', '--out', 'plain');
  const plain = readdirSync(join(app, 'plain/assets')).filter((name) => name.endsWith('.zip'));
  hold('writes a plain template with its assets', plain.length === staged.length, plain.join(', '));
}

/** As on the machine of whoever is on call: the command, and none of the 160 MB that make a template. */
function usedWithoutCdk(tarball: string): void {
  const folder = freshApp('command', tarball, '--omit=peer');
  const extra = ['aws-cdk-lib', 'constructs'].filter((name) => existsSync(join(folder, 'node_modules', name)));
  hold('installs without its peers', extra.length === 0, extra.join(', '));
  const help = run(folder, 'npx', '--no', '--', 'switchback', '--help');
  hold('gives help where there is no CDK', help.includes('simulate'), help);
  const installed = join(folder, 'node_modules/switchback/examples/adopt/switchback.yaml');
  const { status, stderr } = spawnSync(
    'npx',
    ['--no', '--', 'switchback', 'synth', '--config', installed, '--out', 'plain'],
    {
      cwd: folder,
      encoding: 'utf8',
    },
  );
  const said = stderr.trim();
  hold('says what to install for a template', status === 2 && /npm install aws-cdk-lib constructs$/.test(said), said);
}

try {
  const tarball = pack();
  say(`${basename(tarball)}, in a fresh CDK app`);
  usedByAnApp(tarball);
  usedWithoutCdk(tarball);
} catch (error) {
  if (!(error instanceof DoesNotHold)) throw error;
  say(`\nDOES NOT HOLD: ${error.message}`);
  process.exitCode = 1;
} finally {
  if (keep) say(work);
  else rmSync(work, { recursive: true, force: true });
}
