/**
 * Can a canary reach DynamoDB? Lambda gives its interface no public address, so an internet gateway leads it nowhere: it
 * takes a gateway endpoint in its subnet's own table, or a way out through a NAT.
 */
import type { Route, RouteTable } from '@aws-sdk/client-ec2';
import type { Canary } from '../../../core/words/domain';
import type { AccountCheck } from '../check';
import { counted, type Diagnosis, fail, orWell, unknown } from '../diagnosis';
import type { Patient } from '../patient';

export const endpoints: AccountCheck = {
  name: 'endpoints',
  title: 'canaries reach DynamoDB',
  needs: 'configuration',
  async look(patient) {
    const canaries = Object.values(patient.deployment.connections).flatMap((one) => one.canaries);
    const bySubnet = new Map(canaries.map((canary) => [canary.subnetId, canary]));
    const silent = await withoutReport(patient, [...bySubnet.values()]);
    const troubles = await Promise.all(silent.map((canary) => troubleOf(patient, canary)));
    return orWell(troubles.flat(), `${counted(bySubnet.size, 'subnet')} of canaries with a way to DynamoDB`);
  },
};

/** A canary that reports reaches DynamoDB, by whatever way. */
async function withoutReport({ standing, world }: Patient, canaries: readonly Canary[]): Promise<readonly Canary[]> {
  if (standing === null) return canaries;
  const reports = await standing.reports();
  return canaries.filter(({ id }) => world.now() - (reports[id]?.reportedAt ?? 0) > reportMsMax);
}
const reportMsMax = 60_000;

async function troubleOf({ account }: Patient, { id, subnetId }: Canary): Promise<readonly Diagnosis[]> {
  const subnet = (await account.subnets([subnetId])).get(subnetId);
  if (subnet?.VpcId === undefined)
    return [unknown(id, `there is no ${subnetId} in this region`, 'see the check places')];
  const tables = await account.routeTablesOf(subnet.VpcId);
  const table = tableOf(tables, subnetId);
  if (table === undefined) return [unknown(id, `no route table of ${subnetId} is shown`, 'look at the VPC')];
  const routes = (table.Routes ?? []).filter(({ State }) => State !== 'blackhole');
  if (routes.some(leadsOut)) return [];
  const isOpen = routes.some(
    ({ GatewayId = '', DestinationCidrBlock }) => GatewayId.startsWith('igw-') && DestinationCidrBlock === everywhere,
  );
  return [
    fail({
      about: id,
      found: isOpen
        ? `${subnetId} has no way to DynamoDB but an internet gateway`
        : `${subnetId} has no way to DynamoDB in ${table.RouteTableId}`,
      why: 'a function has no public address: the canary measures, cannot report, and counts as silent; an interface endpoint for DynamoDB would do, and is not seen here: the first report clears this',
      mend: `aws ec2 create-vpc-endpoint --vpc-id ${subnet.VpcId} --service-name com.amazonaws.${subnet.AvailabilityZone?.slice(0, -1)}.dynamodb --route-table-ids ${table.RouteTableId}`,
    }),
  ];
}

const everywhere = '0.0.0.0/0';

/** Its own, or the VPC's main table. */
const tableOf = (tables: readonly RouteTable[], subnetId: string): RouteTable | undefined =>
  tables.find(({ Associations = [] }) => Associations.some(({ SubnetId }) => SubnetId === subnetId)) ??
  tables.find(({ Associations = [] }) => Associations.some(({ Main }) => Main === true));

/** A gateway endpoint's route, or a default route to anything that has an address of its own. */
function leadsOut({ GatewayId = '', DestinationPrefixListId, DestinationCidrBlock, ...to }: Route): boolean {
  if (GatewayId.startsWith('vpce-') && DestinationPrefixListId !== undefined) return true;
  if (DestinationCidrBlock !== everywhere) return false;
  return [to.NatGatewayId, to.NetworkInterfaceId, to.TransitGatewayId, to.VpcPeeringConnectionId].some(
    (id) => id !== undefined,
  );
}
