/**
 * Time and change: what a storm holds beside what breaks. Hours in which some service is slow, views of EC2 that lag,
 * users turned away anywhere, a stack that is deployed anew in mid-incident, route tables that are gone, two commands
 * in one second, denied writes, machines that drop what they should forward, addresses that wander, longer routes, a
 * clock per canary.
 *
 * A cloud that is merely slow is no excuse: such hours are no `troubles`. Drawn from a stream of their own, so that they
 * move no other draw.
 */
import type { Connection, Deployment } from '../../core/words/domain';
import { gatewayAt } from '../../core/words/ends';
import { instanceAt, instancesOf } from '../../core/words/gateways';
import { minuteMs, secondMs } from '../../core/words/time';
import { type Random, randomStream } from '../../local-cloud/random';
import type { SingleStep } from '../scenario-steps';
import { drawChangedSite, type SiteChange } from './site';
import { weighted } from './site-parts';
import type { Storm } from './storm-shape';

type Bare = SingleStep extends infer S ? (S extends { at: number } ? Omit<S, 'at'> : never) : never;

const changeRatio = 0.4;

/** Each once as likely as its weight; counted by name in the coverage. */
export const changeWeights = {
  slow: 22,
  lag: 10,
  slow_hour: 8,
  shard_rollover: 4,
  blocked: 16,
  redeploy: 12,
  missing_table: 7,
  two_commands: 10,
  denied: 6,
  source_dest_check: 7,
  address: 9,
  longer_route: 6,
  checks: 4,
  clocks: 8,
};

/** A call of each service that something depends on, and how slow it may be: under a client's patience, and over it. */
const slowCalls = [
  ['ec2', 'Describe*'],
  ['ec2', 'DescribeRouteTables'],
  ['ec2', '*'],
  ['ec2', 'ReplaceRoute'],
  ['ssm', '*'],
  ['dynamodb', '*'],
  ['cloudwatch', '*'],
  ['stepfunctions', '*'],
  ['sns', '*'],
  ['sns', 'Publish'],
  ['lambda', 'Invoke'],
] as const;
/** All hops together; AWS publishes nothing about its slow hours. */
const slowTimes = [2, 3, 5];
const slowMs = [400, 1_300, 1_900, 2_600, 4_000];

const deniedCalls = ['ReplaceRoute', 'ReplaceRoute', 'DescribeInstances', 'StartAutomationExecution'];

/** An hour that nobody answers in time is no slow hour: DynamoDB's clients give up, as on a dead table. */
const isAsGood = (service: string, ms: number): boolean => !(service === 'dynamodb' && ms >= 1_300);

/** Somebody brings a rebuilt gateway into service: its address, and every route to the old interface. */
export interface Takeover {
  readonly at: number;
  readonly gateway: string;
  readonly from: string;
  readonly to: string;
}

export interface ChangedStorm extends Storm {
  readonly takeovers: readonly Takeover[];
  /** What was drawn of time and change, by name. */
  readonly changes: readonly string[];
}

export function withChange(seed: number, site: number, storm: Storm, deployment: Deployment): ChangedStorm {
  const random = randomStream(seed, 'swarm/change');
  const draw = new Change(random, site, storm, deployment);
  // A run hands over when another configuration is deployed under it.
  if (storm.aimedAt === 'HandOver') draw.redeploy();
  else if (!random.chance(changeRatio)) return { ...storm, changes: [], takeovers: [] };
  for (let i = random.chance(0.3) ? 2 : 1; i > 0; i--) draw.one();
  return draw.storm();
}

class Change {
  private readonly steps: SingleStep[] = [];
  private readonly troubles: Storm['troubles'][number][] = [];
  private readonly changes: string[] = [];
  private readonly takeovers: Takeover[] = [];
  private readonly connections: readonly Connection[];

  constructor(
    private readonly random: Random,
    private readonly site: number,
    private readonly before: Storm,
    private readonly deployment: Deployment,
  ) {
    this.connections = Object.values(deployment.connections);
  }

  storm(): ChangedStorm {
    const { before } = this;
    const steps = [...before.steps, ...this.steps].sort((a, b) => a.at - b.at);
    const troubles = [...before.troubles, ...this.troubles];
    return { ...before, steps, troubles, changes: this.changes, takeovers: this.takeovers };
  }

  one(): void {
    const { random } = this;
    const kind = weighted(random, changeWeights);
    this.changes.push(kind);
    const draws: Record<keyof typeof changeWeights, () => void> = {
      slow: () => this.slow(),
      lag: () => {
        const ms = random.int(2, 30) * secondMs;
        this.spell({ do: 'describe_lag', ms }, { do: 'describe_lag', ms: 0 });
      },
      shard_rollover: () => this.add(this.moment(), { do: 'shard_rollover' }),
      slow_hour: () => {
        const times = random.pick(slowTimes);
        this.spell({ do: 'slow_hour', times }, { do: 'slow_hour', times: 1 });
      },
      blocked: () => {
        const path = this.somePath();
        this.spell({ do: 'users_blocked', path, on: true }, { do: 'users_blocked', path, on: false });
      },
      redeploy: () => this.redeploy(),
      missing_table: () => {
        const table = this.someTable();
        this.spell({ do: 'table_missing', table, on: true }, { do: 'table_missing', table, on: false });
      },
      two_commands: () => this.twoCommands(),
      denied: () => {
        const at = this.moment();
        this.add(at, { do: 'deny', operation: random.pick(deniedCalls) });
        this.trouble(at, this.before.calmMs);
      },
      source_dest_check: () => {
        const gateway = this.someGateway();
        if (gateway === undefined) return;
        this.spell({ do: 'source_dest_check', gateway, on: true }, { do: 'source_dest_check', gateway, on: false });
      },
      address: () => this.address(),
      longer_route: () => this.longerRoute(),
      checks: () => {
        const gateway = this.someGateway();
        if (gateway === undefined) return;
        this.spell({ do: 'checks_fail', gateway, on: true }, { do: 'checks_fail', gateway, on: false });
      },
      clocks: () => this.clocks(),
    };
    draws[kind]();
  }

  private slow(): void {
    const { random } = this;
    const [service, operation] = random.pick(slowCalls);
    const ms = random.pick(slowMs);
    const [from, until] = this.spell({ do: 'slow', service, operation, ms }, { do: 'slow', service, operation, ms: 0 });
    this.changes.push(`slow ${service}`);
    if (!isAsGood(service, ms)) this.trouble(from, until);
  }

  /** Once a storm: a second deployment would take back what the first one named, under the rebuilt machine. */
  redeploy(): void {
    if (this.steps.some((step) => step.do === 'redeploy')) return;
    const { random } = this;
    const change = weighted(random, { version: 3, policy: 3, ids: 4, path: 2 } satisfies Record<SiteChange, number>);
    this.changes.push(`redeploy ${change}`);
    const deployment = drawChangedSite(this.site, change);
    const at = this.moment();
    this.add(at, { do: 'redeploy', config: { change }, deployment });
    // Some bring the rebuilt machine into service with it, others when they come back to it.
    const inS = random.chance(0.5) ? random.int(1, 20) : 0;
    for (const { name, routeInterfaceId: from } of Object.values(instancesOf(this.deployment))) {
      const to = instanceAt(deployment, name).routeInterfaceId;
      if (to === from) continue;
      this.takeovers.push({
        at: inS > 0 ? at + inS * secondMs : this.before.mendMs - secondMs,
        gateway: name,
        from,
        to,
      });
    }
  }

  /** Both want a path out; whoever reviews the second must know of the first. */
  private twoCommands(): void {
    const { random } = this;
    const { name, paths } = random.pick(this.connections);
    const at = this.moment();
    Object.keys(paths).forEach((path, i) => {
      if (i > 1) return;
      const base = { connection: name, path, requestedBy: i === 0 ? 'ana' : 'ben' };
      const input = { ...base, trigger: 'maintenance', drain: 'soft', until: '+3m', reason: 'kernel' };
      this.add(at + (random.chance(0.5) ? 0 : random.int(0, 900)), { do: 'command', input });
      const end = { ...base, trigger: 'maintenance_end' };
      this.add(this.before.mendMs + (2 + i) * secondMs, { do: 'command', input: end });
    });
  }

  /** Somebody's tool takes it away or puts it elsewhere, and puts it back. */
  private address(): void {
    const name = this.someGateway();
    if (name === undefined || instanceAt(this.deployment, name).address === undefined) return;
    const others = this.standing().filter((other) => other !== name);
    const away: Bare =
      this.random.chance(0.3) || others.length === 0
        ? { do: 'address_away', gateway: name }
        : { do: 'address_to', gateway: name, to: this.random.pick(others) };
    this.spell(away, { do: 'address_to', gateway: name, to: name });
  }

  /** Part of a listed network gets a route of its own, to the gateway its users are at home on. */
  private longerRoute(): void {
    const connection = this.random.pick(this.connections);
    const { home, tables, destinations, end } = this.random.pick(Object.values(connection.routeSets));
    const table = this.random.pick(tables);
    const network = destinations.find((destination) => destination.endsWith('/16'));
    // Of a prefix list there is no part: its own route would be moved, and taken away in the end.
    if (network === undefined) return;
    const destination = network.replace('/16', '/24');
    const target = gatewayAt(connection, home, end)!;
    this.spell(
      { do: 'route_by_hand', table, destination, target },
      { do: 'route_by_hand', table, destination, target: 'none' },
    );
  }

  private clocks(): void {
    const at = this.moment();
    for (const { canaries } of this.connections)
      for (const { id } of canaries) this.add(at, { do: 'clock_skew', canary: id, ms: this.random.int(-1_000, 1_000) });
    this.trouble(at, this.before.calmMs);
  }

  private spell(start: Bare, end: Bare): readonly [number, number] {
    const from = this.moment();
    const until = Math.min(from + this.random.int(30, 300) * secondMs, this.before.calmMs);
    this.add(from, start);
    this.add(until, end);
    return [from, until];
  }

  private add(at: number, step: Bare): void {
    this.steps.push({ ...step, at } as SingleStep);
  }

  /** The dust is the storm's own: a lease, its grace, a sweep and the schedule's lateness. */
  private trouble(fromMs: number, untilMs: number): void {
    this.troubles.push({ fromMs: fromMs - secondMs, untilMs: untilMs + 4 * minuteMs });
  }

  private moment(): number {
    const { startsMs, calmMs } = this.before;
    return this.random.int(Math.max(1, startsMs - 10 * secondMs), calmMs - 2 * secondMs);
  }

  private someGateway(): string | undefined {
    const standing = this.standing();
    return standing.length === 0 ? undefined : this.random.pick(standing);
  }

  /** The storm terminates the others. */
  private standing(): readonly string[] {
    return Object.keys(instancesOf(this.deployment)).filter((name) => !this.before.lost.includes(name));
  }

  private someTable(): string {
    return this.random.pick(Object.values(this.random.pick(this.connections).routeSets)[0]!.tables);
  }

  private somePath(): string {
    const { name, paths } = this.random.pick(this.connections);
    return `${name}/${this.random.pick(Object.keys(paths))}`;
  }
}
