/**
 * One record out of many executions: the run that was handed over, the signal that only woke it, the command that came
 * before, the run that resumed; and nothing of the incident before or of another connection.
 */
import { afterDecision } from '../../../../core/remember/act';
import { memoryText } from '../../../../core/store/memory-text';
import { memoryFrom } from '../../../../core/store/stored';
import type { TurnResult } from '../../../../core/turn/answers';
import { incidentRecord } from '../../../../core/turn/incident-story';
import type { RunEvent, RunHistory } from '../../../../core/turn/run-history';
import { isIncidentId } from '../../../../core/words/incident-id';
import { aIsDown, deployment, evidence, asked as lookAt, memory, routes, t0, turn } from '../../../given';

const place = { connection: 'paris', account: '111111111111', region: 'eu-central-1', deployment: 'switchback' };

type Part = Partial<RunEvent> & { readonly type: string };
const event = (at: number, part: Part): RunEvent => ({
  at,
  entered: undefined,
  exited: undefined,
  input: undefined,
  failure: undefined,
  parameters: undefined,
  result: undefined,
  answer: undefined,
  ...part,
});
const started = (at: number, input: object): RunEvent =>
  event(at, { type: 'ExecutionStarted', input: JSON.stringify({ connection: 'paris', ...input }) });
const called = (at: number, state: string, answer: object | null, given: object = {}): RunEvent[] => [
  event(at, { type: 'TaskStateEntered', entered: state }),
  event(at, { type: 'TaskScheduled', parameters: JSON.stringify(given) }),
  ...(answer === null ? [] : [event(at + 400, { type: 'TaskSucceeded', result: JSON.stringify(answer) })]),
];
const assessed = (at: number, answer: TurnResult): RunEvent[] => called(at, 'Assess', { Payload: answer });
const ended = (at: number, state: string, answer: object = {}): RunEvent[] => [
  event(at, { type: 'SucceedStateEntered', entered: state }),
  event(at, { type: 'ExecutionSucceeded', answer: JSON.stringify(answer) }),
];

const opening = turn({ evidence: evidence({ reports: aIsDown }), now: t0 });
const { incident } = memoryFrom(opening.memory);
const id = incident!.id;
const open = memoryFrom(opening.memoryTold);
const waiting = turn({
  memory: { ...open, unserved: { office: { dark: t0 - 2_000, hurt: t0 - 2_000, slow: t0 - 2_000 } } },
  evidence: evidence({ reports: aIsDown, routes: routes('eni-gw-b') }),
  now: t0 + 3_000,
});
const healed = { ...open, unserved: {}, told: {}, moves: {}, toTell: [], rungs: [] };
const finishing = ((): TurnResult => {
  const told = turn({ memory: healed, evidence: evidence(), now: t0 + 60_000 });
  const decision = { kind: 'finish', rule: 'rest', because: 'all routes are home' } as const;
  const after = lookAt({ memory: healed, now: t0 + 60_000 });
  return { ...told, decision, memory: memoryText(afterDecision(memoryFrom(told.memory), decision, after)) };
})();

const step = { routeSet: 'office', table: 'rtb-1', destination: '172.16.0.0/16', kind: 'replace', detail: '' };
const written = { steps: [{ ...step, from: 'eni-gw-a', to: 'eni-gw-b', result: 'done' }] };
const mail = { TopicArn: 'arn:aws:sns:x', Subject: 'users of office moved', Message: 'in full' };

const first: RunHistory = {
  execution: 'first',
  events: [
    started(t0 - 500, { source: 'alarm' }),
    ...assessed(t0 - 400, opening),
    ...called(t0 + 100, 'DivertRoutes', { Payload: written }),
    ...called(t0 + 800, 'NotifyPeople', {}, mail),
    ...called(t0 + 1_300, 'NotifyPeople', null, { ...mail, Subject: 'lost' }),
    ...assessed(t0 + 3_000, waiting),
    ...ended(t0 + 3_500, 'Parked'),
  ],
};
const woke: RunHistory = {
  execution: 'woke',
  events: [started(t0 + 1_000, { source: 'canary' }), ...ended(t0 + 1_100, 'HandedToHolder')],
};
const last: RunHistory = {
  execution: 'last',
  events: [
    started(t0 + 59_000, { source: 'sweep' }),
    ...assessed(t0 + 60_000, finishing),
    ...ended(t0 + 61_000, 'Finished'),
  ],
};
const asked: RunHistory = {
  execution: 'asked',
  events: [
    started(t0 - 30_000, {
      trigger: 'maintenance',
      path: 'a',
      requestedBy: 'ana',
      reason: 'kernel',
      until: t0 + 60_000,
    }),
    ...called(t0 - 29_000, 'RecordRequest', {}),
    ...ended(t0 - 28_000, 'HandedToHolder'),
  ],
};
const elsewhere: RunHistory = {
  execution: 'elsewhere',
  events: [event(t0, { type: 'ExecutionStarted', input: '{"connection":"oslo"}' }), ...ended(t0 + 1, 'Parked')],
};
const later: RunHistory = { execution: 'later', events: [started(t0 + 90_000, { source: 'sweep' })] };

const recorded = (...runs: readonly RunHistory[]) => incidentRecord(id, runs, place)!;
const whole = () => recorded(last, elsewhere, woke, first, later, asked);

it('joins every execution of it, oldest first, and none of another connection or of afterwards', () => {
  const record = whole();
  expect(record.executions.map(({ arn, end }) => [arn, end])).toEqual([
    ['asked', 'HandedToHolder'],
    ['first', 'Parked'],
    ['woke', 'HandedToHolder'],
    ['last', 'Finished'],
  ]);
  expect(record).toMatchObject({ ...place, id, openedAt: t0, closedAt: t0 + 60_000, because: incident!.because });
  expect(record.signals.map(({ source }) => source)).toEqual(['alarm', 'canary', 'sweep']);
});

it('has each notice as it was sent, and says which were not', () => {
  expect(whole().notices).toEqual([
    { at: t0 + 1_200, to: 'arn:aws:sns:x', subject: mail.Subject, text: 'in full', isSent: true, execution: 'first' },
    { at: t0 + 1_300, to: 'arn:aws:sns:x', subject: 'lost', text: 'in full', isSent: false, execution: 'first' },
  ]);
});

it('has what was decided, with its evidence in words, and the writes with when they took effect', () => {
  const { decisions, writes } = whole();
  expect(decisions.map(({ kind }) => kind)).toEqual(['divert', waiting.decision.kind, 'finish']);
  expect(decisions[0]).toMatchObject({ rule: 'rescue', because: opening.decision.because, at: t0 });
  expect(decisions[0]!.evidence).toEqual([
    expect.stringMatching(/^path a is down: canary /),
    expect.stringMatching(/^path b is healthy: canary /),
    expect.stringMatching(/^office is on a, users dark: canary /),
  ]);
  expect(writes).toEqual([
    {
      ...step,
      from: 'eni-gw-a',
      to: 'eni-gw-b',
      sentAt: t0 + 100,
      effectiveAt: t0 + 500,
      result: 'done',
      execution: 'first',
    },
  ]);
});

it('tells two branches of one history apart by what each event follows from', () => {
  const one = (id: number, previous: number, part: Part) => event(t0 + id, { ...part, id, previous });
  const beside = [
    one(1, 0, { type: 'TaskStateEntered', entered: 'RescueRoutes' }),
    one(2, 0, { type: 'TaskStateEntered', entered: 'OrderSpeaker' }),
    one(3, 2, { type: 'TaskScheduled', parameters: '{}' }),
    one(4, 3, { type: 'TaskSucceeded', result: '{"AutomationExecutionId":"a-1"}' }),
    one(5, 1, { type: 'TaskScheduled', parameters: '{}' }),
    one(6, 4, { type: 'TaskStateEntered', entered: 'JournalOrder' }),
    one(7, 5, { type: 'TaskSucceeded', result: JSON.stringify({ Payload: written }) }),
    one(8, 6, { type: 'TaskSucceeded', result: '{}' }),
  ];
  const { writes } = recorded({ ...first, events: [...first.events.slice(0, 4), ...beside, ...first.events.slice(7)] });
  expect(writes).toMatchObject([{ to: 'eni-gw-b', sentAt: t0 + 1, effectiveAt: t0 + 7 }]);
});

it('has states over time without repeating them, canaries’ numbers, and for how long users were dark', () => {
  const { paths, sets, samples, dark } = whole();
  expect(paths['a']!.map(({ verdict }) => verdict)).toEqual(['down', 'healthy']);
  expect(paths['b']!.map(({ verdict }) => verdict)).toEqual(['healthy']);
  expect(sets['office']!.map(({ on, users }) => `${on} ${users}`)).toEqual(['a dark', 'b dark', 'a served']);
  expect(samples.filter(({ canary }) => canary === 'paris/path-a').map(({ verdict }) => verdict)).toEqual([
    'down',
    'down',
    'healthy',
  ]);
  expect(dark).toEqual([{ routeSet: 'office', from: expect.any(Number), until: expect.any(Number) }]);
  expect(dark[0]!.until!).toBeGreaterThan(dark[0]!.from);
});

it('says who asked for what, and what came of it', () => {
  const { commands } = whole();
  expect(commands).toMatchObject([
    { trigger: 'maintenance', requestedBy: 'ana', about: 'a', reason: 'kernel', answer: 'recorded' },
  ]);
  const refused: RunHistory = {
    execution: 'refused',
    events: [
      started(t0 + 2_000, { trigger: 'pause', requestedBy: 'bo' }),
      ...ended(t0 + 2_100, 'Refused', { outcome: 'refused', because: 'until: missing', mend: 'give it' }),
    ],
  };
  expect(recorded(first, refused).commands).toMatchObject([
    { requestedBy: 'bo', answer: 'refused', because: 'until: missing; give it' },
  ]);
});

it('has users dark for as long as people are told they were', () => {
  const before = { ...open, unserved: { office: { dark: t0 - 2_000, hurt: t0, slow: t0 } }, darkMs: { office: 500 } };
  const during = { ...waiting, memory: memoryText(before) };
  const afterwards = { ...waiting, memory: memoryText({ ...before, unserved: {}, darkMs: { office: 3_200 } }) };
  const run = { execution: 'x', events: [...assessed(t0, during), ...assessed(t0 + 9_000, afterwards)] };
  expect(incidentRecord(id, [run], place)!.dark).toEqual([{ routeSet: 'office', from: t0 - 2_000, until: t0 + 700 }]);
});

it('is open as long as nothing has finished, with users dark without an end', () => {
  const record = recorded(first);
  expect(record.closedAt).toBeNull();
  expect(record.dark).toMatchObject([{ routeSet: 'office', until: null }]);
});

it('says what it could not read, and is none of an incident nobody speaks of', () => {
  const blind: RunHistory = { ...woke, events: [event(t0 + 1_000, { type: 'ExecutionStarted', input: null })] };
  expect(recorded(first, blind).gaps).toEqual(['woke was read without its data']);
  expect(incidentRecord('I-000000', [first], place)).toBeNull();
});

describe('its id', () => {
  const idFrom = (over: Parameters<typeof turn>[0]): string => memoryFrom(turn(over).memory).incident!.id;
  const down = { evidence: evidence({ reports: aIsDown }) };

  it('is the same in the run that follows a crash, before anything could be stored', () => {
    expect(isIncidentId(id)).toBe(true);
    expect(idFrom({ ...down, now: t0 + 45_000 })).toBe(id);
  });

  it('is another in the next incident and of another deployment', () => {
    const over = { id, openedAt: t0 - 90_000, closedAt: t0 - 60_000, because: 'x' };
    expect(idFrom({ ...down, memory: memory({ lastIncident: over }) })).not.toBe(id);
    const base = deployment();
    const paris = base.connections['paris']!;
    const office = { ...paris.routeSets['office']!, tables: ['rtb-of-somebody-else'] };
    const other = { ...base, connections: { ...base.connections, paris: { ...paris, routeSets: { office } } } };
    const seen = evidence({ reports: aIsDown });
    const elsewhereRoutes = seen.routes.map((route) => ({ ...route, table: 'rtb-of-somebody-else' }));
    expect(idFrom({ deployment: other, evidence: { ...seen, routes: elsewhereRoutes } })).not.toBe(id);
  });
});
