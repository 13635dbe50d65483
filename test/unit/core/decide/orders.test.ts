/** Speakers are made to say what they should: drained where routes have left, normal again after a soak. */
import { checkDecision, InvariantViolated } from '../../../../core/decide/invariants';
import type { Memory } from '../../../../core/store/memory';
import { memoryFrom } from '../../../../core/store/stored';
import type { MoveDecision, RepairDecision } from '../../../../core/words/decision';
import { instantText } from '../../../../core/words/time';
import {
  aIsDown,
  connection,
  desired,
  down,
  drain,
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
} from '../../../given';
import { bgpConnection, bgpDeployment, bgpTurn, order, speakerReport, speakers } from '../../../given-bgp';

const away = (over: Partial<Memory> = {}): Memory =>
  memory({ incident, moves: { office: move() }, healthySince: { b: t0 - 600_000 }, ...over });
/** Path a is dark one way: its machine answers, its session is up, and users have been moved to b. */
const leftA = { ...onB, reports: { 'paris/path-a': down('paris/path-a', { gatewayProbe: 'up' as const }) } };
const heldByOslo = gatewayLease('gw-a', { holder: 'oslo', clientToken: 't', rung: 'reboot', until: t0 + 60_000 });
const kept = (result: { memory: string }): Memory => memoryFrom(result.memory);
const drainA = { kind: 'repair', rung: 'drain', purpose: 'order', path: 'a', gateway: 'gw-a' };
const undrainA = { ...drainA, rung: 'undrain' };

describe('routes have left a path', () => {
  it('drains it at its speaker, across its own tunnel and no other', () => {
    const { decision } = bgpTurn(leftA, { memory: away() });
    expect(decision).toMatchObject({
      ...drainA,
      rule: 'order',
      document: 'switchback-drain',
      parameters: { Neighbor: ['169.254.3.1'], Method: ['prepend'], As: ['64601'], Within: ['0'] },
    });
    expect(decision.because).toContain('users have left path a');
  });

  it('moves routes, and beside them gives the order, so that answers leave a dead path when packets do', () => {
    const result = bgpTurn({ reports: aIsDown });
    const { decision } = result;
    expect(decision).toMatchObject({ kind: 'divert', moves: [{ to: 'b' }], order: drainA });
    const { order: beside } = decision as MoveDecision;
    expect(beside!.because).toContain('users are leaving path a');
    expect(kept(result)).toMatchObject({
      rungs: [{ rung: 'drain', clientToken: beside!.clientToken, endedAt: null }],
      orders: { a: { to: 'drained', isDone: false } },
    });
    expect(decision.because).not.toContain('drain');
  });

  it.each([
    [
      'whose machine has missed its last probe',
      { reports: { 'paris/path-a': down('paris/path-a', { probeMissed: 1 }) } },
    ],
    ['whose agent is lost', { instances: { 'gw-a': instance('gw-a', { agent: 'lost' }) } }],
    ['that nobody is known to hear beside', { speakers: { 'gw-a': speakerReport('a'), 'gw-b': null } }],
    ['that the partner has left by itself', { speakers: speakers({ advertises: 'silent', session: 'down' }) }],
    ['on a gateway that another connection has in hand', { gatewayLeases: { 'gw-a': heldByOslo } }],
  ])('gives none beside the routes to a speaker %s', (_, over) => {
    const { decision } = bgpTurn({ reports: aIsDown, ...over });
    expect(decision).toMatchObject({ kind: 'divert', moves: [{ to: 'b' }] });
    expect(decision).not.toHaveProperty('order');
  });

  it('waits for nothing that EC2 says of a machine that answers its probe', () => {
    const { decision } = bgpTurn({ reports: aIsDown, instances: { 'gw-a': null, 'gw-b': null } });
    expect(decision).toMatchObject({ kind: 'divert', order: drainA });
  });

  it('gives none beside routes that leave a working path, or while the lock table is down', () => {
    const planned = bgpTurn({}, { desired: desired({ drains: { a: drain() } }) });
    expect(planned.decision).toMatchObject({ kind: 'divert', planned: true });
    const unlocked = bgpTurn({ reports: aIsDown }, { failOpen: true });
    expect(unlocked.decision).toMatchObject({ kind: 'divert' });
    for (const { decision } of [planned, unlocked]) expect(decision).not.toHaveProperty('order');
  });

  it('waits for the next probe of a machine that has missed one, and looks soon', () => {
    const since = { missedSince: t0 - 3_000, since: t0 - 2_000 };
    const reports = { 'paris/path-a': down('paris/path-a', { ...since, probeMissed: 1 }) };
    const { decision } = bgpTurn(
      { ...leftA, reports },
      { memory: away({ moves: { office: move({ at: t0 - 2_000 }) } }) },
    );
    expect(decision).toMatchObject({ kind: 'hold', until: t0 + 2_000 });
  });

  it('goes before the repair, which takes minutes', () => {
    const { decision } = bgpTurn({ ...leftA, speakers: speakers({ advertises: 'drained' }) }, { memory: away() });
    expect(decision).toMatchObject({ kind: 'repair', rung: 'restart-tunnel' });
  });

  it.each([
    ['is drained already', { speakers: speakers({ advertises: 'drained' }) }],
    [
      'has lost its session: the partner has left it by itself',
      { speakers: speakers({ advertises: 'silent', session: 'down' }) },
    ],
    ['is on a machine that takes no command', { instances: { 'gw-a': instance('gw-a', { agent: 'lost' }) } }],
    [
      'is on a machine that hangs',
      { reports: { 'paris/path-a': down('paris/path-a', { gatewayProbe: 'down' as const }) } },
    ],
  ])('leaves a speaker that %s', (_, over) => {
    expect(bgpTurn({ ...leftA, ...over }, { memory: away() }).decision).not.toMatchObject({ rung: 'drain' });
  });

  it.each([
    ['is drained', speakers({}, { advertises: 'drained' })],
    ['has no session', speakers({}, { advertises: 'silent', session: 'down' })],
    ['was not read lately', { ...speakers(), 'gw-b': speakerReport('b', {}, { reportedAt: t0 - 151_000 }) }],
    ['was never read', { 'gw-a': speakerReport('a') }],
  ])('never drains the last path that is advertised: the other %s', (_, of) => {
    expect(bgpTurn({ ...leftA, speakers: of }, { memory: away() }).decision).not.toMatchObject({ rung: 'drain' });
  });

  it('says nothing to speakers where users are elsewhere by a single set', () => {
    const two = bgpConnection();
    const other = { ...two.routeSets['office']!, name: 'lab', tables: ['rtb-9'] };
    const split = { ...two, routeSets: { ...two.routeSets, lab: other } };
    const [lab] = routes('eni-gw-a').map((one) => ({ ...one, routeSet: 'lab', table: 'rtb-9' }));
    const { decision } = bgpTurn(
      { routes: [...routes('eni-gw-b'), lab!] },
      { memory: away({ healthySince: { a: 0, b: 0 } }) },
      split,
    );
    expect(decision).not.toMatchObject({ rung: 'drain' });
  });

  it('only announces it in mode observe, and does it in mode divert', () => {
    const observed = bgpTurn(leftA, { memory: away() }, bgpConnection({ mode: 'observe' }));
    expect(observed.decision).toMatchObject({ kind: 'escalate' });
    expect(observed.decision.because).toContain('would drain gw-a');
    expect(bgpTurn(leftA, { memory: away() }, bgpConnection({ mode: 'divert' })).decision).toMatchObject(drainA);
  });
});

describe('reconciled, not fired', () => {
  it('is remembered as begun, and counts in no budget', () => {
    const { orders, budgets } = kept(bgpTurn(leftA, { memory: away() }));
    expect(orders).toEqual({ a: { ...order({ startedAt: t0, endedAt: null, isDone: false }) } });
    expect(budgets.repairs).toEqual([]);
    const idle = kept(bgpTurn({ ...leftA, speakers: speakers({ receivedPerSecond: 20 }) }, { memory: away() }));
    expect(idle.orders['a']).toMatchObject({ wasUsed: false });
  });

  it('is ordered again when something has undone it', () => {
    const { decision } = bgpTurn(leftA, { memory: away({ orders: { a: order() } }) });
    expect(decision).toMatchObject(drainA);
    expect(decision.because).toContain('something has undone that, although its boot configuration should be drained');
  });

  it('believes the order until the next reading', () => {
    const { decision } = bgpTurn(leftA, { memory: away({ orders: { a: order({ endedAt: t0 - 1_000 }) } }) });
    expect(decision).not.toMatchObject({ rung: 'drain' });
  });

  const running = rung({ rung: 'drain', purpose: 'order', startedAt: t0 - 4_000, deadlineAt: t0 + 56_000 });
  const ended = (over: object) => ({
    memory: away({ rungs: [running], orders: { a: order({ startedAt: t0 - 4_000, endedAt: null, isDone: false }) } }),
    automation: { clientToken: running.clientToken, id: 'automation-1' },
    evidence: over,
  });
  const output = (facts: object) =>
    `{"switchback":"speaker","schema":1,"neighbors":{"169.254.3.1":${JSON.stringify({ session: 'up', advertises: 'drained', prefixes: 1, receivedPerSecond: 3, quietAfterMs: null, ...facts })}}}`;
  const automation = (over: object) => ({
    automation: {
      ...{ id: 'automation-1', status: 'success' as const, endedAt: t0 - 500, outputs: {}, failure: '' },
      ...over,
    },
  });
  const after = (over: object) => {
    const { evidence: _, ...more } = ended({});
    return bgpTurn({ ...leftA, ...automation(over) }, more);
  };

  it('is done when the speaker shows it', () => {
    const { orders, rungs } = kept(after({ outputs: { Output: `noise\n${output({})}` } }));
    expect(orders['a']).toMatchObject({ isDone: true, endedAt: t0 - 500, emptyAt: null, failures: 0 });
    expect(rungs).toHaveLength(1); // Its gateway is freed with this turn.
  });

  it('keeps how long the partner took, where packets of users had come in before', () => {
    const proven = kept(after({ outputs: { Output: output({ quietAfterMs: 1_400 }) } }));
    expect(proven.drainProofs).toEqual({ a: { at: t0 - 500, ms: 1_400 } });
    expect(proven.orders['a']).toMatchObject({ emptyAt: t0 - 500 });
    const idle = away({
      rungs: [running],
      orders: { a: order({ startedAt: t0 - 4_000, endedAt: null, isDone: false, wasUsed: false }) },
    });
    const outputs = { Output: output({ quietAfterMs: 100 }) };
    const more = { memory: idle, automation: { clientToken: running.clientToken, id: 'automation-1' } };
    expect(kept(bgpTurn({ ...leftA, ...automation({ outputs }) }, more)).drainProofs).toEqual({});
  });

  it('is known to have moved nothing as soon as the document has watched for all the time that the partner had', () => {
    const watched = after({ outputs: { Output: output({ receivedPerSecond: 400 }) } });
    expect(kept(watched).orders['a']).toMatchObject({ isDone: true, unmovedAt: t0 - 500 });
    expect(watched.notice?.message).toContain('nothing moved after 5 s: the peer ignores prepend');
    const unwatched = after({ outputs: { Output: output({ receivedPerSecond: null }) } });
    expect(kept(unwatched).orders['a']).toMatchObject({ unmovedAt: null });
  });

  it('counts as no repair where a rescue goes before its end is stored', () => {
    const { evidence: _, ...more } = ended({});
    const result = bgpTurn({ reports: aIsDown, ...automation({ outputs: { Output: output({}) } }) }, more);
    expect(result.decision).toMatchObject({ kind: 'divert' });
    expect(kept(result)).toMatchObject({ budgets: { repairs: [] }, rungs: [{ rung: 'drain', endedAt: null }] });
  });

  it.each([
    ['shows another thing', { outputs: { Output: output({ advertises: 'normal' }) } }, 'does not show'],
    ['says nothing', { outputs: {} }, 'does not show'],
    [
      'says why',
      { status: 'failed', failure: 'Output: switchback: unseen: no route-map SWITCHBACK-DRAIN' },
      'no route-map',
    ],
    ['was never delivered', { status: 'failed', failure: 'Step timed out.' }, 'no command got through'],
  ])('has failed when its document %s', (_, over, said) => {
    const { orders } = kept(after(over));
    expect(orders['a']).toMatchObject({ isDone: false, failures: 1, said: expect.stringContaining(said) as string });
  });

  const failed = (failures: number, endedAt: number) =>
    away({ orders: { a: order({ isDone: false, failures, endedAt, said: 'no route-map SWITCHBACK-DRAIN' }) } });

  it('is tried twice within seconds, then told, then tried again rarely', () => {
    expect(bgpTurn(leftA, { memory: failed(1, t0 - 6_000) }).decision).toMatchObject(drainA);
    const told = bgpTurn(leftA, { memory: failed(2, t0 - 6_000) });
    expect(told.decision).not.toMatchObject({ rung: 'drain' });
    expect(told.notice?.message).toContain('2 orders to gw-a failed (no route-map SWITCHBACK-DRAIN)');
    expect(bgpTurn(leftA, { memory: failed(2, t0 - 301_000) }).decision).toMatchObject(drainA);
  });
});

describe('has the partner followed?', () => {
  const drained = (a: object, at = t0 - 10_000) => ({
    ...leftA,
    speakers: { ...speakers(), 'gw-a': speakerReport('a', { advertises: 'drained', ...a }, { reportedAt: at }) },
  });
  const ordered = away({ orders: { a: order() } });

  it('escalates in these words where packets still come in after its time', () => {
    const { notice } = bgpTurn(drained({ receivedPerSecond: 500 }), { memory: ordered });
    expect(notice?.message).toContain('and nothing moved after 5 s: the peer ignores prepend');
  });

  it('gives it that time', () => {
    const early = away({ orders: { a: order({ endedAt: t0 - 12_000 }) } });
    const { notice } = bgpTurn(drained({ receivedPerSecond: 500 }), { memory: early });
    expect(notice?.message ?? '').not.toContain('ignores');
  });

  it('is told where nothing comes in, but users get no answer: it comes back over a path that is dark one way', () => {
    const silent = {
      ...drained({ receivedPerSecond: 2 }),
      reports: { ...leftA.reports, 'paris/office': down('paris/office') },
    };
    const { notice, memory: after } = bgpTurn(silent, { memory: ordered });
    expect(notice?.message).toContain('the peer ignores prepend');
    expect(memoryFrom(after).orders['a']!.emptyAt).toBeNull();
  });

  it('knows since when the tunnel is empty', () => {
    const result = bgpTurn(drained({ receivedPerSecond: 30 }), { memory: ordered });
    expect(kept(result).orders['a']).toMatchObject({ emptyAt: t0 - 10_000, unmovedAt: null });
  });

  it('does not call empty what cannot be counted', () => {
    expect(kept(bgpTurn(drained({ receivedPerSecond: null }), { memory: ordered })).orders['a']!.emptyAt).toBeNull();
  });
});

describe('maintenance', () => {
  const planned = {
    memory: memory({ incident, moves: { office: move({ planned: true }) } }),
    desired: desired({ drains: { a: drain('soft') } }),
  };

  it('drains the path once its users have left, and watches it run empty', () => {
    const { decision } = bgpTurn(onB, planned);
    expect(decision).toMatchObject({ ...drainA, parameters: { Within: ['5'] } });
    expect(bgpTurn({}, planned).decision).toMatchObject({ kind: 'divert' });
  });

  it('drains a standby, which nobody has to leave', () => {
    const { decision } = bgpTurn({}, { desired: desired({ drains: { b: drain('soft') } }) });
    expect(decision).toMatchObject({ rung: 'drain', path: 'b' });
  });

  it('answers "drained and empty since ...: go", once', () => {
    const ordered = { ...planned, memory: { ...planned.memory, orders: { a: order() } } };
    const over = {
      ...onB,
      speakers: {
        ...speakers(),
        'gw-a': speakerReport('a', { advertises: 'drained', receivedPerSecond: 3 }, { reportedAt: t0 - 2_000 }),
      },
    };
    const first = bgpTurn(over, ordered);
    expect(first.notice?.message).toContain('path a is drained and empty since');
    expect(first.notice?.message).toContain(': go');
    const again = bgpTurn(over, { ...ordered, memory: memoryFrom(first.memoryTold) });
    expect(again.notice?.message ?? '').not.toContain(': go');
  });

  it('does not say it of a tunnel that is empty because all is dead, while its speaker advertises again', () => {
    const ordered = { ...planned, memory: { ...planned.memory, orders: { a: order() } } };
    const restarted = speakerReport('a', { advertises: 'normal', receivedPerSecond: 0 }, { reportedAt: t0 - 2_000 });
    const { notice, decision } = bgpTurn({ ...onB, speakers: { ...speakers(), 'gw-a': restarted } }, ordered);
    expect(notice?.message ?? '').not.toContain(': go');
    expect(decision).toMatchObject({ rung: 'drain', path: 'a' });
  });
});

describe('a start that got no answer', () => {
  const unanswered = rung({ rung: 'drain', purpose: 'order', startedAt: t0 - 4_000, deadlineAt: t0 + 56_000 });
  const begun = away({
    rungs: [unanswered],
    orders: { a: order({ startedAt: t0 - 4_000, endedAt: null, isDone: false }) },
  });

  it('is made once more with its token', () => {
    expect(bgpTurn(leftA, { memory: begun }).decision).toMatchObject({
      ...drainA,
      clientToken: unanswered.clientToken,
    });
  });

  it.each([
    ['the path may be the last by now', { speakers: { 'gw-a': speakerReport('a') } }, bgpConnection()],
    ['another connection has the gateway in hand', { gatewayLeases: { 'gw-a': heldByOslo } }, bgpConnection()],
    ['nobody speaks BGP any more', {}, { ...connection(), routing: undefined }],
  ])('is given up where %s', (_, over, of) => {
    const { decision } = bgpTurn({ ...leftA, ...over }, { memory: begun }, of as ReturnType<typeof bgpConnection>);
    expect(decision).not.toMatchObject({ rung: 'drain' });
  });
});

it('gives users their answers back who were brought to a softly drained path because the other is down', () => {
  const refuge = {
    memory: away({ moves: { office: move({ lastResort: true }) } }),
    desired: desired({ drains: { b: drain('soft') } }),
  };
  const both = { ...leftA, speakers: speakers({}, { advertises: 'drained' }) };
  expect(bgpTurn(both, refuge).decision).toMatchObject({ rung: 'undrain', path: 'b' });
  expect(bgpTurn(leftA, refuge).decision).toMatchObject(drainA);
});

describe('the way back', () => {
  const drainedA = { speakers: speakers({ advertises: 'drained', receivedPerSecond: 3 }) };

  it('brings routes home, then undrains: home has soaked', () => {
    const home = bgpTurn(
      { ...onB, ...drainedA },
      { memory: away({ healthySince: { a: t0 - 600_000, b: 0 }, orders: { a: order() } }) },
    );
    expect(home.decision).toMatchObject({ kind: 'failback', moves: [{ to: 'a' }] });
    expect(bgpTurn(drainedA, { memory: away({ healthySince: { a: t0 - 600_000, b: 0 } }) }).decision).toMatchObject(
      undrainA,
    );
  });

  it('leaves the speaker drained while users are away, however well its path is', () => {
    const young = away({ healthySince: { a: t0 - 60_000, b: 0 } });
    expect(bgpTurn({ ...onB, ...drainedA }, { memory: young }).decision).toMatchObject({ kind: 'hold' });
  });

  it('undrains a standby that was started anew only after its soak', () => {
    const fresh = { speakers: speakers({}, { advertises: 'drained' }) };
    const soaking = bgpTurn(fresh, { memory: memory({ healthySince: { a: 0, b: t0 - 60_000 } }) });
    expect(soaking.decision).toMatchObject({ kind: 'hold', because: 'path b soaks before it is advertised again' });
    const soaked = bgpTurn(fresh, { memory: memory({ healthySince: { a: 0, b: t0 - 600_000 } }) });
    expect(soaked.decision).toMatchObject({ rung: 'undrain', path: 'b' });
  });

  it('is not finished before the speaker says what it should', () => {
    const { decision } = bgpTurn(
      { ...drainedA, instances: { 'gw-a': instance('gw-a', { agent: 'lost' }) } },
      { memory: memory({ incident }) },
    );
    expect(decision).toMatchObject({ kind: 'park' });
    expect(decision.because).toContain('path a is not normal: no command reaches gw-a');
  });
});

it('is a law in production, too: a drain of the last advertised path is a bug of ours', () => {
  const { decision } = bgpTurn(leftA, { memory: away() });
  const view = {
    deployment: bgpDeployment(),
    connection: bgpConnection(),
    evidence: { speakers: {} },
    assessment: {
      paths: { a: { path: 'a', drained: false }, b: { path: 'b', drained: false, provenWorking: true } },
      sets: {},
    },
    memory: memory(),
    desired: desired(),
    now: t0,
  } as unknown as Parameters<typeof checkDecision>[0];
  expect(() => checkDecision(view, decision as RepairDecision)).toThrow(InvariantViolated);
});

it('names the path that may still draw answers where users who have left it get none, and does not blame the partner', () => {
  const dark = { missedSince: t0 - 61_000, answeredAt: t0 - 61_500 };
  const reports = { ...leftA.reports, 'paris/office': down('paris/office', dark) };
  const tried = { a: order({ isDone: false, failures: 2 }) };
  const unread = { ...speakers(), 'gw-a': null };
  const { notice } = bgpTurn({ ...leftA, reports, speakers: unread }, { memory: away({ orders: tried }) });
  expect(notice?.message).toContain('answers may still come back over path a, which gw-a is not known to have drained');
  expect(notice?.message).not.toContain('firewall');
});

it('tells that a speaker cannot be read, since when and why', () => {
  const blind = speakerReport(
    'a',
    {},
    { reportedAt: t0 - 400_000, unmeasured: { since: t0 - 360_000, because: 'vtysh hangs' } },
  );
  const { notice } = bgpTurn({ speakers: { ...speakers(), 'gw-a': blind } }, { memory: memory() });
  expect(notice?.message).toContain('is not known since');
  expect(notice?.message).toContain('vtysh hangs');
});

it('leaves a connection without BGP alone', () => {
  const { decision } = bgpTurn(
    { ...leftA, reports: { ...leftA.reports, 'paris/path-b': report('paris/path-b') } },
    { memory: away() },
    {
      ...bgpConnection(),
      routing: undefined,
      paths: {
        a: { name: 'a', gateway: 'gw-a', tunnels: ['paris-a'] },
        b: { name: 'b', gateway: 'gw-b', tunnels: ['paris-b'] },
      },
    } as unknown as ReturnType<typeof bgpConnection>,
  );
  expect(decision).toMatchObject({ kind: 'repair', rung: 'restart-tunnel' });
});

it('is told of a home that no command reaches, so that answers do not come back to it', () => {
  const lost = { 'gw-a': instance('gw-a', { agent: 'lost' }) };
  const { notice } = bgpTurn({ instances: lost, speakers: speakers({ advertises: 'drained' }) }, { memory: memory() });
  expect(notice?.message).toContain('path a should be advertised and is not: no command reaches gw-a');
});

describe('a home that hangs, with timers of 10 and 30 s', () => {
  const hung = (missedSince: number, convergeWithinMs = 35_000, over: Parameters<typeof down>[1] = {}) => {
    const reports = { 'paris/path-a': down('paris/path-a', { gatewayProbe: 'down', missedSince, ...over }) };
    const routing = { back: 'bgp', convergeWithinMs } as const;
    return bgpTurn(
      { ...onB, reports, speakers: speakers({ advertises: 'normal' }) },
      { memory: away() },
      bgpConnection({ routing }),
    ).notice?.message;
  };

  it('is told with the second by which its partner will have left it', () => {
    expect(hung(t0 - 5_000)).toContain(
      `answers come back over path a until its partner leaves it, by ${instantText(t0 + 30_000)}`,
    );
  });

  it.each([
    ['it will be over before anybody reads of it', hung(t0 - 2_000, 5_000)],
    ['its machine answers, and takes the order', hung(t0 - 5_000, 35_000, { gatewayProbe: 'up' })],
  ])('is not told of where %s', (_, message) => {
    expect(message ?? '').not.toContain('until its partner leaves it');
  });
});
