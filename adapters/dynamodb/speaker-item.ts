/** What a speaker says of itself as an item of the reports table, both ways, under a key of its own. */
import { isNeighborFacts } from '../../core/gateways/speaker-output';
import type { GatewayName } from '../../core/words/domain';
import type { SpeakerReport } from '../../core/words/evidence';
import { MalformedInput, shown } from '../../core/words/malformed';
import { isFlag, isInstant, isText, oneOf, orAbsent, recordOf, shapeOf } from '../../core/words/shape';
import { type Attributes, fromItem, toItem } from './attributes';

const prefix = 'speaker#';
/** No canary's id holds a `#`. */
export const speakerKey = (gateway: GatewayName): string => `${prefix}${gateway}`;
export const isSpeakerItem = (item: Attributes): boolean => {
  const key: unknown = item['canary']?.S; // An event may hold anything there.
  return typeof key === 'string' && key.startsWith(prefix);
};

const isReport = shapeOf<SpeakerReport>({
  schema: oneOf(1),
  gateway: isText,
  reportedAt: isInstant,
  neighbors: recordOf(isNeighborFacts),
  changed: isFlag,
  unmeasured: orAbsent(shapeOf<NonNullable<SpeakerReport['unmeasured']>>({ since: isInstant, because: isText })),
});

export function speakerItem({ neighbors, unmeasured, ...report }: SpeakerReport): Attributes {
  const facts = Object.entries(neighbors).map(([address, one]) => [address, { ...one }] as const);
  return toItem({
    canary: speakerKey(report.gateway),
    ...report,
    neighbors: Object.fromEntries(facts),
    ...(unmeasured !== undefined && { unmeasured: { ...unmeasured } }),
  });
}

/** Throws `MalformedInput`. */
export function speakerReportFrom(item: Attributes): SpeakerReport {
  const { canary, ...record } = fromItem(item);
  if (isReport(record) && canary === speakerKey(record.gateway)) return record;
  throw new MalformedInput(`speaker report ${shown(canary)}: ${shown(record)} is not what this version writes`);
}
