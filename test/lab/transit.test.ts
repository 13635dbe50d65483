/**
 * A transit gateway with two of AWS's own VPN connections, on real packets: what its daemons say of their tunnels, and
 * what passes through them. Root on Linux; `npm run test:lab`.
 */
import { Lab } from '../../lab/lab';
import { Mirror } from '../../lab/mirror';
import { planFor } from '../../lab/plan';
import { type LabRun, labScenario, play } from '../../lab/play';
import { until } from '../../lab/real-time';
import { readTunnels, type TunnelReading } from '../../lab/tunnel-readings';
import { VirtualClock } from '../../local-cloud/clock';
import { simulationStart } from '../../local-cloud/latency';
import { PhysicalWorld } from '../../sim/world';
import { onPackets } from './machine';

const secondsOf =
  ({ startedAt }: LabRun, from: number, to: number) =>
  (reading: TunnelReading) =>
    reading.at > startedAt + from * 1_000 && reading.at < startedAt + to * 1_000;
const grewBy = (readings: readonly TunnelReading[], what: 'bytesIn' | 'bytesOut'): number =>
  readings.at(-1)![what] - readings[0]![what];

onPackets('leaves a home connection that passes one way only, while AWS calls both its tunnels UP', async () => {
  const run = await play(labScenario('transit-one-way'), { seed: 1, withHops: false });
  expect(run.surprises).toEqual([]);
  expect(run.moves[0]).toMatchObject({ gateway: 'vpn-b' });
  expect(run.toldOfHome!.readings).toBeGreaterThanOrEqual(2);
  expect(run.toldOfHome!.up).toBe(run.toldOfHome!.readings);
  const oneWay = run.readings.filter(({ gateway }) => gateway === 'vpn-a').filter(secondsOf(run, 14, 29));
  expect(new Set(oneWay.map(({ outsideAddress }) => outsideAddress)).size).toBe(2);
  expect(oneWay.every(({ isUp }) => isUp)).toBe(true);
  const used = oneWay.filter(({ bytesOut }) => bytesOut > 0);
  expect(new Set(used.map(({ outsideAddress }) => outsideAddress)).size).toBe(1);
  expect(grewBy(used, 'bytesOut')).toBeGreaterThan(0);
  expect(grewBy(used, 'bytesIn')).toBe(0);
  expect(run.failback).toMatchObject({ lostProbes: 0, tcpSurvived: true });
});

onPackets('leaves a silent home connection before AWS calls its tunnels DOWN', async () => {
  const run = await play(labScenario('transit-connection-dead'), { seed: 1, withHops: false });
  expect(run.surprises).toEqual([]);
  expect(run.toldOfHome).toMatchObject({ up: run.toldOfHome!.readings });
  const silent = run.readings.filter(({ gateway }) => gateway === 'vpn-a').filter(secondsOf(run, 12, 62));
  expect(silent.filter(({ isUp }) => !isUp).length).toBeGreaterThan(0);
});

onPackets('never moves onto a connection that passes one way only', async () => {
  const run = await play(labScenario('transit-standby-one-way'), { seed: 1, withHops: false });
  expect(run.surprises).toEqual([]);
  expect(run.readings.filter(({ gateway }) => gateway === 'vpn-b').every(({ isUp }) => isUp)).toBe(true);
});

onPackets('has two tunnels in a connection, and sends through one of them until it is DOWN', async () => {
  const { deployment } = labScenario('transit-one-way');
  const clock = new VirtualClock(simulationStart);
  const lab = await Lab.build(planFor(deployment));
  try {
    const world = new PhysicalWorld(deployment, { clock, seed: 1 });
    const mirror = await Mirror.over({ world }, lab);
    await lab.tunnelsUp();
    const first = world.vpns.named('vpn-a').egress.outsideAddress;
    const canary = deployment.connections['paris']!.canaries.find(({ id }) => id === 'paris/path-a')!;
    const answered = async (): Promise<boolean> =>
      (await lab.connect(canary.subnetId, canary.targets[0]!, 1_000)).answered;
    const downNow = async (): Promise<string[]> =>
      (await readTunnels(lab.vpnTunnels)).flatMap((one) => (one.isUp ? [] : [one.outsideAddress]));

    world.vpns.oneWay('vpn-a', first, true);
    await mirror.settled();
    expect([await answered(), await downNow()]).toEqual([false, []]);
    world.vpns.oneWay('vpn-a', first, false);
    await mirror.settled();
    expect(await answered()).toBe(true);

    world.vpns.takeDown('vpn-a', first);
    await mirror.settled();
    expect([await downNow(), world.vpns.named('vpn-a').egress.outsideAddress !== first]).toEqual([[first], true]);
    await until('The other tunnel must carry', 10_000, answered);
    await mirror.transit!.read();
    world.vpns.bringUp('vpn-a', first);
    world.oneWay('b', false); // Any change has the mirror look.
    await mirror.settled();
    await until('The tunnel must be UP again', 30_000, async () => (await downNow()).length === 0);
  } finally {
    await lab.end();
  }
});
