/** What Systems Manager says of a repair document's run. */
import { GetAutomationExecutionCommand } from '@aws-sdk/client-ssm';
import { automation } from '../../../../adapters/ssm/automation';
import { startAt, VirtualWorld } from '../../functions/virtual-world';
import { awsError, awsMocks } from '../aws-mocks';

const make = () => {
  const mocks = awsMocks();
  return { mocks, world: new VirtualWorld(mocks) };
};

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

it.each([
  ['Failed', 'refused'],
  ['Pending', 'failed'],
] as const)('takes a refusal by the end’s function that is %s for %s', async (StepStatus, status) => {
  const { mocks, world } = make();
  const StepExecutions = [{ StepName: 'rebootInstance' }, { StepName: 'claimRefused', StepStatus }];
  mocks.ssm.on(GetAutomationExecutionCommand).resolves({
    AutomationExecution: { AutomationExecutionStatus: 'Failed', StepExecutions },
  });
  expect(await automation(mocks.clients.ssm, world).read('id-1')).toMatchObject({ status });
});

it('knows nothing of an id Systems Manager does not know', async () => {
  const { mocks, world } = make();
  mocks.ssm.on(GetAutomationExecutionCommand).rejects(awsError('AutomationExecutionNotFoundException'));
  expect(await automation(mocks.clients.ssm, world).read('id-1')).toBeNull();
});
