/**
 * The bundles carry no class for an error of AWS (scripts/build-functions.mjs leaves them out): the adapters know errors
 * by their names. Here a bundle talks to an endpoint that refuses, with the SDK's own clients: the simulator hands its
 * functions other clients, and the contract tests run on the SDK as it was installed.
 */
import { ensureBundles } from '../../cli/bundles';
import { sensed } from '../../performance/measure';

beforeAll(ensureBundles);

it('knows a run that exists already by its name', async () => {
  const { answer, calls } = await sensed('reports', [['StartExecution', 'ExecutionAlreadyExists']]);
  expect(calls).toContain('StartExecution');
  expect(answer).toEqual({ batchItemFailures: [] });
});

it('hands a record back when a run may not be started', async () => {
  const { answer } = await sensed('reports', [['StartExecution', 'AccessDeniedException']]);
  expect(answer).not.toEqual({ batchItemFailures: [] });
});

it('knows a condition that does not hold by its name', async () => {
  const { calls, log } = await sensed('instance', [['UpdateItem', 'ConditionalCheckFailedException']]);
  expect(calls).toContain('UpdateItem');
  expect(log).not.toContain('not observed');
});

it('says of any other refusal what it was', async () => {
  const { log } = await sensed('instance', [['UpdateItem', 'ValidationException']]);
  expect(log).toMatch(/not observed.*ValidationException/);
});
