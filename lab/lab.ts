/**
 * One lab, from nothing to real packets and back to nothing: namespaces, remote gateways with their daemons, AWS's ends of
 * its own VPN connections, a prober in each canary's subnet, the server and its users. Cloud gateways are made by whoever
 * plays in it (stage.ts, methods).
 *
 * A janitor outside this process takes it down when this process ends, however it ends.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import type { Attempt, AttemptResult } from '../functions/world';
import { Agent, programOf } from './agent';
import { attempt } from './command';
import { Daemon } from './daemon';
import type { Recording } from './measure';
import { Namespaces } from './namespaces';
import { buildNetwork } from './network';
import { type LabPlan, server, transit } from './plan';
import { now, until } from './real-time';
import { folderOf, takeDownOrphans } from './sweep';
import { readTunnels } from './tunnel-readings';
import { VpnTunnel } from './vpn-tunnel';

/** What canaries and other people's health checks connect to. */
const httpPorts = [443, 8080, 8081];
/** Users are well when they have been so for this long. */
const wellForMs = 1_500;

/** What stands in the way of a lab on this machine; empty: nothing. */
export async function obstacles(): Promise<string[]> {
  if (process.platform !== 'linux') return ['The lab needs Linux'];
  if (process.getuid?.() !== 0) return ['The lab needs root: it makes network namespaces'];
  const missing = ['/usr/sbin/charon-systemd', '/usr/sbin/swanctl', '/usr/sbin/nft'].filter((one) => !existsSync(one));
  if (missing.length > 0)
    return [
      `Missing: ${missing.join(', ')}. On Debian: apt-get install -y --no-install-recommends $(npm run -s lab -- --packages)`,
    ];
  if (!existsSync('/dev/net/tun')) return ['The kernel has no TUN device (/dev/net/tun)'];
  const name = `swblab${process.pid}-try`;
  const { code, stderr } = await attempt(['ip', 'netns', 'add', name]);
  if (code !== 0) return [`The kernel refuses network namespaces: ${stderr.trim()}`];
  await attempt(['ip', 'netns', 'delete', name]);
  return [];
}

/** `keepalived` is for the benchmark's comparisons alone, `frr` for those and for speakers. */
export const debianPackages = [
  'charon-systemd',
  'strongswan-swanctl',
  'libcharon-extra-plugins',
  'libstrongswan-standard-plugins',
  'nftables',
  'iproute2',
  'iputils-ping',
  'procps',
  'frr',
  'keepalived',
];

export class Lab {
  readonly spaces = new Namespaces(process.pid);
  readonly runFolder = folderOf(process.pid);
  /** Of AWS's own VPN connections. */
  readonly vpnTunnels: VpnTunnel[] = [];
  private readonly janitor: ChildProcess;
  private readonly probers = new Map<string, Agent>();
  private readonly agents: Agent[] = [];
  private users!: Agent;

  private constructor(readonly plan: LabPlan) {
    const [program = '', ...args] = programOf('janitor', String(process.pid), this.runFolder);
    this.janitor = spawn(program, args, { detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
  }

  static async build(plan: LabPlan): Promise<Lab> {
    await takeDownOrphans();
    const lab = new Lab(plan);
    await new Promise((resolve) => lab.janitor.stdout!.once('data', resolve));
    try {
      await lab.raise();
      return lab;
    } catch (error) {
      await lab.end();
      throw error;
    }
  }

  private async raise(): Promise<void> {
    mkdirSync(this.runFolder, { recursive: true });
    const { spaces, plan } = this;
    const served = [server.udpPort, server.tcpPort, ...httpPorts].map(String);
    await buildNetwork(spaces, plan);
    const starting = [
      this.agent('server', 'server', ...served),
      this.agent('users', 'users', plan.targets[0]!, String(server.udpPort), String(server.tcpPort)),
      // Where both ends are ours, users of the far one are answered by who uses the near one.
      ...(plan.connection.ends === undefined ? [] : [this.agent('users', 'server', ...served)]),
    ];
    for (const { name, subnetId } of plan.hosts) {
      if (subnetId === null) continue;
      const prober = this.agent(name, 'prober');
      this.probers.set(subnetId, prober);
      starting.push(prober);
    }
    this.users = starting[1]!;
    const daemons = plan.transit === null ? this.startRemotes() : this.startVpnTunnels();
    await Promise.all([...starting.map((one) => one.ready()), daemons]);
  }

  private async startRemotes(): Promise<void> {
    const { spaces, plan, runFolder } = this;
    await Promise.all(
      plan.remotes.map(({ name, tunnels, mark }) =>
        new Daemon(spaces, runFolder, {
          host: name,
          role: 'responder',
          transitAddress: plan.routing !== 'static' ? transit(mark).theirs : undefined,
          tunnels: tunnels.map((tunnel) => ({ name: tunnel.name, localId: name, remoteId: tunnel.gateway })),
        }).restart(),
      ),
    );
  }

  private async startVpnTunnels(): Promise<void> {
    const ends = this.plan.transit!.vpns.flatMap((vpn) => vpn.ends);
    this.vpnTunnels.push(...ends.map((end) => new VpnTunnel(this.spaces, this.runFolder, end)));
    await Promise.all(this.vpnTunnels.map((one) => one.start()));
  }

  private agent(
    namespace: string,
    ...words: ConstructorParameters<typeof Agent> extends [unknown, unknown, ...infer R] ? R : never
  ): Agent {
    const made = new Agent(this.spaces, namespace, ...words);
    this.agents.push(made);
    return made;
  }

  /** One attempt from this subnet, by the code that runs in Lambda. */
  connect(subnetId: string, target: Attempt, timeoutMs: number): Promise<AttemptResult> {
    const prober = this.probers.get(subnetId);
    if (prober === undefined) throw new Error(`No host of the lab is in subnet ${subnetId}`);
    return prober.ask({ target, timeoutMs });
  }

  /** Every path carries: its pinned canary gets an answer. Of two tunnels of a connection both are UP. */
  async tunnelsUp(): Promise<void> {
    await until('Both tunnels of each VPN connection must be UP', 30_000, async () => {
      if (this.vpnTunnels.length === 0) return true;
      const readings = await readTunnels(this.vpnTunnels);
      return readings.filter(({ isUp }) => isUp).length === this.vpnTunnels.length;
    });
    const pinned = this.plan.connection.canaries.filter(({ watches }) => watches.kind === 'path');
    for (const { id, subnetId, targets } of pinned) {
      await until(
        `The tunnel of canary ${id} must be up`,
        this.plan.routing === 'static' ? 10_000 : 60_000,
        async () => {
          const { answered, refused } = await this.connect(subnetId, targets[0]!, 300);
          return answered || (refused && targets[0]!.refusedIsUp);
        },
      );
    }
  }

  async startUsers(): Promise<void> {
    await this.users.ask({ ask: 'start' });
  }

  /** Since when all of the users' probes have been answered; null: they are not. */
  async usersWellSince(): Promise<number | null> {
    const { wellSince } = await this.users.ask<{ wellSince: number | null }>({ ask: 'health' });
    return wellSince;
  }

  /** Served again after `faultAt`, and for long enough that it will last. */
  async areUsersWellAgain(faultAt: number): Promise<boolean> {
    const since = await this.usersWellSince();
    return since !== null && since > faultAt && now() - since > wellForMs;
  }

  stopUsers(): Promise<Recording> {
    return this.users.ask({ ask: 'stop' });
  }

  /** Nothing of it is left. */
  async end(): Promise<void> {
    const gone = new Promise((resolve) => this.janitor.once('exit', resolve));
    this.janitor.stdin!.end();
    await gone;
  }
}
