/**
 * The two orders to the speaker of a gateway that is an instance. They stand beside its ladder: an order mends nothing
 * and touches no machine, no daemon and no tunnel, so it may be given under anybody's traffic.
 *
 * Example: users of `office` have left path a. `drain` of gw-a across 169.254.3.1 makes the partner's router prefer b for
 * its answers; gw-a's other partners hear nothing of it.
 * Where a Route Server picks the path out, its endpoints are told with the partner, in one order.
 */
import type { PathName } from '../words/domain';
import type { DrainMethod } from '../words/routing';
import type { Rung } from '../words/rungs';
import { secondMs } from '../words/time';
import { identityOf } from './identity';
import type { Facts, RungSpec, RungStart } from './kind';
import { orderSpec } from './order-spec';
import { quietAt, speakerOf } from './speaker';

/** The document may watch the tunnel run empty for so long: delivery and script fit its deadline of a minute. */
export const watchedMaxMs = 25 * secondMs;

const order = { ...orderSpec, parameters: orderParameters } as const satisfies RungSpec;

export const speakerOrders = { drain: order, undrain: order } as const satisfies Partial<Record<Rung, RungSpec>>;

function orderParameters(facts: Facts, path: PathName, start: RungStart): Record<string, readonly string[]> {
  const { gateway, speaker, neighbor } = speakerOf(facts, path)!;
  const { connection, deployment, evidence } = facts;
  return {
    InstanceId: [identityOf(deployment, gateway.name, evidence).instanceId],
    Gateway: [gateway.name],
    Repair: [start.clientToken],
    Neighbor: [neighbor.across],
    Inside: [neighbor.inside?.join(',') ?? noneInside],
    Method: [neighbor.drain],
    As: [String(speaker.as)],
    QuietAt: [String(quietAt(connection, path))],
    Within: [String(isAnswered(facts, start) ? watchedSeconds(connection) : 0)],
  };
}

/** A parameter of Systems Manager is never empty. */
const noneInside = 'none';

/** Nothing is seen to leave a path over which nothing comes in anyway, and its repair waits for the end of the order. */
const isAnswered = ({ evidence }: Facts, { canary }: RungStart): boolean =>
  evidence.reports[canary]?.verdict !== 'down';

/** How long the partner has to follow, as far as one document can watch. */
const watchedSeconds = ({ routing }: Facts['connection']): number =>
  Math.ceil(Math.min(watchedMaxMs, routing?.convergeWithinMs ?? 0) / secondMs);

/** As people read it. */
export const methodText: Readonly<Record<DrainMethod, string>> = {
  prepend: 'prepend',
  'graceful-shutdown': 'the community graceful-shutdown',
};
