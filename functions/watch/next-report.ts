/**
 * From what AWS says now, and what was known a minute ago, to the next tunnel report. Pure.
 *
 * Telemetry is matched by the tunnels' addresses, never by its order. An answer that does not speak of the declared
 * tunnels is no answer: nothing is known then, which is not "down".
 */
import type { AskedAt, KeptReport } from '../../adapters/dynamodb/tunnel-item';
import type { SeenConnection, Telemetry } from '../../adapters/ec2/vpn-connections';
import type { GatewayName, TunnelAddress, VpnConnectionView } from '../../core/words/domain';
import type { CanaryReport, TunnelFacts, TunnelReport } from '../../core/words/evidence';
import { shown } from '../../core/words/malformed';
import { type Instant, minuteMs } from '../../core/words/time';

type Tunnels = TunnelReport['tunnels'];
type Told = Pick<TunnelReport, 'state' | 'tunnels'>;

/** Why the tunnels could not be measured, as people read it. */
export interface Unmeasured {
  readonly because: string;
}

export interface Before {
  readonly gateway: GatewayName;
  readonly view: VpnConnectionView;
  /** Null: nothing was known. */
  readonly previous: KeptReport | null;
  readonly now: Instant;
}

/** A deleted connection is listed for an hour or so. One that nobody has seen deleted is another, or a wrong id. */
export function toldOf({ view, previous, now }: Before, seen: SeenConnection | undefined): Told | Unmeasured {
  const { vpnConnectionId, tunnels, region } = view;
  if (seen === undefined)
    return previous !== null && isGone(previous)
      ? { state: 'deleted', tunnels: previous.tunnels }
      : { because: `AWS lists no VPN connection ${vpnConnectionId} in ${region}` };
  const { state } = seen;
  if (!isState(state)) return { because: `AWS calls ${vpnConnectionId} ${shown(state)}, a state we do not know` };
  const facts = tunnels.map((address): [TunnelAddress, TunnelFacts | null] => {
    const telemetry = seen.tunnels.get(address);
    return [address, telemetry === undefined ? null : factsOf(telemetry, previous?.tunnels[address], now)];
  });
  const unsaid = facts.find(([, known]) => known === null);
  if (unsaid !== undefined && state === 'available') {
    const names = [...seen.tunnels.keys()].join(', ') || 'none';
    return { because: `AWS tells nothing of tunnel ${unsaid[0]} of ${vpnConnectionId}; it tells of ${names}` };
  }
  return { state, tunnels: Object.fromEntries(facts.flatMap(([a, known]) => (known === null ? [] : [[a, known]]))) };
}

const states: readonly string[] = ['pending', 'available', 'deleting', 'deleted'] satisfies TunnelReport['state'][];
const isState = (text: string): text is TunnelReport['state'] => states.includes(text);
const isGone = ({ state }: Pick<TunnelReport, 'state'>): boolean => state === 'deleting' || state === 'deleted';

/** Null: neither UP nor DOWN. */
function factsOf(seen: Telemetry, before: TunnelFacts | undefined, now: Instant): TunnelFacts | null {
  const status = seen.status === 'UP' ? 'up' : seen.status === 'DOWN' ? 'down' : null;
  if (status === null) return null;
  const unchanged = before?.status === status ? before.since : now;
  return {
    status,
    since: seen.since ?? unchanged,
    message: seen.message,
    provisioning: before?.provisioning ?? 'unknown',
    initiatedByAws: seen.initiatedByAws,
    maintenanceBy: before?.maintenanceBy ?? null,
    lastBytes: before?.lastBytes ?? null,
    lastCarried: before?.lastCarried ?? null,
  };
}

/** Up, and AWS says that its endpoint stands. */
export const isWell = ({ status, provisioning }: TunnelFacts): boolean =>
  status === 'up' && provisioning === 'available';

const withFacts = (tunnels: Tunnels, facts: (address: TunnelAddress, tunnel: TunnelFacts) => TunnelFacts): Tunnels =>
  Object.fromEntries(Object.entries(tunnels).map(([address, tunnel]) => [address, facts(address, tunnel)]));

/**
 * What the last whole period shows. The tunnel through which AWS sent most carried answered traffic, if the connection's
 * canaries were answered through all of it: in a period with an outage nobody can tell through which one answers came.
 */
export function withBytes(
  tunnels: Tunnels,
  bytesOf: (address: TunnelAddress) => TunnelFacts['lastBytes'],
  answeredSince: Instant | undefined,
): Tunnels {
  const sent = Object.keys(tunnels).map((address) => ({ address, bytes: bytesOf(address) }));
  const [most, next] = sent.sort((a, b) => (b.bytes?.out ?? 0) - (a.bytes?.out ?? 0));
  const period = most?.bytes ?? null;
  const isClear = period !== null && period.out > (next?.bytes?.out ?? 0);
  const isAnswered = answeredSince !== undefined && period !== null && answeredSince <= period.from;
  const carrier = isClear && isAnswered ? most!.address : null;
  return withFacts(tunnels, (address, tunnel) => ({
    ...tunnel,
    lastBytes: bytesOf(address),
    lastCarried: address === carrier ? period!.from : tunnel.lastCarried,
  }));
}

/** Looks that are further apart have not seen what lay between them. */
const looksApartMs = 3 * minuteMs;

/** Since when one of these canaries has been found answered at every look; undefined: none is now. */
export function answeredSince(
  previous: KeptReport | null,
  heard: readonly CanaryReport[],
  now: Instant,
): Instant | undefined {
  const answered = heard.filter(
    ({ verdict, missedSince }) => (verdict === 'healthy' || verdict === 'degraded') && missedSince === 0,
  );
  if (answered.length === 0) return undefined;
  const isNext = previous !== null && now - previous.writtenAt <= looksApartMs;
  const before = isNext ? (previous.asked.answeredSince ?? now) : now;
  return Math.min(before, ...answered.map(({ since }) => since));
}

/** A report that says something new about what decides wakes `sense`. */
export function nextReport({ gateway, previous, now }: Before, told: Told, asked: AskedAt): KeptReport {
  const isFirst = previous === null || previous.reportedAt === 0;
  const changed = isFirst ? !isAllWell(told) : newsOf(previous) !== newsOf(told);
  const watchedSince = previous?.watchedSince ?? now;
  return { schema: 1, gateway, reportedAt: now, ...told, changed, watchedSince, writtenAt: now, asked };
}

/** What was known, growing old, and why nothing newer is. The alarm on the measurement wakes, not the stream. */
export function unmeasuredReport({ gateway, previous, now }: Before, because: string): KeptReport {
  const known = previous ?? { ...nothingKnown, gateway };
  const unmeasured = { since: previous?.unmeasured?.since ?? now, because: because.slice(0, becauseLengthMax) };
  return { ...known, changed: false, watchedSince: known.watchedSince ?? now, unmeasured, writtenAt: now };
}

const becauseLengthMax = 300;
export const neverAsked: AskedAt = { provisioning: 0, maintenance: 0, bytes: 0 };
/** Bytes of a period long ago are no evidence of what carries now. */
const nothingKnown: Omit<KeptReport, 'gateway' | 'watchedSince'> = {
  ...{ schema: 1, reportedAt: 0, state: 'pending', tunnels: {}, changed: false, writtenAt: 0 },
  asked: neverAsked,
};

const isAllWell = ({ state, tunnels }: Told): boolean =>
  state === 'available' && Object.values(tunnels).every(({ status }) => status === 'up');

/** Bytes and messages come and go; nothing is done for them. What was not asked yet is no news. */
const newsOf = ({ state, tunnels }: Told): string =>
  JSON.stringify([
    state,
    Object.entries(tunnels)
      .map(([address, { status, provisioning, maintenanceBy }]) => [
        address,
        status,
        provisioning === 'pending' || provisioning === 'failed' ? provisioning : '',
        maintenanceBy,
      ])
      .sort(),
  ]);
