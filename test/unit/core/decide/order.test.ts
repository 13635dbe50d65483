/**
 * The order of the rules is the policy. For each neighbouring pair: a world in which both would speak, and who does.
 */
import { rules } from '../../../../core/decide/decide';
import type { Connection } from '../../../../core/words/domain';
import {
  connection,
  deployment,
  desired,
  down,
  drain,
  evidence,
  gateway,
  incident,
  instance,
  memory,
  move,
  report,
  routes,
  t0,
  turn,
} from '../../../given';

/** Four paths, and a second route set `lab` at home on c. */
function wide(): { connection: Connection; site: ReturnType<typeof deployment> } {
  const two = connection();
  const more = Object.fromEntries(
    ['c', 'd'].map((name) => [name, { ...two.paths['a']!, name, gateway: `gw-${name}` }]),
  );
  const canaries = ['c', 'd'].map((path) => ({
    ...two.canaries[0]!,
    id: `paris/path-${path}`,
    watches: { kind: 'path' as const, path },
  }));
  const four: Connection = {
    ...two,
    paths: { ...two.paths, ...more },
    routeSets: { ...two.routeSets, lab: { ...two.routeSets['office']!, name: 'lab', home: 'c', tables: ['rtb-3'] } },
    canaries: [...two.canaries, ...canaries],
  };
  const site = deployment(four);
  const gateways = {
    ...site.gateways,
    'gw-c': gateway('gw-c', 'eu-central-1a'),
    'gw-d': gateway('gw-d', 'eu-central-1b'),
  };
  return { connection: four, site: { ...site, gateways } };
}

const look = (over: Parameters<typeof evidence>[0] = {}) =>
  evidence({
    ...over,
    reports: { 'paris/path-c': report('paris/path-c'), 'paris/path-d': report('paris/path-d'), ...over.reports },
    instances: { 'gw-c': instance('gw-c'), 'gw-d': instance('gw-d') },
  });
const lab = (interfaceId: string) => routes(interfaceId, { routeSet: 'lab', table: 'rtb-3' }).slice(0, 1);
const { site } = wide();
const old = { a: t0 - 600_000, b: t0 - 600_000, c: t0 - 600_000, d: t0 - 600_000 };

it('is this', () => {
  expect(rules.map((rule) => rule.name)).toEqual([
    'holdWhileUnread',
    'holdWhilePaused',
    'divertFromDown',
    'rescueByLastSeen',
    'divertAsLastResort',
    'divertFromSevere',
    'tryForDarkUsers',
    'brake',
    'undoContradicted',
    'divertByWord',
    'orderSpeaker',
    'finishSplit',
    'repairDown',
    'maintainTunnel',
    'rehearseByAws',
    'failBack',
    'giveBack',
    'askForHelp',
    'holdTillDue',
    'finishOrPark',
    'holdForEvidence',
  ]);
});

it('moves dark users (4) before those who merely suffer loss (5)', () => {
  const reports = {
    'paris/path-a': down('paris/path-a', { missedSince: t0 - 1_400 }),
    'paris/path-c': report('paris/path-c', { verdict: 'degraded', lossRatio: 0.4 }),
    'paris/path-d': report('paris/path-d', { answeredAt: t0 - 1_500 }),
    'paris/path-b': report('paris/path-b', { answeredAt: t0 - 1_500 }),
  };
  const { decision } = turn({
    deployment: site,
    memory: memory({ incident, healthySince: old, severeSince: { c: t0 - 90_000 } }),
    desired: desired({ drains: { b: drain('soft') } }),
    evidence: look({ reports, routes: [...routes('eni-gw-a'), ...lab('eni-gw-c')] }),
  });
  expect(decision).toMatchObject({ rule: 'last-resort', moves: [{ routeSet: 'office' }] });
});

it('says that nothing works (6) before it says that a move was contradicted (7)', () => {
  const reports = { 'paris/path-a': down('paris/path-a'), 'paris/path-b': down('paris/path-b') };
  const moves = { office: move({ planned: true, leftWorkingPath: true, outcome: 'contradicted' }) };
  expect(
    turn({
      memory: memory({ incident, undone: true, moves }),
      evidence: evidence({ reports, routes: routes('eni-gw-b') }),
    }).decision,
  ).toMatchObject({ rule: 'brake' });
});

it('undoes a contradicted move (7) before it repairs another path (9)', () => {
  const moves = { office: move({ planned: true, leftWorkingPath: true, outcome: 'contradicted' }) };
  const reports = { 'paris/path-d': down('paris/path-d'), 'paris/office': down('paris/office') };
  const { decision } = turn({
    deployment: site,
    memory: memory({ incident, moves, healthySince: old }),
    evidence: look({ reports, routes: [...routes('eni-gw-b'), ...lab('eni-gw-c')] }),
  });
  expect(decision).toMatchObject({ kind: 'undo', rule: 'undo' });
});

it('starts a repair (9) before it fails back (10)', () => {
  const reports = { 'paris/path-d': down('paris/path-d') };
  const { decision } = turn({
    deployment: site,
    memory: memory({ incident, moves: { office: move() }, healthySince: old }),
    evidence: look({ reports, routes: [...routes('eni-gw-b'), ...lab('eni-gw-c')] }),
  });
  expect(decision).toMatchObject({ kind: 'repair', path: 'd' });
});

it('fails one set back (10) before it reports another in foreign hands (11)', () => {
  const { decision } = turn({
    deployment: site,
    memory: memory({ incident, moves: { office: move() }, healthySince: old }),
    evidence: look({ routes: [...routes('eni-gw-b'), ...lab('eni-other')] }),
  });
  expect(decision).toMatchObject({ kind: 'failback', moves: [{ routeSet: 'office' }] });
});

it('asks for help (11) before it waits (12)', () => {
  const soaking = { ...old, a: t0 - 10_000 };
  const { decision } = turn({
    deployment: site,
    memory: memory({ incident, moves: { office: move() }, healthySince: soaking }),
    evidence: look({ routes: [...routes('eni-gw-b'), ...lab('eni-other')] }),
  });
  expect(decision).toMatchObject({ kind: 'escalate', key: 'manual/lab' });
});
