/**
 * A scenario on real packets: the local cloud and what is deployed as in the simulation, on the wall's clock, with
 * namespaces for instances. Canaries really connect, runbooks run in a real shell beside a real strongSwan, a route write
 * is `ip route replace`.
 *
 * EC2's and AWS's own times are not real: a boot takes seconds, and each hop a millisecond, or what the hop model says.
 */
import type { Attempt, AttemptResult } from '../functions/world';
import type { VirtualClock } from '../local-cloud/clock';
import { Latencies } from '../local-cloud/latency';
import type { Reality, ScriptResult } from '../local-cloud/reality';
import type { SsmDurations } from '../local-cloud/services/ssm/durations';
import { type Durations, measuredDurations } from '../sim/network/durations';
import type { Stage } from '../sim/simulate';
import type { SimulatedCloud } from '../sim/simulated-cloud';
import { answeringRouters } from './answers';
import { attempt } from './command';
import type { Frr } from './frr';
import type { Lab } from './lab';
import { feltBetween, type Recording } from './measure';
import { Mirror } from './mirror';
import { inRealTime, now } from './real-time';
import { startRouters } from './routers';
import type { TunnelReading } from './tunnel-readings';
import { WayReader, type WaySeen } from './ways';

export interface RouteMove {
  readonly atMs: number;
  readonly table: string;
  /** Null: nowhere. */
  readonly gateway: string | null;
}

const exactly = (ms: number) => ({ p50: ms, p99: ms });

/** A boot is a process started after a pause; the rest of EC2 hurries as well. */
const labDurations: Durations & SsmDurations = {
  routeEffect: exactly(1),
  rebootSoft: exactly(3_000),
  rebootHung: exactly(5_000),
  stop: exactly(1_000),
  stopForced: exactly(500),
  stopHung: exactly(3_000),
  start: exactly(2_000),
  launch: exactly(3_000),
  terminate: exactly(1_000),
  agentOnline: exactly(1_000),
  tunnelAfterBoot: exactly(100),
  tunnelInitiate: exactly(100),
  endpointReplacement: exactly(2_000),
  tunnelTelemetry: exactly(1_000),
  transitRouteEffect: exactly(1),
  propagation: exactly(1_000),
  routeServerInstall: exactly(1_000),
  statusImpaired: exactly(5_000),
  statusOk: exactly(2_000),
  automationStart: exactly(50),
  automationStep: exactly(20),
  runCommand: exactly(50),
};

export interface RealStageOptions {
  readonly seed: number;
  /** Each hop takes what AWS takes, by the model. */
  readonly withHops: boolean;
  /** After each move the gateway moved to makes a new CHILD_SA, which draws a coupled peer's answers. */
  readonly attracts?: boolean;
  /** Ends when users are served again after this time of the scenario. @default - when the scenario does */
  readonly wellAfterMs?: number | undefined;
}

const lookEveryMs = 100;

export class RealStage implements Stage, Reality {
  readonly quietMs = 3_000;
  readonly cloud;
  readonly moves: RouteMove[] = [];
  recording: Recording | null = null;
  /** What AWS's ends of its own connections' tunnels said all the while. */
  readings: readonly TunnelReading[] = [];
  /** By which paths users' packets left and their answers came back, where both ends are ours. */
  ways: readonly WaySeen[] = [];
  /** Users were served in the end. */
  isWell = false;
  /** When the scenario began, on the clock of the recording. */
  startedAt = 0;
  private mirror: Promise<Mirror> | null = null;
  /** By namespace. */
  private speakers: ReadonlyMap<string, Frr> = new Map();

  constructor(
    private readonly lab: Lab,
    private readonly options: RealStageOptions,
  ) {
    const { seed, withHops } = options;
    const { routeEffect, transitRouteEffect } = measuredDurations;
    this.cloud = {
      reality: this,
      lag: { chance: 0, msMax: 1 },
      latencies: new Latencies(seed, { regime: withHops ? 'calm' : 'instant' }),
      durations: withHops ? { ...labDurations, routeEffect, transitRouteEffect } : labDurations,
    };
  }

  /** For `onCloud`. */
  attach(cloud: SimulatedCloud): void {
    const { lab } = this;
    this.mirror = Mirror.over(cloud, lab, (table, _destination, gateway) => {
      this.moves.push({ atMs: Math.round(now() - this.startedAt), table, gateway });
      if (this.options.attracts && gateway !== null) void this.attract(gateway);
    });
    this.mirror.catch(() => {}); // Told by whoever awaits it.
  }

  /** A box that holds both tunnels answers over the one last keyed; users are at home, and so is that one. */
  private async drawCoupledHome(): Promise<void> {
    const { coupled, paths, routeSets } = this.lab.plan.connection;
    if (coupled) await this.attract(paths[Object.values(routeSets)[0]!.home]!.gateway);
  }

  /** They run for the whole of it: a scenario of the lab that boots a gateway with a speaker would find its orders kept. */
  private async startSpeakers({ gateways }: Mirror): Promise<void> {
    const { plan, spaces, runFolder } = this.lab;
    const home = Object.values(plan.connection.routeSets)[0]!.home;
    const paths = Object.values(plan.connection.paths).sort(
      (a, b) => Number(b.name === home) - Number(a.name === home),
    );
    const speaking = paths.map(({ name, gateway }) => {
      const { namespace } = [...gateways.values()].find(({ gatewayName }) => gatewayName === gateway)!;
      return { path: name, host: namespace };
    });
    this.speakers = await startRouters(spaces, runFolder, answeringRouters(plan, speaking));
  }

  private async attract(gateway: string): Promise<void> {
    const path = Object.values(this.lab.plan.connection.paths).find((one) => one.gateway === gateway)!;
    const mirror = await this.mirror!;
    const found = [...mirror.gateways.values()].filter((one) => one.gatewayName === gateway).at(-1);
    await found?.daemon.rekey(path.tunnels[0] ?? path.name);
  }

  async play(clock: VirtualClock, limit: number, done: () => boolean): Promise<void> {
    const mirror = await this.mirror!;
    if (this.lab.plan.routing === 'answers') await this.startSpeakers(mirror);
    await this.lab.tunnelsUp();
    await this.drawCoupledHome();
    await this.lab.startUsers();
    this.moves.length = 0;
    this.startedAt = now();
    let isOver = false;
    const { connection } = this.lab.plan;
    const ways = new WayReader(this.lab.spaces, connection, mirror.gateways);
    const watched = Promise.all([
      mirror.watchTunnels(() => isOver),
      ...(connection.ends === undefined ? [] : [ways.watch(() => isOver)]),
    ]);
    watched.catch(() => {}); // Told when it is over.
    try {
      await inRealTime(clock, limit, this.isOver(done));
    } finally {
      isOver = true;
    }
    await watched;
    this.readings = mirror.transit?.readings ?? [];
    this.ways = ways.ways;
    await mirror.settled();
    const wellSince = await this.lab.usersWellSince();
    this.isWell = wellSince !== null && now() - wellSince > lookEveryMs;
    this.recording = await this.lab.stopUsers();
  }

  private isOver(done: () => boolean): () => boolean {
    const { wellAfterMs } = this.options;
    if (wellAfterMs === undefined) return done;
    const faultAt = this.startedAt + wellAfterMs;
    let lookedAt = 0;
    let isWell = false;
    return () => {
      if (now() - lookedAt > lookEveryMs) {
        lookedAt = now();
        void this.lab.areUsersWellAgain(faultAt).then((answer) => {
          isWell = answer;
        });
      }
      return isWell;
    };
  }

  async darkMs(): Promise<number> {
    return this.recording === null ? 0 : feltBetween(this.recording, this.startedAt).darkMs;
  }

  connect(subnetId: string, target: Attempt, timeoutMs: number): Promise<AttemptResult> {
    return this.lab.connect(subnetId, target, timeoutMs);
  }

  async runScript(instanceId: string, script: string, variables: ReadonlyMap<string, string>): Promise<ScriptResult> {
    const mirror = await this.mirror!;
    const gateway = mirror.gateways.get(instanceId);
    if (gateway === undefined) throw new Error(`The lab has no instance ${instanceId}`);
    const speaker = this.speakers.get(gateway.namespace);
    const path = speaker === undefined ? {} : { PATH: `${speaker.bin}:${gateway.daemon.env['PATH']}` };
    const env = { ...gateway.daemon.env, ...path, ...Object.fromEntries(variables) };
    const result = await attempt(this.lab.spaces.inside(gateway.namespace, ['/bin/sh', '-c', script]), {
      env,
      timeoutMs: 60_000,
    });
    await mirror.readDaemon(instanceId);
    return result;
  }
}
