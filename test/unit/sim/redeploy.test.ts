/** A stack that is updated while it runs, and a policy above it that says no. */

import { simulationStart } from '../../../local-cloud/latency';
import { parseScenario } from '../../../sim/scenario';
import { simulate } from '../../../sim/simulate';
import type { SimulatedCloud } from '../../../sim/simulated-cloud';

async function cloudOf(lines: string): Promise<SimulatedCloud> {
  let cloud: SimulatedCloud | undefined;
  await simulate(parseScenario(`title: t\nsite: pair\n${lines}`, 'redeployed'), {
    seed: 1,
    tables: 'memory',
    onCloud: (made) => {
      cloud = made;
    },
  });
  return cloud!;
}

it('gives functions, rules and grants the new configuration, and leaves executions, tables and routes as they were', async () => {
  const cloud = await cloudOf(`durationMax: 6m
steps:
  - { at: 1m, do: command, input: { connection: paris, trigger: maintenance, path: a, until: +40m, reason: kernel, requestedBy: ana } }
  - { at: 90s, do: redeploy, gateway: gw-b, instance: i-0ccccccccccccccc1, interface: eni-0ccccccccccccccc1, config: { connections: { paris: { routeSets: { office: { tables: [rtb-00000000000000001, rtb-00000000000000002, rtb-00000000000000003] } } } } } }
  - { at: 5m, do: faults_end }`);
  const { world } = cloud;
  const gateway = world.deployment.gateways['gw-b']!;
  expect(gateway).toMatchObject({ instanceId: 'i-0ccccccccccccccc1', privateAddress: '10.0.2.60' });
  expect(world.instances.machines.get('i-0ccccccccccccccc1')).toMatchObject({ state: 'running', roles: ['gw-b'] });
  // The old one keeps the address and what leads to it.
  expect(world.machineOf('gw-b').id).toBe('i-0bbbbbbbbbbbbbbb1');
  expect(world.routes.written('rtb-0ca0000000000000b', '172.16.0.0/16')?.id).toBe('eni-0bbbbbbbbbbbbbbb1');
  expect(world.routes.written('rtb-00000000000000003', '172.16.0.0/16')?.id).toBe('eni-0aaaaaaaaaaaaaaa1');
  const asked = (from: number, to: number) =>
    cloud.front.calls.some(
      ({ at, by, operation, input }) =>
        by.includes('Sweep') &&
        operation === 'DescribeInstances' &&
        at - simulationStart > from &&
        at - simulationStart < to &&
        JSON.stringify(input).includes('i-0ccccccccccccccc1'),
    );
  expect([asked(0, 90_000), asked(90_000, 360_000)]).toEqual([false, true]);
  const tokens = cloud.stepfunctions.executions.map(({ arn }) => arn);
  expect(new Set(tokens).size).toBe(tokens.length);
  expect(cloud.authority.usage().filter(({ allowed }) => !allowed)).toEqual([]);
});

it('lets executions under way go on with the function versions they began with', async () => {
  const cloud = await cloudOf(`durationMax: 5m
steps:
  - { at: 1m, do: command, input: { connection: paris, trigger: maintenance, path: a, until: +40m, reason: kernel, requestedBy: ana } }
  - { at: 70s, do: redeploy, config: { connections: { paris: { policy: { soak: 1m } } } } }
  - { at: 4m, do: stop_instance, gateway: gw-a }`);
  const versionsOf = ({ history }: { readonly history: readonly object[] }) =>
    new Set(
      JSON.stringify(history).match(
        /function:[A-Za-z0-9-]+Assess[A-Za-z0-9-]*:\\d+|function:[\w-]*Assess[\w-]*:\d+/g,
      ) ?? [],
    );
  const before = cloud.stepfunctions.executions.filter(({ startedAt }) => startedAt < simulationStart + 70_000);
  const after = cloud.stepfunctions.executions.filter(({ startedAt }) => startedAt > simulationStart + 70_000);
  const numbers = (executions: typeof before) =>
    new Set(executions.flatMap((one) => [...versionsOf(one)].map((arn) => arn.split(':').pop())));
  expect(numbers(before)).toEqual(new Set(['1']));
  expect(numbers(after)).toEqual(new Set(['2']));
});

it('refuses what a policy above the account denies, in EC2’s words', async () => {
  const cloud = await cloudOf(`durationMax: 15m
steps:
  - { at: 30s, do: deny, operation: "Replace*" }
  - { at: 1m, do: kill_daemon, gateway: gw-a }
  - { at: 68s, do: faults_end }`);
  const writes = cloud.front.calls.filter(({ operation }) => operation === 'ReplaceRoute');
  const denied = writes.filter(({ at }) => at < simulationStart + 68_000);
  expect(new Set(denied.map(({ error }) => error))).toEqual(new Set(['UnauthorizedOperation']));
  expect(writes.some(({ error }) => error === '')).toBe(true);
});
