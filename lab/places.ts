/** Single places of the ground plan: hosts in the VPC, remote gateways with their tunnels. */
import type { InstanceGateway } from '../core/words/domain';

/** A VPC of ours: the namespace of its router, its network, and what lies at the other end of its gateways' tunnels. */
export interface VpcPlan {
  readonly space: string;
  readonly network: string;
  readonly across: string;
}

export interface GatewayPlan {
  readonly gateway: InstanceGateway;
  readonly bridge: string;
  readonly subnet: string;
  readonly router: string;
  /** Elastic IP. */
  readonly publicIp: string;
  readonly vpc: VpcPlan;
}

export interface HostPlan {
  /** Namespace. */
  readonly name: string;
  /** Of the router of its VPC. */
  readonly space: string;
  /** In the VPC; null for the users. */
  readonly subnetId: string | null;
  readonly subnet: string;
  readonly router: string;
  readonly address: string;
  readonly tableId: string;
}

export interface RemotePlan {
  /** Namespace. */
  readonly name: string;
  readonly outside: string;
  readonly outsideRouter: string;
  readonly inside: string;
  readonly insideRouter: string;
  /** Of the flows that came in over it, for symmetric return. */
  readonly mark: number;
  readonly tunnels: readonly TunnelPlan[];
}

export interface TunnelPlan {
  readonly name: string;
  readonly path: string;
  readonly gateway: string;
  /** Of the cloud's end. */
  readonly publicIp: string;
}
