/**
 * What only a simulated world tells, noted while it is played: to the moment when users of each route set were dark, what
 * state EC2 had each gateway's machine in, and what was done to the world.
 */

import type { Connection } from '../../core/words/domain';
import { gatewaysOf } from '../../core/words/ends';
import type { Instant } from '../../core/words/time';
import type { SimulatedCloud } from '../../sim/simulated-cloud';
import type { Lane, Stretch, Tone } from './incident-report';
import type { WorldSeen } from './source';

interface Dark {
  readonly connection: string;
  readonly routeSet: string;
  readonly from: Instant;
}

const stateTones: Readonly<Record<string, Tone>> = {
  running: 'well',
  pending: 'work',
  stopping: 'bad',
  stopped: 'bad',
  'shutting-down': 'bad',
  terminated: 'bad',
};

export class Witness {
  private readonly dark = new Map<string, Dark>();
  private readonly spans: (Dark & { readonly until: Instant })[] = [];
  private readonly states = new Map<string, { state: string; since: Instant }>();
  private readonly stretches = new Map<string, Stretch[]>();

  constructor(private readonly cloud: SimulatedCloud) {
    this.look();
    cloud.world.onChange(() => this.look());
  }

  /** Of one connection, up to now. `happened` is the timeline's. */
  seen(of: Connection, played: string, happened: WorldSeen['happened']): WorldSeen {
    const now = this.cloud.world.clock.now();
    const open = [...this.dark.values()].map((span) => ({ ...span, until: now }));
    const dark = [...this.spans, ...open].filter(({ connection }) => connection === of.name);
    const own = new Set(gatewaysOf(of));
    const lanes = [...this.states]
      .filter(([gateway]) => own.has(gateway))
      .map(([gateway, { state, since }]): Lane => {
        const last = { from: since, to: now, state, tone: stateTones[state] ?? 'blank' };
        return { label: `EC2: ${gateway}`, stretches: [...(this.stretches.get(gateway) ?? []), last] };
      });
    return { played, happened, dark, lanes };
  }

  private look(): void {
    const { world } = this.cloud;
    const now = world.clock.now();
    for (const { name, routeSets } of Object.values(world.deployment.connections))
      for (const set of Object.keys(routeSets)) this.lookAtUsers(name, set, now);
    for (const gateway of Object.values(world.deployment.gateways))
      if (gateway.kind === 'instance') this.lookAtMachine(gateway.name, world.machineOf(gateway.name).state, now);
  }

  private lookAtUsers(connection: string, routeSet: string, now: Instant): void {
    const key = `${connection}/${routeSet}`;
    const since = this.dark.get(key);
    const isDark = !this.cloud.world.usersServed(connection, routeSet);
    if (isDark && since === undefined) this.dark.set(key, { connection, routeSet, from: now });
    if (isDark || since === undefined) return;
    this.dark.delete(key);
    if (now > since.from) this.spans.push({ ...since, until: now });
  }

  private lookAtMachine(gateway: string, state: string, now: Instant): void {
    const known = this.states.get(gateway);
    if (known?.state === state) return;
    if (known !== undefined) {
      const stretch = { from: known.since, to: now, state: known.state, tone: stateTones[known.state] ?? 'blank' };
      this.stretches.set(gateway, [...(this.stretches.get(gateway) ?? []), stretch]);
    }
    this.states.set(gateway, { state, since: now });
  }
}
