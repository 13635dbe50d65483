/**
 * The state machine is asked for something that can never be granted: a command for a connection that there is none of.
 * It must be refused, in a run that takes no lease. Step Functions' own history of it says how long each step took.
 */
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { attempt } from '../../../adapters/attempt';
import { executionName } from '../../../adapters/stepfunctions/executions';
import { isRecord, parsed } from '../../../core/words/shape';
import { historyOf } from '../../operate/ask';
import { fail, unknown, well } from '../diagnosis';
import { type Samples, type SmokeGround, type SmokeStep, without } from './step';

/** Longer than any connection's name may be, so that none is ever called so. */
const nobody = `nobody-${'x'.repeat(32)}`;
/** Of each run only a few transitions show: several runs make a number of them. */
const runsCount = 5;

export const machine: SmokeStep = {
  name: 'machine',
  title: 'the state machine runs, asks its function, and refuses what nobody may have',
  async run(ground) {
    const runs: (readonly HistoryEvent[] | null)[] = [];
    for (let i = 0; i < runsCount; i++) runs.push(await refusedRun(ground, i));
    const whole = runs.flatMap((run) => (run === null ? [] : [run]));
    if (whole.length === 0)
      return without([unknown('', 'the run had not ended in time', 'ask again with a longer --timeout')]);
    const ends = whole.map(endOf);
    const odd = ends.find((end) => end !== 'refused');
    const findings =
      odd === undefined
        ? [well(`${whole.length} runs, each refused as it should be`)]
        : [
            fail({
              about: 'the state machine',
              found: `a command that nobody may give ended as ${odd}`,
              why: 'a run that ends so in an incident helps nobody',
              mend: 'switchback explain',
            }),
          ];
    return { findings, samples: samplesOf(whole) };
  },
};

async function refusedRun({ session, timeoutMs }: SmokeGround, i: number): Promise<readonly HistoryEvent[] | null> {
  const { world, whereabouts } = session;
  const input = { trigger: 'acknowledge', connection: nobody, requestedBy: 'switchback smoke' };
  const command = new StartExecutionCommand({
    stateMachineArn: whereabouts.machine,
    name: executionName('asked', 'smoke', String(i), world.now()),
    input: JSON.stringify(input),
  });
  const tried = { operation: 'StartExecution', on: whereabouts.machine };
  const { executionArn = '' } = await attempt(world, tried, () => world.aws.sfn.send(command));
  const endsAt = world.now() + timeoutMs;
  while (world.now() < endsAt) {
    await world.sleep(1_000);
    const events = await historyOf(session, executionArn);
    if (events.some(({ type = '' }) => /^Execution(Succeeded|Failed|TimedOut|Aborted)$/.test(type))) return events;
  }
  return null;
}

function endOf(events: readonly HistoryEvent[]): string {
  const last = events.at(-1)!;
  const output = parsed(last.executionSucceededEventDetails?.output ?? '');
  if (isRecord(output) && typeof output['outcome'] === 'string') return output['outcome'];
  return last.executionFailedEventDetails?.error ?? last.type ?? 'nothing';
}

/** By Step Functions' own clock, so that it does not matter where the question came from. */
function samplesOf(runs: readonly (readonly HistoryEvent[])[]): Samples {
  const gaps = (after: RegExp, until: RegExp, isOurs: (event: HistoryEvent) => boolean = () => true): number[] =>
    runs.flatMap((events) => {
      const byId = new Map(events.map((event) => [event.id, event]));
      return events.flatMap((event) => {
        const before = byId.get(event.previousEventId ?? 0);
        if (before === undefined || !after.test(before.type ?? '') || !until.test(event.type ?? '') || !isOurs(before))
          return [];
        return [at(event) - at(before)];
      });
    });
  return {
    transition: gaps(/StateExited$/, /StateEntered$/),
    taskOverhead: gaps(/^TaskScheduled$/, /^TaskStarted$/),
  };
}

const at = ({ timestamp }: HistoryEvent): number => new Date(timestamp ?? 0).getTime();
