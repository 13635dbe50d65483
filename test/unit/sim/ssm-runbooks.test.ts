/** The repair ladder's own files, run as they are deployed, against the gateways they are for. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GetAutomationExecutionCommandOutput } from '@aws-sdk/client-ssm';
import { parse } from 'yaml';
import { withCanaryRouteSteps } from '../../../infra/canary-route-steps';
import type { DocumentContent, SsmDocument } from '../../../sim/cloud/ssm/documents';
import { SsmFake } from '../../../sim/cloud/ssm/ssm';
import { eniA, idA, idB, minute, network, pairDeployment, type Stage, stage } from './world-fixture';

const directory = join(__dirname, '../../../runbooks');

/** The file with its two names filled in and its repeated steps written out, as the stack does it. */
function runbook(file: string): DocumentContent {
  const text = readFileSync(join(directory, `${file}.yaml`), 'utf8')
    .replaceAll(/\$\{RepairRole\}/g, 'RepairRole')
    .replaceAll(/\$\{TunnelDocument\}/g, 'pair-tunnel');
  const content = parse(text);
  return { ...content, mainSteps: withCanaryRouteSteps(content.mainSteps, pairDeployment()) };
}

const documents: Record<string, SsmDocument> = {
  'pair-tunnel': { type: 'Command', content: runbook('tunnel') },
  ...Object.fromEntries(
    ['restart-tunnel', 'reboot', 'stop-start', 'replace'].map((rung) => [
      `pair-${rung}`,
      { type: 'Automation' as const, content: runbook(rung) },
    ]),
  ),
};

type Done = NonNullable<GetAutomationExecutionCommandOutput['AutomationExecution']>;

interface Ladder extends Stage {
  readonly calls: string[];
  refuse: string | null;
  /** What the path's canary reports while `replace` waits for its proof. */
  verdict: string;
  climb(rung: string, parameters?: Record<string, string[]>, ms?: number): Promise<Done>;
}

function ladder(options: Parameters<typeof stage>[0] = {}): Ladder {
  const it = stage(options);
  const calls: string[] = [];
  const self: Ladder = { ...it, calls, refuse: null, verdict: 'healthy', climb };
  const ssm: SsmFake = new SsmFake(it.world, {
    seed: options.seed ?? 1,
    documents,
    callAs: async (role, service, operation, input) => {
      expect(role).toBe('RepairRole');
      calls.push(operation);
      if (operation === self.refuse)
        throw Object.assign(new Error('You are not authorized'), { name: 'UnauthorizedOperation' });
      if (service === 'dynamodb') return { Item: { verdict: { S: self.verdict } } };
      return (service === 'ssm' ? ssm : it.ec2).call(operation, input);
    },
  });
  async function climb(rung: string, parameters: Record<string, string[]> = {}, ms = 15 * minute): Promise<Done> {
    const Parameters = { InstanceId: [idA], ...parameters };
    const started = await ssm.call('StartAutomationExecution', { DocumentName: `pair-${rung}`, Parameters });
    await it.run(ms);
    const answer = await ssm.call('GetAutomationExecution', started);
    return (answer as GetAutomationExecutionCommandOutput).AutomationExecution!;
  }
  return self;
}

const served = ({ world }: Stage): boolean => world.usersServed('paris', 'zone-a');
const seeds = [1, 2, 3, 4, 5, 6, 7, 8];

describe('restart-tunnel', () => {
  const tunnel = (Shared: 'true' | 'false') => ({ Tunnel: ['paris-a'], Shared: [Shared] });

  it.each(['true', 'false'] as const)('starts a dead daemon (shared: %s)', async (shared) => {
    const it = ladder();
    it.world.killDaemon('gw-a');
    const done = await it.climb('restart-tunnel', tunnel(shared), 2 * minute);
    expect(done.AutomationExecutionStatus).toBe('Success');
    expect(served(it)).toBe(true);
  });

  it('takes down only its own tunnel on a shared gateway', async () => {
    const it = ladder();
    const daemon: string[] = [];
    it.world.onChange(({ what }) => what.includes('daemon') && daemon.push(what));
    const done = await it.climb('restart-tunnel', tunnel('true'), 2 * minute);
    expect(done.AutomationExecutionStatus).toBe('Success');
    expect(daemon).toEqual([]);
    expect(served(it)).toBe(true);
  });

  it('succeeds when the daemon lives and the peer is silent', async () => {
    const it = ladder();
    it.world.peerDown('a');
    const done = await it.climb('restart-tunnel', tunnel('false'), 2 * minute);
    expect(done.AutomationExecutionStatus).toBe('Success');
  });

  it.each(['agentGone', 'hangInstance'] as const)('fails within its deadline after %s', async (fault) => {
    const it = ladder();
    it.world[fault]('gw-a');
    const done = await it.climb('restart-tunnel', tunnel('false'), 1.5 * minute);
    expect(done.AutomationExecutionStatus).toBe('Failed');
    expect(done.FailureMessage).toContain('DeliveryTimedOut');
  });
});

describe('reboot', () => {
  it.each(seeds)('brings a hung gateway back, or fails within its deadline (seed %d)', async (seed) => {
    const it = ladder({ seed });
    it.world.hangInstance('gw-a');
    const done = await it.climb('reboot', {}, 8 * minute);
    expect(['Success', 'TimedOut']).toContain(done.AutomationExecutionStatus);
    if (done.AutomationExecutionStatus === 'Success') {
      await it.run(2 * minute);
      expect(served(it)).toBe(true);
    }
  });
});

describe('stop-start', () => {
  it.each(seeds)('starts a stopped gateway (seed %d)', async (seed) => {
    const it = ladder({ seed });
    it.world.stopInstance('gw-a');
    await it.run(10 * minute);
    const done = await it.climb('stop-start', {}, 5 * minute);
    expect(done.AutomationExecutionStatus).toBe('Success');
    expect(it.calls).not.toContain('StopInstances');
    expect(served(it)).toBe(true);
  });

  it.each(seeds)('moves a hung gateway to another host within its deadline (seed %d)', async (seed) => {
    const it = ladder({ seed });
    it.world.hangInstance('gw-a');
    const done = await it.climb('stop-start', {}, 12 * minute);
    expect(done.AutomationExecutionStatus).toBe('Success');
    expect(served(it)).toBe(true);
  });

  it('fails and leaves a stopped gateway when there is no capacity', async () => {
    const it = ladder();
    it.world.noCapacity(true);
    const done = await it.climb('stop-start');
    expect(done).toMatchObject({
      AutomationExecutionStatus: 'Failed',
      FailureMessage: expect.stringContaining('Insufficient capacity'),
    });
    expect(it.world.machineOf('gw-a').state).toBe('stopped');
  });
});

describe('replace', () => {
  const parameters = {
    OldInterfaceId: [eniA],
    LaunchTemplateId: ['lt-0000000a'],
    LaunchTemplateVersion: ['3'],
    AllocationId: ['eipalloc-0000000a'],
    Canary: ['paris/path-a'],
    Gateway: ['gw-a'],
    ClientToken: ['t-1'],
  };
  const addressOwner = ({ world }: Stage) => world.vpc.addresses.get('eipalloc-0000000a')!.interfaceId;
  const canaryRoute = ({ world }: Stage) => world.routes.forwarded('rtb-000000ca', network)?.id;
  const machines = ({ world }: Stage) => [...world.instances.machines.values()];

  it.each(seeds)('puts a new instance in the place of a hung one (seed %d)', async (seed) => {
    const it = ladder({ seed });
    it.world.hangInstance('gw-a');
    const done = await it.climb('replace', parameters);
    expect(done.AutomationExecutionStatus).toBe('Success');
    const { 'launch.NewInstanceId': ids, 'launch.NewInterfaceId': interfaces } = done.Outputs!;
    const fresh = it.world.machineOf('gw-a');
    expect([fresh.id, addressOwner(it), canaryRoute(it)]).toEqual([ids![0], interfaces![0], interfaces![0]]);
    expect(it.probe('path-a')).toBe(true);
    expect(it.world.pathOf('paris', 'zone-a')).toBe('a');
    const old = it.world.instances.machines.get(idA)!;
    expect(old.state).toBe('stopped');
    expect(old.tags.get('switchback:quarantined')).toBe(done.AutomationExecutionId);
  });

  it('goes back when the canary does not prove the new path', async () => {
    const it = ladder();
    it.verdict = 'down';
    const done = await it.climb('replace', parameters, 20 * minute);
    expect(['Failed', 'TimedOut']).toContain(done.AutomationExecutionStatus);
    const fresh = machines(it).find(({ id }) => id !== idA && id !== idB)!;
    expect([fresh.state, fresh.tags.get('switchback:quarantined')]).toEqual(['stopped', done.AutomationExecutionId]);
    expect([addressOwner(it), canaryRoute(it)]).toEqual([eniA, eniA]);
    expect(it.world.instances.machines.get(idA)!.tags.size).toBe(0);
  });

  it('loses nothing when there is no capacity', async () => {
    const it = ladder();
    it.world.noCapacity(true);
    const done = await it.climb('replace', parameters);
    expect(done.AutomationExecutionStatus).toBe('Failed');
    expect(it.calls).toEqual(['RunInstances']);
    expect(machines(it).map(({ id, state }) => [id, state])).toEqual([
      [idA, 'running'],
      [idB, 'running'],
    ]);
    expect(served(it)).toBe(true);
  });

  it.each(['AssociateAddress', 'ReplaceRoute', 'ModifyNetworkInterfaceAttribute', 'DescribeInstanceInformation'])(
    'leads everything back to the old instance and quarantines the new one when %s fails',
    async (operation) => {
      const it = ladder();
      it.refuse = operation;
      const done = await it.climb('replace', parameters);
      expect(['Failed', 'TimedOut']).toContain(done.AutomationExecutionStatus);
      const fresh = machines(it).find(({ id }) => id !== idA && id !== idB)!;
      expect([fresh.state, fresh.tags.get('switchback:quarantined')]).toEqual(['stopped', done.AutomationExecutionId]);
      expect(canaryRoute(it)).toBe(eniA);
      expect(it.world.instances.machines.get(idA)!.tags.size).toBe(0);
      if (operation !== 'AssociateAddress') expect(addressOwner(it)).toBe(eniA);
      expect(served(it)).toBe(true);
    },
  );
});
