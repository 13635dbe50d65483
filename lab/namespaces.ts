/**
 * The network namespaces of one lab, and the only way in: every address, route and filter is set by name through here.
 *
 * All of a lab's namespaces bear the process id of who made them, so that what a dead one left is known as such.
 */
import { run } from './command';

const mark = 'swblab';

export const prefixOf = (pid: number): string => `${mark}${pid}-`;

export class Namespaces {
  private readonly prefix: string;
  private readonly known = new Set<string>();

  constructor(pid: number) {
    this.prefix = prefixOf(pid);
  }

  /** `vpc` is `swblab4711-vpc` for the machine. */
  nameOf(local: string): string {
    return `${this.prefix}${local}`;
  }

  has(local: string): boolean {
    return this.known.has(local);
  }

  /** New namespaces that forward packets, answer on loopback, and know no IPv6. */
  async create(locals: readonly string[]): Promise<void> {
    await run(['ip', '-batch', '-'], { input: locals.map((one) => `netns add ${this.nameOf(one)}\n`).join('') });
    const settings = [
      'net.ipv4.ip_forward=1',
      'net.ipv4.conf.all.rp_filter=0',
      'net.ipv4.conf.default.rp_filter=0',
      'net.ipv4.conf.all.send_redirects=0',
      'net.ipv4.conf.default.send_redirects=0',
      'net.ipv6.conf.all.disable_ipv6=1',
      'net.ipv6.conf.default.disable_ipv6=1',
    ];
    await Promise.all(
      locals.map(async (one) => {
        this.known.add(one);
        await run(this.inside(one, ['sysctl', '-qw', ...settings]));
        await this.ip(one, ['link set lo up']);
      }),
    );
  }

  /** A cable between two namespaces. */
  async link(a: string, aDevice: string, b: string, bDevice: string): Promise<void> {
    const ends = [aDevice, 'netns', this.nameOf(a), 'type', 'veth', 'peer', 'name', bDevice, 'netns', this.nameOf(b)];
    await run(['ip', 'link', 'add', ...ends]);
  }

  /** Lines as after `ip`, run in order inside. */
  async ip(local: string, lines: readonly string[]): Promise<void> {
    await run(['ip', '-n', this.nameOf(local), '-batch', '-'], { input: `${lines.join('\n')}\n` });
  }

  /** A ruleset for nft, applied at once or not at all. */
  async nft(local: string, ruleset: string): Promise<void> {
    await run(this.inside(local, ['nft', '-f', '-']), { input: ruleset });
  }

  /** The words that run a program inside. */
  inside(local: string, argv: readonly string[]): string[] {
    return ['ip', 'netns', 'exec', this.nameOf(local), ...argv];
  }
}
