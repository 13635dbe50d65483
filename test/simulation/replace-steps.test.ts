/**
 * Each step of a replacement fails in the whole loop, from the synthesized stack: users stay where they are served,
 * people are told, the lease is free, and the connection comes home over whichever instance is left in charge.
 *
 * `EVERY_STEP=1` plays all steps; without it one, and with TWICE=all two, since every one of them, failing in every way,
 * is in `test/unit/runbooks/replace.test.ts`.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { announcedIn } from '../../core/turn/letter';
import { play } from '../../sim/playback';
import { parseScenario } from '../../sim/scenario';
import { isThorough } from '../thorough';

const document = parse(readFileSync(join(__dirname, '../../runbooks/replace.yaml'), 'utf8'));
const names: string[] = document.mainSteps.map(({ name }: { name: string }) => name);
const firstOfWayBack = names.indexOf('restoreCanaryRoutes');
const some = isThorough ? ['pointCanaryRoutes', 'stopNew'] : ['stopNew'];
const steps = process.env['EVERY_STEP'] === undefined ? some : names;

const fault = (step: string, times: number): string =>
  `  - { at: 200s, do: fail_step, when: ${step}, error: InternalError, times: ${times} }\n`;

/** On the way out it fails for good; on the way back, once, after what leads there. */
function faults(step: string): string {
  if (names.indexOf(step) < firstOfWayBack) return fault(step, 9);
  return fault(step, 1) + fault(step === 'letLaunchShow' ? 'launch' : 'proveByCanary', 9);
}

function standing(step: string): string {
  if (step === 'stopOld')
    return 'address: launched, canaries: launched, declared: stopped quarantined, launched: running';
  if (step === 'tagOld') return 'address: launched, canaries: launched, declared: stopped, launched: running';
  const launched = ['launch', 'letLaunchShow'].includes(step) ? 'none' : 'stopped quarantined';
  return `address: declared, canaries: declared, declared: running kept, launched: ${launched}`;
}

it.each(steps)('%s fails, and the loop goes on', async (step) => {
  const isDone = step === 'stopOld' || step === 'tagOld';
  const scenario = parseScenario(
    `title: ${step} fails
site: pair
durationMax: 60m
steps:
  - { at: 118s, do: no_capacity, on: true }
  - { at: 2m, do: stop_instance, gateway: gw-a }
  - { at: 200s, do: no_capacity, on: false }
${faults(step)}${isDone ? '' : '  - { at: 14m, do: mend_gateway, gateway: gw-a }\n'}expect:
  outcome: finished
  routes: { office: [a, b, a] }
  ${isDone ? 'notTold' : 'told'}: [it needs a human]
  gateways: { gw-a: { ${standing(step)} } }
  darkMsMax: 12000
  lease: free
  executions: { failed: 0 }`,
    `${step}-fails`,
  );
  const { result, cloud } = await play(scenario);
  expect(result.expectations.filter(({ ok }) => !ok)).toEqual([]);
  expect(cloud.authority.usage().filter(({ allowed }) => !allowed)).toEqual([]);
  const [replaced] = [...cloud.ssm.runs.values()].filter(({ documentName }) => documentName.endsWith('-replace'));
  expect(replaced!.status).toMatch(isDone ? /^Success$/ : /^(Failed|TimedOut)$/);
});

it('journals a gateway that two connections share once, and both follow it', async () => {
  const { result, cloud } = await play('shared-gateway-replaced');
  expect(result.expectations.filter(({ ok }) => !ok)).toEqual([]);
  const journalled = cloud.front.calls.filter(
    ({ operation, input, error }) =>
      operation === 'UpdateItem' && error === '' && JSON.stringify(input).includes('#identity = :identity'),
  );
  expect(journalled.map(({ input }) => (input as { Key: { pk: { S: string } } }).Key.pk.S)).toEqual(['gateway#gw-a']);
  const told = cloud.topics.inbox.flatMap(({ message }) => announcedIn(message));
  for (const what of [
    'repair: path a is down',
    'divert: office',
    'divert: plant',
    'failback: office',
    'failback: plant',
  ])
    expect([what, told.filter((said) => said.includes(what)).length]).toEqual([what, 1]);
});
