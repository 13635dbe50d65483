/** The law of the voice: users in trouble are told of in time, and nothing is called well while they are dark. */
import { laws } from '../../../../../core/decide/invariants';
import type { QuietWindow } from '../../../../../core/words/domain';
import type { Execution, HistoryEvent } from '../../../../../local-cloud/asl/runner';
import { HeardLaw } from '../../../../../sim/swarm/laws/heard';
import { connection, deployment, t0 } from '../../../../given';
import { beganAgo, FabricatedScene, type Given } from './scene';

const tickMs = 5_000;

interface Trouble extends Given {
  /** Dark from the beginning, for so long. */
  readonly darkMinutes?: number;
  /** This share of packets is lost on the path users are on. */
  readonly lossRatio?: number;
  /** Minutes at which people are told something of paris. */
  readonly toldAt?: readonly number[];
  readonly quiet?: readonly QuietWindow[];
}

/** What the law says of ten minutes. */
function brokenBy({ darkMinutes = 0, lossRatio = 0, toldAt = [], quiet, ...given }: Trouble): string[] {
  const darkMs = darkMinutes * 60_000;
  const isDark = (): boolean => world.at - t0 < darkMs;
  const world = new FabricatedScene({
    ...given,
    deployment: deployment(connection(quiet && { quiet })),
    world: {
      pathOf: () => 'a',
      usersServed: () => !isDark(),
      hardshipOn: () => ({ lossRatio, extraMs: 0 }),
      machineOf: () => ({ state: 'stopped', stoppingSince: t0 - 60_000 }),
    },
    truth: { darkForMs: () => (isDark() ? world.at - t0 + 1 : 0) },
  });
  const law = new HeardLaw(world.scene);
  for (let ms = 0; ms <= 10 * 60_000; ms += tickMs) {
    world.at = t0 + ms;
    const subject = '[switchback paris] Users get no answers';
    if (toldAt.some((minute) => minute * 60_000 === ms))
      law.onNotice({ at: world.at, topicArn: 't', subject, message: '' });
    law.onTick();
  }
  return world.broke;
}

const allDay = [{ days: ['sun', 'mon'], fromMinute: 0, toMinute: 1_440, timezone: 'UTC' }] as const;
const stopped = (...gateways: string[]) =>
  gateways.map((gateway) => ({ at: beganAgo(60_000), do: 'stop_instance', gateway }));
const putBack = (ms: number) => [{ at: beganAgo(ms), do: 'route_by_hand', table: 'rtb-1' }];
const always = [{ fromMs: 0, untilMs: 9_000_000 }];

it.each<[string, Trouble, readonly string[]]>([
  ['dark, and nobody is told', { darkMinutes: 10 }, [laws.heard]],
  ['dark, and somebody is told', { darkMinutes: 10, toldAt: [1] }, []],
  ['dark for less than it takes to see it', { darkMinutes: 1 }, []],
  ['dark, and told of when it is too late', { darkMinutes: 10, toldAt: [9] }, [laws.heard]],
  ['dark while the cloud misbehaves', { darkMinutes: 10, troubles: always }, []],
  ['dark, all machines being off on purpose', { darkMinutes: 10, quiet: allDay, steps: stopped('gw-a', 'gw-b') }, []],
  ['dark, one machine being off on purpose', { darkMinutes: 10, quiet: allDay, steps: stopped('gw-a') }, [laws.heard]],
  ['on a path that loses half, and nobody is told', { lossRatio: 0.5 }, [laws.heard]],
  ['on a path that loses half, and somebody is told', { lossRatio: 0.5, toldAt: [1] }, []],
  ['on a path that loses little', { lossRatio: 0.02 }, []],
])('users are %s', (_, trouble, expected) => {
  expect(brokenBy(trouble)).toEqual(expected);
});

it.each<[string, string, number, readonly string[], Given['steps']?]>([
  ['Finished', 'while users have been dark for long', 5, [laws.finished]],
  ['Finished', 'when users have just become dark', 1, []],
  ['Finished', 'when they are served', 0, []],
  ['Finished', 'when a hand has just put their route back', 5, [], putBack(2_000)],
  ['Finished', 'long after a hand has put their route back', 5, [laws.finished], putBack(20_000)],
  ['Parked', 'while users have been dark for long', 5, []],
])('a run ends in %s %s', (state, _, darkMinutes, expected, steps = []) => {
  const world = new FabricatedScene({ steps, truth: { darkForMs: () => darkMinutes * 60_000 } });
  const history = [{ type: 'SucceedStateEntered', stateEnteredEventDetails: { name: state } }];
  const run = { input: JSON.stringify({ connection: 'paris' }), history } as unknown as Execution;
  new HeardLaw(world.scene).onState({ type: 'ExecutionSucceeded' } as HistoryEvent, run);
  expect(world.broke).toEqual(expected);
});
