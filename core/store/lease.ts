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
import type {
  ConnectionName,
  DivertWord,
  Drain,
  DrillWord,
  FailbackWord,
  GatewayName,
  PathName,
  Pause,
  RehearsalWord,
  RouteSetName,
} from '../words/domain';
import type { Evidence, GatewayLease } from '../words/evidence';
import { limits } from '../words/policy';
import { isRecord, own, type Unread } from '../words/shape';
import type { Instant } from '../words/time';
import type { Memory } from './memory';
import {
  apartFrom,
  counterFrom,
  declarationFrom,
  divertsFrom,
  drainsFrom,
  drillWordFrom,
  identityFrom,
  memoryFrom,
  pauseFrom,
  rehearsalWordFrom,
  wordFrom,
} from './stored';

/** The connection item, read back as typed data. Absent optional parts are null. */
export interface ConnectionLease {
  readonly holder: string | null;
  readonly token: number;
  readonly leaseUntil: Instant;
  readonly signals: number;
  readonly memory: Memory;
  readonly desired: Desired;
  /** Automation id of the rung with this client token, journalled right after the start. */
  readonly automation: { readonly clientToken: string; readonly id: string } | null;
  /** Since when Switchback has known the connection. 0: since before it kept that. */
  readonly seededAt: Instant;
  /** Which configuration the sweep saw last, and the token there was when it did. Null: none was written down. */
  readonly stamp: { readonly configured: string; readonly token: number } | null;
  /** A writer may be under way until here, even if its execution is gone. */
  readonly writeUntil: Instant;
}

/** What humans asked for. */
export interface Desired {
  readonly drains: Readonly<Record<PathName, Drain>>;
  readonly paused: Pause | null;
  readonly acknowledgedAt: Instant;
  /** The last word given; `view.hasWord` says for whom it still counts. */
  readonly failback: FailbackWord | null;
  /** The last word to divert each set; `asked.divertWord` says which still counts. */
  readonly diverts: Readonly<Record<RouteSetName, DivertWord>>;
  /** The last word for a drill; it counts once. */
  readonly drill: DrillWord | null;
  /** The last word for a rehearsal; it counts once. */
  readonly rehearsal: RehearsalWord | null;
  /** How many commands were recorded: a review counts only while none is added. */
  readonly commands: number;
  /** Parts of the desired state that are stored and cannot be read. */
  readonly unread: readonly Unread[];
}

export const nothingDesired: Desired = {
  drains: {},
  paused: null,
  acknowledgedAt: 0,
  failback: null,
  diverts: {},
  drill: null,
  rehearsal: null,
  commands: 0,
  unread: [],
};

type Item = Readonly<Record<string, unknown>>;

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const numberOf = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);
const recordOf = (value: unknown): Item => (isRecord(value) ? value : {});

/** Reads an unmarshalled connection item. Throws `StoredItemInvalid` when not even its counters can be read. */
export function leaseFrom(item: Item): ConnectionLease {
  const { drains, unread: drainsUnread } = drainsFrom(item['drains']);
  const { paused, unread: pauseUnread } = pauseFrom(item['paused']);
  const automation = recordOf(item['automation']);
  const clientToken = textOf(automation['clientToken']);
  const id = textOf(automation['id']);
  const configured = textOf(item['configured']);
  return {
    holder: textOf(item['holder']),
    token: counterFrom('token', item['token']),
    leaseUntil: numberOf(item['leaseUntil']),
    signals: counterFrom('signals', item['signals']),
    memory: memoryFrom(item['memory']),
    desired: {
      drains,
      paused,
      acknowledgedAt: numberOf(item['acknowledgedAt']),
      failback: wordFrom(item['failback']),
      diverts: divertsFrom(item),
      drill: drillWordFrom(item['drill']),
      rehearsal: rehearsalWordFrom(item['rehearsal']),
      commands: counterFrom('commands', item['commands']),
      unread: [...drainsUnread, ...pauseUnread],
    },
    automation: clientToken !== null && id !== null ? { clientToken, id } : null,
    seededAt: numberOf(item['seededAt']),
    stamp: configured === null ? null : { configured, token: numberOf(item['configuredToken']) },
    writeUntil: numberOf(item['writeUntil']),
  };
}

/** Reads an unmarshalled gateway item; an absent item is a free gateway. */
export function gatewayLeaseFrom(gateway: GatewayName, item: Item | undefined): GatewayLease {
  const { identity, unread } = identityFrom(gateway, item?.['identity']);
  const declared = declarationFrom(item?.['declared']);
  const apart = apartFrom(item?.['apart']);
  return {
    gateway,
    holder: textOf(item?.['holder']),
    clientToken: textOf(item?.['clientToken']),
    rung: textOf(item?.['rung']) as GatewayLease['rung'],
    until: numberOf(item?.['until']),
    claimedBy: textOf(item?.['claimedBy']),
    identity,
    ...(declared !== undefined && { declared }),
    ...(apart !== undefined && { apart }),
    unread,
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

/**
 * Has another configuration been deployed under the holder of this token? One that was stamped before it took the lease
 * says nothing: a run may be faster than the sweep that follows its deployment.
 */
export const isOutdated = ({ stamp }: ConnectionLease, token: number | null, configured: string): boolean =>
  stamp !== null && stamp.token === token && stamp.configured !== configured;

/** Renewed so lately that its run is there, whether or not Step Functions shows it yet. */
export function isFreshlyHeld(lease: ConnectionLease, now: Instant): boolean {
  return lease.holder !== null && lease.leaseUntil - limits.leaseMs > now - limits.absentAfterMs;
}

/** Only one connection at a time has a gateway repaired. */
export function isRepairedForAnother(lease: GatewayLease, connection: ConnectionName, now: Instant): boolean {
  return lease.holder !== null && lease.holder !== connection && lease.until > now;
}

/** An automation has begun on it and is not known to have ended, whatever the lease's time says. */
export function isClaimed({ gatewayLeases, endedClaims }: Evidence, gateway: GatewayName): boolean {
  const claim = gatewayLeases[gateway]?.claimedBy ?? null;
  return claim !== null && !endedClaims.includes(claim);
}

/** A drain counts until it ends. */
export function isDrained(desired: Desired, path: PathName, now: Instant): boolean {
  const drain = own(desired.drains, path);
  return drain !== undefined && drain.until > now;
}
