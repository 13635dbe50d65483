/**
 * Routers that speak BGP, as the lab has them: whom each talks to, what it announces, and that in FRR's words. AWS's
 * timers (keepalive 10 s, hold 30 s), and BFD at 300 ms x 3 where it is asked for.
 */

import { Frr } from './frr';
import type { Namespaces } from './namespaces';

interface Neighbour {
  readonly address: string;
  readonly as: number;
  /** What is heard from it is preferred here, by local-preference. */
  readonly isPreferred?: boolean;
  /** What it is told has this router's AS in front so many times more. @default 0 */
  readonly prepends?: number;
}

export interface Router {
  /** Namespace. */
  readonly host: string;
  readonly as: number;
  readonly networks: readonly string[];
  readonly neighbours: readonly Neighbour[];
}

/** All started at once: each waits only for its own daemons. */
export async function startRouters(
  spaces: Namespaces,
  runFolder: string,
  routers: readonly Router[],
  withBfd = false,
): Promise<ReadonlyMap<string, Frr>> {
  const started = routers.map(async (router) => {
    const bfd = withBfd ? { bfd: fastBfd } : {};
    const frr = new Frr(spaces, runFolder, { host: router.host, bgp: bgpLines(router, withBfd), ...bfd });
    await frr.start();
    return [router.host, frr] as const;
  });
  return new Map(await Promise.all(started));
}

const fastBfd = `bfd
 profile fast
  receive-interval 300
  transmit-interval 300
  detect-multiplier 3
 exit
exit
`;

function bgpLines({ as, networks, neighbours }: Router, withBfd: boolean): string {
  const sessions = neighbours.map(
    ({ address, as: remoteAs }) => ` neighbor ${address} remote-as ${remoteAs}
 neighbor ${address} timers 10 30
 neighbor ${address} timers connect 2
 neighbor ${address} advertisement-interval 0
${withBfd ? ` neighbor ${address} bfd\n neighbor ${address} bfd profile fast\n` : ''}`,
  );
  const policies = neighbours.flatMap(({ address, isPreferred, prepends = 0 }) => [
    ...(isPreferred === true ? [`  neighbor ${address} route-map PREFERRED in\n`] : []),
    ...(prepends > 0 ? [`  neighbor ${address} route-map PREPEND-${prepends} out\n`] : []),
  ]);
  const prepended = [...new Set(neighbours.map(({ prepends = 0 }) => prepends))].filter((times) => times > 0);
  return `router bgp ${as}
 bgp router-id 9.9.9.${as % 250}
 no bgp ebgp-requires-policy
 no bgp network import-check
${sessions.join('')} address-family ipv4 unicast
${networks.map((network) => `  network ${network}\n`).join('')}${policies.join('')} exit-address-family
exit
route-map PREFERRED permit 10
 set local-preference 200
exit
${prepended.map((times) => `route-map PREPEND-${times} permit 10\n set as-path prepend${` ${as}`.repeat(times)}\nexit\n`).join('')}`;
}
