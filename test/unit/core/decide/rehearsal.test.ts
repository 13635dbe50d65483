/** The rehearsal of a single connection: when it may be opened, what is measured, what is told, and what ends it. */

import { emptyMemory, type Memory, type RehearsalUnderWay } from '../../../../core/store/memory';
import { memoryFrom } from '../../../../core/store/stored';
import type { Turn } from '../../../../core/turn/turn';
import type { Connection, QuietWindow, Rehearsal, VpnConnectionGateway } from '../../../../core/words/domain';
import type { Evidence, TunnelFacts } from '../../../../core/words/evidence';
import { dayMs, hourMs, minuteMs } from '../../../../core/words/time';
import { desired, down, memory, report, rung, t0, turn } from '../../../given';
import { downTunnel, one, singleOver, tunnel, tunnelReport, two, vpnTurn } from '../../../given-vpn';

/** t0 is a Monday, 00:00 UTC. */
const open: QuietWindow = { days: ['mon'], fromMinute: 0, toMinute: 120, timezone: 'UTC' };
const closed: QuietWindow = { ...open, days: ['wed'] };
const byPeer: Rehearsal = { by: 'peer', everyMs: 90 * dayMs, unattended: false };
const byAws: Rehearsal = { ...byPeer, by: 'aws', window: [open] };
const inUse = tunnel({ lastCarried: t0 - 10 * minuteMs });
const word = desired({ rehearsal: { since: t0 - 1_000, requestedBy: 'ana' } });

interface World {
  readonly first?: TunnelFacts;
  readonly second?: TunnelFacts;
  readonly reports?: Evidence['reports'];
  readonly memory?: Memory;
  readonly desired?: Turn['desired'];
  readonly gateway?: Partial<VpnConnectionGateway>;
  readonly connection?: Partial<Connection>;
}

function look(rehearsal: Rehearsal, { first = inUse, second = tunnel(), ...world }: World = {}) {
  const site = singleOver(world.gateway, { ...world.connection, rehearsal });
  const asked = vpnTurn(site, 'a', tunnelReport(first, second), world.reports && { reports: world.reports });
  const result = turn({ ...asked, memory: world.memory ?? memory(), desired: world.desired ?? desired() });
  return { ...result, kept: memoryFrom(result.memory), told: memoryFrom(result.memoryTold) };
}

const underWay = (over: Partial<RehearsalUnderWay> = {}): RehearsalUnderWay => ({
  by: 'peer',
  path: 'a',
  tunnel: one,
  openedAt: t0 - 5 * minuteMs,
  until: t0 + hourMs,
  requestedBy: 'ana',
  downAt: null,
  darkSince: null,
  darkMs: 0,
  ...over,
});
const during = (over: Partial<RehearsalUnderWay> = {}, more: Partial<Memory> = {}): Memory =>
  memory({ rehearsal: underWay(over), ...more });

describe('opens', () => {
  it('at a person`s word, and tells both sides what is to be done', () => {
    const { told, notice, decision } = look(byPeer, { desired: word });
    expect(told.rehearsal).toMatchObject({ by: 'peer', tunnel: one, requestedBy: 'ana', until: t0 + hourMs });
    expect(notice?.message).toContain(`partner: take tunnel ${one} down on your side`);
    expect(decision.kind).toBe('hold');
  });

  it('by its schedule, in its window, when the last one was long ago', () => {
    const scheduled = { ...byPeer, window: [open] };
    expect(look(scheduled).kept.rehearsal).toMatchObject({ requestedBy: 'the schedule', until: t0 + 2 * hourMs });
    const last = { by: 'peer', tunnel: one, darkMs: 0, requestedBy: 'ana', outcome: 'passed' } as const;
    const ago = (days: number) => memory({ lastRehearsal: { ...last, openedAt: t0 - days * dayMs } });
    expect(look(scheduled, { memory: ago(89) }).kept.rehearsal).toBeNull();
    expect(look(scheduled, { memory: ago(91) }).kept.rehearsal).not.toBeNull();
    expect(look({ ...byPeer, window: [closed] }).kept.rehearsal).toBeNull();
    expect(look(byPeer).kept.rehearsal).toBeNull();
  });

  it('by AWS only for a person, unless the author says otherwise', () => {
    expect(look(byAws).kept.rehearsal).toBeNull();
    expect(look({ ...byAws, unattended: true }).kept.rehearsal).not.toBeNull();
    expect(look(byAws, { desired: word }).kept.rehearsal).not.toBeNull();
  });

  it.each<readonly [string, Rehearsal, World]>([
    ['nobody has seen which tunnel is in use', byPeer, { first: tunnel() }],
    ['the other tunnel is DOWN', byPeer, { second: downTunnel(minuteMs) }],
    ['the other tunnel is being replaced', byPeer, { second: tunnel({ provisioning: 'pending' }) }],
    ['users are not served', byPeer, { reports: { 'paris/office': down('paris/office') } }],
    [
      'it is paused',
      byPeer,
      { desired: { ...word, paused: { since: 0, until: t0 + 1, reason: 'x', requestedBy: 'y' } } },
    ],
    ['a tunnel has just come up', byAws, { second: tunnel({ since: t0 - 59 * minuteMs }) }],
    ['maintenance of the other one is announced', byAws, { second: tunnel({ maintenanceBy: t0 + dayMs }) }],
    ['AWS would not start IKE', byAws, { first: { ...inUse, initiatedByAws: false } }],
    ['the window is closed', { ...byAws, window: [closed] }, {}],
    ['nothing may be replaced', byAws, { connection: { mode: 'divert' } }],
  ])('not where %s', (_, rehearsal, world) => {
    expect(look(rehearsal, { desired: word, ...world }).kept.rehearsal).toBeNull();
  });

  it('not twice for one word', () => {
    const last = { by: 'peer', tunnel: one, darkMs: 0, requestedBy: 'ana', outcome: 'passed', openedAt: t0 } as const;
    expect(look(byPeer, { desired: word, memory: memory({ lastRehearsal: last }) }).kept.rehearsal).toBeNull();
  });
});

describe('a command for one', () => {
  const request = { connection: 'paris', trigger: 'rehearsal', requestedBy: 'ana' };
  const reviewed = (rehearsal: Rehearsal | undefined, first = inUse) => {
    const site = singleOver({}, rehearsal === undefined ? {} : { rehearsal });
    return turn({ ...vpnTurn(site, 'a', tunnelReport(first, tunnel())), request }).decision;
  };

  it('is recorded where it may be opened', () => {
    expect(reviewed(byPeer)).toMatchObject({
      kind: 'record_request',
      because: 'ana asks for a rehearsal of paris',
      update: { expression: expect.stringContaining('#rehearsal = :word') },
    });
  });

  it('is refused by name where it may not', () => {
    expect(reviewed(undefined)).toMatchObject({
      kind: 'refuse_request',
      because: expect.stringContaining('nothing to rehearse'),
    });
    expect(reviewed(byPeer, tunnel())).toMatchObject({ because: 'nobody has seen which tunnel is in use' });
  });
});

describe('by the partner', () => {
  const gone = downTunnel(3 * minuteMs);

  it('measures how long users were dark, by the service canary', () => {
    const missed = { 'paris/office': down('paris/office', { missedSince: t0 - 40_000, reportedAt: t0 - 500 }) };
    const dark = look(byPeer, { memory: during(), reports: missed });
    expect(dark.kept.rehearsal).toMatchObject({ darkSince: t0 - 40_000, darkMs: 0 });
    const answers = { 'paris/office': report('paris/office', { since: t0 - 5_000, answeredAt: t0 - 1_000 }) };
    const again = look(byPeer, { first: gone, memory: during({ darkSince: t0 - 40_000 }), reports: answers });
    expect(again.kept.rehearsal).toMatchObject({ darkSince: null, darkMs: 35_000, downAt: t0 - 3 * minuteMs });
  });

  it('has passed when the other one is seen to carry what is answered', () => {
    const carries = tunnel({ lastCarried: t0 - minuteMs });
    const { told, notice } = look(byPeer, { first: gone, second: carries, memory: during({ darkMs: 35_000 }) });
    expect(told.rehearsal).toBeNull();
    expect(told.lastRehearsal).toMatchObject({ outcome: 'passed', darkMs: 35_000, tunnel: one });
    expect(told.practisedAt).toEqual({ office: t0 - 5 * minuteMs });
    expect(notice?.message).toContain(`${two} carried answered traffic; users were dark for 35 s`);
  });

  it('waits for the bytes, and not for ever', () => {
    expect(look(byPeer, { first: gone, memory: during() }).kept.rehearsal).not.toBeNull();
    const longGone = downTunnel(13 * minuteMs);
    const opened = during({ openedAt: t0 - 20 * minuteMs });
    expect(look(byPeer, { first: longGone, memory: opened }).kept.lastRehearsal).toMatchObject({ outcome: 'passed' });
  });

  const nothing = (ms: number) => ({
    'paris/path-a': down('paris/path-a', { missedSince: t0 - ms }),
    'paris/office': down('paris/office', { missedSince: t0 - ms, reportedAt: t0 - 500 }),
  });

  it('tells both sides to bring the tunnel up once users were dark for a minute', () => {
    const dark = during({ darkSince: t0 - 61_000 }, { unserved: { office: { dark: t0 - 61_000, hurt: 0, slow: 0 } } });
    const { notice, decision } = look(byPeer, { first: gone, memory: dark, reports: nothing(61_000) });
    expect(notice?.message).toContain(`tunnel ${two} passes nothing back`);
    expect(notice?.message).toContain(`bring tunnel ${one} up`);
    expect(decision.kind).not.toBe('repair');
    const early = during({ darkSince: t0 - 50_000 }, { unserved: { office: { dark: t0 - 50_000, hurt: 0, slow: 0 } } });
    expect(look(byPeer, { first: gone, memory: early, reports: nothing(50_000) }).notice?.message ?? '').not.toContain(
      'bring tunnel',
    );
  });

  it('leaves alone what is DOWN on purpose, however long', () => {
    const dark = during({ openedAt: t0 - 40 * minuteMs, darkSince: t0 - 30 * minuteMs });
    const world = { first: downTunnel(30 * minuteMs), memory: dark, reports: nothing(30 * minuteMs) };
    expect(look(byPeer, world).decision.kind).not.toBe('repair');
  });

  it('has failed when users were dark for a minute or more, whatever comes afterwards', () => {
    const { told, notice } = look(byPeer, { memory: during({ darkMs: 150_000 }) });
    expect(told.lastRehearsal).toMatchObject({ outcome: 'failed', darkMs: 150_000 });
    expect(told.practisedAt).toEqual({});
    expect(notice?.message).toContain(`do not rely on ${two}`);
  });

  it('proves nothing of the other one when that went DOWN too: the partner is what failed', () => {
    const both = tunnel({ since: t0 - minuteMs });
    const { told, notice } = look(byPeer, { second: both, memory: during({ darkMs: 150_000 }) });
    expect(told.lastRehearsal).toMatchObject({ outcome: 'failed', darkMs: 150_000 });
    expect(notice?.message).toContain(`proves nothing of tunnel ${two}`);
    expect(notice?.message).not.toContain('do not rely on');
    const dark = during({ darkSince: t0 - 61_000 }, { unserved: { office: { dark: t0 - 61_000, hurt: 0, slow: 0 } } });
    const now = look(byPeer, { first: gone, second: downTunnel(minuteMs), memory: dark, reports: nothing(61_000) });
    expect(now.notice?.message).toContain(`tunnel ${two} is DOWN as well`);
    expect(now.notice?.message).not.toContain('passes nothing back');
  });

  it('has failed when the tunnel is UP again and users are still dark: the ladder sees to the rest', () => {
    const dark = during(
      { openedAt: t0 - 20 * minuteMs, downAt: t0 - 15 * minuteMs, darkSince: t0 - 15 * minuteMs },
      { unserved: { office: { dark: t0 - 15 * minuteMs, hurt: 0, slow: 0 } } },
    );
    const back = tunnel({ since: t0 - 2 * minuteMs });
    const { told, notice } = look(byPeer, { first: back, memory: dark, reports: nothing(15 * minuteMs) });
    expect(told.rehearsal).toBeNull();
    expect(told.lastRehearsal).toMatchObject({ outcome: 'failed', darkMs: 15 * minuteMs });
    expect(notice?.message).toContain(`AWS goes on sending through ${two}: partner, take ${two} down`);
  });

  it('is over when nobody takes the tunnel down in time', () => {
    const { told } = look(byPeer, { memory: during({ until: t0 - 1 }) });
    expect(told.lastRehearsal).toMatchObject({ outcome: 'expired' });
  });
});

describe('by AWS', () => {
  const aws = { by: 'aws' as const, until: t0 + 25 * minuteMs };

  it('says first that nothing undoes it, and replaces the tunnel in use only then', () => {
    const first = look(byAws, { desired: word });
    expect(first.notice?.message).toContain('this cannot be undone');
    expect(first.decision.kind).not.toBe('repair');
    const second = look(byAws, { memory: first.told });
    expect(second.decision).toMatchObject({
      kind: 'repair',
      rule: 'rehearsal',
      purpose: 'rehearsal',
      tunnel: one,
      parameters: { Tunnel: [one], Other: [two], Maintenance: ['false'] },
    });
  });

  it('does so once', () => {
    const run = rung({ rung: 'replace-tunnel', purpose: 'rehearsal', tunnel: one, startedAt: t0 - minuteMs });
    const begun = during(aws, { rungs: [{ ...run, endedAt: t0 - 1_000, result: 'success' }] });
    expect(look(byAws, { memory: begun }).decision.kind).not.toBe('repair');
  });

  it('is over, with nothing done, when AWS says no', () => {
    const run = rung({ rung: 'replace-tunnel', purpose: 'rehearsal', tunnel: one, startedAt: t0 - minuteMs });
    const no = during(aws, {
      rungs: [{ ...run, endedAt: t0 - 1_000, result: 'declined', said: 'AWS says IncorrectState' }],
    });
    const { told, notice } = look(byAws, { memory: no });
    expect(told.lastRehearsal).toMatchObject({ outcome: 'refused' });
    expect(notice?.message).toContain('nothing was done: AWS says IncorrectState');
  });

  it('does not begin once the other tunnel has gone', () => {
    expect(look(byAws, { second: downTunnel(minuteMs), memory: during(aws) }).decision.kind).not.toBe('repair');
  });
});

it('is read back as it was written, and an older memory has none', () => {
  const text = JSON.stringify({ ...emptyMemory, rehearsal: underWay() });
  expect(memoryFrom(text).rehearsal).toEqual(underWay());
  const { rehearsal: _, lastRehearsal: __, ...older } = emptyMemory;
  expect(memoryFrom(JSON.stringify(older))).toMatchObject({ rehearsal: null, lastRehearsal: null });
});
