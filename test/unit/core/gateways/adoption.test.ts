/** What `replace` wrote down of a gateway, held against what is journalled. */
import { apartAfter, type Compared, compareWritten } from '../../../../core/gateways/adoption';
import { declaredIds, replacementFromText, replacementText } from '../../../../core/gateways/identity';
import type { Memory } from '../../../../core/store/memory';
import type { TurnResult } from '../../../../core/turn/answers';
import type { Replacement } from '../../../../core/words/domain';
import type { Apart, Evidence, GatewayLease } from '../../../../core/words/evidence';
import { instanceAt } from '../../../../core/words/gateways';
import { connection, deployment, evidence, gatewayLease, incident, memory, t0, turn } from '../../../given';

const gwA = instanceAt(deployment(), 'gw-a');
const replaced = declaredIds(gwA);
const fresh = { instanceId: 'i-0new', routeInterfaceId: 'eni-new' };
const written: Replacement = { ...fresh, replaced, former: [{ instanceId: 'i-0old', routeInterfaceId: 'eni-old' }] };
const minute = 60_000;

const pinnedTo = (id: string | null): Evidence['pins'] => ({
  'paris/path-a': [{ address: '172.16.1.10', target: id === null ? null : { kind: 'network-interface', id } }],
});

interface About {
  readonly lease?: Partial<GatewayLease> | null;
  readonly pins?: Evidence['pins'];
  readonly endedClaims?: readonly string[];
  readonly over?: Partial<Compared>;
}

function compare(text: Replacement | null, { lease = {}, pins = pinnedTo('eni-new'), ...about }: About = {}) {
  const leases = { 'gw-a': lease === null ? null : gatewayLease('gw-a', lease) };
  const seen = { ...evidence({ gatewayLeases: leases, pins }), endedClaims: about.endedClaims ?? [] };
  const look = { deployment: deployment(), connection: connection(), evidence: seen, now: t0, ...about.over };
  return compareWritten(look, gwA, text);
}

describe('a replacement that no run has journalled', () => {
  it('is adopted where the canaries look through it, with everybody the gateway was before', () => {
    expect(compare(written)).toEqual({
      kind: 'adopt',
      replacement: {
        ...fresh,
        replaced,
        former: [
          { instanceId: 'i-0aaaaaaaaaaaaaaaa', routeInterfaceId: 'eni-gw-a' },
          { instanceId: 'i-0old', routeInterfaceId: 'eni-old' },
        ],
      },
    });
  });

  it('is adopted over an older one that is journalled', () => {
    const older = { instanceId: 'i-0old', routeInterfaceId: 'eni-old', replaced };
    expect(compare(written, { lease: { identity: older } })).toMatchObject({
      kind: 'adopt',
      replacement: { ...fresh, former: [{ routeInterfaceId: 'eni-old' }, { routeInterfaceId: 'eni-gw-a' }] },
    });
  });

  it.each([
    ['leads elsewhere', pinnedTo('eni-gw-a'), /canary paris\/path-a lead to eni-gw-a, not there/],
    ['leads nowhere', pinnedTo(null), /lead to nothing/],
    ['could not be read', { 'paris/path-a': null }, /could not be read/],
    ['has no routes', { 'paris/path-a': [] }, /could not be read/],
  ])('is left where a pinning route %s', (_, pins, because) => {
    expect(compare(written, { pins })).toEqual({
      kind: 'unjournalled',
      identity: fresh,
      because: expect.stringMatching(because),
    });
  });

  it('is left where no canary of this connection looks through the gateway', () => {
    const blind = connection({ canaries: connection().canaries.slice(1) });
    expect(compare(written, { over: { connection: blind } })).toMatchObject({ kind: 'unjournalled' });
  });

  it('waits for whoever works on the gateway: by its lease in silence, by a claim with a reason', () => {
    const held = { holder: 'paris', until: t0 + 1 };
    expect(compare(written, { lease: held })).toEqual({ kind: 'unknown' });
    expect(compare(written, { lease: { ...held, until: t0 } })).toMatchObject({ kind: 'adopt' });
    const claimed = { lease: { claimedBy: 'auto-1' } };
    expect(compare(written, claimed)).toMatchObject({ kind: 'unjournalled', because: /automation auto-1/ });
    expect(compare(written, { ...claimed, endedClaims: ['auto-1'] })).toMatchObject({ kind: 'adopt' });
  });

  it.each([
    ['for ids that are no longer declared', { ...written, replaced: { ...replaced, instanceId: 'i-0other' } }],
    ['for another address', { ...written, replaced: { ...replaced, allocationId: null } }],
    ['without saying for whom', { ...fresh }],
    ['by nobody', null],
  ])('is none where it was written %s', (_, text) => {
    expect(compare(text)).toEqual({ kind: 'agree' });
  });

  it('is nothing to judge where the item could not be read', () => {
    expect(compare(written, { lease: null })).toEqual({ kind: 'unknown' });
    const unread = { field: 'identity', seen: '{', mend: '' };
    expect(compare(written, { lease: { unread } })).toEqual({ kind: 'unknown' });
  });
});

describe('a replacement that is journalled', () => {
  const lease = { identity: { ...fresh, replaced } };
  const other: Replacement = { ...written, instanceId: 'i-0else', routeInterfaceId: 'eni-else' };

  it('agrees with the same, written', () => {
    expect(compare(written, { lease, pins: {} })).toEqual({ kind: 'agree' });
  });

  it.each([
    ['nothing', null],
    ['another one, which the canaries have left', other],
    ['one for ids of before', { ...written, replaced: { ...replaced, instanceId: 'i-0other' } }],
  ])('is not written down where the parameter says %s', (_, text) => {
    expect(compare(text, { lease })).toEqual({ kind: 'unwritten', identity: fresh });
  });

  it('need not be written down once it has ended, or where it does not say what it replaced', () => {
    expect(compare(null, { lease: { identity: fresh } })).toEqual({ kind: 'agree' });
    const ended = { ...fresh, replaced: { ...replaced, instanceId: 'i-0other' } };
    expect(compare(null, { lease: { identity: ended } })).toEqual({ kind: 'agree' });
  });
});

describe('what the gateway’s item says of it', () => {
  const because = 'x';
  const left = { kind: 'unjournalled', identity: fresh, because } as const;
  const apart: Apart = { what: 'unjournalled', ...fresh, since: t0 - minute };

  it('keeps since when, as long as it is the same', () => {
    expect(apartAfter(left, null, t0)).toEqual({ ...apart, since: t0 });
    expect(apartAfter(left, apart, t0)).toEqual(apart);
    expect(apartAfter({ kind: 'unknown' }, apart, t0)).toEqual(apart);
    expect(apartAfter({ kind: 'unwritten', identity: fresh }, apart, t0)).toMatchObject({ since: t0 });
    expect(apartAfter({ ...left, identity: { ...fresh, routeInterfaceId: 'eni-9' } }, apart, t0)?.since).toBe(t0);
  });

  it('is taken away once they agree', () => {
    expect(apartAfter({ kind: 'agree' }, apart, t0)).toBeNull();
    expect(apartAfter({ kind: 'adopt', replacement: written }, apart, t0)).toBeNull();
  });
});

describe('people hear', () => {
  const look = (lease: Partial<GatewayLease>, pins: Evidence['pins'] = {}) =>
    evidence({ gatewayLeases: { 'gw-a': gatewayLease('gw-a', lease) }, pins });
  const toldOf = ({ memoryTold }: TurnResult): string[] => Object.keys((JSON.parse(memoryTold) as Memory).told);
  const left = (ms: number): Partial<GatewayLease> => ({
    apart: { what: 'unjournalled', ...fresh, since: t0 - ms },
  });

  it('of a replacement that was left for an hour, once, with the reason and both ways out', () => {
    expect(turn({ evidence: look(left(60 * minute - 1)) }).notice).toBeNull();
    const said = turn({ evidence: look(left(60 * minute), pinnedTo('eni-gw-a')) });
    expect(said.notice?.message).toMatch(/i-0new \(eni-new\) serves as gateway gw-a and was not journalled/);
    expect(said.notice?.message).toContain('lead to eni-gw-a, not there');
    expect(said.notice?.message).toContain('delete parameter /switchback/switchback/identity/gw-a');
    expect(said.notice?.message).toContain('A human is needed.');
    const after = JSON.parse(said.memoryTold) as Memory;
    expect(turn({ evidence: look(left(61 * minute)), memory: after, now: t0 + minute }).notice).toBeNull();
  });

  it('of one that is journalled and not written down at once, with the text to write', () => {
    const identity: Replacement = { ...fresh, replaced, former: [replaced] };
    const lease = { identity, apart: { what: 'unwritten', ...fresh, since: t0 } as const };
    const said = turn({ evidence: look(lease, pinnedTo('eni-new')) });
    expect(said.notice?.message).toContain('PutParameter was refused');
    expect(said.notice?.message).toContain(
      `--value '1 i-0new eni-new i-0aaaaaaaaaaaaaaaa eni-gw-a eipalloc-gw-a i-0aaaaaaaaaaaaaaaa eni-gw-a'`,
    );
    expect(toldOf(said)).toContain('identity/gw-a');
  });

  it('that it is over, a soak after it is', () => {
    const told = { 'identity/gw-a': t0 - 30 * minute };
    const goneSince = { 'identity/gw-a': t0 - 20 * minute };
    const over = turn({ evidence: look({}), memory: memory({ incident, told, goneSince }) });
    expect(over.notice?.message).toContain('over: it is written down again who gateway gw-a is');
  });

  const declared = (former: readonly (typeof fresh)[]) => ({ declared: { ...fresh, allocationId: null, former } });

  it('of declared ids that are not written down for five minutes; a run waits that long', () => {
    const first = turn({ evidence: look(declared([])) });
    expect(first).toMatchObject({ notice: null, decision: { kind: 'hold', rule: 'due', until: t0 + 5 * minute } });
    const after = JSON.parse(first.memory) as Memory;
    expect(after.undeclaredSince).toEqual({ 'gw-a': t0 });
    const evidenceThen = { ...look(declared([])), reportsReadAt: t0 };
    const said = turn({ evidence: evidenceThen, memory: { ...after, undeclaredSince: { 'gw-a': t0 - 5 * minute } } });
    expect(said.notice?.message).toMatch(/UpdateItem of gateway#gw-a/);
    expect(toldOf(said)).toContain('identity/gw-a');
    expect((JSON.parse(turn({ memory: after }).memory) as Memory).undeclaredSince).toEqual({});
  });

  it('of none by a run that is older than the last deployment', () => {
    const older = turn({
      evidence: look(declared([{ instanceId: 'i-0aaaaaaaaaaaaaaaa', routeInterfaceId: 'eni-gw-a' }])),
    });
    expect((JSON.parse(older.memory) as Memory).undeclaredSince).toEqual({});
  });
});

it('writes what it reads', () => {
  const hex = { instanceId: 'i-0a', routeInterfaceId: 'eni-0a' };
  const whole = (allocationId: string | null): Replacement => ({
    ...hex,
    replaced: { instanceId: 'i-0b', routeInterfaceId: 'eni-0b', allocationId },
    former: [{ instanceId: 'i-0c', routeInterfaceId: 'eni-0c' }],
  });
  for (const one of [whole('eipalloc-0d'), whole(null)]) expect(replacementFromText(replacementText(one))).toEqual(one);
  expect(replacementText({ ...whole(null), former: undefined })).toBe('1 i-0a eni-0a i-0b eni-0b none i-0b eni-0b');
});
