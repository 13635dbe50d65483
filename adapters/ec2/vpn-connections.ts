/**
 * What AWS tells of Site-to-Site VPN connections: state, telemetry of each tunnel, who starts IKE; and per tunnel whether
 * its endpoint is provisioned and which maintenance waits for it.
 *
 * Law: DescribeVpnConnections answers with the tunnels' pre-shared keys. The answer is cut down to what is listed here
 * before it has a name, and an error of that call never carries what came back: so no key can be logged, thrown or stored.
 * One function holds the grant; nothing else imports this file. What a person asks with credentials of his own is in
 * cli/doctor/tunnels.ts, under the same law.
 */
import {
  DescribeVpnConnectionsCommand,
  type DescribeVpnConnectionsCommandOutput,
  type EC2Client,
  GetActiveVpnTunnelStatusCommand,
  GetVpnTunnelReplacementStatusCommand,
} from '@aws-sdk/client-ec2';
import type { TunnelAddress } from '../../core/words/domain';
import type { TunnelFacts, TunnelReport } from '../../core/words/evidence';
import { harmless } from '../../core/words/malformed';
import { attempt, type Clock } from '../attempt';
import { throwWithoutAnswer } from './without-answer';

/** One tunnel by its outside address; AWS promises no order. */
export interface Telemetry extends Pick<TunnelFacts, 'message' | 'initiatedByAws'> {
  /** As AWS spells it: `UP` or `DOWN`. Empty: it did not say. */
  readonly status: string;
  /** Null: it did not say. */
  readonly since: number | null;
}

/** As AWS tells it, unjudged. */
export interface SeenConnection {
  /** `pending`, `available`, `deleting`, `deleted`. */
  readonly state: string;
  readonly tunnels: ReadonlyMap<TunnelAddress, Telemetry>;
}

export interface VpnConnections {
  /** By id; what AWS does not list is not there. Asked by filter: by id, one that is deleted would blind all others. */
  describe(ids: readonly string[]): Promise<ReadonlyMap<string, SeenConnection>>;
  provisioning(id: string, tunnel: TunnelAddress): Promise<TunnelFacts['provisioning']>;
  /** When AWS applies pending maintenance by itself; null: none is announced. */
  maintenanceBy(id: string, tunnel: TunnelAddress): Promise<TunnelReport['reportedAt'] | null>;
}

/** EC2's own limit of values in one filter. */
const idsPerCallMax = 200;
const messageLengthMax = 120;

export function vpnConnections(ec2: Pick<EC2Client, 'send'>, clock: Clock): VpnConnections {
  const describePage = (ids: readonly string[]): Promise<[string, SeenConnection][]> => {
    const describe = new DescribeVpnConnectionsCommand({
      Filters: [{ Name: 'vpn-connection-id', Values: [...ids] }],
    });
    const tried = { operation: 'DescribeVpnConnections', on: ids.join(', ') };
    return attempt(clock, tried, () => ec2.send(describe).then(withoutKeys, throwWithoutAnswer));
  };

  return {
    async describe(ids) {
      const found: [string, SeenConnection][] = [];
      for (let i = 0; i < ids.length; i += idsPerCallMax)
        found.push(...(await describePage(ids.slice(i, i + idsPerCallMax))));
      return new Map(found);
    },
    async provisioning(id, tunnel) {
      const ask = new GetActiveVpnTunnelStatusCommand({ VpnConnectionId: id, VpnTunnelOutsideIpAddress: tunnel });
      const tried = { operation: 'GetActiveVpnTunnelStatus', on: `${id} ${tunnel}` };
      const { ActiveVpnTunnelStatus } = await attempt(clock, tried, () => ec2.send(ask));
      const status = ActiveVpnTunnelStatus?.ProvisioningStatus;
      return status === 'available' || status === 'pending' || status === 'failed' ? status : 'unknown';
    },
    async maintenanceBy(id, tunnel) {
      const ask = new GetVpnTunnelReplacementStatusCommand({ VpnConnectionId: id, VpnTunnelOutsideIpAddress: tunnel });
      const tried = { operation: 'GetVpnTunnelReplacementStatus', on: `${id} ${tunnel}` };
      const { MaintenanceDetails } = await attempt(clock, tried, () => ec2.send(ask));
      // `PendingMaintenance` is a text for people; the date is the sign, and what lies behind us was applied.
      const by = instantOf(MaintenanceDetails?.MaintenanceAutoAppliedAfter);
      return by !== null && by > clock.now() ? by : null;
    },
  };
}

/** Everything we ever look at; whatever else came, keys and all, is let go of here. */
const withoutKeys = ({ VpnConnections = [] }: DescribeVpnConnectionsCommandOutput): [string, SeenConnection][] =>
  VpnConnections.map(({ VpnConnectionId = '', State = '', VgwTelemetry = [], Options }) => {
    const startedBy = new Map(
      (Options?.TunnelOptions ?? []).map(({ OutsideIpAddress, StartupAction }) => [OutsideIpAddress, StartupAction]),
    );
    const tunnels = VgwTelemetry.map(
      ({ OutsideIpAddress = '', Status = '', StatusMessage = '', LastStatusChange }): [TunnelAddress, Telemetry] => {
        const startup = startedBy.get(OutsideIpAddress);
        return [
          OutsideIpAddress,
          {
            status: Status,
            since: instantOf(LastStatusChange),
            message: harmless(StatusMessage).slice(0, messageLengthMax),
            initiatedByAws: startup === undefined ? null : startup === 'start',
          },
        ];
      },
    );
    return [VpnConnectionId, { state: State, tunnels: new Map(tunnels) }];
  });

function instantOf(date: Date | undefined): number | null {
  const at = date === undefined ? Number.NaN : new Date(date).getTime();
  return Number.isFinite(at) ? at : null;
}
