/** What is concluded of a path over a VPN connection of AWS, from its canary, its tunnels and its routes. */
import { deploymentFrom } from '../../../../config/read';
import { assess } from '../../../../core/assess/assess';
import { nothingDesired } from '../../../../core/store/lease';
import { emptyMemory } from '../../../../core/store/memory';
import type { Deployment } from '../../../../core/words/domain';
import type { Evidence, RouteFacts, TunnelFacts, TunnelReport } from '../../../../core/words/evidence';
import { minuteMs } from '../../../../core/words/time';
import { down, evidence, report, t0, turn } from '../../../given';
import { site } from '../../config/site';

function deploymentOf(name: string): Deployment {
  const read = deploymentFrom(site(name));
  if (!read.ok) throw new Error('the site is not sound');
  return read.deployment;
}

const transit = deploymentOf('transit');
const managed = deploymentOf('managed');

const tunnel = (over: Partial<TunnelFacts> = {}): TunnelFacts => ({
  status: 'up',
  since: t0 - 86_400_000,
  message: '',
  provisioning: 'available',
  initiatedByAws: false,
  maintenanceBy: null,
  lastBytes: null,
  lastCarried: null,
  ...over,
});
const tunnels = (first: Partial<TunnelFacts>, second: Partial<TunnelFacts>, over: Partial<TunnelReport> = {}) => ({
  'vpn-a': {
    schema: 1,
    gateway: 'vpn-a',
    reportedAt: t0 - 30_000,
    state: 'available',
    tunnels: { '203.0.113.1': tunnel(first), '203.0.113.2': tunnel(second) },
    changed: false,
    ...over,
  } as const,
});
const routesOf = (target: RouteFacts['target'], over: Partial<RouteFacts> = {}): RouteFacts[] => [
  {
    routeSet: 'office',
    table: 'rtb-00000000000000001',
    destination: '172.16.0.0/16',
    target,
    state: 'active',
    origin: 'propagated',
    under: target,
    ...over,
  },
];
const vgw = { kind: 'gateway', id: 'vgw-00000000000000001' } as const;

function seen(over: Partial<Evidence> = {}): Evidence {
  const reports = { 'bank/path-a': report('bank/path-a'), 'bank/service': report('bank/service'), ...over.reports };
  return { ...evidence({ routes: routesOf(vgw), tunnels: tunnels({}, {}), ...over, reports }), instances: {} };
}

const pathA = (over: Partial<Evidence> = {}) =>
  assess({
    deployment: managed,
    connection: managed.connections['bank']!,
    evidence: seen(over),
    memory: emptyMemory,
    desired: nothingDesired,
    now: t0,
  }).paths['a']!;
const silent = { 'bank/path-a': null, 'bank/service': null };
const missed = { 'bank/path-a': down('bank/path-a', { missedSince: t0 - 400_000 }) };
const isDown = { status: 'down', since: t0 - 5 * minuteMs } as const;

it('works while its canary is answered, whatever telemetry says: that lags', () => {
  expect(pathA({ tunnels: tunnels(isDown, isDown) })).toMatchObject({ verdict: 'healthy', provenHealthy: true });
});

it('is down where no canary is heard and AWS says that both tunnels are DOWN', () => {
  const { verdict, because } = pathA({ reports: silent, tunnels: tunnels(isDown, isDown) });
  expect([verdict, because]).toEqual(['down', expect.stringContaining('both tunnels of vpn-a are DOWN, for 5 min')]);
});

it.each<readonly [string, Partial<Evidence>]>([
  ['one tunnel is UP', { tunnels: tunnels({}, isDown) }],
  ['the report is old', { tunnels: tunnels(isDown, isDown, { reportedAt: t0 - 4 * minuteMs }) }],
  ['nobody has read them', { tunnels: { 'vpn-a': null } }],
])('is unknown where no canary is heard and %s', (_, over) => {
  expect(pathA({ reports: silent, ...over }).verdict).toBe('unknown');
});

it.each<readonly [string, Partial<TunnelReport>, RouteFacts[], RegExp]>([
  ['the connection is being deleted', { state: 'deleting' }, routesOf(vgw), /vpn-0aaaaaaaaaaaaaaa1 .* is deleting/],
  ['its route is a black hole', {}, routesOf(vgw, { state: 'blackhole' }), /is a black hole/],
])('is dead, though its canary is still answered, where %s', (_, over, routes, says) => {
  expect(pathA({ tunnels: tunnels({}, {}, over), routes })).toMatchObject({
    verdict: 'down',
    dead: true,
    because: expect.stringMatching(says),
  });
});

it('is dead where AWS has withdrawn its route and says that both tunnels are DOWN, and its routes are still its own', () => {
  const withdrawn = routesOf(null, { under: null });
  expect(pathA({ routes: withdrawn, tunnels: tunnels(isDown, isDown) }).because).toMatch(
    /^AWS has withdrawn the route/,
  );
  expect(pathA({ routes: withdrawn }).dead).toBe(false);
  const { sets } = assess({
    deployment: managed,
    connection: managed.connections['bank']!,
    evidence: seen({ routes: withdrawn }),
    memory: emptyMemory,
    desired: nothingDesired,
    now: t0,
  });
  expect(sets['office']).toMatchObject({ used: ['a'], foreign: [] });
});

it.each<readonly [string, TunnelReport['tunnels'][string], TunnelReport['tunnels'][string], string, RegExp]>([
  ['both are UP', tunnel(), tunnel(), 'fine', /^both tunnels of vpn-a are UP$/],
  ['one is UP', tunnel(isDown), tunnel(), 'fine', /^tunnel 203.0.113.2 is UP$/],
  [
    'both are DOWN',
    tunnel(isDown),
    tunnel(isDown),
    'unknown',
    /its endpoint or the partner, nobody can tell from here/,
  ],
  [
    'both are DOWN and AWS cannot provision one',
    tunnel(isDown),
    tunnel({ ...isDown, provisioning: 'failed' }),
    'failed',
    /could not provision tunnel 203.0.113.2/,
  ],
])('says of its own half, where %s', (_, first, second, ownSide, says) => {
  expect(pathA({ reports: missed, tunnels: tunnels(first, second) })).toMatchObject({
    ownSide,
    ownSideBecause: expect.stringMatching(says),
  });
});

describe('the tunnel that sends and gets nothing back', () => {
  // At two rounds a second, three attempts of 60 B each: 108 kB in five minutes; answered they would be 93 kB back.
  const period = { from: t0 - 390_000, out: 108_000, in: 0 };
  const says = (over: Partial<NonNullable<TunnelFacts['lastBytes']>>, reports: Evidence['reports'] = missed) =>
    pathA({
      reports,
      tunnels: tunnels({ lastBytes: { ...period, ...over } }, { lastBytes: { ...period, out: 500, in: 400 } }),
    }).ownSideBecause;

  it('is named, with the bytes that show it', () => {
    expect(says({})).toBe(
      "both tunnels of vpn-a are UP, 108 kB went out by 203.0.113.1 in five minutes and nothing came back: the partner's return route or firewall; call them",
    );
  });

  it.each<readonly [string, Parameters<typeof says>]>([
    ['little went out: it may be the other one', [{ out: 20_000 }]],
    ['something came back', [{ in: 12_000 }]],
    [
      'the canary was answered in those minutes',
      [{}, { 'bank/path-a': down('bank/path-a', { missedSince: t0 - 60_000 }) }],
    ],
  ])('is not named where %s', (_, given) => {
    expect(says(...given)).toBe('both tunnels of vpn-a are UP');
  });
});

it('brakes in words that know there is nothing to move to', () => {
  const { decision } = turn({
    deployment: managed,
    connection: 'bank',
    evidence: seen({ reports: { ...missed, 'bank/service': down('bank/service') } }),
    memory: emptyMemory,
    now: t0,
  });
  expect(decision).toMatchObject({ kind: 'escalate', key: 'brake/none' });
  expect(decision.because).toMatch(/^brake: the only path does not work .*there is none to move to \(standby: none\)/);
});

it('moves the routes of a transit gateway from one attachment to the other', () => {
  const attachment = { kind: 'attachment', id: 'tgw-attach-0aaaaaaaaaaaaaaa1' } as const;
  const { tables } = transit.connections['paris']!.routeSets['spokes']!;
  const routes = tables.map(
    (table): RouteFacts => ({
      routeSet: 'spokes',
      table,
      destination: '172.16.0.0/16',
      target: attachment,
      state: 'active',
      origin: 'static',
    }),
  );
  const { decision } = turn({
    deployment: transit,
    connection: 'paris',
    memory: emptyMemory,
    now: t0,
    evidence: {
      ...evidence({ routes }),
      instances: {},
      reports: {
        'paris/path-a': down('paris/path-a'),
        'paris/path-b': report('paris/path-b', { answeredAt: t0 - 200, reportedAt: t0 - 100 }),
        'paris/service': down('paris/service'),
      },
    },
  });
  expect(decision).toMatchObject({
    kind: 'divert',
    rule: 'rescue',
    moves: [{ routeSet: 'spokes', from: ['a'], to: 'b' }],
  });
});
