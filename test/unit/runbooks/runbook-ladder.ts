/**
 * A gateway and the repair ladder's own files, as they are deployed: each test climbs one rung and looks at what stands
 * afterwards. Every call of a document is noted; any step can be made to fail.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GetAutomationExecutionCommandOutput } from '@aws-sdk/client-ssm';
import { parse } from 'yaml';
import { createHandler } from '../../../functions/repin';
import type { World } from '../../../functions/world';
import { fileOf } from '../../../infra/tunnel-metrics';
import { Faults } from '../../../local-cloud/front/faults';
import { MemoryEngine } from '../../../local-cloud/services/dynamodb/memory-engine';
import { Route53 } from '../../../local-cloud/services/route53/route53';
import type { DocumentContent, SsmDocument } from '../../../local-cloud/services/ssm/documents';
import { SsmFake } from '../../../local-cloud/services/ssm/ssm';
import type { JsonObject } from '../../../local-cloud/template/json';
import { idA, minute, type Stage, stage } from '../sim/world-fixture';

const directory = join(__dirname, '../../../runbooks');

/** The file with its names filled in, as the stack does it. */
export function runbook(file: string): DocumentContent {
  const text = readFileSync(join(directory, `${file}.yaml`), 'utf8')
    .replaceAll(/\$\{RepairRole\}/g, 'RepairRole')
    .replaceAll(/\$\{TunnelDocument\}/g, 'pair-tunnel')
    .replaceAll(/\$\{DaemonDocument\}/g, 'pair-on-launch')
    .replaceAll(/\$\{StateTable\}/g, 'state')
    .replaceAll(/\$\{ReportsTable\}/g, 'reports');
  const indented = fileOf('tunnel-state.awk').replaceAll('\n', '\n          ');
  return parse(text.replace(/\$\{TunnelState\}/, () => indented));
}

const documents: Record<string, SsmDocument> = {
  'pair-tunnel': { type: 'Command', content: runbook('tunnel') },
  'pair-on-launch': { type: 'Command', content: runbook('await-daemon') },
  ...Object.fromEntries(
    ['clear-source-dest-check', 'restart-tunnel', 'reboot', 'stop-start', 'replace'].map((rung) => [
      `pair-${rung}`,
      { type: 'Automation' as const, content: runbook(rung) },
    ]),
  ),
};

/** What each document is started with, beside instance, gateway and token. */
const ownParameters: Readonly<Record<string, Readonly<Record<string, string[]>>>> = {
  'clear-source-dest-check': { InterfaceId: ['eni-0aaaaaaaaaaaaaaaa'] },
  'restart-tunnel': { Tunnel: ['paris-a'], Shared: ['true'], Passing: ['false'] },
  replace: {
    OldInterfaceId: ['eni-0aaaaaaaaaaaaaaaa'],
    LaunchTemplateId: ['lt-0000000a'],
    LaunchTemplateVersion: ['3'],
    AllocationId: ['eipalloc-0000000a'],
    Canary: ['paris/path-a'],
    ClientToken: ['t-1'],
  },
};

const repair = '11111111-2222-3333-4444-555555555555';
const key = (AttributeName: string, KeyType: string) => ({ AttributeName, KeyType });
const stateTable = {
  name: 'state',
  properties: {
    KeySchema: [key('pk', 'HASH'), key('sk', 'RANGE')],
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
    ],
  },
};

/** How a call of a step fails: AWS says no, as `refused` does, says nothing, or has done it and its answer is lost. */
export const failuresWith = (refused: { readonly error: string; readonly status: number }) => ({
  refused: { ...refused, landed: false },
  unanswered: { error: 'TimeoutError', status: 0, landed: false },
  'done, its answer lost': { error: 'TimeoutError', status: 0, landed: true },
});
export type HowItFails = keyof ReturnType<typeof failuresWith>;
export const ways: readonly HowItFails[] = ['refused', 'unanswered', 'done, its answer lost'];

type Done = NonNullable<GetAutomationExecutionCommandOutput['AutomationExecution']>;

export interface Ladder extends Stage {
  readonly calls: string[];
  readonly faults: Faults;
  /** What the path's canary reports; null: the truth. */
  verdict: 'healthy' | 'down' | null;
  /** Under which the gateway is taken; null: it is free. */
  takenFor: string | null;
  climb(rung: string, parameters?: Record<string, string[]>, ms?: number): Promise<Done>;
}

export function ladder(options: Parameters<typeof stage>[0] = {}): Ladder {
  const it = stage(options);
  const calls: string[] = [];
  const faults = new Faults();
  const self: Ladder = { ...it, calls, faults, verdict: null, takenFor: repair, climb };
  const state = new MemoryEngine();
  const route53 = new Route53(it.port, options.seed ?? 1);
  const ssm: SsmFake = new SsmFake(it.port, {
    region: it.world.deployment.region,
    seed: options.seed ?? 1,
    documents,
    failureOf: (step) => faults.takeStepFailure(step),
    callAs: async (role, service, operation, input) => {
      expect(role).toBe('RepairRole');
      calls.push(operation);
      if (service === 'lambda') return { StatusCode: 200, Payload: await repin(it, calls, input as JsonObject) };
      if (operation === 'UpdateItem') return state.send(operation, input as JsonObject);
      if (service === 'dynamodb')
        return { Item: { verdict: { S: self.verdict ?? (it.probe('path-a') ? 'healthy' : 'down') } } };
      if (service === 'route53') return route53.call(operation, input);
      return (service === 'ssm' ? ssm : it.ec2).call(operation, input);
    },
  });
  async function climb(rung: string, parameters: Record<string, string[]> = {}, ms = 15 * minute): Promise<Done> {
    await state.createTable(stateTable);
    const taken: JsonObject = self.takenFor === null ? {} : { clientToken: { S: self.takenFor } };
    await state.send('PutItem', {
      TableName: 'state',
      Item: { pk: { S: 'gateway#gw-a' }, sk: { S: 'lease' }, ...taken },
    });
    const Parameters = {
      InstanceId: [idA],
      Gateway: ['gw-a'],
      Repair: [repair],
      ...ownParameters[rung],
      ...parameters,
    };
    const started = await ssm.call('StartAutomationExecution', { DocumentName: `pair-${rung}`, Parameters });
    await it.run(ms);
    const answer = await ssm.call('GetAutomationExecution', started);
    return (answer as GetAutomationExecutionCommandOutput).AutomationExecution!;
  }
  return self;
}

/** The function itself, over the same fake of EC2. */
async function repin(it: Stage, calls: string[], { Payload }: JsonObject): Promise<string> {
  const send = (command: { readonly constructor: { readonly name: string }; readonly input: unknown }) => {
    const operation = command.constructor.name.replace(/Command$/, '');
    calls.push(operation);
    return it.ec2.call(operation, command.input);
  };
  const world = {
    now: () => it.clock.now(),
    sleep: (ms: number) => it.clock.sleep(ms),
    log: () => {},
    env: {},
    aws: { ec2: { send } },
  } as unknown as World;
  return JSON.stringify(await createHandler(world, it.world.deployment)(JSON.parse(String(Payload))));
}

export const served = ({ world }: Stage): boolean => world.usersServed('paris', 'zone-a');
