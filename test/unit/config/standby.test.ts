/** `standbyRegion`: the second deployment it makes, and each reason for which there can be none. */
import { deploymentFrom } from '../../../config/read';
import { twoEnds } from '../../two-ends';

// biome-ignore lint/suspicious/noExplicitAny: tests write wrong things into it on purpose.
type Change = (tree: any) => void;

/** The far end in another region and account, and a second deployment asked for there. */
function read(change: Change = () => {}) {
  const tree = twoEnds();
  tree.account = '111122223333';
  tree.ends = { frankfurt: {}, ohio: { region: 'us-east-2', account: '210987654321', externalId: '3f6c' } };
  const far = [tree.gateways['o-a'], tree.gateways['o-b']];
  const canaries = Object.values(tree.connections.mesh.canaries) as { end: string; zone: string }[];
  for (const one of [...far, ...canaries.filter(({ end }) => end === 'ohio')])
    one.zone = one.zone.replace('eu-central-1', 'us-east-2');
  for (const gateway of far) delete gateway.launchTemplate;
  tree.standbyRegion = 'us-east-2';
  tree.notify = { emails: ['noc@example.com'] };
  change(tree);
  return deploymentFrom(tree);
}

const complaints = (change: Change): string[] => {
  const result = read(change);
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
};

function standby(change?: Change) {
  const result = read(change);
  if (!result.ok || result.standby === undefined) throw new Error(JSON.stringify(result, null, 1));
  return { first: result.deployment, second: result.standby };
}

it('makes of one file a second deployment, as somebody at the other end would write it', () => {
  const { first, second } = standby();
  expect(second).toMatchObject({
    ...{ name: 'mesh-standby', region: 'us-east-2', account: '210987654321' },
    ends: {
      frankfurt: {
        ...{ name: 'frankfurt', region: 'eu-central-1', account: '111122223333', externalId: '3f6c' },
        role: 'switchback-mesh-standby-end-frankfurt',
      },
      ohio: { name: 'ohio', region: 'us-east-2' },
    },
    standsInFor: {
      ...{ name: 'mesh', region: 'eu-central-1', account: '111122223333', role: 'switchback-mesh-end-ohio' },
    },
  });
  const [one, other] = [first.connections['mesh']!, second.connections['mesh']!];
  expect(other.ends).toEqual(['ohio', 'frankfurt']);
  expect(other.paths['b']).toMatchObject({ gateway: 'o-b', tunnels: ['to-frankfurt-b'], far: { gateway: 'f-b' } });
  expect(other.routeSets).toEqual(one.routeSets);
  expect(other.canaries).toEqual(one.canaries);
  expect(first).not.toHaveProperty('standsInFor');
});

it('leaves the first deployment exactly as it is without one', () => {
  const without = read((tree) => void delete tree.standbyRegion);
  expect(without.ok && without.deployment).toEqual(standby().first);
  expect(without).not.toHaveProperty('standby');
});

it('replaces nothing where it is not, holds no drills, and keeps no table, archive or topic of the first', () => {
  const { second } = standby((tree) => {
    tree.gateways['f-a'].record = { zone: 'Z0123456789', name: 'vpn-a.example.net', ttl: 60 };
    tree.connections.mesh.drills = { schedule: 'cron(0 3 ? * SUN *)', timezone: 'UTC' };
    tree.state = { table: 'old' };
    tree.archive = { bucket: 'acme-incidents' };
    tree.notify.topic = 'arn:aws:sns:eu-central-1:111122223333:noc';
  });
  expect(JSON.stringify(second)).not.toMatch(/launchTemplate|"record"|drills|acme-incidents|"old"|arn:aws:sns/);
  expect(second.installation?.notify).toEqual({ kind: 'people', emails: ['noc@example.com'] });
});

it('takes the role that its author has named for the one to fence', () => {
  const { second } = standby((tree) => {
    tree.ends.ohio.role = 'acme-vpn';
  });
  expect(second.standsInFor?.role).toBe('acme-vpn');
});

const ownAccount: Change = (tree) => {
  tree.ends.ohio = { region: 'us-east-2' };
};

it.each<[string, Change, RegExp]>([
  [
    'its own region',
    (t) => (t.standbyRegion = 'eu-central-1'),
    /is the deployment's own: write the region of the other/,
  ],
  ['a region of no end', (t) => (t.standbyRegion = 'us-west-2'), /is the region of no end: .*; write us-east-2$/],
  ['an end in its own account', ownAccount, /ohio is in the deployment's own account, where there is no role to fence/],
  [
    'a third end',
    (t) => (t.ends.paris = { region: 'eu-west-3', account: '333344445555', externalId: '3f6c' }),
    /cannot be where there are more than two ends/,
  ],
  ['a long name', (t) => (t.name = 'a-name-of-twenty-seven-char'), /longer than 31 characters: shorten name/],
  [
    'a topic alone',
    (t) => (t.notify = { topic: 'arn:aws:sns:eu-central-1:111122223333:noc' }),
    /would tell nobody: the topic in notify fails with its region; add emails/,
  ],
  [
    "the first account's boundary",
    (t) => (t.permissionsBoundary = 'arn:aws:iam::111122223333:policy/edge'),
    /is in another account than permissionsBoundary: write that policy's name alone/,
  ],
])('refuses by name %s', (_, change, message) => {
  expect(complaints(change)).toEqual([expect.stringMatching(message)]);
  expect(complaints(change)[0]).toMatch(/^standbyRegion: /);
});

it('refuses a connection that ends where the deployment alone is', () => {
  const change: Change = (tree) => {
    const sites = tree.connections.mesh;
    const { path: _, ...canary } = sites.canaries['f-path-a'];
    tree.gateways['p-a'] = { ...tree.gateways['f-a'], end: undefined };
    tree.connections.partner = {
      ...{ mode: 'observe', standby: 'none', paths: { a: { gateway: 'f-a' } } },
      routeSets: { all: { home: 'a', tables: ['rtb-0f000000000000009'], destinations: ['10.99.0.0/16'] } },
      canaries: { a: { ...canary, path: 'a', targets: ['10.99.1.10:22'] } },
    };
  };
  expect(complaints(change)).toContainEqual(
    expect.stringMatching(/^standbyRegion: cannot be: partner has no end there, so that nobody could decide for it/),
  );
});

it.each(['takeover', 'standbyBrain', 'drRegion', 'failoverTo'])('says of %s where it is written', (field) => {
  const message = complaints((tree) => {
    tree[field] = { region: 'us-east-2' };
  });
  expect(message).toContainEqual(
    expect.stringMatching(/is a second deployment .*write the region of that end, standbyRegion/),
  );
});
