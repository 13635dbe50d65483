/** A path between two ends of ours: what each end sees, and what both make of it. */
import { assess } from '../../../../core/assess/assess';
import type { Assessment } from '../../../../core/assess/assessment';
import type { Evidence } from '../../../../core/words/evidence';
import { desired, down, memory, report, rung, t0 } from '../../../given';
import { bothOn, endsDeployment, endsEvidence, gatewayFacts, meshOf } from '../../../given-ends';

const deployment = endsDeployment();

const look = (over: Partial<Evidence> = {}, remembered = memory(), of = deployment): Assessment =>
  assess({
    ...{ deployment: of, connection: meshOf(of), evidence: endsEvidence(of, over) },
    ...{ memory: remembered, desired: desired(), now: t0 },
  });

it('finds everything home and healthy from both ends', () => {
  const { paths, sets, complete } = look();
  for (const path of [paths['a']!, paths['b']!])
    expect(path).toMatchObject({ verdict: 'healthy', provenHealthy: true, provenWorking: true, ownSide: 'fine' });
  expect(Object.values(sets).map(({ routeSet, used, foreign }) => [routeSet, used, foreign])).toEqual([
    ['all.frankfurt', ['a'], []],
    ['all.ohio', ['a'], []],
  ]);
  expect(complete).toBe(true);
  expect(paths['a']!.sides!.map(({ end, gateway }) => [end, gateway])).toEqual([
    ['frankfurt', 'f-a'],
    ['ohio', 'o-a'],
  ]);
});

it.each(['mesh/f-path-a', 'mesh/o-path-a'])('calls a path down where %s alone says so', (canary) => {
  const a = look({ reports: { [canary]: down(canary) } }).paths['a']!;
  expect(a).toMatchObject({ verdict: 'down', provenHealthy: false, provenWorking: false, failingSince: t0 - 29_500 });
  expect(a.because).toContain(canary);
});

it('proves nothing healthy by one end alone, and takes its answers for answers', () => {
  const a = look({ reports: { 'mesh/o-path-a': null } }).paths['a']!;
  expect(a).toMatchObject({ verdict: 'unknown', provenHealthy: false, provenWorking: true });
  const neither = look({ reports: { 'mesh/o-path-a': null, 'mesh/f-path-a': null } }).paths['a']!;
  expect(neither).toMatchObject({ verdict: 'unknown', provenWorking: false });
});

it('is as badly off as the worse of its ends', () => {
  const lossy = report('mesh/o-path-a', { verdict: 'degraded', lossRatio: 0.1 });
  expect(look({ reports: { 'mesh/o-path-a': lossy } }).paths['a']).toMatchObject({
    ...{ verdict: 'degraded', provenHealthy: false, provenWorking: true },
  });
});

it('takes the worse gateway for its own side, whichever end it stands at', () => {
  const stopped = look({ instances: { 'o-a': gatewayFacts(deployment, 'o-a', { state: 'stopped' }) } }).paths['a']!;
  expect(stopped).toMatchObject({ verdict: 'down', dead: true, gateway: 'o-a', ownSide: 'failed', end: 'ohio' });
  const near = look({ instances: { 'f-a': gatewayFacts(deployment, 'f-a', { state: 'stopped' }) } }).paths['a']!;
  expect(near).toMatchObject({ gateway: 'f-a', ownSide: 'failed', end: 'frankfurt' });
});

it('keeps to the gateway whose repair runs', () => {
  const running = rung({ path: 'a', gateway: 'o-a' });
  expect(look({}, memory({ rungs: [running] })).paths['a']!.gateway).toBe('o-a');
});

it('counts both gateways of a path as carrying, and every one while an end cannot be read', () => {
  const a = look().paths['a']!;
  expect(a.sides!.map(({ carries }) => carries)).toEqual([true, true]);
  const [f, o] = look().paths['b']!.sides!;
  expect([f!.carries, o!.carries]).toEqual([false, false]);
  const blind = look({ unreadEnds: ['ohio'], routes: bothOn(deployment, 'a').slice(0, 2) });
  expect(blind.paths['b']!.sides!.map(({ carries }) => carries)).toEqual([true, true]);
  expect(blind).toMatchObject({ complete: false, missing: 'routes at ohio could not be read' });
  expect(blind.sets['all.ohio']!.used).toEqual([]);
});
