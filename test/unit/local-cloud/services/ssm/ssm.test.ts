/** Systems Manager's fake: runs of documents written here, one per behaviour, against the simulated pair. */
import type { GetAutomationExecutionCommandOutput, GetCommandInvocationCommandOutput } from '@aws-sdk/client-ssm';
import type { SsmDocument, Step } from '../../../../../local-cloud/services/ssm/documents';
import { SsmFake } from '../../../../../local-cloud/services/ssm/ssm';
import type { WorldOptions } from '../../../../../sim/world';
import { idA, minute, type Stage, stage } from '../../../sim/world-fixture';

const token = '11111111-2222-4333-8444-555555555555';

const automation = (mainSteps: readonly Step[], rest: Partial<SsmDocument['content']> = {}): SsmDocument => ({
  type: 'Automation',
  content: {
    schemaVersion: '0.3',
    assumeRole: 'arn:aws:iam::123456789012:role/repair',
    parameters: { InstanceId: { type: 'String', allowedPattern: '^i-[0-9a-f]{17}$' } },
    mainSteps,
    ...rest,
  },
});

const script = (...runCommand: string[]): SsmDocument => ({
  type: 'Command',
  content: {
    schemaVersion: '2.2',
    parameters: {
      Tunnel: { type: 'String', default: 'paris-a', allowedPattern: '^[\\w-]+$', interpolationType: 'ENV_VAR' },
    },
    mainSteps: [{ name: 'run', action: 'aws:runShellScript', inputs: { timeoutSeconds: '60', runCommand } }],
  },
});

const api = (name: string, Api: string, rest: Partial<Step> = {}, input: object = {}): Step => ({
  name,
  action: 'aws:executeAwsApi',
  timeoutSeconds: 60,
  onFailure: 'Abort',
  inputs: { Service: 'ec2', Api, InstanceIds: ['{{ InstanceId }}'], ...input },
  ...rest,
});

interface SsmStage extends Stage {
  readonly ssm: SsmFake;
  readonly calls: string[];
  start(name: string, parameters?: Record<string, string[]>, clientToken?: string): Promise<string>;
  result(id: string): Promise<NonNullable<GetAutomationExecutionCommandOutput['AutomationExecution']>>;
}

function ssmStage(documents: Record<string, SsmDocument>, options: Partial<WorldOptions> = {}): SsmStage {
  const it = stage(options);
  const calls: string[] = [];
  const ssm: SsmFake = new SsmFake(it.port, {
    seed: 1,
    region: it.world.deployment.region,
    documents,
    callAs: (role, service, operation, input) => {
      calls.push(`${role.split('/').at(-1)} ${service}:${operation}`);
      return (service === 'ssm' ? ssm : it.ec2).call(operation, input);
    },
  });
  const get = async (id: string) => {
    const answer = await ssm.call('GetAutomationExecution', { AutomationExecutionId: id });
    return (answer as GetAutomationExecutionCommandOutput).AutomationExecution!;
  };
  const start = async (
    DocumentName: string,
    Parameters: Record<string, string[]> = { InstanceId: [idA] },
    ClientToken?: string,
  ) =>
    (
      (await ssm.call('StartAutomationExecution', { DocumentName, Parameters, ClientToken })) as {
        AutomationExecutionId: string;
      }
    ).AutomationExecutionId;
  return { ...it, ssm, calls, start, result: get };
}

const statuses = (run: Awaited<ReturnType<SsmStage['result']>>) =>
  Object.fromEntries(run.StepExecutions!.map((each) => [each.StepName, each.StepStatus]));

describe('StartAutomationExecution', () => {
  const documents = { 'pair-reboot': automation([api('reboot', 'RebootInstances')]) };

  it('starts one run per client token, and refuses the token with other parameters', async () => {
    const { start } = ssmStage(documents);
    const id = await start('pair-reboot', { InstanceId: [idA] }, token);
    expect(await start('pair-reboot', { InstanceId: [idA] }, token)).toBe(id);
    const other = start('pair-reboot', { InstanceId: ['i-0cccccccccccccccc'] }, token);
    await expect(other).rejects.toMatchObject({ name: 'IdempotentParameterMismatch' });
  });

  it.each([
    ['pair-other', { InstanceId: [idA] }, 'AutomationDefinitionNotFoundException'],
    ['pair-reboot', {}, 'InvalidAutomationExecutionParametersException'],
    ['pair-reboot', { InstanceId: ['i-0; rm -rf /'] }, 'InvalidAutomationExecutionParametersException'],
    ['pair-reboot', { InstanceId: [idA], Extra: ['x'] }, 'InvalidAutomationExecutionParametersException'],
  ])('refuses %s %j', async (name, parameters, error) => {
    const { start } = ssmStage(documents);
    await expect(start(name, parameters)).rejects.toMatchObject({ name: error });
  });

  it('refuses a client token that is no UUID', async () => {
    const { start } = ssmStage(documents);
    await expect(start('pair-reboot', { InstanceId: [idA] }, 'again')).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });
});

describe('a run', () => {
  it('goes Pending, InProgress, Success, and calls as the role of its document', async () => {
    const { start, result, run, calls, world } = ssmStage(
      { doc: automation([api('reboot', 'RebootInstances', { isEnd: true })]) },
      { durations: { rebootSoft: { p50: 60_000, p99: 61_000 } } },
    );
    const id = await start('doc');
    expect((await result(id)).AutomationExecutionStatus).toBe('Pending');
    await run(20_000);
    expect(await result(id)).toMatchObject({ AutomationExecutionStatus: 'Success', Mode: 'Auto' });
    expect(calls).toEqual(['repair ec2:RebootInstances']);
    expect(world.machineOf('gw-a').booted).toBe(false);
  });

  it('hands outputs on, keeps their types, and lists the declared ones', async () => {
    const read = api('read', 'DescribeInstances', {
      outputs: [
        { Name: 'Zone', Selector: '$.Reservations[0].Instances[0].Placement.AvailabilityZone', Type: 'String' },
        { Name: 'Check', Selector: '$.Reservations[0].Instances[0].SourceDestCheck', Type: 'Boolean' },
        {
          Name: 'Interfaces',
          Selector: '$.Reservations[0].Instances[0].NetworkInterfaces[*].NetworkInterfaceId',
          Type: 'StringList',
        },
        { Name: 'Gone', Selector: '$.Reservations[0].Instances[0].KeyName', Type: 'String' },
      ],
    });
    const choose: Step = {
      name: 'choose',
      action: 'aws:branch',
      inputs: {
        Choices: [{ NextStep: 'reboot', Variable: '{{ read.Check }}', BooleanEquals: false }],
        Default: 'stop',
      },
    };
    const outputs = ['read.Zone', 'read.Interfaces', 'stop.Never'];
    const document = automation([read, choose, api('stop', 'StopInstances'), api('reboot', 'RebootInstances')], {
      outputs,
    });
    const { start, result, run } = ssmStage({ doc: document });
    const id = await start('doc');
    await run(30_000);
    const done = await result(id);
    expect(statuses(done)).toEqual({ read: 'Success', choose: 'Success', stop: 'Pending', reboot: 'Success' });
    expect(done.Outputs).toEqual({
      'read.Zone': ['eu-central-1a'],
      'read.Interfaces': ['eni-0aaaaaaaaaaaaaaaa'],
      'stop.Never': ['No output available yet because the step is not successfully executed'],
    });
  });

  it('waits for a property, and times out when it does not come', async () => {
    const wait = (timeoutSeconds: number, wanted: string): Step => ({
      ...api('wait', 'DescribeInstances', { timeoutSeconds, action: 'aws:waitForAwsResourceProperty' }),
      inputs: {
        Service: 'ec2',
        Api: 'DescribeInstances',
        InstanceIds: ['{{ InstanceId }}'],
        PropertySelector: '$.Reservations[0].Instances[0].State.Name',
        DesiredValues: [wanted],
      },
    });
    const stop = api('stop', 'StopInstances');
    const { start, result, run } = ssmStage({
      good: automation([stop, wait(600, 'stopped')]),
      bad: automation([wait(30, 'pending')]),
    });
    const [good, bad] = [await start('good'), await start('bad')];
    await run(12 * minute);
    expect((await result(good)).AutomationExecutionStatus).toBe('Success');
    expect(await result(bad)).toMatchObject({
      AutomationExecutionStatus: 'TimedOut',
      StepExecutions: [{ StepStatus: 'TimedOut' }],
    });
  });

  it('fails by its first critical failure, in AWS words, and still runs what onFailure names', async () => {
    const steps = (isCritical?: boolean): Step[] => [
      api('start', 'StartInstances', { onFailure: 'step:tidy', ...(isCritical === undefined ? {} : { isCritical }) }),
      api('skipped', 'RebootInstances'),
      api('tidy', 'DescribeInstances', { isEnd: true }),
    ];
    const it = ssmStage({ strict: automation(steps()), lenient: automation(steps(false)) });
    it.world.noCapacity(true);
    it.world.stopInstance('gw-a');
    await it.run(10 * minute);
    const [strict, lenient] = [await it.start('strict'), await it.start('lenient')];
    await it.run(minute);
    const failed = await it.result(strict);
    expect(failed.AutomationExecutionStatus).toBe('Failed');
    expect(statuses(failed)).toEqual({ start: 'Failed', skipped: 'Pending', tidy: 'Success' });
    expect(failed.FailureMessage).toBe(
      'Step fails when it is Execute/Cancelling action. An error occurred (InsufficientInstanceCapacity) when calling the ' +
        'StartInstances operation: Insufficient capacity.. Please refer to Automation Service Troubleshooting Guide for more ' +
        'diagnosis details.',
    );
    expect((await it.result(lenient)).AutomationExecutionStatus).toBe('Success');
  });

  it('goes on after Continue, ends at Abort, and tries as often as it may', async () => {
    const fail = (name: string, rest: Partial<Step>): Step =>
      api(name, 'StartInstances', rest, { InstanceIds: ['i-0none'] });
    const steps = [
      fail('first', { onFailure: 'Continue', maxAttempts: 3 }),
      fail('second', {}),
      api('third', 'RebootInstances'),
    ];
    const { start, result, run, calls } = ssmStage({ doc: automation(steps) });
    const id = await start('doc');
    await run(minute);
    expect(statuses(await result(id))).toEqual({ first: 'Failed', second: 'Failed', third: 'Pending' });
    expect(calls).toHaveLength(4);
  });

  it('asserts', async () => {
    const check: Step = {
      ...api('check', 'DescribeInstances', { action: 'aws:assertAwsResourceProperty' }),
      inputs: {
        Service: 'ec2',
        Api: 'DescribeInstances',
        InstanceIds: ['{{ InstanceId }}'],
        PropertySelector: '$.Reservations[0].Instances[0].SourceDestCheck',
        DesiredValues: ['true'],
      },
    };
    const { start, result, run } = ssmStage({ doc: automation([check]) });
    const id = await start('doc');
    await run(minute);
    expect((await result(id)).FailureMessage).toContain('Property value false is not in the desired values ["true"]');
  });

  it('can be stopped, and nothing it left behind acts', async () => {
    const steps: Step[] = [
      { name: 'nap', action: 'aws:sleep', inputs: { Duration: 'PT5M' } },
      api('reboot', 'RebootInstances'),
    ];
    const { start, result, run, ssm, calls } = ssmStage({ doc: automation(steps) });
    const id = await start('doc');
    await run(minute);
    await ssm.call('StopAutomationExecution', { AutomationExecutionId: id, Type: 'Cancel' });
    await run(20 * minute);
    expect(await result(id)).toMatchObject({
      AutomationExecutionStatus: 'Cancelled',
      StepExecutions: [{ StepStatus: 'Cancelled' }, {}],
    });
    expect(calls).toEqual([]);
  });

  it('outlives throttles within the time of its step', async () => {
    const it = stage();
    let refusals = 3;
    const ssm = new SsmFake(it.port, {
      seed: 1,
      region: it.world.deployment.region,
      documents: { doc: automation([api('reboot', 'RebootInstances')]) },
      callAs: async (_role, _service, operation, input) => {
        if (refusals-- > 0) throw Object.assign(new Error('Request limit exceeded.'), { name: 'RequestLimitExceeded' });
        return it.ec2.call(operation, input);
      },
    });
    await ssm.call('StartAutomationExecution', { DocumentName: 'doc', Parameters: { InstanceId: [idA] } });
    await it.run(minute);
    expect([...ssm.runs.values()][0]!.status).toBe('Success');
  });

  it.each([
    ['an action', { name: 'x', action: 'aws:executeScript', inputs: {} }],
    ['an operation', api('x', 'CreateVpc')],
    ['a lower-case operation', api('x', 'reboot_instances')],
  ])('stops the simulation at %s nobody modelled', async (_, step) => {
    const { start, run } = ssmStage({ doc: automation([step]) });
    await start('doc');
    await expect(run(minute)).rejects.toMatchObject({ name: 'NotModelled' });
  });
});

describe('Run Command', () => {
  const runCommand: Step = {
    name: 'command',
    action: 'aws:runCommand',
    timeoutSeconds: 120,
    onFailure: 'Abort',
    inputs: {
      DocumentName: 'tunnel',
      InstanceIds: ['{{ InstanceId }}'],
      TimeoutSeconds: 30,
      Parameters: { Tunnel: 'paris-a' },
    },
  };
  const restart = script(
    'set -eu',
    '# Terminate first: an association that is half dead would be kept.',
    'if ! swanctl --stats >/dev/null 2>&1; then',
    '  systemctl restart strongswan',
    '  for i in 1 2 3; do swanctl --stats > /dev/null 2>&1 && break; sleep 1; done',
    'fi',
    'swanctl --terminate --ike "$SSM_Tunnel" || true',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own braces.
    'swanctl --initiate --child "${SSM_Tunnel:-none}" --timeout 10 || echo "the peer does not answer"',
    'if [ "$(systemctl is-active strongswan)" != active ]; then exit 3; fi',
  );
  const documents = { doc: automation([runCommand]), tunnel: restart };

  it('brings a dead daemon and its tunnel back', async () => {
    const { world, start, result, run, calls } = ssmStage(documents);
    world.killDaemon('gw-a');
    const id = await start('doc');
    await run(2 * minute);
    expect((await result(id)).AutomationExecutionStatus).toBe('Success');
    expect(world.usersServed('paris', 'zone-a')).toBe(true);
    expect(calls.slice(0, 2)).toEqual(['repair ssm:SendCommand', 'repair ssm:ListCommandInvocations']);
  });

  it('succeeds with a living daemon though the peer is silent', async () => {
    const { world, start, result, run } = ssmStage(documents);
    world.peerDown('a');
    await run(minute);
    const id = await start('doc');
    await run(2 * minute);
    const done = await result(id);
    expect(done.AutomationExecutionStatus).toBe('Success');
    expect(done.StepExecutions![0]!.Outputs!['Output']![0]).toContain('the peer does not answer');
  });

  it('is never delivered to an agent that is gone', async () => {
    const { world, start, result, run } = ssmStage(documents);
    world.agentGone('gw-a');
    const id = await start('doc');
    await run(2 * minute);
    expect(await result(id)).toMatchObject({
      AutomationExecutionStatus: 'Failed',
      FailureMessage: expect.stringContaining('StatusDetails=DeliveryTimedOut'),
    });
  });

  it('is refused for an instance that is not running', async () => {
    const { world, ssm } = ssmStage(documents);
    world.stopInstance('gw-a');
    const sent = ssm.call('SendCommand', { DocumentName: 'tunnel', InstanceIds: [idA] });
    await expect(sent).rejects.toMatchObject({
      name: 'InvalidInstanceId',
      message: `Instances [[${idA}]] not in a valid state for account 123456789012`,
    });
  });

  it('times out when the machine dies under it', async () => {
    const { world, ssm, run } = ssmStage({ tunnel: script('sleep 20') });
    const sent = (await ssm.call('SendCommand', { DocumentName: 'tunnel', InstanceIds: [idA] })) as {
      Command: { CommandId: string };
    };
    await run(10_000);
    world.hangInstance('gw-a');
    await run(5 * minute);
    const of = { CommandId: sent.Command.CommandId, InstanceId: idA };
    const answer = (await ssm.call('GetCommandInvocation', of)) as GetCommandInvocationCommandOutput;
    expect(answer).toMatchObject({ Status: 'TimedOut', StatusDetails: 'ExecutionTimedOut' });
  });

  it('reports what the script said and how it ended', async () => {
    const { ssm, run } = ssmStage({
      tunnel: script('echo one; echo "two $SSM_Tunnel" >&2', 'swanctl --list-sas | grep -q paris-b', 'exit 4'),
    });
    const sent = (await ssm.call('SendCommand', { DocumentName: 'tunnel', InstanceIds: [idA] })) as {
      Command: { CommandId: string };
    };
    await run(minute);
    const of = { CommandId: sent.Command.CommandId, InstanceId: idA };
    expect(await ssm.call('GetCommandInvocation', of)).toMatchObject({
      Status: 'Failed',
      ResponseCode: 4,
      StandardOutputContent: 'one\n',
      StandardErrorContent: 'two paris-a\n',
    });
  });

  it('stops the simulation at a command line nobody modelled', async () => {
    const { ssm, run } = ssmStage({ tunnel: script('iptables -F') });
    await ssm.call('SendCommand', { DocumentName: 'tunnel', InstanceIds: [idA] });
    await expect(run(minute)).rejects.toThrow('the command line: iptables -F');
  });
});

it('believes an agent online for five minutes after its death', async () => {
  const { world, ssm, run } = ssmStage({});
  const ping = async () => {
    const input = { Filters: [{ Key: 'InstanceIds', Values: [idA] }] };
    const answer = await ssm.call('DescribeInstanceInformation', input);
    return (answer as { InstanceInformationList: { PingStatus: string }[] }).InstanceInformationList[0]!.PingStatus;
  };
  world.hangInstance('gw-a');
  await run(4.9 * minute);
  expect(await ping()).toBe('Online');
  await run(0.2 * minute);
  expect(await ping()).toBe('ConnectionLost');
});
