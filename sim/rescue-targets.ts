/**
 * How long a rescue takes: until the first route write is sent, which is ours alone, and until users are served again, of
 * which the time that a route takes to be effective, an estimate of AWS's, is drawn in full.
 */
import { minuteMs, secondMs } from '../core/words/time';
import { simulationStart } from '../local-cloud/latency';
import type { Played } from './playback';
import { parseScenario } from './scenario';
import { quantile } from './statistics';
import { type Measured, overSeeds, type Target } from './target';

/** Somewhere within the third minute, spread evenly over the seeds. */
export const drawnMomentMs = (seed: number): number => 2 * minuteMs + ((seed * 7_919) % minuteMs);

/** The hop model counts one route; EC2's own time to make it effective is most of the tail. */
const peerLost = (preset: string, slowTimes: number) => (seed: number) =>
  parseScenario(
    `title: the peer of path a is gone, preset ${preset}
site: pair
config:
  connections:
    paris: { mode: divert, policy: { preset: ${preset} }, routeSets: { office: { tables: [rtb-00000000000000001] } } }
durationMax: 10m
latency: { regime: rough }
steps:
  - { at: 1m, do: slow_hour, times: ${slowTimes} }
  - { at: ${drawnMomentMs(seed)}ms, do: peer_down, path: a }
expect: { outcome: parked }`,
    'peer-lost',
  );

/** Both ends' routes must be effective before an answer comes back; what happens later, e.g. the repair, is not counted. */
const farDaemonDead = (seed: number) =>
  parseScenario(
    `title: the daemon of the far end's gateway dies, in another region and account
site: two-accounts
config: { connections: { frankfurt-ohio: { mode: divert } } }
durationMax: 10m
latency: { regime: rough }
steps:
  - { at: ${drawnMomentMs(seed)}ms, do: kill_daemon, gateway: o-a }
expect: { outcome: parked }`,
    'far-daemon-dead',
  );

/** Seconds; absent: nothing is asked of it. */
interface Limits {
  readonly p50: number;
  readonly p95: number;
  readonly p99?: number;
}

interface Rescue {
  readonly preset: 'balanced' | 'fast';
  /** In a slow hour, in which all of AWS takes so many times as long. */
  readonly slowTimes?: number;
  readonly toWrite?: Limits;
  readonly dark: Limits;
}

export function rescue({ preset, slowTimes = 1, toWrite, dark }: Rescue): Target {
  const hour = slowTimes === 1 ? '' : `, all of AWS ${slowTimes} times as slow`;
  return {
    name: `users in the dark by a fault that only canaries see, ${preset}${hour}`,
    measure: async ({ seeds }) => {
      const seen = await overSeeds(seeds, peerLost(preset, slowTimes), (played, seed) => ({
        darkS: played.result.users.darkMs / secondMs,
        toWriteS: writtenAfterMs(played, seed) / secondMs,
      }));
      return [
        ...(toWrite === undefined
          ? []
          : rowsOf(
              'time to the write',
              toWrite,
              seen.map(({ toWriteS }) => toWriteS),
            )),
        ...rowsOf(
          'dark',
          dark,
          seen.map(({ darkS }) => darkS),
        ),
      ];
    },
  };
}

export const rescueAtBothEnds: Target = {
  name: 'a gateway of one end dies, two regions and accounts',
  measure: async ({ seeds }) => {
    const darkS = await overSeeds(seeds, farDaemonDead, ({ result }) => result.users.darkMs / secondMs);
    return rowsOf('effective at both ends', { p50: 5.5, p95: 10 }, darkS);
  },
};

/** From the fault until `apply` sends its first call that changes a route. */
function writtenAfterMs({ cloud }: Played, seed: number): number {
  const faultAt = simulationStart + drawnMomentMs(seed);
  const sent = cloud.front.calls.find(({ at, operation }) => at >= faultAt && operation === 'ReplaceRoute');
  return (sent?.at ?? Number.POSITIVE_INFINITY) - faultAt;
}

function rowsOf(what: string, { p50, p95, p99 }: Limits, seconds: readonly number[]): Measured[] {
  const row = (name: string, share: number, limit: number): Measured => {
    const { value, from, to } = quantile(seconds, share);
    return { what: `${what}: ${name}`, limit, measured: value, interval: { from, to }, unit: 's' };
  };
  // A hundredth of fewer than a hundred runs is only the worst of them.
  const worst = p99 === undefined || seconds.length < 100 ? [] : [row('p99', 0.99, p99)];
  return [row('p50', 0.5, p50), row('p95', 0.95, p95), ...worst];
}
