/**
 * One incident of the swarm: a drawn site, a drawn storm, every law watching, then the calm and the way home.
 *
 * The cloud is the one scenarios use, made from the synthesized template; only the tables are the in-memory engine. Same
 * seed, same transcript, byte for byte. A site serves `seedsPerSite` seeds, since synthesis is the slowest step.
 */

import { announcedIn } from '../../core/turn/letter';
import type { Deployment } from '../../core/words/domain';
import { choiceOf } from '../../core/words/ends';
import { instanceAt } from '../../core/words/gateways';
import { VirtualClock } from '../../local-cloud/clock';
import { Latencies, simulationStart } from '../../local-cloud/latency';
import { AwsError } from '../../local-cloud/service';
import type { ItemChange } from '../../local-cloud/services/dynamodb/dynamodb';
import type { Notice } from '../../local-cloud/services/sns/sns';
import { rungOf } from '../ends';
import { isByBgp } from '../network/bgp';
import type { Durations } from '../network/durations';
import { RouteWatch } from '../route-watch';
import { perform, type SingleStep, stepText } from '../scenario-steps';
import { SimulatedCloud } from '../simulated-cloud';
import { synthesisFor } from '../synthesis-cache';
import { Timeline } from '../timeline';
import { type ChangedStorm, type Takeover, withChange } from './change';
import { type Coverage, CoverageWitness, count, emptyCoverage } from './coverage';
import { withDiverts, withHabits } from './habits';
import { boundAfterMendMs, comesHome, notHome } from './home';
import { Items, isOfConnection } from './items';
import { connectionOf, type Law, type Scene } from './law';
import { allLaws } from './laws/all';
import { layPast } from './past';
import { machine, machineWithoutOrders } from './reachable';
import { drawSite } from './site';
import { drawStorm } from './storm';
import { withEnds } from './storm-ends';
import { withChangingTable } from './storm-managed';
import { withSpeakers } from './storm-speakers';
import { withTunnels } from './storm-tunnels';
import { Truth } from './truth';
import { withUnreadItem } from './unread-item';
import { sorts } from './worlds';
import { fates } from './worlds-managed';

export interface Breach {
  readonly law: string;
  readonly how: string;
}

export interface IncidentResult {
  readonly seed: number;
  readonly breach: Breach | null;
  readonly coverage: Coverage;
  /** Everything that happened up to the breach or the end, a line each. */
  readonly transcript: readonly string[];
}

const reachableIn = ({ connections }: Deployment): typeof machine =>
  Object.values(connections).some((one) => isByBgp(one) || one.attract !== undefined) ? machine : machineWithoutOrders;

export const seedsPerSite = 50;
export const siteOf = (seed: number): number => Math.floor(seed / seedsPerSite);

const tickMs = 5_000;
const readingMs = 20_000;
const wordTries = 30;
/** Home, and still home after so long. */
const quietTicks = 4;

/** A hung machine and an unlucky stop take minutes on AWS; here they take half a minute, and everything else as measured. */
const quickDurations: Partial<Durations> = {
  rebootHung: { p50: 40_000, p99: 90_000 },
  rebootSoft: { p50: 20_000, p99: 40_000 },
  stop: { p50: 10_000, p99: 60_000 },
  stopForced: { p50: 8_000, p99: 40_000 },
  stopHung: { p50: 40_000, p99: 90_000 },
  terminate: { p50: 20_000, p99: 60_000 },
  agentOnline: { p50: 10_000, p99: 40_000 },
  statusImpaired: { p50: 40_000, p99: 90_000 },
  statusOk: { p50: 30_000, p99: 60_000 },
  endpointReplacement: { p50: 60_000, p99: 240_000 },
};

/** `boundOf`: how long the way home may take once people have mended. */
export async function playIncident(seed: number, boundOf = boundAfterMendMs): Promise<IncidentResult> {
  const incident = new Incident(seed, boundOf);
  return incident.run();
}

class Incident implements Scene {
  readonly cloud: SimulatedCloud;
  readonly truth: Truth;
  readonly items = new Items();
  readonly storm: ChangedStorm;
  readonly startedAt = simulationStart;
  private readonly clock = new VirtualClock(simulationStart);
  private readonly timeline: Timeline;
  private readonly coverage = emptyCoverage();
  private readonly witnesses: readonly Law[];
  private breach: Breach | null = null;
  /** The deployment as laws about connections saw it last. */
  private lookedAt: Deployment | null = null;
  /** What is laid down before the beginning is nobody's doing. */
  private isPast = true;
  /** What was drawn of tunnels' long stories and of habits, by name. */
  private readonly lived: readonly string[];
  private quiet = 0;
  /** The storm's own list: what people do in answer to it is added. */
  private readonly hands: SingleStep[];

  constructor(
    private readonly seed: number,
    private readonly boundOf: (scene: Scene) => number,
  ) {
    const deployment = drawSite(siteOf(seed));
    const source = synthesisFor(deployment);
    const many = Object.keys(deployment.connections).length > 1;
    this.timeline = new Timeline(
      simulationStart,
      () => this.clock.now(),
      () => {},
      many,
    );
    this.cloud = new SimulatedCloud({
      source,
      deployment,
      clock: this.clock,
      seed,
      durations: quickDurations,
      tables: 'memory',
      latencies: new Latencies(seed, { regime: 'rough' }),
      observers: {
        onState: (event, execution) => {
          this.timeline.history(event, execution);
          for (const law of this.witnesses) law.onState?.(event, execution);
        },
        onBusEvent: (event, copies) => this.timeline.busEvent(event, copies),
        onStreamRecord: (record, copies) => this.timeline.streamRecord(record, copies),
        onItem: (change) => {
          this.items.note(change);
          if (!this.isPast) this.witness(change);
        },
        onNotice: (notice) => {
          this.timeline.add('Told', announcedIn(notice.message).join('; '));
          this.read(notice);
          for (const law of this.witnesses) law.onNotice?.(notice);
        },
        onLog: (name, line) => {
          for (const law of this.witnesses) law.onLog?.(name, line);
        },
        onInvocation: (name, requestId, payload) => {
          for (const law of this.witnesses) law.onInvocation?.(name, requestId, payload);
        },
        onFunctionFailure: (name, payload) => {
          this.timeline.functionFailure(name, payload);
          for (const law of this.witnesses) law.onFunctionFailure?.(name, payload);
        },
        onRungEnd: (document, status, failure) => {
          this.timeline.add('Rung', `${document}: ${status} ${failure}`);
          if (status === 'Success') count(this.coverage.rungs, rungOf(this.deployment, document)!);
        },
        onLanded: (call) => {
          for (const law of this.witnesses) law.onLanded?.(call);
        },
        onAnswer: (call, output) => {
          for (const law of this.witnesses) law.onCall?.(call, output);
        },
      },
    });
    const drawn = withChangingTable(seed, drawStorm(seed, deployment, reachableIn(deployment)), deployment);
    const long = withTunnels(seed, drawn, deployment);
    const across = withEnds(seed, long, deployment);
    const spoken = withSpeakers(seed, across, deployment);
    const lived = withHabits(seed, withUnreadItem(seed, spoken), deployment);
    const storm = withDiverts(seed, lived, deployment);
    this.lived = [...long.stories, ...across.ends, ...storm.habits];
    const changed = withChange(seed, siteOf(seed), storm, deployment);
    this.hands = [...changed.steps];
    this.storm = { ...changed, steps: this.hands };
    this.truth = new Truth(this.cloud.world);
    this.witnesses = [...allLaws(this), new CoverageWitness(this.coverage)];
    new RouteWatch(this.cloud.world, (set, from, to) => this.timeline.add('Routes', `${set}: ${from} -> ${to}`));
  }

  /** As last deployed. */
  get deployment(): Deployment {
    return this.cloud.world.deployment;
  }

  /** A property, so that laws may take it apart from its scene. */
  readonly now = (): number => this.clock.now();

  judged(law: string): void {
    count(this.coverage.judged, law);
  }

  broken(law: string, how: string): void {
    if (this.breach !== null) return;
    this.breach = { law, how };
    this.timeline.add('Law', `BROKEN: ${law}: ${how}`);
  }

  async run(): Promise<IncidentResult> {
    await this.cloud.open();
    const left = await layPast(this.seed, this.cloud, stateTableOf(this.cloud));
    this.isPast = false;
    for (const name of [
      ...left,
      ...this.storm.changes,
      ...this.lived,
      ...sorts(this.deployment),
      ...fates(this.cloud.world),
    ])
      count(this.coverage.worlds, name);
    this.cloud.start();
    for (const step of [...this.storm.steps]) {
      this.clock.at(simulationStart + step.at, 'storm', () => {
        this.timeline.add('World', stepText(step));
        count(this.coverage.faults, step.do);
        return this.happen(step);
      });
    }
    for (const takeover of this.storm.takeovers)
      this.clock.at(simulationStart + takeover.at, 'takeover', () => this.takeOver(takeover));
    this.clock.after(tickMs, 'tick', () => this.tick());
    const mendedAt = simulationStart + this.storm.mendMs;
    const isOver = (): boolean => this.breach !== null || this.quiet >= quietTicks;
    await this.clock.runUntil(mendedAt, isOver);
    // Only now is it known what the storm has left to outlast, and what is declared.
    if (!isOver()) await this.clock.runUntil(mendedAt + this.boundOf(this), isOver);
    this.end();
    return {
      seed: this.seed,
      breach: this.breach,
      coverage: this.coverage,
      transcript: this.timeline.entries.map(
        ({ atMs, state, because }) => `${atText(atMs)} ${state.padEnd(14)} ${because}`,
      ),
    };
  }

  private witness(change: ItemChange): void {
    for (const law of this.witnesses) law.onItem?.(change);
    if (!isOfConnection(change) && this.deployment === this.lookedAt) return;
    this.lookedAt = this.deployment;
    for (const law of this.witnesses) law.onConnections?.();
  }

  /** After the storm somebody reads what people were told, and acknowledges where that is asked, and only there. */
  private read(notice: Notice): void {
    const connection = connectionOf(notice);
    if (connection === undefined) return;
    if (notice.message.includes('"trigger":"failback"')) this.giveWord(connection, wordTries);
    if (!notice.message.includes('acknowledge to')) return;
    const input = { connection, trigger: 'acknowledge', requestedBy: 'ben' };
    const at = Math.max(this.now(), simulationStart + this.storm.mendMs) + readingMs;
    this.clock.at(at, 'somebody reads', () => this.happen({ at: 0, do: 'command', input }));
  }

  /**
   * Whoever is asked for the word gives it after the storm, and again while it is refused: then for one route set at a
   * time, as the refusal says, since the home of another may be gone for good.
   */
  private giveWord(connection: string, triesLeft: number): void {
    const at = Math.max(this.now(), simulationStart + this.storm.mendMs) + readingMs;
    this.clock.at(at, 'somebody gives the word', () => {
      const { world } = this.cloud;
      const sets = Object.values(this.deployment.connections[connection]?.routeSets ?? {});
      const away = sets.filter(({ name, home }) => world.pathOf(connection, name) !== home);
      if (away.length === 0) return;
      const tries = wordTries - triesLeft;
      const input = {
        ...{ connection, trigger: 'failback', requestedBy: 'dora' },
        ...(tries > 0 && { routeSet: choiceOf(away[tries % away.length]!) }),
      };
      this.hands.push({ at: this.now() - simulationStart, do: 'command', input });
      if (triesLeft > 1) this.giveWord(connection, triesLeft - 1);
      return this.happen({ at: 0, do: 'command', input });
    });
  }

  /**
   * Route by route, by hand: the laws know of hands by the storm's steps. The old interface is the declared one, or that
   * of the replacement which stood for the gateway until now.
   */
  private takeOver({ gateway, from, to }: Takeover): void {
    const { world } = this.cloud;
    const standing = world.vpc.interfaceOf(world.machineOf(gateway).id)?.id;
    const isOld = (target: string | undefined): boolean =>
      target !== undefined && target !== to && (target === from || target === standing);
    for (const machine of world.instances.machines.values())
      if (machine.roles.includes(gateway)) machine.isSpare = world.vpc.interfaceOf(machine.id)?.id !== to;
    if (instanceAt(world.deployment, gateway).address !== undefined) world.moveAddress(gateway, to);
    world.networkChanged(`${gateway} is in service on ${to}`);
    for (const { id: table, entries } of world.routes.tables.values())
      for (const [destination, { written }] of entries)
        if (isOld(written?.id)) {
          world.routeByHand(table, destination, to);
          this.hands.push({ at: this.now() - simulationStart, do: 'route_by_hand', table, destination, target: to });
        }
    this.timeline.add('World', `${gateway} is in service on ${to}`);
  }

  /** A person whose command AWS refuses gives up; the storm goes on. */
  private async happen(step: SingleStep): Promise<void> {
    try {
      await perform(step, this.cloud);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      this.timeline.add('World', `refused: ${error.message}`);
    }
  }

  private tick(): void {
    for (const law of this.witnesses) law.onTick?.();
    const isOver = this.now() - simulationStart > this.storm.mendMs + 30_000 && notHome(this).length === 0;
    this.quiet = isOver ? this.quiet + 1 : 0;
    this.clock.after(tickMs, 'tick', () => this.tick());
  }

  private end(): void {
    comesHome(this);
    if (this.breach === null) for (const law of this.witnesses) law.atEnd?.();
  }
}

const atText = (ms: number): string => `${(ms / 1_000).toFixed(3).padStart(9)}`;

/** The only table with a sort key. */
function stateTableOf({ template }: SimulatedCloud): string {
  const tables = template.ofType('AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable');
  return tables.find(({ properties }) => JSON.stringify(properties['KeySchema']).includes('"sk"'))!.name;
}
