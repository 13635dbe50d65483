/**
 * Rights over routes, by the kind of table they stand in. Only tables whose routes can move may be written: where a
 * connection has one path, and that is no instance that may be replaced, nothing ever leads elsewhere; and where a Route Server
 * leads users, its routes are nobody's to write.
 *
 * EC2 knows no condition on a VPC route's destination or target: those two allow-lists are code only. A transit
 * gateway's route names its attachment as a resource, so there the target is fenced by IAM too; a route that drops names
 * none, and is not.
 */
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { isPrefixList } from '../../core/words/destinations';
import type { Connection, Deployment, RouteSet } from '../../core/words/domain';
import { planeOf } from '../../core/words/planes';
import { isMovedByNetwork } from '../../core/words/routing';
import { ec2Arns } from './arns';
import { allow, allowWide } from './grants';

const isTransit = (table: string): boolean => planeOf(table) === 'tgw-table';

/** `region`: where the tables are; absent, where the stack is. */
export function routeWrites(scope: Construct, deployment: Deployment, region?: string): iam.PolicyStatement[] {
  const sets = movableSets(deployment);
  const tables = tablesOf(sets).filter((table) => !isTransit(table));
  const propagated = tablesOf(sets.filter((set) => set.propagated));
  return [
    ...onTables(scope, ['ec2:ReplaceRoute'], tables, region),
    // A propagated route cannot be replaced: a static one is laid over it, and taken away to give it back.
    ...onTables(scope, ['ec2:CreateRoute', 'ec2:DeleteRoute'], propagated, region),
    ...transitWrites(scope, deployment, sets.filter(isInTransit)),
  ];
}

function onTables(
  scope: Construct,
  actions: readonly string[],
  tables: readonly string[],
  region: string | undefined,
): iam.PolicyStatement[] {
  return tables.length === 0 ? [] : [allow(actions, ec2Arns(scope, 'route-table', tables, region))];
}

function transitWrites(scope: Construct, deployment: Deployment, sets: readonly RouteSet[]): iam.PolicyStatement[] {
  if (sets.length === 0) return [];
  const attachments = Object.values(deployment.gateways).flatMap((gateway) =>
    gateway.kind === 'vpn' && gateway.endsOn.kind === 'transit-gateway' ? [gateway.endsOn.attachmentId] : [],
  );
  const within = (some: readonly RouteSet[]): string[] => [
    ...ec2Arns(scope, 'transit-gateway-route-table', tablesOf(some)),
    ...ec2Arns(scope, 'transit-gateway-attachment', attachments),
  ];
  const ofBlocks = sets.filter(({ destinations }) => !destinations.every(isPrefixList));
  const ofLists = sets.filter(({ destinations }) => destinations.some(isPrefixList));
  const blockWrites = ['ec2:ReplaceTransitGatewayRoute', 'ec2:CreateTransitGatewayRoute'];
  return [
    ...(ofBlocks.length === 0 ? [] : [allow(blockWrites, within(ofBlocks))]),
    ...(ofLists.length === 0
      ? []
      : [
          // A reference that somebody has deleted is none of ours: it is never made.
          allowWide(
            listsAreShared,
            ['ec2:ModifyTransitGatewayPrefixListReference'],
            [...within(ofLists), ...ec2Arns(scope, 'prefix-list', listsOf(ofLists))],
          ),
        ]),
  ];
}

const referencesAreForAll = 'EC2 knows no resource for this call';
const listsAreShared =
  'A prefix list is named by its id, which no two have; it may belong to another account, which shares it';

/** What cannot be asked of all route tables at once: each transit gateway's, canaries' tables included. */
export function transitReads(scope: Construct, deployment: Deployment): iam.PolicyStatement[] {
  const all = Object.values(deployment.connections);
  const listed = tablesOf(all.flatMap(({ routeSets }) => Object.values(routeSets)));
  const pinned = all.flatMap(({ canaries }) => canaries.flatMap(({ routeTableId }) => routeTableId ?? []));
  const tables = [...listed, ...pinned].filter(isTransit);
  if (tables.length === 0) return [];
  return [
    allow(['ec2:SearchTransitGatewayRoutes'], ec2Arns(scope, 'transit-gateway-route-table', tables)),
    ...(transitLists(deployment).length === 0
      ? []
      : [allowWide(referencesAreForAll, ['ec2:GetTransitGatewayPrefixListReferences'])]),
  ];
}

/** What the listed prefix lists hold, for whoever looks for routes that take blocks out of them. */
export function listReads(scope: Construct, deployment: Deployment): iam.PolicyStatement[] {
  const lists = transitLists(deployment);
  if (lists.length === 0) return [];
  return [allowWide(listsAreShared, ['ec2:GetManagedPrefixListEntries'], ec2Arns(scope, 'prefix-list', lists))];
}

function movableSets({ connections, gateways }: Deployment): RouteSet[] {
  const mayMove = ({ paths, routeSets }: Connection): boolean =>
    Object.keys(paths).length > 1 ||
    Object.values(routeSets).some(({ lastResort }) => lastResort === 'routes') ||
    Object.values(paths).some(({ gateway }) => gateways[gateway]?.kind === 'instance');
  return Object.values(connections)
    .filter((connection) => mayMove(connection) && !isMovedByNetwork(connection))
    .flatMap(({ routeSets }) => Object.values(routeSets));
}

const tablesOf = (sets: readonly RouteSet[]): string[] => sets.flatMap(({ tables }) => tables);

const isInTransit = ({ plane }: RouteSet): boolean => plane === 'tgw-table';

/** Prefix lists that tables of transit gateways refer to. */
const transitLists = ({ connections }: Deployment): string[] =>
  listsOf(Object.values(connections).flatMap(({ routeSets }) => Object.values(routeSets).filter(isInTransit)));

const listsOf = (sets: readonly RouteSet[]): string[] =>
  sets.flatMap(({ destinations }) => destinations.filter(isPrefixList));
