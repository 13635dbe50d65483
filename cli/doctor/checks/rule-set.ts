/** What a security group's rules let through: rules only ever allow, and all groups of an interface count together. */
import type { IpPermission, SecurityGroup } from '@aws-sdk/client-ec2';
import { blockFrom, holds } from '../../../config/addresses';
import type { ProbeProtocol } from '../../../core/words/domain';

export interface Flow {
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  /** The far side, as a block. */
  readonly block: string;
  /** Groups that the far side is in. */
  readonly groups: readonly string[];
}

/** `maybe`: a prefix list lets it through or not; what is in the list is not asked. */
export type Admission = 'yes' | 'maybe' | 'no';

export const transportOf = (protocol: ProbeProtocol): Flow['protocol'] => (protocol === 'udp' ? 'udp' : 'tcp');

export const admitsOut = (groups: readonly SecurityGroup[], flow: Flow): Admission =>
  admits(
    groups.flatMap(({ IpPermissionsEgress = [] }) => IpPermissionsEgress),
    flow,
  );

export const admitsIn = (groups: readonly SecurityGroup[], flow: Flow): Admission =>
  admits(
    groups.flatMap(({ IpPermissions = [] }) => IpPermissions),
    flow,
  );

function admits(rules: readonly IpPermission[], flow: Flow): Admission {
  const open = rules.filter((rule) => isOpen(rule, flow));
  const wanted = blockFrom(flow.block);
  const isHeld = ({ IpRanges = [], UserIdGroupPairs = [] }: IpPermission): boolean =>
    UserIdGroupPairs.some(({ GroupId = '' }) => flow.groups.includes(GroupId)) ||
    IpRanges.some(({ CidrIp = '' }) => {
      const range = blockFrom(CidrIp);
      return range !== null && wanted !== null && holds(range, wanted);
    });
  if (open.some(isHeld)) return 'yes';
  return open.some(({ PrefixListIds = [] }) => PrefixListIds.length > 0) ? 'maybe' : 'no';
}

/** `-1` is every protocol, and every port with it. */
function isOpen({ IpProtocol, FromPort, ToPort }: IpPermission, { protocol, port }: Flow): boolean {
  if (IpProtocol === '-1') return true;
  const number = { tcp: '6', udp: '17' }[protocol];
  if (IpProtocol !== protocol && IpProtocol !== number) return false;
  return port >= (FromPort ?? 0) && port <= (ToPort ?? 65_535);
}
