/**
 * From EC2's and Systems Manager's descriptions to facts about one gateway. Pure.
 *
 * The identity check is what stands between a forged tag and the partner's traffic: the route interface must
 * be attached to the very instance that was declared or journalled, in the declared subnet and VPC, and the instance
 * must hold the address the peer knows. A tag is never looked at.
 */
import type { Instance, InstanceStatus, NetworkInterface } from '@aws-sdk/client-ec2';
import type { InstanceInformation } from '@aws-sdk/client-ssm';
import type { GatewayIdentity, InstanceGateway } from '../../core/words/domain';
import type { InstanceFacts, InstanceState } from '../../core/words/evidence';

/** A gateway and who it is now: as declared, or as our own replacement journalled. */
export interface KnownGateway {
  readonly gateway: InstanceGateway;
  readonly identity: GatewayIdentity;
}

/** What was seen; undefined: the question was not answered, or the thing does not exist. */
export interface Descriptions {
  readonly instance: Instance;
  readonly routeInterface: NetworkInterface | undefined;
  readonly status: InstanceStatus | undefined;
  readonly agent: InstanceInformation | undefined;
}

export function instanceFacts(known: KnownGateway, seen: Descriptions): InstanceFacts {
  return {
    gateway: known.gateway.name,
    identity: known.identity,
    state: (seen.instance.State?.Name ?? 'pending') as InstanceState,
    stopReason: seen.instance.StateTransitionReason ?? '',
    systemStatus: checkOf(seen.status?.SystemStatus?.Status),
    instanceStatus: checkOf(seen.status?.InstanceStatus?.Status),
    identityFault: identityFaultOf(known, seen),
    sourceDestCheck: seen.routeInterface?.SourceDestCheck ?? true,
    agent: agentOf(seen.agent?.PingStatus),
    events: eventsOf(seen.status),
    launchedAt: seen.instance.LaunchTime === undefined ? null : new Date(seen.instance.LaunchTime).getTime(),
  };
}

function identityFaultOf({ gateway, identity }: KnownGateway, { instance, routeInterface }: Descriptions): string {
  const id = identity.routeInterfaceId;
  if (routeInterface === undefined) return `interface ${id} does not exist`;
  const holder = routeInterface.Attachment?.InstanceId;
  if (holder !== identity.instanceId) {
    return `interface ${id} is attached to ${holder ?? 'nothing'}, not to ${identity.instanceId}`;
  }
  if (routeInterface.SubnetId !== gateway.subnetId) {
    return `interface ${id} is in subnet ${routeInterface.SubnetId}, not in ${gateway.subnetId}`;
  }
  if (routeInterface.VpcId !== gateway.vpcId)
    return `interface ${id} is in ${routeInterface.VpcId}, not in ${gateway.vpcId}`;
  const wanted = gateway.address?.publicIp;
  if (wanted !== undefined && !publicAddressesOf(instance, routeInterface).includes(wanted)) {
    return `${identity.instanceId} does not hold ${wanted}, the address the peer knows`;
  }
  const { secondaryAddress } = gateway;
  const privates = routeInterface.PrivateIpAddresses?.map(({ PrivateIpAddress }) => PrivateIpAddress) ?? [];
  if (secondaryAddress !== undefined && !privates.includes(secondaryAddress))
    return `interface ${id} does not hold ${secondaryAddress}, its secondary address`;
  return '';
}

/** The Elastic IP may sit on another interface of the same instance (outside and inside interface). */
function publicAddressesOf(instance: Instance, routeInterface: NetworkInterface): (string | undefined)[] {
  return [
    instance.PublicIpAddress,
    routeInterface.Association?.PublicIp,
    ...(routeInterface.PrivateIpAddresses ?? []).map((address) => address.Association?.PublicIp),
    ...(instance.NetworkInterfaces ?? []).flatMap((i) => [
      i.Association?.PublicIp,
      ...(i.PrivateIpAddresses ?? []).map((address) => address.Association?.PublicIp),
    ]),
  ];
}

/** `initializing` and `insufficient-data` are not failures. */
function checkOf(status: string | undefined): InstanceFacts['systemStatus'] {
  return status === 'ok' || status === 'impaired' ? status : 'unknown';
}

/** `Online` lags a death by up to five minutes, so it proves no life; `ConnectionLost` is real. */
function agentOf(ping: string | undefined): InstanceFacts['agent'] {
  if (ping === undefined) return 'unknown';
  return ping === 'Online' ? 'online' : 'lost';
}

/** What is over is listed for a week more, and says so at its beginning. */
function eventsOf(status: InstanceStatus | undefined): InstanceFacts['events'] {
  if (status === undefined) return null;
  return (status.Events ?? []).flatMap(({ Code, InstanceEventId, NotBefore, NotAfter, Description = '' }) => {
    if (NotBefore === undefined || /^\[(Completed|Canceled)\]/i.test(Description)) return [];
    const from = NotBefore.getTime();
    return [{ id: InstanceEventId ?? `${Code}`, code: Code ?? 'event', from, until: NotAfter?.getTime() ?? null }];
  });
}
