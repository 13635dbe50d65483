/** Keys of a role: fresh ones from the cache, a renewal beside, the old ones while STS is silent, and never dead ones. */
import { minuteMs, secondMs } from '../../../core/words/time';
import { lenderOf } from '../../../functions/borrowed-keys';

const lifetimeMs = 60 * minuteMs;

function sts() {
  const it = { now: 0, asked: 0, answers: true };
  const lender = lenderOf({ now: () => it.now }, lifetimeMs, async () => {
    it.asked++;
    if (!it.answers) throw new Error(`silent at ${it.now}`);
    return { id: `key-${it.asked}` };
  });
  const idAt = async (now: number): Promise<string> => {
    it.now = now;
    const { id } = await lender.keys();
    await new Promise(setImmediate); // What was asked beside comes in.
    return id;
  };
  return { it, lender, idAt };
}

it('asks once for calls side by side, and keeps the keys until half their life', async () => {
  const { it: seen, lender, idAt } = sts();
  await Promise.all([lender.keys(), lender.keys(), lender.keys()]);
  expect(await idAt(30 * minuteMs - 1)).toBe('key-1');
  expect(seen.asked).toBe(1);
});

it('says when they end, counted from when they were asked for', async () => {
  const { lender } = sts();
  expect((await lender.keys()).expiration).toEqual(new Date(lifetimeMs));
});

it('renews past half their life without making that call wait', async () => {
  const { it: seen, idAt } = sts();
  await idAt(0);
  expect(await idAt(30 * minuteMs)).toBe('key-1');
  expect(await idAt(30 * minuteMs + 1)).toBe('key-2');
  expect(seen.asked).toBe(2);
});

it('uses the old keys to their end while STS is silent, and asks again only every two seconds', async () => {
  const { it: seen, idAt } = sts();
  await idAt(0);
  seen.answers = false;
  expect(await idAt(40 * minuteMs)).toBe('key-1');
  expect(await idAt(40 * minuteMs + secondMs)).toBe('key-1');
  expect(seen.asked).toBe(2);
  expect(await idAt(lifetimeMs - secondMs)).toBe('key-1');
  expect(seen.asked).toBe(3);
  await expect(idAt(lifetimeMs)).rejects.toThrow('silent');
});

it('waits for new keys in the last minute of the old ones', async () => {
  const { idAt } = sts();
  await idAt(0);
  expect(await idAt(lifetimeMs - minuteMs)).toBe('key-2');
});

it('hands out no dead keys, and the new ones as soon as STS is back', async () => {
  const { it: seen, idAt } = sts();
  await idAt(0);
  seen.answers = false;
  await expect(idAt(2 * lifetimeMs)).rejects.toThrow('silent');
  seen.answers = true;
  await expect(idAt(2 * lifetimeMs + secondMs)).rejects.toThrow('silent at');
  expect(await idAt(2 * lifetimeMs + 2 * secondMs)).toBe('key-3');
});

it('is freshened by the minute: only past half their life, and waits for it', async () => {
  const { it: seen, lender } = sts();
  await lender.freshen();
  await lender.freshen();
  expect(seen.asked).toBe(1);
  seen.now = 31 * minuteMs;
  await lender.freshen();
  expect(await lender.keys()).toMatchObject({ id: 'key-2' });
});
