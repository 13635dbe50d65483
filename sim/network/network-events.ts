/**
 * AWS Network Manager: tells that a tunnel of a connection on a transit gateway has gone or come, some seconds after AWS
 * has seen it, in one region only and best effort. AWS has documented two spellings of the event; which one comes is
 * drawn, for a whole run.
 */

import type { VirtualClock } from '../../local-cloud/clock';
import type { Random } from '../../local-cloud/random';
import type { SiteToSitePort } from '../../local-cloud/site-to-site';
import { accountId } from '../../local-cloud/template/json';

/** Nobody has measured it: "near real time". */
const tellsAfterMs = { from: 2_000, to: 10_000 };

type ToldEvent = Parameters<Parameters<SiteToSitePort['onTold']>[0]>[0];

interface Told {
  readonly id: string;
  readonly endsOn: { readonly kind: string; readonly id: string };
  readonly attachmentId: string | null;
}

export class NetworkManager {
  /** It tells nothing: its region is away, the gateway is in no global network, or the author has named another region. */
  isLost = false;
  private readonly isOld: boolean;
  private readonly listeners: ((event: ToldEvent) => void)[] = [];

  constructor(
    private readonly clock: VirtualClock,
    private readonly random: Random,
  ) {
    this.isOld = random.chance(0.5);
  }

  onEvent(listener: (event: ToldEvent) => void): void {
    this.listeners.push(listener);
  }

  tunnelChanged(vpn: Told, outsideAddress: string, ike: 'up' | 'down'): void {
    if (vpn.attachmentId === null) return;
    const inMs = this.random.int(tellsAfterMs.from, tellsAfterMs.to);
    this.clock.after(inMs, `Network Manager tells of ${outsideAddress}`, () => {
      if (this.isLost) return;
      const event = this.eventOf(vpn, outsideAddress, ike);
      for (const listener of this.listeners) listener(event);
    });
  }

  private eventOf({ id, endsOn, attachmentId }: Told, outsideAddress: string, ike: 'up' | 'down'): ToldEvent {
    const arn = (kind: string, name: string): string => `arn:aws:ec2:eu-central-1:${accountId}:${kind}/${name}`;
    const told: readonly (readonly [present: string, in2019: string, value: string])[] = [
      ['changeType', 'status-change', `VPN-CONNECTION-IPSEC-${ike.toUpperCase()}`],
      [
        'changeDescription',
        'change-description',
        `IPsec for a VPN connection has ${ike === 'up' ? 'come up' : 'gone down'}.`,
      ],
      ['region', 'region', 'eu-central-1'],
      ['transitGatewayArn', 'transit-gateway-arn', arn('transit-gateway', endsOn.id)],
      [
        'transitGatewayAttachmentArn',
        'transit-gateway-attachment-arn',
        arn('transit-gateway-attachment', attachmentId!),
      ],
      ['vpnConnectionArn', 'vpn-connection-arn', arn('vpn-connection', id)],
      ['outsideIpAddress', 'outside-ip-address', outsideAddress],
    ];
    return {
      source: 'aws.networkmanager',
      'detail-type': 'Network Manager Status Update',
      resources: [
        `arn:aws:networkmanager::${accountId}:global-network/global-network-00000000000000001`,
        arn('vpn-connection', id),
      ],
      detail: Object.fromEntries(told.map(([present, in2019, value]) => [this.isOld ? in2019 : present, value])),
    };
  }
}
