/** Events that only keep a function warm touch nothing. */
import { unlessWarmUp } from '../../../functions/keep-warm';

it('answers a warm-up with null and hands on everything else, arguments and all', async () => {
  const handler = unlessWarmUp(async (event: unknown, more: string) => [event, more]);
  expect(await handler({ warmUp: true }, 'context')).toBeNull();
  expect(await handler({ warmUp: 'true' }, 'context')).toEqual([{ warmUp: 'true' }, 'context']);
  expect(await handler(null, 'context')).toEqual([null, 'context']);
});
