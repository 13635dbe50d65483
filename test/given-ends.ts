/** The mesh of `two-ends.ts` as functions read it: everything home and healthy at both ends. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deploymentFrom, parseConfig } from '../config/read';
import type { TurnResult } from '../core/turn/answers';
import type { Turn } from '../core/turn/turn';
import type { Connection, Deployment } from '../core/words/domain';
import { gatewaysOf } from '../core/words/ends';
import type { CanaryReport, Evidence, InstanceFacts, RouteFacts } from '../core/words/evidence';
import { instanceAt } from '../core/words/gateways';
import { down, evidence, instance, report, turn } from './given';
import { twoEnds } from './two-ends';

type EndName = 'frankfurt' | 'ohio';
type PathName = 'a' | 'b';

export function endsDeployment(change: (tree: ReturnType<typeof twoEnds>) => void = () => {}): Deployment {
  const tree = twoEnds();
  change(tree);
  const result = deploymentFrom(tree);
  if (!result.ok) throw new Error(JSON.stringify(result.problems, null, 1));
  return result.deployment;
}

/** The example's configuration, and the deployment that stands by for it in ohio. */
export function meshAndStandby(): { readonly first: Deployment; readonly standby: Deployment } {
  const file = join(__dirname, '../examples/mesh/switchback.yaml');
  const result = parseConfig(`${readFileSync(file, 'utf8')}\nstandbyRegion: us-east-2\n`);
  if (!result.ok || result.standby === undefined) throw new Error(JSON.stringify(result, null, 1));
  return { first: result.deployment, standby: result.standby };
}

const plain = endsDeployment();

export const meshOf = (deployment: Deployment): Connection => deployment.connections['mesh']!;

/** The interface of a path's gateway at that end. */
export function interfaceAt(deployment: Deployment, end: EndName, path: PathName): string {
  return instanceAt(deployment, `${end[0]}-${path}`).routeInterfaceId;
}

/** The routes of one end's set, all on that path. */
export function routesAt(deployment: Deployment, end: EndName, path: PathName): RouteFacts[] {
  const { tables, destinations, name } = meshOf(deployment).routeSets[`all.${end}`]!;
  const target = { kind: 'network-interface', id: interfaceAt(deployment, end, path) } as const;
  return tables.flatMap((table) =>
    destinations.map((destination) => ({
      ...{ routeSet: name, table, destination, target },
      ...{ state: 'active' as const, origin: 'static' as const },
    })),
  );
}

export const bothOn = (deployment: Deployment, frankfurt: PathName, ohio: PathName = frankfurt): RouteFacts[] => [
  ...routesAt(deployment, 'frankfurt', frankfurt),
  ...routesAt(deployment, 'ohio', ohio),
];

export const gatewayFacts = (
  deployment: Deployment,
  name: string,
  over: Partial<InstanceFacts> = {},
): InstanceFacts => {
  const { instanceId, routeInterfaceId } = instanceAt(deployment, name);
  return instance(name, { identity: { instanceId, routeInterfaceId }, ...over });
};

export function endsEvidence(deployment: Deployment, over: Partial<Evidence> = {}): Evidence {
  const mesh = meshOf(deployment);
  const reports = mesh.canaries.map(({ id }): [string, CanaryReport] => [id, report(id)]);
  const instances = gatewaysOf(mesh).map((name) => [name, gatewayFacts(deployment, name)] as const);
  const base = evidence({ routes: bothOn(deployment, 'a') });
  return {
    ...base,
    ...over,
    reports: { ...Object.fromEntries(reports), ...over.reports },
    instances: { ...Object.fromEntries(instances), ...over.instances },
  };
}

/** What canaries of a path that is dead say, at both ends, and the users' while their routes are on it. */
export const deadPath = (path: PathName, ...ends: EndName[]): Record<string, CanaryReport> =>
  Object.fromEntries(
    (ends.length === 0 ? (['frankfurt', 'ohio'] as const) : ends)
      .map((end) => `mesh/${end[0]}-path-${path}`)
      .map((id) => [id, down(id)]),
  );

/** One turn of the mesh with everything home and healthy, but for what is given. */
export function endsTurn(
  over: Partial<Evidence> = {},
  more: Partial<Turn> = {},
  deployment: Deployment = plain,
): TurnResult {
  return turn({ deployment, connection: 'mesh', evidence: endsEvidence(deployment, over), ...more });
}
