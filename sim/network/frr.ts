/**
 * FRR on one machine, as far as an order to a speaker goes: route-maps, whose neighbour has which, and what each neighbour
 * is told then. Lines and answers are those of FRR 8.4.4 (test/unit/runbooks/recordings); any other line throws.
 *
 * A route-map is tried entry by entry: a map that it calls comes first and may deny; what an entry sets stays, and
 * `on-match next` goes on. Configured is running configuration: a restart has what the machine boots with.
 */
import { NotModelled } from '../../local-cloud/service';
import type { ProgramResult } from '../../local-cloud/world-port';

/** How a route looks to whom it is told, its sender's own AS not yet in front. */
export interface RouteAttributes {
  readonly asPath: readonly number[];
  readonly med: number;
  readonly communities: readonly string[];
}

interface MapEntry {
  calls?: string;
  goesOn?: true;
  prepends: readonly number[];
  communities: readonly string[];
  med?: number;
}

type RouteMap = Map<number, MapEntry>;

interface NeighborConfig {
  outgoing: string | null;
  /** The message under which the session is shut; null: it is not. */
  shut: string | null;
}

export interface FrrBoot {
  readonly as: number;
  readonly neighbors: readonly string[];
  /** Of these, endpoints of a Route Server: behind no tunnel. */
  readonly inside: readonly string[];
  /** Of these neighbours the owner makes this speaker the second choice: once more its AS. */
  readonly isSecondTo: readonly string[];
  /** Every neighbour is drained from the start, as after an order. */
  readonly isDrained: boolean;
}

/** What our own route-map says beside what drains, so that it is known by it. */
const mark = 2_004_318_071;
const ownersMap = 'SECOND';

/** What the outside gives: is the session established, and what is announced over it before any map. */
export interface FrrOutside {
  isEstablished(neighbor: string): boolean;
  announced(neighbor: string): readonly string[];
  /** What is told to neighbours may be another from now on; `clear` and the like do nothing more. */
  changed(): void;
}

export class SimulatedFrr {
  private readonly maps = new Map<string, RouteMap>();
  private readonly neighbors = new Map<string, NeighborConfig>();

  constructor(
    readonly boot: FrrBoot,
    private readonly outside: FrrOutside,
  ) {
    if (boot.isSecondTo.length > 0) this.maps.set(ownersMap, new Map([[10, { prepends: [boot.as], communities: [] }]]));
    for (const neighbor of boot.neighbors) {
      const own = boot.isSecondTo.includes(neighbor) ? ownersMap : null;
      this.neighbors.set(neighbor, { outgoing: own, shut: null });
      if (boot.isDrained) this.startDrained(neighbor, own);
    }
  }

  private startDrained(neighbor: string, own: string | null): void {
    const map: RouteMap = new Map();
    if (own !== null) map.set(10, { calls: own, goesOn: true, prepends: [], communities: [] });
    map.set(20, { prepends: [1, 2, 3, 4].map(() => this.boot.as), communities: [], med: mark });
    this.maps.set(`SWITCHBACK-${neighbor}`, map);
    this.neighbors.get(neighbor)!.outgoing = `SWITCHBACK-${neighbor}`;
  }

  isShut(neighbor: string): boolean {
    return this.neighbors.get(neighbor)?.shut != null;
  }

  /** What this neighbour is told of every network announced to it; null: nothing, its map denies. */
  tells(neighbor: string): RouteAttributes | null {
    const { outgoing } = this.neighbors.get(neighbor) ?? this.unknown(`a neighbour ${neighbor}`);
    const plain: RouteAttributes = { asPath: [], med: 0, communities: [] };
    return outgoing === null ? plain : this.through(outgoing, plain);
  }

  private through(name: string, before: RouteAttributes): RouteAttributes | null {
    let now = before;
    for (const [, entry] of [...(this.maps.get(name) ?? [])].sort(([a], [b]) => a - b)) {
      if (entry.calls !== undefined) {
        const called = this.through(entry.calls, now);
        if (called === null) return null;
        now = called;
      }
      now = {
        asPath: [...entry.prepends, ...now.asPath],
        med: entry.med ?? now.med,
        communities: [...now.communities, ...entry.communities],
      };
      if (entry.goesOn !== true) return now;
    }
    return null;
  }

  /** `vtysh -c … -c …`: until the first line that FRR does not take. */
  vtysh(args: readonly string[]): ProgramResult {
    const commands = args.filter((_, i) => args[i - 1] === '-c');
    if (commands.length * 2 !== args.length) this.unknown(`vtysh ${args.join(' ')}`);
    const session: Session = { inMap: null };
    let stdout = '';
    for (const command of commands) stdout += this.line(command.split(' '), session);
    return { code: 0, stdout };
  }

  private line(words: readonly string[], session: Session): string {
    const [verb] = words;
    if (verb === 'show') return this.show(words.join(' '));
    const known = this.edit(words.join(' '), session);
    if (!known) this.unknown(`the line: ${words.join(' ')}`);
    return '';
  }

  /** False: no line that is known here. */
  private edit(line: string, session: Session): boolean {
    const plain = ['configure terminal', 'address-family ipv4 unicast', 'exit', 'end', `router bgp ${this.boot.as}`];
    if (plain.includes(line) || /^clear bgp ipv4 unicast [0-9.]+ soft out$/.test(line)) {
      session.inMap = null;
      return true;
    }
    return (
      this.editMap(line, session) ||
      (session.inMap !== null && editEntry(line, session.inMap)) ||
      this.editNeighbor(line)
    );
  }

  private editMap(line: string, session: Session): boolean {
    const [, no, name = '', seq] = /^(no )?route-map (\S+)(?: permit (\d+))?$/.exec(line) ?? [];
    if (name === '') return false;
    session.inMap = null;
    if (no !== undefined && seq === undefined) this.maps.delete(name);
    else if (no !== undefined) this.maps.get(name)?.delete(Number(seq));
    else if (seq === undefined) return false;
    else {
      const map = this.maps.get(name) ?? new Map<number, MapEntry>();
      this.maps.set(name, map);
      session.inMap = map.get(Number(seq)) ?? { prepends: [], communities: [] };
      map.set(Number(seq), session.inMap);
    }
    this.outside.changed();
    return true;
  }

  private editNeighbor(line: string): boolean {
    const [, no, neighbor = '', what = ''] = /^(no )?neighbor ([0-9.]+) (.+)$/.exec(line) ?? [];
    const config = this.neighbors.get(neighbor);
    if (config === undefined) return false;
    const map = /^route-map (\S+) out$/.exec(what)?.[1];
    const message = /^shutdown(?: message (.+))?$/.exec(what);
    if (map !== undefined) config.outgoing = no === undefined ? map : null;
    else if (message !== null) config.shut = no === undefined ? (message[1] ?? '') : null;
    else return false;
    this.outside.changed();
    return true;
  }

  private show(line: string): string {
    if (line === 'show running-config') return this.configuration();
    const [, neighbor = ''] = /^show bgp neighbors ([0-9.]+) json$/.exec(line) ?? [];
    if (neighbor !== '') return asPrinted(this.session(neighbor));
    const [, told = ''] = /^show bgp ipv4 unicast neighbors ([0-9.]+) advertised-routes json$/.exec(line) ?? [];
    return told === '' ? this.unknown(line) : asPrinted(this.advertised(told));
  }

  private session(neighbor: string): unknown {
    const config = this.neighbors.get(neighbor);
    if (config === undefined) return { bgpNoSuchNeighbor: true };
    const outgoing = config.outgoing === null ? {} : { routeMapForOutgoingAdvertisements: config.outgoing };
    const family = { commAttriSentToNbr: 'extendedAndStandard', ...outgoing };
    return {
      [neighbor]: {
        ...(config.shut !== null && { adminShutDown: true }),
        bgpState: this.outside.isEstablished(neighbor) ? 'Established' : 'Idle',
        addressFamilyInfo: { ipv4Unicast: family },
      },
    };
  }

  private advertised(neighbor: string): unknown {
    if (!this.neighbors.has(neighbor)) return { warning: 'No such neighbor in this view/vrf' };
    const told = this.outside.isEstablished(neighbor) ? this.tells(neighbor) : null;
    const networks = told === null ? [] : this.outside.announced(neighbor);
    const route = { metric: told?.med ?? 0, path: (told?.asPath ?? []).join(' ') };
    return { advertisedRoutes: Object.fromEntries(networks.map((network) => [network, { network, ...route }])) };
  }

  private configuration(): string {
    const neighbors = [...this.neighbors].flatMap(([address, { outgoing, shut }]) => [
      ...(shut === null ? [] : [` neighbor ${address} shutdown${shut === '' ? '' : ` message ${shut}`}`]),
      ...(outgoing === null ? [] : [`  neighbor ${address} route-map ${outgoing} out`]),
    ]);
    const maps = [...this.maps].flatMap(([name, map]) => [...map].flatMap((entry) => entryLines(name, entry)));
    const lines = ['frr version 8.4.4', `router bgp ${this.boot.as}`, ...neighbors, 'exit', ...maps, 'end'];
    return `Building configuration...\n\nCurrent configuration:\n!\n${lines.join('\n')}\n`;
  }

  private unknown(what: string): never {
    throw new NotModelled('frr', what);
  }
}

interface Session {
  inMap: MapEntry | null;
}

const asPrinted = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

function editEntry(line: string, entry: MapEntry): boolean {
  const called = /^call (\S+)$/.exec(line)?.[1];
  const prepended = /^set as-path prepend ([0-9 ]+)$/.exec(line)?.[1];
  const med = /^set metric (\d+)$/.exec(line)?.[1];
  if (called !== undefined) entry.calls = called;
  else if (line === 'on-match next') entry.goesOn = true;
  else if (prepended !== undefined) entry.prepends = prepended.split(' ').map(Number);
  else if (med !== undefined) entry.med = Number(med);
  else if (line === 'set community graceful-shutdown additive') entry.communities = ['graceful-shutdown'];
  else if (line === 'no set as-path prepend') entry.prepends = [];
  else if (line === 'no set community') entry.communities = [];
  else return false;
  return true;
}

function entryLines(name: string, [seq, entry]: [number, MapEntry]): string[] {
  return [
    `route-map ${name} permit ${seq}`,
    ...(entry.calls === undefined ? [] : [` call ${entry.calls}`]),
    ...(entry.goesOn === true ? [' on-match next'] : []),
    ...(entry.prepends.length === 0 ? [] : [` set as-path prepend ${entry.prepends.join(' ')}`]),
    ...(entry.communities.length === 0 ? [] : [` set community ${entry.communities.join(' ')} additive`]),
    ...(entry.med === undefined ? [] : [` set metric ${entry.med}`]),
    'exit',
  ];
}
