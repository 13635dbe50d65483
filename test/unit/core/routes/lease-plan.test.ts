/** The fence, the stored items, and plans. */
import { placesOf } from '../../../../core/gateways/kinds';
import { buildPlan } from '../../../../core/routes/plan';
import { gatewayLeaseFrom, isHeld, leaseFrom, mayWrite, nothingDesired } from '../../../../core/store/lease';
import { emptyMemory } from '../../../../core/store/memory';
import type { RouteFacts } from '../../../../core/words/evidence';
import { deployment, evidence, routes, t0 } from '../../../given';

const item = { holder: 'run-1', token: 7, leaseUntil: t0 + 60_000, signals: 3, drains: {} };
const me = { holder: 'run-1', token: 7 };

describe('the fence', () => {
  it('lets the holder of the token write while 15 s are left', () => {
    expect(mayWrite(leaseFrom(item), me, t0 + 45_000)).toEqual({ ok: true });
    expect(mayWrite(leaseFrom(item), me, t0 + 45_001)).toMatchObject({
      ok: false,
      because: 'the lease ends in 14999 ms, a write needs 15000',
    });
  });

  it('refuses another token, even of the same run', () => {
    expect(mayWrite(leaseFrom({ ...item, token: 8 }), me, t0).ok).toBe(false);
    expect(mayWrite(leaseFrom({ ...item, holder: 'run-2' }), me, t0).ok).toBe(false);
    expect(mayWrite(leaseFrom({ ...item, holder: undefined }), me, t0).ok).toBe(false);
  });

  it('counts a lease as held through the grace, as the take does', () => {
    expect(isHeld(leaseFrom(item), t0 + 65_000)).toBe(true);
    expect(isHeld(leaseFrom(item), t0 + 65_001)).toBe(false);
  });
});

describe('stored items', () => {
  it('reads an empty one as nothing known and nothing asked', () => {
    expect(leaseFrom({})).toMatchObject({ holder: null, token: 0, memory: emptyMemory, desired: nothingDesired });
  });

  it('reads an absent gateway item as free and as declared', () => {
    expect(gatewayLeaseFrom('gw-a', undefined)).toMatchObject({ holder: null, identity: null });
  });

  it('points a path at the interface our own replacement journalled', () => {
    const lease = gatewayLeaseFrom('gw-a', { identity: '{"instanceId":"i-new","routeInterfaceId":"eni-new"}' });
    expect(
      placesOf(deployment(), 'paris', { gatewayLeases: { 'gw-a': lease }, standIns: {}, pins: {} }).targets['a'],
    ).toEqual([{ kind: 'network-interface', id: 'eni-new' }]);
  });
});

describe('plans', () => {
  const places = placesOf(deployment(), 'paris', evidence());
  const plan = (facts: RouteFacts[]) =>
    buildPlan(deployment().connections['paris']!, places, facts, [
      { routeSet: 'office', from: ['a'], to: 'b', passed: true },
    ]);

  it('replaces each listed route once, in the order of the tables', () => {
    expect(plan(routes('eni-gw-a')).steps).toMatchObject([
      { table: 'rtb-1', kind: 'replace', expected: { id: 'eni-gw-a' }, to: { id: 'eni-gw-b' } },
      { table: 'rtb-2', kind: 'replace' },
    ]);
  });

  it('is empty when the routes are there already', () => {
    expect(plan(routes('eni-gw-b')).steps).toEqual([]);
  });

  it('reports a foreign or missing route as a conflict and leaves it', () => {
    expect(plan([...routes('eni-other').slice(0, 1), ...routes('x', { target: null }).slice(1)])).toMatchObject({
      steps: [],
      conflicts: [
        { because: 'points at eni-other, which is none of ours' },
        { because: 'points at nothing, which is none of ours' },
      ],
    });
  });

  it('overrides a propagated route with a static one', () => {
    const step = plan(routes('eni-gw-a', { origin: 'propagated' })).steps[0]!;
    expect(step.kind).toBe('create');
  });

  it('has a digest that changes with any step', () => {
    expect(plan(routes('eni-gw-a')).digest).toBe(plan(routes('eni-gw-a')).digest);
    expect(plan(routes('eni-gw-a')).digest).not.toBe(plan(routes('eni-gw-a').slice(1)).digest);
  });
});
