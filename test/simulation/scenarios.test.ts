/**
 * Every scenario, from the synthesized stack: it must end as its file says, and no role be denied anything. The same seed
 * must give the same run, byte for byte: held for a seventh of them, another seventh after each change of a function,
 * and with TWICE=all, as in CI, for every one. Those that last for hours are a third of the whole cost: CI plays them.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hourMs } from '../../core/words/time';
import { functionNames } from '../../infra/function-names';
import { loadScenario, scenarioNames } from '../../sim/scenario';
import { denials, play, playAgain, seed } from './played';
import type { PlayedRecord } from './record';

const isAll = process.env['TWICE'] === 'all';
const share = isAll ? 1 : 7;
const names = scenarioNames().filter((name) => isAll || loadScenario(name).durationMaxMs <= 2 * hourMs);

/** Of the functions as built, so that the choice moves on as they do, and yet anybody can repeat it. */
function choice(): number {
  const digest = createHash('sha256');
  for (const name of functionNames)
    digest.update(readFileSync(join(__dirname, `../../dist/functions/${name}/index.mjs`)));
  return digest.digest().readUInt32BE() % share;
}

/** All are asked for at once, and played by as many processes as there are cores. */
const first = new Map<string, Promise<PlayedRecord>>();
const again = new Map<string, ReturnType<typeof playAgain>>();
beforeAll(() => {
  for (const name of names) first.set(name, settled(play(name)));
  for (const name of twice) again.set(name, settled(playAgain(name, 'memory')));
});

/** A failure waits for the test that is about it. */
function settled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

describe.each(names)(`%s (seed ${seed})`, (name) => {
  it('ends as its file says', async () => {
    const played = await first.get(name)!;
    const { expectations } = played.result;
    expect(denials(played)).toEqual([]);
    expect(expectations.filter(({ ok }) => !ok)).toEqual([]);
    expect(expectations.length).toBeGreaterThan(1);
  });
});

const twice = names.filter((_, i) => i % share === choice());

it.each(twice)(`%s is the same run from the same seed (${seed})`, async (name) => {
  expect(JSON.stringify(await again.get(name)!)).toBe(JSON.stringify((await first.get(name)!).result));
});
