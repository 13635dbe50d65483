/**
 * EC2's state-change notification, whole and checked. AWS documents every field; one that is missing or odd means that
 * what arrived is something else, and it is refused by the field's name.
 */

import type { InstanceState } from '../../core/words/evidence';
import { malformed, shown } from '../../core/words/malformed';
import { isRecord, own } from '../../core/words/shape';
import type { Instant } from '../../core/words/time';

export interface InstanceEvent {
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly instanceId: string;
  readonly state: InstanceState;
  readonly at: Instant;
}

const states: readonly InstanceState[] = ['pending', 'running', 'stopping', 'stopped', 'shutting-down', 'terminated'];
const detailType = 'EC2 Instance State-change Notification';

/** Throws `MalformedInput` naming every field at fault. */
export function parseInstanceEvent(event: object): InstanceEvent {
  const problems: string[] = [];
  const text = (field: string, wanted: string, fits: (value: string) => boolean): string => {
    const value = at(event, field);
    if (typeof value === 'string' && fits(value)) return value;
    problems.push(`${field}: ${shown(value)} must be ${wanted}`);
    return '';
  };
  text('source', 'aws.ec2', (v) => v === 'aws.ec2');
  text('detail-type', detailType, (v) => v === detailType);
  const account = text('account', 'an account id', (v) => /^\d{12}$/.test(v));
  const region = text('region', 'a region', (v) => /^[a-z0-9-]+$/.test(v));
  const id = text('id', 'an event id', (v) => /^[A-Za-z0-9-]{1,64}$/.test(v));
  const time = text('time', 'a time', (v) => Number.isFinite(Date.parse(v)));
  const instanceId = text('detail.instance-id', 'an instance id', (v) => /^i-[0-9a-f]{8,17}$/.test(v));
  const state = text('detail.state', states.join(', '), (v) => states.includes(v as InstanceState));
  if (problems.length > 0) throw malformed('event', problems);
  return { id, account, region, instanceId, state: state as InstanceState, at: Date.parse(time) };
}

/** `a.b` of nested records; undefined where there is none. */
export function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => (isRecord(inner) ? own(inner, key) : undefined), value);
}
