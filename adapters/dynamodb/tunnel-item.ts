/**
 * A tunnel report as an item of the reports table, both ways, beside the canaries' under a key of its own. With it stands
 * when `watch` asked AWS what it does not ask each minute: the item is all that `watch` remembers from run to run.
 */
import type { GatewayName } from '../../core/words/domain';
import type { TunnelFacts, TunnelReport } from '../../core/words/evidence';
import { MalformedInput, shown } from '../../core/words/malformed';
import { isFlag, isInstant, isText, oneOf, orAbsent, orNull, own, recordOf, shapeOf } from '../../core/words/shape';
import type { Instant } from '../../core/words/time';
import { type Attributes, fromItem, toItem } from './attributes';

/** When each of the slower questions was last answered; 0: never. */
export interface AskedAt {
  readonly provisioning: Instant;
  readonly maintenance: Instant;
  /** The end of the period whose bytes were asked for. */
  readonly bytes: Instant;
  /**
   * Since when every look has found one of the connection's canaries answered: a canary counts anew each minute. Absent:
   * the last look has not.
   */
  readonly answeredSince?: Instant;
}

export interface KeptReport extends TunnelReport {
  /** By which run of `watch`, whether it could measure or not. */
  readonly writtenAt: Instant;
  readonly asked: AskedAt;
}

const prefix = 'tunnels#';
/** No canary's id holds a `#`. */
export const tunnelKey = (gateway: GatewayName): string => `${prefix}${gateway}`;
export const isTunnelItem = (item: Attributes): boolean => {
  const key: unknown = item['canary']?.S; // An event may hold anything there.
  return typeof key === 'string' && key.startsWith(prefix);
};

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0;

const isTunnel = shapeOf<TunnelFacts>({
  status: oneOf('up', 'down'),
  since: isInstant,
  message: isText,
  provisioning: oneOf('available', 'pending', 'failed', 'unknown'),
  initiatedByAws: orNull(isFlag),
  maintenanceBy: orNull(isInstant),
  lastBytes: orNull(shapeOf<NonNullable<TunnelFacts['lastBytes']>>({ from: isInstant, out: isCount, in: isCount })),
  lastCarried: orNull(isInstant),
});

const isReport = shapeOf<KeptReport>({
  schema: oneOf(1),
  gateway: isText,
  reportedAt: isInstant,
  state: oneOf('pending', 'available', 'deleting', 'deleted'),
  tunnels: recordOf(isTunnel),
  changed: isFlag,
  watchedSince: orAbsent(isInstant),
  unmeasured: orAbsent(shapeOf<NonNullable<TunnelReport['unmeasured']>>({ since: isInstant, because: isText })),
  writtenAt: isInstant,
  asked: shapeOf<AskedAt>({
    provisioning: isInstant,
    maintenance: isInstant,
    bytes: isInstant,
    answeredSince: orAbsent(isInstant),
  }),
});

export function tunnelItem(report: KeptReport): Attributes {
  const { schema, gateway, reportedAt, state, changed, watchedSince, unmeasured, writtenAt, asked } = report;
  const tunnels = Object.fromEntries(
    Object.entries(report.tunnels).map(([address, { lastBytes, ...facts }]) => [
      address,
      { ...facts, lastBytes: lastBytes === null ? null : { ...lastBytes } },
    ]),
  );
  return toItem({
    canary: tunnelKey(gateway),
    schema,
    gateway,
    reportedAt,
    state,
    changed,
    tunnels,
    writtenAt,
    asked: { ...asked },
    ...(watchedSince !== undefined && { watchedSince }),
    ...(unmeasured !== undefined && { unmeasured: { ...unmeasured } }),
  });
}

/** Throws `MalformedInput` naming the first field at fault. */
export function tunnelReportFrom(item: Attributes): KeptReport {
  const { canary, ...record } = fromItem(item);
  if (!isReport(record) || canary !== tunnelKey(record.gateway)) throw new MalformedInput(faultOf(canary, record));
  return record;
}

function faultOf(canary: unknown, record: Readonly<Record<string, unknown>>): string {
  const about = `tunnel report ${shown(canary)}`;
  const tunnels = own(record, 'tunnels');
  const odd = Object.entries(typeof tunnels === 'object' ? (tunnels ?? {}) : {}).find(([, facts]) => !isTunnel(facts));
  return odd === undefined
    ? `${about}: ${shown({ ...record, tunnels: undefined })} is not what this version writes`
    : `${about}: tunnel ${shown(odd[0])} is ${shown(odd[1])}, not what this version writes`;
}
