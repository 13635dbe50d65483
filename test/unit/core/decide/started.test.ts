/** A repair whose start was journalled and not answered: given up, waited for, or known by what it left. */
import { emptyMemory, type Memory } from '../../../../core/store/memory';
import { memoryFrom } from '../../../../core/store/stored';
import type { AutomationFacts } from '../../../../core/words/evidence';
import { down, evidence, gatewayLease, incident, memory, move, onB, rung, t0, turn } from '../../../given';

const diverted = evidence({ ...onB, reports: { 'paris/path-a': down('paris/path-a') } });
const open = memory({ incident, moves: { office: move() } });

describe('a start that nobody answered', () => {
  const lost = { ...open, rungs: [rung({ startedAt: t0 - 1_000 })] };
  const ours = { holder: 'paris', clientToken: rung().clientToken, until: t0 + 60_000 };
  const after = (over: object, paths: object = {}) =>
    turn({
      memory: lost,
      evidence: evidence({ ...onB, gatewayLeases: { 'gw-a': gatewayLease('gw-a', { ...ours, ...over }) }, ...paths }),
    });

  it('is given up when its path is well again: what still comes of it finds the token gone', () => {
    const { rungEnded, memory: kept } = after({});
    expect(rungEnded).toEqual({
      gateway: 'gw-a',
      clientToken: ours.clientToken,
      until: t0,
      identity: null,
      claim: 'none',
      isOver: false,
    });
    expect(memoryFrom(kept).rungs).toMatchObject([{ result: 'refused', endedAt: t0 }]);
  });

  it('costs no budget and is not told, since nothing was done', () => {
    const gatewayLeases = { 'gw-a': gatewayLease('gw-a', { ...ours, clientToken: rung().clientToken }) };
    const spent = { ...emptyMemory.budgets, repairs: [t0 - 90_000, t0 - 1_000], replaces: [t0 - 1_000] };
    const kept = (kind: 'replace' | 'reboot') => {
      const rungs = [rung({ rung: kind, startedAt: t0 - 1_000, untold: true })];
      const before = { ...lost, rungs, budgets: spent };
      return memoryFrom(turn({ memory: before, evidence: evidence({ ...onB, gatewayLeases }) }).memory);
    };
    expect(kept('reboot').budgets).toMatchObject({ repairs: [t0 - 90_000], replaces: [t0 - 1_000] });
    expect(kept('replace').budgets).toMatchObject({ repairs: [t0 - 90_000], replaces: [] });
    expect(kept('replace').toTell).toEqual([]);
  });

  it('has spent its entry while a move goes first and its gateway is not free yet', () => {
    const gatewayLeases = { 'gw-a': gatewayLease('gw-a', ours) };
    const repairs = [t0 - 90_000, t0 - 1_000, t0 - 500];
    const before = {
      ...lost,
      rungs: [rung({ startedAt: t0 - 1_000, untold: true })],
      budgets: { ...emptyMemory.budgets, repairs },
    };
    const reports = { 'paris/path-b': down('paris/path-b') };
    const { decision, memory: kept } = turn({
      memory: before,
      evidence: evidence({ ...onB, gatewayLeases, reports }),
    });
    expect(decision.kind).toBe('divert');
    expect(memoryFrom(kept)).toMatchObject({ rungs: [{ result: 'running' }], budgets: { repairs } });
  });

  it('has spent its entry once it was seen to have begun, though its automation is not known any more', () => {
    const gatewayLeases = { 'gw-a': gatewayLease('gw-a', { ...ours, clientToken: rung().clientToken }) };
    const before = {
      ...lost,
      rungs: [rung({ startedAt: t0 - 1_000 })],
      budgets: { ...emptyMemory.budgets, repairs: [t0 - 1_000] },
    };
    const kept = memoryFrom(turn({ memory: before, evidence: evidence({ ...onB, gatewayLeases }) }).memory);
    expect(kept.rungs).toMatchObject([{ result: 'refused' }]);
    expect(kept.budgets.repairs).toEqual([t0 - 1_000]);
  });

  it('is told once it has claimed its gateway, or has ended, and once only', () => {
    const untold = { ...lost, rungs: [rung({ startedAt: t0 - 1_000, untold: true })] };
    const seen = (claimedBy: string | null, before: Memory = untold, automation: AutomationFacts | null = null) => {
      const gatewayLeases = { 'gw-a': gatewayLease('gw-a', { ...ours, claimedBy }) };
      return turn({
        memory: before,
        automation: { clientToken: ours.clientToken, id: 'automation-1' },
        evidence: evidence({ ...onB, gatewayLeases, automation, reports: { 'paris/path-a': down('paris/path-a') } }),
      });
    };
    expect(seen(null).notice).toBeNull();
    const begun = seen('automation-1');
    expect(begun.notice?.message).toMatch(/^repair: /m);
    expect(seen('automation-1', memoryFrom(begun.memoryTold)).notice).toBeNull();
    const ended = { id: 'automation-1', status: 'success', endedAt: t0, outputs: {}, failure: '' } as const;
    expect(seen(null, untold, ended).notice?.message).toMatch(/^repair: /m);
    expect(turn({ memory: untold, evidence: evidence(onB) }).notice).toBeNull();
  });

  it('that IAM forbids is over at once, told with its call and document, and tried again in a while', () => {
    const startFault = 'Ssm.SsmException: User: x is not authorized to perform: ssm:StartAutomationExecution on y';
    const gatewayLeases = { 'gw-a': gatewayLease('gw-a', ours) };
    const reports = { 'paris/path-a': down('paris/path-a') };
    const untold = lost.rungs.map((run) => ({ ...run, untold: true as const }));
    const spent = { ...lost, rungs: untold, budgets: { ...emptyMemory.budgets, repairs: [t0 - 1_000] } };
    const over = { startFault, evidence: evidence({ ...onB, gatewayLeases, reports }) };
    const { notice, memory: text, rungEnded } = turn({ memory: spent, ...over });
    expect(notice?.message).toContain(
      'restart-tunnel is not permitted: access denied to ssm:StartAutomationExecution in document switchback-restart-tunnel',
    );
    expect(rungEnded).toMatchObject({ until: t0 });
    expect(memoryFrom(text)).toMatchObject({ rungs: [{ result: 'denied' }], budgets: { repairs: [] } });
    const denied = (endedAt: number) => ({ ...open, rungs: [rung({ endedAt, result: 'denied', said: 'x' })] });
    expect(turn({ memory: denied(t0 - 299_000), evidence: diverted }).decision.kind).not.toBe('repair');
    expect(turn({ memory: denied(t0 - 301_000), evidence: diverted }).decision).toMatchObject({ kind: 'repair' });
    expect(turn({ memory: lost, ...over, startFault: 'Ssm.Throttled: x' }).rungEnded).toBeNull();
  });

  it('is waited for while it may have begun, and made again while its path is down', () => {
    expect(after({ claimedBy: 'automation-1' }).rungEnded).toBeNull();
    expect(turn({ memory: lost, evidence: evidence(onB) })).toMatchObject({
      rungEnded: null,
      decision: { kind: 'hold' },
    });
    const { rungEnded, decision } = after({}, { reports: { 'paris/path-a': down('paris/path-a') } });
    expect([rungEnded, decision]).toMatchObject([null, { kind: 'repair', clientToken: ours.clientToken }]);
  });

  it('counts as begun once the automation that was answered has claimed the gateway', () => {
    const started = (claimedBy: string | null) =>
      turn({
        memory: lost,
        automation: { clientToken: ours.clientToken, id: 'automation-1' },
        evidence: evidence({ ...onB, gatewayLeases: { 'gw-a': gatewayLease('gw-a', { ...ours, claimedBy }) } }),
      }).rungEnded;
    expect(started('automation-1')).toBeNull();
    expect(started('automation-0')).toMatchObject({ claim: 'automation-0', isOver: false });
    expect(started(null)).toMatchObject({ claim: 'none', isOver: false });
  });

  it('is over a minute past its deadline, and has failed only if it may have begun', () => {
    const late = { ...open, rungs: [rung({ startedAt: t0 - 200_000, deadlineAt: t0 - 60_001 })] };
    const resultOf = (claimedBy: string | null): string => {
      const gatewayLeases = { 'gw-a': gatewayLease('gw-a', { ...ours, claimedBy }) };
      const { memory: kept } = turn({ memory: late, evidence: { ...diverted, gatewayLeases } });
      return memoryFrom(kept).rungs[0]!.result;
    };
    expect([resultOf(null), resultOf('automation-1')]).toEqual(['refused', 'failed']);
  });

  it('frees nothing that somebody else has taken meanwhile', () => {
    const { rungEnded, memory: kept } = after({ clientToken: 'other' });
    expect(rungEnded).toBeNull();
    expect(memoryFrom(kept).rungs).toMatchObject([{ result: 'refused' }]);
  });
});
