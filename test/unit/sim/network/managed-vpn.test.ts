/** AWS's own VPN connections in the simulated world: what AWS sends through, what comes back, what is told and when. */
import { minuteMs, secondMs } from '../../../../core/words/time';
import type { ServiceMetric } from '../../../../local-cloud/site-to-site';
import { type Stage, siteDeployment, stage } from '../world-fixture';

const transit = (seed = 1): Stage => stage({ deployment: siteDeployment('transit'), seed });
const managed = (seed = 1): Stage => stage({ deployment: siteDeployment('managed'), seed });
const table = 'tgw-rtb-00000000000000001';

const otherOf = ({ world }: Stage, gateway: string): string => {
  const { tunnels, egress } = world.vpns.named(gateway);
  return tunnels.find((tunnel) => tunnel !== egress)!.outsideAddress;
};
const usedBy = ({ world }: Stage, gateway: string): string => world.vpns.named(gateway).egress.outsideAddress;
const shownOf = ({ port }: Stage, id: string, address: string) =>
  port.siteToSite
    .connections()
    .find((each) => each.id === id)!
    .tunnels.find(({ outsideAddress }) => outsideAddress === address)!;
/** Of the table's route to the site. */
const stateShown = ({ world }: Stage) =>
  world.transit.shown(table).find(({ destination }) => destination === '172.16.0.0/16')!.state;

describe('two connections on a transit gateway', () => {
  it('serves users over home, and answers each canary over its own connection', () => {
    const it = transit();
    expect(it.world.usersServed('paris', 'spokes')).toBe(true);
    expect(it.world.pathOf('paris', 'spokes')).toBe('a');
    expect(['path-a', 'path-b', 'service'].map(it.probe)).toEqual([true, true, true]);
    it.world.oneWay('b', true);
    expect(['path-a', 'path-b', 'service'].map(it.probe)).toEqual([true, false, true]);
    it.world.oneWay('b', false);
    it.world.oneWay('a', true);
    expect(['path-a', 'path-b', 'service'].map(it.probe)).toEqual([false, true, false]);
    expect(it.world.usersServed('paris', 'spokes')).toBe(false);
  });

  it('moves users when its routes have their effect, canaries never', async () => {
    const it = transit();
    it.world.peerDown('a');
    it.world.routeByHand(table, '172.16.0.0/16', 'tgw-attach-0bbbbbbbbbbbbbbb1');
    expect(it.probe('service')).toBe(false);
    await it.run(30 * secondMs);
    expect(['path-a', 'path-b', 'service'].map(it.probe)).toEqual([false, true, true]);
    expect(it.world.pathOf('paris', 'spokes')).toBeNull();
    it.world.routeByHand('tgw-rtb-00000000000000002', '172.16.0.0/16', 'tgw-attach-0bbbbbbbbbbbbbbb1');
    await it.run(30 * secondMs);
    expect([it.world.pathOf('paris', 'spokes'), it.world.usersServed('paris', 'spokes')]).toEqual(['b', true]);
  });

  it('serves nobody over an attachment that is gone, and shows a black hole', () => {
    const it = transit();
    it.world.vpns.delete('vpn-a');
    it.world.transit.detach('tgw-attach-0aaaaaaaaaaaaaaa1');
    expect(['path-a', 'path-b', 'service'].map(it.probe)).toEqual([false, true, false]);
    expect(stateShown(it)).toBe('blackhole');
    expect(it.world.pathOf('paris', 'spokes')).toBe('a');
  });

  it('turns routes to a connection with both tunnels DOWN into black holes in some worlds, and not in others', async () => {
    const states = await Promise.all(
      [1, 2, 3, 4, 5, 6, 7, 8].map(async (seed) => {
        const it = transit(seed);
        it.world.peerDown('a');
        await it.run(minuteMs);
        return stateShown(it);
      }),
    );
    expect(new Set(states)).toEqual(new Set(['active', 'blackhole']));
  });
});

describe('the two tunnels of a connection', () => {
  it('carry by one of them, which stays until it is DOWN and does not come back for a while', async () => {
    const it = managed();
    const used = usedBy(it, 'vpn-a');
    await it.run(20 * minuteMs);
    expect(usedBy(it, 'vpn-a')).toBe(used);
    it.world.vpns.takeDown('vpn-a', used);
    expect(usedBy(it, 'vpn-a')).not.toBe(used);
    expect(it.probe('service')).toBe(true);
    it.world.vpns.bringUp('vpn-a', used);
    await it.run(minuteMs);
    expect(it.world.vpns.tunnelOf('vpn-a', used).ike).toBe('up');
    expect(usedBy(it, 'vpn-a')).not.toBe(used);
  });

  it('are drawn: some worlds begin with the first, some with the second', () => {
    const used = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => usedBy(managed(seed), 'vpn-a'));
    expect(new Set(used).size).toBe(2);
  });

  it('are dark where the one in use passes one way, though both are UP', () => {
    const it = managed();
    it.world.vpns.oneWay('vpn-a', usedBy(it, 'vpn-a'), true);
    expect(it.probe('service')).toBe(false);
    expect(it.world.vpns.named('vpn-a').tunnels.map(({ ike }) => ike)).toEqual(['up', 'up']);
  });

  it('go DOWN after the dead-peer time when nobody answers, and come up again with the partner', async () => {
    const it = transit();
    it.world.peerDown('a');
    await it.run(29 * secondMs);
    expect(it.world.vpns.isUp(it.world.vpns.named('vpn-a'))).toBe(true);
    await it.run(12 * secondMs);
    expect(it.world.vpns.named('vpn-a').tunnels.map(({ ike }) => ike)).toEqual(['down', 'down']);
    it.world.peerUp('a');
    await it.run(minuteMs);
    expect(it.world.vpns.named('vpn-a').tunnels.map(({ ike }) => ike)).toEqual(['up', 'up']);
    expect(it.probe('path-a')).toBe(true);
  });

  it('survive a silence shorter than the dead-peer time', async () => {
    const it = transit();
    it.world.peerDown('a');
    await it.run(20 * secondMs);
    it.world.peerUp('a');
    await it.run(5 * minuteMs);
    expect(it.world.vpns.named('vpn-a').tunnels.every(({ told }) => told.length === 1)).toBe(true);
  });
});

describe('tunnels whose real daemons are heard', () => {
  it('go and come by their word alone', async () => {
    const it = transit();
    const ofA = () => it.world.vpns.named('vpn-a').tunnels.map(({ ike }) => ike);
    for (const tunnel of ['1', '2']) it.world.vpns.heard('vpn-a', tunnel, 'up');
    it.world.peerDown('a');
    await it.run(10 * minuteMs);
    expect(ofA()).toEqual(['up', 'up']);
    const used = usedBy(it, 'vpn-a');
    it.world.vpns.heard('vpn-a', used, 'down');
    expect(usedBy(it, 'vpn-a')).not.toBe(used);
    it.world.peerUp('a');
    await it.run(10 * minuteMs);
    expect(it.world.vpns.tunnelOf('vpn-a', used).ike).toBe('down');
    it.world.vpns.heard('vpn-a', used, 'up');
    expect(ofA()).toEqual(['up', 'up']);
  });

  it('stay DOWN while somebody holds them so: a late word from before counts for nothing', () => {
    const it = transit();
    it.world.vpns.takeDown('vpn-a', '1');
    it.world.vpns.heard('vpn-a', '1', 'up');
    expect(it.world.vpns.tunnelOf('vpn-a', '1').ike).toBe('down');
    it.world.vpns.bringUp('vpn-a', '1');
    it.world.vpns.heard('vpn-a', '1', 'up');
    expect(it.world.vpns.tunnelOf('vpn-a', '1').ike).toBe('up');
  });
});

describe('an endpoint that is replaced', () => {
  it('is DOWN at once and comes up by itself where AWS starts IKE', async () => {
    const it = managed();
    const used = usedBy(it, 'vpn-a');
    const vpn = it.world.vpns.named('vpn-a');
    expect(it.port.siteToSite.replaceTunnel(vpn.id, used)).toBe(true);
    expect(it.port.siteToSite.replaceTunnel(vpn.id, used)).toBe(false);
    expect(usedBy(it, 'vpn-a')).not.toBe(used);
    expect(shownOf(it, vpn.id, used).provisioning).toBe('pending');
    await it.run(60 * minuteMs);
    expect(it.world.vpns.tunnelOf('vpn-a', used)).toMatchObject({ ike: 'up', provisioning: 'available' });
  });

  it('stays DOWN where nobody starts IKE, until the partner does', async () => {
    const it = transit();
    const used = usedBy(it, 'vpn-a');
    it.port.siteToSite.replaceTunnel('vpn-0aaaaaaaaaaaaaaa1', used);
    await it.run(60 * minuteMs);
    expect(it.world.vpns.tunnelOf('vpn-a', used)).toMatchObject({ ike: 'down', provisioning: 'available' });
    it.world.vpns.peerStarted('vpn-a');
    await it.run(minuteMs);
    expect(it.world.vpns.tunnelOf('vpn-a', used).ike).toBe('up');
  });

  it('is replaced by AWS itself when announced maintenance falls due, unless it has been before', async () => {
    const it = managed();
    it.world.vpns.announceMaintenance('vpn-a', '2', it.clock.now() + 10 * minuteMs);
    expect(shownOf(it, 'vpn-0aaaaaaaaaaaaaaa1', '203.0.113.2').maintenanceBy).toBe(it.clock.now() + 10 * minuteMs);
    await it.run(10 * minuteMs);
    expect(it.world.vpns.tunnelOf('vpn-a', '2').provisioning).toBe('pending');
  });
});

describe('what AWS tells', () => {
  it('lags, in order, and stands still while telemetry is stuck', async () => {
    const it = managed();
    const address = otherOf(it, 'vpn-a');
    const status = (): string => shownOf(it, 'vpn-0aaaaaaaaaaaaaaa1', address).status;
    const wentDownAt = it.clock.now();
    it.world.vpns.takeDown('vpn-a', address);
    expect(status()).toBe('UP');
    await it.run(5 * minuteMs);
    expect(status()).toBe('DOWN');
    expect(shownOf(it, 'vpn-0aaaaaaaaaaaaaaa1', address).changedAt).toBe(wentDownAt);
    it.world.vpns.telemetryStuck('vpn-a', true);
    it.world.vpns.bringUp('vpn-a', address);
    await it.run(10 * minuteMs);
    expect(status()).toBe('DOWN');
    it.world.vpns.telemetryStuck('vpn-a', false);
    expect(status()).toBe('UP');
  });

  it('counts bytes of canaries: out by the tunnel in use, back only where they are answered', async () => {
    const it = transit();
    const seen: ServiceMetric[] = [];
    it.port.siteToSite.onMetric((metric) => seen.push(metric));
    const used = usedBy(it, 'vpn-a');
    const bytes = (name: string): number[] =>
      seen
        .filter(
          (m) => m.name === name && m.dimensions['TunnelIpAddress'] === used && m.dimensions['VpnId'] === undefined,
        )
        .map(({ value }) => value);
    it.world.vpns.oneWay('vpn-a', '1', true);
    it.world.vpns.oneWay('vpn-a', '2', true);
    for (let i = 0; i < 1_800; i++) it.probe('path-a');
    await it.run(5 * minuteMs);
    expect(bytes('TunnelDataOut')[0]).toBeGreaterThanOrEqual(1_800 * 60);
    expect(bytes('TunnelDataIn')[0]).toBeLessThan(3_000);
    expect(bytes('TunnelState')).toEqual([1]);
    const [first] = seen;
    expect(first!.visibleAt - first!.at).toBeGreaterThanOrEqual(6 * minuteMs);
    it.world.vpns.oneWay('vpn-a', '1', false);
    it.world.vpns.oneWay('vpn-a', '2', false);
    for (let i = 0; i < 1_800; i++) it.probe('path-a');
    await it.run(5 * minuteMs);
    expect(bytes('TunnelDataOut')[1]).toBeGreaterThanOrEqual(1_800 * 216);
  });
});

describe('a virtual private gateway', () => {
  it('withdraws its routes when both tunnels are DOWN, in some worlds, and propagates them again', async () => {
    const there = await Promise.all(
      [1, 2, 3, 4, 5, 6, 7, 8].map(async (seed) => {
        const it = managed(seed);
        const route = (): unknown => it.world.routes.forwarded('rtb-00000000000000001', '172.16.0.0/16');
        expect(route()).toEqual({ kind: 'gateway', id: 'vgw-00000000000000001' });
        for (const tunnel of ['1', '2']) it.world.vpns.takeDown('vpn-a', tunnel);
        await it.run(5 * minuteMs);
        const wasThere = route() !== null;
        for (const tunnel of ['1', '2']) it.world.vpns.bringUp('vpn-a', tunnel);
        await it.run(5 * minuteMs);
        expect(route()).not.toBeNull();
        return wasThere;
      }),
    );
    expect(new Set(there)).toEqual(new Set([true, false]));
  });

  it('propagates into a table no longer once somebody has ended that', async () => {
    const it = managed();
    it.world.propagation.turn('rtb-00000000000000001', false);
    await it.run(5 * minuteMs);
    expect(it.world.usersServed('bank', 'office')).toBe(false);
    expect(it.probe('path-a')).toBe(true);
  });
});
