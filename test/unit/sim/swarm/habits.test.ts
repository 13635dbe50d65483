/** What is drawn of habits: windows around the beginning, crowds for certain, and storms that end as they should. */

import { quietSpan } from '../../../../core/assess/quiet';
import { minuteMs } from '../../../../core/words/time';
import { simulationStart } from '../../../../local-cloud/latency';
import { divertHabit, habitWeights, withDiverts, withHabits } from '../../../../sim/swarm/habits';
import { machine } from '../../../../sim/swarm/reachable';
import { drawSite } from '../../../../sim/swarm/site';
import { drawStorm } from '../../../../sim/swarm/storm';

const sites = Array.from({ length: 40 }, (_, i) => drawSite(142_000 + i));
const connections = sites.flatMap((site) => Object.values(site.connections));

it('has six and eight connections among any forty sites, quiet windows and failback: manual', () => {
  const counts = sites.map((site) => Object.keys(site.connections).length);
  expect(counts).toEqual(expect.arrayContaining([6, 8]));
  expect(connections.some(({ policy }) => policy.failback === 'manual')).toBe(true);
  expect(connections.some(({ quiet }) => quiet !== undefined)).toBe(true);
});

it('draws windows that are open in the first minutes, whichever zone they are written in', () => {
  for (const { quiet } of connections) {
    if (quiet === undefined) continue;
    const minutes = [0, 1, 2, 3].map((minute) => simulationStart + minute * minuteMs);
    expect(minutes.some((at) => quietSpan(quiet, at) !== null)).toBe(true);
  }
});

it('draws every habit, and ends each with the storm', () => {
  const drawn = new Set<string>();
  for (let seed = 0; seed < 300; seed++) {
    const site = sites[seed % sites.length]!;
    const before = drawStorm(seed, site, machine);
    const { habits, steps, calmMs } = withHabits(seed, before, site);
    for (const habit of habits) drawn.add(habit);
    const late = steps.filter(({ at }) => at > calmMs).map((step) => step.do);
    expect(late.every((what) => what === 'mend_gateway' || what === 'command')).toBe(true);
    const last = steps.findLast((step) => step.do === 'users_blocked');
    expect(last === undefined || last.on === false).toBe(true);
  }
  expect([...drawn].sort()).toEqual(Object.keys(habitWeights).sort());
});

it('has users diverted now and then, and for no longer than the storm lasts', () => {
  let asked = 0;
  for (let seed = 0; seed < 300; seed++) {
    const site = sites[seed % sites.length]!;
    const lived = withHabits(seed, drawStorm(seed, site, machine), site);
    const { habits, steps, mendMs } = withDiverts(seed, lived, site);
    const words = steps.flatMap((step) =>
      step.do === 'command' && step.input['requestedBy'] === 'erin' ? [step] : [],
    );
    expect(words.length > 0).toBe(habits.includes(divertHabit));
    asked += words.length;
    for (const { at, input } of words) {
      if (input['trigger'] === 'drill') continue;
      const until = Date.parse(String(input['until'])) - simulationStart;
      expect(until).toBeGreaterThan(at - 1_000);
      expect(until).toBeLessThanOrEqual(mendMs);
    }
  }
  expect(asked).toBeGreaterThan(10);
});
