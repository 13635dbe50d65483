/** The law of telling: nobody hears a thing twice from one memory, and each memory answers for itself. */
import type { Execution, HistoryEvent } from '../../../sim/asl/runner';
import type { Scene } from '../../../sim/swarm/law';
import { PeopleLaws } from '../../../sim/swarm/laws/people';
import type { RouteWriteLaws } from '../../../sim/swarm/laws/route-writes';
import { drawSite } from '../../../sim/swarm/site';

const deployment = drawSite(0);
const [connection] = Object.keys(deployment.connections);

/** Tells each of these 15 s after the one before it, and says how the law is broken in the end. */
function judged(tellings: readonly { readonly by: 'NotifyPeople' | 'NotifyWithoutTable'; readonly text: string }[]) {
  const broken: string[] = [];
  let now = 1_000_000;
  const scene = {
    deployment,
    now: () => now,
    judged: () => {},
    broken: (_: string, how: string) => broken.push(how),
    items: { at: () => undefined },
  };
  const writes = { tried: new Map(), written: new Map(), overwritten: new Map() };
  const law = new PeopleLaws(scene as unknown as Scene, writes as unknown as RouteWriteLaws);
  for (const { by, text } of tellings) {
    now += 15_000;
    const message = `${text}\n\nNow:`;
    const entered = { type: 'TaskStateEntered', stateEnteredEventDetails: { name: by } };
    const parameters = JSON.stringify({ Message: message });
    const scheduled = { type: 'TaskScheduled', taskScheduledEventDetails: { parameters } };
    law.onState(
      scheduled as unknown as HistoryEvent,
      { history: [entered, scheduled], input: '{}' } as unknown as Execution,
    );
    law.onNotice({ at: now, topicArn: 't', subject: `[switchback] ${connection}: dark`, message });
  }
  law.atEnd();
  return broken;
}

const dark = (seconds: number): string => `users of set-0 get no answer, for ${seconds} s: path a is down`;

it.each([
  ['the same run of memory says it again', ['NotifyPeople', 'NotifyPeople'], 1],
  ['runs without the table say it again', ['NotifyWithoutTable', 'NotifyWithoutTable'], 1],
  ['it was told without the table, and again once there is a memory', ['NotifyWithoutTable', 'NotifyPeople'], 0],
  ['the table goes away after it was told', ['NotifyPeople', 'NotifyWithoutTable'], 0],
  ['memory says it on both sides of a gap', ['NotifyPeople', 'NotifyWithoutTable', 'NotifyPeople'], 1],
] as const)('%s', (_, runs, violations) => {
  expect(judged(runs.map((by, i) => ({ by, text: dark(24 + i) })))).toHaveLength(violations);
});
