/** The law about speakers. */
import { laws } from '../../../../../core/decide/invariants';
import type { CallRecord } from '../../../../../local-cloud/front/front';
import type { Notice } from '../../../../../local-cloud/services/sns/sns';
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
    world: {
      pathOf: () => 'a',
      bgp: { isAdvertised: (_: string, path: string) => path === 'a' || isThere },
    },
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

describe('a path that its users have left', () => {
  const told = { subject: '[switchback paris] x', message: 'path a should be drained and is not: 2 orders failed' };

  /** Users of office are on b; a goes on being advertised for so long, and then no more. */
  function left({ forMs, isTold = false, on = 'b', wellB = 'works' }: Record<string, unknown>): FabricatedScene {
    let isOpen = true;
    const isAdvertised = (_: string, path: string): boolean => path === 'b' || isOpen;
    const world = new FabricatedScene({
      deployment: bgpDeployment(),
      world: { pathOf: () => on, pathState: () => wellB, bgp: { isAdvertised } },
    });
    const law = new SpeakerLaws(world.scene);
    for (let ms = 0; ms < (forMs as number); ms += minute / 2) {
      world.at += minute / 2;
      law.onTick();
      if (isTold && ms === minute) law.onNotice(told as unknown as Notice);
    }
    isOpen = false;
    law.onTick();
    return world;
  }

  it('is drained within the bound, or people are told', () => {
    expect(left({ forMs: 2 * minute }).broke).toEqual([]);
    expect(left({ forMs: 2 * minute }).judgedLaws).toContain(laws.obeyed);
    expect(left({ forMs: 6 * minute }).broke).toEqual([laws.obeyed]);
    expect(left({ forMs: 6 * minute, isTold: true }).broke).toEqual([]);
  });

  it('may be advertised while users are on it, or where nothing else works', () => {
    expect(left({ forMs: 6 * minute, on: 'a' }).broke).toEqual([]);
    expect(left({ forMs: 6 * minute, wellB: 'dark' }).broke).toEqual([]);
  });
});
