/**
 * Where each failure leads. The state machine is entered at one state with everything assigned, the call fails with
 * one error, and the next state is looked at. The table is written by hand: a deleted or misspelt Catch shows.
 */
import { limits } from '../../core/words/policy';
import { secondMs } from '../../core/words/time';
import { failoverDefinition } from '../../infra/definition';
import { loadMachine, Runner, TaskError } from '../../local-cloud/asl/runner';
import { VirtualClock } from '../../local-cloud/clock';
import { randomStream } from '../../local-cloud/random';

const text = failoverDefinition();
const definition = JSON.parse(text) as { readonly States: Record<string, Record<string, unknown>> };

const enteredAt = Date.UTC(2026, 0, 5);

const identity = {
  region: 'eu-central-1',
  account: '111111111111',
  stateMachineName: 'failover',
  roleArn: 'arn:aws:iam::111111111111:role/r',
};

/** Every variable a state may read, as an incident in the middle of a repair would have them. */
const variables = {
  token: 7,
  failOpen: false,
  turns: 3,
  handsOver: false,
  recorded: false,
  refusals: 0,
  takes: 0,
  signals: 3,
  outcome: 'applied',
  sleepSeconds: 30,
  automationId: 'auto-1',
  held: {
    holder: { S: 'arn:other' },
    token: { N: '6' },
    leaseUntil: { N: String(enteredAt + limits.leaseMs - limits.absentAfterMs) },
    waiter: { S: 'waiter-token' },
  },
  decision: {
    kind: 'repair',
    because: 'because',
    gateway: 'gw-a',
    clientToken: 'ct',
    rung: 'reboot',
    gatewayUntil: 1,
    document: 'd',
    decidedAt: enteredAt,
    endedClaim: 'none',
    parameters: {},
    update: { expression: 'x', condition: 'x', names: {}, values: {} },
    updates: [{ connection: 'paris', expression: 'x', condition: 'x', names: {}, values: {} }],
  },
  memory: '{}',
  memoryTold: '{}',
  notice: { subject: 's', message: 'm', event: { detailType: 'switchback.incident.opened', detail: {} } },
  incident: 'I-7F3K2M',
  letterhead: { subject: '[switchback paris] ', users: 'Users served', place: 'here', more: 'switchback status' },
  refusal: { because: 'path: wrong', mend: 'mend it' },
  rungEnded: { gateway: 'gw-a', clientToken: 'ct', until: 1, identity: null, claim: 'none', isOver: true },
};

/** Enters `state`; the first call fails with `error`, as often as it is retried. Answers the states entered after it. */
async function after(
  state: string,
  error: string,
  answer?: unknown,
  over: object = {},
  called: (state: string) => unknown = () => {},
  input: object = { connection: 'paris' },
  /** How old the execution is when it comes there. */
  agedS = 0,
): Promise<string[]> {
  const clock = new VirtualClock(enteredAt);
  const assigned = { ...variables, ...over };
  const setUp = { Type: 'Pass', Assign: assigned, Next: agedS === 0 ? state : 'Age' };
  const age = agedS === 0 ? {} : { Age: { Type: 'Wait', Seconds: agedS, Next: state } };
  const States = { SetUp: setUp, ...age, ...definition.States };
  const machine = loadMachine({ ...definition, StartAt: 'SetUp', States });
  let failing: string | undefined;
  const runner = new Runner({
    machine,
    clock,
    random: randomStream(1, 'catches'),
    identity,
    services: {
      invoke: async ({ context }) => {
        failing ??= context.stateName;
        if (context.stateName !== failing) throw new TaskError('Stop', 'far enough');
        called(context.stateName);
        if (answer !== undefined) return answer;
        throw new TaskError(error, '{"errorMessage":"until: wrong"}');
      },
    },
  });
  const execution = runner.start('run', JSON.stringify(input));
  await clock.runUntil(clock.now() + agedS * secondMs + 60_000);
  const states = execution.history.flatMap((event) => event.stateEnteredEventDetails?.name ?? []);
  return states.slice(states.indexOf(state) + 1);
}

/** Enters the rescue; each call in it gets this answer, or fails where there is none. What follows it is not called. */
async function every(answer: object | null, decision: object): Promise<string[]> {
  const clock = new VirtualClock(enteredAt);
  const setUp = { Type: 'Pass', Assign: { ...variables, decision }, Next: 'RescueBothWays' };
  const runner = new Runner({
    machine: loadMachine({ ...definition, StartAt: 'SetUp', States: { SetUp: setUp, ...definition.States } }),
    clock,
    random: randomStream(1, 'rescue'),
    identity,
    services: {
      invoke: async ({ context }) => {
        if (answer === null || context.stateName in definition.States) throw new TaskError('Stop', 'far enough');
        return answer;
      },
    },
  });
  const execution = runner.start('run', JSON.stringify({ connection: 'paris' }));
  await clock.runUntil(clock.now() + 60_000);
  const states = execution.history.flatMap((event) => event.stateEnteredEventDetails?.name ?? []);
  const end = states.findIndex(
    (state, i) => i > states.indexOf('AfterWrite') && ['Assess', 'RenewLease'].includes(state),
  );
  return states.slice(states.indexOf('RescueBothWays'), end + 1);
}

const refused = 'DynamoDb.ConditionalCheckFailedException';
const other = 'DynamoDb.DynamoDbException';

it.each([
  ['TakeLease', refused, 'RecordSignal'],
  ['TakeLease', other, 'Assess'],
  ['TakeLease', 'DynamoDb.DynamoDbException', 'Assess'],
  ['TakeLease', 'DynamoDb.ResourceNotFoundException', 'Assess'],
  ['RecordSignal', refused, 'Assess'],
  ['SeedConnection', refused, 'TakeLease'],
  ['SeedConnection', other, 'Failed'],
  ['RecordSignal', other, 'Failed'],
  ['WakeHolder', 'Sfn.TaskTimedOutException', 'AskHolder'],
  ['WakeHolder', 'Sfn.TaskDoesNotExistException', 'AskHolder'],
  ['WakeHolder', 'Sfn.InvalidTokenException', 'AskHolder'],
  ['WakeHolder', 'Sfn.SfnException', 'AskHolder'],
  ['AskHolder', 'Sfn.ExecutionDoesNotExistException', 'WhoHolds'],
  ['AskHolder', 'Sfn.SfnException', 'WhoHolds'],
  ['TakeOver', refused, 'WaitOutWriter'],
  ['TakeOver', other, 'Failed'],
  ['Assess', 'MalformedInput', 'DropLease'],
  ['Assess', 'UnknownConnection', 'Refused'],
  ['Assess', 'InvariantViolated', 'DropLease'],
  ['Assess', 'Sandbox.Timedout', 'DropLease'],
  ['HandOver', 'Sfn.ExecutionAlreadyExistsException', 'AfterHandOver'],
  ['DivertRoutes', 'Lambda.Unknown', 'WaitOutWrite'],
  ['FailBackRoutes', 'AccessDenied', 'WaitOutWrite'],
  ['TakeGateway', refused, 'PauseForGateway'],
  ['JournalRepair', refused, 'LeaseLost'],
  ['JournalRepair', other, 'Failed'],
  ['RepairGateway', 'Ssm.AutomationDefinitionNotFoundException', 'PauseForGateway'],
  ['RepairElsewhere', 'AccessDenied', 'PauseForGateway'],
  ['JournalRung', refused, 'LeaseLost'],
  ['JournalRung', other, 'Failed'],
  ['FreeGateway', refused, 'RenewLease'],
  ['FreeGateway', other, 'Failed'],
  ['KeepMemory', refused, 'LeaseLost'],
  ['KeepMemory', other, 'Failed'],
  ['NotifyPeople', 'Sns.NotFoundException', 'AwaitNews'],
  ['PublishEvent', 'EventBridge.InternalException', 'RecordTold'],
  ['PublishEvent', 'EventBridge.SdkClientException', 'RecordTold'],
  ['RecordTold', refused, 'LeaseLost'],
  ['RecordTold', other, 'Failed'],
  ['AwaitNews', refused, 'CountRefusals'],
  ['AwaitNews', 'States.Timeout', 'RenewLease'],
  ['AwaitNews', other, 'PauseForNews'],
  ['RenewLease', refused, 'LeaseLost'],
  ['RenewLease', other, 'Failed'],
  ['ReleaseLease', refused, 'CountRefusals'],
  ['ReleaseLease', other, 'Failed'],
  ['RecordRequest', refused, 'ReviewAgain'],
  ['RecordRequest', other, 'Failed'],
  ['RecordTogether', 'DynamoDb.TransactionCanceledException', 'ReviewAgain'],
  ['RecordTogether', other, 'Failed'],
  ['DropLease', refused, 'AfterRefusal'],
  ['DropLease', other, 'HowItEnded'],
  ['NotifyFailOpen', 'Sns.NotFoundException', 'FailedOpen'],
  ['StartTelling', 'Sfn.ExecutionAlreadyExistsException', 'AfterTelling'],
  ['StartTelling', 'Sfn.ExecutionLimitExceededException', 'NotifyWithoutTable'],
  ['NotifyWithoutTable', 'Sns.NotFoundException', 'AfterTelling'],
])('%s failing with %s leads to %s', async (state, error, next) => {
  expect((await after(state, error))[0]).toBe(next);
});

const full = new TaskError('Sfn.ExecutionLimitExceededException', 'full');
const { toldAgainMs, refusalToldAgainMs } = limits;

it.each([
  ['the run that tells', null, 'dark-set-0', toldAgainMs],
  ['a run that cannot start the one that tells', full, 'dark-set-0', toldAgainMs],
  ['the run that tells of a table that refuses us', null, 'refused', refusalToldAgainMs],
  ['a run that cannot start the one that tells of it', full, 'refused', refusalToldAgainMs],
])('%s says a thing once in its while, however often it comes by', async (_, refusal, topic, everyMs) => {
  const clock = new VirtualClock(enteredAt);
  const SetUp = { Type: 'Pass', Assign: { ...variables, notice: { ...variables.notice, topic } } };
  const { WhoTells, StartTelling, NotifyWithoutTable } = definition.States;
  const States = {
    SetUp: { ...SetUp, Next: 'WhoTells' },
    ...{ WhoTells, StartTelling, NotifyWithoutTable },
    AfterTelling: { Type: 'Wait', Seconds: 10, Next: 'WhoTells' },
  };
  const saidAt: number[] = [];
  const runner = new Runner({
    machine: loadMachine({ ...definition, StartAt: 'SetUp', States }),
    clock,
    random: randomStream(1, 'laps'),
    identity,
    services: {
      invoke: async ({ context }) => {
        if (context.stateName === 'NotifyWithoutTable') saidAt.push(Math.floor((clock.now() - enteredAt) / everyMs));
        else if (refusal !== null) throw refusal;
        return {};
      },
    },
  });
  const name = `told-paris-${enteredAt / everyMs}-${topic}`;
  runner.start(refusal === null ? name : 'sweep-1', JSON.stringify({ connection: 'paris' }));
  await clock.runUntil(enteredAt + 2.5 * everyMs);
  // Of the next while another run tells, where one can be started.
  expect(saidAt).toEqual(refusal === null ? [0] : [0, 1, 2]);
});

it('leaves a connection whose run cannot be started to the sweep: its drain is recorded', async () => {
  const states = await after('WakeEach', 'Sfn.ExecutionLimitExceededException');
  expect(states).toEqual(['StartRun', 'LeftToSweep', 'Recorded']);
});

it('covers every Catch', () => {
  const catches = Object.values(definition.States).flatMap((state) => (state['Catch'] as unknown[] | undefined) ?? []);
  // The failed assertion shares AskHolder's.
  expect(catches.length).toBe(55);
});

it.each([
  ['RUNNING', []],
  ['ABORTED', ['WhoHolds', 'TakeOver']],
  ['TIMED_OUT', ['WhoHolds', 'TakeOver']],
])('AskHolder finding the holder %s leads to %s', async (Status, next) => {
  expect((await after('AskHolder', '', { Status })).slice(0, 2)).toEqual(next);
});

it('leaves a holder that cannot be asked to the signal it has recorded, and takes what nobody holds', async () => {
  expect((await after('AskHolder', 'Sfn.SfnException')).slice(0, 2)).toEqual(['WhoHolds', 'HandedToHolder']);
  const free = { held: { token: { N: '6' } } };
  expect((await after('AskHolder', 'Sfn.SfnException', undefined, free)).slice(0, 2)).toEqual([
    'WhoHolds',
    'TakeLease',
  ]);
});

it.each([
  ['TakeGateway', 'JournalRepair'],
  ['RepairGateway', 'JournalRung'],
  ['RepairElsewhere', 'JournalRung'],
])('%s begins nothing that was decided long ago: the run looks again', async (state, next) => {
  const aged = (ms: number) => ({ decision: { ...variables.decision, decidedAt: enteredAt - ms } });
  const { decisionAgeMaxMs } = limits;
  const answer = { AutomationExecutionId: 'a', Payload: { automationId: 'a' } };
  expect((await after(state, '', answer, aged(decisionAgeMaxMs - 1_000)))[0]).toBe(next);
  expect((await after(state, '', answer, aged(decisionAgeMaxMs + 1)))[0]).toBe('RenewLease');
});

it('waits out a write without an answer for as long as the function and its last request may live', () => {
  const endS = (limits.applyMs + limits.requestLandsMs) / secondMs;
  expect(definition.States['WaitOutWrite']!['Seconds']).toBeGreaterThan(endS);
  expect(definition.States['WaitOutWriter']!['Seconds']).toBeGreaterThan(endS);
});

it('never retries a write of routes that may have happened', async () => {
  const states = await after('DivertRoutes', 'Lambda.Unknown');
  expect(states.slice(0, 3)).toEqual(['WaitOutWrite', 'AfterUnansweredWrite', 'RenewLease']);
});

describe('a rescue with an order beside it', () => {
  const order = { ...variables.decision, rung: 'drain', document: 'drain' };
  const decision = { ...variables.decision, kind: 'divert', order };

  it('waits for both, and goes on as its routes say', async () => {
    const Payload = { schema: 1, outcome: 'applied', because: '', steps: [] };
    const states = await every({ Payload, AutomationExecutionId: 'a' }, decision);
    expect(states).toEqual(expect.arrayContaining(['RescueRoutes', 'TakeSpeaker', 'OrderSpeaker', 'JournalOrder']));
    expect(states.slice(-2)).toEqual(['AfterWrite', 'Assess']);
  });

  it('looks again where the order cannot be given, and waits out a write without an answer', async () => {
    const states = await every(null, decision);
    expect(states).toEqual(expect.arrayContaining(['RescueUnanswered', 'OrderLeft']));
    expect(states.slice(states.indexOf('AfterWrite'))).toEqual([
      'AfterWrite',
      'WaitOutWrite',
      'AfterUnansweredWrite',
      'RenewLease',
    ]);
  });

  it('gives no order that was decided long ago', async () => {
    const late = { ...decision, decidedAt: enteredAt - limits.decisionAgeMaxMs - 1 };
    const states = await every({ Payload: { outcome: 'stale_plan' } }, late);
    expect(states).toContain('TakeSpeaker');
    expect(states).not.toContain('OrderSpeaker');
  });
});

/** How often the state's call is made when it fails with `error` every time. */
async function attempts(state: string, error: string): Promise<number> {
  let count = 0;
  await after(state, error, undefined, {}, () => count++);
  return count;
}

describe('a question may always be asked again', () => {
  it.each(['MalformedInput', 'UnknownConnection', 'StoredItemInvalid', 'InvariantViolated'])(
    'but not after %s: it would be answered the same',
    async (error) => {
      expect(await attempts('Assess', error)).toBe(1);
    },
  );

  it.each([
    ['Sandbox.Timedout', 4],
    ['Lambda.Unknown', 4],
    ['Runtime.ExitError', 4],
    ['Lambda.ClientExecutionTimeoutException', 4],
    ['States.Timeout', 4],
    ['AwsUnavailable', 5],
    ['Throttled', 5],
    ['AccessDenied', 5],
    ['TypeError', 5],
    ['Lambda.TooManyRequestsException', 5],
    ['Lambda.SdkClientException', 5],
  ])('after %s, %i times in all', async (error, times) => {
    expect(await attempts('Assess', error)).toBe(times);
  });

  it('takes well under a lease for all of them', () => {
    const { TimeoutSeconds } = definition.States['Assess'] as { TimeoutSeconds: number };
    expect(4 * TimeoutSeconds * secondMs + 3 * secondMs).toBeLessThan(limits.leaseMs - limits.leaseMarginMs);
  });
});

it('calls nobody with a token that is none', async () => {
  const called = new Set<string>();
  const note = (state: string) => called.add(state);
  const awake = { held: { ...variables.held, waiter: undefined } };
  expect((await after('WakeHolder', 'Stop', undefined, awake, note))[0]).toBe('AskHolder');
  const command = { connection: 'paris', trigger: 'resume' };
  expect((await after('WakeHolder', 'Stop', undefined, {}, note, command))[0]).toBe('AskHolder');
  expect([...called]).toEqual(['AskHolder']);
});

it('asks again after a holder that Step Functions does not show yet, and ends there: four transitions in all', async () => {
  let asked = 0;
  const showLate = () => {
    if (++asked === 1) throw new TaskError('Sfn.ExecutionDoesNotExistException', 'not yet');
  };
  expect(await after('AskHolder', '', { Status: 'RUNNING' }, {}, showLate)).toEqual([]);
  expect(asked).toBe(2);
});

it('takes a holder that nobody knows for gone only once it is old enough to be known', async () => {
  const { absentAfterMs, leaseMs } = limits;
  const renewedAgo = (ms: number) => ({
    held: { ...variables.held, leaseUntil: { N: String(enteredAt - ms + leaseMs) } },
  });
  const next = async (ms: number) =>
    (await after('AskHolder', 'Sfn.ExecutionDoesNotExistException', undefined, renewedAgo(ms)))[1];
  expect(await next(absentAfterMs - 1)).toBe('HandedToHolder');
  expect(await next(absentAfterMs)).toBe('TakeOver');
});

describe('hands over long before its history is full', () => {
  const decided = (kind: string, turns: number, over: object = {}) => ({
    turns: turns - 1,
    answer: {
      Payload: {
        schema: 1,
        signals: 3,
        failOpen: false,
        decision: { ...variables.decision, kind },
        memory: '{}',
        memoryTold: '{}',
        notice: null,
        incident: '',
        letterhead: variables.letterhead,
        rungEnded: null,
        sleepSeconds: 1,
        outdated: false,
        situation: {},
        ...over,
      },
    },
  });
  const nextAfterTurn = async (kind: string, turns: number, over: object = {}, agedS = 0) => {
    const { answer, ...assigned } = decided(kind, turns, over);
    return (await after('Assess', '', answer, assigned, () => {}, { connection: 'paris' }, agedS))[1];
  };

  it.each([
    ['hold', 7_190, 'AwaitNews'],
    ['hold', 7_210, 'ReleaseLease'],
    ['escalate', 7_210, 'ReleaseLease'],
    ['divert', 7_210, 'DivertRoutes'],
  ])('%s of a run that is %i s old leads to %s: before its own time is up', async (kind, agedS, next) => {
    expect(await nextAfterTurn(kind, 3, {}, agedS)).toBe(next);
  });

  it.each([
    ['hold', 399, 'AwaitNews'],
    ['hold', 400, 'ReleaseLease'],
    ['escalate', 400, 'ReleaseLease'],
    ['divert', 499, 'DivertRoutes'],
    ['divert', 500, 'ReleaseLease'],
    ['failback', 500, 'ReleaseLease'],
    ['repair', 500, 'ReleaseLease'],
  ])('%s in turn %i leads to %s', async (kind, turns, next) => {
    expect(await nextAfterTurn(kind, turns)).toBe(next);
  });

  it('stores nothing over an item that could not be read', async () => {
    expect(await nextAfterTurn('hold', 499, { failOpen: true })).toBe('PauseForNews');
    expect(await nextAfterTurn('hold', 500, { failOpen: true })).toBe('DropLease');
  });

  it.each([
    ['hold', {}, 'DropLease'],
    ['divert', {}, 'DropLease'],
    ['repair', {}, 'DropLease'],
    ['hold', { rungEnded: { gateway: 'gw-a' } }, 'FreeGateway'],
    ['finish', {}, 'ReleaseLease'],
    ['hold', { failOpen: true }, 'PauseForNews'],
  ])('under another configuration %s %j leads to %s: nothing of its look is stored', async (kind, over, next) => {
    expect(await nextAfterTurn(kind, 3, { outdated: true, ...over })).toBe(next);
  });

  it('starts the successor itself, after the release', async () => {
    const states = await after('ReleaseLease', '', {}, { handsOver: true, refusal: undefined });
    expect(states).toEqual(['HowItEnded', 'HandOver', 'AfterHandOver', 'Parked']);
  });
});
