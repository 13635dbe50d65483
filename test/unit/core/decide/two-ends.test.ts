/** One choice, two ends: what rules make of the two sets of a pair, and whose gateway is repaired. */
import type { Memory } from '../../../../core/store/memory';
import type { TurnResult } from '../../../../core/turn/answers';
import type { MoveDecision } from '../../../../core/words/decision';
import type { RouteFacts } from '../../../../core/words/evidence';
import { desired, down, drain, memory, move, report, rung, t0 } from '../../../given';
import { bothOn, deadPath, endsDeployment, endsTurn, gatewayFacts, interfaceAt, routesAt } from '../../../given-ends';

const deployment = endsDeployment();
const moved = ({ decision }: TurnResult) =>
  'moves' in decision
    ? (decision as MoveDecision).moves.map(({ routeSet, from, to }) => [routeSet, from.join(), to])
    : decision;
const bothTo = (from: string, to: string) => [
  ['all.frankfurt', from, to],
  ['all.ohio', from, to],
];
const farFirst = (from: string, to: string) => bothTo(from, to).reverse();

/** Both sets have been there since; `at`: when each was last changed. */
const since = (paths: readonly [string, string], at: readonly [number, number]): Pick<Memory, 'usedSince'> => ({
  usedSince: {
    'all.frankfurt': { path: paths[0], at: at[0] },
    'all.ohio': { path: paths[1], at: at[1] },
  },
});

const split = (seconds: number, over: Partial<Memory> = {}) =>
  memory({ ...since(['b', 'a'], [t0 - seconds * 1_000, t0 - 600_000]), ...over });
const onBoth = { routes: bothOn(deployment, 'b', 'a') };

describe('a rescue', () => {
  it('moves both ends at once where both see the path dead', () => {
    const turn = endsTurn({ reports: deadPath('a') });
    expect(turn.decision).toMatchObject({ kind: 'divert', rule: 'rescue', planned: false });
    expect(moved(turn)).toEqual(bothTo('a', 'b'));
  });

  it.each(['frankfurt', 'ohio'] as const)('moves both ends where only %s sees it dead', (end) => {
    expect(moved(endsTurn({ reports: deadPath('a', end) }))).toEqual(bothTo('a', 'b'));
  });

  it('goes nowhere that one end alone calls healthy', () => {
    const turn = endsTurn({ reports: { ...deadPath('a'), ...deadPath('b', 'ohio') } });
    expect(turn.decision.kind).not.toBe('divert');
  });

  it('is said in words where the mode forbids it and the lock table is down', () => {
    const observed = endsDeployment((tree) => {
      tree.connections.mesh.mode = 'observe';
    });
    const { decision } = endsTurn({ reports: deadPath('a') }, { failOpen: true }, observed);
    expect(decision.because).toContain('would divert all at frankfurt from a to b, all at ohio from a to b');
  });

  it('moves the end that answers where the other cannot be read', () => {
    const turn = endsTurn({
      reports: deadPath('a'),
      routes: routesAt(deployment, 'frankfurt', 'a'),
      unreadEnds: ['ohio'],
    });
    expect(moved(turn)).toEqual([['all.frankfurt', 'a', 'b']]);
  });

  const seen = (ms: number) => ({ seenAt: t0 - ms, routes: bothOn(deployment, 'a'), pins: {} });
  const halfSeen = { reports: deadPath('a'), routes: routesAt(deployment, 'frankfurt', 'b'), unreadEnds: ['ohio'] };

  it('brings the end that cannot be read after, by the routes it showed last, and once', () => {
    const turn = endsTurn({ ...halfSeen, lastSeen: seen(60_000) });
    expect(turn.decision).toMatchObject({ rule: 'rescue', lastSeenAt: t0 - 60_000 });
    expect(moved(turn)).toEqual([['all.ohio', 'a', 'b']]);
    expect(endsTurn({ ...halfSeen, lastSeen: seen(600_000) }).decision.kind).not.toBe('divert');
    const sent = memory({ moves: { 'all.ohio': move({ state: 'sent', at: t0 - 5_000, outcome: 'unconfirmed' }) } });
    expect(endsTurn({ ...halfSeen, lastSeen: seen(60_000) }, { memory: sent }).decision.kind).not.toBe('divert');
  });

  it('says at which end EC2 does not show what it should', () => {
    const { notice } = endsTurn({ ...halfSeen, lastSeen: null });
    expect(notice!.message).toContain('EC2 does not show where routes are at ohio: move users by hand');
  });

  it("does not take routes that nobody can see for somebody else's", () => {
    const dark = memory({ unserved: { 'all.ohio': { dark: t0 - 90_000, hurt: t0 - 90_000, slow: t0 - 90_000 } } });
    const users = { ...halfSeen.reports, 'mesh/o-all': down('mesh/o-all', { missedSince: t0 - 90_000 }) };
    const { notice } = endsTurn({ ...halfSeen, lastSeen: null, reports: users }, { memory: dark });
    expect(notice!.message).toContain('users of all at ohio get no answer');
    expect(notice!.message).toContain('EC2 does not show where its routes are');
    expect(notice!.message).not.toContain('on no path of ours;');
  });

  it('does not wait for an end that has just refused, and brings it after', () => {
    const refused = {
      call: 'ReplaceRoute',
      ...{ table: 'rtb-1', destination: '10.10.0.0/16', to: 'b', detail: 'denied', refused: true },
      ...{ since: t0 - 1_000, at: t0 - 1_000, tries: 1 },
    } as const;
    const waiting = memory({ unwritten: { 'all.ohio': refused } });
    expect(moved(endsTurn({ reports: deadPath('a') }, { memory: waiting }))).toEqual([['all.frankfurt', 'a', 'b']]);
    const later = split(10, { unwritten: { 'all.ohio': { ...refused, at: t0 - 70_000 } } });
    const turn = endsTurn({ reports: deadPath('a'), ...onBoth }, { memory: later });
    expect(moved(turn)).toEqual([['all.ohio', 'a', 'b']]);
  });
});

describe('what is planned', () => {
  const away = { routes: bothOn(deployment, 'b') };
  const soaked = memory({ ...since(['b', 'b'], [t0 - 900_000, t0 - 900_000]) });

  it('brings both ends home, the far one first', () => {
    const turn = endsTurn(away, { memory: soaked });
    expect(turn.decision).toMatchObject({ kind: 'failback', planned: true });
    expect(moved(turn)).toEqual(farFirst('b', 'a'));
  });

  it('leaves a drained path at both ends, the far one first', () => {
    const drained = { desired: desired({ drains: { a: drain('hard') } }) };
    expect(moved(endsTurn({}, drained))).toEqual(farFirst('a', 'b'));
  });

  it.each([
    ['cannot be read', { routes: routesAt(deployment, 'frankfurt', 'b'), unreadEnds: ['ohio'] }, soaked],
    [
      "is in somebody else's hands",
      {
        routes: [
          ...routesAt(deployment, 'frankfurt', 'b'),
          ...routesAt(deployment, 'ohio', 'b').map((route) => ({
            ...route,
            target: { kind: 'network-interface', id: 'eni-0fffffffffffffff9' } as const,
          })),
        ],
      },
      soaked,
    ],
    ['got nothing at home before', away, { ...soaked, contradicted: { 'all.ohio': { a: t0 - 60_000 } } }],
  ])('moves nobody where the other end %s', (_why, seen, remembered) => {
    const turn = endsTurn(seen, { memory: remembered });
    expect(['divert', 'failback', 'undo']).not.toContain(turn.decision.kind);
  });

  it('is undone at both ends where one finds that its users get nothing', () => {
    const planned = move({
      to: 'a',
      from: ['b'],
      kind: 'failback',
      planned: true,
      leftWorkingPath: true,
      at: t0 - 30_000,
    });
    const turn = endsTurn(
      { reports: { 'mesh/o-all': down('mesh/o-all') } },
      { memory: memory({ moves: { 'all.ohio': { ...planned, outcome: 'unconfirmed' }, 'all.frankfurt': planned } }) },
    );
    expect(turn.decision.kind).toBe('undo');
    expect(moved(turn)).toEqual([
      ['all.ohio', 'a', 'b'],
      ['all.frankfurt', 'a', 'b'],
    ]);
  });
});

describe('an end that EC2 does not show', () => {
  const half = { routes: routesAt(deployment, 'frankfurt', 'a'), unreadEnds: ['ohio'] };

  it('is told of once what it showed last is too old to count, though all is well', () => {
    const text = 'EC2 does not show the route tables at ohio, and has not within the last 3 min';
    expect(endsTurn({ ...half, lastSeen: null }).notice!.message).toContain(text);
    const seen = { seenAt: t0 - 60_000, routes: bothOn(deployment, 'a'), pins: {} };
    expect(endsTurn({ ...half, lastSeen: seen }).notice).toBeNull();
    const told = memory({
      told: { 'unseen/all.ohio': t0 - 60_000 },
      incident: { id: 'mesh-1', openedAt: t0 - 60_000, because: 'x' },
    });
    expect(endsTurn({ ...half, lastSeen: null }, { memory: told }).notice).toBeNull();
  });
});

describe('ends on two paths', () => {
  it('are left for a moment: they are probably being moved', () => {
    const { decision } = endsTurn(onBoth, { memory: split(5, { healthySince: { a: t0 - 5_000, b: t0 - 600_000 } }) });
    const because = expect.stringContaining('the ends of all at frankfurt are on two paths');
    expect(decision).toMatchObject({ kind: 'hold', until: t0 + 15_000, because });
  });

  it('are finished towards the end that moved last', () => {
    const turn = endsTurn(onBoth, { memory: split(25) });
    expect(turn.decision).toMatchObject({ rule: 'split', kind: 'divert', planned: true });
    expect(moved(turn)).toEqual([['all.ohio', 'a', 'b']]);
    const other = memory(since(['b', 'a'], [t0 - 600_000, t0 - 25_000]));
    expect(moved(endsTurn(onBoth, { memory: other }))).toEqual([['all.frankfurt', 'b', 'a']]);
  });

  it('come back where nothing proves the path that was begun', () => {
    const turn = endsTurn({ ...onBoth, reports: { 'mesh/o-path-b': null } }, { memory: split(25) });
    expect(moved(turn)).toEqual([['all.frankfurt', 'b', 'a']]);
  });

  it('stay where nothing proves either', () => {
    const reports = { 'mesh/o-path-b': null, 'mesh/o-path-a': null };
    expect(endsTurn({ ...onBoth, reports }, { memory: split(25) }).decision.kind).not.toBe('divert');
  });

  const text = ({ notice }: TurnResult) => JSON.stringify(notice);

  it('are told of once that has lasted a minute, and told over', () => {
    const stuck = { ...onBoth, reports: { 'mesh/o-path-b': null, 'mesh/o-path-a': null } };
    expect(text(endsTurn(stuck, { memory: split(55) }))).not.toContain('ohio has not moved');
    const told = endsTurn(stuck, { memory: split(61) });
    expect(text(told)).toContain('routes of all are on b at frankfurt and on a at ohio: ohio has not moved');
    const one = memory({
      ...since(['b', 'b'], [t0 - 400_000, t0 - 300_000]),
      ...{ told: { 'split/all.frankfurt': t0 - 340_000 }, goneSince: { 'split/all.frankfurt': t0 - 299_000 } },
      ...{ incident: { id: 'mesh-1', openedAt: t0 - 400_000, because: 'path a is down' } },
    });
    const over = endsTurn({ routes: bothOn(deployment, 'b'), reports: deadPath('a') }, { memory: one });
    expect(JSON.stringify(over)).toContain('both ends of all are on one path again');
  });

  it('say once in mode observe that they would be brought together, however well users are served', () => {
    const observing = endsDeployment((tree) => {
      tree.connections.mesh.mode = 'observe';
    });
    const well = { healthySince: { a: t0 - 3_600_000, b: t0 - 3_600_000 } };
    const look = (told: Memory['told']) =>
      endsTurn(
        { routes: bothOn(observing, 'b', 'a') },
        { deployment: observing, memory: split(60, { ...well, told }) },
      );
    const first = look({});
    expect(text(first)).toContain('mode observe: would divert all at ohio from a to b');
    const key = 'would/divert/all.ohio/divert all.ohio from a to b';
    expect(first.decision).toMatchObject({ kind: 'escalate', key });
    const home = 'would/failback/all.frankfurt/failback all.frankfurt from b to a';
    const later = look({ [key]: t0 - 2_000, [home]: t0 - 2_000 });
    expect(later.decision.kind).not.toBe('escalate');
    expect(text(later)).not.toContain('would ');
    // Whoever is called the one that lags changes with each proof: what was said of the other end is not over.
    const other = 'would/divert/all.frankfurt/divert all.frankfurt from b to a';
    const turned = look({ [key]: t0 - 2_000, [home]: t0 - 2_000, [other]: t0 - 2_000 });
    expect(Object.keys((JSON.parse(turned.memory) as Memory).told)).toContain(other);
  });

  it('says a set as its author calls it', () => {
    const dark = memory({ unserved: { 'all.ohio': { dark: t0 - 90_000, hurt: t0 - 90_000, slow: t0 - 90_000 } } });
    const turn = endsTurn(
      { reports: { 'mesh/o-all': down('mesh/o-all', { missedSince: t0 - 90_000 }) } },
      { memory: dark },
    );
    expect(text(turn)).toContain('users of all at ohio get no answer');
  });
});

describe('a repair', () => {
  /** On b already, and a is down: nothing is left but to mend it. */
  const onB = { routes: bothOn(deployment, 'b'), reports: deadPath('a') };
  const later = memory({ ...since(['b', 'b'], [t0 - 60_000, t0 - 60_000]), downSince: { a: t0 - 60_000 } });

  it('begins at the near end where neither gateway is to blame', () => {
    const { decision } = endsTurn(onB, { memory: later });
    expect(decision).toMatchObject({ kind: 'repair', gateway: 'f-a', rung: 'restart-tunnel' });
    expect(decision).toMatchObject({ parameters: { Tunnel: ['mesh-a'] } });
  });

  it('goes on at the far end where that did not help, with the names that its own gateway has', () => {
    const ended = { endedAt: t0 - 200_000, startedAt: t0 - 260_000, result: 'success' } as const;
    const of = endsDeployment((t) => {
      t.connections.mesh.paths.a.tunnel = { frankfurt: 'mesh-a', ohio: 'to-frankfurt-a' };
    });
    const tried = { ...later, rungs: [rung({ gateway: 'f-a', ...ended })] };
    const { decision } = endsTurn(onB, { memory: tried }, of);
    expect(decision).toMatchObject({ kind: 'repair', gateway: 'o-a', path: 'a', rung: 'restart-tunnel' });
    expect(decision).toMatchObject({
      parameters: {
        Tunnel: ['to-frankfurt-a'],
        InstanceId: [of.gateways['o-a']!.kind === 'instance' && of.gateways['o-a']!.instanceId],
      },
    });
  });

  it('calls nobody once both were tried: there is no partner', () => {
    const ended = { endedAt: t0 - 200_000, startedAt: t0 - 260_000, result: 'success' } as const;
    const rungs = [rung({ gateway: 'f-a', ...ended }), rung({ gateway: 'o-a', ...ended })];
    const turn = endsTurn(onB, { memory: { ...later, rungs } });
    expect(turn.decision).toMatchObject({ kind: 'escalate', key: 'stuck/a/between' });
  });

  it('acts on the gateway that is to blame and on no other', () => {
    const stopped = {
      ...onB,
      instances: { 'o-a': gatewayFacts(deployment, 'o-a', { state: 'stopped', agent: 'lost' }) },
    };
    const { decision } = endsTurn(stopped, { memory: later });
    expect(decision).toMatchObject({ kind: 'repair', gateway: 'o-a', rung: 'stop-start' });
  });

  it('never replaces a machine at which a canary of the other end aims', () => {
    const dead = { state: 'terminated', agent: 'lost' } as const;
    const stopped = { ...onB, instances: { 'o-a': gatewayFacts(deployment, 'o-a', dead) } };
    expect(endsTurn(stopped, { memory: later }).decision).not.toMatchObject({ rung: 'replace' });
    const of = endsDeployment((t) => {
      t.connections.mesh.canaries['f-path-a'].targets = ['10.20.9.11:443'];
    });
    const behind = { ...onB, instances: { 'o-a': gatewayFacts(of, 'o-a', dead) } };
    expect(endsTurn(behind, { memory: later }, of).decision).toMatchObject({ rung: 'replace', gateway: 'o-a' });
  });

  it('is started by the document of the end that the gateway stands at', () => {
    const of = endsDeployment((t) => {
      t.account = '123456789012';
      t.ends.ohio = { account: '210987654321', externalId: '3f6c' };
      for (const gateway of [t.gateways['o-a'], t.gateways['o-b']]) delete gateway.launchTemplate;
    });
    const stopped = { ...onB, instances: { 'o-a': gatewayFacts(of, 'o-a', { state: 'stopped', agent: 'lost' }) } };
    const { decision } = endsTurn(stopped, { memory: later }, of);
    const document = `${of.runbooks['stop-start']}-ohio`;
    expect(decision).toMatchObject({ kind: 'repair', rung: 'stop-start', gateway: 'o-a', end: 'ohio', document });
    const here = { ...onB, instances: { 'f-a': gatewayFacts(of, 'f-a', { state: 'stopped', agent: 'lost' }) } };
    const own = endsTurn(here, { memory: later }, of).decision;
    expect(own).toMatchObject({ kind: 'repair', gateway: 'f-a', document: of.runbooks['stop-start'] });
    expect(own).not.toHaveProperty('end');
  });
});

describe('a command', () => {
  const asked = (request: object, over: Parameters<typeof endsTurn>[0] = {}, remembered = memory()) =>
    endsTurn(over, { request: { connection: 'mesh', requestedBy: 'ana', ...request }, memory: remembered }).decision;
  const diverted = (routeSet: string) => ({
    trigger: 'divert',
    routeSet,
    to: 'b',
    until: t0 + 3_600_000,
    reason: 'work',
  });

  it('names the choice, and is about both ends', () => {
    const decision = asked(diverted('all'));
    expect(decision).toMatchObject({ kind: 'record_request' });
    expect(JSON.stringify(decision)).toMatch(/all\.frankfurt.*all\.ohio/);
    const word = { since: t0, until: t0 + 3_600_000, to: 'b', reason: 'work', requestedBy: 'ana' };
    const turn = endsTurn({}, { desired: desired({ diverts: { 'all.frankfurt': word, 'all.ohio': word } }) });
    expect(turn.decision).toMatchObject({ kind: 'divert', rule: 'word' });
    expect(moved(turn)).toEqual(farFirst('a', 'b'));
  });

  it('is refused for one end, with what to write instead', () => {
    for (const request of [diverted('all.ohio'), { trigger: 'drill', routeSet: 'all.ohio' }])
      expect(asked(request).because).toContain('is one end of all, and both move together: write all');
    expect(asked(diverted('al')).because).toContain('must be one of all');
  });

  it('gives the word to go home for both', () => {
    const failback = { since: t0 - 1_000, routeSet: 'all', requestedBy: 'ana' };
    const waiting = memory({
      ...since(['b', 'b'], [t0 - 60_000, t0 - 60_000]),
      healthySince: { a: t0 - 5_000, b: t0 },
    });
    const turn = endsTurn({ routes: bothOn(deployment, 'b') }, { memory: waiting, desired: desired({ failback }) });
    expect(moved(turn)).toEqual(farFirst('b', 'a'));
  });
});

it('finishes where all is home, healthy and served at both ends', () => {
  expect(endsTurn().decision).toMatchObject({ kind: 'finish' });
  const slow = report('mesh/o-all', { verdict: 'down', missedInARow: 9, answeredInARow: 0 });
  expect(endsTurn({ reports: { 'mesh/o-all': slow } }).decision.kind).not.toBe('finish');
  expect(interfaceAt(deployment, 'ohio', 'a')).not.toBe(interfaceAt(deployment, 'frankfurt', 'a'));
});

describe('users whose path answers its own canary', () => {
  const darkFor = (ms: number) => ({ missedSince: t0 - ms, answeredAt: t0 - ms - 500 });
  const reports = { 'mesh/f-all': down('mesh/f-all', darkFor(90_000)) };
  const toldWith = (routes: readonly RouteFacts[]) => endsTurn({ reports, routes }).notice?.message ?? '';

  it('are not blamed on a partner, whom nobody has', () => {
    const message = toldWith(bothOn(deployment, 'a'));
    expect(message).toContain('look at the route tables and security groups behind the gateways of both ends');
    expect(message).not.toContain('partner');
  });

  it('are told where answers leave the other end', () => {
    expect(toldWith(bothOn(deployment, 'a', 'b'))).toContain(
      'answers leave ohio by path b: its routes have not followed',
    );
    expect(toldWith(routesAt(deployment, 'frankfurt', 'a'))).toContain('by which path answers leave ohio');
  });
});
