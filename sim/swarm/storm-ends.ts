/**
 * What happens to one end of a connection and not to the other: AWS refuses, throttles, delays or leaves unanswered what
 * is asked about it, data passes from it only, a gateway dies at each end, somebody moves its routes alone.
 *
 * Drawn from a stream of its own, and only where both ends are ours.
 */
import type { Connection, Deployment, RouteSet } from '../../core/words/domain';
import { endsElsewhere } from '../../core/words/end-names';
import { gatewayAt, gatewaysOfPath } from '../../core/words/ends';
import { secondMs } from '../../core/words/time';
import { type Random, randomStream } from '../../local-cloud/random';
import type { SingleStep } from '../scenario-steps';
import { weighted } from './site-parts';
import type { Bare } from './storm-managed';
import { dustMs, type Storm } from './storm-shape';

const endsRatio = 0.7;

/** Each as likely as its weight; counted by name in the coverage. */
export const endWeights = {
  'end throttled': 12,
  'end refuses': 10,
  'end slow': 8,
  'end silent': 12,
  'one way from an end': 14,
  'a gateway at each end': 10,
  'one end moved by hand': 8,
  // Of an end elsewhere alone.
  'region of an end silent': 12,
  'role of an end refused': 12,
};

export interface EndsStorm extends Storm {
  readonly ends: readonly string[];
}

type Across = Connection & { readonly ends: NonNullable<Connection['ends']> };

const isAcross = (connection: Connection): connection is Across => connection.ends !== undefined;

export function withEnds(seed: number, storm: Storm, deployment: Deployment): EndsStorm {
  const across = Object.values(deployment.connections).filter(isAcross);
  const random = randomStream(seed, 'swarm/ends');
  if (across.length === 0 || !random.chance(endsRatio)) return { ...storm, ends: [] };
  return new Draw(random, storm, random.pick(across), deployment).storm();
}

class Draw {
  private readonly steps: SingleStep[] = [];
  private readonly troubles: Storm['troubles'][number][] = [];

  constructor(
    private readonly random: Random,
    private readonly before: Storm,
    private readonly connection: Across,
    private readonly deployment: Deployment,
  ) {}

  storm(): EndsStorm {
    const { random, before, connection, deployment } = this;
    const apart = endsElsewhere(deployment).find(({ name }) => connection.ends.includes(name));
    const kind = weighted(random, {
      ...endWeights,
      ...((apart === undefined || apart.region === deployment.region) && { 'region of an end silent': 0 }),
      ...(apart?.role === undefined && { 'role of an end refused': 0 }),
    });
    const end = random.pick(connection.ends);
    const draws: Record<keyof typeof endWeights, () => void> = {
      'end throttled': () => {
        const operation = random.pick(['ReplaceRoute', 'ReplaceRoute', 'Describe*', '*']);
        const lasts = random.int(20, 120) * secondMs;
        this.besides((at) => [{ do: 'throttle', service: 'ec2', operation, for: lasts, end }, at + lasts]);
      },
      'end refuses': () => {
        const operation = random.pick(['ReplaceRoute', 'ReplaceRoute', 'DescribeRouteTables']);
        this.besides(() => [{ do: 'deny', operation, end }, before.calmMs]);
      },
      'end slow': () => {
        const slow = { do: 'slow', service: 'ec2', operation: '*', end } as const;
        const ms = random.pick([400, 1_900, 4_000]);
        this.besides((at) => [{ ...slow, ms }, this.until(at, { ...slow, ms: 0 })]);
      },
      'end silent': () =>
        this.besides((at) => [
          { do: 'end_silent', end, on: true },
          this.until(at, { do: 'end_silent', end, on: false }),
        ]),
      'region of an end silent': () => {
        const { region } = apart!;
        this.besides((at) => [
          { do: 'region_silent', region, on: true },
          this.until(at, { do: 'region_silent', region, on: false }),
        ]);
      },
      'role of an end refused': () => this.besides(() => [{ do: 'deny', operation: 'AssumeRole' }, before.calmMs]),
      'one way from an end': () => {
        const path = `${connection.name}/${random.pick(Object.keys(connection.paths))}`;
        const at = this.moment();
        this.add(at, { do: 'one_way', path, from: end, on: true });
        this.until(at, { do: 'one_way', path, from: end, on: false });
      },
      'a gateway at each end': () => this.eachEnd(),
      'one end moved by hand': () => this.byHand(random.pick(this.setsAt(end))),
    };
    draws[kind]();
    const steps = [...before.steps, ...this.steps].sort((a, b) => a.at - b.at);
    return { ...before, steps, troubles: [...before.troubles, ...this.troubles], ends: [kind] };
  }

  /** Most often users have to move meanwhile: a gateway of somebody's home dies within seconds. */
  private besides(trouble: (at: number) => readonly [Bare, number]): void {
    const { random, connection } = this;
    const at = this.moment();
    const [step, untilMs] = trouble(at);
    this.add(at, step);
    this.troubles.push({ fromMs: at - secondMs, untilMs: untilMs + dustMs });
    if (!random.chance(0.7)) return;
    const { home } = random.pick(Object.values(connection.routeSets));
    const gateway = random.pick(gatewaysOfPath(connection.paths[home]!));
    this.add(Math.min(at + random.int(1, 15) * secondMs, this.before.calmMs - secondMs), this.death(gateway));
  }

  /** Of two paths, so that for a while there may be none. */
  private eachEnd(): void {
    const { random, connection } = this;
    const [one, other] = Object.keys(connection.paths) as [string, string];
    const at = this.moment();
    const [near, far] = connection.ends;
    const gap = random.int(0, 60) * secondMs;
    this.add(at, this.death(gatewayAt(connection, one, near)!));
    this.add(Math.min(at + gap, this.before.calmMs - secondMs), this.death(gatewayAt(connection, other, far)!));
  }

  private death(gateway: string): Bare {
    const what = this.random.pick(['stop_instance', 'hang_instance', 'kill_daemon'] as const);
    return { do: what, gateway };
  }

  /** All its routes to another path of ours, and nobody tells the other end. */
  private byHand({ tables, destinations, home, end }: RouteSet): void {
    const { random, connection } = this;
    const path = random.pick(Object.keys(connection.paths).filter((one) => one !== home));
    const target = gatewayAt(connection, path, end)!;
    const at = this.moment();
    for (const table of tables)
      for (const destination of destinations) this.add(at, { do: 'route_by_hand', table, destination, target });
  }

  private setsAt(end: string): readonly RouteSet[] {
    return Object.values(this.connection.routeSets).filter((set) => set.end === end);
  }

  /** Answers with the moment at which it ends. */
  private until(at: number, step: Bare): number {
    const until = Math.min(at + this.random.int(20, 180) * secondMs, this.before.calmMs);
    this.add(until, step);
    return until;
  }

  private moment(): number {
    const { startsMs, calmMs } = this.before;
    return this.random.int(Math.max(secondMs, startsMs - 10 * secondMs), calmMs - 20 * secondMs);
  }

  private add(at: number, step: Bare): void {
    this.steps.push({ ...step, at } as SingleStep);
  }
}
