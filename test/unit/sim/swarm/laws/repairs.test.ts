/** The law of budgets: a run goes on by the policy it began with, however little the next deployment allows. */
import type { Deployment } from '../../../../../core/words/domain';
import type { Scene } from '../../../../../sim/swarm/law';
import { RepairLaws } from '../../../../../sim/swarm/laws/repairs';
import { drawSite } from '../../../../../sim/swarm/site';

const hourMs = 3_600_000;
const site = drawSite(0);
const [connection] = Object.values(site.connections);
const { name, paths } = connection!;
const [path] = Object.values(paths);
const allowing = (repairs24hMax: number): Deployment => ({
  ...site,
  connections: {
    ...site.connections,
    [name]: { ...connection!, mode: 'repair', policy: { ...connection!.policy, repairs24hMax } },
  },
});

/** One restart of a tunnel begins after a deployment that allows `then`, decided by a run that began at `startedAt`. */
function brokenBy(then: number, startedAt: number, status: string): string[] {
  const broken: string[] = [];
  const at = 2 * hourMs;
  const rung = { rung: 'restart-tunnel', path: path!.name, gateway: path!.gateway, clientToken: 't', startedAt: at };
  const item = { memory: { S: JSON.stringify({ rungs: [{ ...rung, endedAt: null }] }) } };
  const scene = {
    deployment: allowing(1),
    now: () => at,
    items: { at: (key: string) => (key === `connection#${name}` ? item : undefined) },
    truth: { workedThroughout: () => false, ledThroughout: () => true },
    cloud: {
      world: { pathOf: () => null, machineOf: () => ({ id: 'i-1' }) },
      ssm: { runs: new Map() },
      stepfunctions: { executions: [{ status, startedAt }] },
    },
    broken: (law: string) => broken.push(law),
  };
  const law = new RepairLaws(scene as unknown as Scene);
  const call = (operation: string, by: string, input: unknown, output = {}): void =>
    law.onCall({ operation, by, input } as never, output);
  scene.deployment = allowing(then);
  const start = { ClientToken: 't', DocumentName: 'switchback-restart-tunnel', Parameters: {} };
  call('StartAutomationExecution', 'machine', start, { AutomationExecutionId: 'auto-1' });
  call('UpdateItem', 'automation', { ExpressionAttributeValues: { ':execution': { S: 'auto-1' } } });
  return broken;
}

it.each([
  ['of a run that began before the deployment is allowed', 0, hourMs, 'RUNNING', []],
  [
    'of a run that began after it is one too many',
    0,
    3 * hourMs,
    'RUNNING',
    ['flap and repair budgets are never exceeded'],
  ],
  ['is one too many where no run goes on', 0, hourMs, 'SUCCEEDED', ['flap and repair budgets are never exceeded']],
  ['within the new budget is allowed', 1, 3 * hourMs, 'RUNNING', []],
] as const)('a repair %s', (_, then, startedAt, status, laws) => {
  expect(brokenBy(then, startedAt, status)).toEqual(laws);
});
