/** Rules 8 and 9: which repair may start, when, and what must never be repaired. */
import type { RungRun } from '../../../core/memory';
import { memoryFrom } from '../../../core/stored';
import {
  bothDown,
  connection,
  deployment,
  desired,
  down,
  drain,
  evidence,
  gatewayLease,
  incident,
  instance,
  memory,
  move,
  onB,
  report,
  routes,
  rung,
  t0,
  turn,
} from '../../given';

describe('rules 8 and 9, repair', () => {
  const diverted = evidence({ ...onB, reports: { 'paris/path-a': down('paris/path-a') } });
  const open = memory({ incident, moves: { office: move() } });

  it('starts with the mildest rung', () => {
    expect(turn({ memory: open, evidence: diverted }).decision).toMatchObject({
      kind: 'repair',
      rule: 9,
      rung: 'restart-tunnel',
      document: 'switchback-restart-tunnel',
    });
  });

  it('leaves a path alone that answers again', () => {
    const again = down('paris/path-a', { missedInARow: 0, answeredInARow: 2, missedSince: 0 });
    const { decision } = turn({ memory: open, evidence: evidence({ ...onB, reports: { 'paris/path-a': again } }) });
    expect(decision).toMatchObject({ kind: 'hold', rule: 12, because: 'path a answers again, not often enough yet' });
  });

  it('repairs nothing that only metrics call down: a canary that is cut off sends them too', () => {
    const { decision } = turn({ memory: open, evidence: { ...diverted, reportsFrom: 'metrics' } });
    expect(decision.kind).not.toBe('repair');
    const stopped = { 'gw-a': instance('gw-a', { state: 'stopped' }) };
    const dead = evidence({ ...onB, reportsFrom: 'metrics', instances: stopped });
    expect(turn({ memory: open, evidence: dead }).decision).toMatchObject({ kind: 'repair', rung: 'stop-start' });
  });

  it('never starts a repair on top of a running one', () => {
    const running = { ...open, rungs: [rung()] };
    expect(
      turn({ memory: running, automation: { clientToken: rung().clientToken, id: 'x' }, evidence: diverted }).decision,
    ).toMatchObject({ kind: 'hold', rule: 12 });
  });

  it('repairs one path of a connection at a time, and calls nobody for the other meanwhile', () => {
    const both = { ...bothDown, 'paris/path-b': down('paris/path-b', { missedSince: t0 - 90_000 }) };
    const tried = rung({ path: 'b', gateway: 'gw-b', clientToken: 'b', endedAt: t0 - 200_000, result: 'success' });
    const busy = { ...memory({ incident, told: { 'brake/none': t0 } }), rungs: [tried, rung()] };
    const automation = { clientToken: rung().clientToken, id: 'x' };
    const { decision } = turn({ memory: busy, automation, evidence: evidence({ reports: both }) });
    expect(decision).toMatchObject({ kind: 'hold', rule: 12 });
  });

  it('gives a finished repair its time to settle', () => {
    const settled = { ...open, rungs: [rung({ endedAt: t0 - 10_000, result: 'success' })] };
    expect(turn({ memory: settled, evidence: diverted }).decision).toMatchObject({
      kind: 'hold',
      rule: 12,
      until: t0 + 80_000,
    });
  });

  it('repeats a start that was journalled but never answered, with the same token', () => {
    expect(turn({ memory: { ...open, rungs: [rung()] }, evidence: diverted }).decision).toMatchObject({
      kind: 'repair',
      clientToken: rung().clientToken,
    });
  });

  it('does not repeat that start when the path carries traffic meanwhile', () => {
    const back = evidence({ reports: { 'paris/path-b': down('paris/path-b') } });
    const { decision } = turn({ memory: { ...open, rungs: [rung()] }, evidence: back });
    expect(decision).toMatchObject({ kind: 'hold', rule: 12 });
  });

  it('repairs nothing while the routes cannot be read: they may carry traffic', () => {
    expect(turn({ memory: open, evidence: { ...diverted, routes: [] } }).decision.kind).not.toBe('repair');
  });

  it('never repairs under maintenance', () => {
    const { decision } = turn({ memory: open, desired: desired({ drains: { a: drain() } }), evidence: diverted });
    expect(decision.kind).not.toBe('repair');
  });

  it('never repairs a gateway that carries working traffic of another connection', () => {
    const rome = connection({ name: 'rome' });
    const shared = deployment(connection(), rome);
    const otherRoutes = { rome: routes('eni-gw-a') };
    const otherReports = { 'rome/path-a': report('rome/path-a') };
    expect(
      turn({ deployment: shared, memory: open, evidence: { ...diverted, otherRoutes, otherReports } }).decision.kind,
    ).not.toBe('repair');
  });

  it('says so when that lasts', () => {
    const shared = deployment(connection(), connection({ name: 'rome' }));
    const other = { otherRoutes: { rome: routes('eni-gw-a') }, otherReports: { 'rome/path-a': report('rome/path-a') } };
    const long = { 'paris/path-a': down('paris/path-a', { missedSince: t0 - 61_000 }) };
    const e = { ...evidence({ ...onB, reports: long }), ...other };
    expect(turn({ deployment: shared, memory: open, evidence: e }).decision).toMatchObject({ key: 'stuck/a/shared' });
  });

  it('repairs the dead path its own routes still point at when both are down', () => {
    const told = memory({ incident, told: { 'brake/none': t0 } });
    expect(turn({ memory: told, evidence: evidence({ reports: bothDown }) }).decision).toMatchObject({
      kind: 'repair',
      path: 'a',
    });
  });

  it('does not reboot for the partner: our side is fine, the peer is silent', () => {
    const tried = { ...open, rungs: [rung({ endedAt: t0 - 200_000, result: 'success' })] };
    const { decision } = turn({ memory: tried, evidence: diverted });
    expect(decision).toMatchObject({ kind: 'escalate', rule: 11, key: 'stuck/a/peer' });
    expect(decision.because).toContain('call the partner');
  });

  it('climbs when the status check fails', () => {
    const hung = { 'gw-a': instance('gw-a', { instanceStatus: 'impaired' }) };
    const { decision } = turn({
      memory: open,
      evidence: evidence({
        ...onB,
        instances: hung,
        reports: { 'paris/path-a': down('paris/path-a', { gatewayProbe: 'down' }) },
      }),
    });
    expect(decision).toMatchObject({ kind: 'repair', rung: 'reboot' });
  });

  it.each([
    ['ok', 'repair'],
    ['unknown', 'escalate'], // EC2's checks are not in yet: it may be booting.
  ] as const)('takes a silent machine without its agent, checks %s, for a case to %s', (instanceStatus, kind) => {
    const silent = { 'gw-a': instance('gw-a', { agent: 'lost', instanceStatus }) };
    const reports = { 'paris/path-a': down('paris/path-a', { gatewayProbe: 'down' }) };
    const { decision } = turn({ memory: open, evidence: evidence({ ...onB, instances: silent, reports }) });
    expect(decision).toMatchObject(kind === 'repair' ? { kind, rung: 'reboot' } : { kind, key: 'stuck/a/gate' });
  });

  it('starts a stopped instance instead of rebooting it', () => {
    const stopped = { 'gw-a': instance('gw-a', { state: 'stopped', agent: 'lost' }) };
    expect(turn({ memory: open, evidence: evidence({ ...onB, instances: stopped }) }).decision).toMatchObject({
      rung: 'stop-start',
      parameters: { InstanceId: ['i-0gw-a'] },
    });
  });

  it('climbs the whole ladder again after its rest: what was impossible may be possible now', () => {
    const stopped = { 'gw-a': instance('gw-a', { state: 'stopped', agent: 'lost' }) };
    const climbed = (agoMs: number) =>
      (['stop-start', 'replace'] as const).map((name) =>
        rung({ rung: name, clientToken: name, endedAt: t0 - agoMs, result: 'failed' }),
      );
    const at = (agoMs: number) =>
      turn({ memory: { ...open, rungs: climbed(agoMs) }, evidence: evidence({ ...onB, instances: stopped }) }).decision;
    expect(at(29 * 60_000)).toMatchObject({ kind: 'escalate', key: 'stuck/a/ladder' });
    expect(at(30 * 60_000)).toMatchObject({ kind: 'repair', rung: 'stop-start' });
  });

  it('repeats a launch with the token it was journalled with, and launches anew with another', () => {
    const gone = { 'gw-a': instance('gw-a', { state: 'terminated' }) };
    const launch = (rungs: RungRun[]) =>
      turn({ memory: { ...open, rungs }, evidence: evidence({ ...onB, instances: gone }) }).decision;
    const first = launch([]);
    const again = launch([
      rung({ rung: 'replace', clientToken: (first as { clientToken: string }).clientToken, deadlineAt: t0 + 60_000 }),
    ]);
    expect(again).toMatchObject({ kind: 'repair', parameters: (first as { parameters: unknown }).parameters });
    const later = launch([rung({ rung: 'replace', clientToken: 'other', endedAt: t0 - 1_800_000, result: 'failed' })]);
    expect(later).toMatchObject({ kind: 'repair', rung: 'replace' });
  });

  it('climbs when the daemon did not come back', () => {
    const failed = { ...open, rungs: [rung({ endedAt: t0 - 200_000, result: 'failed' })] };
    expect(turn({ memory: failed, evidence: diverted }).decision).toMatchObject({ rung: 'reboot' });
  });

  it('waits while another connection repairs the same gateway', () => {
    const repaired = gatewayLease('gw-a', { holder: 'rome', clientToken: 't', rung: 'reboot', until: t0 + 60_000 });
    const gatewayLeases = { 'gw-a': repaired };
    expect(turn({ memory: open, evidence: { ...diverted, gatewayLeases } }).decision.kind).not.toBe('repair');
  });

  it('waits for an automation that began late, though the lease it began under has run out', () => {
    const late = gatewayLease('gw-a', { holder: 'rome', until: t0 - 60_000, claimedBy: 'automation-1' });
    const gatewayLeases = { 'gw-a': late };
    expect(turn({ memory: open, evidence: { ...diverted, gatewayLeases } }).decision.kind).not.toBe('repair');
    expect(
      turn({ memory: open, evidence: { ...diverted, gatewayLeases, endedClaims: ['automation-1'] } }).decision,
    ).toMatchObject({ kind: 'repair', endedClaim: 'automation-1' });
  });

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

  it('tries a rung again that was refused before it could begin, and holds it against nobody', () => {
    const refused = { ...open, rungs: [rung({ endedAt: t0 - 200_000, result: 'refused' })] };
    expect(turn({ memory: refused, evidence: diverted }).decision).toMatchObject({ rung: 'restart-tunnel' });
  });

  it('leaves a gateway alone whose whole zone is silent', () => {
    const reports = { 'paris/path-a': down('paris/path-a', { gatewayProbe: 'down' }), 'paris/path-b': null };
    const { decision } = turn({
      memory: { ...open, told: { 'brake/none': t0 } },
      evidence: evidence({ ...onB, reports }),
    });
    expect(decision).toMatchObject({ kind: 'escalate', key: 'stuck/a/zone' });
  });

  it('stops at the budget of the day and asks', () => {
    const budgets = { ...open.budgets, repairs: Array.from({ length: 8 }, (_, i) => t0 - i * 60_000) };
    expect(turn({ memory: { ...open, budgets }, evidence: diverted }).decision).toMatchObject({
      kind: 'escalate',
      key: 'stuck/a/budget',
    });
  });

  it('says that the policy allows no repair, rather than that a budget is used up', () => {
    const never = deployment(connection({ policy: { ...connection().policy, repairs24hMax: 0 } }));
    expect(turn({ deployment: never, memory: open, evidence: diverted }).decision).toMatchObject({
      kind: 'escalate',
      key: 'stuck/a/policy',
    });
  });

  it('asks for an acknowledgement when home is well and the failback budget is used up', () => {
    const budgets = { ...open.budgets, failbacks: Array.from({ length: 6 }, (_, i) => t0 - (6 - i) * 60_000) };
    const away = memory({ incident, moves: { office: move() }, budgets });
    const { decision } = turn({ memory: away, evidence: evidence(onB) });
    expect(decision).toMatchObject({ kind: 'escalate', key: 'away/office' });
    const said = turn({ memory: { ...away, told: { 'away/office': t0 - 1_000 } }, evidence: evidence(onB) });
    expect(said.decision.kind).toBe('park');
  });

  it('asks for an acknowledgement when users contradicted the way home', () => {
    const away = memory({ incident, contradicted: { office: { a: t0 } }, healthySince: { a: t0 - 3_600_000 } });
    expect(turn({ memory: away, evidence: evidence(onB) }).decision).toMatchObject({
      kind: 'escalate',
      key: 'away/office/contradicted',
    });
    const { decision } = turn({ memory: away, evidence: evidence(onB), desired: desired({ acknowledgedAt: t0 }) });
    expect(decision).toMatchObject({ kind: 'failback' });
  });

  it('refuses to touch an instance that is not what was declared', () => {
    const swapped = {
      'gw-a': instance('gw-a', { identityHolds: false, identityFault: 'eni-gw-a belongs to i-0evil' }),
    };
    expect(
      turn({ memory: open, evidence: { ...diverted, instances: { ...diverted.instances, ...swapped } } }).decision,
    ).toMatchObject({ kind: 'escalate', key: 'stuck/a/identity' });
  });
});
