/**
 * What the programs on a gateway do: `swanctl`, `ipsec` and `systemctl`, acting on the simulated machine and its tunnels.
 *
 * Exit codes and words are those of strongSwan 5.9.8 and Libreswan 4.10, recorded (test/unit/runbooks/recorded.ts). A
 * daemon that is dead answers no call; a peer that is silent lets an initiation run into its timeout.
 */
import { NotModelled } from '../../local-cloud/service';
import type { Program, ProgramResult } from '../../local-cloud/world-port';
import type { PhysicalWorld } from '../world';
import type { Machine } from './instances';
import { speakerPrograms } from './speaker-programs';

/** Without `--timeout`, swanctl waits for as long as IKE retransmits; ours always say. */
const initiateTimeoutS = 10;
/** IKE_SA_INIT, IKE_AUTH: two round trips and the key exchange. */
const initiateMs = 200;
/** CREATE_CHILD_SA: one round trip and the key exchange. */
const rekeyMs = 100;

const option = (args: readonly string[], name: string): string | undefined => {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args[at + 1];
};

/** The daemon was killed, and its socket lies there; or it never ran, or was stopped in order. */
const refused: ProgramResult = {
  code: 111,
  stderr: "Error: connecting to 'default' URI failed: Connection refused\n",
};
const noSocket: ProgramResult = {
  code: 2,
  stderr: "Error: connecting to 'default' URI failed: No such file or directory\n",
};
const notFound: ProgramResult = { code: 127, stderr: 'command not found\n' };

export function gatewayPrograms(
  world: PhysicalWorld,
  machine: Machine,
  sleep: (ms: number) => Promise<void>,
): Readonly<Record<string, Program>> {
  const isThere = machine.firstBootIs === 'done';
  const daemon = isThere ? machine.software.daemon : 'none';
  const unit = isThere ? machine.software.unit : 'none';
  const unknown = (program: string, args: readonly string[]): never => {
    throw new NotModelled('gateway', `the command line: ${[program, ...args].join(' ')}`);
  };

  /** True when the tunnel stands; a silent peer takes all the time there is. */
  const initiate = async (name: string, timeoutS: number): Promise<boolean> => {
    await sleep(initiateMs);
    if (world.tunnels.initiate(tunnelOn(world, machine, name)!, machine.id)) return true;
    await sleep(timeoutS * 1_000 - initiateMs);
    return false;
  };

  const swanctlInitiate = async (args: readonly string[]): Promise<ProgramResult> => {
    const name = option(args, '--child') ?? option(args, '--ike') ?? '';
    if (tunnelOn(world, machine, name) === undefined)
      return { code: 1, stderr: `initiate failed: CHILD_SA config '${name}' not found\n` };
    return (await initiate(name, Number(option(args, '--timeout') ?? initiateTimeoutS)))
      ? { code: 0, stdout: 'initiate completed successfully\n' }
      : { code: 1, stderr: `initiate failed: establishing CHILD_SA '${name}' failed\n` };
  };

  /** Of a tunnel that stands: the partner answers over it from then on, where it goes by the newest keys. */
  const swanctlRekey = async (args: readonly string[]): Promise<ProgramResult> => {
    const tunnel = tunnelOn(world, machine, option(args, '--child') ?? '');
    if (tunnel === undefined || tunnel.host !== machine.id)
      return { code: 1, stderr: 'rekey failed: no matching SAs to rekey found\n' };
    await sleep(rekeyMs);
    return world.tunnels.initiate(tunnel, machine.id)
      ? { code: 0, stdout: 'rekey completed successfully\n' }
      : { code: 1, stderr: 'rekey failed: the peer does not answer\n' };
  };

  const terminate = (name: string): boolean => {
    const tunnel = tunnelOn(world, machine, name);
    if (tunnel === undefined || tunnel.host !== machine.id) return false;
    world.tunnels.terminate(tunnel);
    return true;
  };

  const swanctl: Program = (args) => {
    if (daemon !== 'strongswan') return notFound;
    if (!machine.daemonAlive) return machine.deadSocket ? refused : noSocket;
    if (args.includes('--stats')) return { code: 0, stdout: 'uptime: running\nworker threads: 16 total, 11 idle\n' };
    if (args.includes('--list-sas') && args.includes('--raw'))
      return { code: 0, stdout: rawAssociations(world, machine) };
    if (args.includes('--list-sas')) return { code: 0, stdout: securityAssociations(world, machine) };
    if (args.includes('--list-conns')) return { code: 0, stdout: connections(world, machine) };
    if (args.some((each) => each === '--load-all' || each === '--load-conns')) return { code: 0 };
    if (args.includes('--terminate'))
      return terminate(option(args, '--ike') ?? option(args, '--child') ?? '')
        ? { code: 0, stdout: 'terminate completed successfully\n' }
        : { code: 1, stderr: 'terminate failed: no matching SAs to terminate found\n' };
    if (args.includes('--rekey')) return swanctlRekey(args);
    if (args.includes('--initiate')) return swanctlInitiate(args);
    return unknown('swanctl', args);
  };

  const ipsec: Program = async (args) => {
    if (daemon !== 'libreswan') return notFound;
    if (args[0] === '--version') return { code: 0, stdout: 'Libreswan 4.10\n' };
    if (!['whack', 'auto', 'trafficstatus'].includes(args[0] ?? '')) return unknown('ipsec', args);
    if (!machine.daemonAlive) return { code: 33, stderr: 'whack: Pluto is not running (no "/run/pluto/pluto.ctl")\n' };
    if (args.includes('--status')) return { code: 0, stdout: '000 using kernel interface: xfrm\n' };
    if (args[0] === 'trafficstatus') return { code: 0, stdout: trafficStatus(world, machine) };
    const name = option(args, '--name') ?? option(args, '--add') ?? '';
    const isKnown = tunnelOn(world, machine, name) !== undefined;
    if (args.includes('--terminate')) {
      terminate(name);
      return { code: 0 };
    }
    if (args.includes('--add')) return { code: isKnown ? 0 : 21 };
    if (!args.includes('--initiate')) return unknown('ipsec', args);
    if (!isKnown) return { code: 21, stdout: `021 no connection named "${name}"\n` };
    return { code: (await initiate(name, initiateTimeoutS)) ? 0 : 124 };
  };

  const systemctl: Program = (args) => {
    const [verb, ...units] = args.filter((each) => !each.startsWith('-'));
    if (units.some((each) => each.replace(/\.service$/, '') !== unit))
      return verb === 'is-enabled' || verb === 'cat'
        ? { code: 1 }
        : { code: 5, stderr: `Unit ${units[0]}.service not found.\n` };
    if (verb === 'is-enabled' || verb === 'cat') return { code: 0 };
    if (verb === 'is-active')
      return { code: machine.daemonAlive ? 0 : 3, stdout: machine.daemonAlive ? 'active\n' : 'inactive\n' };
    if (verb === 'start' && machine.daemonAlive) return { code: 0 };
    if (verb === 'restart' || verb === 'start') return { code: world.instances.restartDaemon(machine) ? 0 : 1 };
    return unknown('systemctl', args);
  };

  const cloudInit: Program = (args) => {
    if (args.join(' ') !== 'status') return unknown('cloud-init', args);
    const status = { 'to come': 'not started', running: 'running', done: 'done', failed: 'error' }[machine.firstBootIs];
    return { code: status === 'error' ? 1 : 0, stdout: `status: ${status}\n` };
  };

  return { swanctl, ipsec, systemctl, 'cloud-init': cloudInit, ...speakerPrograms(world, machine) };
}

const tunnelsOn = (world: PhysicalWorld, machine: Machine) =>
  world.tunnels.all.filter(({ gateway }) => machine.roles.includes(gateway));

/** The tunnel of this name as this machine's daemon knows it. */
const tunnelOn = (world: PhysicalWorld, machine: Machine, name: string) =>
  tunnelsOn(world, machine).find((each) => each.name === name);

const connections = (world: PhysicalWorld, machine: Machine): string =>
  tunnelsOn(world, machine)
    .map(
      ({ name }) =>
        `${name}: IKEv2, no reauthentication, rekeying every 14400s\n  ${name}: TUNNEL, rekeying every 3600s\n`,
    )
    .join('');

const established = (world: PhysicalWorld, machine: Machine) =>
  world.tunnels.all.filter((each) => each.host === machine.id);

/** As VICI says it: strongSwan's own words, but for what nobody asks for. */
function rawAssociations(world: PhysicalWorld, machine: Machine): string {
  const lines = established(world, machine).map((tunnel, i) => {
    const { name } = tunnel;
    const [bytesIn, bytesOut] = world.tunnels.bytesOf(tunnel);
    return `list-sa event {${name} {uniqueid=${i + 1} version=2 state=ESTABLISHED child-sas {${name}-${i + 1} {name=${name} uniqueid=${i + 1} reqid=${i + 1} state=INSTALLED mode=TUNNEL protocol=ESP encap=yes bytes-in=${bytesIn} bytes-out=${bytesOut} local-ts=[10.0.0.0/16] remote-ts=[172.16.0.0/16]}}}}\n`;
  });
  return `${lines.join('')}list-sas reply {}\n`;
}

function trafficStatus(world: PhysicalWorld, machine: Machine): string {
  return established(world, machine)
    .map((tunnel, i) => {
      const [bytesIn, bytesOut] = world.tunnels.bytesOf(tunnel);
      return `006 #${2 * i + 2}: "${tunnel.name}", type=ESP, add_time=${Math.floor(tunnel.establishedAt / 1_000)}, inBytes=${bytesIn}, outBytes=${bytesOut}, id='198.51.100.20'\n`;
    })
    .join('');
}

function securityAssociations(world: PhysicalWorld, machine: Machine): string {
  return established(world, machine)
    .map(({ name }) => `${name}: #1, ESTABLISHED, IKEv2\n  ${name}: #1, reqid 1, INSTALLED, TUNNEL-in-UDP\n`)
    .join('');
}
