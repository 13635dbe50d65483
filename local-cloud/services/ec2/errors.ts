/**
 * EC2's errors, code and message as EC2 words them. EC2 models no error shapes: code and text are all a caller gets.
 */
import { AwsError } from '../../service';

const missing = (code: string, kind: string) => (id: string) =>
  new AwsError(code, `The ${kind} ID '${id}' does not exist`);

export const noInstance = missing('InvalidInstanceID.NotFound', 'instance');
export const noInterface = missing('InvalidNetworkInterfaceID.NotFound', 'networkInterface');
export const noRouteTable = missing('InvalidRouteTableID.NotFound', 'routeTable');
export const noSubnet = missing('InvalidSubnetID.NotFound', 'subnet ID');
export const noAllocation = missing('InvalidAllocationID.NotFound', 'allocation');
export const noAssociation = missing('InvalidAssociationID.NotFound', 'association');

export const noAttachment = (id: string): AwsError =>
  new AwsError(
    'InvalidTransitGatewayAttachmentID.NotFound',
    `Transit Gateway Attachment ${id} was deleted or does not exist.`,
  );
export const noTransitTable = (id: string): AwsError =>
  new AwsError('InvalidRouteTableID.NotFound', `Transit Gateway Route Table ${id} was deleted or does not exist.`);
export const noTransitRoute = (destination: string, table: string): AwsError =>
  new AwsError('InvalidRoute.NotFound', `Route ${destination} does not exist in Transit Gateway Route Table ${table}.`);
export const transitRouteExists = (destination: string, table: string): AwsError =>
  new AwsError('RouteAlreadyExists', `Route ${destination} already exists in Transit Gateway Route Table ${table}.`);
export const noPrefixList = (id: string): AwsError =>
  new AwsError('InvalidPrefixListID.NotFound', `The prefix list ID '${id}' does not exist`);
/** AWS documents no code for these two: as of routes. */
export const noReference = (list: string, table: string): AwsError =>
  new AwsError(
    'InvalidRoute.NotFound',
    `Prefix list ${list} is not referenced in Transit Gateway Route Table ${table}.`,
  );
export const referenceExists = (list: string, table: string): AwsError =>
  new AwsError(
    'RouteAlreadyExists',
    `Prefix list ${list} is referenced in Transit Gateway Route Table ${table} already.`,
  );
export const transitBusy = (table: string): AwsError => new AwsError('IncorrectState', `${table} is in invalid state`);

export const noVpnConnection = (id: string): AwsError =>
  new AwsError('InvalidVpnConnectionID.NotFound', `The vpnConnection ID '${id}' does not exist`);
export const vpnConnectionNotReady = (id: string): AwsError =>
  new AwsError('IncorrectState', `The vpnConnection ID '${id}' is not in a state in which it can be modified`);

export const noSuchRouteToReplace = (destination: string): AwsError =>
  invalidValue(`There is no route defined for '${destination}' in the route table. Use CreateRoute instead.`);

export const noSuchRouteToDelete = (destination: string, table: string): AwsError =>
  new AwsError('InvalidRoute.NotFound', `no route with destination-cidr-block ${destination} in route table ${table}`);

export const routeExists = (destination: string): AwsError =>
  new AwsError('RouteAlreadyExists', `The route identified by ${destination} already exists.`);

export const invalidValue = (message: string): AwsError => new AwsError('InvalidParameterValue', message);

/** AWS documents no code for these two. */
export const outsideSubnet = (address: string): AwsError =>
  invalidValue(`Address ${address} does not fall within the subnet's address range`);
export const addressInUse = (address: string): AwsError =>
  new AwsError('InvalidIPAddress.InUse', `Address ${address} is in use.`);

export const missingParameter = (name: string): AwsError =>
  new AwsError('MissingParameter', `The request must contain the parameter ${name}`);

export const wrongState = (message: string): AwsError => new AwsError('IncorrectInstanceState', message);

export const noCapacityToLaunch = (zone: string): AwsError =>
  new AwsError(
    'InsufficientInstanceCapacity',
    `We currently do not have sufficient capacity in the Availability Zone you requested (${zone}). Our system will ` +
      'be working on provisioning additional capacity.',
    500,
  );

export const noCapacityToStart = (): AwsError =>
  new AwsError('InsufficientInstanceCapacity', 'Insufficient capacity.', 500);

export const dryRun = (): AwsError =>
  new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
