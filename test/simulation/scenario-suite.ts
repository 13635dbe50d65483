/**
 * Scenarios, from the synthesized stack: each must end as its file says, and no role be denied anything. The same seed
 * must give the same run, byte for byte.
 *
 * Those that between them use every grant are played, and one in 48 of the others, but for those that last longer than
 * most; one of these twice. Another 48th after each change of a function. With TWICE=all, as in CI, every one is played,
 * and twice.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { minuteMs } from '../../core/words/time';
import { functionNames } from '../../infra/function-names';
import { loadScenario, scenarioNames } from '../../sim/scenario';
import { isThorough } from '../thorough';
import { farReaching } from './far-reaching';
import { denials, play, playAgain, seed } from './played';

/** Of the functions as built, so that the choice moves on as they do, and yet anybody can repeat it. */
function choice(): number {
  const digest = createHash('sha256');
  for (const name of functionNames)
    digest.update(readFileSync(join(__dirname, `../../dist/functions/${name}/index.mjs`)));
  return digest.digest().readUInt32BE();
}

const chosen = choice();
const isShort = (name: string): boolean => loadScenario(name).durationMaxMs <= 40 * minuteMs;
const isPlayed = (name: string, i: number): boolean =>
  farReaching.includes(name) || (i % 48 === chosen % 48 && isShort(name));
const names = scenarioNames().filter((name, i) => isThorough || isPlayed(name, i));
const short = names.filter(isShort);
const twice = isThorough ? names : [short[chosen % short.length]];

/** Two suites share the scenarios, so that two cores do. */
export function scenarioSuite(which: 'even' | 'odd'): void {
  const own = names.filter((_, i) => i % 2 === (which === 'even' ? 0 : 1));

  it.each(own)(`%s ends as its file says (seed ${seed})`, async (name) => {
    const played = await play(name);
    const { expectations } = played.result;
    expect(denials(played)).toEqual([]);
    expect(expectations.filter(({ ok }) => !ok)).toEqual([]);
    expect(expectations.length).toBeGreaterThan(1);
    if (!twice.includes(name)) return;
    expect(JSON.stringify(await playAgain(name, 'memory'))).toBe(JSON.stringify(played.result));
  });
}
