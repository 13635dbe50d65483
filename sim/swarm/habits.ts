/**
 * What people do and have beside what breaks: a whole gateway drained for planned work, the word to go home given at a
 * bad moment, a gateway that runs a daemon of another maker, and an hour with nowhere to go.
 *
 * Drawn from a stream of their own, so that they move no other draw.
 */
import type { Deployment } from '../../core/words/domain';
import { choiceOf } from '../../core/words/ends';
import { instancesOf } from '../../core/words/gateways';
import { instantText, minuteMs, secondMs } from '../../core/words/time';
import { simulationStart } from '../../local-cloud/latency';
import { type Random, randomStream } from '../../local-cloud/random';
import type { SingleStep } from '../scenario-steps';
import { weighted } from './site-parts';
import type { Storm } from './storm-shape';

type Bare = SingleStep extends infer S ? (S extends { at: number } ? Omit<S, 'at'> : never) : never;

const habitRatio = 0.3;

/** Each once as likely as its weight; counted by name in the coverage. */
export const habitWeights = {
  'gateway command': 12,
  'failback word': 6,
  'foreign daemon': 10,
  'nowhere to go': 10,
};

/** Drawn beside the others, from a stream of its own: seeds of before draw what they drew. */
export const divertHabit = 'divert word';
const divertRatio = 0.06;

/** Who asks for whole gateways, and for nothing else: the laws know these drains by it. */
export const gatewayDrainer = 'carl';

const daemons = [
  { daemon: 'libreswan', unit: 'ipsec' },
  { daemon: 'libreswan', unit: 'pluto' },
  { daemon: 'strongswan', unit: 'swan-of-ours' },
  { daemon: 'other', unit: 'vpn' },
] as const;

export interface LivedStorm extends Storm {
  /** What was drawn of habits, by name. */
  readonly habits: readonly string[];
}

export function withHabits(seed: number, storm: Storm, deployment: Deployment): LivedStorm {
  const random = randomStream(seed, 'swarm/habits');
  if (!random.chance(habitRatio)) return { ...storm, habits: [] };
  const draw = new Habits(random, storm, deployment);
  for (let i = random.chance(0.3) ? 2 : 1; i > 0; i--) draw.one();
  return draw.storm();
}

/** People take users to another path, also to one that is dying, and for no longer than the storm lasts. */
export function withDiverts(seed: number, storm: LivedStorm, deployment: Deployment): LivedStorm {
  const random = randomStream(seed, 'swarm/diverts');
  if (!random.chance(divertRatio)) return storm;
  const { startsMs, calmMs, mendMs } = storm;
  const asked = Array.from({ length: random.int(1, 3) }, (): SingleStep => {
    const { name, paths, routeSets } = random.pick(Object.values(deployment.connections));
    const at = random.int(startsMs, calmMs - 2 * secondMs);
    const until = Math.min(at + random.int(20, 400) * secondMs, mendMs);
    const routeSet = random.chance(0.5) ? { routeSet: random.pick(Object.values(routeSets).map(choiceOf)) } : {};
    // A drill that the weather lets begin is rare; one that is asked for in the middle of it is refused.
    if (random.chance(0.4))
      return {
        at: random.chance(0.5) ? at : startsMs,
        do: 'command',
        input: { connection: name, trigger: 'drill', ...routeSet, requestedBy: 'erin' },
      };
    const input = {
      ...{ connection: name, trigger: 'divert', ...routeSet, to: random.pick(Object.keys(paths)) },
      ...{ until: instantText(simulationStart + until), reason: 'router swap', requestedBy: 'erin' },
    };
    return { at, do: 'command', input };
  });
  const steps = [...storm.steps, ...asked].sort((a, b) => a.at - b.at);
  return { ...storm, steps, habits: [...storm.habits, divertHabit] };
}

class Habits {
  private readonly steps: SingleStep[] = [];
  private readonly habits: string[] = [];

  constructor(
    private readonly random: Random,
    private readonly before: Storm,
    private readonly deployment: Deployment,
  ) {}

  storm(): LivedStorm {
    const steps = [...this.before.steps, ...this.steps].sort((a, b) => a.at - b.at);
    return { ...this.before, steps, habits: this.habits };
  }

  one(): void {
    const kind = weighted(this.random, habitWeights);
    this.habits.push(kind);
    const draws: Record<keyof typeof habitWeights, () => void> = {
      'gateway command': () => this.gatewayCommand(),
      'failback word': () => this.word(),
      'foreign daemon': () => this.foreignDaemon(),
      'nowhere to go': () => this.nowhere(),
    };
    draws[kind]();
  }

  /** All paths over it, of every connection, or none; some ask wrongly, and some twice. */
  private gatewayCommand(): void {
    const { random } = this;
    const gateway = random.chance(0.08) ? 'gw-nowhere' : random.pick(Object.keys(this.deployment.gateways));
    const base = { gateway, requestedBy: gatewayDrainer };
    const at = this.moment();
    const input = {
      ...base,
      trigger: 'maintenance',
      drain: random.pick(['soft', 'hard']),
      until: instantText(simulationStart + at + random.int(1, 6) * minuteMs),
      reason: `rack ${this.habits.length}`,
      ...(random.chance(0.3) && { force: true }),
      ...(random.chance(0.05) && { path: 'a' }),
    };
    this.add(at, { do: 'command', input });
    if (random.chance(0.2)) this.add(at + random.int(1, 900), { do: 'command', input });
    const isEarly = random.chance(0.4);
    const end = { do: 'command', input: { ...base, trigger: 'maintenance_end' } } as const;
    if (isEarly) this.add(Math.min(at + random.int(20, 200) * secondMs, this.before.calmMs), end);
    this.add(this.before.mendMs + 5 * secondMs, end);
  }

  /** To one set or to all; also where home is dead, and where nothing is away. */
  private word(): void {
    const { random } = this;
    const { name, routeSets } = random.pick(Object.values(this.deployment.connections));
    const routeSet = random.chance(0.5) ? { routeSet: random.pick(Object.values(routeSets).map(choiceOf)) } : {};
    const input = { connection: name, trigger: 'failback', ...routeSet, requestedBy: 'dora' };
    for (let i = random.int(1, 3); i > 0; i--) this.add(this.moment(), { do: 'command', input });
  }

  /** From the beginning; most of these daemons die in the storm. */
  private foreignDaemon(): void {
    const { random } = this;
    const standing = Object.keys(instancesOf(this.deployment)).filter((name) => !this.before.lost.includes(name));
    if (standing.length === 0) return;
    const gateway = random.pick(standing);
    this.add(secondMs, { do: 'gateway_runs', gateway, ...random.pick(daemons) });
    if (random.chance(0.8)) this.add(this.moment(), { do: 'kill_daemon', gateway });
  }

  /** No path of a connection serves its users, for minutes: all there is to do is to say so. */
  private nowhere(): void {
    const { random } = this;
    const { name, paths } = random.pick(Object.values(this.deployment.connections));
    const from = this.moment();
    const until = Math.min(from + random.int(120, 300) * secondMs, this.before.calmMs);
    const isTurnedAway = random.chance(0.5);
    for (const one of Object.keys(paths)) {
      const path = `${name}/${one}`;
      this.add(from, isTurnedAway ? { do: 'users_blocked', path, on: true } : { do: 'peer_down', path });
      this.add(until, isTurnedAway ? { do: 'users_blocked', path, on: false } : { do: 'peer_up', path });
    }
  }

  private add(at: number, step: Bare): void {
    this.steps.push({ ...step, at } as SingleStep);
  }

  private moment(): number {
    const { startsMs, calmMs } = this.before;
    return this.random.int(startsMs, Math.min(calmMs - 2 * secondMs, startsMs + 4 * minuteMs));
  }
}
