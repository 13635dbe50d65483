/**
 * How others fail over, written anew from their published parameters: what they ask, from where, how often, and what they
 * make of it. Repair, failback and their own defects are left out: the benchmark asks when users are served again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { attempt } from '../command';
import { gatewayPlanOf, type Routing, server } from '../plan';
import type { Arena, Hops } from './arena';

export interface Method {
  readonly name: string;
  /** One line for the table: what it asks and how often. */
  readonly parameters: string;
  readonly source: string;
  /** Until when a run waits for it. */
  readonly patienceMs: number;
  /** Where its beat is not `watch`'s but a daemon's own: the fault comes anywhere in it. @default 500 ms */
  readonly beatMs?: number;
  /** @default 'static' */
  readonly routing?: Routing;
  /** What it needs in the network, once per arena. */
  prepare?(arena: Arena): Promise<void>;
  /** After each repair of the arena: waits until it is home again by its own means. */
  settled?(arena: Arena): Promise<void>;
  /** Watches until told to stop, and moves routes when it would. `phase`, 0 to 1: where in its beat it begins. */
  watch(arena: Arena, hops: Hops, stop: AbortSignal, phase: number): Promise<void>;
}

/** Of a pair of NAT or VPN instances, each pings the other; here the standby pings the home gateway. */
const monitorScript: Method = {
  name: 'AWS monitor script',
  parameters: 'the standby pings the home gateway: 3 pings, 1 s timeout, every 2 s; moves when none is answered',
  source: 'nat_monitor.sh (Num_Pings=3, Ping_Timeout=1, Wait_Between_Pings=2)',
  patienceMs: 30_000,
  async watch(arena, hops, stop, phase) {
    await sleep(4_000 * phase);
    const standby = arena.gatewayOf(arena.standby);
    const { privateAddress } = gatewayPlanOf(arena.lab.plan, arena.home).gateway;
    while (!stop.aborted) {
      const ping = ['ping', '-q', '-n', '-c', '3', '-W', '1', privateAddress];
      const { code } = await attempt(arena.lab.spaces.inside(standby.namespace, ping));
      if (stop.aborted) return;
      if (code !== 0) await arena.move(arena.standby, hops);
      await sleep(2_000);
    }
  },
};

/** Its Lambda stands in a private subnet and asks two URLs the way users go. Both must fail once. */
const alternat: Method = {
  name: 'alternat',
  parameters: 'a function asks two URLs the way users go, 5 s timeout, every 5 s; moves when both fail once',
  source: 'chime/terraform-aws-alternat, functions/replace-route/app.py',
  patienceMs: 40_000,
  async watch(arena, hops, stop, phase) {
    await sleep(5_000 * phase);
    const from = arena.lab.plan.connection.canaries.find(({ watches }) => watches.kind === 'service')!.subnetId;
    while (!stop.aborted) {
      const startedAt = performance.now();
      let works = false;
      for (const port of [8080, 8081]) {
        if (works) break;
        const { answered } = await arena.lab.connect(from, { protocol: 'http', address: server.address, port }, 5_000);
        works = answered;
      }
      if (stop.aborted) return;
      if (!works) await arena.move(arena.standby, hops);
      await sleep(Math.max(0, 5_000 - (performance.now() - startedAt)));
    }
  },
};

/** The tunnel's own word (IKE and dead-peer detection), as a metric: below one half over one minute, alarm, function. */
const minuteAlarm: Method = {
  name: 'one-minute alarm',
  parameters: 'an alarm on the tunnel state (average below 0.5 over 60 s) starts a function; the standby must be UP',
  source: 'aws-samples/aws-transit-gateway-static-vpn-ha (TunnelState, 60 s x 1)',
  patienceMs: 150_000,
  async watch(arena, hops, stop, phase) {
    const samples: number[] = new Array(Math.floor(6 * phase)).fill(1);
    await sleep(10_000 * ((6 * phase) % 1));
    while (!stop.aborted) {
      samples.push((await isTunnelUp(arena, arena.home)) ? 1 : 0);
      if (samples.length === 6) {
        const average = samples.reduce((sum, one) => sum + one, 0) / samples.length;
        samples.length = 0;
        if (average < 0.5) {
          await hops.pass('eventToTarget', 'lambdaCold', 'lambdaWarm', 'ec2Read');
          if (!stop.aborted && (await isTunnelUp(arena, arena.standby))) await arena.move(arena.standby, hops);
        }
      }
      await sleep(10_000);
    }
  },
};

/** What the gateway's daemon says of its tunnel; one that does not answer is down. */
async function isTunnelUp(arena: Arena, path: string): Promise<boolean> {
  const gateway = arena.gatewayOf(path);
  if (gateway.condition !== 'up') return false;
  const list = arena.lab.spaces.inside(gateway.namespace, ['timeout', '2', 'swanctl', '--list-sas']);
  const { code, stdout } = await attempt(list, { env: gateway.daemon.env });
  return code === 0 && stdout.includes('INSTALLED');
}

export const watchers: readonly Method[] = [monitorScript, alternat, minuteAlarm];
