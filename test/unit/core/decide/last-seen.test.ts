/** A rescue by the routes last seen: when it is made, and each guard that forbids it. */

import type { Turn } from '../../../../core/turn/turn';
import type { Evidence, RouteFacts, Sight } from '../../../../core/words/evidence';
import { limits } from '../../../../core/words/policy';
import {
  connection,
  deployment,
  desired,
  down,
  drain,
  evidence,
  instance,
  memory,
  move,
  routes,
  t0,
  turn,
} from '../../../given';

const seen = (over: Partial<Sight> = {}): Sight => ({
  seenAt: t0 - 60_000,
  routes: routes('eni-gw-a'),
  pins: {},
  ...over,
});
const aDown = { 'paris/path-a': down('paris/path-a'), 'paris/office': down('paris/office') };
const mute = (over: Partial<Evidence> = {}): Evidence =>
  evidence({ routes: [], lastSeen: seen(), reports: aDown, ...over });
const decisionOn = (over: Partial<Turn>) => turn({ evidence: mute(), ...over }).decision;

it('moves users who are dark beside a proven path', () => {
  expect(decisionOn({})).toMatchObject({
    kind: 'divert',
    rule: 'rescue',
    moves: [{ routeSet: 'office', from: ['a'], to: 'b' }],
    lastSeenAt: t0 - 60_000,
    because: expect.stringMatching(/EC2 does not show its routes, so by those seen 60 s ago$/),
  });
});

it('makes the very plan that fresh routes would', () => {
  const fresh = turn({ evidence: evidence({ reports: aDown }) }).decision;
  expect(decisionOn({})).toMatchObject({ planDigest: (fresh as { planDigest: string }).planDigest });
  expect(fresh).not.toHaveProperty('lastSeenAt');
});

const over = (lastSeen: Partial<Sight>): Partial<Turn> => ({ evidence: mute({ lastSeen: seen(lastSeen) }) });
const facts = (index: number, change: Partial<RouteFacts>): RouteFacts[] =>
  routes('eni-gw-a').map((route, i) => (i === index ? { ...route, ...change } : route));
const foreign = { kind: 'network-interface', id: 'eni-other' } as const;

it.each<[string, Partial<Turn>]>([
  ['routes were seen too long ago', over({ seenAt: t0 - limits.lastSeenMs - 1 })],
  ['they were seen in the far future', over({ seenAt: t0 + limits.aheadMaxMs + 1 })],
  ['nobody has seen them', { evidence: mute({ lastSeen: null }) }],
  ['one of them was somebody else’s', over({ routes: facts(1, { target: foreign }) })],
  ['one of them was not there', over({ routes: facts(1, { target: null }) })],
  ['one was propagated, so that it would have to be created', over({ routes: facts(0, { origin: 'propagated' }) })],
  ['they were at home on a path that works', { evidence: mute({ reports: {} }) }],
  ['the path is only drained', { evidence: mute({ reports: {} }), desired: desired({ drains: { a: drain() } }) }],
  ['the other path is not proven', { evidence: mute({ reports: { ...aDown, 'paris/path-b': null } }) }],
  ['its pin led elsewhere', over({ pins: { 'paris/path-b': [{ address: '172.16.1.10', target: foreign }] } })],
  [
    'a write of ours has not been seen yet',
    { memory: memory({ moves: { office: move({ state: 'sent', at: t0 - 50_000 }) } }) },
  ],
  [
    'we have moved since, and EC2 showed the state before',
    { memory: memory({ moves: { office: move({ at: t0 - 30_000 }) } }) },
  ],
])('is not made where %s', (_, change) => {
  const evidenceOf = (change.evidence ?? mute()) as Evidence;
  const pins = evidenceOf.lastSeen?.pins ?? {};
  expect(decisionOn({ ...change, evidence: { ...evidenceOf, pins } }).kind).not.toBe('divert');
});

it('is not made after EC2 or IAM said no, however long ago', () => {
  const refused = {
    call: 'ReplaceRoute',
    table: 'rtb-1',
    destination: '172.16.0.0/16',
    to: 'b',
    detail: 'UnauthorizedOperation',
    since: t0 - 600_000,
    at: t0 - 600_000,
    tries: 1,
  };
  const remembered = (isRefused: boolean) => memory({ unwritten: { office: { ...refused, refused: isRefused } } });
  expect(decisionOn({ memory: remembered(true) }).kind).not.toBe('divert');
  expect(decisionOn({ memory: remembered(false) }).kind).toBe('divert');
});

it('is made where our last move was seen where it led', () => {
  const after = { memory: memory({ moves: { office: move({ at: t0 - 60_000 }) } }), evidence: onB(seenOnB(-59_000)) };
  expect(decisionOn(after)).toMatchObject({ kind: 'divert', moves: [{ from: ['b'], to: 'a' }] });
});

it('is made again where EC2 gave no answer, and never anywhere else than it may have led', () => {
  const tried = (to: string) => memory({ moves: { office: move({ state: 'tried', to, at: t0 - 5_000 }) } });
  expect(decisionOn({ memory: tried('b') })).toMatchObject({ kind: 'divert', moves: [{ from: ['a'], to: 'b' }] });
  expect(decisionOn({ memory: tried('c') }).kind).not.toBe('divert');
});

const seenOnB = (sinceMs: number): Sight => seen({ seenAt: t0 + sinceMs, routes: routes('eni-gw-b') });
const onB = (lastSeen: Sight): Evidence =>
  evidence({
    routes: [],
    lastSeen,
    reports: { 'paris/path-b': down('paris/path-b'), 'paris/office': down('paris/office') },
  });

it('does nothing else unseen: no failback, no last resort, no move off a severe path', () => {
  const aDead = { 'gw-a': instance('gw-a', { state: 'stopped' }) };
  const silentB = { ...aDown, 'paris/path-b': null };
  expect(decisionOn({ evidence: mute({ reports: silentB, instances: aDead }) }).kind).not.toBe('divert');
  const home = decisionOn({ evidence: mute({ reports: {}, lastSeen: seen({ routes: routes('eni-gw-b') }) }) });
  expect(home.kind).not.toBe('failback');
});

it('never outweighs what EC2 shows', () => {
  const shown = evidence({ reports: aDown, routes: routes('eni-gw-b'), lastSeen: seen() });
  expect(decisionOn({ evidence: shown }).kind).not.toBe('divert');
});

it('only announces in mode observe', () => {
  const site = deployment(connection({ mode: 'observe' }));
  expect(decisionOn({ deployment: site })).toMatchObject({
    kind: 'escalate',
    key: expect.stringMatching(/^would\/divert/),
  });
});

it('looks again within two seconds while a path is down and its routes are not shown', () => {
  const { decision } = turn({ evidence: mute({ lastSeen: null }), memory: memory({ told: { unseen: t0 } }) });
  expect(decision).toMatchObject({ kind: 'hold', rule: 'due' });
  expect((decision as { until: number }).until - t0).toBeLessThanOrEqual(2_000);
});

it('tells people after ten seconds that it cannot help, and once what was written unseen', () => {
  const told = (change: Partial<Turn>): string =>
    turn({ evidence: mute({ lastSeen: null }), ...change }).notice?.message ?? '';
  expect(told({})).toContain('EC2 does not show where routes are');
  const sent = memory({ moves: { office: move({ state: 'sent', at: t0 - 11_000 }) } });
  expect(told({ memory: sent })).toContain(
    'routes of office were sent from a to b, and EC2 has not shown its route tables since',
  );
});

it('does not ask people to move anybody off a path that carried nobody when it was seen last', () => {
  const onB = mute({ lastSeen: seen({ routes: routes('eni-gw-b') }) });
  expect(turn({ evidence: onB }).notice?.message ?? '').not.toContain('EC2 does not show');
  const half = mute({ lastSeen: seen({ routes: [...facts(0, {}).slice(0, 1), ...routes('eni-gw-b').slice(1)] }) });
  const paused = desired({ paused: { since: t0, until: t0 + 3_600_000, reason: 'freeze', requestedBy: 'ana' } });
  expect(turn({ evidence: half, desired: paused }).notice?.message).toContain('EC2 does not show where routes are');
});

it('tells of the move once EC2 shows it', () => {
  const sent = memory({ moves: { office: move({ state: 'sent', at: t0 - 11_000, because: 'path a is down' }) } });
  const shown = turn({
    evidence: evidence({ routes: routes('eni-gw-b'), reports: { 'paris/path-a': down('paris/path-a') } }),
    memory: sent,
  });
  expect(shown.notice?.message).toContain('divert: office from a to b');
});
