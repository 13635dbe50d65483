/**
 * Every number that judges and that operators choose, or that more than one place goes by, with its reason. A connection's
 * policy is one of the presets with overrides from `switchback.yaml`. The state machine is filled with these numbers
 * (infra/definition.ts), and the model, the waits and the functions' timeouts are made of them; what they must be longer
 * than is in test/conformance/numbers.test.ts. A threshold that a single rule knows stands beside that rule.
 *
 * Invariant: all spans are positive; `freshMaxMs` is longer than the canary's report interval.
 */
import type { Rung } from './rungs';
import { dayMs, hourMs, minuteMs, secondMs } from './time';

/** Fewer rounds than this say nothing about loss: at 40 % loss, 16 rounds look clean 3 times in 1,000. */
export const roundsForLossMin = 16;
const roundsForLossMax = 40;
/** What was lost before this counts no more, but where a window takes longer. */
const lossPastMs = 2 * minuteMs;

/**
 * How many rounds the loss ratio and the median round-trip time cover: 40, which is 20 s at the default, but none older
 * than two minutes where as few say enough. At a round each 10 s forty of them take seven minutes, and a path would be
 * left as severe long after it is well.
 */
export function windowRoundsOf({ roundIntervalMs }: Pick<Policy, 'roundIntervalMs'>): number {
  const inTime = Math.floor(lossPastMs / roundIntervalMs);
  return Math.min(roundsForLossMax, Math.max(roundsForLossMin, inTime));
}

export const windowMsOf = (policy: Pick<Policy, 'roundIntervalMs'>): number =>
  windowRoundsOf(policy) * policy.roundIntervalMs;

/** Loss from longer ago is past. */
export const lossPastMsOf = (policy: Pick<Policy, 'roundIntervalMs'>): number =>
  Math.max(lossPastMs, windowMsOf(policy));

/** The most that one round starts: more would not change a verdict, only annoy the peer. */
export const attemptsPerRound = 3;

/** A long silence is probed this many times at most, however closely: nine rounds in half a minute annoy nobody. */
const suspectRoundsMax = 8;

/** While nothing is answered, a round begins this long after the one before it, beside it. */
export const suspectEveryMs = ({ suspectIntervalMs, downAfterMs, roundIntervalMs }: Policy): number =>
  Math.min(roundIntervalMs, Math.max(suspectIntervalMs, Math.ceil(downAfterMs / suspectRoundsMax)));

/** Over which CloudWatch adds up the bytes of a VPN connection's tunnels. */
export const tunnelBytesPeriodMs = 5 * minuteMs;

export interface Policy {
  /** A canary starts a round this often. */
  readonly roundIntervalMs: number;
  /** Misses in a row that make `down`, where nothing was answered for `downAfterMs` either. */
  readonly downAfterRounds: number;
  /**
   * Nothing that was sent over so long a time was answered: no shorter outage makes `down`. The operator's `downAfterRounds`
   * is as many round intervals (docs/decisions/040).
   */
  readonly downAfterMs: number;
  /** While a round is unanswered the next begins this long after it. */
  readonly suspectIntervalMs: number;
  /** Answers in a row that end `down`. */
  readonly upAfterRounds: number;
  /** How long one attempt may take. */
  readonly attemptTimeoutMs: number;
  /** Further attempts start when the first has not answered by then. */
  readonly secondAttemptAfterMs: number;
  /** An unchanged verdict is reported this often. */
  readonly reportIntervalMs: number;
  /** Older evidence proves nothing. */
  readonly freshMaxMs: number;
  /** Metrics standing in for unreadable reports may be this old. */
  readonly metricsFreshMaxMs: number;
  /** A canary without a report for this long is silent. */
  readonly silentAfterMs: number;
  /** Loss above this is `degraded`. */
  readonly degradedLossRatio: number;
  /** Round-trip time above this is `degraded`. */
  readonly degradedRttMs: number;
  /** Loss at or above this, sustained, is `severe`. */
  readonly severeLossRatio: number;
  /** Round-trip time at or above this, sustained, is `severe`. */
  readonly severeRttMs: number;
  /** How long `severe` must last. */
  readonly severeAfterMs: number;
  /** A move may be judged by the service canary after this. */
  readonly confirmAfterMs: number;
  /** A path is left alone this long after a repair. */
  readonly repairSettleMs: number;
  /** An exhausted ladder is climbed again after this rest. */
  readonly ladderRestMs: number;
  /** Home must be healthy this long before failback. */
  readonly soakMs: number;
  /** Flapping doubles the soak, up to this. */
  readonly soakMaxMs: number;
  /** Failbacks per connection in 24 h. */
  readonly failbacks24hMax: number;
  /** Moves off severe paths per connection in 24 h. */
  readonly severeMoves24hMax: number;
  /** Repairs per connection in 24 h. */
  readonly repairs24hMax: number;
  /** Replacements per connection in 24 h. */
  readonly replaces24hMax: number;
  /** Each rung's deadline. */
  readonly rungDeadlineMs: Readonly<Record<Rung, number>>;
  /** A standby that has not carried traffic for this long is overdue for a drill. */
  readonly drillEveryMs: number;
  /** `manual`: a set goes home when a person gives the word (command `failback`), never by itself. */
  readonly failback: 'automatic' | 'manual';
  /** Failback only between these hours, UTC; absent: always. */
  readonly failbackWindow?: { readonly fromHourUtc: number; readonly toHourUtc: number };
}

/** What is not the operator's to choose, each with its reason. */
export const limits = {
  /** A lease outlives the longest sleep (30 s) and one assess (10 s), each with retries, and a write's margin after it. */
  leaseMs: 90 * secondMs,
  /** Clock skew allowance before somebody else's lease counts as expired (G in docs/ARCHITECTURE.md, "The window"). */
  leaseGraceMs: 5 * secondMs,
  /** Step Functions shows a new execution late: absent counts as ended only when its lease is older than this. */
  absentAfterMs: 30 * secondMs,
  /** Evidence dated further ahead than clocks drift proves nothing: it would stay fresh long after its observer died. */
  aheadMaxMs: 5 * secondMs,
  /** A write starts only with this much lease left (M in docs/ARCHITECTURE.md, "The window"). */
  leaseMarginMs: 15 * secondMs,
  /** Assess may take this long: its questions' patience (`gatherMs`), twice over. */
  assessMs: 10 * secondMs,
  /** No write starts later than this after its journal was opened: apply is stopped (P in docs/ARCHITECTURE.md, "The window"). */
  applyMs: 15 * secondMs,
  /** Who points canaries at another instance answers within this, done or not: the document's step must hear it. */
  repinMs: 12 * secondMs,
  /** A request that was sent may still land this long. Assumed: AWS gives no bound (D in "The window"). */
  requestLandsMs: 3 * secondMs,
  /** Each clock against the true time, either way. Assumed (s in "The window"). */
  clockSkewMs: secondMs,
  /** An execution that lasts longer is stopped by Step Functions, holding its lease. */
  runMs: 3 * hourMs,
  /** So one this old that has nothing to do starts its successor and ends. */
  runRelievedMs: 2 * hourMs,
  /** So does one with this many turns: an execution's history ends at 25,000 events, and a usual turn has 20. */
  turnsRelievedMin: 400,
  /** And whatever is to be done after this many: a turn with everything in it has 40 events. */
  turnsMax: 500,
  /** Without the lock table nothing remembers what was told: people are told the same thing this often. */
  toldAgainMs: 10 * minuteMs,
  /** And this often that the table refuses us, which will not pass by itself. */
  refusalToldAgainMs: hourMs,
  /** An automation that nobody can find any more is over this long after its rung's deadline; one that had begun, failed. */
  lostAutomationMs: minuteMs,
  /**
   * A decision older than this is not begun, because the world has moved on since. The state machine and `apply` both
   * ask.
   */
  decisionAgeMaxMs: 20 * secondMs,
  /** A rescue waits this long for what it does not need; most looks are complete in half of it. */
  rescueWaitMs: secondMs,
  /** Everything else is waited for this long. One turn, its two reads of DynamoDB included, fits Assess's 10 s. */
  gatherMs: 5 * secondMs,
  /** The route tables are worth waiting for nearly as long: without them nothing planned is moved, and nobody is tried elsewhere. */
  routesPatienceMs: 4_500,
  /** Without the lock table, who a gateway is must be told within this; users are in the dark meanwhile. */
  standInWaitMs: secondMs,
  /** What can stand in for a slow answer is asked for after this: the slowest of thirty reads of EC2 take longer. */
  standInAfterMs: secondMs / 2,
  /** Routes seen longer ago are no ground for a rescue, even where EC2 shows none: three sweeps have missed them. */
  lastSeenMs: 3 * minuteMs,
  /** The sweep waits this long for the route tables: in an hour in which EC2 is slow, nobody else sees them. */
  sweepPatienceMs: 8 * secondMs,
  /** Reports that have lain this long while the rest was waited for are read again. */
  reportsKeepMs: secondMs / 2,
  /** Reports asked for longer ago prove nothing any more: whatever they say, too much may have happened since. */
  reportsHoldMs: 3 * secondMs,
  /** A rescue's routes are as good as read anew within this time, and need not be: about as old as those of a second wave. */
  routesKeepMs: 1_500,
  /** The item that taking the lease showed is as good as read anew within this time. */
  itemKeepMs: 3 * secondMs,
  /** The lease as the journal's opening showed it is the fence of writes sent within this; later ones read it again. */
  fenceKeepMs: secondMs / 2,
  /** How long after its writer's end a write may still land and be shown, on two clocks. */
  landingMs: minuteMs,
  /** One sleep; the safety net under a lost wake-up. */
  sleepMaxMs: 30 * secondMs,
  /** Something due within this keeps the run alive instead of parking. */
  dueSoonMs: 10 * minuteMs,
  /**
   * DynamoDB refuses items over 400 KB and Step Functions states over 256 KB, which hold it twice, as JSON in JSON; a
   * write costs by the kilobyte. Usually one or two are filled; this is for the worst day of thirty route sets.
   */
  memoryBytesMax: 64 * 1024,
  /** A plan larger than this is refused by the configuration: EC2's bucket would take minutes to empty. */
  planStepsMax: 1_000,
  /** A drain longer than this is forgotten work. */
  drainMsMax: 7 * dayMs,
  /** EC2 shows a state change up to this late; in a quiet window no repair begins before it could be seen. */
  quietDoubtMs: 30 * secondMs,
  /** A word that could not be followed for a day was given for another day's home. */
  failbackWordMs: dayMs,
  /** Users are on the standby for so long in a drill: time to confirm the move, and for every canary to be heard. */
  drillMs: 5 * minuteMs,
  /** A drill that could not begin for so long was asked for at another moment's health. */
  drillWordMs: 5 * minuteMs,
  /** A gateway remembers this many identities it had before: one a day at most comes of `replace`, few of rebuilding. */
  formerIdentitiesMax: 8,
  /** Users without an answer for this long are told about: long enough to outlive a rescue. (DESIGN 6.) */
  darkToldMs: minuteMs,
  /** Where nobody can be told (SNS refuses every mail), another path is tried for users who have been dark for this long. */
  darkUntoldMs: 90 * secondMs,
  /** Even where routes have just been moved, and the move may still help. */
  darkToldMaxMs: 75 * secondMs,
  /** Users who would be told of as dark this soon are told of with a mail that is sent now. */
  companyMs: 10 * secondMs,
  /** While reports can be had from metrics alone, which reach back 30 s and are 10 s late. */
  metricsToldMs: 15 * secondMs,
  /** Users who hardly get through: a canary needs 10 s to be sure, and nobody may be hurt for 90 s unheard. (DESIGN 13.) */
  hurtToldMs: 75 * secondMs,
  /** Latency is told about after as long as its alarm takes. */
  slowToldMs: 3 * minuteMs,
  /** Route writes that get no answer are told about after this; a refusal at once. */
  unwrittenToldMs: 20 * secondMs,
  /** Two ends on two paths are probably being moved: for so long nothing is finished for them. */
  splitHoldMs: 20 * secondMs,
  /** After this people hear of it. */
  splitToldMs: minuteMs,
  /** A replacement that nobody could journal, nor the sweep adopt, is told about after this. */
  unjournalledToldMs: hourMs,
  /** Declared ids that are still not written down are told about after this: the sweep tries each minute. */
  undeclaredToldMs: 5 * minuteMs,
  /** A canary's function is started anew within a minute, and a deployment replaces it in less than three. */
  unheardToldMs: 5 * minuteMs,
  /** Canaries whose metrics arrive do run: that none can write its report is a refusal or an outage, told within minutes. */
  unwritableToldMs: minuteMs,
  /** Neither reports nor metrics can be read: whatever has begun to fail meanwhile, nobody sees it. */
  blindToldMs: minuteMs,
  /** A drain or pause that ends while its machine is still being worked on is told about this long before. */
  endingToldMs: 10 * minuteMs,
  /** And this long after it nothing is repaired there: whoever works has been told, and needs a moment. */
  endedGraceMs: 10 * minuteMs,
  /** People are reminded of users who get nothing, and of writes that are refused, this often. */
  remindUrgentMs: 15 * minuteMs,
  /** And of anything else that waits for them. */
  remindMs: 4 * hourMs,
  /** So many unlisted routes inside listed ones are named one by one. */
  shadowsToldMax: 8,
  /** Moves of the day beyond these lengthen no soak any more: it has long been doubled past a day. */
  movesCountedMax: 32,
  /** A tunnel whose second new endpoint of the day is no better has its fault elsewhere. */
  tunnelReplaces24hMax: 2,
  /** Memory keeps as many entries of a budget, or as many as its policy counts: the next deployment may allow more. */
  budgetKeptMin: 16,
  /** An incident remembers this many repairs; the ladder has five rungs and at most four paths. */
  rungsRememberedMax: 32,
} as const;

/** 500 ms, then 0.8 s of silence: dark for about 1.2 s plus AWS's hops; the load of two connections a second per canary. */
const balanced: Policy = {
  roundIntervalMs: 500,
  downAfterMs: 785, // Of outages of 200 ms on average, 2 in 100 last longer.
  suspectIntervalMs: 200, // The second and third attempt have had 50 ms; a fourth round fits into the 785 ms.
  downAfterRounds: 3, // 10 % loss misses three attempts in a round once in 1,000, three rounds in a row once in 10^9.
  upAfterRounds: 3,
  attemptTimeoutMs: 450, // Ends before the next round starts.
  secondAttemptAfterMs: 150, // Three times a continental round trip.
  reportIntervalMs: 2 * secondMs, // Each round would cost four times the writes and prove no more.
  freshMaxMs: 3 * secondMs, // One report interval and a late write.
  metricsFreshMaxMs: 30 * secondMs, // EMF needs up to 10 s to become visible.
  silentAfterMs: 10 * secondMs, // Four reports missed.
  degradedLossRatio: 0.05, // TCP halves its speed about here.
  degradedRttMs: 200, // The mission's own alarm threshold.
  severeLossRatio: 0.2, // Interactive use ends about here; a round of three attempts still mostly answers.
  severeRttMs: 1_000,
  severeAfterMs: 60 * secondMs, // Long enough to outlive a rekey or a burst.
  confirmAfterMs: 20 * secondMs, // ReplaceRoute takes effect within 8 s at p99; then the canary needs its rounds.
  repairSettleMs: 90 * secondMs, // IKE and BGP need up to 75 s after boot.
  ladderRestMs: 30 * minuteMs, // Capacity comes back within hours; the budget of the day bounds the climbs.
  soakMs: 3 * minuteMs,
  soakMaxMs: 30 * minuteMs,
  failbacks24hMax: 6,
  severeMoves24hMax: 4,
  repairs24hMax: 8,
  replaces24hMax: 1, // Replacement is the one rung that leaves something behind.
  rungDeadlineMs: {
    'clear-source-dest-check': minuteMs, // Three calls, each asked again once or twice.
    'restart-tunnel': 90 * secondMs, // Run Command delivery 30 s, restart, one retry.
    reboot: 8 * minuteMs, // A hung node is reset by force after minutes.
    'stop-start': 12 * minuteMs, // A forced stop can take 5 min, a start 1 min.
    replace: 50 * minuteMs, // Its steps' own limits, one after the other, all attempts and the way back included.
    'replace-tunnel': 20 * minuteMs, // AWS says "several minutes"; others have waited ten.
    drain: minuteMs, // Run Command delivery 2 s at the median, 25 s at p99, and what the script may watch.
    undrain: minuteMs,
    attract: minuteMs, // As those: delivery, and the few seconds that IKE takes.
  },
  failback: 'automatic',
  drillEveryMs: 90 * dayMs, // A quarter: what nobody has used for longer, somebody has changed.
};

/** Named starting points; `calm` suits metered or rate-limited peers. */
export const presets = {
  balanced,
  fast: {
    ...balanced,
    roundIntervalMs: 200,
    downAfterMs: 550, // Half a second and a round trip: what that outage loses. Of 200 ms on average, 6 in 100 last longer.
    suspectIntervalMs: 110,
    attemptTimeoutMs: 190,
    secondAttemptAfterMs: 80,
    reportIntervalMs: 1_000, // A divert waits for the other path's next report: its proof must be newer than the fault.
  },
  calm: {
    ...balanced,
    roundIntervalMs: 2_000,
    downAfterMs: 2_000,
    suspectIntervalMs: 600,
    attemptTimeoutMs: 1_500,
    secondAttemptAfterMs: 400,
    reportIntervalMs: 2_000,
  },
} as const satisfies Record<string, Policy>;

export type Preset = keyof typeof presets;
export const budgetWindowMs = 24 * hourMs;
