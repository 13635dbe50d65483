/** What `frr.conf` of a gateway says, and what it refuses to be made from. What FRR makes of it: test/contract/frr.test.ts. */
import { deployment, site } from '../../../../examples/bgp/frr';
import * as led from '../../../../examples/route-server/frr';
import { frrConf } from '../../../../infra/greenfield/frr-conf';

const confOf = (gateway: string, over: object = {}): string => frrConf(deployment, gateway, { ...site, ...over });

it('puts our AS in front at the standby, and never before a canary’s subnet', () => {
  expect(confOf('gw-a')).not.toMatch(/prepend 64601\n/);
  expect(confOf('gw-b')).toMatch(
    /permit 20\n match ip address prefix-list OURS-169\.254\.4\.1\n set as-path prepend 64602\n/,
  );
  expect(confOf('gw-b')).toMatch(/permit 10\n match ip address prefix-list CANARY-169\.254\.4\.1\nexit/);
});

it('announces a canary’s subnet by the gateway of its path alone', () => {
  const announced = (gateway: string) => confOf(gateway).match(/^ {2}network .*$/gm);
  expect(announced('gw-a')).toEqual(['  network 10.0.0.0/16', '  network 10.0.40.0/28']);
  expect(announced('gw-b')).toEqual(['  network 10.0.0.0/16', '  network 10.0.40.16/28']);
});

it('starts drained by each path’s own method, or open where that is not asked for', () => {
  expect(confOf('gw-a')).toMatch(
    /SWITCHBACK-169\.254\.3\.1 permit 20\n set as-path prepend 64601 64601 64601 64601\n set metric 2004318071/,
  );
  expect(confOf('gw-b')).toMatch(/SWITCHBACK-169\.254\.4\.1 permit 20\n set community graceful-shutdown additive\n/);
  const open = structuredClone(deployment) as { gateways: Record<string, { speaker: { startsDrained: boolean } }> };
  open.gateways['gw-a']!.speaker.startsDrained = false;
  const conf = frrConf(open as never, 'gw-a', site);
  expect(conf).not.toContain('SWITCHBACK');
  expect(conf).toContain('neighbor 169.254.3.1 route-map OUT-169.254.3.1 out');
});

it('is refused where something is missing or is no network, by name', () => {
  expect(() => confOf('gw-a', { paths: {} })).toThrow('paths: paris/a is missing: say its partnerAs and canary');
  expect(() => confOf('gw-a', { ours: ['10.0.0.1/16'] })).toThrow('paris/a: "10.0.0.1/16" is no CIDR block');
  const { 'gw-a': a, ...others } = deployment.gateways;
  const mute = { ...a, speaker: undefined };
  const silent = { ...deployment, gateways: { ...others, 'gw-a': mute } } as never;
  expect(() => frrConf(silent, 'gw-a', site)).toThrow('gw-a has no speaker');
});

describe('endpoints of a Route Server', () => {
  const told = (gateway: string, over: object = {}): string =>
    frrConf(led.deployment, gateway, { ...led.site, ...over });

  it('are told of the partner\u2019s networks alone, by the standby as of a longer way, and teach nothing', () => {
    expect(told('gw-a')).toMatch(
      /route-map OUT-10\.0\.1\.4 permit 10\n match ip address prefix-list THEIRS-169\.254\.3\.1\nexit\nroute-map IN-10\.0\.1\.4 deny 10/,
    );
    expect(told('gw-b')).toMatch(
      /route-map OUT-10\.0\.1\.4 permit 10\n match ip address prefix-list THEIRS-169\.254\.4\.1\n set as-path prepend 64602\nexit/,
    );
  });

  it('are drained from the start by prepend, whatever the partner is told, and spoken to from the address that stays', () => {
    const standby = told('gw-b');
    expect(standby).toMatch(/SWITCHBACK-10\.0\.2\.4 permit 20\n set as-path prepend 64602 64602 64602 64602\n/);
    expect(standby).toContain(' neighbor 10.0.2.4 remote-as 65000\n');
    expect(standby).toContain(' neighbor 10.0.2.4 update-source 10.0.2.11\n');
    expect(standby).toContain('  neighbor 10.0.2.4 route-map SWITCHBACK-10.0.2.4 out\n');
    expect(told('gw-a')).not.toContain('update-source');
  });

  it('are refused without the AS that they speak as', () => {
    expect(() => told('gw-a', { routeServerAs: undefined })).toThrow('paris/a: routeServerAs is missing');
  });
});
