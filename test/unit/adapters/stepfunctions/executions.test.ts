/** Starting runs: their names, and one that is there already. */
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { executionName, executions } from '../../../../adapters/stepfunctions/executions';
import { VirtualWorld } from '../../functions/virtual-world';
import { awsError, awsMocks } from '../aws-mocks';

const make = () => {
  const mocks = awsMocks();
  return { mocks, world: new VirtualWorld(mocks) };
};

it('takes "already exists" for success', async () => {
  const { mocks, world } = make();
  mocks.sfn.on(StartExecutionCommand).resolvesOnce({}).rejects(awsError('ExecutionAlreadyExists'));
  const port = executions(mocks.clients.sfn, 'arn', world);
  expect(await port.start('n', { connection: 'paris', source: 'sweep' })).toBe('started');
  expect(await port.start('n', { connection: 'paris', source: 'sweep' })).toBe('exists');
});

it('makes names Step Functions accepts, and keeps long ones apart', () => {
  expect(executionName('canary', 'paris', 'paris/path-a', 12, 99)).toBe('canary-paris-paris-path-a-12-99');
  const long = 'x'.repeat(90);
  expect(executionName(long, 1)).toHaveLength(80);
  expect(executionName(long, 1)).not.toBe(executionName(long, 2));
});
