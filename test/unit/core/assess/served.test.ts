/** Are the users of a set served: who is heard of them, what outweighs what, and what is said. */
import { assess } from '../../../../core/assess/assess';
import type { Memory } from '../../../../core/store/memory';
import type { CanaryReport, Evidence } from '../../../../core/words/evidence';
import { asked, connection, deployment, down, evidence, memory, report, routes, t0 } from '../../../given';

const office = 'paris/office';
const users = (over: Partial<Evidence>, before: Memory = memory(), deployed = deployment()) =>
  assess(asked({ deployment: deployed, evidence: evidence(over), memory: before })).sets['office']!.users;
const heard = (over: Partial<CanaryReport>, before?: Memory) =>
  users({ reports: { [office]: report(office, over) } }, before);

it('goes by the one of several canaries that is answered best', () => {
  const { canaries } = connection();
  const second = { ...canaries[2]!, id: 'paris/office-2' };
  const both = deployment(connection({ canaries: [...canaries, second] }));
  const of = (first: CanaryReport, other: CanaryReport) =>
    users({ reports: { [office]: first, [second.id]: other } }, memory(), both).state;
  expect(of(down(office), report(second.id))).toBe('served');
  expect(of(report(office), down(second.id))).toBe('served');
  expect(of(down(office), report(second.id, { rttMs: 250 }))).toBe('slow');
});

it('hears no other set’s canary, and no path’s', () => {
  const { canaries, routeSets } = connection();
  const plant = { ...routeSets['office']!, name: 'plant', tables: ['rtb-7'] };
  const other = { ...canaries[2]!, id: 'paris/plant', watches: { kind: 'service', routeSet: 'plant' } as const };
  const two = deployment(
    connection({ routeSets: { ...routeSets, plant }, canaries: [...canaries.slice(0, 2), other] }),
  );
  expect(users({ reports: { 'paris/plant': report('paris/plant') } }, memory(), two).because).toBe(
    'no service canary has reported lately',
  );
});

it('knows nothing of users whose canary does not know yet, or answers again after a silence', () => {
  expect(heard({ verdict: 'unknown' })).toMatchObject({ state: 'unknown', rttMs: null, since: t0 });
  expect(users({ reports: { [office]: down(office, { answeredInARow: 1, rttMs: 30 }) } })).toEqual({
    state: 'unknown',
    since: t0,
    rttMs: 30,
    because: 'canary paris/office was down and answers again (1 s ago)',
  });
});

it('counts their dark from the first miss, or from the verdict where that is not known', () => {
  const dark = (missedSince: number) =>
    users({ reports: { [office]: down(office, { missedSince, since: t0 - 9_000 }) } }).since;
  expect([dark(t0 - 12_000), dark(0)]).toEqual([t0 - 12_000, t0 - 9_000]);
});

it('calls them slow above the policy’s number, and says what was seen', () => {
  expect(heard({ rttMs: 200 }).state).toBe('served');
  const slow = heard({ rttMs: 201, lossRatio: 0.1 });
  expect(slow).toMatchObject({ state: 'slow', because: 'canary paris/office sees 10 % loss, 201 ms (1 s ago)' });
  expect(heard({ rttMs: null, lossRatio: 0.3 }).because).toContain('30 % loss, 0 ms');
});

it('lets a severe spell last down to seven tenths, and begins none there: to have waited is no such spell', () => {
  const lossy = { lossRatio: 0.15 };
  const before = (hurt: number | null) => memory({ unserved: { office: { dark: null, hurt, slow: t0 - 5_000 } } });
  expect(heard(lossy, before(t0 - 5_000)).state).toBe('severe');
  expect(heard(lossy, before(null)).state).toBe('served');
});

it('goes by the paths where no canary speaks for them, and says which; by nothing where they are on none', () => {
  const alone = deployment(connection({ canaries: connection().canaries.slice(0, 2) }));
  const reports = { 'paris/path-a': down('paris/path-a') };
  expect(users({ reports }, memory(), alone)).toMatchObject({
    state: 'dark',
    because: expect.stringMatching(/^path a is down: canary paris\/path-a missed/),
  });
  expect(users({ reports, routes: [] }, memory(), alone)).toEqual({
    state: 'unknown',
    since: t0,
    rttMs: null,
    because: 'no service canary has reported lately',
  });
});

it('takes users on two paths for dark only when both are down, and since the later failure; for severe when neither is well', () => {
  const alone = deployment(connection({ canaries: connection().canaries.slice(0, 2) }));
  const split = [routes('eni-gw-a')[0]!, routes('eni-gw-b')[1]!];
  const on = (a: Partial<CanaryReport> | null, b: Partial<CanaryReport> | null) => {
    const reportOf = (path: string, over: Partial<CanaryReport> | null) =>
      over === null ? report(`paris/path-${path}`) : down(`paris/path-${path}`, over);
    const reports = { 'paris/path-a': reportOf('a', a), 'paris/path-b': reportOf('b', b) };
    return users({ reports, routes: split }, memory(), alone);
  };
  const lossy = {
    verdict: 'degraded',
    lossRatio: 0.4,
    missedInARow: 0,
    answeredInARow: 9,
    answeredAt: t0 - 500,
  } as const;
  expect(on({ missedSince: t0 - 29_000 }, { missedSince: t0 - 10_000 })).toMatchObject({
    state: 'dark',
    since: t0 - 10_000,
  });
  expect(on({}, null).state).toBe('unknown');
  expect(on({}, lossy)).toMatchObject({
    state: 'severe',
    because: expect.stringMatching(/^path a is down.*; path b is /),
  });
  expect(on(lossy, null).state).toBe('unknown');
});
