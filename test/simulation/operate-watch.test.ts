/** `watch` in the local cloud, on a terminal and in a pipe, while a gateway stops and is repaired. */
import { localFooting } from '../../cli/operate/local';
import { type Screen, watch } from '../../cli/operate/watch';
import { loadScenario } from '../../sim/scenario';
import { given, options, quietWorld } from './operate-ground';

const asked = { ...options, local: true, every: '10s', for: '8m' } as const;

function screenOf(over: Partial<Screen> = {}) {
  const written: string[] = [];
  const write = (text: string) => written.push(text) > 0;
  return { written, screen: { write, ...over } as Screen };
}

it('prints a line for each change where it is piped, and ends as the last look was', async () => {
  await quietWorld('pair'); // Builds the bundles.
  const ground = await localFooting(loadScenario('gateway-stopped'), 1, 7);
  const { written, screen } = screenOf();
  expect(await given(ground, watch(undefined, asked, screen))).toMatchObject({ code: 0, lines: [] });
  const text = written.join('');
  for (const seen of [
    /Z {2}paris {2}path a: healthy\n/,
    /Z {2}paris {2}path a: down\n/,
    /Z {2}paris {2}incident: \S+: /,
    /Z {2}paris {2}office: on b, home a, users served\n/,
    /Z {2}paris {2}repair: stop-start on path a\n/,
    /Z {2}paris {2}office: on a, home a, users served\n[\s\S]*incident: none\n/,
  ])
    expect(text).toMatch(seen);
  expect(new Set(written).size).toBe(written.length);
});

it('draws over what it drew on a terminal, no taller than that is, and leaves the cursor alone', async () => {
  const ground = await quietWorld('pair');
  const { written, screen } = screenOf({ isTTY: true, rows: 4 });
  const { code } = await given(ground, watch('paris', { ...asked, local: undefined, for: '25s' }, screen));
  expect(code).toBe(0);
  const text = written.join('');
  const csi = String.fromCharCode(27);
  expect(text.split(`${csi}[3A`)).toHaveLength(3);
  expect(text.match(/lines more: name a connection/g)).toHaveLength(3);
  expect(text).not.toContain(`${csi}[?25`);
});

it.each<[string, Partial<typeof asked>, RegExp]>([
  ['a look too often', { every: '0s' as never }, /no span/],
  ['longer than the local cloud lasts', { for: '2h' as never }, /at most 55m/],
])('refuses %s', async (_, over, message) => {
  const ground = await quietWorld('pair');
  expect(await given(ground, watch('paris', { ...asked, ...over }, screenOf().screen))).toMatchObject({
    code: 2,
    lines: [expect.stringMatching(message)],
  });
});
