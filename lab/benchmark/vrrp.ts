/**
 * keepalived on both gateways, sharing one address that is the users' next hop. It needs one layer 2 network over both
 * zones, which a VPC has not: the lab gives it one.
 */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attempt } from '../command';
import { server } from '../plan';
import { until } from '../real-time';
import { startService } from '../service';
import type { Arena } from './arena';
import type { Method } from './methods';

const shared = '10.0.30.10';

export const vrrp: Method = {
  name: 'keepalived VRRP',
  parameters: 'adverts every 1 s; the tunnel’s device is checked every 1 s, twice; one layer 2 network needed',
  source: 'keepalived 2.2.7 defaults (advert_int 1); script interval 1, fall 2',
  patienceMs: 30_000,
  beatMs: 1_000,
  async prepare(arena) {
    const { spaces, runFolder } = arena.lab;
    await spaces.ip('vpc', ['link add ha type bridge', 'addr add 10.0.30.1/24 dev ha', 'link set ha up']);
    for (const [i, path] of [arena.home, arena.standby].entries()) {
      const { namespace } = arena.gatewayOf(path);
      await spaces.link('vpc', `ha${i}`, namespace, 'ha');
      await spaces.ip('vpc', [`link set ha${i} master ha`, `link set ha${i} up`]);
      await spaces.ip(namespace, [`addr add 10.0.30.1${i + 1}/24 dev ha`, 'link set ha up']);
      const folder = join(runFolder, `keepalived-${namespace}`);
      mkdirSync(folder);
      const check = join(folder, 'check');
      writeFileSync(check, `#!/bin/sh\nexec ip route get ${server.address} 2> /dev/null | grep -q 'dev ipsec0'\n`);
      chmodSync(check, 0o755);
      writeFileSync(join(folder, 'keepalived.conf'), configuration(check, 150 - 50 * i));
      const files = ['-f', 'keepalived.conf', '-p', 'keepalived.pid', '-r', 'vrrp.pid', '-c', 'check.pid'];
      const args = files.map((word) => (word.startsWith('-') ? word : join(folder, word)));
      startService(spaces, namespace, ['keepalived', '-n', ...args]);
    }
    await arena.giveUp(shared);
  },
  async settled(arena) {
    await until('The home gateway must hold the shared address', 30_000, () => holds(arena, arena.home));
  },
  async watch() {},
};

async function holds(arena: Arena, path: string): Promise<boolean> {
  const { namespace } = arena.gatewayOf(path);
  const { stdout } = await attempt(arena.lab.spaces.inside(namespace, ['ip', '-br', 'addr', 'show', 'dev', 'ha']));
  return stdout.includes(`${shared}/`);
}

const configuration = (check: string, priority: number): string => `global_defs {
  script_user root
  enable_script_security
  vrrp_garp_master_delay 1
}
vrrp_script tunnel {
  script "${check}"
  interval 1
  timeout 2
  fall 2
  rise 2
}
vrrp_instance gateways {
  interface ha
  state BACKUP
  virtual_router_id 51
  priority ${priority}
  advert_int 1
  virtual_ipaddress {
    ${shared}/24 dev ha
  }
  track_script {
    tunnel
  }
}
`;
