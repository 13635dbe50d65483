/**
 * EC2 at SDK-command level: what the world's machines, interfaces and routes look like through the API.
 *
 * State-change events leave through `onStateChange` at the instant of the change; how late and how often they arrive
 * is the bus's affair. What is not listed here is not modelled and says so.
 */

import { randomStream } from '../../random';
import { type FakeService, NotModelled, type Principal } from '../../service';
import type { WorldPort } from '../../world-port';
import { addressCalls } from './address-calls';
import type { Calls } from './calls';
import { dryRun } from './errors';
import { instanceCalls } from './instance-calls';
import { prefixListCalls } from './prefix-list-calls';
import { routeCalls } from './route-calls';
import { tgwCalls } from './tgw-calls';
import { Views } from './views';
import { vpnCalls } from './vpn-calls';

/** "EC2 Instance State-change Notification", whole, as EventBridge delivers it. */
export interface StateChangeEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': 'EC2 Instance State-change Notification';
  readonly source: 'aws.ec2';
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: { readonly 'instance-id': string; readonly state: string };
}

export interface Ec2Options {
  readonly seed: number;
  readonly region: string;
  readonly accountId?: string;
  readonly onStateChange?: (event: StateChangeEvent) => void;
}

export class Ec2Fake implements FakeService {
  readonly name = 'ec2';
  private readonly calls: Calls;
  private readonly region: string;

  constructor(world: WorldPort, { seed, region, accountId = '123456789012', onStateChange }: Ec2Options) {
    this.region = region;
    const views = new Views(world, randomStream(seed, 'ec2/lag'));
    this.calls = {
      ...routeCalls(world, accountId),
      ...instanceCalls(world, views, accountId),
      ...addressCalls(world, views),
      ...tgwCalls(world, accountId),
      ...prefixListCalls(world, accountId),
      ...vpnCalls(world, region),
    };
    const eventIds = randomStream(seed, 'ec2/events');
    world.machines.onState(({ id, state }) =>
      onStateChange?.({
        version: '0',
        id: eventIds.uuid(),
        'detail-type': 'EC2 Instance State-change Notification',
        source: 'aws.ec2',
        account: accountId,
        time: `${new Date(world.clock.now()).toISOString().slice(0, 19)}Z`,
        region,
        resources: [`arn:aws:ec2:${region}:${accountId}:instance/${id}`],
        detail: { 'instance-id': id, state },
      }),
    );
  }

  async call(operation: string, input: unknown, principal?: Principal): Promise<unknown> {
    const run = this.calls[operation];
    if (run === undefined) throw new NotModelled('ec2', operation);
    if ((input as { DryRun?: boolean }).DryRun === true) throw dryRun();
    return run(input as never, principal?.region ?? this.region);
  }
}
