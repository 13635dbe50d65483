/** Commands: parsed, refused with the field and the mend, or turned into desired state. */

import { parseRequest, updateFor } from '../../../../core/turn/request';
import type { RecordDecision } from '../../../../core/words/decision';
import { connection, deployment, desired, down, drain, evidence, onB, t0, turn } from '../../../given';

const good = {
  connection: 'paris',
  trigger: 'maintenance',
  path: 'a',
  until: '2026-01-05T02:00:00Z',
  reason: 'new kernel',
  requestedBy: 'ana',
};
const parse = (raw: Record<string, unknown>) => parseRequest(raw, connection(), t0);

it('reads a maintenance start, hard and not forced by default', () => {
  expect(parse(good)).toEqual({ ...good, until: t0 + 7_200_000, drain: 'hard', force: false });
});

it.each([
  [{ ...good, path: 'c' }, 'path: "c" must be one of a, b'],
  [{ ...good, path: undefined }, 'path: missing; must be one of a, b'],
  [{ ...good, until: 'tomorrow' }, 'until: "tomorrow" must be a time such as 2026-01-05T01:00:00Z'],
  [
    { ...good, until: '2026-01-04T00:00:00Z' },
    'until: "2026-01-04T00:00:00Z" is not in the future; it is 2026-01-05T00:00:00Z now',
  ],
  [{ ...good, until: '2027-01-04T00:00:00Z' }, 'until: "2027-01-04T00:00:00Z" is too far away'],
  [{ ...good, reason: ' ' }, 'reason: " " must be why'],
  [{ ...good, reason: 'ok\u001b[2J' }, 'reason: "ok\\u001b[2J" must be why, without control or invisible characters'],
  [{ ...good, requestedBy: 'ana\nAll is well' }, 'requestedBy: "ana\\nAll is well" must be who asks, without control'],
  [{ ...good, requestedBy: 'ana\u202enimda' }, 'requestedBy: "ana\\u202enimda" must be who asks, without control'],
  [{ ...good, requestedBy: 7 }, 'requestedBy: 7 must be who asks'],
  [{ ...good, force: 'yes' }, 'force: "yes" must be true or false'],
  [{ ...good, trigger: 'explode' }, 'trigger: "explode" must be one of maintenance, maintenance_end'],
  [{ ...good, target: 'eni-evil' }, 'target: "eni-evil" is no field of maintenance'],
])('refuses %j', (raw, message) => {
  expect(() => parse(raw)).toThrow(message);
});

it('names everything that is wrong at once', () => {
  expect(() => parse({ ...good, path: 'c', until: 'x', reason: '' })).toThrow(/path: .*until: .*reason: /);
});

describe('review', () => {
  it('records a drain when the other path is proven', () => {
    const { decision } = turn({ request: good });
    expect(decision).toMatchObject({
      kind: 'record_request',
      update: {
        expression: 'SET #drains.#path = :drain ADD #signals :one, #commands :one',
        names: { '#path': 'a' },
        values: { ':reviewed': { N: '0' } },
      },
    });
  });

  it('refuses without a proven standby, with the reason and the way round it', () => {
    const e = evidence({ reports: { 'paris/path-b': down('paris/path-b') } });
    expect(turn({ request: good, evidence: e }).decision).toMatchObject({ kind: 'refuse_request' });
    expect(turn({ request: good, evidence: e }).decision.because).toMatch(
      /path a carries office and no other path is proven healthy: path b is down/,
    );
    expect(turn({ request: good, evidence: e }).decision).toMatchObject({
      mend: expect.stringMatching(/wait until another path is healthy.*"force": true/),
    });
    expect(turn({ request: { ...good, force: true }, evidence: e }).decision.kind).toBe('record_request');
  });

  it('lets the idle path be drained', () => {
    expect(turn({ request: { ...good, path: 'b' } }).decision.kind).toBe('record_request');
  });

  it('does not let the last path be drained while the other is drained', () => {
    expect(turn({ request: good, desired: desired({ drains: { b: drain() } }) }).decision.kind).toBe('refuse_request');
  });

  it('counts a drain whose routes have not moved yet: the idle path is all that users have left', () => {
    const drains = { a: drain() };
    const { decision } = turn({ request: { ...good, path: 'b' }, desired: desired({ drains }) });
    expect(decision).toMatchObject({ kind: 'refuse_request' });
    expect(decision.because).toMatch(/path b is what office would need .*path a is drained/);
  });

  it('lets no path be drained that users on a dead one wait for', () => {
    const e = evidence({ reports: { 'paris/path-a': down('paris/path-a') } });
    expect(turn({ request: { ...good, path: 'b' }, evidence: e }).decision.kind).toBe('refuse_request');
  });

  it('takes routes that could not be read for what may be on the path', () => {
    const blind = { routes: [], reports: { 'paris/path-b': down('paris/path-b') } };
    expect(turn({ request: good, evidence: evidence(blind) }).decision.kind).toBe('refuse_request');
    expect(turn({ request: good, evidence: evidence({ routes: [] }) }).decision.kind).toBe('record_request');
  });

  it('gives the same answer to the same drain asked again, whatever has happened since', () => {
    const {
      connection: _,
      trigger: __,
      path: ___,
      ...asked
    } = parse(good) as Extract<ReturnType<typeof parse>, { trigger: 'maintenance' }>;
    const standing = {
      a: { kind: asked.drain, since: t0, until: asked.until, reason: 'new kernel', requestedBy: 'ana' },
    };
    const e = evidence({ ...onB, reports: { 'paris/path-b': down('paris/path-b') } });
    const now = desired({ drains: standing });
    expect(turn({ request: good, desired: now, evidence: e }).decision.kind).toBe('record_request');
    expect(turn({ request: { ...good, reason: 'x' }, desired: now, evidence: e }).decision.kind).toBe('refuse_request');
  });

  it('does not say "drained" where nothing would move: paused, or stored things that cannot be read', () => {
    const paused = { since: t0, until: t0 + 60_000, reason: 'freeze', requestedBy: 'ben' };
    const held = turn({ request: good, desired: desired({ paused }) }).decision;
    expect(held).toMatchObject({ kind: 'refuse_request', mend: expect.stringContaining('resume first') });
    expect(held.because).toMatch(
      /path a carries office and nothing would move it: paris is paused until \S+ by ben: freeze/,
    );
    expect(turn({ request: { ...good, path: 'b' }, desired: desired({ paused }) }).decision.kind).toBe(
      'record_request',
    );
    const unread = [{ field: 'drains.b', seen: '7', mend: 'end the maintenance of b' }];
    expect(turn({ request: good, desired: desired({ unread }) }).decision).toMatchObject({
      kind: 'refuse_request',
      mend: expect.stringContaining('end the maintenance of b'),
    });
  });

  it.each([
    [good, 3, 'attribute_exists(pk) AND #commands = :reviewed'],
    [good, 0, 'attribute_exists(pk) AND (attribute_not_exists(#commands) OR #commands = :reviewed)'],
    [{ ...good, force: true }, 3, 'attribute_exists(pk)'],
    [{ connection: 'paris', trigger: 'maintenance_end', path: 'a', requestedBy: 'ana' }, 3, 'attribute_exists(pk)'],
    [{ connection: 'paris', trigger: 'acknowledge', requestedBy: 'ana' }, 3, 'attribute_exists(pk)'],
  ])('records %j, reviewed after %d commands, on condition', (raw, commands, condition) => {
    expect(updateFor(parse(raw), commands, t0).condition).toBe(condition);
    const { decision } = turn({ request: raw, desired: desired({ commands }) });
    expect((decision as RecordDecision).update.condition).toBe(condition);
  });

  it('names an unknown connection', () => {
    expect(() => turn({ connection: 'oslo', deployment: deployment() })).toThrow(
      'connection: "oslo" is unknown; known: paris',
    );
  });
});
