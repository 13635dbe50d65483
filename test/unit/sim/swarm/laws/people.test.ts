/** The law of telling: nobody hears a thing twice from one memory, and each memory answers for itself. */
import { laws } from '../../../../../core/decide/invariants';
import type { Execution, HistoryEvent } from '../../../../../local-cloud/asl/runner';
import type { Scene } from '../../../../../sim/swarm/law';
import { PeopleLaws } from '../../../../../sim/swarm/laws/people';
import type { RouteWriteLaws } from '../../../../../sim/swarm/laws/route-writes';
import { drawSite } from '../../../../../sim/swarm/site';

const deployment = drawSite(0);
const [connection] = Object.keys(deployment.connections);

interface Telling {
  readonly by: 'NotifyPeople' | 'NotifyWithoutTable';
  readonly text: string;
  /** The run that could not start the one that tells. */
  readonly unstarted?: string;
}

/** Tells each of these 15 s after the one before it, and says how the law is broken in the end. */
function judged(tellings: readonly Telling[]): string[] {
  const broken: string[] = [];
  let now = 1_000_000;
  const scene = {
    deployment,
    now: () => now,
    judged: () => {},
    broken: (law: string) => broken.push(law),
    items: { at: () => undefined },
  };
  const writes = {
    tried: new Map(),
    written: new Map(),
    triedOf: new Map(),
    overwritten: new Map(),
    moves: { perhapsRest: new Map() },
  };
  const law = new PeopleLaws(scene as unknown as Scene, writes as unknown as RouteWriteLaws);
  for (const { by, text, unstarted } of tellings) {
    now += 15_000;
    const message = `${text}\n\nNow:`;
    const enters = (name: string) => ({ type: 'TaskStateEntered', stateEnteredEventDetails: { name } });
    const before = unstarted === undefined ? [] : [enters('StartTelling')];
    const parameters = JSON.stringify({ Message: message });
    const scheduled = { type: 'TaskScheduled', taskScheduledEventDetails: { parameters } };
    law.onState(
      scheduled as unknown as HistoryEvent,
      { name: unstarted ?? 'run', history: [...before, enters(by), scheduled], input: '{}' } as unknown as Execution,
    );
    law.onNotice({ at: now, topicArn: 't', subject: `[switchback ${connection}] Users dark`, message });
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
  expect(judged(runs.map((by, i) => ({ by, text: dark(24 + i) })))).toEqual(Array(violations).fill(laws.told));
});

it('lets runs that could not start the one that tells repeat each other, and none of them itself', () => {
  const by = 'NotifyWithoutTable';
  const said = (...runs: string[]) => judged(runs.map((unstarted, i) => ({ by, unstarted, text: dark(24 + i) })));
  expect(said('one', 'other')).toEqual([]);
  expect(said('one', 'one')).toHaveLength(1);
});

it('lets a run without the table say all it sees beside what is new', () => {
  const by = 'NotifyWithoutTable';
  const missing = 'EC2 lists no route table rtb-1';
  expect(
    judged([
      { by, text: missing },
      { by, text: `${dark(31)}\n${missing}` },
    ]),
  ).toEqual([]);
  expect(
    judged([
      { by, text: missing },
      { by, text: `${missing}\n${dark(31)}` },
    ]),
  ).toHaveLength(1);
});

describe('one decision moved two sets', () => {
  const moved = 1_000;
  /** `withTable`: decisions handed to apply; `without`: those of runs that had no lock table; `flaps`: in the budget. */
  function broken(lines: readonly string[], { without = 0, flaps = 1 } = {}): string[] {
    const found: string[] = [];
    const memory = JSON.stringify({ budgets: { moves: Array.from({ length: flaps }, (_, i) => moved + i) } });
    const scene = {
      deployment: { connections: { paris: { name: 'paris', routeSets: { office: {}, lab: {} } } } },
      startedAt: 0,
      judged: () => {},
      broken: (law: string, how: string) => found.push(`${law}: ${how}`),
      items: { at: () => ({ memory: { S: memory } }) },
    };
    const writes = {
      tried: new Map([
        ['paris with the lease', new Set([moved])],
        ['paris fail open', new Set(Array.from({ length: without }, (_, i) => i))],
      ]),
      written: new Map([['paris with the lease', new Set([moved])]]),
      moves: { perhapsRest: new Map() },
      triedOf: new Map([['paris', new Map(['office', 'lab'].map((set) => [set, new Set([moved])]))]]),
      overwritten: new Map(),
    };
    const law = new PeopleLaws(scene as unknown as Scene, writes as unknown as RouteWriteLaws);
    for (const line of lines)
      law.onNotice({ at: 0, topicArn: 't', subject: '[switchback paris] move', message: `${line}\n\nNow:` });
    law.atEnd();
    return found;
  }
  const office = 'divert: office from a to b: path a is down';
  const lab = 'divert: lab from a to b: path a is down';

  it('may tell them together or apart, and neither of them twice', () => {
    expect(broken(['divert: office from a to b, lab from a to b: path a is down'])).toEqual([]);
    expect(broken([office, lab])).toEqual([]);
    expect(broken([office, lab, office])).toEqual([`${laws.oneMove}: paris: office was moved 1 times, told 2 times`]);
    expect(broken([])).toEqual([`${laws.told}: paris: moved 1 times with the lease, told 0 times`]);
  });

  it('tells a move without the lock table as often as it was tried there', () => {
    const unlocked = 'The lock table did not answer: office went from a to b';
    expect(broken([office, lab, unlocked], { without: 1 })).toEqual([]);
    expect(broken([office, lab, unlocked, unlocked], { without: 1 })).toEqual([
      `${laws.oneMove}: paris: moved 1 times fail open, told 2 times`,
    ]);
  });

  it('counts once what it moved, and what was moved without the table as well', () => {
    expect(broken([office, lab], { flaps: 2 })).toEqual([`${laws.oneMove}: paris: moved 1 times, counted 2 times`]);
    const found = 'divert: office from b to a: found there; the run that moved it could not write so down';
    expect(broken([office, lab, found], { flaps: 2, without: 1 })).toEqual([]);
  });
});
