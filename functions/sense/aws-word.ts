/**
 * What AWS Health and Network Manager say of Site-to-Site connections, and Health of instances: which, and in what words.
 * Read loosely, since it wakes and is told, and nothing is decided by it: AWS has spelled Network Manager's details in
 * two ways, and Health names what it is about in two places.
 */
import { isRecord, own } from '../../core/words/shape';
import { at } from './instance-event';

const healthType = 'AWS Health Event';
const detailTypes: readonly unknown[] = [healthType, 'Network Manager Status Update'];

export const isAwsWord = (event: object): boolean => detailTypes.includes(at(event, 'detail-type'));

export interface AwsWord {
  readonly id: string;
  readonly account: string;
  /** Ids of the connections and instances it names, each once. */
  readonly about: readonly string[];
  /** AWS's own word for what happened; empty: none. */
  readonly code: string;
  /** What people are to hear; null: it only wakes. */
  readonly health: { readonly status: string; readonly says: string } | null;
}

/** The first sentences say it; what follows is how to open a support case. */
const saysMax = 400;

export function awsWordFrom(event: object): AwsWord {
  const detail = own(event as Readonly<Record<string, unknown>>, 'detail');
  const said = isRecord(detail) ? detail : {};
  const named = [
    ...listOf(own(event as Readonly<Record<string, unknown>>, 'resources')),
    ...listOf(own(said, 'affectedEntities')).map((entity) => at(entity, 'entityValue')),
    own(said, 'vpnConnectionArn'),
    own(said, 'vpn-connection-arn'),
  ];
  const ids = named.flatMap((one) =>
    typeof one === 'string' ? (/(?:^|\/)((?:vpn|i)-[0-9a-f]{8,17})$/.exec(one) ?? []).slice(1) : [],
  );
  const words = [own(said, 'eventTypeCode'), own(said, 'changeType'), own(said, 'status-change')];
  return {
    id: textOf(at(event, 'id')),
    account: textOf(at(event, 'account')),
    about: [...new Set(ids)],
    code: textOf(words.find((word) => typeof word === 'string')).slice(0, 80),
    health:
      at(event, 'detail-type') === healthType ? { status: textOf(own(said, 'statusCode')), says: saysOf(said) } : null,
  };
}

/** In English, where it is said in several languages. */
function saysOf(said: Readonly<Record<string, unknown>>): string {
  const all = listOf(own(said, 'eventDescription'));
  const one = all.find((each) => at(each, 'language') === 'en_US') ?? all[0];
  const text = textOf(at(one, 'latestDescription')).replace(/\s+/g, ' ').trim();
  return text.length <= saysMax ? text : `${text.slice(0, saysMax - 1)}…`;
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
