/** Scenarios in sites they were not written for: which fit, what is said of the others, and that they really play there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { play } from '../../../sim/playback';
import { loadScenario, scenarioNames } from '../../../sim/scenario';
import { type Fit, scenarioAt, siteFile } from '../../../sim/scenario-fit';

const example = (name: string) => siteFile(join(__dirname, `../../../examples/${name}/switchback.yaml`));
const [adopt, greenfield, vpnGateway] = [example('adopt'), example('greenfield'), example('vpn-gateway')];

function fitting(fit: Fit) {
  if ('unfit' in fit) throw new Error(fit.unfit);
  return fit.scenario;
}
const unfitIn = (site: typeof adopt) => scenarioNames().filter((name) => 'unfit' in scenarioAt(name, site));

it('fits all scenarios of the ordinary pair into the greenfield example, and no others', () => {
  const ofPair = (name: string) =>
    /^site: pair$/m.test(readFileSync(join(__dirname, `../../../sim/scenarios/${name}.yaml`), 'utf8'));
  const unfit = unfitIn(greenfield);
  expect(unfit).toEqual(scenarioNames().filter((name) => !ofPair(name)));
  expect(unfit.length).toBeLessThan(scenarioNames().length / 2);
});

it('says why one does not fit', () => {
  expect(scenarioAt('shared-gateway', greenfield)).toMatchObject({ unfit: expect.stringContaining('connection rome') });
  expect(scenarioAt('aws-health-only-wakes', adopt)).toMatchObject({
    unfit: expect.stringMatching(/is about i-0a{15}1/),
  });
  expect(scenarioAt('replacement', adopt)).toMatchObject({ unfit: expect.stringMatching(/gw-a and gw-b may not be/) });
  expect(scenarioAt('zone-gone', adopt)).toMatchObject({ unfit: expect.stringMatching(/in it here: gw-a$/) });
  expect(scenarioAt('s4-withdrawn', vpnGateway)).toMatchObject({ unfit: 'needs lastResort: routes for bank/office' });
  expect(scenarioAt('mtu-black-hole', adopt)).toMatchObject({ unfit: expect.stringMatching(/needs a udp target of/) });
});

it('plays in mode repair what the example begins in observe, and in observe what is about observing', () => {
  expect(fitting(scenarioAt('gateway-stopped', adopt)).deployment.connections['paris']!.mode).toBe('repair');
  expect(fitting(scenarioAt('observe-mode', adopt)).deployment.connections['paris']!.mode).toBe('observe');
});

it('finds the same table by its place', () => {
  const [step] = fitting(scenarioAt('routes-changed-by-hand', adopt)).steps;
  expect(step).toMatchObject({ do: 'route_by_hand', table: 'rtb-0123456789abcdef0' });
  const [own] = loadScenario('routes-changed-by-hand').steps;
  expect(own).toMatchObject({ table: 'rtb-00000000000000001' });
});

it('plays there as its file says, from that template: npm run test:examples plays them all', async () => {
  const { result, cloud } = await play(fitting(scenarioAt('replacement', greenfield)));
  expect(result.expectations.filter(({ ok }) => !ok)).toEqual([]);
  expect(cloud.authority.usage().filter(({ allowed }) => !allowed)).toEqual([]);
});
