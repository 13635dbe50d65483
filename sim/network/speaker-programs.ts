/**
 * What a speaker's documents call on a gateway beside the shell: FRR's `vtysh`, and `ip` and `cat` for what comes in
 * through a tunnel. Words and figures are those of FRR 8.4.4, iproute2 6.1 and the kernel's /proc.
 */
import { secondMs } from '../../core/words/time';
import { NotModelled } from '../../local-cloud/service';
import type { Program } from '../../local-cloud/world-port';
import type { PhysicalWorld } from '../world';
import type { Machine } from './instances';
import type { Tunnel } from './tunnels';

/** A tunnel's device, by its place among the machine's own. */
const deviceOf = (index: number): string => `vti${index}`;

/** By which the machine reaches what stands in its VPC. */
const ownDevice = 'ens5';

export function speakerPrograms(world: PhysicalWorld, machine: Machine): Readonly<Record<string, Program>> {
  const frr = world.bgp.frrOf(machine);
  const vtysh: Program = (args) =>
    frr === null ? { code: 127, stderr: 'vtysh: command not found\n' } : frr.vtysh(args);
  const neighbors: readonly string[] = frr?.boot.neighbors ?? [];
  const tunnelTo = (neighbor: string): Tunnel | null => world.bgp.tunnelTo(machine, neighbor);

  const ip: Program = (args) => {
    const [, , neighbor = ''] = /^(route get) ([0-9.]+)$/.exec(args.join(' ')) ?? [];
    const index = neighbors.indexOf(neighbor);
    if (frr?.boot.inside.includes(neighbor) === true)
      return { code: 0, stdout: `${neighbor} dev ${ownDevice} src 10.0.0.1 uid 0 \n    cache \n` };
    if (neighbor !== '' && (index < 0 || tunnelTo(neighbor) === null))
      return { code: 2, stderr: 'RTNETLINK answers: Network is unreachable\n' };
    if (neighbor !== '')
      return { code: 0, stdout: `${neighbor} dev ${deviceOf(index)} src 169.254.0.2 uid 0 \n    cache \n` };
    const [, device] = /^-d link show dev (\S*)$/.exec(args.join(' ')) ?? [];
    if (device === ownDevice)
      return {
        code: 0,
        stdout: `2: ${device}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 9001\n    link/ether 06:00:00:00:00:01\n`,
      };
    if (device === undefined) throw new NotModelled('gateway', `ip ${args.join(' ')}`);
    if (!neighbors.some((_, i) => deviceOf(i) === device))
      return { code: 1, stderr: `Device "${device}" does not exist.\n` };
    return {
      code: 0,
      stdout: `5: ${device}@NONE: <POINTOPOINT,NOARP,UP,LOWER_UP> mtu 1436\n    link/ipip\n    vti remote any\n`,
    };
  };

  const proc: Readonly<Record<string, () => string>> = {
    '/proc/uptime': () => `${((world.clock.now() - machine.launchedAt) / secondMs).toFixed(2)} 1.00\n`,
    '/proc/net/dev': () =>
      neighbors
        .flatMap((neighbor, i) =>
          tunnelTo(neighbor) === null ? [] : [[i, world.bgp.receivedFrom(machine, neighbor)] as const],
        )
        .map(([i, packets]) => `  ${deviceOf(i)}: ${84 * packets} ${packets} 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n`)
        .join(''),
  };
  const cat: Program = (files) => ({
    code: 0,
    stdout: files.map((file) => proc[file]?.() ?? raise(new NotModelled('gateway', `cat ${file}`))).join(''),
  });

  return { vtysh, ip, cat };
}

function raise(error: Error): never {
  throw error;
}
