/** The packed command, as a program of its own: dist/command, which `npm run build` makes. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { addOperating } from '../../../cli/operate/program';

const root = join(__dirname, '../../..');
const command = join(root, 'dist/command/switchback.cjs');

const run = (...args: string[]): string => spawnSync(process.execPath, [command, ...args], { encoding: 'utf8' }).stdout;

let helpText: string | undefined;
const help = (): string => {
  helpText ??= run('--help');
  return helpText;
};

/** From the sources: that the packed command gives the same help is a test of its own. */
function helpOf(...words: string[]): string {
  let text = '';
  const writeOut = (part: string): void => {
    text += part;
  };
  const program = new Command('switchback').exitOverride().configureOutput({ writeOut });
  addOperating(program);
  expect(() => program.parse([...words, '--help'], { from: 'user' })).toThrow('(outputHelp)');
  return text;
}

it('names its version', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  expect(run('--version')).toBe(`${version}\n`);
});

it('lists its scenarios, as lines and as JSON', () => {
  const listed = JSON.parse(run('simulate', '--list', '--json')) as { name: string; title: string }[];
  expect(listed.map(({ name }) => name)).toContain('gateway-stopped');
  expect(run('simulate', '--list').split('\n')[0]).toMatch(new RegExp(`^${listed[0]!.name} +${listed[0]!.title}$`));
});

it('loads neither CDK nor the simulator to give help', () => {
  const loaded = `${JSON.stringify(command)}; process.on('exit', () => console.log(Object.keys(require.cache).join(' ')))`;
  const { stdout } = spawnSync(
    process.execPath,
    ['-e', `process.argv[1] = ${loaded}; require(process.argv[1])`, 'x', '--help'],
    {
      encoding: 'utf8',
    },
  );
  const modules = stdout.trim().split('\n').at(-1)!.split(' ');
  expect(modules).toContain(command);
  expect(modules.filter((file) => /aws-cdk-lib|constructs|simulate-|synthesize-/.test(file))).toEqual([]);
  expect(modules.length).toBeLessThan(5);
});

it('loads of the sources no more than names commands and options, for the same help', () => {
  const folder = mkdtempSync(join(tmpdir(), 'switchback-help-'));
  const hook = join(folder, 'hook.cjs');
  writeFileSync(hook, "process.on('exit', () => console.error(Object.keys(require.cache).join(' ')));");
  const sources = join(root, 'cli/switchback.cjs');
  for (const args of [['--help'], ['status', '--help']]) {
    const { stdout, stderr } = spawnSync(process.execPath, ['-r', hook, sources, ...args], { encoding: 'utf8' });
    expect(stdout).toBe(run(...args));
    const loaded = stderr.trim().split(' ');
    const ours = loaded.filter((file) => file.startsWith(root) && !file.includes('node_modules'));
    expect(ours).toContain(join(root, 'cli/operate/program.ts'));
    expect(ours.length).toBeLessThanOrEqual(10);
    expect(loaded.filter((file) => /aws-sdk|aws-cdk-lib|zod|yaml|\/(sim|local-cloud|infra)\//.test(file))).toEqual([]);
  }
  rmSync(folder, { recursive: true });
});

it('says which scenario was probably meant, instead of all their names', () => {
  const { status, stderr } = spawnSync(process.execPath, [command, 'simulate', 'gateway-stoped'], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: "switchback: There is no scenario 'gateway-stoped'. Did you mean gateway-stopped?\n",
  });
});

it('breaks no word of the help at the edge of a terminal', () => {
  const lines = help().split('\n');
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
});

it('shows an example in the help of every command that operates, and the exit codes in that of all', () => {
  const all = help();
  expect(all).toMatch(/0 well, 1 not well, 2 wrongly asked, 3 refused, 4 no access, 5 unreachable/);
  const operating = [
    'status',
    'plan',
    'explain',
    'history',
    'maintenance start',
    'maintenance finish',
    'maintenance list',
    'pause',
  ];
  for (const name of [...operating, 'resume', 'pauses', 'ack', 'failback']) {
    expect(all).toContain(name.split(' ')[0]);
    expect(helpOf(...name.split(' '))).toContain(`Examples:\n  switchback ${name}`);
  }
});

it('ends with 2, and asks nobody, where a command is not complete', () => {
  const { status, stderr } = spawnSync(process.execPath, [command, 'pause', 'paris', '--for', '1h'], {
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(/--reason <text>' not specified/) });
});

it('ends with 4 where nobody has signed in', () => {
  const env = {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    AWS_REGION: 'eu-central-1',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const { status, stderr } = spawnSync(process.execPath, [command, 'pauses'], { encoding: 'utf8', env });
  expect({ status, stderr }).toEqual({ status: 4, stderr: expect.stringMatching(/sign in first/) });
});

it('leaves nothing in the temporary folder when it is interrupted', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'interrupted-'));
  // Without the templates that this run of Jest shares: the folder is to be its own.
  const { SYNTHESES: _, ...shared } = process.env;
  const env = { ...shared, TMPDIR: folder };
  const child = spawn(process.execPath, [command, 'simulate', 'gateway-stopped'], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const watcher = watch(folder);
  const closed = new Promise((resolve) => child.on('close', resolve));
  const isUnderWay = Promise.all([once(child.stdout, 'data'), once(watcher, 'change')]);
  await Promise.race([isUnderWay, closed]);
  child.kill('SIGINT');
  const code = await closed;
  watcher.close();
  const left = readdirSync(folder);
  rmSync(folder, { recursive: true });
  expect({ code, left }).toEqual({ code: 130, left: [] });
});

it('colours nothing that goes into a file or a pipe, whatever CI says', () => {
  const { NO_COLOR: _, FORCE_COLOR: __, ...env } = process.env;
  // One that is over soon.
  const { stdout } = spawnSync(process.execPath, [command, 'simulate', 'wrong-command'], {
    encoding: 'utf8',
    env: { ...env, CI: '1' },
  });
  expect(stdout).toContain('deployed; canaries probe');
  expect(stdout).not.toContain('\u001b[');
});

it('ends quietly when its reader has read enough', async () => {
  const child = spawn(process.execPath, [command, 'simulate', '--list'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  child.stdout.destroy();
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect({ code, complaint }).toEqual({ code: 0, complaint: '' });
});
