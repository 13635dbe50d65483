/**
 * FRR in a namespace: its configuration, its daemons, and a `vtysh` that reaches these daemons and no others.
 *
 * Several FRRs share one machine, so each has its own folder for sockets, process ids and configuration. Its `bin` stands
 * first in the PATH of whatever runs "on" that router: a script calls `vtysh`, as on a machine that has one FRR.
 */
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attempt, type CommandResult } from './command';
import type { Namespaces } from './namespaces';
import { until } from './real-time';
import { startService } from './service';

export interface FrrPlan {
  /** Namespace. */
  readonly host: string;
  /** Lines of bgpd.conf. */
  readonly bgp: string;
  /** Lines of bfdd.conf; absent: no BFD. */
  readonly bfd?: string;
}

export class Frr {
  readonly folder: string;

  constructor(
    private readonly spaces: Namespaces,
    runFolder: string,
    private readonly plan: FrrPlan,
  ) {
    this.folder = join(runFolder, `frr-${plan.host}`);
    mkdirSync(this.folder, { recursive: true });
    this.writeConfiguration();
    mkdirSync(this.bin);
    const vtysh = join(this.bin, 'vtysh');
    writeFileSync(vtysh, `#!/bin/sh\nexec /usr/bin/vtysh --vty_socket ${this.folder} "$@"\n`);
    chmodSync(vtysh, 0o755);
  }

  /** For the front of a PATH. */
  get bin(): string {
    return join(this.folder, 'bin');
  }

  async start(): Promise<void> {
    const { host } = this.plan;
    for (const daemon of this.daemons) {
      const own = daemon === 'bfdd' ? ['--bfdctl', join(this.folder, 'bfdd.sock')] : [];
      startService(this.spaces, host, [
        ...[`/usr/lib/frr/${daemon}`, '-u', 'frr', '-g', 'frr', '-P', '0', ...own],
        ...['--vty_socket', this.folder, '-z', join(this.folder, 'zserv.api')],
        ...['-i', join(this.folder, `${daemon}.pid`), '-f', join(this.folder, `${daemon}.conf`)],
      ]);
      const socket = daemon === 'zebra' ? 'zserv.api' : `${daemon}.vty`;
      await until(`${daemon} of ${host} must listen`, 10_000, async () => {
        const { code } = await attempt(['test', '-S', join(this.folder, socket)]);
        return code === 0;
      });
    }
  }

  /** As in a script on that router: what it prints, and how it ends. */
  vtysh(...commands: readonly string[]): Promise<CommandResult> {
    return attempt([join(this.bin, 'vtysh'), ...commands.flatMap((each) => ['-c', each])], { timeoutMs: 10_000 });
  }

  /** As `kill` on that router. */
  signal(daemon: 'bgpd', signal: NodeJS.Signals): void {
    process.kill(Number(readFileSync(join(this.folder, `${daemon}.pid`), 'utf8')), signal);
  }

  private get daemons(): readonly string[] {
    return ['zebra', ...(this.plan.bfd === undefined ? [] : ['bfdd']), 'bgpd'];
  }

  private writeConfiguration(): void {
    const { host, bgp, bfd = '' } = this.plan;
    const texts: Record<string, string> = { zebra: '', bfdd: bfd, bgpd: bgp };
    const { uid, gid } = frrUser();
    for (const daemon of this.daemons) {
      const file = join(this.folder, `${daemon}.conf`);
      writeFileSync(file, `hostname ${host}\n${texts[daemon]}`);
      chownSync(file, uid, gid);
    }
    chownSync(this.folder, uid, gid);
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
