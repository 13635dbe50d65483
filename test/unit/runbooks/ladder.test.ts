/** The repair ladder's own files, run as they are deployed, against the gateways they are for. */

import { minute } from '../sim/world-fixture';
import { ladder, served } from './runbook-ladder';

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
    const done = await it.climb('restart-tunnel', { ...tunnel('true'), Passing: ['true'] }, 2 * minute);
    expect(done.AutomationExecutionStatus).toBe('Success');
    expect(done.Outputs).toEqual({ 'restartTunnel.Output': [expect.stringContaining('switchback: alive')] });
    expect(daemon).toEqual([]);
    expect(served(it)).toBe(true);
  });

  it.each([
    ['alive', 'libreswan', 'ipsec', 'false', 'Success'],
    ['dead: Libreswan did not come back', 'libreswan', 'ipsec', 'false', 'Failed'],
    ['left: strongSwan does not answer there', 'strongswan', 'strongswan', 'true', 'Failed'],
    ['unseen: strongSwan does not answer there, and no unit', 'strongswan', 'vpn', 'false', 'Failed'],
    ['unseen: neither swanctl of strongSwan nor ipsec of Libreswan', 'other', 'vpn', 'false', 'Failed'],
  ] as const)('says %s (%s in unit %s, passing: %s)', async (words, daemon, unit, passing, status) => {
    const it = ladder();
    it.world.machineOf('gw-a').software = { daemon, unit };
    it.world.killDaemon('gw-a');
    if (words.includes('did not come back')) it.world.instances.restartDaemon = () => false;
    const done = await it.climb('restart-tunnel', { ...tunnel('true'), Passing: [passing] }, 2 * minute);
    expect(done.AutomationExecutionStatus).toBe(status);
    const heard = status === 'Success' ? String(done.Outputs!['restartTunnel.Output']) : done.FailureMessage;
    expect(heard).toContain(`switchback: ${words}`);
    expect(served(it)).toBe(status === 'Success');
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

describe.each(['clear-source-dest-check', 'restart-tunnel', 'reboot', 'stop-start', 'replace'])('%s', (rung) => {
  it.each([null, '66666666-7777-8888-9999-000000000000'])('touches nothing that is taken for %s', async (other) => {
    const it = ladder();
    it.takenFor = other;
    const done = await it.climb(rung);
    expect(done.AutomationExecutionStatus).toBe('Failed');
    expect(done.FailureMessage).toContain('ConditionalCheckFailedException');
    expect(new Set(it.calls)).toEqual(new Set(['UpdateItem']));
  });
});

describe('clear-source-dest-check', () => {
  const checked = (on: boolean) => {
    const it = ladder();
    it.world.vpc.interfaces.get('eni-0aaaaaaaaaaaaaaaa')!.sourceDestCheck = on;
    return it;
  };

  it.each([true, false])('leaves the check off and touches nothing else (on before: %s)', async (on) => {
    const it = checked(on);
    expect(served(it)).toBe(!on);
    const done = await it.climb('clear-source-dest-check', {}, minute);
    expect(done.AutomationExecutionStatus).toBe('Success');
    expect(served(it)).toBe(true);
    expect(new Set(it.calls)).toEqual(
      new Set(['UpdateItem', 'DescribeNetworkInterfaces', 'ModifyNetworkInterfaceAttribute']),
    );
  });

  it('changes no interface that is not on its instance', async () => {
    const it = checked(true);
    const done = await it.climb('clear-source-dest-check', { InterfaceId: ['eni-0bbbbbbbbbbbbbbbb'] }, minute);
    expect(done.AutomationExecutionStatus).toBe('Failed');
    expect(it.calls).not.toContain('ModifyNetworkInterfaceAttribute');
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
