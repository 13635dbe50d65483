/**
 * A move of many routes under EC2's bucket of 50 writes, 5 more a second (local-cloud/front/front.ts).
 *
 * "Moved" is what is ours to hasten: EC2 has accepted every write and shows it. When packets follow is EC2's own affair
 * (hop h10, up to 8 s a route and most of the tail), so that is held to a looser bound.
 */
import { simulationStart } from '../../local-cloud/latency';
import { type Played, play } from '../../sim/playback';
import { drainOf, movedMs } from '../../sim/targets';

/** From the decision until `apply` has read all routes back, and until packets follow; ms. */
function measure(played: Played) {
  const { cloud, result } = played;
  const history = cloud.stepfunctions.executions.flatMap((execution) => execution.history);
  const entered = history.filter((event) => event.stateEnteredEventDetails?.name === 'DivertRoutes');
  const decidedAt = entered[0]!.timestamp.getTime();
  const writes = cloud.front.calls.filter(({ operation }) => operation === 'ReplaceRoute');
  return {
    applies: entered.length,
    movedMs: movedMs(played),
    effectiveMs: Number(result.routes.during.at(-1)!['atMs']) - (decidedAt - simulationStart),
    accepted: writes.filter(({ error }) => error === '').length,
    refusals: [...new Set(writes.map(({ error }) => error))].filter((error) => error !== ''),
  };
}

it.each([1, 2, 3])('moves 50 tables within 10 s of the decision (seed %i)', async (seed) => {
  const played = await play(drainOf(50), seed);
  expect(played.result.expectations.filter(({ ok }) => !ok)).toEqual([]);
  expect(played.result.users.darkMs).toBe(0);
  const { accepted, applies, effectiveMs, movedMs, refusals } = measure(played);
  expect({ accepted, applies, refusals }).toEqual({ accepted: 50, applies: 1, refusals: [] });
  expect(movedMs).toBeLessThanOrEqual(10_000);
  expect(effectiveMs).toBeLessThanOrEqual(20_000);
});

it('completes beyond the bucket: EC2 refuses some of 80 writes, and each is made in the end', async () => {
  const played = await play(drainOf(80), 2);
  expect(played.result.expectations.filter(({ ok }) => !ok)).toEqual([]);
  const { accepted, movedMs, refusals } = measure(played);
  expect({ accepted, refusals }).toEqual({ accepted: 80, refusals: ['RequestLimitExceeded'] });
  expect(movedMs).toBeLessThanOrEqual(20_000);
});
