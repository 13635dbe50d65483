/**
 * What of a world stands at one end of its deployment. While both ends are in one region and account, what a call asks
 * for is all that tells which of them it is about.
 */
import type { Deployment } from '../core/words/domain';
import type { EndName } from '../core/words/end';
import { documentAt, endsElsewhere } from '../core/words/end-names';
import { type Rung, rungs } from '../core/words/rungs';
import type { Reach } from '../local-cloud/front/faults';
import type { PhysicalWorld } from './world';

/** Calls that name something of this end: a route table, an instance or interface of a gateway, an Elastic IP. */
export const reachOfEnd =
  (world: PhysicalWorld, end: EndName): Reach =>
  (input) => {
    const said = JSON.stringify(input ?? {});
    return idsAt(world, end).some((id) => said.includes(id));
  };

/** As declared now, with the machines that stand in for what is declared. */
function idsAt({ deployment, instances, vpc }: PhysicalWorld, end: EndName): string[] {
  const gateways = Object.values(deployment.gateways).filter((one) => one.kind === 'instance' && one.end === end);
  const machines = [...instances.machines.values()].filter(({ roles }) =>
    gateways.some(({ name }) => roles.includes(name)),
  );
  const own = gateways.flatMap((one) =>
    one.kind === 'instance'
      ? [one.routeInterfaceId, one.subnetId, one.address?.allocationId, one.launchTemplate?.id]
      : [],
  );
  const standing = machines.flatMap(({ id }) => [id, vpc.interfaceOf(id)?.id]);
  return [...own, ...standing, ...tablesAt(deployment, end)].filter((id) => id !== undefined);
}

/** Route tables that stand at this end: those of its sets, and those that hold its canaries to their paths. */
const tablesAt = ({ connections }: Pick<Deployment, 'connections'>, end: EndName): string[] =>
  Object.values(connections).flatMap(({ routeSets, canaries }) => [
    ...Object.values(routeSets).flatMap((set) => (set.end === end ? set.tables : [])),
    ...canaries.flatMap(({ routeTableId, end: at }) =>
      at === end && routeTableId !== undefined ? [routeTableId] : [],
    ),
  ]);

/** Ends elsewhere have documents of their own, by names of their own; undefined: it is none of ours. */
export function rungOf(deployment: Deployment, document: string): Rung | undefined {
  const ends = [undefined, ...endsElsewhere(deployment)];
  return rungs.find((rung) => ends.some((end) => documentAt(deployment, rung, end) === document));
}
