/** Executions on both; Automation and the agents' list on the fakes alone, since moto has neither. */
import { StartAutomationExecutionCommand } from '@aws-sdk/client-ssm';
import { instances as instancesAdapter } from '../../adapters/ec2/instances';
import { keysUnder, textAt } from '../../adapters/s3/kept-records';
import { keepRecord } from '../../adapters/s3/records';
import { automation as automationAdapter } from '../../adapters/ssm/automation';
import { runCommand } from '../../adapters/ssm/commands';
import { executions as executionsAdapter } from '../../adapters/stepfunctions/executions';
import { historiesIn } from '../../adapters/stepfunctions/histories';
import { instanceAt } from '../../core/words/gateways';
import { type Cloud, outcomeOf } from './site';

/** AWS's own, there on both; the product sends documents of its own. */
export const shellDocument = 'AWS-RunShellScript';

export function executionsContract(cloud: Cloud): void {
  it('starts a name once: the same again is the same run, the name with another input exists already', async () => {
    const { aws, clock, stateMachineArn } = await cloud.site('machine');
    const executions = executionsAdapter(aws.sfn, stateMachineArn, clock);
    const signal = { connection: 'paris', source: 'canary' } as const;
    expect(await executions.start('canary-paris-1', signal)).toBe('started');
    expect(await executions.start('canary-paris-1', signal)).toBe('started');
    expect(await executions.start('canary-paris-1', { ...signal, source: 'ec2' })).toBe('exists');
    expect(await executions.start('canary-paris-2', signal)).toBe('started');
  });

  it('tells a run that is under way from one that nobody remembers', async () => {
    const { aws, clock, settle, stateMachineArn } = await cloud.site('machine');
    const executions = executionsAdapter(aws.sfn, stateMachineArn, clock);
    await executions.start('sweep-paris-1', { connection: 'paris', source: 'sweep' });
    await settle(); // A new execution shows a moment late.
    const arnOf = (name: string) => `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    expect(await executions.stateOf(arnOf('sweep-paris-1'))).toBe('running');
    expect(await executions.stateOf(arnOf('sweep-paris-2'))).toBe('absent');
  });

  it('lists what was started within a span, the newest first, each with its history', async () => {
    const { aws, clock, settle, stateMachineArn } = await cloud.site('machine');
    const executions = executionsAdapter(aws.sfn, stateMachineArn, clock);
    for (const name of ['sweep-paris-1', 'sweep-paris-2']) {
      await executions.start(name, { connection: 'paris', source: 'sweep' });
      await settle();
    }
    const ever = { from: 0, until: Number.MAX_SAFE_INTEGER };
    const { runs, isCut } = await historiesIn(aws.sfn, stateMachineArn, ever, clock);
    expect(runs.map(({ execution }) => execution.split(':').at(-1))).toEqual(['sweep-paris-2', 'sweep-paris-1']);
    expect(runs.every(({ events }) => events.length > 0)).toBe(true);
    expect(isCut).toBe(false);
    const before = { from: 0, until: 1 };
    expect((await historiesIn(aws.sfn, stateMachineArn, before, clock)).runs).toEqual([]);
  });

  it('fails on a state machine that is not there', async () => {
    const { aws, clock, stateMachineArn } = await cloud.site('machine');
    const executions = executionsAdapter(aws.sfn, `${stateMachineArn}-not`, clock);
    expect(await outcomeOf(executions.start('n', { connection: 'paris', source: 'sweep' }))).toBe('MalformedInput');
  });
}

export function recordsContract(cloud: Cloud): void {
  const bucket = 'records';

  it('keeps a record, with and without object lock', async () => {
    const { aws, clock } = await cloud.site('bucket');
    const kept = { key: 'paris/I-NFKZ4X.json', body: '{}' };
    await expect(keepRecord(aws.s3, { bucket }, kept, clock)).resolves.toBeUndefined();
    const lock = { mode: 'governance', days: 1 } as const;
    await expect(keepRecord(aws.s3, { bucket, lock }, kept, clock)).resolves.toBeUndefined();
  });

  it('lists what is kept under one prefix, and gives it back', async () => {
    const { aws, clock } = await cloud.site('bucket');
    const prefix = 'incidents/acme/';
    const kept = { key: `${prefix}paris/2026-01-05-I-NFKZ4X.json`, body: '{"because":"…"}' };
    for (const one of [kept, { ...kept, key: 'incidents/acme-2/x.json' }])
      await keepRecord(aws.s3, { bucket }, one, clock);
    expect(await keysUnder(aws.s3, { bucket, prefix }, clock)).toEqual([kept.key]);
    expect(await textAt(aws.s3, { bucket, key: kept.key }, clock)).toBe(kept.body);
    expect(await textAt(aws.s3, { bucket, key: `${prefix}none.json` }, clock)).toBeNull();
  });

  it('fails where there is no such bucket', async () => {
    const { aws, clock } = await cloud.site('bucket');
    const kept = { key: 'paris/I-NFKZ4X.json', body: '{}' };
    expect(await outcomeOf(keepRecord(aws.s3, { bucket: 'nowhere' }, kept, clock))).toBe('MalformedInput');
  });
}

export function commandsContract(cloud: Cloud): void {
  const within = 60_000;

  it('runs a Command document on a machine and waits for it', async () => {
    const { aws, clock, deployment } = await cloud.site();
    const { instanceId } = instanceAt(deployment, 'gw-a');
    const sent = { document: shellDocument, instanceId, parameters: { commands: 'true' } };
    expect(await runCommand(aws.ssm, clock, sent, within)).toMatchObject({ result: 'success', status: 'Success' });
  });
}

export function systemsManagerContract(cloud: Cloud): void {
  it('reads an automation while it runs, when it is over, and one that failed', async () => {
    const { aws, clock, settle } = await cloud.site();
    const automation = automationAdapter(aws.ssm, clock);
    const start = async (DocumentName: string) => {
      const { AutomationExecutionId } = await aws.ssm.send(new StartAutomationExecutionCommand({ DocumentName }));
      return AutomationExecutionId!;
    };
    const [well, ill] = [await start('waits'), await start('fails')];
    expect(await automation.read(well)).toEqual({
      id: well,
      status: 'running',
      endedAt: null,
      outputs: {},
      failure: '',
      repair: '',
    });
    await settle();
    expect(await automation.read(well)).toMatchObject({ status: 'success', endedAt: expect.any(Number), failure: '' });
    expect(await automation.read(ill)).toMatchObject({ status: 'failed', failure: expect.stringMatching(/./) });
  });

  it('knows nothing of an automation that never was', async () => {
    const { aws, clock } = await cloud.site();
    expect(await automationAdapter(aws.ssm, clock).read('00000000-0000-4000-8000-000000000000')).toBeNull();
  });

  it('sees the agent of a gateway', async () => {
    const { aws, clock, deployment } = await cloud.site();
    const gateway = instanceAt(deployment, 'gw-a');
    const facts = await instancesAdapter(aws, clock, () => {}).read([{ gateway, identity: gateway }]);
    expect(facts['gw-a']).toMatchObject({ agent: 'online' });
  });
}
