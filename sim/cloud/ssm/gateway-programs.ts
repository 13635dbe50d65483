/**
 * What the programs on a gateway do: `swanctl` and `systemctl`, acting on the simulated machine and its tunnels.
 *
 * A daemon that is dead answers no swanctl call; a peer that is silent lets `--initiate` run into its timeout.
 */
import type { Machine } from '../../network/instances';
import type { PhysicalWorld } from '../../world';
import { NotModelled } from '../service';
import type { Program } from './shell';
import type { ProgramResult } from './shell-builtins';

/** Without `--timeout`, swanctl waits for as long as IKE retransmits; ours always say. */
const initiateTimeoutS = 10;
/** IKE_SA_INIT, IKE_AUTH: two round trips and the key exchange. */
const initiateMs = 200;

const option = (args: readonly string[], name: string): string | undefined => {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
};

export function gatewayPrograms(
  world: PhysicalWorld,
  machine: Machine,
  sleep: (ms: number) => Promise<void>,
): Readonly<Record<string, Program>> {
  const unknown = (program: string, args: readonly string[]): never => {
    throw new NotModelled('gateway', `the command line: ${[program, ...args].join(' ')}`);
  };

  const initiate = async (args: readonly string[]): Promise<ProgramResult> => {
    const name = option(args, '--child') ?? option(args, '--ike') ?? '';
    const tunnel = world.tunnelOn(machine, name);
    if (tunnel === undefined) return { code: 1, stderr: `initiate failed: CHILD_SA config '${name}' not found\n` };
    await sleep(initiateMs);
    if (world.tunnels.initiate(tunnel, machine.id)) return { code: 0, stdout: 'initiate completed successfully\n' };
    await sleep(Number(option(args, '--timeout') ?? initiateTimeoutS) * 1_000 - initiateMs);
    return { code: 1, stderr: `initiate failed: establishing CHILD_SA '${name}' failed\n` };
  };

  const terminate = (args: readonly string[]): ProgramResult => {
    const name = option(args, '--ike') ?? option(args, '--child') ?? '';
    const tunnel = world.tunnelOn(machine, name);
    if (tunnel === undefined || tunnel.host !== machine.id)
      return { code: 1, stderr: 'terminate failed: no matching SAs to terminate found\n' };
    world.tunnels.terminate(tunnel);
    return { code: 0, stdout: 'terminate completed successfully\n' };
  };

  const swanctl: Program = (args) => {
    if (!machine.daemonAlive) return { code: 22, stderr: 'connecting to vici socket failed: Connection refused\n' };
    if (args.includes('--stats')) return { code: 0, stdout: 'uptime: running\nworker threads: 16 total, 11 idle\n' };
    if (args.includes('--list-sas')) return { code: 0, stdout: securityAssociations(world, machine) };
    if (args.some((each) => each === '--load-all' || each === '--load-conns')) return { code: 0 };
    if (args.includes('--terminate')) return terminate(args);
    if (args.includes('--initiate')) return initiate(args);
    return unknown('swanctl', args);
  };

  const systemctl: Program = (args) => {
    const [verb, ...units] = args.filter((each) => !each.startsWith('-'));
    if (units.some((each) => !/^strongswan(-starter)?(\.service)?$/.test(each))) return unknown('systemctl', args);
    if (verb === 'is-active')
      return { code: machine.daemonAlive ? 0 : 3, stdout: machine.daemonAlive ? 'active\n' : 'inactive\n' };
    if (verb === 'start' && machine.daemonAlive) return { code: 0 };
    if (verb === 'restart' || verb === 'start') return { code: world.instances.restartDaemon(machine) ? 0 : 1 };
    return unknown('systemctl', args);
  };

  return { swanctl, systemctl };
}

function securityAssociations(world: PhysicalWorld, machine: Machine): string {
  return world.tunnels.all
    .filter((each) => each.host === machine.id)
    .map(({ name }) => `${name}: #1, ESTABLISHED, IKEv2\n  ${name}: #1, reqid 1, INSTALLED, TUNNEL-in-UDP\n`)
    .join('');
}
