/**
 * "A night, practised" in docs/OPERATIONS.md, typed line by line into the packed command: what the page shows must be
 * answered, in that order.
 * `…` on the page stands for what may be anything.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../../..');
const [, section = ''] = readFileSync(join(root, 'docs/OPERATIONS.md'), 'utf8').split('## A night, practised');
const blocks = [...section.split('\n## ')[0]!.matchAll(/```(?:practice )?(\S*)\n(.*?)```/gs)];
const page = blocks.flatMap(([, , text]) => text!.trimEnd().split('\n'));
const isTyped = (line: string): boolean => /^\d+:\d\d\.\d > /.test(line);

const typed = page.filter(isTyped).map((line) => line.replace(/^\S+ > /, ''));
/** Behind the page's own lines. */
const more = [
  'pause paris --for 1h --reason "new kernel" --as ana',
  'pauses',
  'doctor --only pins,routes',
  'stat',
  'wait soon',
];

/** As on the page, with `…` for anything; numbers and ids may be others, as timing is. */
const shows = (shown: string, answered: string): boolean =>
  new RegExp(`^${shown.split('…').map(pattern).join('.*')}`).test(answered);
const pattern = (text: string): string =>
  text
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replace(/I-[0-9A-Z]{6}/g, 'I-@')
    .replace(/\d+(\\\.\d+)?/g, '[\\d.]+')
    .replace(/I-@/g, 'I-\\w{6}');

const played = (() => {
  const { FORCE_COLOR: _, ...env } = process.env;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['dist/command/switchback.cjs', 'practice', blocks[0]![1]!],
    {
      cwd: root,
      env: { ...env, NO_COLOR: '1' },
      input: `${[...typed, ...more].join('\n')}\n`,
      encoding: 'utf8',
    },
  );
  return { lines: stdout.split('\n'), stderr, status };
})();

it('goes as the page says, from the first mail to the closed incident', () => {
  let at = 0;
  for (const shown of page.filter((line) => line !== '')) {
    const found = played.lines.findIndex((line, i) => i >= at && shows(shown, line));
    expect({ shown, found: found >= 0 }).toEqual({ shown, found: true });
    at = found + 1;
  }
  expect(typed.length).toBeGreaterThan(5);
});

it('keeps what a command has changed for the next', () => {
  const { lines } = played;
  const pauses = lines.findIndex((line) => line.endsWith(' > pauses'));
  expect(lines[pauses - 1]).toMatch(/^recorded/);
  expect(lines.slice(pauses).join('\n')).toMatch(/^paris .* ana +new kernel$/m);
});

it('lets one examine the world that commands have left, with rights of his own', () => {
  const { lines } = played;
  const asked = lines.findIndex((line) => line.endsWith(' > doctor --only pins,routes'));
  const answered = lines
    .slice(
      asked + 1,
      lines.findIndex((line) => line.endsWith(' > stat')),
    )
    .join('\n');
  expect(answered).toMatch(/^ +ok +path canaries are pinned/m);
  expect(answered).toMatch(/^ +\w+ +.*routes/m);
});

it('says what is no command, and ends with the code of the last one', () => {
  const { lines, stderr, status } = played;
  expect(stderr).toMatch(/unknown command 'stat'.*did you mean.*status/is);
  expect(lines.join('\n')).toMatch(/'soon' is no span: write a whole number and its unit/);
  expect(status).toBe(2);
});
