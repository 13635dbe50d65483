/** Single places of the ground plan: hosts in the VPC, remote gateways with their tunnels. */

export interface HostPlan {
  /** Namespace. */
  readonly name: string;
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
