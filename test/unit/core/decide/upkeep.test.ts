/** Maintenance that AWS has announced: applied ahead of it, one tunnel after the other, and under nobody's traffic. */
import type { Memory } from '../../../../core/store/memory';
import { memoryFrom } from '../../../../core/store/stored';
import type { Connection, QuietWindow, VpnConnectionGateway } from '../../../../core/words/domain';
import type { TunnelFacts } from '../../../../core/words/evidence';
import { dayMs, hourMs, minuteMs } from '../../../../core/words/time';
import { desired, down, drain, incident, memory, move, rung, t0, turn } from '../../../given';
import { downTunnel, one, pairOver, singleOver, tunnel, tunnelReport, two, vpnTurn } from '../../../given-vpn';

/** t0 is a Monday, 00:00 UTC. */
const open: QuietWindow = { days: ['mon'], fromMinute: 0, toMinute: 120, timezone: 'UTC' };
const soon: QuietWindow = { ...open, fromMinute: 12 };
const later: QuietWindow = { ...open, fromMinute: 60 };
const announced = (over: Partial<TunnelFacts> = {}) => tunnel({ maintenanceBy: t0 + 3 * dayMs, ...over });

const pair = (
  window: QuietWindow,
  on: 'a' | 'b',
  first: TunnelFacts,
  second: TunnelFacts,
  before: Memory = memory(),
  over: Parameters<typeof vpnTurn>[3] = {},
) =>
  turn({
    ...vpnTurn(pairOver({ maintenance: 'window', window: [window] }), on, tunnelReport(first, second), over),
    memory: before,
  });

const spent = { ...memory().budgets, repairs: Array.from({ length: 8 }, (_, i) => t0 - (i + 1) * minuteMs) };
const away = memory({ incident, moves: { office: move({ planned: true }) } });

describe('with another path', () => {
  it('moves users ahead of the window, softly and as planned', () => {
    const { decision } = pair(soon, 'a', announced(), announced());
    expect(decision).toMatchObject({ kind: 'divert', rule: 'rescue', planned: true, moves: [{ to: 'b' }] });
  });

  it.each([
    ['the window is not near', later, announced(), announced(), {}],
    ['nothing is announced', soon, tunnel(), tunnel(), {}],
    [
      'we have applied it and AWS does not show that yet',
      soon,
      announced(),
      announced(),
      { replacedAt: { [one]: [t0 - hourMs], [two]: [t0 - hourMs] } },
    ],
    [
      'the other path has not been well for a soak',
      soon,
      announced(),
      announced(),
      { healthySince: { a: 0, b: t0 - minuteMs } },
    ],
    [
      'nobody would start IKE afterwards',
      soon,
      announced({ initiatedByAws: false }),
      announced({ initiatedByAws: false }),
      {},
    ],
    ['no budget is left for it', soon, announced(), announced(), { budgets: spent }],
    ['a tunnel is DOWN, and the other one must not go', soon, announced(), downTunnel(minuteMs), {}],
  ] as const)('moves nobody where %s', (_, window, first, second, over) => {
    expect(pair(window, 'a', first, second, memory(over)).decision.kind).not.toBe('divert');
  });

  it('waits until the move has had its time to take effect, and says until when', () => {
    const moved = memory({
      incident,
      moves: { office: move({ planned: true, at: t0 - 2_000, outcome: 'confirmed' }) },
    });
    const { decision } = pair(open, 'b', announced({ lastCarried: t0 - 10 * minuteMs }), announced(), moved);
    expect(decision).toMatchObject({ kind: 'hold', until: t0 + 18_000, because: 'the move of office gets its time' });
  });

  it('applies it once the window is open, to the tunnel that is not in use first', () => {
    const { decision } = pair(open, 'b', announced({ lastCarried: t0 - 10 * minuteMs }), announced(), away);
    expect(decision).toMatchObject({
      kind: 'repair',
      rule: 'maintenance',
      rung: 'replace-tunnel',
      purpose: 'maintenance',
      tunnel: two,
      parameters: { Maintenance: ['true'], Tunnel: [two], Other: [one] },
    });
  });

  it.each([
    ['before the window is open', soon, announced(), announced()],
    ['beside a tunnel that is DOWN', open, announced(), downTunnel(minuteMs)],
    ['beside a tunnel that is being replaced', open, announced(), tunnel({ provisioning: 'pending' })],
    ['that nobody would bring up again', open, announced({ initiatedByAws: false }), tunnel()],
  ])('applies none %s', (_, window, first, second) => {
    expect(pair(window, 'b', first, second, away).decision.kind).not.toBe('repair');
  });

  it('applies none under users, and none while the other path is ill', () => {
    expect(pair(open, 'a', announced(), announced()).decision).toMatchObject({ kind: 'divert', planned: true });
    const ill = pair(open, 'b', announced(), announced(), away, { reports: { 'paris/path-b': down('paris/path-b') } });
    expect(ill.decision.kind).not.toBe('repair');
  });

  it('takes the second only when the first is UP and has settled, and keeps users away meanwhile', () => {
    const run = rung({
      rung: 'replace-tunnel',
      tunnel: two,
      purpose: 'maintenance',
      startedAt: t0 - 6 * minuteMs,
      deadlineAt: t0 + 14 * minuteMs,
      endedAt: t0 - 3 * minuteMs,
      result: 'success',
    });
    const done = { ...away, rungs: [run], replacedAt: { [two]: [t0 - 6 * minuteMs] } };
    const waits = pair(open, 'b', announced(), downTunnel(6 * minuteMs), done);
    expect(['hold', 'park']).toContain(waits.decision.kind);
    expect(waits.situation.drained).toEqual(['a']);
    const next = pair(open, 'b', announced(), tunnel({ since: t0 - 2 * minuteMs }), done);
    expect(next.decision).toMatchObject({ kind: 'repair', tunnel: one });
  });

  it('keeps users away until the last one has settled, too', () => {
    const run = rung({
      rung: 'replace-tunnel',
      tunnel: one,
      purpose: 'maintenance',
      startedAt: t0 - 6 * minuteMs,
      deadlineAt: t0 + 14 * minuteMs,
      endedAt: t0 - 3 * minuteMs,
      result: 'success',
    });
    const applied = { [one]: [t0 - 6 * minuteMs], [two]: [t0 - hourMs] };
    const once = pair(open, 'b', downTunnel(6 * minuteMs), announced(), { ...away, rungs: [run], replacedAt: applied });
    const again = pair(open, 'b', downTunnel(6 * minuteMs), announced(), memoryFrom(once.memory));
    expect(again.situation.drained).toEqual(['a']);
    expect(again.decision.kind).not.toBe('failback');
  });

  it('lets users home when all is applied', () => {
    const done = { ...away, replacedAt: { [one]: [t0 - hourMs], [two]: [t0 - 2 * hourMs] } };
    expect(pair(open, 'b', announced(), announced(), done).decision).toMatchObject({ kind: 'failback' });
  });

  it('leaves a path alone that somebody else has drained', () => {
    const asked = vpnTurn(pairOver({ maintenance: 'apply' }), 'b', tunnelReport(announced(), announced()));
    const { decision } = turn({ ...asked, memory: away, desired: desired({ drains: { a: drain() } }) });
    expect(decision.kind).not.toBe('repair');
  });

  it('waits for no window where it is to be applied as soon as it is announced', () => {
    const asked = vpnTurn(pairOver({ maintenance: 'apply' }), 'a', tunnelReport(announced(), announced()));
    expect(turn(asked).decision).toMatchObject({ kind: 'divert', planned: true });
  });
});

describe('without another path', () => {
  const single = (
    first: TunnelFacts,
    second: TunnelFacts,
    over: Partial<VpnConnectionGateway> = {},
    before = memory(),
  ) => {
    const site = singleOver({ maintenance: 'apply', ...over }, {} as Partial<Connection>);
    return turn({ ...vpnTurn(site, 'a', tunnelReport(first, second)), memory: before });
  };
  const inUse = announced({ lastCarried: t0 - 10 * minuteMs });

  it('applies it to the tunnel that is not in use, and not to the other one', () => {
    expect(single(inUse, announced()).decision).toMatchObject({ kind: 'repair', tunnel: two, purpose: 'maintenance' });
    const done = memory({ replacedAt: { [two]: [t0 - hourMs] } });
    expect(single(inUse, announced(), {}, done).decision.kind).not.toBe('repair');
  });

  it('applies it to the other one once AWS is seen to have left it', () => {
    const done = memory({ replacedAt: { [two]: [t0 - hourMs] } });
    const left = announced({ lastCarried: t0 - 50 * minuteMs });
    const { decision } = single(left, announced({ lastCarried: t0 - 6 * minuteMs }), {}, done);
    expect(decision).toMatchObject({ kind: 'repair', tunnel: one, purpose: 'maintenance' });
  });

  it('applies none while nobody has seen which one is in use', () => {
    expect(single(announced(), announced()).decision.kind).not.toBe('repair');
  });
});

describe('people hear', () => {
  const told = (over: Partial<VpnConnectionGateway>, by: number): string => {
    const report = tunnelReport(tunnel({ maintenanceBy: t0 + by }), tunnel());
    const { notice, decision } = turn(vpnTurn(singleOver(over), 'a', report));
    return `${notice?.message ?? ''} ${decision.because}`;
  };

  it.each([
    ['a week ahead', 6 * dayMs, 'upkeep/a/7'],
    ['a day ahead', dayMs - minuteMs, 'upkeep/a/1'],
  ])('of what is left to AWS, %s', (_, by, key) => {
    const report = tunnelReport(tunnel({ maintenanceBy: t0 + by }), tunnel());
    const { memoryTold, notice } = turn(vpnTurn(singleOver({ maintenance: 'never' }), 'a', report));
    expect(notice?.message).toContain('its configuration leaves it to AWS (maintenance: never): plan for it');
    expect((JSON.parse(memoryTold) as Memory).told).toHaveProperty(key);
  });

  it('nothing more than a week ahead, nor where a window opens before', () => {
    expect(told({ maintenance: 'never' }, 8 * dayMs)).not.toContain('has announced');
    expect(told({ maintenance: 'window', window: [later] }, 2 * dayMs)).not.toContain('has announced');
  });

  it('that no window opens before, and the day before whatever keeps us', () => {
    const sunday: QuietWindow = { ...open, days: ['sun'] };
    expect(told({ maintenance: 'window', window: [sunday] }, 3 * dayMs)).toContain('no window of its opens before');
    expect(told({ maintenance: 'apply' }, hourMs)).toContain('it has not been applied yet');
  });
});
