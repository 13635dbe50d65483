/**
 * How long the physical world takes: medians and 99th percentiles, in milliseconds, drawn log-normally.
 *
 * Repair rows are r1 to r9 of the latency model in docs/ (launch and start times are measured by third parties, the
 * others are estimates from documented timers); each line says which. A caller may replace any of them.
 */
import type { Spread } from '../../local-cloud/random';

export interface Durations {
  /** h10: a route write takes effect in the data plane this long after the API has returned. */
  readonly routeEffect: Spread;
  /** r4: reboot of a healthy system, until it is up. */
  readonly rebootSoft: Spread;
  /** r4: reboot of a hung one: the graceful attempt runs out first. */
  readonly rebootHung: Spread;
  /** r5: clean stop. */
  readonly stop: Spread;
  /** r5: with `Force` and `SkipOsShutdown`. */
  readonly stopForced: Spread;
  /** A hung system stopped without `SkipOsShutdown`: the graceful attempt runs out first, as in a hung reboot. */
  readonly stopHung: Spread;
  /** r6: start of a stopped instance, until it is up. */
  readonly start: Spread;
  /** r7: RunInstances, until it is up. */
  readonly launch: Spread;
  /** r8: shutting-down until terminated. */
  readonly terminate: Spread;
  /** r3: the SSM agent after boot. */
  readonly agentOnline: Spread;
  /** r9: the tunnel after boot, the peer's dead-peer timers included. */
  readonly tunnelAfterBoot: Spread;
  /** The tunnel when our daemon initiates by itself: measured on real strongSwan, 50 ms to 5 s. */
  readonly tunnelInitiate: Spread;
  /** AWS's tunnel endpoint is replaced: estimate; AWS says several minutes. */
  readonly endpointReplacement: Spread;
  /** Telemetry tells of a tunnel this long after it changed: estimate. */
  readonly tunnelTelemetry: Spread;
  /** A transit gateway's route takes effect this long after the API has returned: estimate. */
  readonly transitRouteEffect: Spread;
  /** Propagation into a VPC's route table follows its tunnels: estimate. */
  readonly propagation: Spread;
  /** A Route Server puts the path that it has picked into a VPC's table: estimate. */
  readonly routeServerInstall: Spread;
  /** h1'': status checks after a hang. */
  readonly statusImpaired: Spread;
  /** Status checks after boot: one check a minute, and two must pass. Estimate. */
  readonly statusOk: Spread;
}

export const measuredDurations: Durations = {
  routeEffect: { p50: 1_000, p99: 8_000 },
  rebootSoft: { p50: 30_000, p99: 90_000 },
  rebootHung: { p50: 240_000, p99: 480_000 },
  stop: { p50: 20_000, p99: 300_000 },
  stopForced: { p50: 10_000, p99: 300_000 },
  stopHung: { p50: 240_000, p99: 480_000 },
  start: { p50: 21_000, p99: 45_000 },
  launch: { p50: 24_000, p99: 60_000 },
  terminate: { p50: 40_000, p99: 240_000 },
  agentOnline: { p50: 25_000, p99: 150_000 },
  tunnelAfterBoot: { p50: 12_000, p99: 75_000 },
  tunnelInitiate: { p50: 1_000, p99: 5_000 },
  endpointReplacement: { p50: 180_000, p99: 900_000 },
  tunnelTelemetry: { p50: 20_000, p99: 120_000 },
  transitRouteEffect: { p50: 2_000, p99: 10_000 },
  propagation: { p50: 10_000, p99: 60_000 },
  routeServerInstall: { p50: 1_000, p99: 8_000 },
  statusImpaired: { p50: 150_000, p99: 360_000 },
  statusOk: { p50: 90_000, p99: 180_000 },
};

/** Of a start or launch, the share spent in `pending`: 16.4 s of 21.2 s, measured on AL2023. */
export const pendingShare = 0.77;

/** Dead-peer detection of the far end: AWS allows 30 s and more, 40 s by default with the first probe after 10 s. */
export const peerDpdMs = 30_000;

/** The agent reports every 5 minutes, so PingStatus may say Online that long after its death. */
export const agentHeartbeatMs = 5 * 60_000;

/** A continental round trip when the configuration says nothing else. */
export const baseRttMs = 24;
