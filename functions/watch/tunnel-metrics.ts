/** What `watch` publishes of each gateway's tunnels, each minute: how many are up, could it be asked, how long it took. */
import { tunnelNames } from '../../adapters/cloudwatch/metric-names';
import type { Deployment, GatewayName } from '../../core/words/domain';
import type { TunnelReport } from '../../core/words/evidence';
import { type Publisher, publish } from '../embedded-metrics';

interface Check {
  readonly ok: boolean;
  readonly tookMs: number;
  /** Null: nobody can tell how many are up. */
  readonly told: Pick<TunnelReport, 'state' | 'tunnels'> | null;
}

export function publishCheck(
  world: Publisher,
  { name }: Pick<Deployment, 'name'>,
  gateway: GatewayName,
  { ok, tookMs, told }: Check,
): void {
  publish(
    world,
    { Deployment: name, Gateway: gateway, By: 'aws' },
    {
      ...(told !== null && { [tunnelNames.up]: upIn(told) }),
      [tunnelNames.checkOk]: ok ? 1 : 0,
      [tunnelNames.checkMs]: tookMs,
    },
  );
}

/** Through a connection that is gone nothing passes, whatever its telemetry still says. */
function upIn({ state, tunnels }: NonNullable<Check['told']>): number {
  if (state === 'deleting' || state === 'deleted') return 0;
  return Object.values(tunnels).filter(({ status }) => status === 'up').length;
}
