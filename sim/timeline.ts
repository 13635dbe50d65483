/**
 * What happened, as a person would tell it: the world's steps, signals, the states that act, route effects, ends.
 *
 * It only listens. The sentence of a state is the decision's own `because`, read from the variables the run assigned.
 */
import { isRecord, isText } from '../core/words/shape';
import type { Instant } from '../core/words/time';
import type { Execution, HistoryEvent } from '../local-cloud/asl/runner';
import type { BusEvent } from '../local-cloud/services/events/bus-event';
import type { StreamRecord } from '../local-cloud/services/lambda/event-source-mapping';

/** An item as a stream shows it, as far as a story tells of it. */
type Image = Readonly<Record<string, { readonly S?: string; readonly M?: Image } | undefined>>;

export interface TimelineEntry {
  /** Since the start of the simulation. */
  readonly atMs: number;
  /** A state of the machine, or `World`, `Signal`, `Routes`, `Rung`, `Ordered`, `Told`, `Failure`. */
  readonly state: string;
  readonly because: string;
}

export interface DeliveredEvent {
  readonly atMs: number;
  readonly source: string;
  readonly what: string;
}

/** A decision as a story needs it. */
interface Act {
  readonly kind: string;
  readonly because: string;
  /** It is an order to a speaker, which is no repair though its rung is started as one is. */
  readonly isOrder: boolean;
  /** Why an order goes beside it; empty: none does. */
  readonly beside: string;
}

type Decided = { -readonly [K in keyof Act]: Act[K] } & { told: string };

/** One execution's walk, as the result needs it. */
export interface Walk {
  readonly arn: string;
  readonly startedAt: Instant;
  /** Entered states in order. */
  readonly states: string[];
  /** States entered up to and including the first DivertRoutes, counted from the start or the last sleep. */
  toDivert: number | undefined;
  sinceSleep: number;
  end: { readonly state: string; readonly error: string; readonly at: Instant } | undefined;
}

const actingStates = ['DivertRoutes', 'RepairGateway', 'RepairElsewhere', 'FailBackRoutes', 'NotifyPeople'];

/** Null: it is no decision. */
export function decidedIn(decision: unknown): Act | null {
  if (!isRecord(decision) || !isText(decision['because'])) return null;
  const order = decision['order'];
  const beside = isRecord(order) && isText(order['because']) ? order['because'] : '';
  const kind = isText(decision['kind']) ? decision['kind'] : '';
  return { kind, because: decision['because'], isOrder: decision['purpose'] === 'order', beside };
}

/** What a run that enters this state does, by the name a story has for it; null: it looks, waits or writes down. */
export function actOf(
  state: string,
  { kind, because, isOrder, beside }: Act,
): { state: string; because: string } | null {
  if (state === 'RescueRoutes') return { state: kind === 'failback' ? 'FailBackRoutes' : 'DivertRoutes', because };
  if (state === 'OrderSpeaker') return { state, because: beside };
  if (!actingStates.includes(state)) return null;
  if (state === 'RepairElsewhere') return { state: 'RepairGateway', because };
  return { state: state === 'RepairGateway' && isOrder ? 'OrderSpeaker' : state, because };
}

export class Timeline {
  readonly entries: TimelineEntry[] = [];
  readonly events: DeliveredEvent[] = [];
  readonly walks = new Map<string, Walk>();
  readonly tokens: number[] = [];
  private readonly decided = new Map<string, Decided>();

  constructor(
    private readonly startedAt: Instant,
    private readonly now: () => Instant,
    private readonly onEntry: (entry: TimelineEntry) => void = () => {},
    /** Several connections: each sentence begins with whose it is. */
    private readonly many = false,
  ) {}

  add(state: string, because: string): void {
    const entry = { atMs: this.now() - this.startedAt, state, because };
    this.entries.push(entry);
    this.onEntry(entry);
  }

  /** An event on the bus: delivered `copies` times, 0 for a lost one. */
  busEvent(event: BusEvent, copies: number): void {
    const { detail } = event;
    if (!event.source.startsWith('aws.')) return; // Our own: it wakes nobody.
    const isAlarm = event.source === 'aws.cloudwatch';
    const value = (detail['state'] as { value?: unknown } | undefined)?.value;
    const source = event.source.replace('aws.', '');
    const isOfVpn = source === 'health' || source === 'networkmanager';
    const what = isOfVpn
      ? vpnText(event)
      : isAlarm
        ? `${String(detail['alarmName'])} is ${String(value)}`
        : `${String(detail['instance-id'])} is ${String(detail['state'])}`;
    this.delivered(isAlarm ? 'alarm' : source, what, copies);
  }

  streamRecord(record: StreamRecord, copies: number): void {
    const image = (record.dynamodb['NewImage'] ?? {}) as Image;
    const [kind = '', gateway] = image['canary']?.S?.split('#') ?? [];
    if (kind === 'tunnels') this.delivered(kind, tunnelsText(image), copies);
    else if (kind === 'speaker') this.delivered(kind, `what ${gateway} advertises is read: it has changed`, copies);
    else this.delivered('canary', `${kind} is ${image['verdict']?.S}`, copies);
  }

  /** Only what went wrong in a function, by its error's own name. */
  functionFailure(name: string, payload: string): void {
    const { errorType, errorMessage } = JSON.parse(payload) as { errorType?: string; errorMessage?: string };
    this.add('Failure', `${name}: ${errorType}: ${errorMessage}`);
  }

  /** One event of an execution's history. */
  history(event: HistoryEvent, execution: Execution): void {
    const walk = this.walkOf(execution);
    const exited = event.stateExitedEventDetails;
    if (exited !== undefined) this.exited(exited.name ?? '', exited.assignedVariables ?? {}, execution, walk);
    const entered = event.type.endsWith('StateEntered') ? event.stateEnteredEventDetails?.name : undefined;
    if (entered !== undefined) this.entered(entered, execution, walk);
    if (/^Execution(Succeeded|Failed|Aborted|TimedOut)$/.test(event.type)) this.ended(event, execution, walk);
  }

  private delivered(source: string, what: string, copies: number): void {
    const atMs = this.now() - this.startedAt;
    for (let copy = 0; copy < copies; copy++) this.events.push({ atMs, source, what });
    const fate = copies === 0 ? ' (lost)' : copies > 1 ? ` (${copies} times)` : '';
    this.add('Signal', `${source}: ${what}${fate}`);
  }

  private walkOf(execution: Execution): Walk {
    const known = this.walks.get(execution.arn);
    if (known !== undefined) return known;
    const { arn, startedAt } = execution;
    const walk: Walk = { arn, startedAt, states: [], toDivert: undefined, sinceSleep: 0, end: undefined };
    this.walks.set(arn, walk);
    return walk;
  }

  private exited(state: string, assigned: Readonly<Record<string, string>>, execution: Execution, walk: Walk): void {
    if (state === 'AwaitNews') walk.sinceSleep = 0;
    const decided = decidedIn(parsed(assigned['decision']));
    if (decided !== null) Object.assign(this.decisionOf(execution), decided);
    const token = parsed<number>(assigned['token']);
    if ((state === 'TakeLease' || state === 'TakeOver') && typeof token === 'number' && token > 0)
      this.tokens.push(token);
  }

  private entered(state: string, execution: Execution, walk: Walk): void {
    walk.states.push(state);
    walk.sinceSleep++;
    const decision = this.decisionOf(execution);
    const act = actOf(state, decision);
    if (act?.state === 'DivertRoutes') walk.toDivert ??= walk.sinceSleep;
    if (act !== null) this.add(act.state, this.whose(execution) + act.because);
    const because = this.whose(execution) + decision.because;
    if (state === 'AwaitNews' && decision.because !== decision.told) {
      decision.told = decision.because;
      this.add(state, because);
    }
  }

  private whose({ input }: Execution): string {
    const connection = parsed<{ connection?: unknown }>(input)?.connection;
    return this.many && typeof connection === 'string' ? `${connection}: ` : '';
  }

  private ended(event: HistoryEvent, execution: Execution, walk: Walk): void {
    const state = walk.states.at(-1) ?? '';
    const failure = event.executionFailedEventDetails ?? event.executionAbortedEventDetails;
    walk.end = {
      state: event.type === 'ExecutionAborted' ? 'Aborted' : state,
      error: failure?.error ?? '',
      at: this.now(),
    };
    // A signal that only woke the holder is no news of its own.
    if (!hasDecided(walk) && failure === undefined) return;
    const refusal =
      walk.end.state === 'Refused' ? refusalText(event.executionSucceededEventDetails?.output) : undefined;
    const because = failure?.cause ?? refusal ?? this.decided.get(walk.arn)?.because ?? '';
    this.add(walk.end.state, this.whose(execution) + because);
  }

  private decisionOf(execution: Execution): Decided {
    const known = this.decided.get(execution.arn) ?? { kind: '', because: '', told: '', isOrder: false, beside: '' };
    this.decided.set(execution.arn, known);
    return known;
  }
}

const parsed = <T>(text: string | undefined): T | undefined =>
  text === undefined ? undefined : (JSON.parse(text) as T);

/** Why, and what its author can do: both are in what the execution answers. */
function refusalText(output: string | undefined): string {
  const { because = '', mend = '' } = parsed<{ because?: string; mend?: string }>(output) ?? {};
  return `${because}; ${mend}`;
}

/** It asked for a decision, so it is more than a signal handed to the holder. */
export const hasDecided = ({ states }: Walk): boolean => states.includes('Assess');

/** What AWS says of a gateway's tunnels, as `watch` reported it. */
function tunnelsText({ gateway, state, tunnels }: Image): string {
  const each = Object.entries(tunnels?.M ?? {}).map(
    ([address, one]) => `${address} ${one?.M?.['status']?.S?.toUpperCase()}`,
  );
  return `${gateway?.S} is ${state?.S}: ${each.join(', ')}`;
}

/** The end's own name. */
export function outcomeOf({ end }: Walk): string {
  if (end === undefined) return 'holding';
  return end.state.replace(/(?<!^)([A-Z])/g, '_$1').toLowerCase();
}

/** In AWS's own word, of what it names. */
function vpnText({ detail, resources }: BusEvent): string {
  const word = detail['eventTypeCode'] ?? detail['changeType'] ?? detail['status-change'];
  const named = resources.flatMap((arn) => /vpn-[0-9a-f]+$/.exec(arn) ?? []);
  return `${String(word)} of ${named.join(', ') || 'nothing of ours'}`;
}
