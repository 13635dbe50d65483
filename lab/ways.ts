/**
 * By which path users' packets leave and by which their answers come back, where both ends are ours: by the bytes that
 * the gateways' own counters say went through their tunnels.
 *
 * Canaries use every path a little; users use one by far: a path that took most of what was counted is theirs.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection, PathName } from '../core/words/domain';
import { attempt } from './command';
import type { LabGateway } from './gateway';
import type { Namespaces } from './namespaces';
import { now } from './real-time';

const everyMs = 500;
/** Of all bytes of one direction. */
const mostShare = 0.8;
/** In less time than this nobody has used anything: users are dark, or have not begun. */
const usedBytes = 2_000;

/** Null: nobody got through, or two paths were used at once. */
export interface WaySeen {
  readonly at: number;
  readonly out: PathName | null;
  readonly back: PathName | null;
}

interface Counted {
  readonly sent: number;
  readonly received: number;
}

export class WayReader {
  readonly ways: WaySeen[] = [];
  private before = new Map<PathName, Counted>();

  constructor(
    private readonly spaces: Namespaces,
    private readonly connection: Connection,
    private readonly gateways: ReadonlyMap<string, LabGateway>,
  ) {}

  async watch(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await this.read();
      await sleep(everyMs);
    }
  }

  /** As the near end counts: what it sends leaves by that path, what it receives came back by it. */
  private async read(): Promise<void> {
    const counted = new Map<PathName, Counted>();
    for (const { name, gateway } of Object.values(this.connection.paths)) {
      const machine = [...this.gateways.values()].findLast(({ gatewayName }) => gatewayName === gateway);
      counted.set(name, machine === undefined ? { sent: 0, received: 0 } : await this.countersOf(machine.namespace));
    }
    const { before } = this;
    this.before = counted;
    if (before.size === 0) return;
    const most = (pick: (one: Counted) => number): PathName | null => {
      const grown = [...counted].map(([path, one]): [PathName, number] => [
        path,
        Math.max(0, pick(one) - pick(before.get(path)!)),
      ]);
      const total = grown.reduce((sum, [, bytes]) => sum + bytes, 0);
      const found = grown.find(([, bytes]) => bytes >= mostShare * total);
      return total < usedBytes ? null : (found?.[0] ?? null);
    };
    this.ways.push({ at: now(), out: most(({ sent }) => sent), back: most(({ received }) => received) });
  }

  /** Of the tunnels' own device; none while there is no daemon. What it hands to the kernel it has received. */
  private async countersOf(namespace: string): Promise<Counted> {
    const statistics = '/sys/class/net/ipsec0/statistics';
    const { code, stdout } = await attempt(
      this.spaces.inside(namespace, ['cat', `${statistics}/tx_bytes`, `${statistics}/rx_bytes`]),
    );
    const [sent = 0, received = 0] = code === 0 ? stdout.trim().split('\n').map(Number) : [];
    return { sent, received };
  }
}
