/** Step Functions behind its API: names of executions, and the names errors of tasks have in ErrorEquals. */
import { VirtualClock } from '../../../../../local-cloud/clock';
import { Faults } from '../../../../../local-cloud/front/faults';
import { Front } from '../../../../../local-cloud/front/front';
import { Authority } from '../../../../../local-cloud/iam/authority';
import { Latencies } from '../../../../../local-cloud/latency';
import { AwsError } from '../../../../../local-cloud/service';
import { StepFunctions } from '../../../../../local-cloud/services/stepfunctions/stepfunctions';
import { roleFor, templateOf } from '../../template-of';

const arn = 'arn:aws:states:eu-west-1:111111111111:stateMachine:m';
const update = 'arn:aws:states:::aws-sdk:dynamodb:updateItem';

/** A machine of one task that catches everything and ends with the error's name. */
function definition(resource: string, taskArguments: object): string {
  const Catch = [{ ErrorEquals: ['States.ALL'], Output: '{% $states.errorOutput %}', Next: 'Caught' }];
  const Task = { Type: 'Task', Resource: resource, Arguments: taskArguments, TimeoutSeconds: 60, Catch, End: true };
  return JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'Task', States: { Task, Caught: { Type: 'Succeed' } } });
}

interface Setup {
  readonly resource?: string;
  readonly taskArguments?: object;
  /** What the machine's role may act on. */
  readonly granted?: string;
  /** What the called service does. */
  readonly service?: (operation: string, input: unknown) => unknown;
}

function open(setup: Setup = {}) {
  const { resource = update, taskArguments = { TableName: 't', Key: {} }, service = () => ({}), granted = '*' } = setup;
  const clock = new VirtualClock(0);
  const template = templateOf({
    Role: roleFor('states.amazonaws.com', { Effect: 'Allow', Action: '*', Resource: granted }),
    Machine: {
      Type: 'AWS::StepFunctions::StateMachine',
      Properties: {
        StateMachineName: 'm',
        RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
        DefinitionString: definition(resource, taskArguments),
        DefinitionSubstitutions: {},
      },
    },
  });
  const authority = new Authority(template, { machineOf: (token) => stepfunctions.machineOf(token) });
  const latencies = new Latencies(1);
  const faults = new Faults();
  const front = new Front({ clock, authority, latencies, faults });
  const seen: unknown[] = [];
  for (const name of ['dynamodb', 'lambda', 'sns']) {
    front.register({
      name,
      call: async (operation, input) => {
        seen.push(input);
        return service(operation, input);
      },
    });
  }
  const stepfunctions: StepFunctions = new StepFunctions({
    template,
    clock,
    front,
    authority,
    latencies,
    seed: 1,
    faults,
    count: () => {},
  });
  front.register(stepfunctions);
  const start = (name: string, input = '{}') =>
    stepfunctions.call('StartExecution', { stateMachineArn: arn, name, input });
  /** Runs one execution to its end and answers with its output. */
  const run = async (): Promise<unknown> => {
    await start('one');
    await clock.runUntil(60_000);
    return JSON.parse(stepfunctions.executions[0]!.output ?? 'null') as unknown;
  };
  return { clock, run, seen, start, stepfunctions };
}

const failing = (error: AwsError) => ({
  service: () => {
    throw error;
  },
});

it('shows a new execution to DescribeExecution a moment late', async () => {
  const { clock, start, stepfunctions } = open();
  await start('one');
  const executionArn = stepfunctions.executions[0]!.arn;
  const described = () => stepfunctions.call('DescribeExecution', { executionArn });
  await expect(described()).rejects.toMatchObject({ name: 'ExecutionDoesNotExist' });
  await clock.runUntil(60_000);
  expect(await described()).toMatchObject({ executionArn });
});

describe('names of executions', () => {
  it('answers a repeated start with the running execution', async () => {
    const { start, stepfunctions } = open();
    expect(await start('a', '{"x":1}')).toEqual(await start('a', '{"x":1}'));
    expect(stepfunctions.executions).toHaveLength(1);
  });

  it('refuses the same name with another input, or after the end', async () => {
    const { clock, start } = open();
    await start('a');
    await expect(start('a', '{"x":2}')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
    await clock.runUntil(60_000);
    await expect(start('a')).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
  });

  it.each([['a b'], ['a/b'], ['x'.repeat(81)]])('refuses the name %s', async (name) => {
    await expect(open().start(name)).rejects.toMatchObject({ name: 'InvalidName' });
  });

  it('refuses an input that is no JSON', async () => {
    await expect(open().start('a', '{')).rejects.toMatchObject({ name: 'InvalidExecutionInput' });
  });
});

describe('errors of tasks, as ErrorEquals compares them', () => {
  it.each([
    [
      'a modelled error',
      new AwsError('ConditionalCheckFailedException', 'no'),
      'DynamoDb.ConditionalCheckFailedException',
    ],
    ['an unmodelled error', new AwsError('ValidationException', 'no'), 'DynamoDb.DynamoDbException'],
    ['no connection', new AwsError('TimeoutError', 'connect ETIMEDOUT', 0), 'DynamoDb.SdkClientException'],
  ])('%s', async (_, error, name) => {
    expect(await open(failing(error)).run()).toMatchObject({ Error: name });
  });

  it('appends Exception to shapes that lack it, and takes PascalCase members', async () => {
    const resource = 'arn:aws:states:::aws-sdk:sfn:sendTaskSuccess';
    const output = await open({ resource, taskArguments: { TaskToken: 'none', Output: '{}' } }).run();
    expect(output).toMatchObject({ Error: 'Sfn.InvalidTokenException' });
  });

  it('denies what is no token to a role that may send to its own machine only', async () => {
    const resource = 'arn:aws:states:::aws-sdk:sfn:sendTaskSuccess';
    const output = await open({ resource, granted: arn, taskArguments: { TaskToken: 'none', Output: '{}' } }).run();
    expect(output).toMatchObject({ Error: 'Sfn.SfnException' });
    expect(output).toMatchObject({ Cause: expect.stringContaining('stateMachine: because no identity-based policy') });
  });

  it('gives the cause as the SDK for Java words it', async () => {
    const { Cause } = (await open(
      failing(new AwsError('ConditionalCheckFailedException', 'The conditional request failed')),
    ).run()) as { Cause: string };
    expect(Cause).toMatch(
      /^The conditional request failed \(Service: DynamoDb, Status Code: 400, Request ID: [0-9a-f-]{36}\) \(SDK Attempt Count: 1\)$/,
    );
  });

  it("fails with a function's own error type", async () => {
    const payload = '{"errorType":"MalformedInput","errorMessage":"no"}';
    const service = () => ({ StatusCode: 200, ExecutedVersion: '1', FunctionError: 'Unhandled', Payload: payload });
    const setup = {
      resource: 'arn:aws:states:::lambda:invoke',
      taskArguments: { FunctionName: 'f', Payload: {} },
      service,
    };
    expect(await open(setup).run()).toEqual({ Error: 'MalformedInput', Cause: payload });
  });
});

it('hands a function its payload and answers with the parsed one', async () => {
  const service = () => ({ StatusCode: 200, ExecutedVersion: '1', Payload: '{"answer":42}' });
  const setup = {
    resource: 'arn:aws:states:::lambda:invoke',
    taskArguments: { FunctionName: 'f', Payload: { ask: 1 } },
    service,
  };
  const { run, seen } = open(setup);
  expect(await run()).toMatchObject({ Payload: { answer: 42 }, StatusCode: 200 });
  expect(seen).toEqual([{ FunctionName: 'f', Payload: '{"ask":1}' }]);
});

it('does not send a parameter of the wrong type: the execution fails, and nothing catches that', async () => {
  const { run, seen, stepfunctions } = open({ taskArguments: { TableName: 't', Key: { pk: { N: 7 } } } });
  await run();
  expect(stepfunctions.executions[0]).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  expect(seen).toEqual([]);
});
