/** Events as EventBridge carries them. */
import type { JsonObject } from '../../template/json';

/** An event as it lies on the bus: EventBridge's own envelope. */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: JsonObject;
}

/** The parts a service supplies; the rest of the envelope is the bus's. */
export type EventParts = Pick<BusEvent, 'source' | 'detail-type' | 'resources' | 'detail'>;
