/** Finding cases in a folder, and judging them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findCases, playCase } from '../../../sim/cases';

const folder = mkdtempSync(join(tmpdir(), 'switchback-cases-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

const quiet = 'title: t\nsite: pair\ndurationMax: 90s\nexpect: ';

file('loose.yaml', `${quiet}{ noticesMin: 1, ec2Writes: 0 }`);
file('more/below.yaml', `${quiet}{ ec2Writes: 0 }`);
file('README.md', 'words');
file('own/deep/scenario.yaml', `${quiet}{ ec2Writes: 0, finishedWhileDark: false }`);
file('own/deep/expected.txt', 'words');
file('own/deep/later.yaml', 'name: other');
file('config/switchback.yaml', 'name: x');
file('config/verdict.yaml', 'verdict: refused\nmentions: [no-such-text]\nnotMentions: [region]');
file('half/switchback.yaml', 'name: x');
file('stray/thing.yml', 'a: 1');

const found = findCases(folder);
const named = (name: string) => found.cases.find((one) => one.name === name)!;

it('finds scenarios and configurations with a verdict, and names what is neither', () => {
  expect(found.cases.map(({ name, kind }) => `${kind} ${name}`)).toEqual([
    'verdict config',
    'scenario loose',
    'scenario more/below',
    'scenario own/deep',
  ]);
  expect(found.strangers).toHaveLength(2);
  expect(found.strangers[0]).toContain('half/switchback.yaml: no verdict.yaml');
  expect(found.strangers[1]).toContain('stray/thing.yml');
});

it('says what a scenario did not show, and nothing of what it did', async () => {
  expect(await playCase(named('loose'))).toEqual(['notices: at least 1; saw: 0']);
  expect(await playCase(named('own/deep'))).toEqual([]);
});

it('judges a configuration by what is said of it', async () => {
  const wrong = await playCase(named('config'));
  expect(wrong[0]).toContain("'no-such-text' is not said");
  expect(wrong[1]).toContain("'region' is said");
});

it('fails a case that cannot be read, with the reason', async () => {
  file('loose.yaml', 'title: t\ndurationMax: 1m\nsite: nowhere');
  expect((await playCase(named('loose')))[0]).toContain("There is no site 'nowhere'");
});
