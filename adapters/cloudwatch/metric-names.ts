/**
 * What a canary's metrics are called. The canary emits them, assess reads them back when the reports table is silent,
 * and the infrastructure's alarms watch them: one spelling for all three.
 */
import type { Canary, Deployment, GatewayName } from '../../core/words/domain';

export const metricNames = {
  /** 0 while the canary says `down`, otherwise 1; nothing while it does not know. */
  reachable: 'Reachable',
  loss: 'LossRatio',
  rtt: 'RttMs',
  /**
   * 1 when what was measured was reported, 0 when a report could not be written or the canary is cut off; its absence:
   * nobody measures.
   */
  measured: 'MeasurementOk',
} as const;

/** What the sweep and assess say of a deployment. */
export const standingNames = {
  /** 1 while EC2 has the gateway running and both its status checks pass, otherwise 0; nothing when nobody knows. */
  gatewayOk: 'GatewayOk',
  /** How many connections have told people that they are needed, and still need them; nothing when none has. */
  escalated: 'Escalated',
  /** How many connections have a standby that has not carried traffic for too long; nothing when none has. */
  drillOverdue: 'DrillOverdue',
} as const;

/**
 * What is said of a gateway's tunnels, by whoever can see them: dimensions Deployment, Gateway, By. By `gateway` says its
 * own daemon (infra/greenfield/files/publish-tunnels.sh), by `aws` what AWS's telemetry shows (functions/watch).
 */
export const tunnelNames = {
  /** How many pass traffic; nothing when nobody could tell: never 0 for that. */
  up: 'TunnelsUp',
  configured: 'TunnelsConfigured',
  /** 1 when they could be asked for, and what was seen reported; otherwise 0; nothing when nobody asks. */
  checkOk: 'TunnelCheckOk',
  /** How long the question took. */
  checkMs: 'TunnelCheckMs',
} as const;

/** The alarms on these numbers, of a gateway that publishes them. */
export const tunnelAlarmNames = ({ name }: Pick<Deployment, 'name'>, gateway: GatewayName) => ({
  none: `${name}/gateway/${gateway}/own-tunnels-down`,
  unmeasured: `${name}/gateway/${gateway}/own-tunnels-unmeasured`,
});

export interface CanaryDimensions {
  readonly Connection: string;
  readonly Canary: string;
}

export function dimensionsOf(canary: Canary): CanaryDimensions {
  return { Connection: canary.connection, Canary: canary.id };
}
