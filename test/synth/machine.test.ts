/** The state machine as deployed: the definition's own text, every name in it filled in, everything logged. */
import aslValidator from 'asl-validator';
import type { Synthesis } from '../../infra/assembly';
import { failoverDefinition } from '../../infra/definition';
import { resource, resources, siteDeployment, synthesizeSite } from './synthesis';

let synthesis: Synthesis;
beforeAll(() => {
  synthesis = synthesizeSite(siteDeployment('pair'));
});

const machine = () => resource(synthesis, 'AWS::StepFunctions::StateMachine').Properties;

it('deploys the definition that everything else reads, with lines that people can read', () => {
  expect(machine().DefinitionString).toBe(failoverDefinition());
  expect(failoverDefinition().split('\n').length).toBeGreaterThan(1_000);
});

it('fills in every name the definition leaves open, and no other', () => {
  const open = [...machine().DefinitionString.matchAll(/\$\{(\w+)\}/g)].map(([, name]: string[]) => name);
  expect(Object.keys(machine().DefinitionSubstitutions).sort()).toEqual([...new Set(open)].sort());
});

it('calls published versions: a running execution keeps the code it began with', () => {
  const { AssessFunction, ApplyFunction } = machine().DefinitionSubstitutions;
  const versions = resources(synthesis, 'AWS::Lambda::Version');
  expect(versions.map(([id]) => ({ Ref: id }))).toEqual(expect.arrayContaining([AssessFunction, ApplyFunction]));
  expect(versions.map(([, { DeletionPolicy }]) => DeletionPolicy)).toEqual(['Retain', 'Retain']);
});

it('gives each function less time than the task that waits for it has', () => {
  const { States } = JSON.parse(failoverDefinition()) as { States: Record<string, { TimeoutSeconds: number }> };
  const timeout = (id: string): number => resource(synthesis, 'AWS::Lambda::Function', id).Properties.Timeout;
  for (const [state, id] of [
    ['Assess', 'Assess'],
    ['DivertRoutes', 'Apply'],
    ['FailBackRoutes', 'Apply'],
  ] as const)
    expect([state, timeout(id) < States[state]!.TimeoutSeconds]).toEqual([state, true]);
});

it('is valid Amazon States Language', () => {
  const filled = JSON.parse(
    machine().DefinitionString.replaceAll(
      /\$\{(AssessFunction|ApplyFunction)\}/g,
      'arn:aws:lambda:eu-central-1:111111111111:function:f:1',
    ),
  );
  const { errors } = aslValidator(filled, { checkPaths: true, checkArn: true });
  expect(errors).toEqual([]);
});

it('has the name people start it by, and keeps everything it does', () => {
  expect(machine()).toMatchObject({
    StateMachineName: 'switchback-failover',
    LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: true },
    TracingConfiguration: { Enabled: true },
  });
  // By that prefix no resource policy is needed; the end is another with every creation of the stack.
  const { LogGroupName } = resource(synthesis, 'AWS::Logs::LogGroup', 'FailoverLogs').Properties;
  expect(JSON.stringify(LogGroupName)).toMatch(/"\/aws\/vendedlogs\/states\/switchback-failover".*AWS::StackId/);
});
