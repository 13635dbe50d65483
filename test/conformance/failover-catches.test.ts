/**
 * Where each failure leads. The state machine is entered at one state with everything assigned, the call fails with
 * one error, and the next state is looked at. The table is written by hand: a deleted or misspelt Catch shows.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { limits } from '../../core/policy';
import { loadMachine, Runner, TaskError } from '../../sim/asl/runner';
import { VirtualClock } from '../../sim/clock';
import { randomStream } from '../../sim/random';

const text = readFileSync(path.join(__dirname, '../../statemachines/failover.asl.json'), 'utf8');
const definition = JSON.parse(text) as { readonly States: Record<string, Record<string, unknown>> };

const enteredAt = Date.UTC(2026, 0, 5);

/** Every variable a state may read, as an incident in the middle of a repair would have them. */
const variables = {
  token: 7,
  failOpen: false,
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
    leaseUntil: { N: '4000000000000' },
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
  },
  memory: '{}',
  memoryTold: '{}',
  notice: { subject: 's', message: 'm' },
  refusal: { because: 'path: wrong', mend: 'mend it' },
  rungEnded: { gateway: 'gw-a', clientToken: 'ct', until: 1, identity: null, claim: 'none', isOver: true },
};

/** Enters `state`; the first call fails with `error`, as often as it is retried. Answers the states entered after it. */
async function after(state: string, error: string, answer?: unknown, over: object = {}): Promise<string[]> {
  const clock = new VirtualClock(enteredAt);
  const assigned = { ...variables, ...over };
  const setUp = { Type: 'Pass', Assign: assigned, Next: state };
  const machine = loadMachine({ ...definition, StartAt: 'SetUp', States: { SetUp: setUp, ...definition.States } });
  let failing: string | undefined;
  const runner = new Runner({
    machine,
    clock,
    random: randomStream(1, 'catches'),
    identity: {
      region: 'eu-central-1',
      account: '111111111111',
      stateMachineName: 'failover',
      roleArn: 'arn:aws:iam::111111111111:role/r',
    },
    services: {
      invoke: async ({ context }) => {
        failing ??= context.stateName;
        if (context.stateName !== failing) throw new TaskError('Stop', 'far enough');
        if (answer !== undefined) return answer;
        throw new TaskError(error, '{"errorMessage":"until: wrong"}');
      },
    },
  });
  const execution = runner.start('run', JSON.stringify({ connection: 'paris' }));
  await clock.runUntil(clock.now() + 60_000);
  const states = execution.history.flatMap((event) => event.stateEnteredEventDetails?.name ?? []);
  return states.slice(states.indexOf(state) + 1);
}

const refused = 'DynamoDb.ConditionalCheckFailedException';
const other = 'DynamoDb.DynamoDbException';

it.each([
  ['TakeLease', refused, 'RecordSignal'],
  ['TakeLease', other, 'Assess'],
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
  ['Assess', 'InvariantViolated', 'Failed'],
  ['DivertRoutes', 'Lambda.Unknown', 'WaitOutWrite'],
  ['FailBackRoutes', 'AccessDenied', 'WaitOutWrite'],
  ['TakeGateway', refused, 'PauseForGateway'],
  ['JournalRepair', refused, 'LeaseLost'],
  ['JournalRepair', other, 'Failed'],
  ['RepairGateway', 'Ssm.AutomationDefinitionNotFoundException', 'PauseForGateway'],
  ['JournalRung', refused, 'LeaseLost'],
  ['JournalRung', other, 'Failed'],
  ['FreeGateway', refused, 'RenewLease'],
  ['FreeGateway', other, 'Failed'],
  ['KeepMemory', refused, 'LeaseLost'],
  ['KeepMemory', other, 'Failed'],
  ['NotifyPeople', 'Sns.NotFoundException', 'AwaitNews'],
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
  ['DropLease', refused, 'AfterRefusal'],
  ['DropLease', other, 'Refused'],
  ['NotifyFailOpen', 'Sns.NotFoundException', 'FailedOpen'],
])('%s failing with %s leads to %s', async (state, error, next) => {
  expect((await after(state, error))[0]).toBe(next);
});

it('covers every Catch', () => {
  const catches = Object.values(definition.States).flatMap((state) => (state['Catch'] as unknown[] | undefined) ?? []);
  // The failed assertion shares AskHolder's.
  expect(catches.length).toBe(43);
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
])('%s begins nothing that was decided long ago: the run looks again', async (state, next) => {
  const aged = (ms: number) => ({ decision: { ...variables.decision, decidedAt: enteredAt - ms } });
  const { decisionAgeMaxMs } = limits;
  const answer = { AutomationExecutionId: 'a' };
  expect((await after(state, '', answer, aged(decisionAgeMaxMs - 1_000)))[0]).toBe(next);
  expect((await after(state, '', answer, aged(decisionAgeMaxMs + 1)))[0]).toBe('RenewLease');
});

it('never retries a write of routes that may have happened', async () => {
  const states = await after('DivertRoutes', 'Lambda.Unknown');
  expect(states.slice(0, 3)).toEqual(['WaitOutWrite', 'AfterUnansweredWrite', 'RenewLease']);
});
