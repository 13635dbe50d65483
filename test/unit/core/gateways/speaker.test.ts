/** What is known of a speaker, and what a person reads of it. */
import {
  drainProofText,
  emptinessText,
  quietAt,
  spokenOf,
  spokenText,
  toldTo,
} from '../../../../core/gateways/speaker';
import type { NeighborFacts } from '../../../../core/words/evidence';
import { connection, evidence, memory, t0 } from '../../../given';
import {
  across,
  bgpConnection,
  bgpDeployment,
  inside,
  ledConnection,
  order,
  speakerReport,
  speakers,
} from '../../../given-bgp';

const facts = (over: object = {}) => ({
  deployment: bgpDeployment(),
  connection: bgpConnection(),
  evidence: evidence({ speakers: speakers({ advertises: 'drained' }) }),
  memory: memory(),
  now: t0,
  ...over,
});

it('knows what was read last, unless an order has left it otherwise since', () => {
  expect(spokenOf(facts(), 'a')).toMatchObject({ at: t0 - 20_000, advertises: 'drained' });
  const undrained = order({ to: 'normal', endedAt: t0 - 10_000 });
  const ordered = { memory: memory({ orders: { a: undrained } }) };
  expect(spokenOf(facts(ordered), 'a')).toMatchObject({ at: t0 - 10_000, advertises: 'normal' });
  const read = evidence({
    speakers: { 'gw-a': speakerReport('a', { advertises: 'drained' }, { reportedAt: t0 - 5_000 }) },
  });
  expect(spokenOf(facts({ ...ordered, evidence: read }), 'a')).toMatchObject({ advertises: 'drained' });
});

it('knows nothing that is older than two and a half minutes, and nothing of a path without a speaker', () => {
  expect(spokenOf(facts({ now: t0 + 131_000 }), 'a')).toBeNull();
  expect(spokenText(facts({ now: t0 + 131_000 }), 'a')).toBe('not read lately');
  const plain = { connection: connection(), deployment: bgpDeployment() };
  expect([spokenText(facts(plain), 'a'), drainProofText(facts(plain), 'a')]).toEqual(['', '']);
});

it('says what it says, and that a drain is unproven until one was seen to be followed', () => {
  expect(spokenText(facts(), 'a')).toBe('drained, session up');
  expect(drainProofText(facts(), 'a')).toContain('drain of a unproven');
  const proven = memory({ drainProofs: { a: { at: t0, ms: 1_400 } } });
  expect(drainProofText(facts({ memory: proven }), 'a')).toMatch(/^answers left a 1\.4 s after a drain at /);
});

it('calls a tunnel empty at what its canaries may be answered, and no more', () => {
  // Two rounds a second, three attempts each, four packets an attempt; and ten for the routers.
  expect(quietAt(bgpConnection(), 'a')).toBe(34);
  const slow = bgpConnection();
  expect(quietAt({ ...slow, policy: { ...slow.policy, roundIntervalMs: 10_000 } }, 'a')).toBe(22);
});

it.each([
  ['is not begun', {}, 'not drained yet: wait'],
  ['runs', { a: order({ isDone: false, endedAt: null }) }, 'not drained yet: wait'],
  ['is done', { a: order() }, 'not seen to be empty yet: wait'],
  ['moved nothing', { a: order({ unmovedAt: t0 }) }, 'not empty, the partner does not follow: wait'],
  ['has run empty', { a: order({ emptyAt: t0 }) }, 'empty since 2026-01-05T00:00:00Z: go'],
])('tells whoever waits for a drain that %s', (_, orders, text) => {
  expect(emptinessText(facts({ memory: memory({ orders }) }), 'a')).toBe(text);
});

describe('a path of which a Route Server hears, too', () => {
  const [first, second] = inside;
  const { neighbor } = ledConnection().paths['a']!;
  const said = (facts: Partial<NeighborFacts> = {}): NeighborFacts => ({
    ...{ session: 'up', advertises: 'normal', receivedPerSecond: 9 },
    ...facts,
  });
  const gone = said({ session: 'down', advertises: 'silent', receivedPerSecond: null });
  const told = (partner: NeighborFacts, one: NeighborFacts, other: NeighborFacts) =>
    toldTo(neighbor!, { [across.a]: partner, [first]: one, [second]: other });

  it.each<[string, ReturnType<typeof told>, Partial<NeighborFacts>]>([
    ['told the same', told(said(), said(), said()), { session: 'up', advertises: 'normal', receivedPerSecond: 9 }],
    ['heard by one endpoint', told(said(), gone, said()), { session: 'up', advertises: 'normal' }],
    ['heard by none', told(said(), gone, gone), { session: 'down', advertises: 'normal' }],
    ['drained to the partner alone', told(said({ advertises: 'drained' }), said(), said()), { advertises: 'partly' }],
    ['without its partner', told(gone, gone, gone), { session: 'down', advertises: 'silent' }],
  ])('is one word: %s', (_, word, expected) => {
    expect(word).toMatchObject(expected);
  });

  it('is unknown where one of them was not read', () => {
    expect(toldTo(neighbor!, { [across.a]: said(), [first]: said() })).toBeNull();
    expect(toldTo(neighbor!, { [first]: said(), [second]: said() })).toBeNull();
  });

  it('is proven by maintenance, since no drill is held there', () => {
    expect(drainProofText(facts({ connection: ledConnection() }), 'a')).toContain('maintenance of its home shows it');
  });
});
