/** The law about two ends that are on different paths. */
import { laws } from '../../../../../core/decide/invariants';
import type { Notice } from '../../../../../local-cloud/services/sns/sns';
import { SplitLaw } from '../../../../../sim/swarm/laws/split';
import { memory, t0 } from '../../../../given';
import { bothOn, endsDeployment, endsTurn } from '../../../../given-ends';
import { FabricatedScene, type Given } from './scene';

const tickMs = 5_000;

interface Split {
  readonly forMs: number;
  /** What people read, and when. */
  readonly told?: readonly [atMs: number, text: string];
  readonly troubles?: Given['troubles'];
  readonly isTogether?: boolean;
  /** Where the other end is; null: on no path of ours. */
  readonly other?: string | null;
}

/** One end is on b and the other on a, for so long. */
function brokenBy({ forMs, told, isTogether = false, other = 'b', ...given }: Split): FabricatedScene {
  const deployment = endsDeployment();
  const { name, ends } = Object.values(deployment.connections)[0]!;
  const world = new FabricatedScene({
    ...given,
    deployment,
    world: { pathOf: (_: string, set: string) => (isTogether || set.endsWith(`.${ends![1]}`) ? 'a' : other) },
  });
  const law = new SplitLaw(world.scene);
  for (let ms = 0; ms <= forMs; ms += tickMs) {
    if (told?.[0] === ms) law.onNotice({ subject: `[switchback ${name}] news`, message: told[1] } as Notice);
    law.onTick();
    world.at += tickMs;
  }
  return world;
}

const minute = 60_000;
/** In the product's own words, not in some that resemble them. */
const said = endsTurn(
  { routes: bothOn(endsDeployment(), 'b', 'a'), reports: { 'mesh/o-path-b': null } },
  { memory: memory({ usedSince: { 'all.frankfurt': { path: 'b', at: t0 - 61_000 } } }) },
).notice!.message;

it.each<readonly [string, Split, readonly string[]]>([
  ['a minute of it, which nobody need hear of', { forMs: minute }, []],
  ['two minutes unsaid', { forMs: 2 * minute }, [laws.split]],
  ['two minutes of which somebody was told', { forMs: 2 * minute, told: [70_000, said] }, []],
  [
    'two minutes in which something else was said',
    { forMs: 2 * minute, told: [70_000, 'path a is down'] },
    [laws.split],
  ],
  [
    'two minutes of which somebody was told of another set',
    { forMs: 2 * minute, told: [70_000, said.replaceAll('routes of all', 'routes of voice')] },
    [laws.split],
  ],
  ['two minutes of a cloud that fails', { forMs: 2 * minute, troubles: [{ fromMs: 0, untilMs: 63 * minute }] }, []],
  ['two minutes in which a hand holds one end', { forMs: 2 * minute, other: null }, []],
  ['two minutes on one path', { forMs: 2 * minute, isTogether: true }, []],
])('judges %s', (_, given, expected) => {
  expect(brokenBy(given).broke).toEqual(expected);
});
