/** How a Task state's failure is named. */
import type { TaskCall } from '../../../../../local-cloud/asl/task-services';
import { Faults } from '../../../../../local-cloud/front/faults';
import type { Front } from '../../../../../local-cloud/front/front';
import { randomStream } from '../../../../../local-cloud/random';
import { Integrations } from '../../../../../local-cloud/services/stepfunctions/integrations';

const assess: TaskCall = {
  kind: 'optimized',
  service: 'lambda',
  action: 'invoke',
  resource: 'arn:aws:states:::lambda:invoke',
  arguments: { FunctionName: 'assess', Payload: {} },
  context: { executionArn: 'e', stateMachineArn: 'm', roleArn: 'r', stateName: 'Assess' } as TaskCall['context'],
};

async function errorOf(error: string, status: number): Promise<unknown> {
  const faults = new Faults();
  faults.failState('Assess', { error, status, landed: false }, 1);
  const front = { call: () => Promise.reject(new Error('not to be called')) } as unknown as Front;
  const integrations = new Integrations({ front, faults, role: 'r', machineName: 'm', random: randomStream(1, 'ids') });
  return integrations.invoke(assess).catch((caught: unknown) => caught);
}

it.each([
  ['the function itself failed', 'MalformedInput', 200, 'MalformedInput'],
  ['Lambda refused the call', 'TooManyRequestsException', 429, 'Lambda.TooManyRequestsException'],
  ['no answer came', 'TimeoutError', 0, 'Lambda.SdkClientException'],
])('names the failure of a Lambda task: %s', async (_, error, status, name) => {
  expect(await errorOf(error, status)).toMatchObject({ error: name });
});
