/** What a canary says of answers that come long after its rounds have been given up. */
import { answers } from '../virtual-world';
import { make } from './canary-run';

it('goes on saying that answers come late, and says once that they come in time again', async () => {
  const made = make();
  const { world, run, reports } = made;
  world.at(9_900, () => {
    world.reply = answers(900);
  });
  await run();
  await run();
  world.reply = answers();
  await run();
  const since = (ms: number) => reports.filter(({ writtenMs }) => writtenMs >= ms);
  expect(reports.find(({ verdict }) => verdict === 'down')).toMatchObject({ writtenMs: expect.any(Number) });
  const late = since(14_000).filter(({ verdict }) => verdict === 'down');
  expect(late.length).toBeGreaterThan(50);
  expect(late.filter(({ lateMs }) => lateMs !== 900)).toEqual([]);
  expect(since(14_000).filter(({ changed }) => changed)).toMatchObject([{ verdict: 'healthy' }]);
  expect(reports.at(-1)).not.toHaveProperty('lateMs');
});
