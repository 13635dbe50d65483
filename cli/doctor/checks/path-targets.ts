/** Where routes of a path point now. */
import type { GatewayName, RouteTarget } from '../../../core/words/domain';
import { vpnsOf } from '../../../core/words/gateways';
import { own } from '../../../core/words/shape';
import type { Patient } from '../patient';

/** The kinds that a route may name it by. */
export async function targetsOf(patient: Patient, gateway: GatewayName): Promise<readonly RouteTarget[]> {
  const vpn = own(vpnsOf(patient.deployment), gateway);
  if (vpn !== undefined) {
    const { endsOn } = vpn;
    return endsOn.kind === 'vpn-gateway'
      ? [{ kind: 'gateway', id: endsOn.id }]
      : [
          { kind: 'transit-gateway', id: endsOn.id },
          { kind: 'attachment', id: endsOn.attachmentId },
        ];
  }
  const look = (await patient.gateways()).find((one) => one.gateway.name === gateway);
  return look === undefined ? [] : [{ kind: 'network-interface', id: look.identity.routeInterfaceId }];
}
