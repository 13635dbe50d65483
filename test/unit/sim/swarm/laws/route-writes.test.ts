/** The law of the allow-list: a replacement points canaries' routes elsewhere, and no others; nobody else touches those. */
import { laws } from '../../../../../core/decide/invariants';
import type { Scene } from '../../../../../sim/swarm/law';
import { RouteWriteLaws } from '../../../../../sim/swarm/laws/route-writes';
import { drawSite } from '../../../../../sim/swarm/site';

const deployment = drawSite(0);
const [connection] = Object.values(deployment.connections);
const canarys = connection!.canaries.map(({ routeTableId }) => routeTableId).find((table) => table !== undefined);

it.each([
  ['switchback-SwitchbackRepinFunction1', canarys, []],
  ['switchback-SwitchbackRepinFunction1', 'rtb-users', [laws.allowList]],
  ['switchback-SwitchbackFunctionsApply1', canarys, [laws.allowList]],
  ['automation', canarys, [laws.allowList]],
] as const)('%s writes in %s', (by, table, expected) => {
  const broken: string[] = [];
  const scene = { deployment, broken: (law: string) => broken.push(law) } as unknown as Scene;
  const input = { RouteTableId: table, DestinationCidrBlock: '203.0.113.0/24', NetworkInterfaceId: 'eni-1' };
  const call = { by, operation: 'ReplaceRoute', input, invocation: '' };
  new RouteWriteLaws(scene).onCall(call as unknown as Parameters<RouteWriteLaws['onCall']>[0]);
  expect(broken).toEqual(expected);
});
