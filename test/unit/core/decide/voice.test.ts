/** What no rule silences: users who are not served, writes that fail, tables that are gone. */
import type { Memory, Move } from '../../../../core/store/memory';
import type { TurnResult } from '../../../../core/turn/answers';
import type { takeTurn } from '../../../../core/turn/turn';
import {
  aIsDown,
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
  report,
  routes,
  t0,
  turn,
} from '../../../given';

const since = (ms: number) => ({ missedSince: t0 - ms, answeredAt: t0 - ms - 500 });
const darkAtHome = (ms: number) => evidence({ reports: { 'paris/office': down('paris/office', since(ms)) } });
const keysOf = ({ memoryTold }: TurnResult): string[] => Object.keys((JSON.parse(memoryTold) as Memory).told);
const told = (...keys: string[]) => Object.fromEntries(keys.map((key) => [key, t0 - 1_000]));
const paused = { since: t0, until: t0 + 3_600_000, reason: 'change freeze', requestedBy: 'ana' };

describe('users who get no answer', () => {
  it('are told about after a minute, with the path, what its own canary says and what to look at', () => {
    expect(turn({ evidence: darkAtHome(59_000) }).notice).toBeNull();
    const { notice } = turn({ evidence: darkAtHome(60_000) });
    expect(notice?.message).toMatch(/users of office get no answer, for 60 s: its routes are on path a \(home\)/);
    expect(notice?.message).toMatch(/path a answers its own canary .*return route and firewall/);
    expect(notice?.message).toContain('A human is needed.');
  });

  it.each([
    ['paused', { desired: desired({ paused }) }, 'paused by ana'],
    ['observed only', { deployment: deployment(connection({ mode: 'observe' })) }, 'in mode observe nothing is moved'],
    ['coupled', { deployment: deployment(connection({ coupled: true })) }, 'path b is healthy'],
    ['drained', { desired: desired({ drains: { b: drain() } }) }, 'path b is drained'],
    ['in other hands', {}, 'somebody else holds its routes'],
  ])('are told about while the connection is %s', (what, over, text) => {
    const look = darkAtHome(61_000);
    const there = what === 'in other hands' ? { ...look, routes: routes('eni-else') } : look;
    expect(turn({ evidence: there, ...over }).notice?.message).toContain(text);
  });

  it('are told about with what the mode forbids when their minute is nearly over: not twice within a second', () => {
    const observed = deployment(connection({ mode: 'observe' }));
    const dead = (ms: number) => evidence({ reports: { ...aIsDown, 'paris/office': down('paris/office', since(ms)) } });
    expect(keysOf(turn({ deployment: observed, evidence: dead(49_000) }))).not.toContain('dark/office');
    const late = turn({ deployment: observed, evidence: dead(51_000) });
    expect(keysOf(late)).toContain('dark/office');
    expect(late.notice?.message).toMatch(/users of office get no answer, for 51 s/);
    expect(turn({ evidence: darkAtHome(51_000) }).notice).toBeNull();
  });

  it('are not said to be served while some of their routes are on a path that is down', () => {
    const [moved, left] = [routes('eni-gw-b')[0]!, routes('eni-gw-a')[1]!];
    const half = evidence({ routes: [moved, left], reports: { 'paris/path-a': down('paris/path-a', since(60_000)) } });
    const known = memory({ incident, told: told('refused/office') });
    const { notice } = turn({ evidence: half, memory: { ...known, toTell: [{ key: 'done', text: 'something' }] } });
    expect(notice?.message).toMatch(/^Users get answers in part/);
  });

  it('are not said to wait for one look that EC2 did not answer while they are served', () => {
    const aDown = down('paris/path-a', since(60_000));
    const unread = (office = report('paris/office')) =>
      turn({ evidence: { ...evidence({ reports: { 'paris/path-a': aDown, 'paris/office': office } }), routes: [] } });
    expect(unread().notice?.message ?? '').not.toContain('EC2 does not show where routes are');
    const dark = unread(down('paris/office', since(20_000)));
    expect(dark.notice?.message).toContain('EC2 does not show where routes are');
  });

  it('are not blamed on the partner while a route of theirs leads elsewhere', () => {
    const [one, other] = routes('eni-gw-a');
    const half = { ...darkAtHome(61_000), routes: [one!, { ...other!, target: routes('eni-else')[0]!.target }] };
    const { notice } = turn({ evidence: half });
    expect(notice?.message).toContain('look at the routes that lead elsewhere, not at the tunnel or the partner');
    expect(notice?.message).toContain('172.16.0.0/16 in rtb-2 points at eni-else');
    const target = { kind: 'network-interface', id: 'eni-else' } as const;
    const shadow = {
      routeSet: 'office',
      table: 'rtb-2',
      destination: '172.16.7.0/24',
      within: '172.16.0.0/16',
      target,
    };
    const shadowed = turn({ evidence: { ...darkAtHome(61_000), shadows: [shadow] } }).notice?.message;
    expect(shadowed).toContain('look first at 172.16.7.0/24 in rtb-2, which leads to eni-else, then at the partner');
  });

  it('are told about as early as metrics can show it only where nobody remembers an earlier look', () => {
    const metrics = { ...darkAtHome(20_000), reportsFrom: 'metrics' } as const;
    expect(turn({ evidence: metrics }).notice).toBeNull();
    expect(turn({ evidence: metrics, failOpen: true }).notice?.message).toContain(
      'users of office get no answer, for 20 s',
    );
  });

  it('are waited for by a run that may do nothing else', () => {
    const { decision } = turn({ evidence: darkAtHome(10_000), desired: desired({ paused }) });
    expect(decision).toMatchObject({ kind: 'hold', rule: 'stand-still', until: t0 + 50_000 });
  });

  it('are told about when no canary stands for them and every path they are on is down', () => {
    const alone = deployment(connection({ canaries: connection().canaries.slice(0, 2) }));
    const reports = { 'paris/path-a': down('paris/path-a', since(70_000)), 'paris/path-b': down('paris/path-b') };
    expect(keysOf(turn({ deployment: alone, evidence: evidence({ reports }) }))).toContain('dark/office');
  });

  it('keep the connection from being called finished', () => {
    const look = evidence({ reports: { 'paris/office': down('paris/office') } });
    expect(turn({ evidence: look }).decision.kind).not.toBe('finish');
    const silent = evidence({ reports: { 'paris/office': null } });
    expect(turn({ evidence: silent, memory: memory({ incident }) }).decision.kind).toBe('park');
  });

  it('get a moment after a rescue, and are told about all the same when it does not help', () => {
    const usedSince = { office: { path: 'b', at: t0 - 5_000 } };
    const look = (ms: number) => ({ ...darkAtHome(ms), ...onB });
    expect(turn({ evidence: look(61_000), memory: memory({ incident, usedSince }) }).notice).toBeNull();
    expect(keysOf(turn({ evidence: look(75_000), memory: memory({ incident, usedSince }) }))).toContain('dark/office');
  });
});

it('tells of users who hardly get through after seventy-five seconds, and of slow answers after three minutes', () => {
  const lossy = evidence({
    reports: { 'paris/office': report('paris/office', { verdict: 'degraded', lossRatio: 0.4 }) },
  });
  const hurt = (ms: number) => memory({ unserved: { office: { dark: null, hurt: t0 - ms, slow: t0 - ms } } });
  expect(turn({ evidence: lossy, memory: hurt(74_000) }).notice).toBeNull();
  expect(keysOf(turn({ evidence: lossy, memory: hurt(75_000) }))).toContain('severe/office');
  const slow = evidence({ reports: { 'paris/office': report('paris/office', { verdict: 'degraded', rttMs: 250 }) } });
  const waiting = (ms: number) => memory({ unserved: { office: { dark: null, hurt: null, slow: t0 - ms } } });
  expect(turn({ evidence: slow, memory: waiting(179_000) }).notice).toBeNull();
  expect(turn({ evidence: slow, memory: waiting(180_000) }).notice?.message).toContain('set degradedRtt: 330ms');
});

it('hears of users who hardly get through as of one spell, though each minute begins with a run that has counted little', () => {
  const unserved = { office: { dark: null, hurt: t0 - 60_000, slow: t0 - 60_000 } };
  const after = (over: object, before: Memory['unserved'] = unserved) => {
    const reports = { 'paris/office': report('paris/office', over) };
    const seen = turn({ evidence: evidence({ reports }), memory: memory({ incident, unserved: before }) });
    return (JSON.parse(seen.memory) as Memory).unserved;
  };
  expect(after({ verdict: 'healthy', lossRatio: 0.05, round: 5 })).toEqual(unserved);
  expect(after({ verdict: 'healthy', lossRatio: 0.05, round: 40 })).toEqual({});
  expect(after({ verdict: 'degraded', lossRatio: 0.16, round: 40 })).toEqual(unserved);
  const dark = { office: { dark: t0 - 60_000, hurt: t0 - 60_000, slow: t0 - 60_000 } };
  expect(after({ verdict: 'healthy', lossRatio: 0.05, round: 5 }, dark)).toEqual({});
});

describe('rule 5b, a trial for users who are dark on a working path', () => {
  const heard = (over: Partial<Memory> = {}) =>
    memory({ incident, told: told('dark/office'), servedOn: { office: 'a' }, ...over });
  const trial = (over: Partial<Parameters<typeof takeTurn>[0]> = {}) =>
    turn({ evidence: darkAtHome(61_000), memory: heard(), ...over }).decision;

  it('moves them once people were told', () => {
    expect(trial()).toMatchObject({ kind: 'divert', rule: 'dark-users', trial: true, moves: [{ to: 'b' }] });
    expect(trial({ memory: heard({ told: {} }) }).kind).not.toBe('divert');
  });

  it('waits a second, not for the sweep, where a proof is a moment too old; for two minutes at most', () => {
    const late = (path: string, darkMs: number) => {
      const look = darkAtHome(darkMs);
      const reports = { ...look.reports, [path]: report(path, { reportedAt: t0 - 4_000 }) };
      return turn({ evidence: { ...look, reports }, memory: heard() }).decision;
    };
    for (const path of ['paris/path-a', 'paris/path-b'])
      expect(late(path, 61_000)).toMatchObject({ kind: 'hold', until: t0 + 1_000 });
    expect(late('paris/path-b', 181_000).kind).toBe('park');
  });

  it('moves them half a minute later where nobody can be told', () => {
    const untold = heard({ told: {} });
    expect(trial({ memory: untold, evidence: darkAtHome(89_000) }).kind).not.toBe('divert');
    expect(trial({ memory: untold, evidence: darkAtHome(91_000) })).toMatchObject({ kind: 'divert', trial: true });
  });

  it.each<[string, Partial<Parameters<typeof takeTurn>[0]>]>([
    ['the connection is coupled', { deployment: deployment(connection({ coupled: true })) }],
    ['it is paused', { desired: desired({ paused }) }],
    ['the other path is drained', { desired: desired({ drains: { b: drain() } }) }],
    ['it was tried a day ago but for an hour', { memory: heard({ triedAt: { office: t0 - 23 * 3_600_000 } }) }],
    [
      'they were never answered on this path',
      {
        memory: heard({ servedOn: { office: 'b' } }),
        evidence: evidence({ reports: { 'paris/office': down('paris/office', { ...since(61_000), answeredAt: 0 }) } }),
      },
    ],
    ['they got no answer on the other one before', { memory: heard({ contradicted: { office: { b: t0 - 5_000 } } }) }],
    ['they are dark for less than a minute', { evidence: darkAtHome(50_000) }],
  ])('is not made while %s', (_, over) => {
    expect(trial(over).kind).not.toBe('divert');
  });

  it('is only announced in mode observe', () => {
    const watching = deployment(connection({ mode: 'observe' }));
    expect(trial({ deployment: watching })).toMatchObject({ kind: 'escalate', rule: 'dark-users' });
  });

  const moved = (over: Partial<Move> = {}) => ({
    office: move({ at: t0 - 25_000, trial: true, outcome: 'unconfirmed', ...over }),
  });

  it('is taken back when they get no answer there either, though the incident has seen an undo', () => {
    const look = { ...darkAtHome(90_000), ...onB };
    const back = turn({
      evidence: look,
      memory: heard({
        moves: moved(),
        undone: true,
        triedAt: { office: t0 - 25_000 },
      }),
    });
    expect(back.decision).toMatchObject({ kind: 'undo', rule: 'undo', moves: [{ to: 'a' }] });
  });

  it('that helps speaks against the path it left, until somebody acknowledges, whatever incidents end meanwhile', () => {
    const look = evidence(onB);
    const helped = turn({ evidence: look, memory: heard({ moves: moved({ at: t0 - 60_000 }) }) });
    const kept = JSON.parse(helped.memory) as Memory;
    expect(kept.contradicted).toEqual({ office: { a: t0 } });
    const later = (acknowledgedAt: number) =>
      turn({ evidence: look, memory: { ...kept, moves: {} }, desired: desired({ acknowledgedAt }), now: t0 + 1 });
    expect(later(0).decision.kind).not.toBe('failback');
    expect(later(t0 + 1).decision.kind).toBe('failback');
  });
});

describe('a write that is refused', () => {
  const left = (over: object = {}) =>
    ({
      office: {
        call: 'ReplaceRoute',
        table: 'rtb-1',
        destination: '172.16.0.0/16',
        to: 'b',
        detail: 'You are not authorized',
        refused: true,
        since: t0 - 3_000,
        at: t0 - 3_000,
        tries: 1,
        ...over,
      },
    }) as const;
  const look = evidence({ reports: aIsDown });

  it('is told at once, with call and table, and tried again slowly', () => {
    const first = turn({ evidence: look, memory: memory({ incident, unwritten: left() }) });
    expect(first.decision.kind).not.toBe('divert');
    expect(first.notice?.message).toMatch(/ReplaceRoute of 172.16.0.0\/16 in rtb-1 is refused.*not authorized/);
    expect(first.notice?.message).not.toContain('Nothing is asked of you');
    const again = (ms: number, tries: number) =>
      turn({ evidence: look, memory: memory({ incident, unwritten: left({ at: t0 - ms, tries }) }) }).decision.kind;
    expect([again(5_000, 1), again(59_000, 9), again(60_000, 9)]).toEqual([
      'divert',
      expect.not.stringMatching('divert'),
      'divert',
    ]);
  });

  it('without an answer is told when it has lasted, and tried on', () => {
    const silent = (ms: number) =>
      memory({ incident, unwritten: left({ refused: false, since: t0 - ms, at: t0 - 500 }) });
    expect(keysOf(turn({ evidence: look, memory: silent(19_000) }))).not.toContain('refused/office');
    expect(keysOf(turn({ evidence: look, memory: silent(20_000) }))).toContain('refused/office');
  });

  it('is told of where our own function fails before it can ask EC2, and tried on', () => {
    const unanswered = {
      because:
        'AccessDenied: {"errorType":"AccessDenied","errorMessage":"UpdateItem on \\"paris\\" is denied","trace":["AccessDen',
      moves: [{ routeSet: 'office', to: 'b' }],
    };
    const { notice, decision, memory: text } = turn({ evidence: look, memory: memory({ incident }), unanswered });
    const { call, tries, refused } = (JSON.parse(text) as Memory).unwritten['office']!;
    expect([call, tries, refused]).toEqual(['apply', 1, true]);
    expect(notice?.message).toContain('the function that writes routes has failed, so routes of office stay on a');
    expect(notice?.message).toContain('instead of b: UpdateItem on "paris" is denied; mend what it names');
    expect(decision.kind).not.toBe('divert');
    const later = turn({ evidence: look, memory: { ...(JSON.parse(text) as Memory) }, now: t0 });
    expect(later.decision.kind).not.toBe('divert');
  });
});

it('tells of a listed table that EC2 does not list, and calls nothing finished over it', () => {
  const look = evidence({ missingTables: ['rtb-2'], routes: routes('eni-gw-a').slice(0, 1) });
  expect(turn({ evidence: look }).notice?.message).toContain('no route table rtb-2');
  const onlyTable = turn({ evidence: evidence({ missingTables: ['rtb-1', 'rtb-2'], routes: [] }) });
  expect(onlyTable.notice?.message).toContain('no route table rtb-1');
  expect(onlyTable.decision.kind).not.toBe('finish');
});

it('tells of a longer prefix only while it leads elsewhere than the route around it', () => {
  const shadow = (id: string, within = '172.16.0.0/16') => ({
    routeSet: 'office',
    table: 'rtb-1',
    destination: '172.16.9.0/24',
    within,
    target: { kind: 'network-interface', id } as const,
  });
  expect(turn({ evidence: evidence({ shadows: [shadow('eni-gw-a')] }) }).notice).toBeNull();
  expect(turn({ evidence: evidence({ shadows: [shadow('eni-gw-b')] }) }).notice?.message).toContain('leads to path b');
});

it('says of a prefix list what takes a block out of it, and how that is mended', () => {
  const list = 'pl-0123456789abcdef0';
  const routes = [
    { routeSet: 'office', table: 'rtb-1', destination: list, state: 'active', origin: 'static' } as const,
  ].map((route) => ({ ...route, target: { kind: 'network-interface', id: 'eni-gw-a' } as const }));
  const told = (of?: string) => {
    const target = { kind: 'network-interface', id: 'eni-gw-b' } as const;
    const shadow = { routeSet: 'office', table: 'rtb-1', destination: '172.16.9.0/24', within: list, target };
    return turn({ evidence: evidence({ routes, shadows: [{ ...shadow, ...(of && { of }) }] }) }).notice?.message;
  };
  expect(told()).toMatch(/is a route of its own, lies inside pl-0.*delete it, or take it out of the prefix list/);
  expect(told('pl-x')).toMatch(/172.16.9.0\/24 of pl-x in rtb-1, lies inside pl-0.*take it out of one of the two/);
});

it('names eight longer prefixes, and counts the rest', () => {
  const shadows = Array.from({ length: 300 }, (_, i) => ({
    routeSet: 'office',
    table: 'rtb-1',
    destination: `172.16.${Math.floor(i / 16)}.${(i % 16) * 16}/28`,
    within: '172.16.0.0/16',
    target: { kind: 'network-interface', id: 'eni-gw-b' } as const,
  }));
  const { notice, memoryTold } = turn({ evidence: evidence({ shadows }) });
  expect(notice?.message.match(/is not listed/g)).toHaveLength(7);
  expect(notice?.message).toContain('and 293 routes more');
  expect(Object.keys(JSON.parse(memoryTold).told)).toHaveLength(8);
});

it('tells of users whom a used-up budget holds on a bad path, and how to lift it', () => {
  const reports = { 'paris/path-a': report('paris/path-a', { verdict: 'degraded', lossRatio: 0.4 }) };
  const spent = Array.from({ length: 4 }, (_, i) => t0 - i * 1_000);
  const used = memory({
    incident,
    severeSince: { a: t0 - 100_000 },
    budgets: { ...memory().budgets, severeMoves: spent },
  });
  expect(turn({ evidence: evidence({ reports }), memory: used }).notice?.message).toContain('acknowledge to lift it');
});

it('tells which number to set when a standby is only slow', () => {
  const reports = { 'paris/path-b': report('paris/path-b', { verdict: 'degraded', rttMs: 230 }) };
  const slow = memory({ slowSince: { b: t0 - 200_000 } });
  expect(turn({ evidence: evidence({ reports }), memory: slow }).notice?.message).toMatch(
    /path b answers in 230 ms.*degradedRtt: 300ms/,
  );
});

describe('a hand that puts routes back', () => {
  const seen = (times: number) =>
    turn({
      evidence: evidence({ reports: aIsDown }),
      memory: memory({
        incident,
        moves: { office: move() },
        usedSince: { office: { path: 'b', at: t0 - 60_000 } },
        putBack: times === 0 ? {} : { office: { from: 'b', to: 'a', times, at: t0 - 120_000 } },
      }),
    });

  it('is told the second time, and rescued from each time', () => {
    expect(seen(0).decision.kind).toBe('divert');
    expect(keysOf(seen(0))).not.toContain('putback/office');
    expect(seen(1).decision.kind).toBe('divert');
    expect(keysOf(seen(1))).toContain('putback/office');
  });

  it('does not make the path a flapping one', () => {
    expect((JSON.parse(seen(1).memory) as Memory).putBack['office']).toMatchObject({ times: 2, at: t0 });
  });
});

describe('a drain that ends while the machine is still being worked on', () => {
  const until = (ms: number) => desired({ drains: { a: { ...drain(), until: t0 + ms } } });
  const look = evidence({ ...onB, reports: { 'paris/path-a': down('paris/path-a') } });
  const keys = (ms: number, over: object = {}) => keysOf(turn({ evidence: look, desired: until(ms), ...over }));

  it('is told ten minutes before, and when it ends', () => {
    expect(keys(601_000)).toEqual([]);
    expect(keys(600_000)).toEqual([`ending/drain/a/${t0 + 600_000}`]);
    expect(keys(-1_000)).toEqual([`ended/drain/a/${t0 - 1_000}`]);
    expect(keys(60_000, { evidence: evidence(onB) })).toEqual([]);
  });

  it('leaves whoever works ten more minutes before anything is repaired', () => {
    const decided = (ms: number) =>
      turn({ evidence: look, desired: until(ms), memory: memory({ incident }) }).decision.kind;
    expect(decided(-599_000)).not.toBe('repair');
    expect(decided(-601_000)).toBe('repair');
  });
});
