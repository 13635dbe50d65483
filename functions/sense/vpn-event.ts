/**
 * What AWS Health and Network Manager say of Site-to-Site connections: which one, and in what word. Read loosely, since it
 * only wakes: AWS has spelled Network Manager's details in two ways, and Health names a connection in two places.
 */
import { isRecord, own } from '../../core/words/shape';
import { at } from './instance-event';

const detailTypes: readonly unknown[] = ['AWS Health Event', 'Network Manager Status Update'];

export const isVpnEvent = (event: object): boolean => detailTypes.includes(at(event, 'detail-type'));

export interface VpnEvent {
  readonly id: string;
  readonly account: string;
  /** Ids of the connections it names, each once. */
  readonly connections: readonly string[];
  /** AWS's own word for what happened; empty: none. */
  readonly word: string;
}

export function vpnEventFrom(event: object): VpnEvent {
  const detail = own(event as Readonly<Record<string, unknown>>, 'detail');
  const said = isRecord(detail) ? detail : {};
  const entities = own(said, 'affectedEntities');
  const named = [
    ...listOf(own(event as Readonly<Record<string, unknown>>, 'resources')),
    ...listOf(entities).map((entity) => at(entity, 'entityValue')),
    own(said, 'vpnConnectionArn'),
    own(said, 'vpn-connection-arn'),
  ];
  const ids = named.flatMap((one) =>
    typeof one === 'string' ? (/(?:^|\/)(vpn-[0-9a-f]{8,17})$/.exec(one) ?? []).slice(1) : [],
  );
  const words = [own(said, 'eventTypeCode'), own(said, 'changeType'), own(said, 'status-change')];
  return {
    id: textOf(at(event, 'id')),
    account: textOf(at(event, 'account')),
    connections: [...new Set(ids)],
    word: textOf(words.find((word) => typeof word === 'string')).slice(0, 80),
  };
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
