/**
 * The lease as the functions see it: who may write, and what the connection item holds. The conditional updates
 * themselves are in `statemachines/failover.asl.json`; docs/ARCHITECTURE.md, "The lease", says why.
 *
 *     Take ........ Assess .... AwaitNews(+90 s) .... Assess .... write? .... leaseUntil   + grace 5 s
 *     |<---------------------- mine ----------------------------------->|         |           |
 *                               a write needs 15 s of it left: now <= here        anybody may take
 *
 * Invariant: `token` only grows; a holder that reads another token has lost, whatever the clock says.
 */
import type { ConnectionName, Deployment, Drain, GatewayName, PathName, Pause } from './domain';
import { emptyMemory, type Memory } from './memory';
import { limits } from './policy';
import type { GatewayLease, Observation, PathTargets } from './signal';
import type { Instant } from './time';

/** The connection item, read back as typed data. Absent optional parts are null. */
export interface ConnectionLease {
  readonly holder: string | null;
  readonly token: number;
  readonly leaseUntil: Instant;
  readonly signals: number;
  readonly sleeping: boolean;
  readonly memory: Memory;
  readonly desired: Desired;
  readonly observation: Observation | null;
  /** Automation id of the rung with this client token, journalled right after the start. */
  readonly automation: { readonly clientToken: string; readonly id: string } | null;
  /** A writer may be under way until here, even if its execution is gone. */
  readonly writeUntil: Instant;
}

/** What humans asked for. */
export interface Desired {
  readonly drains: Readonly<Record<PathName, Drain>>;
  readonly paused: Pause | null;
  readonly acknowledgedAt: Instant;
}

export const nothingDesired: Desired = { drains: {}, paused: null, acknowledgedAt: 0 };

type Item = Readonly<Record<string, unknown>>;

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const numberOf = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);
const recordOf = (value: unknown): Item => (typeof value === 'object' && value !== null ? (value as Item) : {});

/** Parses JSON that we wrote ourselves; anything else reads as null, never as a crash of the loop. */
function jsonOf(text: unknown): Item | null {
  if (typeof text !== 'string') return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Item) : null;
  } catch {
    return null; // A damaged text counts as absent; the caller's default is the safe reading.
  }
}

/** Memory text to memory; another schema or damage reads as empty: evidence is looked at afresh anyway. */
export function memoryFrom(text: unknown): Memory {
  const value = jsonOf(text);
  return value !== null && value['schema'] === 1 ? { ...emptyMemory, ...(value as Partial<Memory>) } : emptyMemory;
}

/** Reads an unmarshalled connection item. */
export function leaseFrom(item: Item): ConnectionLease {
  const automation = recordOf(item['automation']);
  const clientToken = textOf(automation['clientToken']);
  const id = textOf(automation['id']);
  return {
    holder: textOf(item['holder']),
    token: numberOf(item['token']),
    leaseUntil: numberOf(item['leaseUntil']),
    signals: numberOf(item['signals']),
    sleeping: textOf(item['waiter']) !== null,
    memory: memoryFrom(item['memory']),
    desired: {
      drains: Object.fromEntries(
        Object.entries(recordOf(item['drains'])).flatMap(([path, text]) => {
          const drain = jsonOf(text);
          return drain === null ? [] : [[path, drain as unknown as Drain]];
        }),
      ),
      paused: jsonOf(item['paused']) as Pause | null,
      acknowledgedAt: numberOf(item['acknowledgedAt']),
    },
    observation: jsonOf(item['observation']) as Observation | null,
    automation: clientToken !== null && id !== null ? { clientToken, id } : null,
    writeUntil: numberOf(item['writeUntil']),
  };
}

/** Reads an unmarshalled gateway item; an absent item is a free gateway. */
export function gatewayLeaseFrom(gateway: GatewayName, item: Item | undefined): GatewayLease {
  const identity = jsonOf(item?.['identity']);
  const instanceId = textOf(identity?.['instanceId']);
  const routeInterfaceId = textOf(identity?.['routeInterfaceId']);
  return {
    gateway,
    holder: textOf(item?.['holder']),
    clientToken: textOf(item?.['clientToken']),
    rung: textOf(item?.['rung']) as GatewayLease['rung'],
    until: numberOf(item?.['until']),
    identity: instanceId !== null && routeInterfaceId !== null ? { instanceId, routeInterfaceId } : null,
  };
}

export type Fence = { readonly ok: true } | { readonly ok: false; readonly because: string };

/** May the holder of this token write now? Asked before every single write, on a consistent read. */
export function mayWrite(
  lease: ConnectionLease,
  me: { readonly holder: string; readonly token: number },
  now: Instant,
): Fence {
  if (lease.holder !== me.holder || lease.token !== me.token) {
    return { ok: false, because: `the lease is no longer ours: token ${lease.token}, ours was ${me.token}` };
  }
  const leftMs = lease.leaseUntil - now;
  if (leftMs < limits.leaseMarginMs)
    return { ok: false, because: `the lease ends in ${leftMs} ms, a write needs ${limits.leaseMarginMs}` };
  return { ok: true };
}

/** Held, and not expired by more than the grace. The very test TakeLease makes in its condition. */
export function isHeld(lease: ConnectionLease, now: Instant): boolean {
  return lease.holder !== null && lease.leaseUntil >= now - limits.leaseGraceMs;
}

/** A drain counts until it ends. */
export function isDrained(desired: Desired, path: PathName, now: Instant): boolean {
  const drain = desired.drains[path];
  return drain !== undefined && drain.until > now;
}

/** Where routes must point to use each path: the declared interface, or the one our own replacement journalled. */
export function pathTargets(
  deployment: Deployment,
  connection: ConnectionName,
  gatewayLeases: Readonly<Record<GatewayName, GatewayLease | null>>,
): PathTargets {
  const paths = Object.values(deployment.connections[connection]!.paths);
  return Object.fromEntries(
    paths.map((path) => {
      const declared = deployment.gateways[path.gateway]!.routeInterfaceId;
      const journalled = gatewayLeases[path.gateway]?.identity?.routeInterfaceId;
      return [path.name, { kind: 'network-interface', id: journalled ?? declared }];
    }),
  );
}
