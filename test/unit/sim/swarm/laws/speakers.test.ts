/** The law about speakers. */
import { laws } from '../../../../../core/decide/invariants';
import type { CallRecord } from '../../../../../local-cloud/front/front';
import { SpeakerLaws } from '../../../../../sim/swarm/laws/speakers';
import { across, bgpDeployment } from '../../../../given-bgp';
import { FabricatedScene } from './scene';

const minute = 60_000;

interface Given {
  readonly order?: string;
  readonly by?: string;
  /** Since when the partner's site knows no other way. */
  readonly silentForMs: number;
}

function brokenBy({ order = 'drain', by = 'automation', silentForMs }: Given): FabricatedScene {
  let isThere = true;
  const world = new FabricatedScene({
    deployment: bgpDeployment(),
    world: { bgp: { isAdvertised: (_: string, path: string) => path === 'a' || isThere } },
  });
  const law = new SpeakerLaws(world.scene);
  isThere = false;
  world.at += silentForMs;
  law.onTick();
  const Parameters = { Order: [order], Neighbor: [across.a] };
  law.onLanded({ by, operation: 'SendCommand', input: { Parameters } } as unknown as CallRecord);
  return world;
}

it.each<readonly [string, Given, readonly string[]]>([
  ['a drain beside a path that was heard of a moment ago', { silentForMs: minute }, []],
  ['a drain of the last path that is advertised', { silentForMs: 5 * minute }, [laws.lastAdvertised]],
  ['an undrain of it', { silentForMs: 5 * minute, order: 'undrain' }, []],
  ['a drain by a person', { silentForMs: 5 * minute, by: 'ana' }, []],
])('judges %s', (_, given, expected) => {
  expect(brokenBy(given).broke).toEqual(expected);
});

it('says when it had something to judge', () => {
  expect(brokenBy({ silentForMs: 0 }).judgedLaws).toEqual(new Set([laws.lastAdvertised]));
});
