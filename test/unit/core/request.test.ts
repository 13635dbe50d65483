/** Commands: parsed, refused with the field and the mend, or turned into desired state. */
import { parseRequest } from '../../../core/request';
import { connection, deployment, desired, down, drain, evidence, t0, turn } from '../../given';

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
      update: { expression: 'SET #drains.#path = :drain ADD #signals :one', names: { '#path': 'a' } },
    });
  });

  it('refuses without a proven standby, with the reason and the way round it', () => {
    const e = evidence({ reports: { 'paris/path-b': down('paris/path-b') } });
    expect(turn({ request: good, evidence: e }).decision).toMatchObject({ kind: 'refuse_request' });
    expect(turn({ request: good, evidence: e }).decision.because).toMatch(
      /path a carries office and no other path is proven healthy: path b is down .*"force": true/,
    );
    expect(turn({ request: { ...good, force: true }, evidence: e }).decision.kind).toBe('record_request');
  });

  it('lets the idle path be drained', () => {
    expect(turn({ request: { ...good, path: 'b' } }).decision.kind).toBe('record_request');
  });

  it('does not let the last path be drained while the other is drained', () => {
    expect(turn({ request: good, desired: desired({ drains: { b: drain() } }) }).decision.kind).toBe('refuse_request');
  });

  it('names an unknown connection', () => {
    expect(() => turn({ connection: 'oslo', deployment: deployment() })).toThrow(
      'connection: "oslo" is unknown; known: paris',
    );
  });
});
