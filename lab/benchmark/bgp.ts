/**
 * BGP over the tunnels and in the VPC, by FRR: AWS's timers (keepalive 10 s, hold 30 s), or the same with BFD at 300 ms x 3,
 * as VPC Route Server offers. Home is preferred on both sides; answers follow what the site's router learned.
 */
import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attempt } from '../command';
import { gatewayPlanOf, server, serverNetwork, transit } from '../plan';
import { until } from '../real-time';
import type { Arena } from './arena';
import type { Method } from './methods';
import { startService } from './service';

interface Neighbour {
  readonly address: string;
  readonly as: number;
  readonly isPreferred: boolean;
}

interface Router {
  /** Namespace. */
  readonly host: string;
  readonly as: number;
  readonly networks: readonly string[];
  readonly neighbours: readonly Neighbour[];
}

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
      for (const router of routersOf(arena)) await startRouter(arena, router, withBfd);
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
        { address: gateway.router, as: aws.cloud, isPreferred: false },
        { address: link.theirs, as: remoteAs, isPreferred: false },
      ],
    },
    {
      host: remote.name,
      as: remoteAs,
      networks: [],
      neighbours: [
        { address: link.ours, as, isPreferred: false },
        { address: remote.insideRouter, as: aws.site, isPreferred: false },
      ],
    },
  ]);
  return [vpc, site, ...others];
}

async function startRouter(arena: Arena, router: Router, withBfd: boolean): Promise<void> {
  const { spaces, runFolder } = arena.lab;
  const folder = join(runFolder, `frr-${router.host}`);
  mkdirSync(folder);
  const daemons = ['zebra', ...(withBfd ? ['bfdd'] : []), 'bgpd'];
  const texts: Record<string, string> = {
    zebra: `hostname ${router.host}\n`,
    bfdd: bfdConfiguration,
    bgpd: bgpConfiguration(router, withBfd),
  };
  const { uid, gid } = frrUser();
  for (const daemon of daemons) {
    writeFileSync(join(folder, `${daemon}.conf`), texts[daemon]!);
    chownSync(join(folder, `${daemon}.conf`), uid, gid);
  }
  chownSync(folder, uid, gid);
  for (const daemon of daemons) {
    const own = daemon === 'bfdd' ? ['--bfdctl', join(folder, 'bfdd.sock')] : [];
    const places = ['--vty_socket', folder, '-z', join(folder, 'zserv.api'), '-i', join(folder, `${daemon}.pid`)];
    const config = ['-f', join(folder, `${daemon}.conf`), '-P', '0'];
    startService(spaces, router.host, [
      `/usr/lib/frr/${daemon}`,
      '-u',
      'frr',
      '-g',
      'frr',
      ...places,
      ...config,
      ...own,
    ]);
    if (daemon !== 'zebra') continue;
    await until(`zebra of ${router.host} must listen`, 5_000, async () => {
      const { code } = await attempt(['test', '-S', join(folder, 'zserv.api')]);
      return code === 0;
    });
  }
}

/** FRR drops root for this user. Throws when FRR is not installed. */
function frrUser(): { uid: number; gid: number } {
  const entry = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.startsWith('frr:'));
  if (entry === undefined) throw new Error('FRR is not installed. On Debian: apt-get install -y frr');
  const [, , uid, gid] = entry.split(':').map(Number);
  return { uid: uid!, gid: gid! };
}

const bfdConfiguration = `bfd
 profile fast
  receive-interval 300
  transmit-interval 300
  detect-multiplier 3
 exit
exit
`;

function bgpConfiguration({ host, as, networks, neighbours }: Router, withBfd: boolean): string {
  const sessions = neighbours.map(
    ({ address, as: remoteAs }) => ` neighbor ${address} remote-as ${remoteAs}
 neighbor ${address} timers 10 30
 neighbor ${address} timers connect 2
 neighbor ${address} advertisement-interval 0
${withBfd ? ` neighbor ${address} bfd\n neighbor ${address} bfd profile fast\n` : ''}`,
  );
  const preferred = neighbours.filter(({ isPreferred }) => isPreferred);
  return `hostname ${host}
router bgp ${as}
 bgp router-id 9.9.9.${as % 250}
 no bgp ebgp-requires-policy
 no bgp network import-check
${sessions.join('')} address-family ipv4 unicast
${networks.map((network) => `  network ${network}\n`).join('')}${preferred
  .map(({ address }) => `  neighbor ${address} route-map PREFERRED in\n`)
  .join('')} exit-address-family
exit
route-map PREFERRED permit 10
 set local-preference 200
exit
`;
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
