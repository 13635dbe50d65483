/** A report says what the record says: verdict, routes, decisions, seconds, lanes, what is open. */
import { reportOf } from '../../../../cli/report/build';
import type { IncidentCommand, IncidentRecord } from '../../../../core/turn/incident-record';
import { after, openedAt, record, source } from './given';

const made = (change: Partial<IncidentRecord>) => reportOf({ ...source, record: { ...record, ...change } });
const report = reportOf(source);

describe('verdict', () => {
  it('says what happened, what was done, how it ended and how long users were dark', () => {
    expect(report.verdict).toEqual({
      tone: 'well',
      word: 'over',
      text:
        'Users of office were dark for 3.5 s. Path a: EC2 says i-0aaaaaaaaaaaaaaa1 (gw-a) is stopping; ' +
        'office was moved away and is home again; stop-start of gw-a succeeded; over after 6 min.',
    });
  });

  it('is bad while users are dark, and says so', () => {
    const { verdict, open } = made({ closedAt: null, dark: [{ routeSet: 'office', from: openedAt, until: null }] });
    expect(verdict).toMatchObject({ tone: 'bad', text: expect.stringContaining('have been dark for 7 min') });
    expect(open).toContain('users of office get no answers');
  });

  it('does not call an incident well whose users were dark for long', () => {
    const { verdict } = made({ dark: [{ routeSet: 'office', from: openedAt, until: after(200) }] });
    expect(verdict.tone).toBe('weak');
  });

  it('does not say that users were served where no canary could know', () => {
    const connection = {
      ...source.connection,
      canaries: source.connection.canaries.filter(({ watches }) => watches.kind === 'path'),
    };
    const { verdict, dark } = reportOf({ ...source, connection });
    expect(dark).toEqual([{ set: 'office', ms: null, isOver: true, by: 'no service canary' }]);
    expect(verdict.text).toMatch(/^No service canary says what users felt\./);
  });

  it('names who asked, and that nothing moved', () => {
    const command: IncidentCommand = {
      ...{ at: after(-5), trigger: 'maintenance', requestedBy: 'ana', about: 'a', reason: 'kernel', until: '' },
      ...{ because: '', execution: 'x' },
      answer: 'recorded',
    };
    const { verdict, asked } = made({
      commands: [command],
      writes: [],
      rungs: [],
      because: 'path a is drained',
      dark: [],
    });
    expect(verdict).toEqual({
      tone: 'planned',
      word: 'over, asked for',
      text: 'Users of office were never seen dark. Ana asked for maintenance: path a is drained; no route was moved; over after 6 min.',
    });
    expect(asked).toEqual([
      { at: after(-5), who: 'ana', what: 'maintenance of a: kernel', outcome: 'recorded', isRefused: false },
    ]);
  });
});

describe('routes', () => {
  it('stand before, after each move, and name the path a target means', () => {
    const { columns, rows, remarks } = report.routes;
    expect(columns.map(({ title }) => title)).toEqual(['before', 'after divert', 'after failback']);
    expect(rows).toHaveLength(2);
    expect(rows[0]!.targets).toEqual([
      'eni-0aaaaaaaaaaaaaaa1 (path a)',
      'eni-0bbbbbbbbbbbbbbb1 (path b)',
      'eni-0aaaaaaaaaaaaaaa1 (path a)',
    ]);
    expect(remarks).toEqual([]);
  });

  it('stay where they were when EC2 refuses, and the refusal is said', () => {
    const writes = record.writes.slice(0, 2).map((write) => ({
      ...write,
      ...{ result: 'refused', detail: 'not authorized', effectiveAt: null },
    }));
    const { routes, marks, decisions } = made({ writes });
    expect(routes.rows[0]!.targets).toEqual(['eni-0aaaaaaaaaaaaaaa1 (path a)']);
    expect(routes.remarks[0]).toMatch(
      /^divert: 172\.16\.0\.0\/16 in rtb-0+1 to eni-0b+1 \(path b\): refused: not authorized$/,
    );
    expect(marks).toEqual([]);
    expect(decisions[0]!.outcome).toBe('office: 0 of 2 routes moved; 2 refused: not authorized');
  });
});

describe('decisions', () => {
  it('tell a wait once, with its span, and what came of each act', () => {
    expect(report.decisions.map(({ kind, outcome, until }) => [kind, outcome, (until - openedAt) / 1_000])).toEqual([
      ['divert', 'office: 2 of 2 routes moved', 0],
      ['hold', '', 65],
      ['failback', 'office: 2 of 2 routes moved', 307],
    ]);
  });

  it('say that observing writes nothing', () => {
    const [divert] = record.decisions;
    const { decisions, undone } = made({
      decisions: [{ ...divert!, raw: { situation: { mode: 'observe' } } }],
      writes: [],
    });
    expect(decisions[0]!.outcome).toBe('announced only: mode observe writes nothing');
    expect(undone[0]!.what).toBe('Announced and not done: divert');
  });
});

describe('seconds', () => {
  it('are counted from the first sign and compared with what was promised', () => {
    const numbers = Object.fromEntries(report.measures.map(({ what, ms, budgetMs }) => [what, [ms, budgetMs]]));
    expect(numbers).toEqual({
      Detected: [1_000, null],
      Decided: [1_000, null],
      Acted: [1_700, null],
      'Users served again': [3_500, 8_500],
      Repaired: [76_000, 720_000],
      'Back home': [309_600, null],
    });
  });

  it('are counted from the fault where a simulation knows it', () => {
    const world = { played: 's', happened: [{ at: after(-3), what: 'stop' }], dark: [], lanes: [] };
    expect(reportOf({ ...source, world }).measures[0]).toMatchObject({
      ms: 3_000,
      note: expect.stringMatching(/^fault to first look/),
    });
  });

  it('promise nothing of a policy of one’s own', () => {
    const { policy } = source.connection;
    const connection = { ...source.connection, policy: { ...policy, roundIntervalMs: 777 } };
    const again = reportOf({ ...source, connection }).measures.find(({ what }) => what === 'Users served again');
    expect(again).toMatchObject({ ms: 3_500, budgetMs: null });
  });
});

describe('lanes', () => {
  const lane = (label: string, of = report) => of.lanes.find((one) => one.label === label)!.stretches;

  it('show users dark to the moment, whenever somebody looked', () => {
    expect(lane('users of office')[0]).toEqual({ from: after(-1), to: after(2.5), state: 'dark', tone: 'bad' });
  });

  it('show where users were, and which path worked', () => {
    expect(lane('office goes over').map(({ state }) => state)).toEqual(['a, home', 'b', 'a, home']);
    expect(lane('path a').map(({ state, tone }) => [state, tone])).toEqual([
      ['down', 'bad'],
      ['healthy', 'well'],
    ]);
    expect(lane('repair of gw-a')).toEqual([{ from: after(1), to: after(75), state: 'stop-start', tone: 'work' }]);
  });

  it('show nothing while no run looked', () => {
    const [run] = record.executions;
    const later = 'arn:later';
    const executions = [
      { ...run!, endedAt: after(60) },
      { ...run!, arn: later, startedAt: after(200) },
    ];
    const decisions = [...record.decisions, { ...record.decisions[0]!, execution: later, at: after(201) }];
    const parked = lane('path b', made({ executions, decisions }));
    expect(parked.map(({ from, to }) => [from, to])).toEqual([
      [openedAt, after(60)],
      [after(200), after(330)],
    ]);
  });
});

it('takes what runs saw where CloudWatch has nothing', () => {
  expect(report.canaries).toEqual([
    {
      ...{ id: 'paris/path-a', about: 'path a', of: 'path', periodMs: null },
      points: [
        { at: openedAt, loss: 1, rttMs: null, reachable: false },
        { at: after(30), loss: 0, rttMs: 24, reachable: true },
      ],
    },
  ]);
});

it('says what is left: away from home, not healthy', () => {
  const { open } = made({
    sets: { office: [{ from: openedAt, on: 'b', users: 'served', because: '' }] },
    paths: { a: [{ from: openedAt, verdict: 'down', because: 'no answer', drained: false }] },
  });
  expect(open).toEqual(['office goes over b, not over its home a', 'path a is down: no answer']);
  expect(report.open).toEqual([]);
});
