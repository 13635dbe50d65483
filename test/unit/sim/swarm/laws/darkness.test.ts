/** The law users feel: dark beside a path that is proven healthy, and nobody is at fault but us. */
import { laws } from '../../../../../core/decide/invariants';
import type { Mode } from '../../../../../core/words/domain';
import { DarknessLaw } from '../../../../../sim/swarm/laws/darkness';
import { connection, deployment, t0 } from '../../../../given';
import { FabricatedScene, type Given, type Plain } from './scene';

const tickMs = 5_000;

interface Dark extends Omit<Given, 'items'> {
  readonly mode?: Mode;
  readonly coupled?: boolean;
  readonly item?: Plain;
  /** How b’s canary reports it. */
  readonly reported?: string;
  readonly bWorks?: boolean;
  readonly isServed?: boolean;
  /** A route points at none of our paths. */
  readonly isForeign?: boolean;
  readonly isTurnedAway?: boolean;
}

/** Users of `office` are on a, and dark; b works and its canary says so: for this long. */
function brokenAfter(minutes: number, dark: Dark): string[] {
  const { mode = 'repair', coupled = false, item = {}, reported = 'healthy', bWorks = true } = dark;
  const given = new FabricatedScene({
    ...dark,
    deployment: deployment(connection({ mode, coupled })),
    items: { 'connection#paris lease': item },
    world: {
      usersServed: () => dark.isServed ?? false,
      pathOf: () => 'a',
      pathTo: () => (dark.isForeign ? null : 'a'),
      routes: { held: () => ({ id: 'eni-gw-a' }) },
      tunnels: { get: () => ({ usersBlocked: dark.isTurnedAway ?? false }) },
    },
    truth: { workedThroughout: (_: string, path: string) => path === 'b' && bWorks },
  });
  const law = new DarknessLaw(given.scene);
  for (let ms = 0; ms <= minutes * 60_000; ms += tickMs) {
    given.at = t0 + ms;
    given.put('paris/path-b', { verdict: reported, reportedAt: given.at - 1_000 });
    law.onTick();
  }
  return given.broke;
}

const paused = { paused: JSON.stringify({ until: t0 + 3_600_000 }) };
const drained = { drains: { b: JSON.stringify({ until: t0 + 3_600_000 }) } };

it.each<[string, number, Dark, readonly string[]]>([
  ['for ten minutes', 10, {}, [laws.dark]],
  ['for two, within the bound', 2, {}, []],
  ['and served all the while', 10, { isServed: true }, []],
  ['while b does not work', 10, { bWorks: false }, []],
  ['while b’s canary says it is down', 10, { reported: 'down' }, []],
  ['in mode observe', 10, { mode: 'observe' }, []],
  ['while people have paused us', 10, { item: paused }, []],
  ['while people have drained b', 10, { item: drained }, []],
  ['on routes of somebody else', 10, { isForeign: true }, []],
  ['while the cloud misbehaves', 10, { troubles: [{ fromMs: 0, untilMs: 9_000_000 }] }, []],
  ['turned away by the far side, and owed one try of b', 10, { isTurnedAway: true }, [laws.dark]],
  ['turned away by the far side, whose way back is shared', 10, { isTurnedAway: true, coupled: true }, []],
])('users are dark on a %s', (_, minutes, dark, expected) => {
  expect(brokenAfter(minutes, dark)).toEqual(expected);
});
