/**
 * The document that replaces a tunnel, run as it is deployed, against literal reports and a stand-in for EC2's three
 * answers. Method: each test says how the two tunnels are, by `watch` and by AWS, and looks at which calls were made.
 */
import type { GetAutomationExecutionCommandOutput } from '@aws-sdk/client-ssm';
import { AwsError } from '../../../local-cloud/service';
import { DynaliteEngine } from '../../../local-cloud/services/dynamodb/dynalite-engine';
import { MemoryEngine } from '../../../local-cloud/services/dynamodb/memory-engine';
import type { TableEngine } from '../../../local-cloud/services/dynamodb/table-engine';
import { SsmFake } from '../../../local-cloud/services/ssm/ssm';
import type { JsonObject } from '../../../local-cloud/template/json';
import { minute, stage } from '../sim/world-fixture';
import { runbook } from './runbook-ladder';

const mine = '203.0.113.1';
const other = '203.0.113.2';
const repair = '11111111-2222-3333-4444-555555555555';

type Seen = readonly [status: 'up' | 'down', provisioning: 'available' | 'pending' | 'unknown'];

interface Given {
  readonly reported: readonly [Seen, Seen] | null;
  /** What AWS says of the other one; absent: it is provisioned. */
  readonly actual?: 'available' | 'pending';
  readonly maintenance?: boolean;
  readonly refuses?: AwsError;
  /** How long AWS takes. */
  readonly ms?: number;
}

const hashTable = (name: string, ...keys: readonly string[]) => ({
  name,
  properties: {
    KeySchema: keys.map((AttributeName, i) => ({ AttributeName, KeyType: i === 0 ? 'HASH' : 'RANGE' })),
    AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
  },
});

const reportOf = (reported: readonly [Seen, Seen]): JsonObject => ({
  canary: { S: 'tunnels#gw-a' },
  tunnels: {
    M: Object.fromEntries(
      [mine, other].map((address, i) => {
        const [status, provisioning] = reported[i]!;
        return [address, { M: { status: { S: status }, provisioning: { S: provisioning } } }];
      }),
    ),
  },
});

async function tables(engine: TableEngine, reported: Given['reported']): Promise<TableEngine> {
  await engine.createTable(hashTable('state', 'pk', 'sk'));
  await engine.createTable(hashTable('reports', 'canary'));
  const item = { pk: { S: 'gateway#gw-a' }, sk: { S: 'lease' }, clientToken: { S: repair } };
  await engine.send('PutItem', { TableName: 'state', Item: item });
  if (reported !== null) await engine.send('PutItem', { TableName: 'reports', Item: reportOf(reported) });
  return engine;
}

async function played({ reported, actual = 'available', maintenance = false, refuses, ms = 3 * minute }: Given) {
  const it = stage();
  const engine = await tables(new MemoryEngine(), reported);
  const calls: JsonObject[] = [];
  let doneAt = 0;
  const ec2 = (operation: string, input: JsonObject): object => {
    calls.push({ operation, ...input });
    if (operation === 'ReplaceVpnTunnel') {
      if (refuses !== undefined) throw refuses;
      doneAt = it.clock.now() + ms;
      return { Return: true };
    }
    const isOther = input['VpnTunnelOutsideIpAddress'] === other;
    const ProvisioningStatus = isOther ? actual : it.clock.now() < doneAt ? 'pending' : 'available';
    return { ActiveVpnTunnelStatus: { ProvisioningStatus } };
  };
  const ssm = new SsmFake(it.port, {
    region: it.world.deployment.region,
    seed: 1,
    documents: { 'replace-tunnel': { type: 'Automation', content: runbook('replace-tunnel') } },
    failureOf: () => undefined,
    callAs: async (_role, service, operation, input) =>
      service === 'dynamodb' ? engine.send(operation, input as JsonObject) : ec2(operation, input as JsonObject),
  });
  const Parameters = {
    VpnConnectionId: ['vpn-0aaaaaaaaaaaaaaa1'],
    Tunnel: [mine],
    Other: [other],
    Maintenance: [String(maintenance)],
    Gateway: ['gw-a'],
    Repair: [repair],
  };
  const started = await ssm.call('StartAutomationExecution', { DocumentName: 'replace-tunnel', Parameters });
  await it.run(20 * minute);
  const answer = (await ssm.call('GetAutomationExecution', started)) as GetAutomationExecutionCommandOutput;
  const replaced = calls.filter(({ operation }) => operation === 'ReplaceVpnTunnel');
  return { done: answer.AutomationExecution!, replaced };
}

const up: Seen = ['up', 'available'];
const down: Seen = ['down', 'available'];

it.each([
  ['a tunnel that is DOWN', [down, up]],
  ['one of two that are DOWN', [down, down]],
  ['a tunnel that is UP beside another', [up, up]],
] as const)('replaces %s, and waits until AWS has provisioned it', async (_, reported) => {
  const { done, replaced } = await played({ reported });
  expect(done.AutomationExecutionStatus).toBe('Success');
  expect(replaced).toEqual([
    {
      operation: 'ReplaceVpnTunnel',
      VpnConnectionId: 'vpn-0aaaaaaaaaaaaaaa1',
      VpnTunnelOutsideIpAddress: mine,
    },
  ]);
});

it.each([
  ['the other is DOWN and this one has come UP', [up, down]],
  ['the other is being replaced', [down, ['up', 'pending']]],
  ['nobody knows whether the other is', [down, ['up', 'unknown']]],
  ['nobody has reported', null],
] as const)('touches nothing when %s', async (_, reported) => {
  const { done, replaced } = await played({ reported });
  expect(done.AutomationExecutionStatus).toBe('Failed');
  expect(done.FailureMessage).toContain('not in the desired values');
  expect(replaced).toEqual([]);
});

it('asks AWS itself, since a report may be minutes old', async () => {
  const { done, replaced } = await played({ reported: [down, up], actual: 'pending' });
  expect([done.AutomationExecutionStatus, replaced]).toEqual(['Failed', []]);
});

it('applies the maintenance that AWS has announced', async () => {
  const { replaced } = await played({ reported: [up, up], maintenance: true });
  expect(replaced).toMatchObject([{ ApplyPendingMaintenance: true }]);
});

it('fails with what AWS answered', async () => {
  const refuses = new AwsError('IncorrectState', 'vpn-0aaaaaaaaaaaaaaa1 is being modified', 400);
  const { done, replaced } = await played({ reported: [down, up], refuses });
  expect(done.AutomationExecutionStatus).toBe('Failed');
  expect(done.FailureMessage).toContain('(IncorrectState) when calling the ReplaceVpnTunnel operation');
  expect(replaced).toHaveLength(1);
});

it('fails when AWS takes longer than the loop waits', async () => {
  const { done } = await played({ reported: [down, up], ms: 60 * minute });
  expect(done.AutomationExecutionStatus).not.toBe('Success');
});

it.each([
  [[down, up], 1],
  [[up, down], 0],
  [null, 0],
] as const)('is answered alike by both engines of tables (%j)', async (reported, count) => {
  const { clock } = stage();
  const [, ask] = runbook('replace-tunnel').mainSteps as unknown as readonly { readonly inputs: JsonObject }[];
  const { Service, Api, PropertySelector, DesiredValues, ...inputs } = ask!.inputs;
  const text = JSON.stringify(inputs)
    .replaceAll('{{ Tunnel }}', mine)
    .replaceAll('{{ Other }}', other)
    .replaceAll('{{ Gateway }}', 'gw-a');
  for (const engine of [new MemoryEngine(), new DynaliteEngine('eu-central-1', clock)])
    expect(await (await tables(engine, reported)).send('Query', JSON.parse(text))).toMatchObject({ Count: count });
});
