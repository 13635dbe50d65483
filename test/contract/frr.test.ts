/**
 * The `frr.conf` that is made for a gateway, before a FRR that we did not write: its own syntax check, and two daemons that speak to
 * each other. The gateway's boots from the file, and the speaker documents must find it as they count on it. Needs FRR
 * (`apt-get install frr`), and root for the daemons; names what is missing.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deployment, site } from '../../examples/bgp/frr';
import * as led from '../../examples/route-server/frr';
import { frrConf } from '../../infra/greenfield/frr-conf';
import { attempt } from '../../lab/command';
import { Frr } from '../../lab/frr';
import { Namespaces } from '../../lab/namespaces';
import { until } from '../../lab/real-time';
import { LabSpeaker } from '../../lab/speaker';
import { missingPrograms } from '../programs';

const confOf = (gateway: string): string => frrConf(deployment, gateway, site);
const noSyntax = missingPrograms('vtysh');
const noDaemons = [
  ...noSyntax,
  ...(process.getuid?.() === 0 ? [] : ['root']),
  ...missingPrograms('ip', 'sysctl', 'awk', 'timeout'),
  ...(spawnSync('test', ['-x', '/usr/lib/frr/bgpd']).status === 0 ? [] : ['bgpd']),
];

function where(missing: readonly string[], what: string, test: () => unknown): void {
  if (missing.length === 0) it(what, test as () => Promise<void>);
  else it.skip(`${what} (NOT CHECKED, missing: ${missing.join(', ')})`, () => {});
}

describe('a file for each gateway', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'frr-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function checked(text: string) {
    const file = join(folder, 'frr.conf');
    writeFileSync(file, text);
    return spawnSync('vtysh', ['-C', '-f', file], { encoding: 'utf8' });
  }

  where(noSyntax, 'is taken by FRR’s own check, which takes no other', () => {
    for (const gateway of ['gw-a', 'gw-b']) {
      expect(checked(confOf(gateway))).toMatchObject({ status: 0, stderr: '' });
      const toRouteServer = frrConf(led.deployment, gateway, led.site);
      expect(checked(toRouteServer)).toMatchObject({ status: 0, stderr: '' });
    }
    expect(checked(confOf('gw-a').replace('remote-as', 'remot-as')).status).not.toBe(0);
  });
});

describe('a daemon that boots from it', () => {
  const spaces = new Namespaces(process.pid);
  const folder = mkdtempSync(join(tmpdir(), 'frr-pair-'));
  chmodSync(folder, 0o755); // FRR drops root.
  const far = '169.254.3.1';
  const partner = `router bgp 65001
bgp router-id 192.0.2.1
no bgp ebgp-requires-policy
no bgp network import-check
neighbor 169.254.3.2 remote-as 64601
address-family ipv4 unicast
network 172.16.0.0/16
network 192.168.0.0/16
exit-address-family
`;
  const hosts = ['gw', 'peer'];

  afterAll(() => {
    for (const host of hosts.filter((one) => spaces.has(one))) {
      const name = spaces.nameOf(host);
      const { stdout } = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' });
      for (const pid of stdout.split('\n').filter((line) => line !== '')) process.kill(Number(pid), 'SIGKILL');
      spawnSync('ip', ['netns', 'del', name]);
    }
    rmSync(folder, { recursive: true });
  });

  where(
    noDaemons,
    'speaks drained to its partner, takes an undrain, and tells and hears no more than it should',
    async () => {
      await spaces.create(hosts);
      await spaces.link('gw', 'across', 'peer', 'across');
      await spaces.ip('gw', ['address add 169.254.3.2/30 dev across', 'link set across up']);
      await spaces.ip('peer', [`address add ${far}/30 dev across`, 'link set across up']);
      const own = new Frr(spaces, folder, { host: 'gw', bgp: confOf('gw-a'), bfd: '' });
      const theirs = new Frr(spaces, folder, { host: 'peer', bgp: partner });
      await Promise.all([own.start(), theirs.start()]);
      const speaker = new LabSpeaker(spaces, 'gw', own, 64_601, far);
      const heard = async (by: Frr): Promise<Record<string, string>> => {
        const { stdout } = await by.vtysh('show bgp ipv4 unicast json');
        const routes: Record<string, { path: string; pathFrom: string }[]> = JSON.parse(stdout).routes;
        const ways = Object.entries(routes).map(([prefix, [way]]) => [prefix, way!.path] as const);
        return Object.fromEntries(ways.filter(([, path]) => path !== ''));
      };
      const drained = '64601 64601 64601 64601 64601';
      await until(
        'The partner must hear it drained',
        60_000,
        async () => (await heard(theirs))['10.0.0.0/16'] === drained,
      );
      expect(await heard(theirs)).toEqual({ '10.0.0.0/16': drained, '10.0.40.0/28': drained });
      expect(await heard(own)).toEqual({ '172.16.0.0/16': '65001' });
      expect(await speaker.read()).toMatchObject({
        code: 0,
        neighbour: { session: 'up', advertises: 'drained', prefixes: 2 },
      });

      expect(await speaker.order('undrain', 'prepend')).toMatchObject({ code: 0, neighbour: { advertises: 'normal' } });
      await until(
        'The partner must hear it as usual',
        20_000,
        async () => (await heard(theirs))['10.0.0.0/16'] === '64601',
      );
      expect((await attempt([join(own.bin, 'vtysh'), '-c', 'show running-config'])).stdout).toMatch(
        /neighbor 169\.254\.3\.1 route-map OUT-169\.254\.3\.1 out/,
      );
      expect(await speaker.order('drain', 'prepend')).toMatchObject({ code: 0, neighbour: { advertises: 'drained' } });
    },
  );
});
