/** Which tunnel of a Site-to-Site connection is replaced, when, and what people hear while none is. */
import type { Memory, RungRun } from '../../../../core/store/memory';
import type { VpnConnectionGateway } from '../../../../core/words/domain';
import type { TunnelFacts } from '../../../../core/words/evidence';
import { minuteMs } from '../../../../core/words/time';
import { down, incident, memory, move, report, rung, t0, turn } from '../../../given';
import {
  downTunnel,
  longMs,
  one,
  pairOver,
  routesOn,
  singleOver,
  tunnel,
  tunnelReport,
  two,
  vpnTurn,
} from '../../../given-vpn';

const bankDown = {
  'paris/path-a': down('paris/path-a', { missedSince: t0 - 30 * minuteMs, gatewayProbe: 'none' }),
  'paris/office': down('paris/office', { missedSince: t0 - 30 * minuteMs }),
};
const aDown = { 'paris/path-a': bankDown['paris/path-a'] };
/** People have heard what there is to hear before. */
const heard = (over: Partial<Memory> = {}): Memory =>
  memory({
    incident,
    healthySince: {},
    told: { 'brake/none': t0, 'dark/office': t0, 'stuck/a/gate': t0, 'stuck/a/peer': t0, 'stuck/a/one-way': t0 },
    ...over,
  });

const single = (
  first: TunnelFacts,
  second: TunnelFacts,
  over: Partial<VpnConnectionGateway> = {},
  before: Memory = heard(),
) =>
  turn({
    ...vpnTurn(singleOver(over), 'a', tunnelReport(first, second), { reports: bankDown }),
    memory: before,
  });

describe('a single connection whose users are dark', () => {
  it('has the tunnel replaced that has been DOWN for ten minutes, and that one alone', () => {
    const { decision } = single(downTunnel(longMs), downTunnel(2 * minuteMs));
    expect(decision).toMatchObject({
      kind: 'repair',
      rung: 'replace-tunnel',
      tunnel: one,
      purpose: 'repair',
      parameters: { VpnConnectionId: ['vpn-0gw-a'], Tunnel: [one], Other: [two], Maintenance: ['false'] },
    });
    expect(decision.because).toContain(`tunnel ${one} of gw-a is replaced and nothing else`);
  });

  it('remembers which, and spends that tunnel`s own budget', () => {
    const { memory: text } = single(downTunnel(longMs), tunnel());
    const kept = JSON.parse(text) as Memory;
    expect(kept.rungs).toMatchObject([{ rung: 'replace-tunnel', tunnel: one }]);
    expect(kept.replacedAt).toEqual({ [one]: [t0] });
    expect(kept.budgets.repairs).toEqual([t0]);
  });

  it.each([
    ['it has not been DOWN for long', downTunnel(9 * minuteMs), tunnel(), {}],
    ['AWS is at it already', downTunnel(longMs, { provisioning: 'pending' }), tunnel(), {}],
    ['AWS is at the other one', downTunnel(longMs), tunnel({ provisioning: 'pending' }), {}],
    ['nobody knows whether AWS is at the other one', downTunnel(longMs), tunnel({ provisioning: 'unknown' }), {}],
    ['nobody would start IKE', downTunnel(longMs, { initiatedByAws: false }), tunnel(), {}],
    [
      'nobody says who starts IKE, and the author says the partner',
      downTunnel(longMs, { initiatedByAws: null }),
      tunnel(),
      { initiatedBy: 'peer' as const },
    ],
  ])('has none replaced where %s', (_, first, second, over) => {
    expect(single(first, second, over).decision.kind).not.toBe('repair');
  });

  it('believes the author that the partner`s device comes back by itself', () => {
    const first = downTunnel(longMs, { initiatedByAws: false });
    expect(single(first, tunnel(), { initiatedBy: 'peer', peerInitiates: true }).decision.kind).toBe('repair');
  });

  it('says why none is replaced where nobody would start IKE', () => {
    const { notice } = single(downTunnel(longMs, { initiatedByAws: false }), downTunnel(longMs), {}, memory());
    const later = single(
      downTunnel(longMs, { initiatedByAws: false }),
      tunnel(),
      {},
      heard({ told: { 'brake/none': t0 } }),
    );
    expect(`${notice?.message}${later.notice?.message}${later.decision.because}`).toContain(
      `tunnel ${one} is not replaced: nobody would start IKE afterwards and it would stay down`,
    );
  });

  it('says once what keeps it from both', () => {
    const bothDown = downTunnel(longMs, { initiatedByAws: false });
    const { decision } = single(bothDown, bothDown, {}, heard({ told: { 'brake/none': t0 } }));
    const said = decision.because;
    expect(said).toMatch(/neither [\d.]+ nor [\d.]+ is replaced: nobody would start IKE afterwards/);
    expect(said.split('nobody would start IKE').length).toBe(2);
  });

  it('tries the other one once the first was no help, and neither a third time in a day', () => {
    const ended = (over: Partial<RungRun>): RungRun =>
      rung({
        rung: 'replace-tunnel',
        tunnel: one,
        startedAt: t0 - 25 * minuteMs,
        deadlineAt: t0 - 5 * minuteMs,
        ...over,
      });
    const tried = ended({ endedAt: t0 - 20 * minuteMs, result: 'success' });
    const both = [downTunnel(longMs), downTunnel(longMs)] as const;
    const second = single(...both, {}, heard({ rungs: [tried], replacedAt: { [one]: [t0 - 25 * minuteMs] } }));
    expect(second.decision).toMatchObject({ kind: 'repair', tunnel: two });
    const spent = { [one]: [t0 - 90 * minuteMs, t0 - 80 * minuteMs], [two]: [t0 - 70 * minuteMs, t0 - 60 * minuteMs] };
    expect(single(...both, {}, heard({ replacedAt: spent })).decision.kind).not.toBe('repair');
    const untouched = heard({ replacedAt: { [one]: spent[one]! } });
    expect(single(...both, {}, untouched).decision).toMatchObject({ kind: 'repair', tunnel: two });
  });

  it('gives a new endpoint until its deadline to come UP, and 90 s from then', () => {
    const run = rung({
      rung: 'replace-tunnel',
      tunnel: one,
      startedAt: t0 - 8 * minuteMs,
      deadlineAt: t0 + 12 * minuteMs,
      endedAt: t0 - 4 * minuteMs,
      result: 'success',
    });
    const still = single(downTunnel(longMs), downTunnel(longMs), {}, heard({ rungs: [run] }));
    expect(still.decision.kind).not.toBe('repair');
    const back = tunnel({ since: t0 - 2 * minuteMs });
    const after = single(back, downTunnel(longMs), {}, heard({ rungs: [run] }));
    expect(after.decision).toMatchObject({ kind: 'repair', tunnel: two });
    const justBack = tunnel({ since: t0 - minuteMs });
    expect(single(justBack, downTunnel(longMs), {}, heard({ rungs: [run] })).decision.kind).not.toBe('repair');
  });

  describe('with both UP and nothing coming back', () => {
    const silent = tunnel({ lastBytes: { from: t0 - 7 * minuteMs, out: 108_000, in: 0 } });

    it('tells which, and has it replaced only after that', () => {
      const fresh = heard({ told: { 'brake/none': t0, 'dark/office': t0 } });
      const first = single(tunnel(), silent, {}, fresh);
      expect(first.decision).toMatchObject({ kind: 'escalate', key: 'stuck/a/one-way' });
      expect(first.decision.because).toContain(`108 kB went out by ${two} in five minutes and nothing came back`);
      expect(single(tunnel(), silent).decision).toMatchObject({ kind: 'repair', tunnel: two });
    });

    it('leaves it while the other one is DOWN, and has that one replaced', () => {
      expect(single(downTunnel(longMs), silent).decision).toMatchObject({ kind: 'repair', tunnel: one });
      expect(single(downTunnel(minuteMs), silent).decision.kind).not.toBe('repair');
    });
  });
});

describe('a pair on a transit gateway', () => {
  const moved = heard({ moves: { office: move() } });

  it('has the tunnel of the path replaced that users have left', () => {
    const asked = vpnTurn(pairOver(), 'b', tunnelReport(downTunnel(longMs), downTunnel(longMs)), { reports: aDown });
    expect(turn({ ...asked, memory: moved }).decision).toMatchObject({ kind: 'repair', path: 'a', tunnel: one });
  });

  it('leaves a tunnel alone over which users are answered', () => {
    const asked = vpnTurn(pairOver(), 'b', tunnelReport(downTunnel(longMs), tunnel()));
    expect(turn({ ...asked, memory: moved }).decision.kind).not.toBe('repair');
    const served = vpnTurn(pairOver(), 'a', tunnelReport(downTunnel(longMs), tunnel()), {
      reports: { ...aDown, 'paris/path-b': down('paris/path-b'), 'paris/office': report('paris/office') },
    });
    expect(turn({ ...served, memory: heard() }).decision.kind).not.toBe('repair');
  });

  it('starts the same tunnel again when the answer to its start was lost', () => {
    const run = rung({ rung: 'replace-tunnel', tunnel: two, deadlineAt: t0 + 15 * minuteMs, startedAt: t0 - 5_000 });
    const asked = vpnTurn(pairOver(), 'b', tunnelReport(downTunnel(longMs), downTunnel(longMs)), { reports: aDown });
    const { decision } = turn({ ...asked, memory: { ...moved, rungs: [run] } });
    expect(decision).toMatchObject({ kind: 'repair', clientToken: run.clientToken, tunnel: two });
    expect(routesOn(pairOver(), 'b')[0]!.target?.id).toBe('tgw-attach-gw-b');
  });
});

it('says what AWS answered, and does not ask again at once', () => {
  const run = rung({ rung: 'replace-tunnel', tunnel: one, startedAt: t0 - 90_000, deadlineAt: t0 + 10 * minuteMs });
  const asked = vpnTurn(singleOver(), 'a', tunnelReport(downTunnel(longMs), tunnel()), {
    reports: bankDown,
    automation: {
      id: 'auto-1',
      status: 'failed',
      endedAt: t0 - 60_000,
      outputs: {},
      failure:
        'Step fails. An error occurred (IncorrectState) when calling the ReplaceVpnTunnel operation: vpn-0gw-a is being modified',
    },
  });
  const {
    decision,
    notice,
    memory: text,
  } = turn({
    ...asked,
    automation: { clientToken: run.clientToken, id: 'auto-1' },
    memory: heard({ rungs: [run] }),
  });
  expect(decision.kind).not.toBe('repair');
  expect((JSON.parse(text) as Memory).rungs).toMatchObject([{ result: 'declined' }]);
  expect(notice?.message).toContain(
    `replace-tunnel of ${one} was refused: AWS says IncorrectState: vpn-0gw-a is being modified`,
  );
});
