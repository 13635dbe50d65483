/** The swarm itself: the same seed is the same incident, and its laws do see what they are for. */
import { laws } from '../../core/decide/invariants';
import { instancesOf } from '../../core/words/gateways';
import type { CallRecord } from '../../local-cloud/front/front';
import { boundAfterMendMs } from '../../sim/swarm/home';
import { playIncident, seedsPerSite } from '../../sim/swarm/incident';
import type { Scene } from '../../sim/swarm/law';
import { LeaseLaws } from '../../sim/swarm/laws/leases';
import { RepairLaws } from '../../sim/swarm/laws/repairs';
import { machine } from '../../sim/swarm/reachable';
import { drawSite } from '../../sim/swarm/site';
import { drawStorm } from '../../sim/swarm/storm';
import { drawn, isThorough } from '../thorough';

it('plays a seed again byte for byte, and asks for the bound of the way home when people have mended', async () => {
  const asked: number[] = [];
  const first = await playIncident(5, (scene) => {
    asked.push(scene.now() - scene.startedAt - scene.storm.mendMs);
    return boundAfterMendMs(scene);
  });
  expect(asked).toEqual([0]);
  expect(await playIncident(5)).toEqual(first);
  expect(first.breach).toBeNull();
  expect(first.transcript.length).toBeGreaterThan(10);
});

it('breaks no law over some sites', async () => {
  for (let site = 1; site <= (isThorough ? 3 : 1); site++) {
    const { breach, seed } = await playIncident(site * seedsPerSite);
    expect({ seed, breach }).toEqual({ seed, breach: null });
  }
});

it('draws only sites that the configuration accepts, and storms that end', () => {
  for (let seed = 0; seed < drawn(150); seed++) {
    const deployment = drawSite(seed);
    const storm = drawStorm(seed, deployment, machine);
    const ends = storm.steps.filter((step) => step.do === 'faults_end');
    expect(ends.map(({ at }) => at)).toEqual([storm.calmMs]);
    const late = storm.steps.filter(({ at }) => at > storm.calmMs).map((step) => step.do);
    expect(late.every((what) => what === 'mend_gateway' || what === 'command')).toBe(true);
    // What breaks by a switch is switched back by the calm.
    for (const [on, off] of [
      ['peer_down', 'peer_up'],
      ['zone_down', 'zone_up'],
      ['table_down', 'table_up'],
    ] as const) {
      const of = (what: string): number => storm.steps.filter((step) => step.do === what).length;
      expect(of(off)).toBeGreaterThanOrEqual(of(on) > 0 ? 1 : 0);
    }
  }
});

describe('the lease laws', () => {
  const key = { pk: { S: 'connection#paris' }, sk: { S: 'lease' } };
  const item = (holder: string | null, token: number, leaseUntil: number) => ({
    ...(holder !== null && { holder: { S: holder } }),
    token: { N: String(token) },
    leaseUntil: { N: String(leaseUntil) },
  });

  const judged = (oldImage: object, newImage: object, status = 'RUNNING'): string[] => {
    const broken: string[] = [];
    const executions = [{ arn: 'run-1', status, history: [] }];
    const scene = {
      now: () => 100_000,
      broken: (law: string) => broken.push(law),
      cloud: { stepfunctions: { executions } },
    };
    new LeaseLaws(scene as unknown as Scene, { hasBegun: () => true }).onItem({
      table: 't',
      keys: key,
      oldImage,
      newImage,
    } as never);
    return broken;
  };

  it.each([
    ['a lease taken from a run that holds it', item('run-1', 1, 150_000), item('run-2', 2, 190_000), [laws.oneHolder]],
    ['a token that jumps', item(null, 1, 0), item('run-2', 3, 190_000), [laws.oneHolder]],
    ['a lease freed under its holder', item('run-1', 1, 150_000), item(null, 1, 0), [laws.oneHolder]],
    ['a lease taken when its time is up', item('run-1', 1, 90_000), item('run-2', 2, 190_000), []],
    ['a free lease taken', item(null, 1, 0), item('run-2', 2, 190_000), []],
  ])('judge %s', (_, before, after, expected) => {
    expect(judged(before, after)).toEqual(expected);
  });

  it('let a lease go from a run that has ended', () => {
    expect(judged(item('run-1', 1, 150_000), item('run-2', 2, 190_000), 'ABORTED')).toEqual([]);
  });
});

describe('the laws of a repair', () => {
  const deployment = drawSite(0);
  const [gateway] = Object.values(instancesOf(deployment)).filter(({ address }) => address !== undefined);
  const user = Object.values(deployment.connections).find(({ paths }) =>
    Object.values(paths).some((path) => path.gateway === gateway!.name),
  )!;
  const [path] = Object.values(user.paths).filter((one) => one.gateway === gateway!.name);

  const judged = (NetworkInterfaceId: string, works: boolean): string[] => {
    const broken: string[] = [];
    const scene = {
      deployment,
      now: () => 100_000,
      broken: (law: string) => broken.push(law),
      cloud: { world: { pathOf: (connection: string) => (connection === user.name ? path!.name : null) } },
      truth: { workedUntilNow: () => works },
    };
    const input = { AllocationId: gateway!.address!.allocationId, NetworkInterfaceId };
    new RepairLaws(scene as unknown as Scene).onCall(
      { by: 'automation', operation: 'AssociateAddress', input } as CallRecord,
      {},
    );
    return [...new Set(broken)];
  };

  it.each([
    ['an address taken from under users', 'eni-new', true, [laws.besideTraffic]],
    ['an address taken from a path that is dead', 'eni-new', false, []],
    ['an address that goes back', gateway!.routeInterfaceId, true, []],
  ])('judge %s', (_, to, works, expected) => {
    expect(judged(to, works)).toEqual(expected);
  });
});
