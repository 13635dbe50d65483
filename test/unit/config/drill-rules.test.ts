/** Scheduled drills: what is read, and what could never be held, would be held too often or would always be refused. */
import { deploymentFrom } from '../../../config/read';
import { complaints, site } from './site';

type Tree = Parameters<Parameters<typeof complaints>[0]>[0];

const first = 'cron(0 6 ? * TUE#1 *)';
const drills =
  (fields: object) =>
  (tree: Tree): void => {
    tree.connections.paris.drills = fields;
  };
const changed = (fields: object): Tree => {
  const tree = site();
  tree.connections.paris.mode = 'divert';
  drills(fields)(tree);
  return tree;
};
const remarksOn = (tree: Tree): string[] => {
  const found = deploymentFrom(tree);
  return found.ok ? found.remarks.flatMap(({ kind }) => (kind.startsWith('drills') ? [kind] : [])) : ['refused'];
};

it('reads a schedule, its zone, blocked hours of the week and blocked dates on the clock of that zone', () => {
  const found = deploymentFrom(
    changed({
      schedule: first,
      timezone: 'Europe/Berlin',
      blocked: [{ days: ['fri'], from: '12:00', to: '24:00', timezone: 'UTC' }],
      blockedDates: [{ from: '2026-12-24', to: '2027-01-06' }, { from: '2026-03-29' }],
    }),
  );
  expect(found).toMatchObject({
    ok: true,
    deployment: {
      connections: {
        paris: {
          drills: {
            schedule: first,
            timezone: 'Europe/Berlin',
            blocked: [{ days: ['fri'], fromMinute: 720, toMinute: 1440, timezone: 'UTC' }],
            blockedDates: [
              { from: Date.UTC(2026, 11, 23, 23), until: Date.UTC(2027, 0, 6, 23) },
              // Its day has 23 hours.
              { from: Date.UTC(2026, 2, 28, 23), until: Date.UTC(2026, 2, 29, 22) },
            ],
          },
        },
      },
    },
  });
  expect(remarksOn(changed({ schedule: first, timezone: 'Europe/Berlin' }))).toEqual([]);
});

it.each([
  'cron(0 6 1 * ? *)',
  'cron(30 5 ? JAN-MAR/2 2-6 2026-2099)',
  'cron(0 6 L * ? *)',
  'cron(0 6 15W * ? *)',
  'cron(0 6 ? * 6L *)',
  'cron(0 6 ? 1,4,7,10 MON#2 *)',
  'rate(30 days)',
])('takes %s, as EventBridge does', (schedule) => {
  expect(complaints(drills({ schedule }))).toEqual([]);
});

it.each<readonly [string, object, string, RegExp]>([
  [
    'no schedule',
    { schedule: 'monthly' },
    'drills.schedule',
    /is no schedule: write one like cron\(0 6 \? \* TUE#1 \*\)/,
  ],
  [
    'a schedule that comes once',
    { schedule: 'at(2026-12-01T06:00:00)' },
    'drills.schedule',
    /comes once: .*switchback drill/,
  ],
  [
    'five fields',
    { schedule: 'cron(0 6 1 * ?)' },
    'drills.schedule',
    /has 5 fields, and EventBridge takes six: minutes, /,
  ],
  ['both days', { schedule: 'cron(0 6 1 * 2 *)' }, 'drills.schedule', /must have \? as one of/],
  ['two question marks', { schedule: 'cron(0 6 ? * ? *)' }, 'drills.schedule', /must have \? as one of/],
  ['an hour that is none', { schedule: 'cron(0 25 ? * TUE *)' }, 'drills.schedule', /names a time that is none/],
  ['a day that is none', { schedule: 'cron(0 6 ? * DIENSTAG *)' }, 'drills.schedule', /names a time that is none/],
  ['a weekday of other clocks', { schedule: 'cron(0 6 ? * 0 *)' }, 'drills.schedule', /no day of week in '0'/],
  ['a day that never comes', { schedule: 'cron(0 6 31 2 ? *)' }, 'drills.schedule', /never comes/],
  [
    'a drill each hour',
    { schedule: 'cron(0 * ? * TUE *)' },
    'drills.schedule',
    /comes again after 60 min: .*once a day/,
  ],
  ['a rate of hours', { schedule: 'rate(6 hours)' }, 'drills.schedule', /once a day at most/],
  [
    'a schedule that is always blocked',
    { schedule: first, blocked: [{ days: ['tue'], from: '05:00', to: '07:00', timezone: 'UTC' }] },
    'drills.schedule',
    /always falls into a window/,
  ],
  ['no zone', { schedule: first, timezone: 'Berlin' }, 'drills.timezone', /is no time zone/],
  ['no date', { blockedDates: [{ from: '2026-02-30' }] }, 'drills.blockedDates\\[0\\].from', /is no date/],
  [
    'dates that end before they begin',
    { blockedDates: [{ from: '2026-12-24', to: '2026-12-01' }] },
    'drills.blockedDates\\[0\\].to',
    /is before 2026-12-24: swap/,
  ],
  [
    'a window without a length',
    { blocked: [{ days: ['tue'], from: '05:00', to: '05:00', timezone: 'UTC' }] },
    'drills.blocked\\[0\\].to',
    /for a whole day/,
  ],
])('refuses %s', (_, fields, at, mend) => {
  const found = complaints(drills(fields));
  expect(found).toEqual([expect.stringMatching(at)]);
  expect(found[0]).toMatch(mend);
});

it('refuses them where there is no standby', () => {
  const found = complaints((tree) => {
    tree.connections.bank.drills = { schedule: first };
  }, 'managed');
  expect(found).toEqual([expect.stringMatching(/bank.drills: need a second path/)]);
});

it('warns where none is held, where one is overdue before it comes, and where one is held at each first deployment', () => {
  const observing = changed({ schedule: first });
  observing.connections.paris.mode = 'observe';
  expect(remarksOn(observing)).toEqual(['drills-observed']);
  expect(remarksOn(changed({ schedule: 'cron(0 6 1 1,7 ? *)' }))).toEqual(['drills-rare']);
  expect(remarksOn(changed({ schedule: 'rate(30 days)' }))).toEqual(['drills-at-deploy']);
});
