/** Verdicts: what each observer's word, silence or contradiction makes of a path. */
import { assess } from '../../../../core/assess/assess';
import { verdictText } from '../../../../core/assess/assessment';
import type { CanaryReport, Evidence } from '../../../../core/words/evidence';
import {
  asked,
  connection,
  deployment,
  down,
  evidence,
  gatewayLease,
  instance,
  memory,
  report,
  routes,
  t0,
} from '../../../given';

const look = (over: Partial<Evidence>, of = deployment(), remembered = memory()) =>
  assess(asked({ deployment: of, evidence: evidence(over), memory: remembered }));

it('calls an answering path healthy, and proves it by its age', () => {
  expect(look({}).paths['a']).toMatchObject({ verdict: 'healthy', provenHealthy: true, ownSide: 'fine' });
  const old = report('paris/path-a', { reportedAt: t0 - 5_000 });
  expect(look({ reports: { 'paris/path-a': old } }).paths['a']).toMatchObject({
    verdict: 'healthy',
    provenHealthy: false,
  });
});

it('calls a silent canary’s path unknown, not down', () => {
  const stale = down('paris/path-a', { reportedAt: t0 - 11_000 });
  expect(look({ reports: { 'paris/path-a': stale } }).paths['a']!.verdict).toBe('unknown');
  expect(look({ reports: { 'paris/path-a': null } }).paths['a']!.verdict).toBe('unknown');
});

it('counts it as down when a service canary in another zone feels it', () => {
  const felt = look({ reports: { 'paris/path-a': null, 'paris/office': down('paris/office') } });
  expect(felt.paths['a']).toMatchObject({ verdict: 'down', dead: false });
});

it('does not count it as down when that service canary answers again, if not often enough yet', () => {
  const again = down('paris/office', { missedInARow: 0, answeredInARow: 1 });
  expect(look({ reports: { 'paris/path-a': null, 'paris/office': again } }).paths['a']!.verdict).toBe('unknown');
});

it('does not believe a service canary in the gateway’s own zone about that', () => {
  const near = connection();
  const canaries = near.canaries.map((c) =>
    c.watches.kind === 'service' ? { ...c, availabilityZone: 'eu-central-1a' } : c,
  );
  const felt = look(
    { reports: { 'paris/path-a': null, 'paris/office': down('paris/office') } },
    deployment({ ...near, canaries }),
  );
  expect(felt.paths['a']!.verdict).toBe('unknown');
});

it('lets one observer that gets answers outweigh one that does not', () => {
  const two = connection();
  const second = { ...two.canaries[0]!, id: 'paris/path-a-2' };
  const reports = { 'paris/path-a': down('paris/path-a'), 'paris/path-a-2': report('paris/path-a-2') };
  expect(look({ reports }, deployment({ ...two, canaries: [...two.canaries, second] })).paths['a']!.verdict).toBe(
    'healthy',
  );
});

describe('a path that swallows packets of full size', () => {
  const lost = (id: string) => report(id, { verdict: 'degraded', fullSize: 'lost' });
  const blind = (id: string) => report(id, { fullSize: 'unmeasured' });

  it('is degraded (mtu) by the word of its own canary, and proves nothing', () => {
    const { a, b } = look({ reports: { 'paris/path-a': lost('paris/path-a') } }).paths;
    expect(a).toMatchObject({ verdict: 'degraded', mtu: true, provenHealthy: false, provenWorking: true });
    expect(verdictText(a!)).toBe('degraded (mtu)');
    expect(a!.because).toBe('canary paris/path-a gets small packets through and none of full size (1 s ago)');
    expect(b).toMatchObject({ verdict: 'healthy', mtu: false });
  });

  it('is so by the word of its users, where its own canary cannot tell', () => {
    const reports = { 'paris/path-a': blind('paris/path-a'), 'paris/office': lost('paris/office') };
    expect(look({ reports }).paths['a']).toMatchObject({ verdict: 'degraded', mtu: true });
    expect(look({ reports, routes: routes('eni-gw-b') }).paths['a']).toMatchObject({ verdict: 'healthy', mtu: false });
  });

  it('is not, when its own canary gets them through: the users’ trouble is elsewhere', () => {
    expect(look({ reports: { 'paris/office': lost('paris/office') } }).paths['a']).toMatchObject({
      verdict: 'healthy',
      mtu: false,
    });
  });

  it('is not judged by what users felt before they came to it', () => {
    const reports = { 'paris/path-a': blind('paris/path-a'), 'paris/office': lost('paris/office') };
    const moved = memory({ usedSince: { office: { path: 'a', at: t0 - 5_000 } } });
    expect(look({ reports }, deployment(), moved).paths['a']).toMatchObject({ verdict: 'healthy', mtu: false });
  });
});

it.each(['stopping', 'stopped', 'shutting-down', 'terminated'] as const)('takes EC2’s word for %s', (state) => {
  expect(look({ instances: { 'gw-a': instance('gw-a', { state }) } }).paths['a']).toMatchObject({
    verdict: 'down',
    dead: true,
    ownSide: 'failed',
  });
});

it('takes an event ahead of DescribeInstances for the truth, for a moment', () => {
  const seen = { instanceId: 'i-0aaaaaaaaaaaaaaaa', state: 'stopping', at: t0 - 2_000 } as const;
  expect(look({ observations: { 'gw-a': seen } }).paths['a']!.dead).toBe(true);
  expect(look({ observations: { 'gw-a': { ...seen, at: t0 - 11_000 } } }).paths['a']!.dead).toBe(false);
});

it('takes a blackhole route for the truth, an active one for nothing', () => {
  expect(look({ routes: routes('eni-gw-a', { state: 'blackhole' }) }).paths['a']).toMatchObject({
    verdict: 'down',
    dead: true,
  });
});

it('separates our side from the peer’s', () => {
  const silent = { 'paris/path-a': down('paris/path-a', { gatewayProbe: 'down' }) };
  expect(look({ reports: { 'paris/path-a': down('paris/path-a') } }).paths['a']!.ownSide).toBe('fine');
  expect(look({ reports: silent }).paths['a']!.ownSide).toBe('unknown');
  expect(
    look({ reports: silent, instances: { 'gw-a': instance('gw-a', { agent: 'lost' }) } }).paths['a']!.ownSide,
  ).toBe('failed');
  expect(look({ instances: { 'gw-a': instance('gw-a', { systemStatus: 'impaired' }) } }).paths['a']!.ownSide).toBe(
    'failed',
  );
  expect(look({ instances: { 'gw-a': null } }).paths['a']!.ownSide).toBe('unknown');
});

it('sees the loss now, and calls it severe only after its minute', () => {
  const reports = { 'paris/path-a': report('paris/path-a', { verdict: 'degraded', lossRatio: 0.35 }) };
  expect(look({ reports }).paths['a']).toMatchObject({ verdict: 'degraded', severeNow: true });
  expect(look({ reports }, deployment(), memory({ severeSince: { a: t0 - 60_000 } })).paths['a']!.verdict).toBe(
    'severe',
  );
});

describe('loss that lasts', () => {
  const since = memory({ severeSince: { a: t0 - 60_000 } });
  const severeNow = (over: Partial<CanaryReport>, before = since): boolean =>
    look({ reports: { 'paris/path-a': report('paris/path-a', over) } }, deployment(), before).paths['a']!.severeNow;

  it('lasts through a window that shows a little less of it, and begins with none such', () => {
    expect(severeNow({ verdict: 'degraded', lossRatio: 0.16 })).toBe(true);
    expect(severeNow({ verdict: 'degraded', lossRatio: 0.13 })).toBe(false);
    expect(severeNow({ verdict: 'degraded', lossRatio: 0.16 }, memory())).toBe(false);
  });

  it('lasts past a run of its canary that is too young to count loss, however few rounds a minute has', () => {
    expect(severeNow({ round: 39 })).toBe(true);
    expect(severeNow({ round: 39 }, memory())).toBe(false);
    expect(severeNow({ round: 40 })).toBe(false);
    const slow = deployment(connection({ policy: { ...connection().policy, roundIntervalMs: 10_000 } }));
    const after = (round: number) =>
      look({ reports: { 'paris/path-a': report('paris/path-a', { round }) } }, slow, since).paths['a']!.severeNow;
    expect([after(3), after(4)]).toEqual([true, false]);
  });
});

it('names routes that point at none of our paths', () => {
  expect(look({ routes: routes('eni-other') }).sets['office']).toMatchObject({
    used: [],
    foreign: ['172.16.0.0/16 in rtb-1 points at eni-other', '172.16.0.0/16 in rtb-2 points at eni-other'],
  });
});

it('knows a route to the interface of a replaced instance as stale', () => {
  const identity = { instanceId: 'i-new', routeInterfaceId: 'eni-new' };
  const gatewayLeases = { 'gw-a': gatewayLease('gw-a', { identity }) };
  expect(look({ gatewayLeases }).sets['office']).toMatchObject({ used: ['a'], stale: true });
});

it('calls it mass when nobody reports, or most paths of many connections fail', () => {
  const nobody = { 'paris/path-a': null, 'paris/path-b': null, 'paris/office': null };
  expect(look({ reports: nobody }).mass).toBe(true);
  const four = ['paris', 'rome', 'oslo', 'bern'].map((name) => connection({ name }));
  const others = (verdict: typeof report) =>
    Object.fromEntries(four.slice(1).flatMap((c) => c.canaries.map((k) => [k.id, verdict(k.id)])));
  expect(look({ otherReports: others(down) }, deployment(...four)).mass).toBe(true);
  expect(look({ otherReports: others(report) }, deployment(...four)).mass).toBe(false);
});
