/** A rule in another region hands events on: with its role, while that region answers, and to that bus alone. */
import { VirtualClock } from '../../../../../local-cloud/clock';
import { Faults } from '../../../../../local-cloud/front/faults';
import { Latencies } from '../../../../../local-cloud/latency';
import { randomStream } from '../../../../../local-cloud/random';
import type { BusEvent } from '../../../../../local-cloud/services/events/bus-event';
import { OtherRegions } from '../../../../../local-cloud/services/events/other-regions';
import { roleFor } from '../../template-of';

const home = 'arn:aws:events:eu-west-1:111111111111:event-bus/default';

function world(allowed = home) {
  const clock = new VirtualClock(0);
  const faults = new Faults();
  const forwarded: (readonly [string, BusEvent])[] = [];
  const regions = new OtherRegions({
    ...{ clock, faults, latencies: new Latencies(1), random: randomStream(1, 'events'), front: undefined as never },
    forward: (bus, event) => void forwarded.push([bus, event]),
  });
  const Resources = {
    Role: roleFor('events.amazonaws.com', { Effect: 'Allow', Action: 'events:PutEvents', Resource: allowed }),
    Rule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventPattern: { source: ['aws.networkmanager'] },
        Targets: [{ Id: 'home', Arn: home, RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] } }],
      },
    },
  };
  const elsewhere = [{ stackName: 'small', region: 'us-west-2', template: { Resources } }];
  regions.deploy({ stackName: 'main', region: 'eu-west-1', template: {}, assetPath: String, elsewhere });
  const emit = async (region = 'us-west-2', source = 'aws.networkmanager') => {
    regions.emit(region, { source, 'detail-type': 'x', resources: ['vpn'], detail: { changeType: 'DOWN' } });
    await clock.runUntil(10_000);
  };
  return { emit, faults, forwarded, regions };
}

it('hands a matching event on as it came, with the region it came from', async () => {
  const { emit, forwarded, regions } = world();
  await emit();
  expect(forwarded).toEqual([[home, expect.objectContaining({ region: 'us-west-2', detail: { changeType: 'DOWN' } })]]);
  expect(regions.authorities.flatMap((one) => one.usage())).toMatchObject([{ resource: home, allowed: true }]);
});

it.each<readonly [string, string, string]>([
  ['that no rule asks for', 'us-west-2', 'aws.health'],
  ['in a region without a stack', 'us-east-1', 'aws.networkmanager'],
])('does not hand on what is said %s', async (_, region, source) => {
  const { emit, forwarded } = world();
  await emit(region, source);
  expect(forwarded).toEqual([]);
});

it('hands nothing on without the permission, nor while the region is silent', async () => {
  const refused = world(`${home}-of-another`);
  await refused.emit();
  expect(refused.forwarded).toEqual([]);
  expect(refused.regions.authorities.flatMap((one) => one.usage())).toMatchObject([{ allowed: false }]);
  const silent = world();
  silent.faults.silentRegions.add('us-west-2');
  await silent.emit();
  expect(silent.forwarded).toEqual([]);
});
