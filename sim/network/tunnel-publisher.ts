/**
 * What `infra/greenfield/files/publish-tunnels.sh` publishes on each gateway that has it, once a minute: how many of the
 * tunnels it was told of are up, or that nobody could tell. The script itself runs in test/synth/gateway-boot.test.ts,
 * and before a real daemon in test/contract/strongswan.test.ts.
 */
import type { InstanceGateway } from '../../core/words/domain';
import { instancesOf } from '../../core/words/gateways';
import { gatewayNamespace } from '../../infra/tunnel-metrics';
import type { CloudWatch } from '../../local-cloud/services/alarms/cloudwatch';
import type { PhysicalWorld } from '../world';

const everyMs = 60_000;
/** In which second of the minute: switchback-metrics.timer. */
const atMs = 20_000;
/** A call of `swanctl` or `ipsec`, and the reader. */
const tookMs = 30;

export function publishTunnels(world: PhysicalWorld, cloudwatch: Pick<CloudWatch, 'put'>): void {
  const { clock } = world;
  const inMs = (atMs + everyMs - (clock.now() % everyMs)) % everyMs || everyMs;
  clock.after(inMs, 'gateways publish their tunnels', () => {
    for (const gateway of Object.values(instancesOf(world.deployment)))
      if (gateway.tunnelMetrics === true) publish(gateway, world, cloudwatch);
    publishTunnels(world, cloudwatch);
  });
}

function publish({ name }: InstanceGateway, world: PhysicalWorld, cloudwatch: Pick<CloudWatch, 'put'>): void {
  const machine = world.machineOf(name);
  if (machine.state !== 'running' || !machine.publishes || !world.instances.answers(machine)) return;
  const put = (metric: string, value: number): void => {
    const dimensions = { Deployment: world.deployment.name, Gateway: name, By: 'gateway' };
    cloudwatch.put({ namespace: gatewayNamespace(world.deployment), name: metric, dimensions }, value);
  };
  const tunnels = world.tunnels.all.filter(({ gateway }) => gateway === name);
  const isMeasured = machine.daemonAlive && machine.software.daemon !== 'other';
  put('TunnelsConfigured', tunnels.length);
  put('TunnelCheckMs', tookMs);
  put('TunnelCheckOk', isMeasured ? 1 : 0);
  if (isMeasured) put('TunnelsUp', tunnels.filter(({ host }) => host === machine.id).length);
}
