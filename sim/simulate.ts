/**
 * Runs one scenario in the local cloud, from a seed, and says what happened and whether it was as expected.
 *
 * A run ends when every step is done and every span in which something must be heard is over, nothing runs, no lease is
 * held, the outcome is there and 30 s were quiet, or at the scenario's limit. Same scenario, same seed: the same result, byte for byte; on a real stage, as real time will
 * have it.
 */
import { laws } from '../core/decide/invariants';
import { announcedIn } from '../core/turn/letter';
import { isOrderRung } from '../core/words/rungs';
import type { Instant } from '../core/words/time';
import { VirtualClock } from '../local-cloud/clock';
import { Latencies, type LatencyOptions, simulationStart } from '../local-cloud/latency';
import { AnswerWatch } from './answer-watch';
import { DarkEnds } from './dark-ends';
import { rungOf } from './ends';
import { type Judged, judge, type SentNotice } from './expectations';
import { DarkMeter } from './meter';
import { isRouteWrite } from './route-call';
import { type RouteMap, RouteWatch } from './route-watch';
import type { Scenario } from './scenario';
import {
  perform,
  refuseUnknownCalls,
  refuseUnknownEnds,
  type SingleStep,
  singleSteps,
  stepText,
} from './scenario-steps';
import { SimulatedCloud, type SimulatedCloudOptions } from './simulated-cloud';
import { standingOf } from './standing';
import { SecretsLaw } from './swarm/laws/secrets';
import { synthesisFor } from './synthesis-cache';
import { type DeliveredEvent, hasDecided, outcomeOf, Timeline, type TimelineEntry, type Walk } from './timeline';

/** Where a scenario is played; without one, in the simulated world on virtual time. */
export interface Stage {
  /** What stands behind the local cloud instead of the simulation. */
  readonly cloud: Pick<SimulatedCloudOptions, 'durations' | 'lag' | 'latencies' | 'reality'>;
  /** Time without anything under way after which a run is over. */
  readonly quietMs: number;
  /** Lets time pass until `limit`, or until `done`. */
  play(clock: VirtualClock, limit: Instant, done: () => boolean): Promise<void>;
  /** How long users were dark. */
  darkMs(): Promise<number>;
}

export interface SimulationOptions {
  readonly seed: number;
  readonly stage?: Stage;
  readonly tables?: SimulatedCloudOptions['tables'];
  /** Without an expected outcome, go on to the scenario's limit: whoever waits for nothing may still meet something. */
  readonly playsOut?: boolean;
  /** Latencies measured at a site, in place of the table's; what the scenario itself says of a hop counts more. */
  readonly hops?: LatencyOptions['hops'];
  /** Each timeline entry as it happens. */
  readonly onEvent?: (entry: TimelineEntry) => void;
  /** The cloud, once it stands: for tests and records (calls, IAM usage) that the result does not carry. */
  readonly onCloud?: (cloud: SimulatedCloud) => void;
}

export interface SimulationResult {
  readonly scenario: string;
  readonly seed: number;
  readonly outcome: string;
  readonly timeline: readonly TimelineEntry[];
  readonly routes: {
    readonly before: RouteMap;
    readonly during: readonly Readonly<Record<string, string | number>>[];
    readonly after: RouteMap;
  };
  readonly transitions: { readonly toDivert: number | null; readonly total: number };
  readonly users: { readonly darkMs: number };
  /** What people were sent, in order. */
  readonly notices: readonly SentNotice[];
  readonly repair: { readonly rungs: readonly string[] };
  readonly events: readonly DeliveredEvent[];
  readonly tokens: readonly number[];
  readonly expectations: readonly Judged[];
}

const simulatedQuietMs = 30_000;
const lookEveryMs = 1_000;

export async function simulate(scenario: Scenario, options: SimulationOptions): Promise<SimulationResult> {
  try {
    return await new Simulation(scenario, options).run();
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`Scenario '${scenario.name}', seed ${options.seed}: ${message}`, { cause: error });
  }
}

const calibrated = ({ latency }: Scenario, { hops }: SimulationOptions): LatencyOptions =>
  hops === undefined ? latency : { ...latency, hops: { ...hops, ...latency.hops } };

class Simulation {
  private readonly clock = new VirtualClock(simulationStart);
  private readonly timeline: Timeline;
  private readonly cloud: SimulatedCloud;
  private readonly meter: DarkMeter;
  private readonly darkEnds: DarkEnds;
  private readonly routes: RouteWatch;
  private readonly answers: AnswerWatch;
  private readonly rungs: string[] = [];
  private readonly steps: readonly SingleStep[];
  /** The last step, or the end of the last span in which something must be heard. */
  private readonly lastStepEndMs: number;
  private done = false;
  /** A law of every run, said or not: where pre-shared keys were written down. */
  private readonly leaks: string[] = [];
  private keysSeen = 0;
  private readonly secrets: SecretsLaw;

  constructor(
    private readonly scenario: Scenario,
    private readonly options: SimulationOptions,
  ) {
    const { deployment } = scenario;
    this.steps = singleSteps(scenario.steps);
    refuseUnknownCalls(scenario);
    refuseUnknownEnds(scenario);
    const many = Object.keys(deployment.connections).length > 1;
    this.timeline = new Timeline(simulationStart, () => this.clock.now(), options.onEvent, many);
    this.cloud = new SimulatedCloud({
      source: synthesisFor(deployment),
      deployment,
      clock: this.clock,
      seed: options.seed,
      tables: options.tables,
      latencies: new Latencies(options.seed, calibrated(scenario, options)),
      ...options.stage?.cloud,
      observers: {
        onState: (event, execution) => {
          this.timeline.history(event, execution);
          this.darkEnds.observe(event, execution);
          this.secrets.onState(event, execution);
        },
        onItem: (change) => this.secrets.onItem(change),
        onLog: (name, line) => this.secrets.onLog(name, line),
        onInvocation: (name, requestId, payload) => this.secrets.onInvocation(name, requestId, payload),
        onBusEvent: (event, copies) => this.timeline.busEvent(event, copies),
        onStreamRecord: (record, copies) => this.timeline.streamRecord(record, copies),
        onFunctionFailure: (name, payload) => {
          this.timeline.functionFailure(name, payload);
          this.secrets.onFunctionFailure(name, payload);
        },
        onNotice: (notice) => {
          this.timeline.add('Told', announcedIn(notice.message).join('; '));
          this.secrets.onNotice(notice);
        },
        onRungEnd: (document, status, failure) => {
          const rung = rungOf(this.cloud.world.deployment, document) ?? document;
          const ended = [`${rung}: ${status}`, failure].filter(Boolean).join(': ');
          this.timeline.add(isOrderRung(rung) ? 'Ordered' : 'Rung', ended);
        },
        onAnswer: (call, output) => {
          const { operation, input } = call;
          this.secrets.onCall(call, output);
          if (operation !== 'StartAutomationExecution') return;
          const { DocumentName } = input as { DocumentName: string };
          this.rungs.push(rungOf(this.cloud.world.deployment, DocumentName) ?? DocumentName);
        },
      },
    });
    this.secrets = new SecretsLaw({
      cloud: this.cloud,
      judged: () => void this.keysSeen++,
      broken: (_law, how) => void this.leaks.push(how),
    });
    this.meter = new DarkMeter(this.cloud.world);
    this.darkEnds = new DarkEnds(this.cloud.world);
    this.routes = new RouteWatch(this.cloud.world, (set, from, to, table) =>
      this.timeline.add('Routes', `${set}: ${from} -> ${to} (${table.join(', ')})`),
    );
    this.answers = new AnswerWatch(this.cloud.world);
    const spans = [scenario.expect.heardWithin ?? []].flat();
    this.lastStepEndMs = Math.max(
      0,
      ...this.steps.map(({ at }) => at),
      ...spans.map(({ after, within }) => after + within),
    );
    options.onCloud?.(this.cloud);
  }

  async run(): Promise<SimulationResult> {
    await this.cloud.open();
    this.cloud.start();
    for (const step of this.steps) {
      this.clock.at(simulationStart + step.at, 'scenario step', () => {
        this.timeline.add('World', stepText(step));
        return perform(step, this.cloud);
      });
    }
    this.watchForTheEnd(0);
    const limit = simulationStart + this.scenario.durationMaxMs;
    const isDone = (): boolean => this.done;
    await (this.options.stage?.play(this.clock, limit, isDone) ?? this.clock.runUntil(limit, isDone));
    return this.result();
  }

  /** Once a simulated second; quiet is counted from the last moment that was not. */
  private watchForTheEnd(quietSinceMs: number): void {
    this.clock.after(lookEveryMs, 'watch', async () => {
      const nowMs = this.clock.now() - simulationStart;
      const quiet =
        nowMs > this.lastStepEndMs &&
        this.cloud.stepfunctions.running === 0 &&
        this.outcomeIsThere() &&
        (await this.heldLeases()).length === 0;
      if (quiet && nowMs - quietSinceMs >= (this.options.stage?.quietMs ?? simulatedQuietMs)) this.done = true;
      else this.watchForTheEnd(quiet ? quietSinceMs : nowMs);
    });
  }

  /** The expected outcome, reached after the last step; without an expectation any will do. */
  private outcomeIsThere(): boolean {
    const { outcome } = this.scenario.expect;
    if (outcome === undefined) return this.options.playsOut !== true;
    const last = this.lastDecider();
    return (
      last?.end !== undefined && last.end.at - simulationStart >= this.lastStepEndMs && outcomeOf(last) === outcome
    );
  }

  /** The execution that ended last, or still runs, of those that did more than wake another. */
  private lastDecider(): Walk | undefined {
    const deciders = [...this.timeline.walks.values()].filter((walk) => hasDecided(walk) || walk.end?.error);
    const endOf = ({ end }: Walk): number => end?.at ?? Number.POSITIVE_INFINITY;
    return deciders.reduce<Walk | undefined>(
      (last, walk) => (last === undefined || endOf(walk) >= endOf(last) ? walk : last),
      undefined,
    );
  }

  private async heldLeases(): Promise<string[]> {
    const table = this.stateTable();
    const held: string[] = [];
    for (const name of Object.keys(this.cloud.world.deployment.connections)) {
      const item = await this.cloud.dynamodb.peek(table, { pk: { S: `connection#${name}` }, sk: { S: 'lease' } });
      if (item?.['holder'] !== undefined) held.push(name);
    }
    return held;
  }

  private stateTable(): string {
    const tables = this.cloud.template.ofType('AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable');
    const state = tables.find(({ properties }) => JSON.stringify(properties['KeySchema']).includes('"sk"'));
    if (state === undefined) throw new Error('The template has no state table (keys pk and sk)');
    return state.name;
  }

  private async result(): Promise<SimulationResult> {
    const { scenario, timeline, routes, cloud } = this;
    const walks = [...timeline.walks.values()];
    const last = this.lastDecider();
    const outcome = last === undefined ? 'nothing' : outcomeOf(last);
    const darkMs = (await this.options.stage?.darkMs()) ?? this.meter.total();
    const toDivert = walks.find((walk) => walk.toDivert !== undefined)?.toDivert ?? null;
    const calls = cloud.calls.filter(({ error }) => error === '');
    const notices = cloud.topics.inbox.map(({ at, subject, message }) => ({
      atMs: at - simulationStart,
      subject,
      text: message,
    }));
    const expectations = judge(scenario.expect, {
      outcome,
      routes,
      answers: this.answers,
      rungs: this.rungs,
      notices,
      darkEnds: this.darkEnds.found,
      historyEvents: Math.max(0, ...cloud.stepfunctions.executions.map(({ history }) => history.length)),
      routeWrites: calls.filter(({ by, operation }) => by !== 'automation' && isRouteWrite(operation)).length,
      ssmStarts: calls.filter(({ operation }) => operation === 'StartAutomationExecution').length,
      darkMs,
      heldLeases: await this.heldLeases(),
      failedExecutions: cloud.stepfunctions.executions.filter(
        ({ status }) => status === 'FAILED' || status === 'TIMED_OUT',
      ).length,
      timeline: timeline.entries,
      walks,
      steps: scenario.steps,
      toDivert,
      standingOf: (gateway) => standingOf(cloud.world, gateway),
    });
    const result = {
      scenario: scenario.name,
      seed: this.options.seed,
      outcome,
      timeline: timeline.entries,
      routes: { before: routes.before, during: routes.changes, after: routes.after },
      transitions: { toDivert, total: walks.reduce((sum, walk) => sum + walk.states.length, 0) },
      users: { darkMs },
      notices,
      repair: { rungs: this.rungs },
      events: timeline.events,
      tokens: timeline.tokens,
    };
    this.secrets.atEnd();
    this.secrets.report(result);
    return { ...result, expectations: [...expectations, ...this.leaked()] };
  }

  /** Nobody need expect it: a run in which a key is written down has failed. Whoever does wants some to be handed out. */
  private leaked(): Judged[] {
    const [first] = this.leaks;
    const kept = `AWS handed keys out ${this.keysSeen} times`;
    if (first === undefined && this.scenario.expect.secrets === undefined) return [];
    return [{ what: `law: ${laws.secrets}`, ok: first === undefined && this.keysSeen > 0, saw: first ?? kept }];
  }
}
