/** The one name that an operator's command starts from: it leads to everything, and holds no mail address. */
import { partCharactersMax, unpacked } from '../../config/packed';
import type { Deployment } from '../../core/words/domain';
import { declaredParameter, whereaboutsFrom, whereaboutsParameter } from '../../core/words/whereabouts';
import type { Synthesis } from '../../infra/assembly';
import { templateOf } from '../../local-cloud/template/template';
import { partnersBehindOnePair } from '../first-night/sizes';
import { siteDeployment, stubFunctions, synthesizeSite } from './synthesis';

const installation = {
  notify: { kind: 'people', emails: ['noc@example.com'] },
  reserveConcurrency: false,
  protectsState: false,
} as const;
const pair: Deployment = { ...siteDeployment('pair'), installation };
const synthesis = synthesizeSite(pair, { functionsDirectory: stubFunctions() });

/** As the local cloud would keep them, and AWS. */
function parametersOf(made: Synthesis): Map<string, string> {
  const found = templateOf(made).ofType('AWS::SSM::Parameter');
  return new Map(found.map(({ name, properties }) => [name, String(properties['Value'])]));
}

const readBack = (parameters: Map<string, string>, { name }: Deployment): unknown => {
  const { parts } = whereaboutsFrom(parameters.get(whereaboutsParameter(name))!)!;
  return unpacked(Array.from({ length: parts }, (_, i) => parameters.get(declaredParameter(name, i + 1))!));
};

it('says where everything is, by names that the stack has', () => {
  const parameters = parametersOf(synthesis);
  const found = whereaboutsFrom(parameters.get('/switchback/switchback')!)!;
  const template = templateOf(synthesis);
  const namesOf = (type: string): string[] => template.ofType(type).map(({ ref }) => ref);
  expect(namesOf('AWS::DynamoDB::Table')).toEqual(expect.arrayContaining([found.stateTable, found.reportsTable]));
  expect(namesOf('AWS::StepFunctions::StateMachine')).toEqual([found.machine]);
  expect(namesOf('AWS::SNS::Topic')).toEqual([found.topic]);
  expect(found).toMatchObject({ schema: 1, name: 'switchback', region: pair.region, dashboard: 'switchback' });
  expect(Object.keys(found.logGroups)).toEqual(['machine', 'assess', 'apply', 'sense', 'sweep']);
});

it('holds what is declared, and nobody’s mail address', () => {
  const { installation: _, ...declared } = pair;
  const parameters = parametersOf(synthesis);
  expect(readBack(parameters, pair)).toEqual(declared);
  expect([...parameters.values()].join('')).not.toContain('noc@');
});

it('takes as many parts as it needs, none longer than a parameter is', () => {
  const many = partnersBehindOnePair(12);
  const parameters = parametersOf(synthesizeSite(many, { functionsDirectory: stubFunctions() }));
  expect(parameters.size).toBeGreaterThan(1);
  for (const value of parameters.values()) expect(value.length).toBeLessThanOrEqual(partCharactersMax);
  expect(readBack(parameters, many)).toEqual(JSON.parse(JSON.stringify({ ...many, installation: undefined })));
});
