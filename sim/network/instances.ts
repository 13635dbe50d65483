/**
 * EC2 instances as machines: their state as EC2 tells it, and behind it what EC2 does not tell: hung or not, booted
 * or not, whether the VPN daemon and the SSM agent live.
 *
 *   pending -> running -> stopping -> stopped -> pending …        running -> shutting-down -> terminated
 *
 * A reboot and a hang stay `running`. In a dead zone transitions stand still until the zone is back.
 * Invariant: a timer set in one life of an instance (`life`) does nothing in the next.
 */
import type { GatewayName } from '../../core/words/domain';
import type { InstanceState } from '../../core/words/evidence';
import { type Instant, instantText } from '../../core/words/time';
import type { VirtualClock } from '../../local-cloud/clock';
import { draw, type Random, type Spread } from '../../local-cloud/random';
import type { MachineEvent, VirtualMachine } from '../../local-cloud/world-port';
import { agentHeartbeatMs, type Durations, pendingShare } from './durations';

/** How long after it has begun EC2 says that it is over; est. */
const eventShownOverMs = 10 * 60_000;

interface GatewaySoftware {
  readonly daemon: 'strongswan' | 'libreswan' | 'other';
  readonly unit: string;
}

const strongswan: GatewaySoftware = { daemon: 'strongswan', unit: 'strongswan' };

export interface Machine extends VirtualMachine {
  /** The gateways it can stand for; several when they share a launch template. */
  readonly roles: GatewayName[];
  /** Made beside another that still stands for its gateway: without an address it waits for that one's end. */
  isSpare: boolean;
  readonly launchTemplate: { readonly id: string; readonly version: string } | null;
  /** EC2's LaunchTime: of the last launch or start. */
  launchedAt: Instant;
  state: InstanceState;
  /** The operating system is up; false while booting, rebooting and off. */
  booted: boolean;
  hung: boolean;
  /** The host is broken: a reboot, which stays on it, ends in the same hang. */
  hostBroken: boolean;
  daemonAlive: boolean;
  /** The daemon was killed and its socket lies there; nothing else leaves one behind. */
  deadSocket: boolean;
  /** What its first boot has to do before there is a daemon; done on an instance that stands for long. */
  readonly firstBoot: FirstBoot;
  firstBootIs: 'to come' | 'running' | 'done' | 'failed';
  /** Its timer that publishes how many tunnels are up runs, where the gateway has one. */
  publishes: boolean;
  /** Whose VPN daemon it is, and the unit that holds it: `other` has no program that we know. */
  software: GatewaySoftware;
  /** The agent is on this image at all and may come up. */
  agentInstalled: boolean;
  agentAlive: boolean;
  /** Last heartbeat, for PingStatus; null: never seen. */
  agentSeenAt: Instant | null;
  /** Status checks fail from here; null: nothing wrong. */
  impairedAt: Instant | null;
  /** EC2's status checks fail although the machine is up and passes traffic; a boot clears them. */
  checksFail: boolean;
  /** Status checks pass from here; before it they say `initializing`. */
  checksPassAt: Instant;
  stateReason: string;
  events: MachineEvent[];
  /** While `stopping`: since when, and when it will be over. */
  stoppingSince: Instant;
  stopsAt: Instant;
  life: number;
}

/** The user data's script: how long it takes to get the daemon, and whether it fails at the end. */
export interface FirstBoot {
  readonly takesMs: number;
  readonly fails: boolean;
}

/** The image has the daemon. */
export const nothingToBuild: FirstBoot = { takesMs: 0, fails: false };

export interface InstanceListener {
  /** EC2's own state changed. */
  stateChanged(machine: Machine): void;
  /** Something changed that traffic may feel. `daemonStarted`: the daemon initiates by itself, it need not wait for DPD. */
  changed(machine: Machine, what: string, daemonStarted?: boolean): void;
}

export interface NewMachine {
  readonly id: string;
  readonly roles: readonly GatewayName[];
  readonly availabilityZone: string;
  readonly launchTemplate: Machine['launchTemplate'];
  readonly clientToken?: string;
  readonly agentInstalled: boolean;
  readonly isSpare?: boolean;
  readonly firstBoot?: FirstBoot;
}

export class SimulatedInstances {
  readonly machines = new Map<string, Machine>();
  private readonly waitingForZone: { readonly zone: string; readonly resume: () => void }[] = [];

  constructor(
    private readonly clock: VirtualClock,
    private readonly random: Random,
    private readonly durations: Durations,
    private readonly zoneIsUp: (zone: string) => boolean,
    private readonly listener: InstanceListener,
  ) {}

  /** An instance that has been running for long. */
  settled(wanted: NewMachine): Machine {
    const machine = this.make(wanted, this.clock.now() - 24 * 3_600_000);
    Object.assign(machine, { state: 'running', booted: true, daemonAlive: true, agentAlive: wanted.agentInstalled });
    machine.firstBootIs = 'done';
    machine.agentSeenAt = wanted.agentInstalled ? this.clock.now() : null;
    machine.checksPassAt = machine.launchedAt;
    return machine;
  }

  launch(wanted: NewMachine): Machine {
    const machine = this.make(wanted, this.clock.now());
    this.powerUp(machine, this.durations.launch);
    return machine;
  }

  start(machine: Machine): void {
    this.powerUp(machine, this.durations.start);
  }

  /** `forced` is `Force` together with `SkipOsShutdown`: the host pulls the plug. */
  stop(machine: Machine, forced: boolean, reason = 'User initiated'): void {
    if (machine.state !== 'running' && machine.state !== 'pending') return;
    const { stop, stopForced, stopHung } = this.durations;
    const lasts = forced ? stopForced : machine.hung ? stopHung : stop;
    this.powerDown(machine, 'stopping', reason);
    machine.stoppingSince = this.clock.now();
    this.stopIn(machine, draw(lasts, this.random));
  }

  /**
   * `Force` on an instance that is stopping: the graceful attempt may still use up its time, which `SkipOsShutdown`
   * spares. Never later than it would have stopped anyway.
   */
  hastenStop(machine: Machine, skipsOsShutdown: boolean): void {
    const now = this.clock.now();
    const gracefulMs = skipsOsShutdown ? 0 : Math.max(0, machine.stoppingSince + this.durations.stopHung.p50 - now);
    const inMs = gracefulMs + draw(this.durations.stopForced, this.random);
    if (now + inMs < machine.stopsAt) this.stopIn(machine, inMs);
  }

  private stopIn(machine: Machine, ms: number): void {
    machine.life++;
    machine.stopsAt = this.clock.now() + ms;
    this.later(machine, ms, 'stopped', () => this.enter(machine, 'stopped'));
  }

  terminate(machine: Machine, released: () => void): void {
    if (machine.state === 'shutting-down' || machine.state === 'terminated') return;
    this.powerDown(machine, 'shutting-down', 'User initiated');
    this.later(machine, draw(this.durations.terminate, this.random), 'terminated', () => {
      released();
      this.enter(machine, 'terminated');
    });
  }

  reboot(machine: Machine): void {
    if (machine.state !== 'running') return;
    const lasts = machine.hung ? this.durations.rebootHung : this.durations.rebootSoft;
    machine.life++;
    const wasHung = machine.hung;
    this.osDown(machine, `${machine.id} reboots`);
    machine.hung = wasHung;
    this.later(machine, draw(lasts, this.random), 'rebooted', () => {
      if (!machine.hostBroken) this.bootDone(machine);
    });
  }

  /** AWS announces it (`lastsMs`: and until when at the latest), and does it when its time has come: unless the machine has left that host by then. */
  schedule(machine: Machine, code: MachineEvent['code'], inMs: number, lastsMs: number | undefined): void {
    const from = this.clock.now() + inMs;
    const until = lastsMs === undefined ? null : from + lastsMs;
    const event = { id: `instance-event-${machine.events.length + 1}`, code, from, until, isOver: false };
    machine.events.push(event);
    this.clock.at(event.from, `${event.code} of ${machine.id}`, () => {
      if (!machine.events.includes(event) || machine.state !== 'running') return;
      if (/stop|retirement/.test(event.code)) this.stop(machine, false, 'Server.ScheduledStop');
      else this.reboot(machine);
    });
    this.clock.at(event.from + eventShownOverMs, `${event.code} of ${machine.id} is over`, () => {
      machine.events = machine.events.map((one) => (one === event ? { ...event, isOver: true } : one));
    });
  }

  hang(machine: Machine): void {
    if (machine.state !== 'running' || machine.hung) return;
    machine.life++;
    machine.hung = true;
    this.osDown(machine, `${machine.id} hangs`);
    machine.impairedAt = this.clock.now() + draw(this.durations.statusImpaired, this.random);
  }

  breakHost(machine: Machine): void {
    machine.hostBroken = true;
    this.hang(machine);
  }

  /** Up and well after a boot, agent included; one that is stopping comes up when it has stopped. */
  mend(machine: Machine): void {
    machine.hostBroken = false;
    machine.agentInstalled = true;
    if (machine.firstBootIs !== 'to come') machine.firstBootIs = 'done';
    if (machine.state === 'stopping')
      this.later(machine, machine.stopsAt - this.clock.now() + 1, 'mended', () => this.start(machine));
    else if (machine.state === 'stopped') this.start(machine);
    else if (machine.state === 'running' && !(this.answers(machine) && machine.daemonAlive && machine.agentAlive))
      this.reboot(machine);
  }

  killDaemon(machine: Machine): void {
    if (!machine.daemonAlive) return;
    machine.daemonAlive = false;
    machine.deadSocket = true;
    this.listener.changed(machine, `the VPN daemon on ${machine.id} is dead`);
  }

  /** True when the daemon runs afterwards. */
  restartDaemon(machine: Machine): boolean {
    if (!machine.booted || machine.hung || machine.firstBootIs !== 'done') return false;
    machine.daemonAlive = false;
    this.listener.changed(machine, `the VPN daemon on ${machine.id} stops`);
    Object.assign(machine, { daemonAlive: true, deadSocket: false });
    this.listener.changed(machine, `the VPN daemon on ${machine.id} is started`, true);
    return true;
  }

  /** The agent is gone for good on this instance; boots do not bring it back. */
  loseAgent(machine: Machine): void {
    this.agentDies(machine);
    machine.agentInstalled = false;
  }

  /** What the Systems Manager service still believes: the last heartbeat counts for five minutes. */
  agentSeemsOnline(machine: Machine): boolean {
    if (this.agentReachable(machine)) return true;
    return machine.agentSeenAt !== null && this.clock.now() - machine.agentSeenAt < agentHeartbeatMs;
  }

  agentReachable(machine: Machine): boolean {
    return machine.agentAlive && this.answers(machine);
  }

  /** Does the operating system answer on the network? */
  answers(machine: Machine): boolean {
    return machine.booted && !machine.hung && this.zoneIsUp(machine.availabilityZone);
  }

  zoneLost(zone: string): void {
    for (const machine of this.inZone(zone)) {
      if (machine.agentAlive) machine.agentSeenAt = this.clock.now();
      if (machine.state === 'running')
        machine.impairedAt ??= this.clock.now() + draw(this.durations.statusImpaired, this.random);
    }
  }

  zoneBack(zone: string): void {
    for (const machine of this.inZone(zone)) {
      if (!machine.hung) machine.impairedAt = null;
      this.listener.changed(machine, `${machine.id} is back with its zone`);
    }
    const due = this.waitingForZone.filter((each) => each.zone === zone);
    for (const each of due) {
      this.waitingForZone.splice(this.waitingForZone.indexOf(each), 1);
      each.resume();
    }
  }

  private inZone(zone: string): readonly Machine[] {
    return [...this.machines.values()].filter((each) => each.availabilityZone === zone);
  }

  private make(wanted: NewMachine, launchedAt: Instant): Machine {
    const machine: Machine = {
      ...wanted,
      roles: [...wanted.roles],
      isSpare: wanted.isSpare ?? false,
      launchedAt,
      tags: new Map(),
      state: 'pending',
      booted: false,
      hung: false,
      hostBroken: false,
      daemonAlive: false,
      deadSocket: false,
      firstBoot: wanted.firstBoot ?? nothingToBuild,
      firstBootIs: 'to come',
      publishes: true,
      software: strongswan,
      agentAlive: false,
      agentSeenAt: null,
      impairedAt: null,
      checksFail: false,
      checksPassAt: Number.POSITIVE_INFINITY,
      stateReason: '',
      events: [],
      stoppingSince: 0,
      stopsAt: 0,
      life: 0,
    };
    this.machines.set(machine.id, machine);
    return machine;
  }

  private powerUp(machine: Machine, lasts: Spread): void {
    const totalMs = draw(lasts, this.random);
    machine.life++;
    machine.launchedAt = this.clock.now();
    machine.stateReason = '';
    machine.hung = false;
    machine.hostBroken = false; // A start finds another host.
    machine.events = []; // And leaves behind what was scheduled for the old one.
    machine.impairedAt = null;
    machine.checksPassAt = Number.POSITIVE_INFINITY;
    this.enter(machine, 'pending');
    this.later(machine, totalMs * pendingShare, 'running', () => this.enter(machine, 'running'));
    this.later(machine, totalMs, 'booted', () => this.bootDone(machine));
  }

  private powerDown(machine: Machine, state: InstanceState, reason: string): void {
    machine.life++;
    machine.stateReason = `${reason} (${instantText(this.clock.now()).replace('T', ' ').replace('Z', ' GMT')})`;
    this.osDown(machine, `${machine.id} shuts down`);
    machine.hung = false;
    machine.impairedAt = null;
    this.enter(machine, state);
  }

  private osDown(machine: Machine, what: string): void {
    this.agentDies(machine);
    Object.assign(machine, { booted: false, daemonAlive: false, deadSocket: false });
    this.listener.changed(machine, what);
  }

  private agentDies(machine: Machine): void {
    if (machine.agentAlive) machine.agentSeenAt = this.clock.now();
    machine.agentAlive = false;
  }

  private bootDone(machine: Machine): void {
    machine.booted = true;
    machine.hung = false;
    machine.impairedAt = null;
    machine.checksFail = false;
    this.firstBoot(machine);
    machine.daemonAlive = machine.firstBootIs === 'done';
    machine.checksPassAt = this.clock.now() + draw(this.durations.statusOk, this.random);
    this.listener.changed(machine, `${machine.id} is up`);
    this.later(machine, draw(this.durations.agentOnline, this.random), 'agent online', () => {
      machine.agentAlive = machine.agentInstalled;
      if (machine.agentAlive) machine.agentSeenAt = this.clock.now();
    });
  }

  /** Runs once in an instance's life: what a reboot or a stop cuts short is never done. */
  private firstBoot(machine: Machine): void {
    if (machine.firstBootIs === 'running') machine.firstBootIs = 'failed';
    if (machine.firstBootIs !== 'to come') return;
    const { takesMs, fails } = machine.firstBoot;
    machine.firstBootIs = takesMs === 0 && !fails ? 'done' : 'running';
    if (machine.firstBootIs === 'done') return;
    this.later(machine, takesMs, 'first boot over', () => {
      machine.firstBootIs = fails ? 'failed' : 'done';
      machine.daemonAlive = !fails;
      this.listener.changed(machine, `the first boot of ${machine.id} is ${machine.firstBootIs}`, !fails);
    });
  }

  private enter(machine: Machine, state: InstanceState): void {
    if (machine.state === state && state !== 'pending') return;
    machine.state = state;
    this.listener.stateChanged(machine);
    this.listener.changed(machine, `${machine.id} is ${state}`);
  }

  /** Runs `then` in this life of the machine, and not while its zone is dead. */
  private later(machine: Machine, ms: number, label: string, then: () => void): void {
    const life = machine.life;
    const run = (): void => {
      if (machine.life !== life) return;
      if (this.zoneIsUp(machine.availabilityZone)) then();
      else this.waitingForZone.push({ zone: machine.availabilityZone, resume: run });
    };
    this.clock.after(ms, `${machine.id} ${label}`, run);
  }
}
