/** What people hear of tunnels though traffic passes: no second one, one that is untried, and that nobody can look. */
import type { Desired } from '../../../../core/store/lease';
import type { Memory, RehearsalUnderWay } from '../../../../core/store/memory';
import type { Evidence, TunnelReport } from '../../../../core/words/evidence';
import { instanceAt } from '../../../../core/words/gateways';
import { dayMs, minuteMs } from '../../../../core/words/time';
import { deployment, desired, down, evidence, memory, report, t0, turn } from '../../../given';
import { downTunnel, pairOver, tunnel, tunnelReport, two, vpnTurn } from '../../../given-vpn';

type Told = TunnelReport | null;

const heard = (seen: Told, over: Partial<Evidence> = {}, past: Partial<Memory> = {}, wanted: Partial<Desired> = {}) => {
  const at = vpnTurn(pairOver(), 'a', seen, over);
  const { notice, memory: kept, decision } = turn({ ...at, memory: memory(past), desired: desired(wanted) });
  return { said: notice?.message ?? '', kept, decision };
};

const key = `redundancy/gw-a/${two}`;

describe('a second tunnel that is DOWN', () => {
  it('is told once ten minutes have passed, with the one that carries all traffic', () => {
    expect(heard(tunnelReport(tunnel(), downTunnel(9 * minuteMs))).said).toBe('');
    const { said } = heard(tunnelReport(tunnel(), downTunnel(11 * minuteMs, { message: 'IPSEC IS DOWN' })));
    expect(said).toContain(
      `tunnel ${two} of gw-a is DOWN, for 11 min (IPSEC IS DOWN): all traffic is on 203.0.113.1, and nothing stands behind it`,
    );
  });

  it('says that AWS is at work on it, where it is', () => {
    const seen = tunnelReport(tunnel(), downTunnel(11 * minuteMs, { provisioning: 'pending' }));
    expect(heard(seen).said).toContain('AWS is working on its endpoint');
  });

  it('is no matter of redundancy where the other is DOWN too, or the path does not work', () => {
    expect(heard(tunnelReport(downTunnel(11 * minuteMs), downTunnel(11 * minuteMs))).said).not.toContain(
      'stands behind',
    );
    const silent = { reports: { 'paris/path-a': down('paris/path-a'), 'paris/path-b': report('paris/path-b') } };
    expect(heard(tunnelReport(tunnel(), downTunnel(11 * minuteMs)), silent).said).not.toContain('stands behind');
  });

  it('is not told while a rehearsal has it taken down', () => {
    const rehearsal: RehearsalUnderWay = {
      by: 'peer',
      path: 'a',
      tunnel: two,
      openedAt: t0 - 15 * minuteMs,
      until: t0 + 45 * minuteMs,
      requestedBy: 'ana',
      downAt: t0 - 11 * minuteMs,
      darkSince: null,
      darkMs: 0,
    };
    const seen = tunnelReport(tunnel(), downTunnel(11 * minuteMs));
    expect(heard(seen, {}, { rehearsal }).said).not.toContain('stands behind');
    expect(heard(seen, {}, { rehearsal: { ...rehearsal, tunnel: '203.0.113.1' } }).said).toContain('stands behind');
  });

  it('is not told where its path was taken out of service on purpose', () => {
    const drain = {
      kind: 'soft' as const,
      since: t0 - minuteMs,
      until: t0 + 30 * minuteMs,
      reason: 'r',
      requestedBy: 'p',
    };
    const seen = tunnelReport(tunnel(), downTunnel(11 * minuteMs));
    expect(heard(seen, {}, {}, { drains: { a: drain } }).said).not.toContain('stands behind');
  });

  it('is not told anew once somebody has acknowledged it, and is when it goes down again', () => {
    const acknowledged = { acknowledgedAt: t0 - 5 * minuteMs };
    expect(heard(tunnelReport(tunnel(), downTunnel(20 * minuteMs)), {}, {}, acknowledged).said).toBe('');
    expect(heard(tunnelReport(tunnel(), downTunnel(11 * minuteMs)), {}, {}, acknowledged).said).toContain(
      'stands behind',
    );
  });

  it('is over when it has been UP for a soak, and not because nobody can look', () => {
    const incident = { id: 'paris-1', openedAt: t0 - 60 * minuteMs, because: 'one tunnel' };
    const past = { incident, told: { [key]: t0 - 60 * minuteMs }, goneSince: { [key]: t0 - 59 * minuteMs } };
    const { said, kept } = heard(tunnelReport(tunnel(), tunnel()), {}, past);
    expect(`${said}${kept}`).toContain(`over: tunnel ${two} of gw-a is UP again`); // It may wait for company.
    expect(kept).not.toContain(`"${key}":`);
    const stale = { ...tunnelReport(tunnel(), downTunnel(70 * minuteMs)), reportedAt: t0 - 20 * minuteMs };
    expect(heard(stale, {}, past).kept).toContain(`"${key}":`);
  });
});

describe('a tunnel that has carried nothing', () => {
  const idle = (lastCarried: number | null, over = {}) => ({
    ...tunnelReport(tunnel({ lastCarried: t0 - 10 * minuteMs }), tunnel({ lastCarried })),
    watchedSince: t0 - 100 * dayMs,
    ...over,
  });

  it('is told after the policy’s quarter, with the day on which it carried last', () => {
    expect(heard(idle(t0 - 89 * dayMs)).said).toBe('');
    expect(heard(idle(t0 - 91 * dayMs)).said).toContain(
      `tunnel ${two} of gw-a is UP and has carried no answered traffic since 2025-10-06T00:00:00Z, 91 days ago`,
    );
  });

  it('counts from the first look, where it was never seen to', () => {
    expect(heard(idle(null)).said).toContain('since it was first looked at, on 2025-09-27T00:00:00Z, 100 days ago');
    expect(heard(idle(null, { watchedSince: t0 - 89 * dayMs })).said).toBe('');
    expect(heard(idle(null, { watchedSince: undefined })).said).toBe('');
  });

  it('is told again a quarter after somebody has acknowledged it', () => {
    expect(heard(idle(null), {}, {}, { acknowledgedAt: t0 - 80 * dayMs }).said).toBe('');
    expect(heard(idle(null), {}, {}, { acknowledgedAt: t0 - 91 * dayMs }).said).toContain('no answered traffic');
  });
});

describe('tunnels that cannot be looked at', () => {
  const unmeasured = (minutes: number) => ({
    ...tunnelReport(tunnel(), tunnel()),
    reportedAt: t0 - (minutes + 1) * minuteMs,
    unmeasured: { since: t0 - minutes * minuteMs, because: 'DescribeVpnConnections: UnauthorizedOperation' },
  });

  it('are told as that, with AWS’s own words, and never as DOWN', () => {
    expect(heard(unmeasured(4)).said).toBe('');
    const { said } = heard(unmeasured(6));
    expect(said).toContain(
      'AWS could not be asked about the tunnels of gw-a since 2026-01-04T23:54:00Z: DescribeVpnConnections: UnauthorizedOperation; that says nothing of the tunnels themselves',
    );
    expect(said).not.toContain('DOWN');
  });

  it('are told too where watch itself has fallen silent', () => {
    const silent = { ...tunnelReport(tunnel(), tunnel()), reportedAt: t0 - 6 * minuteMs };
    expect(heard(silent).said).toContain('watch has reported nothing since');
    expect(heard({ ...silent, reportedAt: t0 - 4 * minuteMs }).said).toBe('');
  });

  it('move nothing and change no verdict', () => {
    const { said, decision } = heard(unmeasured(6));
    expect(said).toContain('path a: healthy (canary paris/path-a got its answer');
    expect(decision.kind).toBe('park');
  });
});

it('speaks of the far end of an instance’s tunnels in the same words, and moves nothing for it', () => {
  const plain = deployment();
  const seenBy = { vpnConnectionId: 'vpn-0far', region: 'us-east-1', tunnels: ['203.0.113.1', two] };
  const gateways = { ...plain.gateways, 'gw-a': { ...instanceAt(plain, 'gw-a'), seenBy } };
  const tunnels = { 'gw-a': tunnelReport(tunnel(), downTunnel(11 * minuteMs)) };
  const { notice, decision } = turn({ deployment: { ...plain, gateways }, evidence: evidence({ tunnels }) });
  expect(notice?.message).toContain(`tunnel ${two} of gw-a is DOWN`);
  expect(decision.kind).not.toBe('divert');
});
