/**
 * Steps of a scenario about AWS's own VPN connections and transit gateways: how they are written, and what they do.
 * A tunnel is named by its outside address, by 1 or 2, or by `used` and `other`: which one AWS sends through is drawn.
 */
import * as z from 'zod';
import type { PhysicalWorld } from './world';

const named = <D extends string, S extends z.core.$ZodLooseShape>(at: z.ZodType<number>, name: D, shape: S) =>
  z.strictObject({ at, do: z.literal(name), ...shape });

export function managedSteps(at: z.ZodType<number>, span: z.ZodType<number>) {
  const gateway = { gateway: z.string() };
  const tunnel = { ...gateway, tunnel: z.coerce.string() };
  const on = z.boolean().default(true);
  return [
    /** The tunnel stays UP in AWS's telemetry and passes nothing back. */
    named(at, 'tunnel_one_way', { ...tunnel, on }),
    /** The partner's device is silent: both tunnels go DOWN after the dead-peer time. */
    named(at, 'vpn_peer_down', gateway),
    named(at, 'vpn_peer_up', gateway),
    named(at, 'endpoint_replaced_by_aws', tunnel),
    /** AWS announces maintenance now, and applies it by itself so much later. */
    named(at, 'maintenance_pending', { ...tunnel, by: span }),
    /** Somebody ends the propagation into this table, or begins it again. */
    named(at, 'propagation_withdrawn', { table: z.string(), on }),
    /** As route_by_hand, in a transit gateway's table; `blackhole`: it drops what meets it. */
    named(at, 'tgw_route_by_hand', { table: z.string(), destination: z.string(), target: z.string() }),
    /** The owner of a prefix list puts other blocks into it. */
    named(at, 'prefix_list_holds', { list: z.string(), blocks: z.array(z.string()) }),
    /** Somebody deletes the connection, and with it its attachment. */
    named(at, 'attachment_gone', gateway),
    named(at, 'telemetry_stuck', { ...gateway, on }),
    /** Network Manager tells nothing from now on: best effort, as AWS says of its events. */
    named(at, 'network_manager_lost', { on }),
    /** Writes to the table are answered with IncorrectState meanwhile. */
    named(at, 'table_changing', { table: z.string(), on }),
    /** What AWS does here, which is drawn otherwise: routes to a dead VPN turn into black holes, or stay active. */
    named(at, 'dead_routes_blackhole', { on }),
    /** Propagated routes are withdrawn when both tunnels are DOWN, or stay. */
    named(at, 'dead_routes_withdrawn', { on }),
  ] as const;
}

type ManagedStep = z.output<ReturnType<typeof managedSteps>[number]>;

type Act<D extends ManagedStep['do']> = (step: Extract<ManagedStep, { do: D }>, world: PhysicalWorld) => unknown;

const acts: { readonly [D in ManagedStep['do']]: Act<D> } = {
  tunnel_one_way: ({ gateway, tunnel, on }, { vpns }) => vpns.oneWay(gateway, tunnel, on),
  vpn_peer_down: ({ gateway }, world) => vpnPeer(gateway, false, world),
  vpn_peer_up: ({ gateway }, world) => {
    vpnPeer(gateway, true, world);
    world.vpns.peerStarted(gateway);
  },
  endpoint_replaced_by_aws: ({ gateway, tunnel }, { vpns }) =>
    vpns.replace(vpns.named(gateway), vpns.tunnelOf(gateway, tunnel), 'AWS'),
  maintenance_pending: ({ gateway, tunnel, by }, { vpns, clock }) =>
    vpns.announceMaintenance(gateway, tunnel, clock.now() + by),
  propagation_withdrawn: ({ table, on }, { propagation }) => propagation.turn(table, !on),
  tgw_route_by_hand: ({ table, destination, target }, world) => world.routeByHand(table, destination, target),
  prefix_list_holds: ({ list, blocks }, world) => {
    world.transit.prefixLists.set(list, blocks);
    world.networkChanged(`${list} holds ${blocks.join(', ')}`);
  },
  attachment_gone: ({ gateway }, { vpns, transit }) => {
    const { attachmentId } = vpns.named(gateway);
    if (attachmentId !== null) transit.detach(attachmentId);
    vpns.delete(gateway);
  },
  telemetry_stuck: ({ gateway, on }, { vpns }) => vpns.telemetryStuck(gateway, on),
  network_manager_lost: ({ on }, { vpns }) => {
    vpns.networkManager.isLost = on;
  },
  table_changing: ({ table, on }, { transit }) => transit.beginChange(table, on),
  dead_routes_blackhole: ({ on }, { transit }) => {
    transit.deadVpnBlackholes = on;
  },
  dead_routes_withdrawn: ({ on }, { propagation }) => {
    propagation.withdraws = on;
  },
};

export function performManaged(step: ManagedStep, world: PhysicalWorld): void {
  const act = acts[step.do] as (step: ManagedStep, world: PhysicalWorld) => unknown; // Each is asked for its own steps.
  act(step, world);
}

/** One of the tunnels that a gateway has, of whichever kind: somebody takes it down, and it stays so until it is let up. */
export function turnTunnel({ vpns, tunnels }: PhysicalWorld, gateway: string, tunnel: string, up: boolean): void {
  if (vpns.of(gateway) === undefined) tunnels.peerEnd(gateway, tunnel, up);
  else if (up) vpns.bringUp(gateway, tunnel);
  else vpns.takeDown(gateway, tunnel);
}

/** Everything that the partner's device carries. */
function vpnPeer(gateway: string, peerUp: boolean, world: PhysicalWorld): void {
  for (const line of world.tunnels.all) if (line.gateway === gateway) line.peerUp = peerUp;
  world.networkChanged(`the partner of ${gateway} is ${peerUp ? 'up' : 'down'}`);
}
