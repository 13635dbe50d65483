/** Liveness: what keeps a site from being home once its faults are over, one thing at a time. */
import { laws } from '../../../../core/decide/invariants';
import type { Mode } from '../../../../core/words/domain';
import type { Policy } from '../../../../core/words/policy';
import { comesHome } from '../../../../sim/swarm/home';
import { connection, deployment, t0 } from '../../../given';
import { FabricatedScene, type Given, type Plain } from './laws/scene';

interface End extends Omit<Given, 'items'> {
  readonly mode?: Mode;
  readonly policy?: Partial<Policy>;
  readonly item?: Plain;
  /** When the repair of gw-a is to be over. */
  readonly takenUntil?: number;
  /** Of the repair that has it; absent: it was freed, to settle. */
  readonly claim?: string;
  readonly on?: string;
  readonly isServed?: boolean;
  readonly lost?: readonly string[];
  readonly announced?: number | null;
  /** Its paths answer by BGP, and one of their speakers has told its partner to stay away. */
  readonly isDrained?: boolean;
}

function brokenBy(end: End): string[] {
  const { announced = null, isDrained = false } = end;
  const { mode = 'repair', policy = {}, item = {}, takenUntil = 0, claim, on = 'a', isServed = true, lost = [] } = end;
  const given = new FabricatedScene({
    ...end,
    deployment: deployment(connection({ mode, ...(isDrained && { routing: byBgp }) }, policy)),
    items: {
      'connection#paris lease': item,
      'gateway#gw-a lease': { until: takenUntil, ...(claim && { clientToken: claim }) },
    },
    world: {
      pathOf: () => on,
      pathState: () => 'works',
      usersServed: () => isServed,
      bgp: { isDrained: () => isDrained },
      vpns: { all: [{ gateway: 'gw-a', tunnels: [{ maintenanceBy: announced }] }] },
    },
  });
  Object.assign(given.storm, { lost });
  comesHome(given.scene);
  return given.broke;
}

const byBgp = { back: 'bgp', convergeWithinMs: 5_000 } as const;
const open = { memory: JSON.stringify({ incident: { id: 'paris-1' } }) };
const window = { days: ['sun'], from: '02:00', to: '04:00', timezone: 'UTC' } as unknown as Policy['failbackWindow'];

it.each<[string, End, readonly string[]]>([
  ['all is home', {}, []],
  ['a run goes on', { executions: [{}] }, [laws.home]],
  ['a lease is held', { item: { holder: 'arn:one' } }, [laws.home]],
  ['a waiter is left', { item: { waiter: 'token' } }, [laws.home]],
  ['an incident is open', { item: open }, [laws.home]],
  ['an incident is open while AWS has work announced', { item: open, announced: t0 + 259_200_000 }, []],
  ['an incident is open, its gateway being gone for good', { item: open, lost: ['gw-b'] }, []],
  ['a speaker is drained, and nobody may tell it otherwise', { item: open, isDrained: true, mode: 'observe' }, []],
  ['a speaker is drained', { isDrained: true }, [laws.home]],
  ['routes are away', { on: 'b' }, [laws.home]],
  ['routes are away, and home is gone for good', { on: 'b', lost: ['gw-a'] }, []],
  ['routes are away, and may go home at night only', { on: 'b', policy: { failbackWindow: window } }, []],
  ['routes are away in mode observe', { on: 'b', mode: 'observe' }, []],
  ['users are dark', { isServed: false }, [laws.home]],
  ['a gateway is still taken', { takenUntil: t0 + 600_000, claim: 'token' }, [laws.home]],
  ['a gateway was freed, and settles for long', { takenUntil: t0 + 600_000 }, []],
  ['a gateway was freed, and will be free only after the bound', { takenUntil: t0 + 86_400_000 }, [laws.home]],
  ['a gateway settles', { takenUntil: t0 + 10_000 }, []],
])('%s', (_, end, expected) => {
  expect(brokenBy(end)).toEqual(expected);
});
