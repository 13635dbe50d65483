/**
 * Laws about people: told of every move once it is made, of every escalation, and not twice for the same thing. SNS has
 * no idempotent publish, so a run that dies between telling and journalling says it again: allowed as often as that.
 */
import { laws } from '../../../core/decide/invariants';
import type { Memory } from '../../../core/store/memory';
import { announcedIn } from '../../../core/turn/letter';
import type { Execution, HistoryEvent } from '../../../local-cloud/asl/runner';
import type { Notice } from '../../../local-cloud/services/sns/sns';
import { lease, number, text } from '../items';
import { connectionOf, type Law, type Scene, stateAt, stateOf } from '../law';
import { failedOpen, type RouteWriteLaws } from './route-writes';

/** How a move without a lock is told. */
const withoutLock = /^The lock table (did not answer|refuses us)/;

/** A run that breaks off there may have told. */
const telling: readonly string[] = [
  'NotifyPeople',
  'PublishEvent',
  'RecordTold',
  'NotifyFailOpen',
  'NotifyWithoutTable',
];

export class PeopleLaws implements Law {
  private readonly lines: { readonly connection: string; readonly text: string }[] = [];
  /** What may have been told and not recorded: each may be repeated once. */
  private unsure = 0;
  private latest = 1;
  /** What was said again too soon; a run held up for minutes may repeat what another has told meanwhile. */
  private readonly hasty: string[] = [];
  private deaths = 0;
  /** Writes without an answer: without the lock table nobody can find out whether they were made. */
  private unanswered = 0;
  /** What was published by runs that had no memory to look into, the lock table being silent, and whose word each was. */
  private readonly unremembered = new Map<string, string>();
  /** When each escalation of the open incident was told last, by connection. */
  private readonly escalations = new Map<string, Map<string, number>>();

  constructor(
    private readonly scene: Scene,
    private readonly writes: RouteWriteLaws,
  ) {}

  onNotice(notice: Notice): void {
    const connection = connectionOf(notice);
    if (connection === undefined) return;
    const texts = announcedIn(notice.message);
    this.latest = texts.length;
    const by = this.unremembered.get(notice.message);
    for (const [i, text] of texts.entries()) {
      this.lines.push({ connection, text });
      if (text.startsWith('over after ')) this.escalations.delete(connection);
      if (
        withoutLock.test(text) ||
        /^((divert|failback|undo|repair|drain|undrain|attract): |over after |over: |still: )/.test(text)
      )
        continue;
      // A name holds what stands first; beside something new all the rest is said as well, for nobody knows what was.
      if (by === undefined || i === 0) this.escalated(connection, text, by ?? 'with table');
    }
  }

  /**
   * What was said is said anew only when it has been over for a soak; its numbers may have changed meanwhile. Memory and
   * the names of executions cannot know of each other what was told: each must not repeat itself, but may the other.
   */
  private escalated(connection: string, text: string, by: string): void {
    const { scene } = this;
    // Another drain or pause of the same path is another thing, though it reads alike; so is being empty after an order
    // that something had undone.
    const isAnother = /^the (maintenance|pause) |is drained and empty since/.test(text);
    const plain = isAnother
      ? text
      : text.replace(/(?<![\w-])\d+(\.\d+)?( ms| s| min)?/g, '#').replace(/\([^()]*\)/g, '');
    const key = `${by}: ${plain}`;
    const said = this.escalations.get(connection) ?? new Map<string, number>();
    this.escalations.set(connection, said);
    // What an acknowledgement lifted may be used up, and said, once more.
    const liftedAt = number(scene.items.at(...lease(connection)), 'acknowledgedAt');
    const earlier = said.get(key);
    const before = earlier !== undefined && liftedAt > earlier ? undefined : earlier;
    said.set(key, scene.now());
    const isSoon =
      before !== undefined && scene.now() - before < scene.deployment.connections[connection]!.policy.soakMs;
    if (isSoon) this.hasty.push(`${connection}: said again after ${scene.now() - before} ms: ${text}`);
  }

  /** After a publish only RecordTold remembers it: whatever keeps a run from there leaves the telling unsure. */
  onState(event: HistoryEvent, execution: Execution): void {
    if (event.type === 'ExecutionAborted') this.deaths++;
    if (event.type === 'TaskScheduled' && stateOf(execution) === 'NotifyWithoutTable') {
      const { Message } = JSON.parse(event.taskScheduledEventDetails?.parameters ?? '{}') as { Message: string };
      this.unremembered.set(Message, sayerOf(execution));
    }
    if (!/Failed|TimedOut|Aborted/.test(event.type)) return;
    if (['DivertRoutes', 'RescueRoutes'].includes(stateAt(event, execution))) this.unanswered++;
    if (telling.includes(stateOf(execution))) this.unsure += this.latest;
  }

  atEnd(): void {
    const [first] = this.hasty.slice(this.unsure);
    if (first !== undefined) this.scene.broken(laws.told, first);
    for (const { name } of Object.values(this.scene.deployment.connections)) {
      this.movesTold(name, 'with the lease', /^(divert|failback|undo): /);
      this.movesTold(name, failedOpen, withoutLock);
      this.movesCounted(name);
    }
  }

  /** What a budget holds of this incident is moves, however often each was tried. */
  private movesCounted(connection: string): void {
    const { items, startedAt } = this.scene;
    const memory = text(items.at(...lease(connection)), 'memory');
    if (memory === undefined) return;
    const { moves } = (JSON.parse(memory) as Memory).budgets;
    const counted = moves.filter((at) => at > startedAt).length;
    const of = (how: string): number => this.writes.tried.get(`${connection} ${how}`)?.size ?? 0;
    // One made without the lock table is remembered all the same if its run dies and an open journal is there.
    const found = this.lines.filter((line) => line.connection === connection && line.text.includes('found there'));
    const tried = of('with the lease') + Math.min(found.length, of(failedOpen));
    if (counted > tried)
      this.scene.broken(laws.oneMove, `${connection}: moved ${tried} times, counted ${counted} times`);
  }

  /** Sets that were decided on together may be told apart: one whose write had no answer is told when it shows. */
  private setsTold(connection: string, lines: readonly { readonly text: string }[]): void {
    const { routeSets = {} } = this.scene.deployment.connections[connection] ?? {};
    for (const set of Object.keys(routeSets)) {
      const tried = this.writes.triedOf.get(connection)?.get(set)?.size ?? 0;
      const told = lines.filter(({ text }) => text.includes(` ${set} from `) && !text.includes('found there')).length;
      if (told > tried + this.unsure)
        this.scene.broken(laws.oneMove, `${connection}: ${set} was moved ${tried} times, told ${told} times`);
    }
  }

  private movesTold(connection: string, how: string, words: RegExp): void {
    const key = `${connection} ${how}`;
    const made = this.writes.written.get(key)?.size ?? 0;
    const tried = this.writes.tried.get(key)?.size ?? 0;
    const told = this.lines.filter((line) => line.connection === connection && words.test(line.text));
    // What a dead run left behind is told when it is found; it may have been somebody else's.
    const found = told.filter(({ text }) => text.includes('found there')).length;
    // Without the lock table nothing remembers a move: if the run dies as well, nobody hears of it; nor of one that was
    // made as the table went, when another run has moved the routes on since.
    const overwritten = this.writes.overwritten.get(connection)?.size ?? 0;
    const lost = how === failedOpen ? this.unsure + this.deaths : overwritten;
    // A move made in part whose run died is told by the move that ends it: "from a+b to a".
    const halves = told.filter(({ text }) => / from \S+\+\S+ to /.test(text)).length;
    const rest = this.writes.moves.perhapsRest.get(connection)?.size ?? 0;
    if (told.length + lost + halves + rest < made)
      this.scene.broken(laws.told, `${connection}: moved ${made} times ${how}, told ${told.length} times`);
    if (tried > 0) this.scene.judged(laws.oneMove);
    if (how !== failedOpen) this.setsTold(connection, told);
    else if (told.length - found > tried + this.unsure + this.unanswered)
      this.scene.broken(laws.oneMove, `${connection}: moved ${tried} times ${how}, told ${told.length} times`);
  }
}

/**
 * Runs without the lock table say a thing once by the name of the run that says it. Where that could not be started, or
 * did not answer, each speaks for itself: rather told twice than not at all.
 */
function sayerOf({ name, history }: Execution): string {
  const states = history.flatMap(({ stateEnteredEventDetails: entered }) => (entered ? [entered.name] : []));
  return states.at(-2) === 'StartTelling' ? `without table, by ${name}` : 'without table';
}
