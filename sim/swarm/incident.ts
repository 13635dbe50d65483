/**
 * One incident of the swarm: a drawn site, a drawn storm, every law watching, then the calm and the way home.
 *
 * The cloud is the one scenarios use, made from the synthesized template; only the tables are the in-memory engine. Same
 * seed, same transcript, byte for byte. A site serves `seedsPerSite` seeds, since synthesis is the slowest step.
 */
import { laws } from '../../core/invariants';
import { VirtualClock } from '../clock';
import { LocalCloud } from '../cloud/local-cloud';
import { AwsError } from '../cloud/service';
import type { Notice } from '../cloud/sns';
import { simulationStart } from '../latency';
import type { Durations } from '../network/durations';
import { RouteWatch } from '../route-watch';
import { perform, type SingleStep, stepText } from '../scenario-steps';
import { synthesisFor } from '../synthesis-cache';
import { Timeline } from '../timeline';
import { type Coverage, CoverageWitness, count, emptyCoverage } from './coverage';
import { boundAfterMendMs, notHome } from './home';
import { Items } from './items';
import { connectionOf, type Law, type Scene } from './law';
import { allLaws } from './laws/all';
import { machine } from './reachable';
import { drawSite } from './site';
import { drawStorm, type Storm } from './storm';
import { Truth } from './truth';
import { withUnreadItem } from './unread-item';

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

export const seedsPerSite = 50;
const siteOf = (seed: number): number => Math.floor(seed / seedsPerSite);

const tickMs = 5_000;
const readingMs = 20_000;
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
};

export async function playIncident(seed: number): Promise<IncidentResult> {
  const incident = new Incident(seed);
  return incident.run();
}

class Incident implements Scene {
  readonly deployment;
  readonly cloud: LocalCloud;
  readonly truth: Truth;
  readonly items = new Items();
  readonly storm: Storm;
  readonly startedAt = simulationStart;
  private readonly clock = new VirtualClock(simulationStart);
  private readonly timeline: Timeline;
  private readonly coverage = emptyCoverage();
  private readonly witnesses: readonly Law[];
  private breach: Breach | null = null;
  private quiet = 0;

  constructor(private readonly seed: number) {
    this.deployment = drawSite(siteOf(seed));
    const source = synthesisFor(this.deployment);
    const many = Object.keys(this.deployment.connections).length > 1;
    this.timeline = new Timeline(
      simulationStart,
      () => this.clock.now(),
      () => {},
      many,
    );
    this.cloud = new LocalCloud({
      source,
      deployment: this.deployment,
      clock: this.clock,
      seed,
      durations: quickDurations,
      tables: 'memory',
      observers: {
        onState: (event, execution) => {
          this.timeline.history(event, execution);
          for (const law of this.witnesses) law.onState?.(event, execution);
        },
        onBusEvent: (event, copies) => this.timeline.busEvent(event, copies),
        onStreamRecord: (record, copies) => this.timeline.streamRecord(record, copies),
        onItem: (change) => {
          this.items.note(change);
          for (const law of this.witnesses) law.onItem?.(change);
        },
        onNotice: (notice) => {
          this.timeline.add('Told', notice.message.split('\n\n')[0]!.replaceAll('\n', '; '));
          this.read(notice);
          for (const law of this.witnesses) law.onNotice?.(notice);
        },
        onInvocation: (name, requestId, payload) => {
          for (const law of this.witnesses) law.onInvocation?.(name, requestId, payload);
        },
        onFunctionFailure: (name, payload) => {
          this.timeline.functionFailure(name, payload);
          for (const law of this.witnesses) law.onFunctionFailure?.(name, payload);
        },
        onRungEnd: (document, status, failure) => this.timeline.add('Rung', `${document}: ${status} ${failure}`),
        onAnswer: (call, output) => {
          for (const law of this.witnesses) law.onCall?.(call, output);
        },
      },
    });
    this.storm = withUnreadItem(seed, drawStorm(seed, this.deployment, machine));
    this.truth = new Truth(this.cloud.world);
    this.witnesses = [...allLaws(this), new CoverageWitness(this.coverage)];
    new RouteWatch(this.cloud.world, (set, from, to) => this.timeline.add('Routes', `${set}: ${from} -> ${to}`));
  }

  /** A property, so that laws may take it apart from its scene. */
  readonly now = (): number => this.clock.now();

  broken(law: string, how: string): void {
    if (this.breach !== null) return;
    this.breach = { law, how };
    this.timeline.add('Law', `BROKEN: ${law}: ${how}`);
  }

  async run(): Promise<IncidentResult> {
    await this.cloud.open();
    this.cloud.start();
    for (const step of this.storm.steps) {
      this.clock.at(simulationStart + step.at, 'storm', () => {
        this.timeline.add('World', stepText(step));
        count(this.coverage.faults, step.do);
        return this.happen(step);
      });
    }
    this.clock.after(tickMs, 'tick', () => this.tick());
    const limit = simulationStart + this.storm.mendMs + boundAfterMendMs(this);
    await this.clock.runUntil(limit, () => this.breach !== null || this.quiet >= quietTicks);
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

  /** After the storm somebody reads what people were told, and acknowledges where that is asked, and only there. */
  private read(notice: Notice): void {
    const connection = connectionOf(notice);
    if (connection === undefined || !notice.message.includes('acknowledge to')) return;
    const input = { connection, trigger: 'acknowledge', requestedBy: 'ben' };
    const at = Math.max(this.now(), simulationStart + this.storm.mendMs) + readingMs;
    this.clock.at(at, 'somebody reads', () => this.happen({ at: 0, do: 'command', input }));
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
    const left = notHome(this);
    if (left.length > 0) this.broken(laws.home, left.join('; '));
    if (this.breach === null) for (const law of this.witnesses) law.atEnd?.();
  }
}

const atText = (ms: number): string => `${(ms / 1_000).toFixed(3).padStart(9)}`;
