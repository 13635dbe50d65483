/** Ends elsewhere are drawn, with what only they can meet. */

import { machine } from '../../../../sim/swarm/reachable';
import { drawChangedSite, drawSite } from '../../../../sim/swarm/site';
import { hasTwoEnds } from '../../../../sim/swarm/site-ends';
import { drawStorm } from '../../../../sim/swarm/storm';
import { withEnds } from '../../../../sim/swarm/storm-ends';
import { sorts } from '../../../../sim/swarm/worlds';

const numbers = Array.from({ length: 160 }, (_, i) => i).filter(hasTwoEnds);

it('stand in another region, another account, or both, in a hundred and sixty sites', () => {
  const met = new Set(
    numbers.map((n) =>
      sorts(drawSite(n))
        .filter((kind) => kind.startsWith('an end in'))
        .join(' and '),
    ),
  );
  expect([...met].sort()).toEqual([
    '',
    'an end in another account',
    'an end in another region',
    'an end in another region and an end in another account',
  ]);
});

it.each(['version', 'policy', 'ids', 'path'] as const)('may be deployed anew with another %s', (change) => {
  for (const n of numbers) expect(Object.keys(drawChangedSite(n, change).ends ?? {}).length).toBeGreaterThan(1);
});

it('lose their region, and the role that leads there', () => {
  const site = drawSite(numbers.find((n) => sorts(drawSite(n)).includes('an end in another account'))!);
  const kinds = Array.from({ length: 200 }, (_, seed) => withEnds(seed, drawStorm(seed, site, machine), site).ends);
  expect(kinds.flat()).toContain('role of an end refused');
});
