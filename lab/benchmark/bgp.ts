/**
 * BGP over the tunnels and in the VPC, by FRR: AWS's timers (keepalive 10 s, hold 30 s), or the same with BFD at 300 ms x 3,
 * as VPC Route Server offers. Home is preferred on both sides; answers follow what the site's router learned.
 */
import { attempt } from '../command';
import { gatewayPlanOf, server, serverNetwork, transit } from '../plan';
import { until } from '../real-time';
import { type Router, startRouters } from '../routers';
import type { Arena } from './arena';
import type { Method } from './methods';

const aws = { cloud: 64_600, site: 65_010 };

function bgpMethod(name: string, parameters: string, withBfd: boolean): Method {
  return {
    name,
    parameters,
    source: withBfd ? 'VPC Route Server guide (BFD 300 ms x 3)' : 'AWS Site-to-Site VPN guide (timers 10 30)',
    patienceMs: 60_000,
    beatMs: 10_000,
    routing: 'bgp',
    async prepare(arena) {
      await arena.giveUp(null);
      await startRouters(arena.lab.spaces, arena.lab.runFolder, routersOf(arena), withBfd);
    },
    async settled(arena) {
      await until('BGP must lead users home and back', 90_000, () => isHome(arena));
    },
    async watch() {},
  };
}

export const bgp = bgpMethod('BGP 10/30', 'keepalive every 10 s, hold 30 s', false);
export const bfd = bgpMethod('BGP with BFD', 'BFD every 300 ms, 3 missed; BGP 10/30 above it', true);

function routersOf(arena: Arena): Router[] {
  const { plan } = arena.lab;
  const ways = [arena.home, arena.standby].map((path, i) => {
    const gateway = gatewayPlanOf(plan, path);
    const remote = arena.remoteOf(path);
    return {
      path,
      gateway,
      remote,
      as: 64_601 + i,
      remoteAs: 65_001 + i,
      link: transit(remote.mark),
      isPreferred: i === 0,
    };
  });
  const vpc: Router = {
    host: 'vpc',
    as: aws.cloud,
    networks: plan.hosts.map(({ subnet }) => subnet),
    neighbours: ways.map(({ gateway, as, isPreferred }) => ({
      address: gateway.gateway.privateAddress,
      as,
      isPreferred,
    })),
  };
  const site: Router = {
    host: 'site',
    as: aws.site,
    networks: [serverNetwork],
    neighbours: ways.map(({ remote, remoteAs, isPreferred }) => ({
      address: remote.inside,
      as: remoteAs,
      isPreferred,
    })),
  };
  const others = ways.flatMap(({ path, gateway, remote, as, remoteAs, link }): Router[] => [
    {
      host: arena.gatewayOf(path).namespace,
      as,
      networks: [],
      neighbours: [
        { address: gateway.router, as: aws.cloud },
        { address: link.theirs, as: remoteAs },
      ],
    },
    {
      host: remote.name,
      as: remoteAs,
      networks: [],
      neighbours: [
        { address: link.ours, as },
        { address: remote.insideRouter, as: aws.site },
      ],
    },
  ]);
  return [vpc, site, ...others];
}

async function isHome(arena: Arena): Promise<boolean> {
  const { lab, home } = arena;
  const users = lab.plan.hosts.find(({ name }) => name === 'users')!;
  const { privateAddress } = gatewayPlanOf(lab.plan, home).gateway;
  const there = ['ip', 'route', 'get', server.address, 'from', users.address, 'iif', users.name];
  const back = ['ip', 'route', 'get', users.address, 'from', server.address, 'iif', 'server'];
  const [out, answer] = await Promise.all([
    attempt(lab.spaces.inside('vpc', there)),
    attempt(lab.spaces.inside('site', back)),
  ]);
  return out.stdout.includes(`via ${privateAddress}`) && answer.stdout.includes(`via ${arena.remoteOf(home).inside}`);
}
