/** Automation, executions and the metrics that stand in for reports. */
import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { GetAutomationExecutionCommand } from '@aws-sdk/client-ssm';
import { metrics } from '../../../adapters/cloudwatch/metrics';
import { automation } from '../../../adapters/ssm/automation';
import { executionName, executions } from '../../../adapters/stepfunctions/executions';
import { connection } from '../functions/sample-deployment';
import { startAt, VirtualWorld } from '../functions/virtual-world';
import { awsError, awsMocks } from './aws-mocks';

const make = () => {
  const mocks = awsMocks();
  return { mocks, world: new VirtualWorld(mocks) };
};

describe('automation', () => {
  it('strips the step from output names and takes each first value', async () => {
    const { mocks, world } = make();
    mocks.ssm.on(GetAutomationExecutionCommand).resolves({
      AutomationExecution: {
        AutomationExecutionStatus: 'Success',
        ExecutionEndTime: new Date(startAt),
        Parameters: { Repair: ['c-1'] },
        Outputs: { 'Launch.NewInstanceId': ['i-new'], 'Launch.NewInterfaceId': ['eni-new', 'x'], 'Empty.None': [] },
      },
    });
    expect(await automation(mocks.clients.ssm, world).read('id-1')).toEqual({
      id: 'id-1',
      status: 'success',
      endedAt: startAt,
      outputs: { NewInstanceId: 'i-new', NewInterfaceId: 'eni-new' },
      failure: '',
      repair: 'c-1',
    });
  });

  it.each([
    ['InProgress', 'running'],
    ['Waiting', 'running'],
    ['Cancelling', 'running'],
    ['TimedOut', 'failed'],
    ['Cancelled', 'failed'],
    ['CompletedWithFailure', 'failed'],
  ] as const)('reads %s as %s', async (AutomationExecutionStatus, status) => {
    const { mocks, world } = make();
    mocks.ssm.on(GetAutomationExecutionCommand).resolves({ AutomationExecution: { AutomationExecutionStatus } });
    expect(await automation(mocks.clients.ssm, world).read('id-1')).toMatchObject({ status, endedAt: null });
  });

  it.each([
    ['Failed', 'refused'],
    ['TimedOut', 'refused'],
    ['Success', 'failed'],
  ] as const)('tells one whose claim ended in %s from one that failed later', async (StepStatus, status) => {
    const { mocks, world } = make();
    const StepExecutions = [{ StepName: 'claimGateway', StepStatus }, { StepName: 'rebootInstance' }];
    mocks.ssm.on(GetAutomationExecutionCommand).resolves({
      AutomationExecution: { AutomationExecutionStatus: 'Failed', StepExecutions, FailureMessage: 'why' },
    });
    expect(await automation(mocks.clients.ssm, world).read('id-1')).toMatchObject({ status, failure: 'why' });
  });

  it('knows nothing of an id Systems Manager does not know', async () => {
    const { mocks, world } = make();
    mocks.ssm.on(GetAutomationExecutionCommand).rejects(awsError('AutomationExecutionNotFoundException'));
    expect(await automation(mocks.clients.ssm, world).read('id-1')).toBeNull();
  });
});

describe('executions', () => {
  it('takes "already exists" for success', async () => {
    const { mocks, world } = make();
    mocks.sfn.on(StartExecutionCommand).resolvesOnce({}).rejects(awsError('ExecutionAlreadyExists'));
    const port = executions(mocks.clients.sfn, 'arn', world);
    expect(await port.start('n', { connection: 'paris', source: 'sweep' })).toBe('started');
    expect(await port.start('n', { connection: 'paris', source: 'sweep' })).toBe('exists');
  });

  it('makes names Step Functions accepts, and keeps long ones apart', () => {
    expect(executionName('canary', 'paris', 'paris/a', 12, 99)).toBe('canary-paris-paris-a-12-99');
    const long = 'x'.repeat(90);
    expect(executionName(long, 1)).toHaveLength(80);
    expect(executionName(long, 1)).not.toBe(executionName(long, 2));
  });
});

describe('metrics', () => {
  const [canary] = connection().canaries;
  const watched = [{ canary: canary!, policy: connection().policy }];
  const points = (ageMs: number, values: Record<string, number>) => ({
    MetricDataResults: Object.entries(values).map(([Id, value]) => ({
      Id,
      Timestamps: [new Date(startAt - ageMs - 5_000), new Date(startAt - ageMs)],
      Values: [1 - value, value],
    })),
  });

  it('makes a report of the newest point', async () => {
    const { mocks, world } = make();
    mocks.cloudwatch.on(GetMetricDataCommand).resolves(points(4_000, { reachable0: 1, loss0: 0, rtt0: 30 }));
    expect(await metrics(mocks.clients.cloudwatch, 'Switchback', world).read(watched)).toMatchObject({
      'paris/a': { verdict: 'healthy', reportedAt: startAt - 4_000, rttMs: 30, changed: false, gatewayProbe: 'none' },
    });
    const { input } = mocks.cloudwatch.commandCalls(GetMetricDataCommand)[0]!.args[0];
    expect(input.MetricDataQueries![0]!.MetricStat).toMatchObject({
      Metric: {
        Namespace: 'Switchback',
        MetricName: 'Reachable',
        Dimensions: [
          { Name: 'Connection', Value: 'paris' },
          { Name: 'Canary', Value: 'paris/a' },
        ],
      },
      Stat: 'Minimum',
    });
  });

  it.each([
    ['down', { reachable0: 0, loss0: 1 }],
    ['degraded', { reachable0: 1, loss0: 0.1, rtt0: 30 }],
    ['degraded', { reachable0: 1, loss0: 0, rtt0: 300 }],
  ])('reads them as %s', async (verdict, values) => {
    const { mocks, world } = make();
    mocks.cloudwatch.on(GetMetricDataCommand).resolves(points(1_000, values as Record<string, number>));
    expect(await metrics(mocks.clients.cloudwatch, 'S', world).read(watched)).toMatchObject({ 'paris/a': { verdict } });
  });

  it('knows nothing from points older than 30 s, or from none', async () => {
    const { mocks, world } = make();
    const port = metrics(mocks.clients.cloudwatch, 'S', world);
    mocks.cloudwatch.on(GetMetricDataCommand).resolves(points(31_000, { reachable0: 1 }));
    expect(await port.read(watched)).toEqual({ 'paris/a': null });
    mocks.cloudwatch.on(GetMetricDataCommand).resolves({});
    expect(await port.read(watched)).toEqual({ 'paris/a': null });
  });
});
