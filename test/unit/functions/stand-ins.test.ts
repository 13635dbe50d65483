/** Who the gateways are, asked of Systems Manager while the lock table is silent. */

import { instanceAt } from '../../../core/words/gateways';
import { readStandIns } from '../../../functions/stand-ins';
import type { World } from '../../../functions/world';
import { deployment, gateway, t0 } from '../../given';

const text = '1 i-0ae1 eni-0ae1 i-0dec eni-0dec none i-0b4 eni-0b4';
const name = (gatewayName: string) => `/switchback/switchback/identity/${gatewayName}`;

/** The parameters there are, or how the call fails; each answer takes this long. */
function worldWith(values: Record<string, string> | Error, answersAfterMs = 0) {
  const asked: string[][] = [];
  let now = t0;
  const waiting: { at: number; wake: () => void }[] = [];
  const sleep = (ms: number) => new Promise<void>((wake) => waiting.push({ at: now + ms, wake }));
  const send = async ({ input }: { input: { Names: string[] } }) => {
    asked.push(input.Names);
    await sleep(answersAfterMs);
    if (values instanceof Error) throw values;
    const Parameters = input.Names.flatMap((Name) => (values[Name] ? [{ Name, Value: values[Name] }] : []));
    return { Parameters };
  };
  const world = { now: () => now, sleep, env: { IDENTITY_PREFIX: name('') }, aws: { ssm: { send } } };
  const run = async <T>(work: Promise<T>): Promise<T> => {
    let isOver = false;
    void work.finally(() => (isOver = true)).catch(() => {});
    while (!isOver) {
      for (let i = 0; i < 10; i++) await Promise.resolve();
      const next = waiting.sort((a, b) => a.at - b.at).shift();
      if (next === undefined) continue;
      now = Math.max(now, next.at);
      next.wake();
    }
    return work;
  };
  return { world: world as unknown as World, asked, run, elapsedMs: () => now - t0 };
}

const read = async (cloud: ReturnType<typeof worldWith>, names = ['gw-a', 'gw-b'], deployed = deployment()) => {
  const unread: string[] = [];
  const standIns = await cloud.run(readStandIns(cloud.world, deployed, names, (because) => unread.push(because)));
  return { standIns, unread };
};

it('reads each gateway’s parameter by name; one that was never replaced has none', async () => {
  const cloud = worldWith({ [name('gw-a')]: text });
  const { standIns, unread } = await read(cloud);
  expect(standIns).toMatchObject({ 'gw-a': { instanceId: 'i-0ae1', routeInterfaceId: 'eni-0ae1' }, 'gw-b': null });
  expect([unread, cloud.asked]).toEqual([[], [[name('gw-a'), name('gw-b')]]]);
});

it('asks ten at once, and only for gateways that can be replaced', async () => {
  const names = Array.from({ length: 12 }, (_, i) => `gw-${i}`);
  const gateways = Object.fromEntries(names.map((each) => [each, gateway(each, 'eu-central-1a')]));
  const { launchTemplate: _, ...fixed } = instanceAt({ gateways }, 'gw-0');
  const cloud = worldWith({});
  await read(cloud, names, { ...deployment(), gateways: { ...gateways, 'gw-0': fixed } });
  expect(cloud.asked.map((each) => each.length)).toEqual([10, 1]);
  const none = worldWith({});
  expect(await read(none, ['gw-0'], { ...deployment(), gateways: { 'gw-0': fixed } })).toMatchObject({ standIns: {} });
  expect(none.asked).toEqual([]);
});

it('knows nothing where nobody answers within a second, and says so', async () => {
  const cloud = worldWith({ [name('gw-a')]: text }, 1_900);
  expect(await read(cloud)).toEqual({ standIns: {}, unread: ['identities: no answer within 1 s'] });
});

it('knows nothing where the answer is no, or cannot be read', async () => {
  const denied = Object.assign(new Error('not yours'), { name: 'AccessDeniedException', $metadata: {} });
  const { standIns, unread } = await read(worldWith(denied));
  expect([standIns, unread[0]]).toEqual([{}, expect.stringContaining('not yours')]);
  const odd = await read(worldWith({ [name('gw-a')]: 'i-forged' }));
  expect(odd.standIns).toEqual({ 'gw-a': null, 'gw-b': null });
  expect(odd.unread).toEqual([`parameter ${name('gw-a')}: says nothing we know`]);
});
