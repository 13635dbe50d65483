/** Quiet windows in switchback.yaml: read, or refused by name with what to write instead. */
import { quietFrom } from '../../../config/quiet-schema';
import { complaints } from './site';

const good = { days: ['mon'], from: '20:00', to: '06:00', timezone: 'Europe/Berlin' };
const said = (...quiet: object[]): string =>
  // biome-ignore lint/suspicious/noExplicitAny: tests write wrong things into it on purpose.
  complaints((tree: any) => (tree.connections.paris.quiet = quiet)).join('\n');

it('are read as minutes of the day', () => {
  expect(said(good, { ...good, to: '24:00', timezone: 'UTC' })).toBe('');
  expect(quietFrom([{ ...good, days: ['mon'], to: '24:00' }])).toEqual([
    { days: ['mon'], fromMinute: 1_200, toMinute: 1_440, timezone: 'Europe/Berlin' },
  ]);
});

it.each<[object, RegExp]>([
  [{ timezone: 'Europe/Berln' }, /quiet\[0\]\.timezone: is no time zone: write Europe\/Berlin/],
  [{ timezone: '+01:00' }, /timezone: is no time zone/],
  [{ days: ['mon', 'tues'] }, /quiet\[0\]\.days\[1\]: is no day: write tue; known: mon, tue/],
  [{ days: [] }, /days: is empty/],
  [{ from: '8pm' }, /from: is no time: write one like "20:00"/],
  [{ to: '25:00' }, /to: is no time: write one like "06:00"/],
  [{ to: '20:00' }, /to: is when it begins: for a whole day write from "00:00" to "24:00"/],
  [{ until: '06:00' }, /quiet\[0\]\.until: .*is unknown here.*days, from, to, timezone/],
])('with %j are refused', (change, complaint) => expect(said({ ...good, ...change })).toMatch(complaint));

it('are refused where there are none', () => expect(said()).toMatch(/quiet: is empty: add a window, or leave it out/));
