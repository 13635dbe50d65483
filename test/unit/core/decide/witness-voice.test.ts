/** Canaries that say nothing: whom they leave without a witness, and what is still claimed of users then. */
import type { Memory } from '../../../../core/store/memory';
import {
  connection,
  deployment,
  desired,
  evidence,
  incident,
  instance,
  memory,
  onB,
  report,
  t0,
  turn,
} from '../../../given';

const minute = 60_000;
const lastAt = (canary: string, ms: number) => ({ [canary]: report(canary, { reportedAt: t0 - ms }) });
const silent = (canary: string, ms: number) => evidence({ reports: lastAt(canary, ms) });
const kept = (text: string): Memory => JSON.parse(text) as Memory;
const paused = { since: t0, until: t0 + 60 * minute, reason: 'change freeze', requestedBy: 'ana' };

describe('a canary that has not reported for five minutes', () => {
  it.each([
    ['of the standby', 'paris/path-b', 'so nothing proves path b: users are moved onto it as a last resort only'],
    ['of users', 'paris/office', 'so nobody sees whether users of office are served'],
  ])('%s is told of, once, with what it means', (_, canary, means) => {
    expect(turn({ evidence: silent(canary, 5 * minute - 1) }).notice).toBeNull();
    const { notice, memoryTold } = turn({ evidence: silent(canary, 5 * minute) });
    expect(notice?.message).toContain(`canary ${canary} has not reported since 2026-01-04T23:55:00Z, ${means}`);
    const again = turn({ memory: kept(memoryTold), evidence: silent(canary, 6 * minute), now: t0 });
    expect(again.notice).toBeNull();
  });

  it.each([
    ['paused', { desired: desired({ paused }) }],
    ['observed only', { deployment: deployment(connection({ mode: 'observe' })) }],
  ])('is told of while the connection is %s', (_, over) => {
    const { notice } = turn({ evidence: silent('paris/path-b', 5 * minute), ...over });
    expect(notice?.message).toContain('nothing proves path b');
  });

  it('is over when it has reported for a soak, and not because its report is gone', () => {
    const told = { 'unheard/path/b': t0 - 60 * minute };
    const gone = { 'unheard/path/b': t0 - 60 * minute };
    const without = turn({ memory: memory({ told }), evidence: evidence({ reports: { 'paris/path-b': null } }) });
    expect(kept(without.memory)).toMatchObject({ told, goneSince: {} });
    const back = turn({ memory: memory({ told, goneSince: gone, incident }) });
    expect(kept(back.memory).toTell).toEqual([expect.objectContaining({ text: 'over: path b has a witness again' })]);
  });

  it('is told of with all others where nothing can be read of any, and that it is over', () => {
    const blind = evidence({ reportsFrom: 'none', reports: {} });
    const first = turn({ evidence: blind });
    expect(kept(first.memory)).toMatchObject({ blindSince: t0 });
    const since = (ms: number) => memory({ incident, blindSince: t0 - ms });
    expect(turn({ memory: since(minute - 1), evidence: blind }).notice).toBeNull();
    const { notice, memoryTold } = turn({ memory: since(minute), evidence: blind });
    expect(notice?.message).toContain(
      'neither their reports (DynamoDB) nor their metrics (CloudWatch), since 2026-01-04T23:59:00Z',
    );
    expect(turn({ memory: kept(memoryTold), evidence: blind, now: t0 + 1_000 }).notice).toBeNull();
    const refused = { ...blind, denied: ['BatchGetItem'] };
    expect(turn({ memory: since(minute), evidence: refused }).notice?.message).not.toContain('neither their reports');
    const told = { 'unheard/all': t0 - 60 * minute };
    const back = turn({ memory: memory({ told, goneSince: told, incident, blindSince: t0 - 60 * minute }) });
    expect(kept(back.memory)).not.toHaveProperty('blindSince');
    expect(kept(back.memory).toTell).toEqual([expect.objectContaining({ text: 'over: canaries are heard again' })]);
  });

  it('of which none can write while all measure is told of within a minute or two, and that it is over', () => {
    const unwritten = (ms: number) => evidence({ reportsFrom: 'metrics', unwrittenSince: t0 - ms });
    expect(turn({ evidence: unwritten(minute - 1) }).notice).toBeNull();
    const { notice, memoryTold } = turn({ evidence: unwritten(minute) });
    expect(notice?.subject).toContain('canaries cannot report');
    expect(notice?.message).toContain('cannot write their reports, since 2026-01-04T23:59:00Z: allow PutItem');
    expect(turn({ memory: kept(memoryTold), evidence: unwritten(2 * minute) }).notice).toBeNull();
    const told = { 'unheard/reports': t0 - 60 * minute };
    const back = turn({ memory: memory({ told, goneSince: told, incident }) });
    expect(kept(back.memory).toTell).toEqual([expect.objectContaining({ text: 'over: canaries report again' })]);
  });

  it('is not called silent where its clock is ahead: that is what is said', () => {
    const ahead = evidence({ reports: lastAt('paris/path-b', -5 * minute) });
    const { notice, memoryTold } = turn({ evidence: ahead });
    expect(notice?.message).toContain(
      'the clock of canary paris/path-b is 5 min ahead of ours, so its reports cannot be believed and nothing proves path b',
    );
    expect(turn({ memory: kept(memoryTold), evidence: ahead }).notice).toBeNull();
  });

  it('is no news where metrics stand in, nor where none reports: the brake says that', () => {
    const metrics = { ...silent('paris/path-b', 5 * minute), reportsFrom: 'metrics' } as const;
    expect(turn({ evidence: metrics }).notice?.message ?? '').not.toContain('not reported since');
    const reports = Object.assign({}, ...['path-a', 'path-b', 'office'].map((c) => lastAt(`paris/${c}`, 5 * minute)));
    const { notice } = turn({ evidence: evidence({ reports }) });
    expect(notice?.message).toContain('none of its canaries reports');
    expect(notice?.message).not.toContain('not reported since');
  });

  it('is no news where something else shows how the path is, and its users', () => {
    const stopped = { 'gw-a': instance('gw-a', { state: 'stopped' }) };
    const reports = { ...lastAt('paris/path-a', 9 * minute), ...lastAt('paris/office', 9 * minute) };
    const { notice } = turn({ evidence: evidence({ reports, instances: stopped }) });
    expect(notice?.message ?? '').not.toContain('not reported since');
  });

  it('is no news of a path that another canary proves', () => {
    const second = { ...connection().canaries.find(({ id }) => id === 'paris/path-b')!, id: 'paris/path-b-2' };
    const two = deployment(connection({ canaries: [...connection().canaries, second] }));
    const reports = { ...lastAt('paris/path-b', 9 * minute), 'paris/path-b-2': report('paris/path-b-2') };
    expect(turn({ deployment: two, evidence: evidence({ reports }) }).notice).toBeNull();
  });
});

describe('a look that AWS refuses', () => {
  const denied = ['DescribeRouteTables on rtb-1: UnauthorizedOperation: with an explicit deny'];

  it('is told of while all is well, once, in AWS`s words, with what it means', () => {
    const { notice, memoryTold } = turn({ evidence: { ...evidence({ routes: [] }), denied } });
    expect(notice?.message).toContain('AWS refuses to be asked: DescribeRouteTables on rtb-1: UnauthorizedOperation');
    expect(notice?.message).toContain('until then nobody can be rescued');
    const again = turn({ memory: kept(memoryTold), evidence: { ...evidence({ routes: [] }), denied } });
    expect(again.notice).toBeNull();
    const instances = turn({ evidence: { ...evidence(), denied: ['DescribeInstances on i-1: no'] } });
    expect(instances.notice?.message).toContain('until then not all can be repaired');
  });

  it('is over when AWS has answered for a soak', () => {
    const at = { unasked: t0 - 60 * minute };
    const back = turn({ memory: memory({ told: at, goneSince: at, incident }) });
    expect(kept(back.memory).toTell).toEqual([expect.objectContaining({ text: 'over: Switchback may look again' })]);
  });
});

describe('users of whom nobody hears', () => {
  const office = { dark: t0 - 90_000, hurt: t0 - 90_000, slow: t0 - 90_000 };
  const told = { 'dark/office': t0 - 30_000, 'unheard/users/office': t0 - 30_000 };
  const moved = evidence({ ...onB, reports: lastAt('paris/office', 30 * minute) });

  it('are not said to get answers again, however long nobody has heard that they do not', () => {
    const goneSince = { 'dark/office': t0 - 60 * minute };
    const after = kept(turn({ memory: memory({ told, goneSince, unserved: { office } }), evidence: moved }).memory);
    expect(after.told).toHaveProperty('dark/office');
    expect(after.toTell).toEqual([]);
  });

  it('are not counted as dark any longer, and not said to be answered by a report from long ago', () => {
    const after = kept(turn({ memory: memory({ unserved: { office } }), evidence: moved }).memory);
    expect(after.darkMs).toEqual({ office: 90_000 });
    expect(after.unserved['office']).toMatchObject({ dark: null, hurt: t0 - 90_000 });
    const known = memory({ unserved: { office: { ...office, dark: null } }, darkMs: { office: 90_000 } });
    const { notice } = turn({ memory: known, evidence: moved });
    expect(notice?.message).toMatch(/^Users are not heard of, dark 90 s/);
  });
});
