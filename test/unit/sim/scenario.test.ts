/** Reading scenario files: what they say, and how every mistake in them is named. */
import { loadScenario, parseScenario, type Scenario, scenarioNames, titleOf } from '../../../sim/scenario';
import { refuseUnknownCalls } from '../../../sim/scenario-steps';

it('reads every scenario that comes with the product', () => {
  for (const name of scenarioNames()) {
    const scenario = loadScenario(name);
    expect(scenario).toMatchObject({ name, title: titleOf(name) });
    refuseUnknownCalls(scenario);
  }
});

it('turns spans into milliseconds and lays the configuration over the site', () => {
  const text =
    'title: t\nsite: pair\ndurationMax: 1.5m\nconfig: {connections: {paris: {mode: observe}}}\nsteps: [{at: 500ms, do: peer_down, path: a}]';
  const { durationMaxMs, steps, deployment } = parseScenario(text, 'own');
  expect([durationMaxMs, steps[0]!.at, deployment.connections['paris']!.mode]).toEqual([90_000, 500, 'observe']);
});

it('names every mistake at once, each with its place', () => {
  const text =
    'title: t\nsite: pair\ndurationMax: soon\nsteps: [{at: 2m, do: stop_instance}, {at: 2m, do: explode}]\nexpect: {color: red}';
  const problems = () => parseScenario(text, 'own');
  expect(problems).toThrow("Scenario 'own' is not valid");
  expect(problems).toThrow('durationMax: must be a span');
  expect(problems).toThrow('steps.0.gateway');
  expect(problems).toThrow('steps.1.do');
  expect(problems).toThrow('expect');
});

it('takes hops of its own, and names those that cannot be', () => {
  const text = (hops: string): string =>
    `title: t\nsite: pair\ndurationMax: 1m\nlatency: { regime: rough, hops: ${hops} }`;
  const { latency } = parseScenario(text('{ ec2Write: { p50: 1s, p99: 4s } }'), 'own');
  expect(latency).toEqual({ regime: 'rough', hops: { ec2Write: { p50: 1_000, p99: 4_000 } } });
  expect(() => parseScenario(text('{ ec2Write: { p50: 5s, p99: 4s } }'), 'own')).toThrow('p99 at least p50');
  expect(() => parseScenario(text('{ carrier_pigeon: { p50: 5s, p99: 6s } }'), 'own')).toThrow('latency.hops');
});

it('names an unknown scenario and an unknown site, and what there is', () => {
  expect(() => loadScenario('nope')).toThrow("There is no scenario 'nope'. switchback simulate --list names them");
  expect(() => parseScenario('title: t\nsite: moon\ndurationMax: 1m', 'own')).toThrow(
    "There is no site 'moon'. Known: ",
  );
});

describe('a call that no AWS API has', () => {
  const withStep = (step: object) => () =>
    refuseUnknownCalls({ name: 'mine', steps: [{ at: 0, ...step }] as unknown as Scenario['steps'] });

  it.each([
    [
      'its service in front',
      { do: 'deny', operation: 'sns:Publish' },
      /steps\.0\.operation: 'sns:Publish' is no operation/,
    ],
    [
      'a slip',
      { do: 'throttle', service: 'ec2', operation: 'RepalceRoute', for: 1 },
      /'RepalceRoute' is no operation of ec2/,
    ],
    ['another service', { do: 'slow', service: 'sns', operation: 'Describe*', ms: 5 }, /no operation of sns/],
  ])('is refused before anything plays: %s', (_, step, text) => {
    expect(withStep(step)).toThrow(text);
  });

  it.each([
    { do: 'deny', operation: 'ReplaceRoute' },
    { do: 'slow', service: 'ec2', operation: 'Describe*', ms: 5 },
    { do: 'slow', service: 'lambda', operation: '*', ms: 5 },
  ])('lets $operation through', (step) => {
    expect(withStep(step)).not.toThrow();
  });
});
