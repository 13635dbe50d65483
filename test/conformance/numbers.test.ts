/**
 * The numbers of core that judge nothing by themselves, but only together: what each must be longer or shorter than, and
 * every sentence of the docs that says one. A number that is changed alone breaks its law or makes a sentence untrue.
 *
 * What they make the state machine do is in failover-catches.test.ts; `npm run model-check` searches the same seconds.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { limits, presets } from '../../core/words/policy';
import { minuteMs, secondMs } from '../../core/words/time';
import { failoverDefinition } from '../../infra/definition';
import { historyEventsMax } from '../../local-cloud/asl/history';

const root = join(__dirname, '../..');

interface State {
  readonly TimeoutSeconds: number;
  readonly Seconds: number;
  readonly Branches?: readonly { readonly States: Readonly<Record<string, Partial<State>>> }[];
}

const { States, TimeoutSeconds } = JSON.parse(failoverDefinition()) as {
  readonly States: Readonly<Record<string, State>>;
  readonly TimeoutSeconds: number;
};
const taskMs = (state: string): number => States[state]!.TimeoutSeconds * secondMs;
/** A call of the state table, asked again twice after pauses of at most 1 s and 2 s. */
const tableCallMs = 3 * taskMs('RenewLease') + 3 * secondMs;
/** Between a fence or a `writeUntil` and a rival's take: two clocks err. */
const lateMs = limits.requestLandsMs + 2 * limits.clockSkewMs;

const beside = States['RescueBothWays']!.Branches![1]!.States;
const besideMs = Object.values(beside).reduce((sum, { TimeoutSeconds = 0 }) => sum + TimeoutSeconds * secondMs, 0);

describe('laws between numbers', () => {
  it.each<[law: string, longer: number, shorter: number]>([
    [
      'M + G >= P + D + 2s: no write lands in a lease that a rival took',
      limits.leaseMarginMs + limits.leaseGraceMs,
      limits.applyMs + lateMs,
    ],
    ['G >= D + 2s: nor in one that was taken over from a dead holder', limits.leaseGraceMs, lateMs],
    [
      'a lease outlives the longest sleep and the renewal after it, table slow',
      limits.leaseMs,
      limits.sleepMaxMs + tableCallMs,
    ],
    [
      '... and an assess that is asked four times, with a write’s margin left',
      limits.leaseMs,
      4 * taskMs('Assess') + 3 * secondMs + limits.leaseMarginMs,
    ],
    ['a young holder is known before its lease is over', limits.leaseMs - limits.leaseMarginMs, limits.absentAfterMs],
    [
      'a repair is begun though the table was slow on the way to it',
      limits.decisionAgeMaxMs,
      taskMs('TakeGateway') + taskMs('JournalRepair'),
    ],
    [
      'what is begun was decided in the lease that still runs',
      limits.leaseMs,
      4 * taskMs('Assess') + 3 * secondMs + limits.decisionAgeMaxMs,
    ],
    ['two reads of the world fit in one assess', limits.assessMs, 2 * limits.gatherMs],
    ['assess’s answer reaches its task', taskMs('Assess'), limits.assessMs + secondMs],
    [
      'apply is over before its task is: no write outlives the state that waits for it',
      taskMs('DivertRoutes'),
      limits.applyMs + secondMs,
    ],
    [
      'after an unanswered write nothing of it is under way',
      States['WaitOutWrite']!.Seconds * secondMs,
      limits.applyMs + limits.requestLandsMs + 1,
    ],
    [
      'after a dead holder its `writeUntil` and the grace are over',
      States['WaitOutWriter']!.Seconds * secondMs,
      limits.applyMs + limits.leaseGraceMs + 1,
    ],
    [
      '... and users wait no longer for it',
      limits.applyMs + limits.requestLandsMs + 2 * secondMs,
      States['WaitOutWrite']!.Seconds * secondMs,
    ],
    [
      '... nor for a dead holder',
      limits.applyMs + limits.leaseGraceMs + 2 * secondMs,
      States['WaitOutWriter']!.Seconds * secondMs,
    ],
    ['... nor for a function that gave no answer', limits.applyMs + 6 * secondMs, taskMs('DivertRoutes')],
    [
      'an order beside a rescue is given or left before the slowest write would be: the next look waits for no speaker',
      limits.applyMs,
      besideMs,
    ],
    ['a run is relieved well before Step Functions stops it', limits.runMs, limits.runRelievedMs + 30 * minuteMs],
    ['a busy run still has turns after a quiet one was relieved', limits.turnsMax, limits.turnsRelievedMin + 50],
    ['the turns’ events fit in a history, a fifth to spare', 0.8 * historyEventsMax, 40 * limits.turnsMax],
    [
      'evidence that is dated ahead is fresh for twice as long at most',
      2 * presets.balanced.freshMaxMs,
      limits.aheadMaxMs,
    ],
    ['... and clocks that err both ways are borne', limits.aheadMaxMs, 2 * limits.clockSkewMs],
    [
      'reports asked for too long ago prove no more than reports that are too old',
      presets.balanced.freshMaxMs,
      limits.reportsHoldMs,
    ],
    [
      'reports kept while the rest is waited for stay fresh: a report’s interval, what it lay, and as long to be written',
      presets.balanced.freshMaxMs,
      presets.balanced.reportIntervalMs + 2 * limits.reportsKeepMs,
    ],
    ['a state of Step Functions holds the memory twice, as JSON in JSON', 256 * 1024, 4 * limits.memoryBytesMax],
    [
      'what will not pass by itself is told less often than what may',
      limits.refusalToldAgainMs,
      2 * limits.toldAgainMs,
    ],
  ])('%s', (_, longer, shorter) => {
    expect(longer).toBeGreaterThanOrEqual(shorter);
  });

  it('stops a run when core says so', () => {
    expect(TimeoutSeconds * secondMs).toBe(limits.runMs);
  });
});

describe('sentences that say a number', () => {
  const s = (ms: number): string => `${ms / secondMs} s`;
  const leaseOver = s(limits.leaseMs + limits.leaseGraceMs);
  const [p, d, skew] = [limits.applyMs, limits.requestLandsMs, limits.clockSkewMs];
  const [m, g] = [limits.leaseMarginMs, limits.leaseGraceMs];
  const hours = ['no hours', 'an hour', 'two hours', 'three hours'][limits.runRelievedMs / (60 * minuteMs)];

  it.each([
    ['docs/ARCHITECTURE.md', `or its lease ended more than ${s(g)} ago`],
    ['docs/ARCHITECTURE.md', `when its lease was last renewed ${s(limits.absentAfterMs)} ago or more`],
    [
      'docs/ARCHITECTURE.md',
      `After ${limits.turnsRelievedMin} turns with nothing to do, ${limits.turnsMax} whatever there is to do, or ${hours}`,
    ],
    ['docs/ARCHITECTURE.md', `needs ${s(m)} of it left`],
    ['docs/ARCHITECTURE.md', `What was decided more than ${s(limits.decisionAgeMaxMs)} ago is not begun`],
    ['docs/ARCHITECTURE.md', `With M the lease a write needs (${s(m)}), G the grace before a take (${s(g)})`],
    [
      'docs/ARCHITECTURE.md',
      `(bounded by apply's ${s(p)}), D the time a request may still be under way (${s(d)} assumed`,
    ],
    [
      'docs/ARCHITECTURE.md',
      `s the clock skew (${s(skew)}): M + G >= P + D + 2s rules it out, ${(m + g) / secondMs} >= ${(p + d + 2 * skew) / secondMs}`,
    ],
    ['the definition', `renewed its lease less than ${s(limits.absentAfterMs)} ago is there`],
    ['the definition', `may live for its Lambda timeout, ${s(p)}, and`],
    ['the definition', `Apply lives at most ${s(p)}, and its last request may take ${s(d)} to land`],
    ['the definition', `It ends by itself in ${leaseOver}.`],
    ['docs/MODEL.md', `assumes clocks within ${s(skew)} of the true time and requests that land within ${s(d)}`],
    ['docs/ARCHITECTURE.md', `by an answer at most ${s(presets.balanced.freshMaxMs)} old`],
    [
      'docs/ARCHITECTURE.md',
      `Something is due within ${limits.dueSoonMs === 10 * minuteMs ? 'ten minutes' : s(limits.dueSoonMs)}`,
    ],
    ['docs/decisions/012-routes-last-seen.md', `seen at most ${limits.lastSeenMs / minuteMs} minutes ago`],
    ['docs/decisions/029-one-call-before-a-write.md', `uses it for ${s(limits.itemKeepMs)} if holder and token`],
    [
      'docs/decisions/029-one-call-before-a-write.md',
      `within ${limits.fenceKeepMs === 500 ? 'half a second' : s(limits.fenceKeepMs)} of it`,
    ],
    ['docs/MODEL.md', `where ${States['WaitOutWrite']!.Seconds} are needed, as it waits now`],
    ['docs/OPERATIONS.md', `its lease ends within ${leaseOver}`],
    ['docs/GLOSSARY.md', `A lease lasts ${s(limits.leaseMs)}`],
    ['core/store/lease.ts', `AwaitNews(+${s(limits.leaseMs)})`],
    ['core/store/lease.ts', `leaseUntil + grace ${s(g)}`],
    ['core/store/lease.ts', `a write needs ${s(m)} of it left`],
    [
      'core/words/policy.ts',
      `outlives the longest sleep (${s(limits.sleepMaxMs)}) and one assess (${s(limits.assessMs)}), each with retries`,
    ],
    ['core/words/policy.ts', `fits Assess's ${s(limits.assessMs)}`],
    ['docs/OPERATIONS.md', `used up its turns or its ${hours}`],
    [
      'docs/ARCHITECTURE.md',
      `the same thing once in ${limits.toldAgainMs / minuteMs} minutes, that the table refuses us once in ${limits.refusalToldAgainMs / minuteMs}`,
    ],
  ])('%s: "%s"', (file, sentence) => {
    const written = file === 'the definition' ? failoverDefinition() : readFileSync(join(root, file), 'utf8');
    const text = written.replace(/\n \*|[\n ]+/g, ' ');
    expect(text.replace(/ +/g, ' ').includes(sentence) ? sentence : `not in ${file}`).toBe(sentence);
  });
});
