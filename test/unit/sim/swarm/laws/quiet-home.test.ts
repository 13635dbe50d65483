/** Laws of restraint: what is home and healthy is left alone, and no run goes round for ever. */
import { laws } from '../../../../../core/decide/invariants';
import type { CallRecord } from '../../../../../local-cloud/front/front';
import { QuietHomeLaws } from '../../../../../sim/swarm/laws/quiet-home';
import { t0 } from '../../../../given';
import { endsDeployment, meshOf } from '../../../../given-ends';
import { pairOver } from '../../../../given-vpn';
import { FabricatedScene, type Given } from './scene';

interface Write extends Given {
  readonly by?: string;
  readonly table?: string;
  /** What was not so for all of the last minutes. */
  readonly not?: 'led' | 'worked' | 'served';
  readonly before?: string;
  readonly lossRatio?: number;
  /** AWS has announced maintenance of its tunnels. */
  readonly maintenanceBy?: number | null;
}

/** A write over routes that have been home, on a path that works, with users served. */
function brokenBy({
  by = 'apply',
  table,
  not,
  before = 'a',
  lossRatio = 0,
  maintenanceBy = null,
  ...given
}: Write): string[] {
  const world = new FabricatedScene({
    ...given,
    world: {
      routes: { replacedBy: () => before },
      hardshipOn: () => ({ lossRatio }),
      pathTo: (_: string, target: string) => target,
      vpns: { named: () => ({ tunnels: [{ maintenanceBy: null }, { maintenanceBy }] }) },
    },
    truth: {
      ledThroughout: () => not !== 'led',
      workedThroughout: () => not !== 'worked',
      servedThroughout: () => not !== 'served',
    },
  });
  const [listed] = Object.values(world.scene.deployment.connections['paris']!.routeSets)[0]!.tables;
  return brokenIn(world, by, { RouteTableId: table ?? listed!, DestinationCidrBlock: '172.16.0.0/16' });
}

function brokenIn(world: FabricatedScene, by: string, input: Readonly<Record<string, string>>): string[] {
  const law = new QuietHomeLaws(world.scene);
  law.onConnections();
  law.onLanded({ by, operation: 'ReplaceRoute', input } as unknown as CallRecord);
  return world.broke;
}

/** Frankfurt's set is written to, home all the time; ohio's was, or a hand has moved it. */
function brokenAtTwo(isTwinHome: boolean): string[] {
  const world = new FabricatedScene({
    deployment: endsDeployment(),
    world: {
      routes: { replacedBy: () => 'a' },
      hardshipOn: () => ({ lossRatio: 0 }),
      pathTo: (_: string, target: string) => target,
    },
    truth: {
      ledThroughout: (_: string, set: string) => isTwinHome || !set.endsWith('.ohio'),
      workedThroughout: () => true,
      servedThroughout: () => true,
    },
  });
  const [table] = meshOf(world.scene.deployment).routeSets['all.frankfurt']!.tables;
  return brokenIn(world, 'apply', { RouteTableId: table!, DestinationCidrBlock: '10.20.0.0/16' });
}

it('lets one end follow the other that a hand has moved, and only then', () => {
  expect(brokenAtTwo(false)).toEqual([]);
  expect(brokenAtTwo(true)).toEqual([laws.homeAndHealthy]);
});

const drained = (until: number) => ({
  'connection#paris lease': { drains: { a: JSON.stringify({ kind: 'hard', since: 0, until, requestedBy: 'ana' }) } },
});

const wanted = (until: number) => ({
  'connection#paris lease': { 'divert#office': JSON.stringify({ since: 0, until, to: 'b', requestedBy: 'ana' }) },
});

const over = (maintenance: 'apply' | 'never') => pairOver({ maintenance });

it.each<[string, Write, readonly string[]]>([
  ['for no reason', {}, [laws.homeAndHealthy]],
  ['over a path that loses almost too much', { lossRatio: 0.16 }, []],
  ['over a path that loses a little', { lossRatio: 0.02 }, [laws.homeAndHealthy]],
  ['that have just come home', { not: 'led' }, []],
  ['over a path that failed lately', { not: 'worked' }, []],
  ['whose users were dark lately', { not: 'served' }, []],
  ['off a home that is drained', { items: drained(t0 + 60_000) }, []],
  ['off a home whose drain is long over', { items: drained(t0 - 60_000) }, [laws.homeAndHealthy]],
  ['that somebody wants elsewhere', { items: wanted(t0 + 60_000) }, []],
  ['that somebody wanted elsewhere long ago', { items: wanted(t0 - 60_000) }, [laws.homeAndHealthy]],
  ['off a home of which AWS has announced maintenance', { deployment: over('apply'), maintenanceBy: t0 + 1 }, []],
  ['off one that leaves it to AWS', { deployment: over('never'), maintenanceBy: t0 + 1 }, [laws.homeAndHealthy]],
  ['off one of which none is announced', { deployment: over('apply') }, [laws.homeAndHealthy]],
  ['of which this one was away', { before: 'b' }, []],
  ['by a replacement', { by: 'automation' }, []],
  ['of somebody else', { table: 'rtb-theirs' }, []],
])('a write of routes %s', (_, write, expected) => {
  expect(brokenBy(write)).toEqual(expected);
});

it.each([
  [20_000, []],
  [20_001, [laws.history]],
])('a run of %i events', (length, expected) => {
  const world = new FabricatedScene({ executions: [{ name: 'run-1', history: { length } }] });
  new QuietHomeLaws(world.scene).atEnd();
  expect(world.broke).toEqual(expected);
});
