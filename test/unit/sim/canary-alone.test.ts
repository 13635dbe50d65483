/** The measurement itself: it must see what is there, or its zeros say nothing. */
import { outagesOfLength, outagesOfMean, playCanary } from '../../../sim/canary-alone';

const played = (preset: string, ms: number) => playCanary({ preset, seed: 7, runs: 6, outagesIn: outagesOfLength(ms) });

it.each(['balanced', 'fast', 'calm'])(
  'sees no outage of half a second called down, and each of five, at %s',
  async (preset) => {
    expect(await played(preset, 500)).toEqual({ outages: 6, downs: 0 });
    expect(await played(preset, 5_000)).toEqual({ outages: 6, downs: 6 });
  },
);

it('tells the outages of one run apart', async () => {
  const { outages, downs } = await playCanary({ preset: 'balanced', seed: 7, runs: 20, outagesIn: outagesOfMean(800) });
  expect(outages).toBeGreaterThan(80);
  expect(downs / outages).toBeGreaterThan(0.15);
  expect(downs / outages).toBeLessThan(0.45);
});

it('sees a path that loses three packets of four called down', async () => {
  const outagesIn = () => [];
  const { downs } = await playCanary({ preset: 'balanced', seed: 7, runs: 4, outagesIn, lossRatio: 0.5 });
  expect(downs).toBeGreaterThan(0);
});
