/** Tab in a real bash, by the packed command: what is offered, from where, and that nothing on the line is run. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { knownDeployments, knownNames, rememberNames } from '../../../cli/known-names';
import { deployment } from '../../given';

const command = join(__dirname, '../../../dist/command/switchback.cjs');
const home = mkdtempSync(join(tmpdir(), 'switchback-completion-'));
const bin = join(home, 'bin');
/** What `switchback completion bash` says, which is the same each time. */
const completion = join(home, 'completion.bash');
const cacheBefore = process.env['XDG_CACHE_HOME'];

beforeAll(() => {
  mkdirSync(bin);
  writeFileSync(join(bin, 'switchback'), `#!/bin/sh\nexec '${process.execPath}' '${command}' "$@"\n`);
  chmodSync(join(bin, 'switchback'), 0o755);
  process.env['XDG_CACHE_HOME'] = home;
  rememberNames(deployment());
  const { stdout } = spawnSync(process.execPath, [command, 'completion', 'bash'], { encoding: 'utf8' });
  writeFileSync(completion, stdout);
});

afterAll(() => {
  if (cacheBefore === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = cacheBefore;
  rmSync(home, { recursive: true });
});

/** The line's words as bash has them, the cursor at the last one's end. */
function tab(...words: readonly string[]): string[] {
  const line = ['switchback', ...words].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const script = `set -u
eval "$(cat '${completion}')"
eval "$(cat '${completion}')"   # A second time, as a shell that reads its start-up file again.
[ "$(complete -p switchback)" = 'complete -F _switchback switchback' ] || exit 9
COMP_WORDS=(${line}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_switchback; printf '%s\\n' "\${COMPREPLY[@]}"`;
  // No AWS at all: neither credentials nor a place to ask for them.
  const env = { PATH: `${bin}:${process.env['PATH']}`, HOME: home, XDG_CACHE_HOME: home };
  const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], { env, cwd: home, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.trim().split('\n');
}

it.each([
  ['a command', ['stat'], ['status']],
  ['a command of a command', ['maintenance', 'f'], ['finish']],
  ['an option', ['status', '--prof'], ['--profile']],
  ['a connection', ['status', ''], ['paris']],
  ['a path of it', ['maintenance', 'start', 'paris', ''], ['a', 'b']],
  ['the path after an option', ['divert', 'paris', '--to', ''], ['a', 'b']],
  ['a connection after an option with its value', ['plan', '--region', 'eu-west-1', 'p'], ['paris']],
  ['a connection after a flag', ['status', '--json', ''], ['paris']],
  ['a gateway, in bash’s own pieces', ['maintenance', 'start', '--gateway', '=', 'gw-b'], ['gw-b']],
  ['a deployment', ['status', '--name', ''], ['switchback']],
  ['a scenario', ['simulate', 'partner-de'], ['partner-dead']],
  ['a shell', ['completion', 'z'], ['zsh']],
])('offers %s', (_, words, offered) => {
  expect(tab(...words)).toEqual(offered);
});

it('offers files where a file is meant, and nothing that is not known', () => {
  writeFileSync(join(home, 'night.html'), '');
  expect(tab('report', '-o', 'nig')).toEqual(['night.html']);
  expect(tab('status', '--name', 'acme', '')).toEqual(['']);
  expect(tab('nonsense', '')).toEqual(['']);
});

it('does not offer an option twice, nor what is hidden', () => {
  expect(tab('status', '--json', '--j')).toEqual(['']);
  expect(tab('complet')).toEqual(['completion']);
});

it('runs nothing that stands on the line', () => {
  const trap = join(home, 'trap');
  tab('status', `$(touch ${trap})`, `; touch ${trap};`, `\`touch ${trap}\``, '');
  expect(existsSync(trap)).toBe(false);
});

const others = {
  zsh: `compdef() { :; }; _files() { print -r -- files }; _describe() { print -rl -- "\${(@)offers}" }
eval "$(switchback completion zsh)"
words=(switchback maintenance s); CURRENT=3; _switchback
words=(switchback report -o ''); CURRENT=4; _switchback`,
  fish: `switchback completion fish | source
complete -C 'switchback maintenance s'
complete -C 'switchback report -o trap-no'`,
} as const;

describe.each(Object.entries(others))('%s', (shell, script) => {
  const isThere = spawnSync(shell, ['-c', ':']).status === 0;
  if (!isThere) {
    console.warn(`!!! NO ${shell} ON THE PATH: its completion was not tried (apt-get install ${shell})`);
    it.skip(`offers the same (apt-get install ${shell})`, () => {});
    return;
  }
  it('offers the same, with what it is about', () => {
    const env = { PATH: `${bin}:${process.env['PATH']}`, HOME: home, XDG_CACHE_HOME: home };
    const { stdout } = spawnSync(shell, ['-c', script], { env, cwd: home, encoding: 'utf8' });
    expect(stdout).toMatch(/^start[:\t]drain a path/);
    expect(stdout.trim().split('\n')).toEqual([expect.anything(), ...(shell === 'zsh' ? ['files'] : [])]);
  });
});

it('loads neither AWS’s clients nor the simulator', () => {
  const hook = join(home, 'hook.cjs');
  writeFileSync(hook, "process.on('exit', () => console.log(Object.keys(require.cache).join(' ')));");
  const { stdout } = spawnSync(process.execPath, ['-r', hook, command, 'complete', '--', 'status', ''], {
    env: { ...process.env, XDG_CACHE_HOME: home },
    encoding: 'utf8',
  });
  expect(stdout).toContain('paris\n');
  const modules = stdout.trim().split('\n').at(-1)!.split(' ');
  expect(modules).toContain(command);
  expect(modules.length).toBeLessThan(8);
  expect(modules.join(' ')).not.toMatch(/aws-sdk|simulate-|synthesize-/);
});

it('remembers names and nothing else, and believes no damaged file', () => {
  expect(knownNames('switchback')).toEqual({
    connections: { paris: { paths: ['a', 'b'], routeSets: ['office'] } },
    gateways: ['gw-a', 'gw-b'],
  });
  expect(knownDeployments()).toEqual(['switchback']);
  writeFileSync(join(home, 'switchback', 'bad.json'), '{"connections":[]}');
  for (const name of ['bad', 'none', '../switchback/switchback'])
    expect(knownNames(name)).toEqual({ connections: {}, gateways: [] });
});

it('does without where the home cannot be written', () => {
  process.env['XDG_CACHE_HOME'] = '/dev/null';
  expect(() => rememberNames(deployment())).not.toThrow();
  expect(knownDeployments()).toEqual([]);
  process.env['XDG_CACHE_HOME'] = home;
});
