/** Laws about repairs: whom they may touch, when, under whose traffic, and how often. */
import { laws } from '../../../../../core/decide/invariants';
import type { RungRun } from '../../../../../core/store/memory';
import type { Deployment } from '../../../../../core/words/domain';
import type { CallRecord } from '../../../../../local-cloud/front/front';
import { RepairLaws } from '../../../../../sim/swarm/laws/repairs';
import { connection, deployment, rung, t0 } from '../../../../given';
import { FabricatedScene, type Given, type Plain } from './scene';

const hourMs = 3_600_000;
const decided = rung({ rung: 'reboot', startedAt: t0 - 2_000 });
const drained = (since: number) => ({ a: JSON.stringify({ kind: 'hard', since, until: t0 + hourMs }) });

interface Repair extends Omit<Given, 'items'> {
  /** Null: no item knows of it. */
  readonly run?: Partial<RungRun> | null;
  readonly item?: Plain;
  /** `connection/path`: worked all the while. */
  readonly working?: readonly string[];
  /** The path each connection's users are on. */
  readonly on?: Readonly<Record<string, string>>;
  readonly isNewlyLed?: boolean;
  readonly parameters?: Readonly<Record<string, readonly string[]>>;
  /** What comes before its claim, or after it. */
  readonly touchesFirst?: boolean;
  readonly deploysThen?: Deployment;
}

/** A reboot of gw-a for paris/a starts and claims its gateway: all right, but for what is given. */
function brokenBy(repair: Repair): string[] {
  const { run = {}, item = {}, working = [], on = {}, isNewlyLed = false, parameters = {} } = repair;
  const memory = { memory: JSON.stringify({ rungs: run === null ? [] : [{ ...decided, ...run }] }) };
  const given = new FabricatedScene({
    automations: { 'auto-1': { id: 'auto-1', isOver: false, parameters: { InstanceId: ['i-0aaaaaaaaaaaaaaaa'] } } },
    ...repair,
    items: { 'connection#paris lease': { ...memory, ...item } },
    world: {
      pathOf: (name: string) => on[name] ?? null,
      machineOf: () => ({ id: 'i-0aaaaaaaaaaaaaaaa' }),
    },
    truth: {
      workedThroughout: (name: string, path: string) => working.includes(`${name}/${path}`),
      workedUntilNow: (name: string, path: string) => working.includes(`${name}/${path}`),
      ledThroughout: () => !isNewlyLed,
    },
  });
  const law = new RepairLaws(given.scene);
  const call = (operation: string, by: string, input: object, output = {}): void =>
    law.onCall({ operation, by, input } as unknown as CallRecord, output);
  if (repair.deploysThen) Object.assign(given, { deployment: repair.deploysThen });
  const start = { ClientToken: decided.clientToken, DocumentName: 'switchback-reboot', Parameters: parameters };
  call('StartAutomationExecution', 'machine', start, { AutomationExecutionId: 'auto-1' });
  if (repair.touchesFirst) call('RebootInstances', 'automation', { InstanceIds: ['i-0aaaaaaaaaaaaaaaa'] });
  call('UpdateItem', 'automation', { ExpressionAttributeValues: { ':execution': { S: 'auto-1' } } });
  call('RebootInstances', 'automation', { InstanceIds: ['i-0aaaaaaaaaaaaaaaa'] });
  return given.broke;
}

const paris = connection();
const lyon = connection({ name: 'lyon' });
const both = deployment(paris, lyon);
const tunnel = { Shared: ['true'] };

it.each<[string, Repair, readonly string[]]>([
  ['as decided', {}, []],
  ['that nobody wrote down', { run: null }, [laws.journalled, laws.journalled]],
  ['that begins when its rung is over', { run: { endedAt: t0 - 1_000 } }, [laws.journalled]],
  ['that touches before it has claimed', { touchesFirst: true }, [laws.oneHolder]],
  ['in mode divert', { deployment: deployment(connection({ mode: 'divert' })) }, [laws.observe]],
  ['of a drained path', { item: { drains: drained(t0 - 60_000) } }, [laws.drained]],
  ['decided as the drain came in', { item: { drains: drained(t0 - 5_000) } }, []],
  ['under its own users', { on: { paris: 'a' }, working: ['paris/a', 'paris/b'] }, [laws.besideTraffic]],
  [
    'under users who have only just come',
    { on: { paris: 'a' }, working: ['paris/a', 'paris/b'], isNewlyLed: true },
    [],
  ],
  [
    'under users of another connection',
    { deployment: both, on: { lyon: 'a' }, working: ['lyon/a'] },
    [laws.besideTraffic],
  ],
  ['of one tunnel beside them', { deployment: both, on: { lyon: 'a' }, working: ['lyon/a'], parameters: tunnel }, []],
  ['under users of the other gateway', { on: { paris: 'b' }, working: ['paris/b'] }, []],
  ['of the last path that works', { working: ['paris/a'] }, [laws.workingPath]],
  ['of one of two that work', { working: ['paris/a', 'paris/b'] }, []],
])('a repair %s', (_, repair, expected) => {
  expect(brokenBy(repair)).toEqual(expected);
});

it('is alone on its gateway', () => {
  const given = new FabricatedScene({
    items: {
      'connection#paris lease': { memory: JSON.stringify({ rungs: [decided, { ...decided, clientToken: 'x' }] }) },
    },
    automations: Object.fromEntries(
      ['auto-1', 'auto-2'].map((id) => [
        id,
        { id, isOver: false, parameters: { InstanceId: ['i-0aaaaaaaaaaaaaaaa'] } },
      ]),
    ),
    world: { pathOf: () => null, machineOf: () => ({ id: 'i-0aaaaaaaaaaaaaaaa' }) },
    truth: { workedThroughout: () => false },
  });
  const law = new RepairLaws(given.scene);
  for (const [id, ClientToken] of [
    ['auto-1', decided.clientToken],
    ['auto-2', 'x'],
  ] as const) {
    const start = { ClientToken, DocumentName: 'switchback-reboot', Parameters: {} };
    const call = { operation: 'StartAutomationExecution', by: 'machine', input: start } as unknown as CallRecord;
    law.onCall(call, { AutomationExecutionId: id });
    const claim = { ExpressionAttributeValues: { ':execution': { S: id } } };
    law.onCall({ operation: 'UpdateItem', by: 'automation', input: claim } as unknown as CallRecord, {});
  }
  expect(given.broke).toEqual([laws.oneHolder]);
});

describe('the swap of an address at the end of a replacement', () => {
  it.each<[string, string, readonly string[], readonly string[]]>([
    ['while somebody works over the old machine', 'eni-new', ['paris/a'], [laws.besideTraffic]],
    ['while nobody does', 'eni-new', [], []],
    ['back to where it was', 'eni-gw-a', ['paris/a'], []],
  ])('%s', (_, NetworkInterfaceId, working, expected) => {
    const given = new FabricatedScene({
      world: { pathOf: () => 'a' },
      truth: { workedUntilNow: (name: string, path: string) => working.includes(`${name}/${path}`) },
    });
    const input = { AllocationId: 'eipalloc-gw-a', NetworkInterfaceId };
    const call = { operation: 'AssociateAddress', by: 'automation', input } as unknown as CallRecord;
    new RepairLaws(given.scene).onCall(call, {});
    expect(given.broke).toEqual(expected);
  });
});

describe('a budget', () => {
  const allowing = (repairs24hMax: number, replaces24hMax = 1): Deployment =>
    deployment(connection({}, { repairs24hMax, replaces24hMax }));
  const began = (ms: number, status: string) => [{ status, startedAt: t0 - ms }];

  it.each<[string, Repair, readonly string[]]>([
    ['is not exceeded', { deployment: allowing(0) }, [laws.budgets]],
    ['of replacements counts alone', { deployment: allowing(5, 0), run: { rung: 'replace' } }, [laws.budgets]],
    [
      'is the one a run began with',
      { deployment: allowing(1), deploysThen: allowing(0), executions: began(hourMs, 'RUNNING') },
      [],
    ],
    [
      'is the next deployment’s where no run goes on',
      { deployment: allowing(1), deploysThen: allowing(0), executions: began(hourMs, 'SUCCEEDED') },
      [laws.budgets],
    ],
    [
      'is the next deployment’s for a run that began after it',
      { deployment: allowing(1), deploysThen: allowing(0), executions: began(-hourMs, 'RUNNING') },
      [laws.budgets],
    ],
    ['may grow', { deployment: allowing(0), deploysThen: allowing(1) }, []],
  ])('%s', (_, repair, expected) => {
    expect(brokenBy(repair)).toEqual(expected);
  });
});
