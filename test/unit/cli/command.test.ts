/** The packed command, as a program of its own: dist/command, which `npm run build` makes. */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../../..');
const command = join(root, 'dist/command/switchback.cjs');

const run = (...args: string[]): string => spawnSync(process.execPath, [command, ...args], { encoding: 'utf8' }).stdout;

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
