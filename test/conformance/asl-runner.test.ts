/**
 * What no recording covers: time, tokens, crashes and concurrency. Machines written by hand, run on virtual time.
 * What AWS does where it was never recorded is taken from its documentation and said so in the runner.
 */

import { type Execution, TaskError, TokenError } from '../../local-cloud/asl/runner';
import { randomStream } from '../../local-cloud/random';
import {
  epoch,
  eventsOf,
  type Harness,
  type HarnessOptions,
  harness,
  outputOf,
  pass,
  story,
  task,
  waiting,
} from './asl-harness';

const failWith = (error: string) => async () => {
  throw new TaskError(error, `cause of ${error}`);
};
const seconds = (execution: Execution) => ((execution.stoppedAt ?? 0) - epoch) / 1_000;

describe('Retry', () => {
  it('waits longer each time, up to MaxDelaySeconds', async () => {
    const Retry = [{ ErrorEquals: ['Slow'], IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 4, MaxDelaySeconds: 10 }];
    const { run, calls } = harness({ A: task({ Retry }) }, { invoke: failWith('Slow') });
    const execution = await run();
    expect(calls.map(({ atSeconds }) => atSeconds)).toEqual([0, 2, 8, 18, 28]);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Slow', cause: 'cause of Slow' });
  });

  it('schedules again under the same entered state, and counts in the context', async () => {
    const Arguments = { n: '{% $states.context.State.RetryCount %}' };
    const Retry = [{ ErrorEquals: ['States.ALL'], MaxAttempts: 2 }];
    const { run, calls } = harness({ A: task({ Arguments, Retry }) }, { invoke: failWith('X') });
    const execution = await run();
    expect(calls.map(({ call }) => call.arguments)).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }]);
    expect(story(execution, 5).slice(0, 2)).toEqual(['5 TaskFailed <- 4', '6 TaskScheduled <- 5']);
  });

  it('keeps a budget per retrier, and uses the first that matches', async () => {
    const errors = ['B', 'A', 'B', 'A', 'A'];
    const Retry = [
      { ErrorEquals: ['A'], IntervalSeconds: 5, MaxAttempts: 2, BackoffRate: 1 },
      { ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 2, BackoffRate: 1 },
    ];
    const { run, calls } = harness({ A: task({ Retry }) }, { invoke: async () => failWith(errors.shift()!)() });
    const execution = await run();
    expect(calls.map(({ atSeconds }) => atSeconds)).toEqual([0, 1, 6, 7, 12]);
    expect(execution.error).toBe('A');
  });

  it('draws full jitter from the seed', async () => {
    const Retry = [
      { ErrorEquals: ['States.ALL'], IntervalSeconds: 60, JitterStrategy: 'FULL', MaxAttempts: 5, BackoffRate: 1 },
    ];
    const delays = async (seed: number) => {
      const { run, calls } = harness({ A: task({ Retry }) }, { invoke: failWith('X'), seed });
      await run();
      return calls.map(({ atSeconds }, i) => atSeconds - (calls[i - 1]?.atSeconds ?? 0)).slice(1);
    };
    const first = await delays(7);
    expect(first).toEqual(await delays(7));
    expect(first).not.toEqual(await delays(8));
    expect(first.every((delay) => delay >= 0 && delay < 60)).toBe(true);
  });
});

describe('Catch', () => {
  const caught = async (
    ErrorEquals: readonly string[][],
    invoke: NonNullable<HarnessOptions['invoke']>,
    more: object = {},
  ) => {
    const Catch = ErrorEquals.map((names, i) => ({ ErrorEquals: names, Next: `C${i}` }));
    const targets = Object.fromEntries(ErrorEquals.map((_, i) => [`C${i}`, pass({ Output: { at: i } })]));
    const execution = await harness({ A: task({ Catch, ...more }), ...targets }, { invoke }).run();
    return execution.status === 'SUCCEEDED' ? outputOf(execution) : execution.error;
  };

  it('takes the first catcher that matches', async () => {
    expect(await caught([['Y'], ['X', 'Z'], ['States.ALL']], failWith('X'))).toEqual({ at: 1 });
    expect(await caught([['Y'], ['Z'], ['States.ALL']], failWith('X'))).toEqual({ at: 2 });
    expect(await caught([['Y']], failWith('X'))).toBe('X');
  });

  it('does not count a timeout as States.TaskFailed', async () => {
    const never = () => new Promise(() => undefined);
    const names = [['States.TaskFailed'], ['States.Timeout']];
    expect(await caught(names, never, { TimeoutSeconds: 3 })).toEqual({ at: 1 });
    expect(await caught(names, failWith('X'))).toEqual({ at: 0 });
  });

  it('never catches States.Runtime, but does catch States.DataLimitExceeded', async () => {
    expect(await caught([['States.Runtime'], ['States.ALL']], failWith('States.Runtime'))).toBe('States.Runtime');
    const large = async () => ({ text: 'x'.repeat(300_000) });
    expect(await caught([['States.DataLimitExceeded'], ['States.ALL']], large)).toEqual({ at: 0 });
    expect(await caught([['States.ALL']], large)).toEqual({ at: 0 });
  });

  it('catches a failed expression, after EvaluationFailed', async () => {
    const Catch = [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'B' }];
    const execution = await harness({ A: task({ Output: '{% $nothing %}', Catch }), B: pass() }).run();
    expect(story(execution, 5)).toEqual([
      '5 TaskSucceeded <- 4',
      '6 EvaluationFailed <- 5',
      '7 TaskStateExited <- 6',
      '8 PassStateEntered <- 7',
      '9 PassStateExited <- 8',
      '10 ExecutionSucceeded <- 9',
    ]);
  });

  it('hands on the error as output, and assigns', async () => {
    const Catch = [{ ErrorEquals: ['X'], Assign: { why: '{% $states.errorOutput.Cause %}' }, Next: 'B' }];
    const states = { A: task({ Catch }), B: pass({ Output: { why: '{% $why %}', was: '{% $states.input %}' } }) };
    const execution = await harness(states, { invoke: failWith('X') }).run();
    expect(outputOf(execution)).toEqual({ why: 'cause of X', was: { Error: 'X', Cause: 'cause of X' } });
  });
});

describe('a task token', () => {
  const send = (
    use: (harness: Harness, token: string) => void,
    atSeconds: number,
  ): HarnessOptions & { bind(h: Harness): void } => {
    let bound: Harness;
    return {
      bind: (h) => {
        bound = h;
      },
      invoke: async (call, clock) => {
        clock.after(atSeconds * 1_000, 'sender', () => use(bound, call.context.taskToken!));
        return { sent: true };
      },
    };
  };
  const withSender = (states: Record<string, object>, options: ReturnType<typeof send>): Harness => {
    const made = harness(states, options);
    options.bind(made);
    return made;
  };

  it('wakes the task with what was sent', async () => {
    const sender = send(({ runner }, token) => runner.tokens.sendTaskSuccess(token, '{"woken":true}'), 4);
    const execution = await withSender({ A: waiting({ TimeoutSeconds: 30 }) }, sender).run();
    expect(outputOf(execution)).toEqual({ woken: true });
    expect(seconds(execution)).toBe(4);
    expect(story(execution, 3)).toEqual([
      '3 TaskScheduled <- 2',
      '4 TaskStarted <- 3',
      '5 TaskSubmitted <- 4',
      '6 TaskSucceeded <- 5',
      '7 TaskStateExited <- 6',
      '8 ExecutionSucceeded <- 7',
    ]);
    expect(eventsOf(execution, 'TaskSubmitted')[0]!.taskSubmittedEventDetails!.output).toBe('{"sent":true}');
  });

  it('fails the task with what was sent, or with nothing at all', async () => {
    const named = send(({ runner }, token) => runner.tokens.sendTaskFailure(token, 'Bad', 'very'), 1);
    expect(await withSender({ A: waiting() }, named).run()).toMatchObject({ error: 'Bad', cause: 'very' });
    const bare = send(({ runner }, token) => runner.tokens.sendTaskFailure(token), 1);
    const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'B' }];
    const execution = await withSender({ A: waiting({ Catch }), B: pass() }, bare).run();
    expect(outputOf(execution)).toEqual({ Error: null, Cause: null });
  });

  it('times out without a cause, and an answer after that is told so', async () => {
    let answer: unknown;
    const late = send(({ runner }, token) => {
      try {
        runner.tokens.sendTaskSuccess(token, '{}');
      } catch (error) {
        answer = error;
      }
    }, 31);
    const made = withSender({ A: waiting({ TimeoutSeconds: 30 }) }, late);
    const execution = await made.run();
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Timeout', cause: undefined });
    expect(seconds(execution)).toBe(30);
    await made.clock.runUntil(epoch + 60_000);
    expect(answer).toMatchObject({ name: 'TaskTimedOut' });
  });

  it('works when the answer comes before the call has returned', async () => {
    const made = harness(
      { A: waiting() },
      {
        invoke: async (call, clock) => {
          made.runner.tokens.sendTaskSuccess(call.context.taskToken!, '"early"');
          await clock.sleep(2_000);
          return { sent: true };
        },
      },
    );
    const execution = await made.run();
    expect(outputOf(execution)).toBe('early');
    expect(seconds(execution)).toBe(2);
    expect(story(execution, 5).slice(0, 2)).toEqual(['5 TaskSubmitted <- 4', '6 TaskSucceeded <- 5']);
  });

  it('ends with its attempt: a second answer is stale, a retry has another token', async () => {
    const tokens: string[] = [];
    const made = harness(
      { A: waiting({ Retry: [{ ErrorEquals: ['Again'], MaxAttempts: 1 }] }) },
      {
        invoke: async (call) => {
          tokens.push(call.context.taskToken!);
          if (tokens.length === 1) throw new TaskError('Again');
          made.runner.tokens.sendTaskSuccess(tokens[1]!, '1');
          return {};
        },
      },
    );
    expect(outputOf(await made.run())).toBe(1);
    expect(new Set(tokens).size).toBe(2);
    for (const token of tokens) {
      expect(() => made.runner.tokens.sendTaskSuccess(token, '2')).toThrow(TokenError);
      expect(() => made.runner.tokens.sendTaskHeartbeat(token)).toThrow(/does not exist anymore/);
    }
  });

  it('answers as AWS does to tokens nobody issued, and to what is not JSON', async () => {
    const made = harness({ A: waiting() });
    await made.run({}, 1);
    const { tokens } = made.runner;
    const token = made.calls[0]!.call.context.taskToken!;
    const nameOf = (send: () => void): unknown => {
      try {
        send();
        return 'nothing thrown';
      } catch (error) {
        return (error as Error).name;
      }
    };
    expect(nameOf(() => tokens.sendTaskSuccess('NoSuchTaskToken', '{}'))).toBe('InvalidToken');
    expect(nameOf(() => tokens.sendTaskFailure(`${token.slice(0, -1)}!`))).toBe('TaskDoesNotExist');
    expect(nameOf(() => tokens.sendTaskSuccess(token, 'not json'))).toBe('InvalidOutput');
    expect(nameOf(() => tokens.sendTaskSuccess(token, '{}'))).toBe('nothing thrown');
  });

  it('dies with its execution', async () => {
    const made = harness({ A: waiting() });
    const execution = await made.run({}, 1);
    execution.abort();
    const token = made.calls[0]!.call.context.taskToken!;
    expect(() => made.runner.tokens.sendTaskSuccess(token, '{}')).toThrow(/does not exist anymore/);
  });

  it('must be kept alive within HeartbeatSeconds; a miss is called States.Timeout', async () => {
    const beats = send(({ runner, clock }, token) => {
      runner.tokens.sendTaskHeartbeat(token);
      clock.after(4_000, 'second beat', () => runner.tokens.sendTaskHeartbeat(token));
    }, 4);
    const states = { A: waiting({ HeartbeatSeconds: 5, TimeoutSeconds: 600 }) };
    const execution = await withSender(states, beats).run();
    expect(seconds(execution)).toBe(13);
    expect(execution.error).toBe('States.Timeout');
    expect(eventsOf(execution, 'TaskTimedOut')).toHaveLength(1);
  });
});

describe('time', () => {
  it('waits seconds and until instants, and not for what is past', async () => {
    const states = {
      A: { Type: 'Wait', Seconds: '{% $states.input.n %}', Next: 'B' },
      B: { Type: 'Wait', Timestamp: '2026-03-01T13:00:30+01:00', Next: 'C' },
      C: { Type: 'Wait', Timestamp: '2020-01-01T00:00:00Z', End: true },
    };
    expect(seconds(await harness(states).run({ n: 7 }))).toBe(30);
  });

  it('drops the answer of a task that has timed out', async () => {
    const slow: HarnessOptions['invoke'] = async (_call, clock) => {
      await clock.sleep(10_000);
      return 'late';
    };
    const Catch = [{ ErrorEquals: ['States.Timeout'], Next: 'B' }];
    const states = { A: task({ TimeoutSeconds: 2, Catch }), B: { Type: 'Wait', Seconds: 60, End: true } };
    const execution = await harness(states, { invoke: slow }).run();
    expect(outputOf(execution)).toEqual({ Error: 'States.Timeout', Cause: '' });
    expect(eventsOf(execution, 'TaskSucceeded')).toHaveLength(0);
    expect(seconds(execution)).toBe(62);
  });

  it('drops the answer of a token task that has timed out before its call returned', async () => {
    const slow: HarnessOptions['invoke'] = (_call, clock) => clock.sleep(10_000);
    const Catch = [{ ErrorEquals: ['States.Timeout'], Next: 'B' }];
    const states = { A: waiting({ TimeoutSeconds: 2, Catch }), B: { Type: 'Wait', Seconds: 60, End: true } };
    const execution = await harness(states, { invoke: slow }).run();
    expect(eventsOf(execution, 'TaskSubmitted')).toHaveLength(0);
    expect(execution.status).toBe('SUCCEEDED');
  });

  it('refuses an instant that does not exist, or has no offset', async () => {
    const { run } = harness({ A: { Type: 'Wait', Timestamp: '{% $states.input %}', End: true } });
    for (const text of [
      '2026-02-31T00:00:00Z',
      '2026-03-01T24:00:01Z',
      '2026-03-01T12:00:00',
      '2026-03-01 12:00:00Z',
    ]) {
      expect((await run(text)).cause).toMatch(/cannot be parsed as an ISO-8601 extended offset date-time/);
    }
    expect((await run('2026-03-01T12:00Z')).status).toBe('SUCCEEDED');
  });

  it('spends the latency it is given', async () => {
    const latency = { start: () => 100, transition: () => 20, taskOverhead: () => 7 };
    const execution = await harness({ A: pass({ Next: 'B', End: undefined }), B: task() }, { latency }).run();
    expect(execution.stoppedAt).toBe(epoch + 127);
    expect(eventsOf(execution, 'TaskStarted')[0]!.timestamp).toEqual(new Date(epoch + 127));
  });

  it("ends at the machine's TimeoutSeconds, without error or cause", async () => {
    const states = { A: { Type: 'Wait', Seconds: 100, End: true } };
    const execution = await harness(states, { machine: { TimeoutSeconds: 40 } }).run();
    expect(execution).toMatchObject({ status: 'TIMED_OUT', error: undefined, cause: undefined });
    expect(seconds(execution)).toBe(40);
    expect(execution.history.at(-1)!.type).toBe('ExecutionTimedOut');
  });

  it('fails at 25,000 events', async () => {
    const states = { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', Next: 'A' } };
    const execution = await harness(states).run();
    expect(execution.history).toHaveLength(25_000);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  });
});

describe('abort', () => {
  it('stops between two states: nothing of the next one happens', async () => {
    const states = { A: pass({ Next: 'B', End: undefined }), B: task({ Next: 'C', End: undefined }), C: task() };
    const made = harness(states, {
      onEvent: (event, execution) => {
        if (event.stateEnteredEventDetails?.name === 'C') execution.abort('Crashed', 'on entering C');
      },
    });
    const execution = await made.run();
    expect(execution).toMatchObject({ status: 'ABORTED', error: 'Crashed', cause: 'on entering C' });
    expect(made.calls.map(({ call }) => call.context.stateName)).toEqual(['B']);
    expect(story(execution).at(-1)).toBe('10 ExecutionAborted <- 0');
    await expect(execution.done).resolves.toBe(execution);
  });

  it('stops on any event, and calls nothing after it', async () => {
    for (let at = 1; at <= 7; at++) {
      const made = harness(
        { A: task() },
        { onEvent: ({ id }, execution) => (id === at ? execution.abort() : undefined) },
      );
      const execution = await made.run();
      expect(execution.history).toHaveLength(at === 7 ? 7 : at + 1);
      expect(execution.status).toBe(at === 7 ? 'SUCCEEDED' : 'ABORTED');
      expect(made.calls).toHaveLength(at > 4 ? 1 : 0);
    }
  });

  it('leaves one that has ended as it is', async () => {
    const execution = await harness({ A: pass() }).run();
    execution.abort('X');
    expect(execution.status).toBe('SUCCEEDED');
  });
});

describe('Choice', () => {
  it('fails with States.NoChoiceMatched when nothing matches and there is no Default', async () => {
    const Choices = [{ Condition: '{% $states.input.n > 1 %}', Next: 'B' }];
    const execution = await harness({ A: { Type: 'Choice', Choices }, B: pass() }).run({ n: 1 });
    expect(execution.error).toBe('States.NoChoiceMatched');
    expect(story(execution, 2)).toEqual(['2 ChoiceStateEntered <- 0', '3 ExecutionFailed <- 2']);
  });

  it('takes the first rule that is true, and demands a boolean', async () => {
    const Choices = [
      { Condition: '{% $states.input.n > 5 %}', Next: 'B' },
      { Condition: '{% $states.input.n %}', Next: 'B' },
    ];
    const { run } = harness({ A: { Type: 'Choice', Choices }, B: pass() });
    expect((await run({ n: 6 })).status).toBe('SUCCEEDED');
    expect((await run({ n: 5 })).cause).toBe(
      "An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression " +
        "'$states.input.n' specified for the field 'Choices[1]/Condition' returned an unexpected result type. " +
        "Expected 'boolean', but was 'number' for value: 5",
    );
  });
});

describe('Map and Parallel', () => {
  const mapOver = (states: object, fields: object = {}) => ({
    Type: 'Map',
    Items: '{% $states.input %}',
    ItemProcessor: { StartAt: 'In', States: states },
    End: true,
    ...fields,
  });
  const slow = { Type: 'Wait', Seconds: '{% $states.input %}', End: true };

  it('runs at most MaxConcurrency iterations together, results in order', async () => {
    const one = await harness({ A: mapOver({ In: slow }, { MaxConcurrency: 1 }) }).run([3, 1, 2]);
    const two = await harness({ A: mapOver({ In: slow }, { MaxConcurrency: 2 }) }).run([3, 1, 2]);
    const all = await harness({ A: mapOver({ In: slow }) }).run([3, 1, 2]);
    expect([one, two, all].map(seconds)).toEqual([6, 3, 3]);
    expect([one, two, all].map(outputOf)).toEqual([
      [3, 1, 2],
      [3, 1, 2],
      [3, 1, 2],
    ]);
    expect(eventsOf(all, 'MapIterationStarted').map(({ id }) => id)).toEqual([4, 5, 6]);
  });

  it('stops the siblings of a failed iteration, all events pointing at the failing one', async () => {
    const states = {
      In: { Type: 'Choice', Choices: [{ Condition: '{% $states.input = 0 %}', Next: 'Bad' }], Default: 'Long' },
      Bad: { Type: 'Fail', Error: 'Zero' },
      Long: task(),
    };
    const made = harness(
      { A: mapOver(states) },
      { invoke: () => new Promise(() => undefined), latency: { transition: () => 5 } },
    );
    const execution = await made.run([1, 0]);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Zero' });
    const failing = eventsOf(execution, 'FailStateEntered')[0]!.id;
    const ends = execution.history.slice(-5).map(({ type, previousEventId }) => [type, previousEventId]);
    expect(ends).toEqual([
      ['MapIterationFailed', failing],
      ['TaskStateAborted', failing],
      ['MapIterationAborted', failing],
      ['MapStateFailed', failing],
      ['ExecutionFailed', execution.history.length - 1],
    ]);
  });

  it('reads the variables around it, and keeps its own', async () => {
    const In = pass({ Assign: { x: 'inner' }, Output: '{% $x & $string($states.input) %}' });
    const states = {
      A: { Type: 'Pass', Assign: { x: 'outer' }, Next: 'B' },
      B: mapOver({ In }, { Items: [1, 2], End: undefined, Next: 'C' }),
      C: pass({ Output: { items: '{% $states.input %}', x: '{% $x %}' } }),
    };
    expect(outputOf(await harness(states).run())).toEqual({ items: ['outer1', 'outer2'], x: 'outer' });
  });

  it('leaves nothing of a stopped sibling behind', async () => {
    const In = { Type: 'Wait', Seconds: 5, Next: 'After' };
    const Branches = [
      { StartAt: 'P', States: { P: { Type: 'Fail', Error: 'X' } } },
      { StartAt: 'Q', States: { Q: mapOver({ In, After: task() }, { Items: [1] }) } },
    ];
    const states = {
      A: { Type: 'Parallel', Branches, Catch: [{ ErrorEquals: ['X'], Next: 'B' }], End: true },
      B: { Type: 'Wait', Seconds: 60, End: true },
    };
    const made = harness(states, { latency: { transition: () => 1 } });
    const execution = await made.run();
    expect(execution.status).toBe('SUCCEEDED');
    expect(made.calls).toHaveLength(0);
    expect(eventsOf(execution, 'WaitStateExited')).toHaveLength(1);
  });

  it('retries a whole Parallel, then catches it', async () => {
    const Branches = [
      { StartAt: 'P', States: { P: task() } },
      { StartAt: 'Q', States: { Q: slow } },
    ];
    const states = {
      A: {
        Type: 'Parallel',
        Branches,
        Arguments: 100,
        Retry: [{ ErrorEquals: ['X'], MaxAttempts: 1 }],
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }],
        End: true,
      },
      B: pass(),
    };
    const execution = await harness(states, { invoke: failWith('X') }).run();
    expect(seconds(execution)).toBe(1);
    expect(eventsOf(execution, 'ParallelStateStarted')).toHaveLength(2);
    expect(eventsOf(execution, 'ParallelStateFailed')).toHaveLength(1);
    expect(eventsOf(execution, 'TaskStateAborted')).toHaveLength(2);
    expect(eventsOf(execution, 'WaitStateAborted')).toHaveLength(2);
    expect(outputOf(execution)).toEqual({ Error: 'X', Cause: 'cause of X' });
  });

  it('puts the outputs of branches side by side, texts untouched', async () => {
    const branch = { StartAt: 'P', States: { P: pass() } };
    const made = harness({ A: { Type: 'Parallel', Branches: [branch, branch], End: true } });
    const execution = made.runner.start('e', '[1,  2]');
    await made.clock.runUntil(epoch + 1_000);
    expect(execution.output).toBe('[[1,  2],[1,  2]]');
    expect(story(execution, 8)).toEqual([
      '8 ParallelStateSucceeded <- 7',
      '9 ParallelStateExited <- 7',
      '10 ExecutionSucceeded <- 9',
    ]);
  });
});

describe('expressions', () => {
  const evaluate = async (expression: string, seed = 1) => {
    const execution = await harness({ A: pass({ Output: `{% ${expression} %}` }) }, { seed }).run({ n: 1 });
    return execution.status === 'SUCCEEDED' ? outputOf(execution) : execution.cause;
  };

  it('stand on the virtual clock', async () => {
    expect(await evaluate('$millis()')).toBe(epoch);
    expect(await evaluate('$now()')).toBe('2026-03-01T12:00:00.000Z');
    expect(await evaluate("$now('[H01]:[m01]', '+0100')")).toBe('13:00');
    expect(await evaluate('$states.context.Execution.StartTime')).toBe('2026-03-01T12:00:00.000Z');
  });

  it('throw seeded dice', async () => {
    expect(await evaluate('$uuid()', 3)).toBe(await evaluate('$uuid()', 3));
    expect(await evaluate('$uuid()', 3)).not.toBe(await evaluate('$uuid()', 4));
    expect(await evaluate('$random()', 3)).toBe(randomStream(3, 'asl').next());
    expect(await evaluate('$random(42)')).toBe(0.7275636800328681);
  });

  it('have the functions Step Functions adds, and no $eval', async () => {
    expect(await evaluate('$partition([1,2,3], 2)')).toEqual([[1, 2], [3]]);
    expect(await evaluate('$range(0, 6, 2)')).toEqual([0, 2, 4, 6]);
    expect(await evaluate("$hash('input', 'SHA-1')")).toBe('140f86aae51ab9e1cda9b4254fe98a74eb54c1a1');
    expect(await evaluate('$parse(\'{"a": [1]}\').a')).toEqual([1]);
    expect(await evaluate("$eval('1')")).toMatch(/threw an error during evaluation\. T1006: Attempted to invoke/);
    expect(await evaluate("$parse('x')")).toMatch(/threw an error during evaluation: Unexpected token/);
    expect(await evaluate("$hash(1, 'MD5')")).toMatch(/T0410: Argument 1 of function "hash" does not match/);
  });

  it('name the place of a failure by index and key', async () => {
    const Output = { list: [0, { deep: '{% $nothing %}' }] };
    expect((await harness({ A: pass({ Output }) }).run()).cause).toMatch(
      /field 'Output\/list\[1\]\/deep' returned nothing/,
    );
  });
});

describe('a run', () => {
  it('is the same for the same seed, event by event', async () => {
    const states = {
      A: waiting({ TimeoutSeconds: 9, Retry: [{ ErrorEquals: ['States.ALL'], JitterStrategy: 'FULL' }] }),
    };
    const text = async (seed: number) => JSON.stringify((await harness(states, { seed }).run()).history);
    expect(await text(5)).toBe(await text(5));
    expect(await text(5)).not.toBe(await text(6));
  });

  it('tells services whom it is and whose role it takes', async () => {
    const Credentials = { RoleArn: 'arn:aws:iam::2:role/other' };
    const made = harness({ A: task({ Credentials }) });
    await made.run();
    expect(made.calls[0]!.call).toMatchObject({
      kind: 'aws-sdk',
      service: 'dynamodb',
      action: 'updateItem',
      context: {
        executionArn: 'arn:aws:states:eu-west-3:111122223333:execution:m:e',
        credentialsRoleArn: 'arn:aws:iam::2:role/other',
        stateName: 'A',
      },
    });
  });

  it('fails the clock, not the machine, when the simulation itself is broken', async () => {
    const broken = async () => {
      throw new TypeError('no such thing');
    };
    await expect(
      harness({ A: task({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'A' }] }) }, { invoke: broken }).run(),
    ).rejects.toThrow('no such thing');
  });
});
