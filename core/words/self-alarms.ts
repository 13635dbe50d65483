/**
 * What each alarm about Switchback itself means, in the words people get: in the notice that a function writes, and in the
 * alarm's own description, which CloudWatch sends where that function is what is broken. By the alarm's name without the
 * deployment's.
 */

export interface SelfAlarm {
  /** For a subject: a clause of a few words. */
  readonly short: string;
  /** A sentence: what it means for those who rely on us. */
  readonly means: string;
  /** What happens meanwhile, whoever does it. */
  readonly next: string;
  /** Of our own command line, without its name: what shows more, or mends it. */
  readonly commands: readonly string[];
}

const runsAgain = 'the sweep starts the next run within a minute; until one succeeds routes stay where they are';
const runCommands = ['history --since 1h', 'explain', 'status'];

const alarms = {
  'self/executions-failed': {
    short: 'a failover run failed',
    means: 'A failover execution failed: its routes were left as they were.',
    next: runsAgain,
    commands: runCommands,
  },
  'self/executions-timed-out': {
    short: 'a failover run ran out of time',
    means: 'A failover execution ran out of time: its routes were left as they were.',
    next: runsAgain,
    commands: runCommands,
  },
  'self/executions-aborted': {
    short: 'a failover run was stopped from outside',
    means: 'A failover execution was stopped from outside, in whatever it was doing.',
    next: runsAgain,
    commands: runCommands,
  },
  'self/undelivered': {
    short: 'signals were lost',
    means: 'Signals could not be delivered; the queue has them, and the sweep did their work.',
    next: 'the sweep looks each minute, so what is lost costs a minute at most',
    commands: ['doctor', 'status'],
  },
  'self/sweep-missing': {
    short: 'the sweep does not run',
    means: 'The sweep has not run for minutes: lost events stay lost.',
    next: 'failovers still start by events and canaries; nothing starts what no event has started',
    commands: ['doctor', 'status'],
  },
  'self/sweep-failing': {
    short: 'the sweep fails',
    means: 'The sweep failed three minutes in a row: it sees no connection, or has a mistake of ours.',
    next: 'failovers still start by events and canaries; nothing starts what no event has started',
    commands: ['doctor', 'status'],
  },
  'self/reports-unread': {
    short: 'nobody reads reports of canaries',
    means: 'Nobody reads the stream of reports: failovers wait for alarms and the sweep.',
    next: 'failovers start by alarms and the sweep, up to a minute later',
    commands: ['doctor', 'stop --undo'],
  },
  'self/watch-missing': {
    short: 'nobody asks AWS about tunnels',
    means: 'Nobody has asked AWS about tunnels for minutes: what is known of them grows old.',
    next: 'paths are judged by what crosses them; what AWS said of tunnels counts for nothing',
    commands: ['doctor', 'status'],
  },
  'self/watch-failing': {
    short: 'what AWS says of tunnels is lost',
    means: 'What AWS says of tunnels could not be reported three minutes in a row; its log says why.',
    next: 'paths are judged by what crosses them; what AWS said of tunnels counts for nothing',
    commands: ['doctor', 'status'],
  },
  'self/herald-failing': {
    short: 'an alarm could not be worded',
    means: 'An alarm about Switchback itself could not be put into words: CloudWatch has it, and this mail is its own.',
    next: 'each such alarm comes as Lambda wrote it, or not at all',
    commands: ['doctor', 'status'],
  },
  'people/drill-overdue': {
    short: 'a drill is overdue',
    means: 'A standby has not carried traffic for longer than drillEvery: nobody knows that it can.',
    next: 'nothing by itself; the standby would be used where home fails',
    commands: ['status', 'drill CONNECTION'],
  },
} as const satisfies Readonly<Record<string, SelfAlarm>>;

export type SelfAlarmName = keyof typeof alarms;

export const selfAlarms: Readonly<Record<SelfAlarmName, SelfAlarm>> = alarms;

export const isSelfAlarm = (name: string): name is SelfAlarmName => Object.hasOwn(alarms, name);

/** For the alarm itself: what CloudWatch's own mail says of it. */
export function selfAlarmText({ means, next, commands }: SelfAlarm, name: string, region: string): string {
  const each = commands.map((command) => commandText(command, name, region));
  return `${means} Meanwhile: ${next}. Look: ${each.join('; ')}`;
}

export const commandText = (command: string, name: string, region: string): string =>
  `switchback ${command} --name ${name} --region ${region}`;
