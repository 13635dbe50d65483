/** Failback by a person's word: who may give it, what it lifts, and when it has been followed. */

import { nothingDesired } from '../../../../core/store/lease';
import { emptyMemory, type Memory } from '../../../../core/store/memory';
import type { FailbackWord } from '../../../../core/words/domain';
import type { Policy } from '../../../../core/words/policy';
import {
  connection,
  deployment,
  desired,
  down,
  drain,
  evidence,
  incident,
  memory,
  move,
  onB,
  routes,
  t0,
  turn,
} from '../../../given';

const command = { connection: 'paris', trigger: 'failback', requestedBy: 'ana' };
const word = (over: Partial<FailbackWord> = {}): FailbackWord => ({
  since: t0 - 1_000,
  routeSet: null,
  requestedBy: 'ana',
  ...over,
});
const given = (over: Partial<FailbackWord> = {}) => desired({ failback: word(over) });
const at = (policy: Partial<Policy>) => deployment(connection({}, policy));
const manual = at({ failback: 'manual' });
/** Away on b since the rescue, home well since `ms` ago. */
const away = (ms = 600_000, over: Partial<Memory> = {}): Memory =>
  memory({ incident, moves: { office: move() }, healthySince: { a: t0 - ms, b: t0 - 900_000 }, ...over });
const onA = { routes: routes('eni-gw-a') };

describe('failback: manual', () => {
  it('goes home by itself neither after the soak nor later, and says once how the word is given', () => {
    const first = turn({ deployment: manual, evidence: evidence(onB), memory: away() });
    expect(first.decision).toMatchObject({ kind: 'escalate', key: 'away/office/manual' });
    expect(first.decision.because).toContain('home is well');
    expect(first.decision.because).toContain(
      '{"connection":"paris","trigger":"failback","routeSet":"office","requestedBy":"your name"}',
    );
    const told = away(600_000, { told: { 'away/office/manual': t0 - 60_000 } });
    const second = turn({
      deployment: manual,
      evidence: evidence(onB),
      memory: told,
      desired: desired({ acknowledgedAt: t0 - 1_000 }),
    });
    expect(second.decision.kind).toBe('park');
  });

  it('asks for no word before home has soaked', () => {
    const { decision } = turn({ deployment: manual, evidence: evidence(onB), memory: away(20_000) });
    expect(decision).toMatchObject({ kind: 'hold', because: expect.stringContaining('soaks') });
  });

  it('goes home at the word', () => {
    const { decision } = turn({ deployment: manual, evidence: evidence(onB), memory: away(), desired: given() });
    expect(decision).toMatchObject({ kind: 'failback', because: expect.stringContaining('ana gave the word') });
  });
});

describe('the word', () => {
  it.each<[string, Partial<Policy>, Memory]>([
    ['the rest of the soak', {}, away(20_000)],
    ['a closed window', { failbackWindow: { fromHourUtc: 3, toHourUtc: 5 } }, away()],
    ['a used-up budget', { failbacks24hMax: 0 }, away()],
  ])('lifts %s', (_, policy, remembered) => {
    const turned = (d: typeof nothingDesired) =>
      turn({ deployment: at(policy), evidence: evidence(onB), memory: remembered, desired: d }).decision.kind;
    expect(turned(nothingDesired)).not.toBe('failback');
    expect(turned(given())).toBe('failback');
  });

  it.each<[string, Parameters<typeof given>[0], Memory]>([
    ['when a rescue came after it', { since: t0 - 61_000 }, away(20_000)],
    [
      'when home was reached and left since',
      { since: t0 - 61_000 },
      away(20_000, { moves: { office: move({ planned: true }) } }),
    ],
    [
      'when it was followed',
      { since: t0 - 61_000 },
      away(20_000, { moves: { office: move({ kind: 'failback', to: 'a' }) } }),
    ],
    [
      'when routes were put elsewhere by hand after it',
      {},
      away(20_000, { usedSince: { office: { path: 'b', at: t0 - 500 } } }),
    ],
    ['of another set', { routeSet: 'lab' }, away(20_000)],
    ['of the day before yesterday', { since: t0 - 90_000_000 }, away(20_000, { moves: {} })],
  ])('counts no more %s', (_, over, remembered) => {
    const { decision } = turn({ evidence: evidence(onB), memory: remembered, desired: given(over) });
    expect(decision.kind).not.toBe('failback');
  });

  it('goes on counting for a failback that was made in part, and for a set that a drain moved on', () => {
    const split = [...routes('eni-gw-a').slice(0, 1), ...routes('eni-gw-b').slice(1)];
    const part = away(20_000, { moves: { office: move({ kind: 'failback', to: 'a', outcome: 'confirmed' }) } });
    const since = { since: t0 - 61_000 };
    expect(turn({ evidence: evidence({ routes: split }), memory: part, desired: given(since) }).decision.kind).toBe(
      'failback',
    );
    const drained = away(20_000, { moves: { office: move({ planned: true, from: ['c'] }) } });
    expect(turn({ evidence: evidence(onB), memory: drained, desired: given(since) }).decision.kind).toBe('failback');
  });

  it.each(['tried', 'sent'] as const)('goes on counting for a failback that was %s and moved nothing', (state) => {
    const unseen = { kind: 'failback', to: 'a', state, at: t0 - 60_000 } as const;
    const { decision } = turn({
      evidence: evidence(onB),
      memory: away(20_000, { moves: { office: move(unseen) } }),
      desired: given({ since: t0 - 61_000 }),
    });
    expect(decision.kind).toBe('failback');
  });

  it('moves nobody to a home that is not proven', () => {
    const e = evidence({ ...onB, reports: { 'paris/path-a': down('paris/path-a') } });
    expect(turn({ evidence: e, memory: away(), desired: given() }).decision.kind).not.toBe('failback');
  });
});

describe('the command', () => {
  const asked = (over: Parameters<typeof turn>[0] = {}) =>
    turn({ request: command, evidence: evidence(onB), memory: away(20_000), ...over }).decision;

  it('is recorded whatever else is recorded beside it, for one set or for all', () => {
    expect(asked()).toMatchObject({
      kind: 'record_request',
      update: {
        expression: 'SET #failback = :word ADD #signals :one, #commands :one',
        condition: 'attribute_exists(pk)',
        values: { ':word': { S: JSON.stringify({ since: t0, routeSet: null, requestedBy: 'ana' }) } },
      },
    });
    expect(asked({ request: { ...command, routeSet: 'office' } }).because).toContain('office may go home');
    expect(asked({ request: { ...command, routeSet: 'lab' } })).toMatchObject({
      kind: 'refuse_request',
      because: 'routeSet: "lab" must be one of office',
    });
  });

  it.each<[string, Parameters<typeof turn>[0], RegExp]>([
    [
      'home is down',
      { evidence: evidence({ ...onB, reports: { 'paris/path-a': down('paris/path-a') } }) },
      /path a, the home of office, is down/,
    ],
    ['home is drained', { desired: desired({ drains: { a: drain() } }) }, /path a, the home of office, is drained/],
    ['it is home', { evidence: evidence(onA), memory: emptyMemory }, /home already/],
    ['routes are unread', { evidence: evidence({ routes: [] }) }, /could not be read/],
    ['somebody else has the routes', { evidence: evidence({ routes: routes('eni-other') }) }, /somebody else's hands/],
    [
      'users got nothing there',
      { memory: away(20_000, { contradicted: { office: { a: t0 - 5_000 } } }) },
      /got nothing over a/,
    ],
    [
      'the connection is paused',
      { desired: desired({ paused: { since: t0, until: t0 + 60_000, reason: 'freeze', requestedBy: 'ben' } }) },
      /paused until \S+ by ben/,
    ],
    ['it only observes', { deployment: deployment(connection({ mode: 'observe' })) }, /mode observe/],
  ])('is refused with the reason and the mend when %s', (_, over, because) => {
    const decision = asked(over);
    expect(decision).toMatchObject({ kind: 'refuse_request', mend: expect.stringMatching(/\w/) });
    expect(decision.because).toMatch(because);
  });
});
