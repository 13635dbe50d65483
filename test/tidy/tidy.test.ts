/**
 * The house style as a test: imports, sizes, banned calls and names, doc links. Each message says what to do instead.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { code, filesUnder, root, sources, textOf } from './sources';

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '');

/** What a checker of the whole tree complains about; empty: nothing. */
function complaintsOf(checker: string, ...words: string[]): string {
  const options = { cwd: root, encoding: 'utf8', stdio: 'pipe' } as const;
  try {
    execFileSync(path.join(root, 'node_modules/.bin', checker), words, options);
    return '';
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

it('imports only along the arrows of docs/ARCHITECTURE.md', () => {
  const folders = code.filter((folder) => existsSync(path.join(root, folder)) && folder !== 'test');
  expect(complaintsOf('depcruise', ...folders)).toBe('');
});

it('has no file, export or package that nothing uses: delete it, or name it an entry in knip.json', () => {
  expect(complaintsOf('knip', '--no-progress', '--no-config-hints')).toBe('');
});

const bans: readonly {
  readonly what: string;
  readonly in: RegExp;
  readonly but?: RegExp;
  readonly pattern: RegExp;
  readonly instead: string;
}[] = [
  {
    // Programs say how fast they were.
    what: 'the real clock',
    in: /^(core|local-cloud|sim(?!\/programs)|config|infra)\//,
    pattern: /Date\.now\(|new Date\(\)|performance\.now/,
    instead: 'take `now` as an argument, or the VirtualClock',
  },
  {
    what: 'randomness',
    in: /^(core|local-cloud|sim|functions|adapters|config|infra)\//,
    pattern: /Math\.random|randomUUID/,
    instead: 'local-cloud/random.ts, or a token derived with core/words/digest.ts',
  },
  {
    what: 'the real clock in a test',
    in: /^test\/(?!lab\/)/,
    but: /tidy\.test/,
    pattern: /\b(Date|performance)\.now\(|\bnew Date\(\)|\bhrtime\b|\bcpuUsage\(/,
    instead: 'count what is done; how long it takes is for `npm run performance`',
  },
  {
    // A slow machine is no fault of ours.
    what: 'a time limit of its own in a test',
    in: /^test\//,
    but: /tidy\.test/,
    pattern: /jest\.setTimeout\(|^ *(\}, )?[\d_]*\d\d_000,?\s*\);$/m,
    instead: 'nothing: the runner has none',
  },
  {
    what: 'the environment in the core',
    in: /^core\//,
    pattern: /\bprocess\.|\bconsole\.(debug|error|info|log|warn)\b/,
    instead: 'pass it in',
  },
  {
    what: 'a real timer',
    in: /^(core|local-cloud|sim|test|adapters)\//,
    but: /tidy\.test/,
    pattern: /setTimeout\(|setInterval\(/,
    instead: 'the World’s sleep, or the VirtualClock',
  },
  {
    // In tests Biome asks for a reason beside each one.
    what: 'any',
    in: /^(?!test\/)/,
    pattern: /: any\b|as any\b|<any>/,
    instead: 'a type, or unknown and a check',
  },
  {
    // The runner counts it as passed, and nobody hears what was not played.
    what: 'a todo',
    in: /^test\//,
    but: /tidy\.test/,
    pattern: /\b(it|describe|test)\.todo\(/,
    instead: 'it.skip(what, () => {}), which the end of the run names',
  },
  {
    what: 'a skipped or focused test',
    in: /^test\//,
    but: /tidy\.test/,
    pattern: /\b(it|describe|test)\.(only)\(|\bxit\(|\bfit\(/,
    instead: 'delete it, or make it run',
  },
];

it.each(bans)('nowhere uses $what where it must not: $instead', (ban) => {
  const guilty = sources.filter(
    (file) => ban.in.test(file) && !ban.but?.test(file) && ban.pattern.test(withoutComments(textOf(file))),
  );
  expect(guilty).toEqual([]);
});

it('names files by what they are: no utils, helpers, common, manager', () => {
  expect(sources.filter((file) => /(^|\/|-)(utils?|helpers?|common|misc|manager)(\.|-|\/)/.test(file))).toEqual([]);
  expect(sources.filter((file) => !/^[a-z0-9.-]+$/.test(path.basename(file)))).toEqual([]);
});

it('keeps files readable: 400 lines, tests 600', () => {
  const long = sources.filter((file) => textOf(file).split('\n').length > (file.startsWith('test/') ? 600 : 400));
  expect(long).toEqual([]);
});

it('opens every source file with what it is', () => {
  expect(sources.filter((file) => !/^(#!.*\n)?(\/\*\*|\/\/)/.test(textOf(file)))).toEqual([]);
});

it('has no dead link in its docs', () => {
  const pages = [
    'README.md',
    ...['docs', 'examples', 'local-cloud', 'terraform'].flatMap((folder) => filesUnder(folder, /\.md$/)),
  ];
  const dead = pages.flatMap((page) =>
    [...textOf(page).matchAll(/\]\((?!https?:)([^)#]+)(#[^)]*)?\)/g)]
      .map((match) => match[1]!)
      .filter((target) => !existsSync(path.join(root, path.dirname(page), target)))
      .map((target) => `${page}: ${target}`),
  );
  expect(dead).toEqual([]);
});

it('finds something to look at', () => {
  expect(sources.length).toBeGreaterThan(80);
  expect(statSync(path.join(root, 'README.md')).size).toBeGreaterThan(1_000);
});
