/** A Route Server leads users: no route is written, speakers are all that is told, and what moved is told in seconds. */
import type { Memory } from '../../../../core/store/memory';
import { memoryFrom } from '../../../../core/store/stored';
import type { Turn } from '../../../../core/turn/turn';
import type { RouteFacts } from '../../../../core/words/evidence';
import { minuteMs } from '../../../../core/words/time';
import { aIsDown, desired, down, drain, incident, instance, memory, report, routes, rung, t0 } from '../../../given';
import { bgpTurn, inside, ledConnection, order, speakerReport, speakers } from '../../../given-bgp';

const led = (to: 'a' | 'b'): readonly RouteFacts[] =>
  routes(`eni-gw-${to}`).map((route) => ({ ...route, origin: 'propagated', under: route.target }));
const onA = { routes: led('a') };
const onB = { routes: led('b') };
const look = (over: Parameters<typeof bgpTurn>[0] = {}, more: Partial<Turn> = {}, of = ledConnection()) =>
  bgpTurn({ ...onA, ...over }, more, of);
const kept = (result: { memory: string }): Memory => memoryFrom(result.memory);
const known = (over: Partial<Memory> = {}): Memory =>
  memory({ usedSince: { office: { path: 'a', at: 0 } }, healthySince: { a: 0, b: 0 }, ...over });
const drainA = { kind: 'repair', rung: 'drain', purpose: 'order', path: 'a', gateway: 'gw-a' };
const undrainA = { ...drainA, rung: 'undrain' };
const oneWayA = { reports: { 'paris/path-a': down('paris/path-a', { gatewayProbe: 'up' as const }) } };
const hungA = { reports: { 'paris/path-a': down('paris/path-a', { gatewayProbe: 'down' as const }) } };
const drained = { advertises: 'drained', receivedPerSecond: 3 } as const;

describe('a path that BGP believes in is down', () => {
  it('is drained at once, to the partner and the Route Server in one order, and no route is written', () => {
    const { decision } = look(oneWayA, { memory: known() });
    expect(decision).toMatchObject({
      ...drainA,
      rule: 'order',
      parameters: { Neighbor: ['169.254.3.1'], Inside: [inside.join(',')], Method: ['prepend'] },
    });
    expect(decision.because).toContain('and those with rs-1');
  });

  it('is drained though nobody has read its own speaker', () => {
    expect(look({ ...oneWayA, speakers: { ...speakers(), 'gw-a': null } }, { memory: known() }).decision).toMatchObject(
      drainA,
    );
  });

  it.each([
    ['the other was not read lately', { speakers: { 'gw-a': speakerReport('a'), 'gw-b': null } }],
    ['the other is drained', { speakers: speakers({}, drained) }],
    ['the other does not work', { reports: { ...oneWayA.reports, 'paris/path-b': down('paris/path-b') } }],
    [
      'no endpoint hears the other',
      {
        speakers: {
          ...speakers(),
          'gw-b': {
            ...speakerReport('b'),
            neighbors: {
              ...speakerReport('b').neighbors,
              ...Object.fromEntries(
                inside.map((one) => [one, { session: 'down', advertises: 'silent', receivedPerSecond: null }]),
              ),
            },
          } as ReturnType<typeof speakerReport>,
        },
      },
    ],
  ])('is never drained as the last that is advertised: %s', (_, over) => {
    expect(look({ ...oneWayA, ...over }, { memory: known() }).decision).not.toMatchObject({ rung: 'drain' });
  });

  it('is not moved off by a route, whatever else holds', () => {
    const failOpen = look(oneWayA, { memory: known(), failOpen: true });
    const drainedByWord = look({}, { memory: known(), desired: desired({ drains: { a: drain() } }) });
    for (const { decision } of [failOpen, drainedByWord, look(hungA, { memory: known() })])
      expect(['divert', 'failback', 'undo']).not.toContain(decision.kind);
    expect(drainedByWord.decision).toMatchObject(drainA);
  });

  it('only says so in mode observe', () => {
    const { decision } = look(oneWayA, { memory: known() }, ledConnection({ mode: 'observe' }));
    expect(decision).toMatchObject({ kind: 'escalate' });
    expect(decision.because).toContain('would drain gw-a');
  });
});

describe('the network has moved by itself', () => {
  const left = known({ usedSince: { office: { path: 'b', at: t0 - 3_000 } }, incident });

  it('is told once, with the seconds it took, and counts as a flap', () => {
    const failed = { reports: { 'paris/path-a': down('paris/path-a', { missedSince: t0 - 2_500 }) } };
    const first = look({ ...onB, ...failed }, { memory: known() });
    expect(first.notice?.message).toContain('BGP moved office from path a to b by itself, 2.5 s after a fell silent');
    expect(kept(first).budgets.moves).toEqual([t0]);
    const again = look({ ...onB, ...failed }, { memory: memoryFrom(first.memoryTold) });
    expect(again.notice?.message ?? '').not.toContain('by itself');
  });

  it('is told of at the first look ever, where home is down; otherwise users were there always', () => {
    const never = known({ usedSince: {} });
    expect(look({ ...onB, ...oneWayA }, { memory: never }).notice?.message).toContain('from path a to b by itself');
    expect(look(onB, { memory: never }).notice?.message ?? '').not.toContain('by itself');
  });

  it('orders nothing by a reading from before: BGP may have left it in both directions', () => {
    expect(look({ ...onB, ...oneWayA }, { memory: left }).decision).not.toMatchObject({ rung: 'drain' });
  });

  it('drains what a later reading still shows to be believed in', () => {
    const later = { ...speakers(), 'gw-a': speakerReport('a', {}, { reportedAt: t0 - 1_000 }) };
    expect(look({ ...onB, ...oneWayA, speakers: later }, { memory: left }).decision).toMatchObject(drainA);
  });

  it('reads its routes each second until it has', () => {
    const hung = { 'paris/path-a': down('paris/path-a', { gatewayProbe: 'down', missedSince: t0 - 2_500 }) };
    const { decision } = look({ reports: hung }, { memory: known() });
    expect(decision).toMatchObject({ kind: 'hold', until: t0 + 1_000 });
    expect(decision.because).toContain('the network is to move office off path a');
  });

  it('is told of where it has not, in its time, and why its speaker was not told', () => {
    const hung = { 'paris/path-a': down('paris/path-a', { gatewayProbe: 'down', missedSince: t0 - 6_000 }) };
    const { notice } = look({ reports: hung }, { memory: known({ incident }) });
    expect(notice?.message).toContain('rs-1 still leads office over path a after 5 s, which is down since');
    expect(notice?.message).toContain('no command reaches gw-a');
    expect(look({ reports: hung, ...onB }, { memory: known({ incident }) }).notice?.message).not.toContain(
      'still leads',
    );
  });
});

describe('an order was given', () => {
  const obeyed = known({ incident, orders: { a: order() } });

  it('is told with the seconds it took, and not as a move by itself', () => {
    const { notice } = look({ ...onB, ...oneWayA, speakers: speakers(drained) }, { memory: obeyed });
    expect(notice?.message).toContain('office is on path b, 40 s after path a was told to drain');
  });

  it('says that the Route Server does not follow, and that the work must wait', () => {
    const planned = { memory: obeyed, desired: desired({ drains: { a: drain('soft') } }) };
    const stays = look({ speakers: speakers(drained) }, planned);
    expect(stays.notice?.message).toContain('which gw-a has drained at');
    expect(stays.notice?.message).toContain('rs-1 does not follow');
    expect(stays.notice?.message).toContain('do not begin to work on it');
    expect(kept(stays).orders['a']).toMatchObject({ emptyAt: null, unmovedAt: t0 });
    const goes = look({ ...onB, speakers: speakers(drained) }, planned);
    expect(goes.notice?.message).toContain('path a is drained and empty since');
  });
});

describe('an order has ended, and nothing comes in any more', () => {
  const running = rung({ rung: 'drain', purpose: 'order', startedAt: t0 - 4_000, deadlineAt: t0 + 56_000 });
  const begun = order({ startedAt: t0 - 4_000, endedAt: null, isDone: false });
  const told = { session: 'up', advertises: 'drained', prefixes: 1, receivedPerSecond: null };
  const printed = (of: readonly string[]): string => {
    const endpoints = of.map((address) => [address, told]);
    const partner = { ...told, receivedPerSecond: 3, quietAfterMs: 900 };
    const neighbors = Object.fromEntries([['169.254.3.1', partner], ...endpoints]);
    return JSON.stringify({ switchback: 'speaker', schema: 1, neighbors });
  };
  const ended = (over: Parameters<typeof look>[0], Output = printed(inside)) =>
    kept(
      look(
        {
          ...over,
          automation: { id: 'x', status: 'success', endedAt: t0 - 500, outputs: { Output }, failure: '' },
        },
        {
          memory: known({ incident, rungs: [running], orders: { a: begun } }),
          desired: desired({ drains: { a: drain('soft') } }),
          automation: { clientToken: running.clientToken, id: 'x' },
        },
      ),
    ).orders['a'];

  it('is empty where no route leads there, and only there', () => {
    expect(ended(onB)).toMatchObject({ isDone: true, emptyAt: t0 - 500 });
    expect(ended(onA)).toMatchObject({ isDone: true, emptyAt: null });
  });

  it('is not done where an endpoint was not told', () => {
    expect(ended(onB, printed([inside[0]]))).toMatchObject({ isDone: false, failures: 1 });
  });
});

describe('the way home', () => {
  const away = { ...onB, speakers: speakers(drained) };
  const soaked = (over: Partial<Memory> = {}): Memory =>
    known({
      ...{ incident, usedSince: { office: { path: 'b', at: 0 } }, orders: { a: order({ emptyAt: t0 - 30_000 }) } },
      ...{ healthySince: { a: t0 - 10 * minuteMs, b: 0 }, ...over },
    });

  it('is an order to advertise, once home has soaked', () => {
    expect(look(away, { memory: soaked() }).decision).toMatchObject(undrainA);
    const young = look(away, { memory: soaked({ healthySince: { a: t0 - minuteMs, b: 0 } }) });
    expect(young.decision).toMatchObject({ kind: 'hold', because: 'path a soaks before it is advertised again' });
  });

  it('waits for the word of a person where that is asked for', () => {
    const manual = ledConnection();
    const of = { ...manual, policy: { ...manual.policy, failback: 'manual' as const } };
    const first = look(away, { memory: soaked() }, of);
    expect(first.decision).toMatchObject({ kind: 'escalate', key: 'away/office/manual' });
    const word = { failback: { since: t0 - 1_000, routeSet: null, requestedBy: 'ana' } };
    expect(look(away, { memory: soaked(), desired: desired(word) }, of).decision).toMatchObject(undrainA);
  });

  it('waits for no soak where users are on a path that is down', () => {
    const dark = { ...away, reports: { 'paris/path-b': down('paris/path-b', { gatewayProbe: 'up' as const }) } };
    const { decision } = look(dark, { memory: soaked({ healthySince: { a: t0 - 1_000 } }) });
    expect(decision).toMatchObject(undrainA);
    expect(decision.because).toContain('path a is needed');
  });

  it('counts as a failback, and is told', () => {
    const back = soaked({ orders: { a: order({ to: 'normal', startedAt: t0 - 9_000, endedAt: t0 - 5_000 }) } });
    const home = look(onA, { memory: back });
    expect(home.notice?.message).toContain('office is on path a, 9 s after it was told to advertise again');
    expect(kept(home).budgets.failbacks).toEqual([t0]);
  });

  it('stays awake for it, and says where the network keeps users away all the same', () => {
    const opened = (endedAt: number) => soaked({ orders: { a: order({ to: 'normal', endedAt }) } });
    const early = look(onB, { memory: opened(t0 - 1_000) });
    expect(early.decision).toMatchObject({ kind: 'hold', until: t0 + 1_000 });
    const late = look(onB, { memory: opened(t0 - 30_000) });
    expect(late.notice?.message).toContain('rs-1 keeps office on path b though its home a is well');
  });
});

it('takes a path that is drained softly, where every other is down', () => {
  const soft = { memory: known({ incident }), desired: desired({ drains: { b: drain('soft') } }) };
  const last = { ...oneWayA, speakers: speakers({}, drained) };
  expect(look(last, soft).decision).toMatchObject({ rung: 'undrain', path: 'b' });
  expect(look(oneWayA, soft).decision).toMatchObject(drainA);
  const hard = { ...soft, desired: desired({ drains: { b: drain('hard') } }) };
  expect(look(last, hard).decision).not.toMatchObject({ purpose: 'order' });
});

it('does not give the order again to open a path that has failed since', () => {
  const unanswered = rung({ rung: 'undrain', purpose: 'order', startedAt: t0 - 4_000, deadlineAt: t0 + 56_000 });
  const begun = known({
    rungs: [unanswered],
    orders: { a: order({ to: 'normal', startedAt: t0 - 4_000, endedAt: null, isDone: false }) },
    usedSince: { office: { path: 'b', at: 0 } },
  });
  const shown = { ...onB, speakers: speakers(drained) };
  expect(look(shown, { memory: begun }).decision).toMatchObject({ ...undrainA, clientToken: unanswered.clientToken });
  expect(look({ ...shown, ...oneWayA }, { memory: begun }).decision).not.toMatchObject({ rung: 'undrain' });
});

it('says that it knows no way, and takes that for nobody\u2019s hand', () => {
  const gone = led('a').map((route) => ({ ...route, target: null, origin: 'static' as const, under: null }));
  const { notice } = look({ routes: gone, ...aIsDown }, { memory: known({ incident }) });
  expect(notice?.message).toContain('rs-1 installs no route to 172.16.0.0/16');
  expect(notice?.message).not.toContain("somebody else's hands");
});

it('says of a path whose machine hangs by when BGP will have left it', () => {
  const hung = { 'paris/path-a': down('paris/path-a', { gatewayProbe: 'down', missedSince: t0 - 5_000 }) };
  const slow = ledConnection({ routing: { back: 'bgp', routeServer: 'rs-1', convergeWithinMs: 35_000 } });
  expect(look({ reports: hung }, { memory: known({ incident }) }, slow).notice?.message).toContain(
    'packets go out and answers come back over path a until BGP leaves it, by',
  );
});

it('keeps a well home as it is, and repairs beside it', () => {
  expect(look({}, { memory: known() }).decision).toMatchObject({ kind: 'finish' });
  const standby = { reports: { 'paris/path-a': report('paris/path-a'), 'paris/path-b': down('paris/path-b') } };
  const lost = { instances: { 'gw-b': instance('gw-b', { state: 'stopped' }) } };
  const { decision } = look({ ...standby, ...lost }, { memory: known() });
  expect(decision).not.toMatchObject({ purpose: 'order' });
});
