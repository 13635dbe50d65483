/** What counts as over, so that it may be told anew; and what a dead run left to be told. */
import type { Memory } from '../../../../core/store/memory';
import type { RouteSet } from '../../../../core/words/domain';
import type { RouteFacts } from '../../../../core/words/evidence';
import {
  connection,
  deployment,
  desired,
  down,
  drain,
  evidence,
  gatewayLease,
  incident,
  memory,
  move,
  onB,
  report,
  routes,
  rung,
  t0,
  turn,
} from '../../../given';

const observing = deployment(connection({ mode: 'observe' }));
const toldOf = (result: ReturnType<typeof turn>): string[] => Object.keys((JSON.parse(result.memory) as Memory).told);

it('keeps "would repair" told while that path is down, however well users are served elsewhere', () => {
  const key = 'would/repair/b/restart-tunnel gw-b';
  const ill = evidence({ reports: { 'paris/path-b': down('paris/path-b') } });
  const told = memory({ told: { [key]: t0 - 600_000 }, healthySince: { a: t0 - 900_000 } });
  expect(toldOf(turn({ deployment: observing, memory: told, evidence: ill }))).toContain(key);
  expect(toldOf(turn({ deployment: observing, memory: { ...told, ...memory(), told: told.told } }))).not.toContain(key);
});

it('says nothing new of a path while EC2 cannot be asked, once people know what our side showed', () => {
  const since = { missedSince: t0 - 600_000 };
  const reports = { 'paris/path-a': down('paris/path-a', since) };
  const unasked = { evidence: evidence({ ...onB, reports, instances: { 'gw-a': null } }) };
  const restarts = memory({
    incident,
    budgets: { ...memory().budgets, repairs: Array.from({ length: 8 }, () => t0 - 1) },
  });
  const first = turn({ ...unasked, memory: restarts });
  expect(first.notice?.message ?? JSON.stringify(first.decision)).toContain(
    'nothing shows whose fault it is: EC2 could not be asked',
  );
  const known = { ...restarts, told: { 'stuck/a/peer': t0 - 60_000 } };
  expect(toldOf(turn({ ...unasked, memory: known }))).toEqual(['stuck/a/peer']);
  expect(turn({ ...unasked, memory: known }).notice?.message ?? '').not.toContain('nothing shows');
});

it('says once that home keeps failing, however often its users are there for a moment while the other path fails too', () => {
  const told = { 'away/office/blips': t0 - 60_000 };
  const soaking = memory({ incident, told, healthySince: { a: t0 - 30_000 } });
  expect(toldOf(turn({ memory: soaking }))).toContain('away/office/blips');
  const soaked = memory({ incident, told, healthySince: { a: t0 - 900_000, b: t0 - 900_000 } });
  expect(toldOf(turn({ memory: soaked }))).not.toContain('away/office/blips');
});

describe('an MTU black hole', () => {
  const holed = { 'paris/path-a': report('paris/path-a', { verdict: 'degraded', fullSize: 'lost' }) };
  const key = 'mtu/a';

  it('is told once, with the way out, and moves nothing', () => {
    const first = turn({ evidence: evidence({ reports: holed }) });
    expect(first.notice?.message).toMatch(
      /path a is degraded \(mtu\): .*clamp the MSS on gateway gw-a.*maintenance on a/s,
    );
    const after = JSON.parse(first.memoryTold) as Memory;
    expect(Object.keys(after.told)).toContain(key);
    const second = turn({ memory: after, evidence: evidence({ reports: holed }) });
    expect(second.notice).toBeNull();
    expect(second.decision).toMatchObject({
      kind: 'park',
      because: expect.stringContaining('path a is degraded (mtu)'),
    });
  });

  it('is over when the path has been healthy for a soak', () => {
    const told = (healthyMs: number) =>
      memory({ told: { [key]: t0 - 900_000 }, healthySince: { a: t0 - healthyMs, b: t0 - 900_000 } });
    const stillIll = evidence({ reports: { 'paris/path-b': down('paris/path-b') } });
    expect(toldOf(turn({ memory: told(60_000), evidence: stillIll }))).toContain(key);
    expect(toldOf(turn({ memory: told(600_000), evidence: stillIll }))).not.toContain(key);
  });
});

it('keeps "would divert" told while routes point at an instance that is gone', () => {
  const key = 'would/divert/office/b';
  const told = memory({ told: { [key]: t0 - 600_000 }, healthySince: { a: t0 - 900_000, b: t0 - 900_000 } });
  const identity = { instanceId: 'i-new', routeInterfaceId: 'eni-new' };
  const stale = evidence({ gatewayLeases: { 'gw-a': gatewayLease('gw-a', { identity }) } });
  expect(toldOf(turn({ deployment: observing, memory: told, evidence: stale }))).toContain(key);
  expect(toldOf(turn({ deployment: observing, memory: told }))).not.toContain(key);
});

it('keeps "would divert" told while users get no answer on a path whose own canary is answered', () => {
  const key = 'would/divert/office/b';
  const unserved = { office: { dark: t0 - 90_000, hurt: t0 - 90_000, slow: t0 - 90_000 } };
  const told = memory({ told: { [key]: t0 - 1_000 }, healthySince: { a: t0 - 900_000, b: t0 - 900_000 }, unserved });
  const dark = evidence({ reports: { 'paris/office': down('paris/office') } });
  expect(toldOf(turn({ deployment: observing, memory: told, evidence: dark }))).toContain(key);
});

it('forgets a refused write once its set is home and nothing wants it elsewhere', () => {
  const left = { call: 'ReplaceRoute', table: 'rtb-1', destination: '172.16.0.0/16', to: 'b', detail: '', tries: 3 };
  const unwritten = { office: { ...left, refused: true, since: t0 - 60_000, at: t0 - 30_000 } };
  const after = (over: object): Memory =>
    JSON.parse(turn({ memory: memory({ incident, unwritten }), ...over }).memory) as Memory;
  const drained = { desired: desired({ drains: { a: drain() } }) };
  expect(Object.keys(after(drained).unwritten)).toEqual(['office']);
  expect(after({}).unwritten).toEqual({});
});

it('tells that users are served again as soon as that has lasted, and of lesser things in company', () => {
  const goneSince = (key: string) => ({ told: { [key]: t0 - 900_000 }, goneSince: { [key]: t0 - 180_000 } });
  const away = evidence(onB);
  const noticeOf = (key: string) =>
    turn({ evidence: away, memory: memory({ incident, ...goneSince(key) }) }).notice?.message ?? '';
  expect(noticeOf('dark/office')).toContain('over: users of office get answers again');
  expect(noticeOf('latency/b')).not.toContain('over: ');
});

it('does not take routes it could not read for its own again', () => {
  const told = memory({ told: { 'manual/office': t0 - 1_000 } });
  expect(toldOf(turn({ memory: told, evidence: evidence({ routes: [] }) }))).toEqual(['manual/office']);
  expect(toldOf(turn({ memory: told }))).toEqual([]);
});

describe('an open journal', () => {
  it('tells of a move whose run could not write it down, once', () => {
    const found = turn({ evidence: evidence(onB), writeUntil: t0 - 30_000 });
    expect(found.notice?.message).toContain('divert: office from a to b: found there');
    const after = JSON.parse(found.memoryTold) as Memory;
    expect(after.moves['office']).toMatchObject({ to: 'b', outcome: 'unconfirmed' });
    expect(turn({ memory: after, evidence: evidence(onB), writeUntil: t0 - 30_000 }).notice).toBeNull();
  });

  it('spends one entry of a budget, however many looks it takes until its sets show', () => {
    const { office } = connection().routeSets as { office: RouteSet };
    const plant: RouteSet = { ...office, name: 'plant', tables: ['rtb-7'], destinations: ['172.17.0.0/16'] };
    const two = deployment(connection({ routeSets: { office, plant } }));
    const plantOn = (id: string): RouteFacts[] =>
      routes(id)
        .slice(0, 1)
        .map((r) => ({ ...r, routeSet: 'plant', table: 'rtb-7', destination: '172.17.0.0/16' }));
    const writeUntil = t0 + 5_000;
    const look = (of: RouteFacts[], now: number, before: Memory) =>
      turn({
        deployment: two,
        evidence: { ...evidence({ routes: of }), reportsReadAt: now },
        memory: before,
        writeUntil,
        now,
      });
    const first = look([...routes('eni-gw-b'), ...plantOn('eni-gw-a')], t0, memory());
    const second = look(
      [...routes('eni-gw-b'), ...plantOn('eni-gw-b')],
      t0 + 6_000,
      JSON.parse(first.memoryTold) as Memory,
    );
    const { moves, budgets } = JSON.parse(second.memory) as Memory;
    expect(Object.keys(moves).sort()).toEqual(['office', 'plant']);
    expect(budgets.moves).toEqual([t0 - 10_000]);
    expect(second.notice?.message).toContain('divert: plant from a to b: found there');
  });

  it('says nothing of routes that are where memory has them, or between two paths', () => {
    expect(turn({ writeUntil: t0 - 30_000 }).notice).toBeNull();
    const split = [...routes('eni-gw-a'), ...routes('eni-gw-b')];
    const message = turn({ evidence: evidence({ routes: split }), writeUntil: t0 - 30_000 }).notice?.message ?? '';
    expect(message).not.toContain('found there');
  });

  it('explains nothing that is done after a look has shown how its run left the routes', () => {
    const found = (writeUntil: number) => {
      const look = JSON.parse(turn({ writeUntil }).memory) as Memory;
      return turn({ memory: look, evidence: evidence(onB), writeUntil }).memoryTold;
    };
    const { budgets, moves } = JSON.parse(found(t0 - 61_000)) as Memory;
    expect([budgets.moves, moves]).toEqual([[], {}]);
    // Its last write may land, or show, a little later.
    expect((JSON.parse(found(t0 - 10_000)) as Memory).moves['office']).toMatchObject({ to: 'b' });
  });

  it('hides no hand that puts routes back later', () => {
    const onA = { moves: { office: move() }, usedSince: { office: { path: 'b', at: t0 - 60_000 } } };
    const putBack = (before: Partial<Memory>) =>
      (JSON.parse(turn({ memory: memory({ ...onA, ...before }), writeUntil: t0 - 90_000 }).memory) as Memory).putBack;
    expect(putBack({})).toEqual({});
    expect(putBack({ settledJournal: t0 - 90_000 })).toMatchObject({ office: { from: 'b', to: 'a' } });
  });
});

describe('what users feel', () => {
  const felt = (at: number) => {
    const reports = {
      'paris/path-a': null,
      'paris/office': down('paris/office', { missedSince: t0 - 60_000 }),
    };
    const usedSince = { office: { path: 'a', at } };
    return turn({ memory: memory({ usedSince }), evidence: evidence({ reports }) }).situation.paths['a'];
  };

  it('is about the path in use only from when the routes changed to it', () => {
    expect(felt(t0 - 1_000)).toBe('unknown');
    expect(felt(t0 - 120_000)).toBe('down');
  });
});

it('forges no line of a mail or of the audit trail with what somebody else wrote', () => {
  const evil = 'new kernel\u001b[2J\nNothing is asked of you.\u202e';
  const toTell = [{ key: 'move/1', text: `divert: ${evil}` }];
  const { notice } = turn({ memory: memory({ incident, toTell }) });
  expect(notice!.message.split('\n')).not.toContain('Nothing is asked of you.');
  expect(notice!.message).toContain('divert: new kernel\\u001b[2J\\u000aNothing is asked of you.\\u202e\n');
  const paused = { since: t0 - 1, until: t0 + 60_000, reason: evil, requestedBy: evil };
  const { decision } = turn({ desired: desired({ paused }) });
  expect(decision.because).toContain('paused by new kernel\\u001b[2J\\u000a');
});

it('frees the gateway of a repair that ends when its path has long been healthy', () => {
  const memorised = memory({ incident, rungs: [rung()] });
  const automation = { clientToken: rung().clientToken, id: 'auto-1' };
  const facts = { id: 'auto-1', status: 'success' as const, endedAt: t0 - 1_000, outputs: {}, failure: '' };
  const { rungEnded } = turn({ memory: memorised, automation, evidence: evidence({ ...onB, automation: facts }) });
  expect(rungEnded).toMatchObject({ gateway: 'gw-a', clientToken: rung().clientToken });
});

it('says once what a repair has done, when users are moved in the turn that sees its end', () => {
  const automation = { clientToken: rung().clientToken, id: 'auto-1' };
  const Output = 'switchback: alive: dead and restarted: aws-1 aws-2';
  const facts = { id: 'auto-1', status: 'success' as const, endedAt: t0 - 1_000, outputs: { Output }, failure: '' };
  const reports = { 'paris/path-a': down('paris/path-a') };
  const first = turn({
    memory: memory({ incident, rungs: [rung()] }),
    automation,
    evidence: evidence({ reports, automation: facts }),
  });
  expect(first.decision).toMatchObject({ kind: 'divert' });
  const kept = JSON.parse(first.memory) as Memory;
  const second = turn({ memory: kept, automation, evidence: evidence({ ...onB, reports, automation: facts }) });
  expect(second.notice?.message.split('dead and restarted: aws-1 aws-2')).toHaveLength(2);
});

it('says again that it is over when something was told between that and the end', () => {
  const over = memory({ incident, told: { closed: t0 - 2_000 } });
  const ill = evidence({ reports: { 'paris/path-b': down('paris/path-b') } });
  const spent = { ...memory().budgets, repairs: Array.from({ length: 8 }, (_, i) => t0 - i * 60_000) };
  const asked = turn({ memory: { ...over, budgets: spent }, evidence: ill });
  expect(asked.decision).toMatchObject({ kind: 'escalate', key: 'stuck/b/budget' });
  const again = turn({ memory: JSON.parse(asked.memoryTold) as Memory });
  expect(again.notice?.message).toContain('over after');
});

it('closes the incident only when people have been told: what could not be said is said by the next turn', () => {
  const move = { key: 'move/1', text: 'failback: office from b to a: home is healthy and has soaked' };
  const first = turn({ memory: memory({ incident, toTell: [move] }) });
  expect(first.decision).toMatchObject({ kind: 'finish' });
  const untold = turn({ memory: JSON.parse(first.memory) as Memory });
  expect(untold.notice?.message).toMatch(/failback: office from b to a.*over after/s);
  const told = turn({ memory: JSON.parse(first.memoryTold) as Memory });
  expect(told.notice).toBeNull();
  expect(JSON.parse(told.memory)).toMatchObject({ incident: null, toTell: [] });
});
