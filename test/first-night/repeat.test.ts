/**
 * Every deploy can be repeated. Over the templates of several configurations: nothing that is kept has a name a later
 * stack would want; nothing that has a fixed name can need to be replaced under it; nothing stands in the way of a
 * creation that is rolled back; and two deployments of different names meet nowhere.
 */
import { readConfigFile } from '../../config/read';
import type { Deployment } from '../../core/words/domain';
import { synthesizeSite } from '../synth/synthesis';

interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

const sites: readonly Deployment[] = [
  'examples/adopt/switchback.yaml',
  'examples/greenfield/switchback.yaml',
  'sim/sites/affinity.yaml',
  'sim/sites/shared.yaml',
].map(readConfigFile);

const installed = (deployment: Deployment, installation: Partial<Deployment['installation']>): Deployment => ({
  ...deployment,
  installation: { reserveConcurrency: false, protectsState: false, ...installation },
});

function resourcesOf(deployment: Deployment): [id: string, resource: Resource][] {
  return Object.entries(synthesizeSite(deployment).template['Resources'] as Record<string, Resource>);
}

/** The property that fixes a resource's name, and what CloudFormation cannot change without replacing the resource. */
const named: Readonly<Record<string, { readonly name: string; readonly replacing: readonly string[] }>> = {
  'AWS::CloudWatch::Alarm': { name: 'AlarmName', replacing: [] },
  'AWS::CloudWatch::Dashboard': { name: 'DashboardName', replacing: [] },
  'AWS::DynamoDB::Table': { name: 'TableName', replacing: ['KeySchema'] },
  'AWS::Events::Rule': { name: 'Name', replacing: ['EventBusName'] },
  'AWS::IAM::ManagedPolicy': { name: 'ManagedPolicyName', replacing: ['Description', 'Path'] },
  'AWS::IAM::Role': { name: 'RoleName', replacing: ['Path'] },
  'AWS::Lambda::Function': { name: 'FunctionName', replacing: ['PackageType'] },
  'AWS::Logs::LogGroup': { name: 'LogGroupName', replacing: ['LogGroupClass'] },
  'AWS::SNS::Topic': { name: 'TopicName', replacing: ['FifoTopic'] },
  'AWS::SQS::Queue': { name: 'QueueName', replacing: ['FifoQueue'] },
  'AWS::SSM::Document': { name: 'Name', replacing: ['DocumentType', 'DocumentFormat', 'TargetType'] },
  'AWS::SSM::Parameter': { name: 'Name', replacing: [] },
  'AWS::StepFunctions::StateMachine': { name: 'StateMachineName', replacing: ['StateMachineType'] },
};

/** Types that have no name of their own, or one that only CloudFormation gives. */
const nameless =
  /^AWS::(CDK::Metadata|Lambda::(Version|Permission|EventInvokeConfig|EventSourceMapping)|SNS::(Subscription|TopicPolicy)|SQS::QueuePolicy|IAM::Policy)$/;

/** The name as it is deployed; undefined: CloudFormation makes one up, another for each creation. */
function fixedName({ Type, Properties = {} }: Resource): string | undefined {
  if (nameless.test(Type)) return undefined;
  const kind = named[Type];
  if (kind === undefined) throw new Error(`${Type}: say in repeat.test.ts how it is named`);
  const name = Properties[kind.name];
  // The stack's id is another with every creation.
  if (name === undefined || JSON.stringify(name).includes('AWS::StackId')) return undefined;
  return JSON.stringify(name);
}

const all = sites.flatMap((site) =>
  resourcesOf(site).map(([id, resource]) => [`${site.name}/${id}`, resource] as const),
);

it('keeps nothing under a name that the next stack wants', () => {
  const kept = all.filter(([, { DeletionPolicy }]) => DeletionPolicy?.startsWith('Retain'));
  expect(kept.length).toBeGreaterThan(8);
  expect(kept.filter(([, resource]) => fixedName(resource) !== undefined)).toEqual([]);
});

it('leaves nothing of a creation that failed, but the versions that go with their functions', () => {
  const left = all.filter(([, { DeletionPolicy }]) => DeletionPolicy === 'Retain').map(([, { Type }]) => Type);
  expect(new Set(left)).toEqual(new Set(['AWS::Lambda::Version']));
});

it('asks a rollback to delete nothing that refuses to be deleted', () => {
  const guarded = ['DeletionProtectionEnabled', 'DisableApiTermination', 'TerminationProtection'];
  const refusing = (deployment: Deployment): Resource[] =>
    resourcesOf(deployment).flatMap(([, resource]) =>
      guarded.some((property) => resource.Properties?.[property] === true) ? [resource] : [],
    );
  expect(sites.flatMap(refusing)).toEqual([]);
  // Protected when a person says so: then it stays, rather than keep the stack in ROLLBACK_FAILED.
  const [table] = refusing(installed(sites[0]!, { protectsState: true }));
  expect(table).toMatchObject({ Type: 'AWS::DynamoDB::Table', DeletionPolicy: 'Retain' });
});

it('gives a fixed name only to what never has to be replaced under it', () => {
  const seen = new Map<string, string>();
  for (const [where, { Type, Properties = {} }] of all) {
    if (fixedName({ Type, Properties }) === undefined) continue;
    // The same for every configuration: no change of configuration replaces it.
    for (const property of named[Type]!.replacing) {
      const shape = JSON.stringify(Properties[property]);
      const kind = `${Type} ${property} ${Type === 'AWS::SSM::Document' ? Properties['DocumentType'] : ''}`;
      expect([where, kind, seen.get(kind) ?? shape]).toEqual([where, kind, shape]);
      seen.set(kind, shape);
    }
    if (Type === 'AWS::SSM::Document') expect(Properties['UpdateMethod']).toBe('NewVersion');
  }
  expect(seen.size).toBeGreaterThan(3);
});

describe('two deployments', () => {
  /** Every name the account or region knows: fixed ones, outputs that are exported, metrics, parameters. */
  function namesOf(deployment: Deployment): string[] {
    const { template } = synthesizeSite(deployment);
    const fixed = resourcesOf(deployment).flatMap(([, resource]) => {
      const name = fixedName(resource);
      return name === undefined ? [] : [`${resource.Type} ${name}`];
    });
    const text = JSON.stringify(template);
    const metrics = [...text.matchAll(/"(?:Namespace|METRIC_NAMESPACE)":"(Switchback[^"]*)"/g)].map(([, name]) => name);
    const parameters = [...text.matchAll(/\/switchback\/[a-z0-9-]+\/identity\/[a-z0-9-]*/g)].map(([path]) => path);
    const exported = Object.values((template['Outputs'] ?? {}) as Record<string, { Export?: { Name: string } }>);
    return [...fixed, ...metrics, ...parameters, ...exported.map(({ Export }) => Export?.Name ?? '')].filter(
      (name): name is string => name !== '',
    );
  }

  const greenfield = sites[1]!;
  const under = (name: string): Deployment => ({
    ...greenfield,
    name,
    runbooks: Object.fromEntries(
      Object.keys(greenfield.runbooks).map((rung) => [rung, `${name}-${rung}`]),
    ) as unknown as Deployment['runbooks'],
  });

  it.each([
    ['switchback', 'second'],
    ['x', 'x-failover'],
    ['x', 'x-restart'],
    ['x', 'x-stop'],
    ['x', 'x-on'],
    ['x-y', 'x'],
  ])('%s and %s meet nowhere, though they guard the same gateways', (one, other) => {
    const first = new Set(namesOf(under(one)));
    expect(first.size).toBeGreaterThan(20);
    expect(namesOf(under(other)).filter((name) => first.has(name))).toEqual([]);
  });

  it('have names in which none is another with an ending of ours', () => {
    const [documents] = [resourcesOf(under('n'))];
    const endings = documents.flatMap(([, resource]) => {
      const name = /^"n-([a-z-]+)"$/.exec(fixedName(resource) ?? '')?.[1];
      return name === undefined ? [] : [[resource.Type, name] as const];
    });
    const clash = endings.flatMap(([type, ending]) =>
      endings.filter(([of, other]) => of === type && other !== ending && other.endsWith(`-${ending}`)),
    );
    expect(endings.length).toBeGreaterThan(5);
    expect(clash).toEqual([]);
  });
});

describe('a state table that is handed on', () => {
  const old = 'old-SwitchbackTablesState605C4E2F-ABCDEF';

  it.each([old, `arn:aws:dynamodb:eu-central-1:111111111111:table/${old}`])(
    '%s is used everywhere, and not made',
    (stateTable) => {
      const { template } = synthesizeSite(installed(sites[1]!, { stateTable }));
      const resources = Object.values(template['Resources'] as Record<string, Resource>);
      const tables = resources.filter(({ Type }) => Type === 'AWS::DynamoDB::Table');
      expect(tables.map(({ Properties }) => JSON.stringify(Properties?.['KeySchema']))).toEqual([
        expect.stringContaining('canary'),
      ]);
      const environments = resources.flatMap(({ Properties }) => {
        const { STATE_TABLE } =
          (Properties?.['Environment'] as { Variables?: Record<string, string> })?.Variables ?? {};
        return STATE_TABLE === undefined ? [] : [STATE_TABLE];
      });
      expect(environments.length).toBeGreaterThan(3);
      expect(new Set(environments)).toEqual(new Set([old]));
      expect(JSON.stringify(template)).toContain(`table/${old}`);
    },
  );
});
