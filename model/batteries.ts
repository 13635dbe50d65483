/**
 * The batteries of `npm run model-check`: which model, with which faults, and what must come out. A broken variant that
 * is not caught is as much a failure as a law that does not hold.
 *
 * `holds`: the whole state space was searched and nothing was found. Otherwise the name of the law that must be
 * violated; docs/MODEL.md says what each means, and why some are violated by nature.
 */
import { limits } from '../core/words/policy';
import { secondMs } from '../core/words/time';
import { failoverDefinition } from '../infra/definition';

export interface Battery {
  readonly name: string;
  readonly model: 'lease' | 'gateway-lease' | 'window';
  readonly flags: string;
  /** `holds`, or the law that must be violated. */
  readonly expect: string;
  /** An LTL claim of the model, under weak fairness; otherwise assertions and end states are checked. */
  readonly claim?: string;
  /** Also in the short part for every push. */
  readonly quick?: true;
}

export const modelFolder = __dirname;

/** The state machine as deployed: its waits are the model's. */
export const failover = JSON.parse(failoverDefinition()) as {
  readonly States: Readonly<
    Record<string, { readonly Seconds?: number; readonly Arguments?: Readonly<Record<string, unknown>> }>
  >;
};

const seconds = {
  MARGIN: limits.leaseMarginMs / secondMs,
  GRACE: limits.leaseGraceMs / secondMs,
  LAMBDA: limits.applyMs / secondMs,
  WRITE_SPAN: limits.applyMs / secondMs,
  LANDING: limits.requestLandsMs / secondMs,
  SKEW: limits.clockSkewMs / secondMs,
};
const waitOutWrite = failover.States['WaitOutWrite']!.Seconds!;
const window = (flags: string, numbers: Partial<typeof seconds> = {}): Pick<Battery, 'model' | 'flags'> => {
  const defined = Object.entries({ ...seconds, ...numbers }).map(([name, value]) => `-D${name}=${value}`);
  return { model: 'window', flags: `${defined.join(' ')} ${flags}` };
};

const lease = (flags: string): Pick<Battery, 'model' | 'flags'> => ({ model: 'lease', flags });
const gateway = (flags: string): Pick<Battery, 'model' | 'flags'> => ({ model: 'gateway-lease', flags });
/** Three runs, the sweep, and sleeps that end by themselves. */
const full = (flags: string) => lease(`-DTIMEOUTS=1 -DSWEEP=1 ${flags}`);
const fair = (flags: string) => full(`-DFAIR -DLAWS=0 ${flags}`);
const holds = 'holds';

const law = { oneHolder: 1, oneWriter: 2, noSignalLost: 4, routesRight: 8, waiterWoken: 16 } as const;
/** A broken variant, judged by one law only. */
const broken = (what: string, expect: keyof typeof law, without: string, flags: string): Battery => ({
  name: `broken: ${what}`,
  ...lease(`-DBROKEN_${without} -DLAWS=${law[expect]} ${flags}`),
  expect,
  quick: true,
});

/** Without sweep and without timeouts: every signal must be answered at once, by the protocol alone. */
const bare: readonly Battery[] = [
  { name: 'no fault, 3 changes', ...lease('-DCHANGES=3'), expect: holds, quick: true },
  { name: 'a run stalls past its lease', ...lease('-DDUPLICATES=1 -DEXPIRIES=1'), expect: holds, quick: true },
  { name: 'the same twice, 3 changes', ...lease('-DCHANGES=3 -DEXPIRIES=2'), expect: holds },
  { name: 'a reply is lost, a run stalls', ...lease('-DDUPLICATES=1 -DEXPIRIES=1 -DLOST_REPLIES=1'), expect: holds },
  { name: 'a command, a run stalls', ...lease('-DCOMMANDS=1 -DEXPIRIES=1'), expect: holds },
  { name: 'an apply without an answer', ...lease('-DCHANGES=3 -DEXPIRIES=1 -DLOST_APPLIES=1'), expect: holds },
  { name: 'a take lands late', ...lease('-DCHANGES=3 -DLATE_TAKES=1'), expect: holds },
  { name: 'a wake-up is lost: needs the timeout', ...lease('-DLOST_WAKES=1'), expect: 'waiterWoken', quick: true },
  { name: '... and has it', ...lease('-DCHANGES=3 -DTIMEOUTS=1 -DLOST_WAKES=2'), expect: holds, quick: true },
  { name: 'Step Functions is silent', ...lease('-DCHANGES=3 -DUNASKED=1'), expect: holds },
  { name: '... with the sweep', ...full('-DUNASKED=1'), expect: holds },
  { name: 'a renewal lands late: needs the timeout', ...lease('-DCHANGES=3 -DLATE_RENEWS=1'), expect: 'noSignalLost' },
  { name: '... and has it', ...lease('-DCHANGES=3 -DTIMEOUTS=1 -DLATE_RENEWS=1'), expect: holds },
  { name: 'a holder crashes: needs the sweep', ...lease('-DCRASHES=1 -DTIMEOUTS=1'), expect: 'noSignalLost' },
];

const withSweep: readonly Battery[] = [
  { name: 'sweep: a crash', ...full('-DCRASHES=1'), expect: holds },
  { name: 'sweep: a crash, a stalled run', ...full('-DCRASHES=1 -DEXPIRIES=1'), expect: holds },
  { name: 'sweep: two crashes, a lost wake-up', ...full('-DCHANGES=1 -DCRASHES=2 -DLOST_WAKES=1'), expect: holds },
  {
    name: 'sweep: an event is lost, a crash',
    ...full(`-DCRASHES=1 -DLOST_EVENTS=1 -DLAWS=${law.oneHolder + law.oneWriter + law.routesRight}`),
    expect: holds,
  },
  { name: 'answered in the end: a crash', ...fair('-DCHANGES=1 -DCRASHES=1'), claim: 'answered', expect: holds },
  {
    name: 'answered in the end: a lost wake-up',
    ...fair('-DCHANGES=2 -DLOST_WAKES=1'),
    claim: 'answered',
    expect: holds,
  },
  {
    name: 'answered in the end: a crash, a stalled run',
    ...fair('-DRUNS=2 -DCHANGES=1 -DCRASHES=1 -DEXPIRIES=1'),
    claim: 'answered',
    expect: holds,
  },
  {
    name: 'answered in the end: a crash, but no sweep',
    ...lease('-DFAIR -DLAWS=0 -DTIMEOUTS=1 -DCHANGES=1 -DCRASHES=1'),
    claim: 'answered',
    expect: 'answered',
  },
  {
    name: 'every sleeper rises: without the timeout',
    ...lease('-DFAIR -DLAWS=0 -DCHANGES=1'),
    claim: 'sleepersRise',
    expect: 'sleepersRise',
  },
  {
    name: 'every sleeper rises: a crash',
    ...fair('-DCHANGES=1 -DCRASHES=1'),
    claim: 'sleepersRise',
    expect: holds,
  },
  {
    name: 'right in the end: a write outlives the lease',
    ...fair('-DRUNS=2 -DUNTIMED -DCHANGES=2 -DEXPIRIES=1'),
    claim: 'rightInTheEnd',
    expect: holds,
  },
  {
    name: 'right in the end: a route write lands late',
    ...fair('-DCHANGES=2 -DLATE_WRITES=1'),
    claim: 'rightInTheEnd',
    expect: holds,
  },
];

const brokenVariants: readonly Battery[] = [
  broken('AwaitNews without `signals`', 'waiterWoken', 'AWAIT_SIGNALS', ''),
  broken('AwaitNews without `signals`', 'noSignalLost', 'AWAIT_SIGNALS', ''),
  broken('AwaitNews without holder and token', 'noSignalLost', 'AWAIT_HOLDER', '-DCHANGES=3 -DEXPIRIES=1'),
  broken('ReleaseLease without `signals`', 'noSignalLost', 'RELEASE_SIGNALS', ''),
  broken('ReleaseLease without holder and token', 'noSignalLost', 'RELEASE_HOLDER', '-DCHANGES=3 -DEXPIRIES=1'),
  broken('Assess reads the counter last', 'noSignalLost', 'ASSESS_ORDER', ''),
  broken('TakeLease "or the holder is me", late copy', 'noSignalLost', 'TAKE_OR_ME', '-DLATE_TAKES=1'),
  broken('TakeOver without waiting out the writer', 'oneWriter', 'TAKE_OVER', '-DCRASHES=1'),
  broken('no waiting after an unanswered apply', 'routesRight', 'NO_WAIT_OUT', '-DLOST_APPLIES=1'),
  broken(
    'a lease lost after a write is not said',
    'routesRight',
    'LOST_IS_SILENT',
    '-DUNTIMED -DCHANGES=3 -DEXPIRIES=1',
  ),
  broken('a silent Step Functions counts as handed over', 'noSignalLost', 'GIVES_UP', '-DUNASKED=1'),
  broken('a refused run does not ask who holds', 'noSignalLost', 'NO_ASK', ''),
];

/** Violated by nature: what the page calls the window, and what it found. */
const windows: readonly Battery[] = [
  { name: 'a write outlives its lease', ...lease('-DUNTIMED -DEXPIRIES=1'), expect: 'oneWriter', quick: true },
  { name: 'a route write lands after apply', ...lease('-DLATE_WRITES=1'), expect: 'oneWriter' },
  { name: 'seconds: the lease, M + G', ...window(''), expect: holds, quick: true },
  { name: 'seconds: one less margin', ...window('', { MARGIN: seconds.MARGIN - 1 }), expect: 'oneWriter', quick: true },
  { name: 'seconds: TakeOver, writeUntil + G', ...window('-DTAKE_OVER=1'), expect: holds },
  {
    name: 'seconds: TakeOver, one less grace',
    ...window('-DTAKE_OVER=1', { GRACE: seconds.GRACE - 1 }),
    expect: 'oneWriter',
  },
  { name: 'seconds: WaitOutWrite', ...window(`-DWAIT=${waitOutWrite}`), expect: holds, quick: true },
  {
    name: 'seconds: WaitOutWrite, one second less',
    ...window(`-DWAIT=${waitOutWrite - 1}`),
    expect: 'looksAfterLanding',
  },
];

const gateways: readonly Battery[] = [
  { name: 'gateway: no fault', ...gateway(''), expect: holds, quick: true },
  { name: 'gateway: crashes', ...gateway('-DCRASHES=2'), expect: holds, quick: true },
  { name: 'gateway: every repair ends', ...gateway('-DFAIR -DCRASHES=1'), claim: 'repairsEnd', expect: holds },
  {
    name: 'gateway: broken: TakeGateway takes anything',
    ...gateway('-DBROKEN_TAKE'),
    expect: 'oneRepair',
    quick: true,
  },
  {
    name: 'gateway: broken: FreeGateway frees anything',
    ...gateway('-DBROKEN_FREE -DCRASHES=1'),
    expect: 'identityKept',
    quick: true,
  },
  { name: 'gateway: left unattended', ...gateway('-DUNATTENDED'), expect: 'identityKept' },
  {
    name: 'gateway: time says nothing',
    ...gateway('-DANY_TIME -DAGELESS -DSTALLS=1 -DLATE_TAKES=1 -DPATIENT -DLAWS=1'),
    expect: holds,
  },
  {
    name: 'gateway: broken: an automation begins without a claim',
    ...gateway('-DBROKEN_UNCLAIMED -DANY_TIME -DLAWS=1'),
    expect: 'oneRepair',
    quick: true,
  },
  {
    name: 'gateway: broken: TakeGateway overlooks the claim',
    ...gateway('-DBROKEN_CLAIMED -DANY_TIME -DLAWS=1'),
    expect: 'oneRepair',
    quick: true,
  },
  { name: 'gateway: a stalled run', ...gateway('-DSTALLS=1'), expect: holds },
  { name: 'gateway: a late take', ...gateway('-DLATE_TAKES=1'), expect: holds, quick: true },
  {
    name: 'gateway: a stalled run, a late take, nothing given up',
    ...gateway('-DSTALLS=1 -DLATE_TAKES=1 -DPATIENT'),
    expect: holds,
  },
  {
    name: 'gateway: broken: what was decided long ago is begun',
    ...gateway('-DAGELESS -DSTALLS=1'),
    expect: 'identityKept',
    quick: true,
  },
  { name: 'gateway: a rescue with an order', ...gateway('-DRUNGS=1 -DRESCUES=2'), expect: holds, quick: true },
  { name: 'gateway: the same, and repairs', ...gateway('-DRESCUES=2'), expect: holds },
  {
    name: 'gateway: the same, a crash, nothing given up',
    ...gateway('-DRESCUES=2 -DCRASHES=1 -DPATIENT -DLAWS=15'),
    expect: holds,
  },
  {
    name: 'gateway: a rescue with an order, a stalled run',
    ...gateway('-DRUNGS=1 -DRESCUES=2 -DSTALLS=1'),
    expect: holds,
  },
  {
    name: 'gateway: broken: the writes do not remember the order',
    ...gateway('-DBROKEN_UNREMEMBERED -DRESCUES=1 -DPATIENT -DLAWS=8'),
    expect: 'orderGiven',
    quick: true,
  },
  {
    name: 'gateway: broken: a journalled start counts for any order',
    ...gateway('-DBROKEN_ANY_JOURNAL -DRESCUES=2 -DPATIENT -DLAWS=8'),
    expect: 'orderGiven',
    quick: true,
  },
  {
    name: 'gateway: no repair is refused, a stalled run, a late take',
    ...gateway('-DSTALLS=1 -DLATE_TAKES=1 -DPATIENT -DLAWS=0 -DREACH=REFUSED_LATE'),
    expect: holds,
  },
  {
    name: 'gateway: broken: TakeGateway without the fence',
    ...gateway('-DBROKEN_UNFENCED -DLATE_TAKES=1 -DPATIENT -DLAWS=0 -DREACH=REFUSED_LATE'),
    expect: 'neverReached',
  },
];

/** The searches above are not empty: each of these states is said to be unreachable, and must be reached. */
const reached: readonly Battery[] = [
  ...[
    ['TAKEN_OVER', '-DCRASHES=1'],
    ['WOKEN', ''],
    ['TIMED_OUT', ''],
    ['SLEEP_REFUSED', ''],
    ['RELEASE_REFUSED', ''],
    ['LEASE_LOST', '-DEXPIRIES=1'],
    ['FENCED', '-DEXPIRIES=1'],
    ['WAITED_OUT', '-DCRASHES=1'],
    ['HELD_BY_ME', '-DLOST_REPLIES=1'],
    ['LOST_AFTER_WRITE', '-DEXPIRIES=1'],
  ].map(([place, flags]) => ({
    name: `reached: ${place}`,
    ...lease(`-DTIMEOUTS=1 -DLAWS=0 -DREACH=${place} ${flags}`),
    expect: 'neverReached',
  })),
  ...[
    ['REFUSED', '-DCRASHES=1'],
    ['SAME_START', '-DCRASHES=1'],
    ['FREED_BY_OTHER', '-DCRASHES=1'],
    ['REFUSED_LATE', '-DANY_TIME'],
    ['ORDER_AGAIN', '-DRESCUES=1'],
    ['ORDER_FIRST', '-DRESCUES=1'],
  ].map(([place, flags]) => ({
    name: `reached: gateway ${place}`,
    ...gateway(`-DLAWS=0 -DREACH=${place} ${flags}`),
    expect: 'neverReached',
  })),
];

export const batteries: readonly Battery[] = [
  ...bare,
  ...withSweep,
  ...brokenVariants,
  ...windows,
  ...gateways,
  ...reached,
];
