/**
 * A run that has used up its history or its time hands over to one it starts itself, and the incident goes on as if
 * nothing had happened: the same moves, the same end, nobody dark meanwhile.
 *
 * Method: the deployed definition with its two hours made into one minute, so that an incident of an hour hands over
 * again and again.
 */
import { play } from '../../sim/playback';
import { loadScenario, type Scenario } from '../../sim/scenario';
import { synthesisFor } from '../../sim/synthesis-cache';

interface Machine {
  readonly Type: string;
  readonly Properties: { DefinitionString: string };
}

/** Of the template that all plays of this process share. */
let asDeployed: (() => void) | undefined;
afterEach(() => asDeployed?.());

function handOverEveryMinute({ deployment }: Scenario): void {
  const resources = Object.values(synthesisFor(deployment).template['Resources'] as Record<string, Machine>);
  const { Properties } = resources.find(({ Type }) => Type === 'AWS::StepFunctions::StateMachine')!;
  const { DefinitionString } = Properties;
  asDeployed = () => {
    Properties.DefinitionString = DefinitionString;
  };
  Properties.DefinitionString = Properties.DefinitionString.replace('> 7200000)', '> 60000)');
  expect(Properties.DefinitionString).toContain('> 60000)');
}

it.each(['flapping-path', 'gateway-stopped'])('%s ends as ever', async (name) => {
  const scenario = loadScenario(name);
  handOverEveryMinute(scenario);
  const { cloud, result } = await play(scenario);
  const { executions } = cloud.stepfunctions;
  const successors = executions.filter((run) => run.name.startsWith('handover-paris-'));
  expect(successors.length).toBeGreaterThan(2);
  expect(result.expectations.filter(({ ok }) => !ok)).toEqual([]);
  expect(cloud.authority.usage().filter(({ allowed }) => !allowed)).toEqual([]);
  for (const run of successors) {
    const before = executions.filter(({ stoppedAt }) => stoppedAt !== undefined && stoppedAt - run.startedAt > -1_000);
    expect(before.length).toBeGreaterThan(0);
  }
});
