/** What is planned on tunnels of AWS: read with its window, and refused where it could not be or should not. */
import { deploymentFrom } from '../../../config/read';
import { dayMs } from '../../../core/words/time';
import { complaints, site } from './site';

type Change = NonNullable<Parameters<typeof complaints>[0]>;
type Tree = Parameters<Change>[0];

const night = [{ days: ['sun'], from: '02:00', to: '05:00', timezone: 'Europe/Berlin' }];
const read = { days: ['sun'], fromMinute: 120, toMinute: 300, timezone: 'Europe/Berlin' };

const gateway =
  (fields: object): Change =>
  (tree: Tree) =>
    Object.assign(tree.gateways['vpn-a'], fields);
const rehearsal =
  (fields: object, more: object = {}): Change =>
  (tree: Tree) => {
    tree.connections.bank.rehearsal = fields;
    Object.assign(tree.gateways['vpn-a'], more);
  };

it('reads both windows', () => {
  const tree = site('managed');
  gateway({ maintenance: 'window', window: night })(tree);
  rehearsal({ by: 'aws', everyDays: 30, window: night })(tree);
  const found = deploymentFrom(tree);
  expect(found).toMatchObject({
    ok: true,
    deployment: {
      gateways: { 'vpn-a': { maintenance: 'window', window: [read] } },
      connections: { bank: { rehearsal: { by: 'aws', everyMs: 30 * dayMs, window: [read], unattended: false } } },
    },
  });
});

it('reads a rehearsal by the partner, each quarter and when somebody asks', () => {
  const tree = site('managed');
  rehearsal({})(tree);
  expect(deploymentFrom(tree)).toMatchObject({
    ok: true,
    deployment: { connections: { bank: { rehearsal: { by: 'peer', everyMs: 90 * dayMs, unattended: false } } } },
  });
});

it.each<readonly [string, Change, string, RegExp]>([
  ['a window that is not said', gateway({ maintenance: 'window' }), 'gateways.vpn-a.window', /say when/],
  [
    'a window for nothing',
    gateway({ window: night }),
    'gateways.vpn-a.window',
    /set maintenance: window, or remove it/,
  ],
  [
    'a window without a length',
    gateway({ maintenance: 'window', window: [{ ...night[0], to: '02:00' }] }),
    'gateways.vpn-a.window\\[0\\].to',
    /for a whole day/,
  ],
  [
    'a rehearsal that leaves a tunnel down',
    rehearsal({ by: 'aws', window: night }, { initiatedBy: 'peer' }),
    'connections.bank.rehearsal.by',
    /peerInitiates: true/,
  ],
  ['a rehearsal by AWS at any time', rehearsal({ by: 'aws' }), 'connections.bank.rehearsal.window', /cannot be undone/],
  [
    'a partner who is not there',
    rehearsal({ by: 'peer', unattended: true }),
    'connections.bank.rehearsal.unattended',
    /by: aws/,
  ],
])('refuses %s', (_, change, at, mend) => {
  const found = complaints(change, 'managed');
  expect(found).toEqual([expect.stringMatching(at)]);
  expect(found[0]).toMatch(mend);
});

it('refuses a rehearsal beside a second path', () => {
  const [found, ...more] = complaints((tree: Tree) => {
    tree.connections.paris.rehearsal = { by: 'peer' };
  }, 'transit');
  expect(more).toEqual([]);
  expect(found).toMatch(/there is b too: drain one of them/);
});
