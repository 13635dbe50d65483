/**
 * Draws what happens to a site: faults of the world and of the cloud, commands at bad moments, a route changed by hand;
 * then the calm, where every fault stops and people put right what only people can.
 *
 *     0 ---- quiet ---- storm: faults come and go ---- calmAt: faults end, peers and zones are back
 *                                                      ---- mendAt: people mend gateways that are still broken,
 *                                                           lift pauses and drains
 *
 * The steps are those of scenario files, so that a storm can be kept as one.
 */
import type { Connection, Deployment, InstanceGateway } from '../../core/words/domain';
import { instancesOf } from '../../core/words/gateways';
import { minuteMs, secondMs } from '../../core/words/time';
import { type Random, randomStream } from '../../local-cloud/random';
import { isByBgp } from '../network/bgp';
import type { SingleStep, StepOf } from '../scenario-steps';
import type { Reachable } from './reachable';
import { weighted } from './site-parts';
import {
  cloudWeights,
  denied,
  failures,
  lateStates,
  stateErrors,
  throttled,
  timedOut,
  worldWeights,
} from './storm-faults';
import { type Bare, managedFault } from './storm-managed';
import { foreignRoute } from './storm-routes';
import { dustMs, type Span, type Storm } from './storm-shape';

/** Long enough for a divert, a repair and a failback, the faults being over early. */
const aimedLastsS = 300;
const aimedFaultsS = 40;

/** Rules that speak only after minutes of one steady fault, which chance hardly ever leaves alone for so long. */
const rareRules = [5, 7] as const;
const aimedAtRuleRatio = 0.03;

export function drawStorm(seed: number, deployment: Deployment, machine: Reachable): Storm {
  const rule = randomStream(seed, 'swarm/rule');
  const aimedAt = rule.chance(aimedAtRuleRatio) ? rule.pick(rareRules) : null;
  return new Draw(randomStream(seed, 'swarm/storm'), deployment, machine, aimedAt).storm();
}

class Draw {
  private readonly steps: SingleStep[] = [];
  /** What undoes the faults that are still in force at the calm. */
  private readonly undo: Bare[] = [];
  private readonly troubles: Span[] = [];
  private readonly lost: string[] = [];
  private aimedAt: string | null = null;
  /** Aimed at one Catch: an incident early on, the state's own call failing whenever it is reached. */
  private readonly isAimed: boolean;
  private readonly startsMs: number;
  private readonly endsMs: number;
  private readonly connections: readonly Connection[];
  /** The states in which routes are written here: where answers follow BGP, an order goes beside a rescue. */
  private readonly writing: readonly string[];
  private readonly gateways: readonly InstanceGateway[];

  constructor(
    private readonly random: Random,
    private readonly deployment: Deployment,
    private readonly machine: Reachable,
    private readonly rule: (typeof rareRules)[number] | null,
  ) {
    this.connections = Object.values(deployment.connections);
    const isSpoken = this.connections.some(isByBgp);
    this.writing = ['DivertRoutes', 'FailBackRoutes', ...(isSpoken ? ['RescueRoutes'] : [])];
    this.gateways = Object.values(instancesOf(deployment));
    this.startsMs = random.int(20, 40) * secondMs;
    this.isAimed = random.chance(0.25) || rule !== null;
    const lastsS = random.chance(0.2) ? random.int(120, 240) : random.int(30, 120);
    this.endsMs = this.startsMs + (this.isAimed ? aimedLastsS : lastsS) * secondMs;
  }

  storm(): Storm {
    const { random } = this;
    if (this.rule !== null) this.aimAtRule(this.rule);
    else this.faults();
    const calmMs = this.endsMs + secondMs;
    this.add(calmMs, { do: 'faults_end' });
    for (const step of this.undo) this.add(calmMs, step);
    // Most often people come soon; sometimes the repair ladder is left to itself for long.
    const mendMs = calmMs + (random.chance(0.15) ? random.int(4, 10) * minuteMs : random.int(0, 40) * secondMs);
    for (const { name } of this.gateways) this.add(mendMs, { do: 'mend_gateway', gateway: name });
    for (const connection of this.connections) this.peopleComeBack(mendMs + secondMs, connection);
    this.steps.sort((a, b) => a.at - b.at);
    const { steps, startsMs, lost, troubles, aimedAt } = this;
    return { steps, startsMs, calmMs, mendMs, lost, aimedAt, troubles };
  }

  private faults(): void {
    const { random } = this;
    for (let i = random.int(1, 4); i > 0; i--) this.worldFault();
    if (this.isAimed) this.aim();
    else for (let i = random.chance(0.25) ? 0 : random.int(1, 5); i > 0; i--) this.cloudFault();
    for (let i = random.chance(0.35) ? random.int(1, 3) : 0; i > 0; i--) this.command();
    if (random.chance(0.12)) this.spell(...foreignRoute(random, this.connections));
    managedFault(random, this.deployment, {
      spell: (start, end) => this.spell(start, end),
      once: (step) => this.add(this.moment(), step),
      trouble: (span) => this.trouble(span),
      lose: (gateway) => this.lost.push(gateway),
    });
  }

  /** 5: home is slow or lossy for minutes. 7: planned work moves users onto a path that turns them away. */
  private aimAtRule(rule: (typeof rareRules)[number]): void {
    const { random, startsMs } = this;
    const { name, paths, routeSets } = random.pick(this.connections);
    const { home } = random.pick(Object.values(routeSets));
    const path = `${name}/${home}`;
    if (rule === 5) {
      if (random.chance(0.5)) this.tillCalm(startsMs, { do: 'loss', path, ratio: 0.3 }, { do: 'loss', path, ratio: 0 });
      else this.tillCalm(startsMs, { do: 'latency', path, ms: 1_200 }, { do: 'latency', path, ms: 0 });
      return;
    }
    for (const other of Object.keys(paths).filter((one) => one !== home)) {
      const blocked = { do: 'users_blocked', path: `${name}/${other}` } as const;
      this.tillCalm(startsMs - secondMs, { ...blocked, on: true }, { ...blocked, on: false });
    }
    const input = { connection: name, trigger: 'maintenance', path: home, until: '+10m', reason: 'kernel' };
    this.add(startsMs, { do: 'command', input: { ...input, requestedBy: 'ana' } });
  }

  private add(at: number, step: Bare): void {
    this.steps.push({ ...step, at } as SingleStep);
  }

  private stall(at: number, when: string): void {
    this.add(at, { do: 'stall_execution', when, for: this.random.int(20, 150) * secondMs });
  }

  private failState(at: number, failure: Omit<StepOf<'fail_state'>, 'at' | 'do'>): void {
    this.add(at, { do: 'fail_state', ...failure });
  }

  private tillCalm(at: number, start: Bare, end: Bare): void {
    this.add(at, start);
    this.undo.push(end);
  }

  private moment(): number {
    return this.random.int(this.startsMs, this.isAimed ? this.startsMs + aimedFaultsS * secondMs : this.endsMs);
  }

  /** A fault that ends within the storm, or at the calm. */
  private spell(start: Bare, end: Bare): Span {
    const fromMs = this.moment();
    this.add(fromMs, start);
    const untilMs = fromMs + this.random.int(5, 120) * secondMs;
    if (untilMs >= this.endsMs) this.undo.push(end);
    else this.add(untilMs, end);
    return { fromMs, untilMs: Math.min(untilMs, this.endsMs) };
  }

  private trouble({ fromMs, untilMs }: Span): void {
    this.troubles.push({ fromMs: fromMs - secondMs, untilMs: untilMs + dustMs });
  }

  // What breaks in the world ------------------------------------------------------------------------------------------

  private worldFault(): void {
    const { random } = this;
    const gateway = random.pick(this.gateways);
    const path = this.somePath();
    const name = gateway.name;
    const breaks: Record<keyof typeof worldWeights, () => void> = {
      kill_daemon: () => this.add(this.moment(), { do: 'kill_daemon', gateway: name }),
      stop: () => this.add(this.moment(), { do: 'stop_instance', gateway: name }),
      hang: () => this.add(this.moment(), { do: 'hang_instance', gateway: name }),
      break_host: () => this.add(this.moment(), { do: 'break_host', gateway: name }),
      terminate: () => {
        this.lost.push(name);
        this.add(this.moment(), { do: 'terminate_instance', gateway: name });
      },
      agent: () => this.add(this.moment(), { do: 'agent_gone', gateway: name }),
      reboot: () => this.add(this.moment(), { do: 'reboot_by_hand', gateway: name }),
      one_way: () => this.spell({ do: 'one_way', path, on: true }, { do: 'one_way', path, on: false }),
      loss: () => {
        const ratio = random.pick([0.02, 0.1, 0.3, 0.5, 1]);
        this.spell({ do: 'loss', path, ratio }, { do: 'loss', path, ratio: 0 });
      },
      latency: () => {
        const ms = random.int(150, 1_400);
        this.spell({ do: 'latency', path, ms }, { do: 'latency', path, ms: 0 });
      },
      mtu: () => this.spell({ do: 'mtu_black_hole', path, on: true }, { do: 'mtu_black_hole', path, on: false }),
      peer: () => this.spell({ do: 'peer_down', path }, { do: 'peer_up', path }),
      flap: () => this.flap(path),
      zone: () => {
        const zone = gateway.availabilityZone;
        this.trouble(this.spell({ do: 'zone_down', zone }, { do: 'zone_up', zone }));
      },
      capacity: () => this.spell({ do: 'no_capacity', on: true }, { do: 'no_capacity', on: false }),
      all_peers: () => this.spell({ do: 'peer_down', path: 'all' }, { do: 'peer_up', path: 'all' }),
    };
    breaks[weighted(random, worldWeights)]();
  }

  private flap(path: string): void {
    const every = this.random.int(4, 25) * secondMs;
    let at = this.moment();
    for (let turn = this.random.int(2, 6); turn > 0 && at + every < this.endsMs; turn--, at += 2 * every) {
      this.add(at, { do: 'peer_down', path });
      this.add(at + every, { do: 'peer_up', path });
    }
  }

  // What goes wrong in the cloud ---------------------------------------------------------------------------------------

  private cloudFault(): void {
    const { random } = this;
    const at = this.moment();
    const toTheEnd = { fromMs: at, untilMs: this.endsMs };
    const fails: Record<keyof typeof cloudWeights, () => void> = {
      crash: () => {
        this.trouble(toTheEnd);
        const isMidWrite = random.chance(0.3);
        const when = isMidWrite ? random.pick(this.writing) : random.pick(this.machine.states);
        const after = isMidWrite || random.chance(0.3) ? random.int(20, 2_000) : 0;
        this.add(at, { do: 'crash_execution', when, after });
        // The function outlives its run, and goes on writing for as long as EC2 keeps it waiting.
        if (isMidWrite && random.chance(0.6))
          this.add(at, {
            do: 'throttle',
            service: 'ec2',
            operation: 'ReplaceRoute',
            for: random.int(20, 90) * secondMs,
          });
      },
      duplicate: () => {
        const source = random.pick(['ec2', 'alarm', 'canary'] as const);
        this.add(at, { do: 'duplicate', source, copies: random.int(2, 4) });
      },
      late: () => {
        const by = random.int(1, 90) * secondMs;
        this.trouble({ fromMs: at, untilMs: at + by });
        this.add(at, { do: 'late', source: random.pick(['ec2', 'alarm']), by });
      },
      drop: () => {
        const source = random.pick(['ec2', 'alarm', 'canary', 'schedule'] as const);
        this.trouble(toTheEnd);
        this.add(at, { do: 'drop', source, times: random.int(1, 3) });
      },
      throttle: () => {
        const [service, operation] = random.pick(throttled);
        const lasts = random.int(3, 40) * secondMs;
        // Questions that EC2 refuses for a while are no excuse: the last answer is used.
        if (!operation.startsWith('Describe')) this.trouble({ fromMs: at, untilMs: at + lasts });
        this.add(at, { do: 'throttle', service, operation, for: lasts });
      },
      fail: () => {
        this.trouble(toTheEnd);
        const failure = random.pick(failures);
        this.add(at, { do: 'fail', ...failure, landed: random.chance(0.4), times: random.int(1, 8) });
      },
      fail_state: () => {
        this.trouble(toTheEnd);
        const when = random.pick(this.machine.tasks);
        const [error, status] = random.pick(stateErrors);
        this.failState(at, { when, error, status, landed: random.chance(0.4), times: random.int(1, 6) });
      },
      stall: () => {
        this.trouble(toTheEnd);
        this.stall(at, random.pick(random.chance(0.5) ? lateStates : this.machine.states));
      },
      queue: () => {
        const lasts = random.int(60, 300) * secondMs;
        this.trouble({ fromMs: at, untilMs: at + lasts });
        this.add(at, { do: 'queue_automations', for: lasts });
      },
      table: () => {
        const table = random.pick(['state', 'reports', 'all'] as const);
        this.trouble(this.spell({ do: 'table_down', table }, { do: 'table_up', table }));
        if (random.chance(0.3)) this.failState(at, { when: 'NotifyFailOpen', ...timedOut });
      },
      canary: () => {
        const canary = this.someCanary();
        this.trouble(this.spell({ do: 'canary_silent', canary }, { do: 'canary_back', canary }));
      },
      cut_off: () => {
        const canary = this.someCanary();
        this.trouble(
          this.spell({ do: 'canary_cut_off', canary, on: true }, { do: 'canary_cut_off', canary, on: false }),
        );
      },
      skew: () => {
        this.trouble(toTheEnd);
        this.add(at, { do: 'clock_skew', ms: random.int(100, 1_000) });
      },
    };
    fails[weighted(random, cloudWeights)]();
  }

  /** Lets one Catch of the machine be met, with whatever brings a run to its state. */
  private aim(): void {
    const { random, startsMs, endsMs } = this;
    const { state, errors } = random.pick(this.machine.catchers);
    const error = errors[0]!;
    this.aimedAt = state;
    // An item is seeded once, within the first second.
    const at = state === 'SeedConnection' ? 0 : startsMs - secondMs;
    const [service, name] = error.split('.');
    // An error without a service is the function's own, which Lambda answers with 200.
    const named = name === undefined ? ([service!, 200] as const) : ([name, 400] as const);
    const [wrong, status] = service === 'States' ? random.pick(stateErrors) : named;
    const landed = random.chance(0.5);
    this.trouble({ fromMs: at, untilMs: endsMs });
    if (error === 'States.QueryEvaluationError') this.stall(at, state);
    else this.failState(at, { when: state, error: wrong, status, landed, times: random.int(3, 9) });
    this.leadTo(state, at);
  }

  /** What a run comes to that state by, where an ordinary incident does not. */
  private leadTo(state: string, at: number): void {
    const { random } = this;
    const mid = this.moment() + 20 * secondMs;
    const base = { connection: random.pick(this.connections).name, requestedBy: 'ana' };
    const pause = { ...base, trigger: 'pause', reason: 'change freeze' };
    const withoutTable = (): void => this.failState(at, { when: 'TakeLease', ...denied, times: 15 });
    const ways: Readonly<Record<string, () => void>> = {
      DropLease: () => this.add(mid, { do: 'command', input: { ...pause, until: 'soon' } }),
      RecordRequest: () => this.add(mid, { do: 'command', input: { ...pause, until: '+1m' } }),
      TakeOver: () => this.add(at, { do: 'crash_execution', when: random.pick(['Dispatch', 'Assess']) }),
      // What people are told while the lock table does not answer.
      NotifyFailOpen: withoutTable,
      StartTelling: withoutTable,
      NotifyWithoutTable: () => {
        withoutTable();
        if (random.chance(0.5)) this.failState(at, { when: 'StartTelling', ...denied, times: 15 });
      },
      // A signal that is faster than the sweep, which seeds all items.
      SeedConnection: () => this.add(100, { do: 'command', input: { ...base, trigger: 'resume' } }),
    };
    ways[state]?.();
  }

  // What people do ------------------------------------------------------------------------------------------------------

  private command(): void {
    const { random } = this;
    const connection = random.pick(this.connections);
    const base = { connection: connection.name, requestedBy: 'ana' };
    const path = random.pick(Object.keys(connection.paths));
    const until = `+${random.int(1, 10)}m`;
    const kind = weighted(random, { maintenance: 45, end: 8, pause: 15, resume: 5, acknowledge: 12, wrong: 15 });
    const inputs: Record<typeof kind, Record<string, unknown>> = {
      maintenance: {
        ...base,
        trigger: 'maintenance',
        path,
        until,
        reason: 'kernel',
        drain: random.pick(['soft', 'hard']),
        force: random.chance(0.25),
      },
      end: { ...base, trigger: 'maintenance_end', path },
      pause: { ...base, trigger: 'pause', until, reason: 'change freeze' },
      resume: { ...base, trigger: 'resume' },
      acknowledge: { ...base, trigger: 'acknowledge' },
      wrong: random.pick([
        { ...base, trigger: 'maintenance', path: 'nowhere', until, reason: 'typo' },
        { ...base, trigger: 'pause', until: 'soon', reason: 'typo' },
        { ...base, trigger: 'reboot' },
        { connection: 'atlantis', trigger: 'resume', requestedBy: 'ana' },
      ]),
    };
    this.add(this.moment(), { do: 'command', input: inputs[kind] });
  }

  private peopleComeBack(at: number, { name, paths }: Connection): void {
    const base = { connection: name, requestedBy: 'ana' };
    const asked = this.steps.flatMap((step) =>
      step.do === 'command' && step.input['connection'] === name ? [step.input] : [],
    );
    if (asked.some(({ trigger }) => trigger === 'pause'))
      this.add(at, { do: 'command', input: { ...base, trigger: 'resume' } });
    const drained = Object.keys(paths).filter((path) => asked.some((one) => one['path'] === path));
    for (const [i, path] of drained.entries())
      this.add(at + (i + 1) * secondMs, { do: 'command', input: { ...base, trigger: 'maintenance_end', path } });
  }

  private someCanary(): string {
    return this.random.pick(this.random.pick(this.connections).canaries).id;
  }

  private somePath(): string {
    const connection = this.random.pick(this.connections);
    return `${connection.name}/${this.random.pick(Object.keys(connection.paths))}`;
  }
}
