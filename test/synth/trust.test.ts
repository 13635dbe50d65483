/**
 * No AWS service acts for us on somebody else's behalf: every trust and every resource policy that names a service asks
 * whose account it serves, or the service is listed with the reason why it cannot be asked.
 */

import { join } from 'node:path';
import { readConfigFile } from '../../config/read';
import type { Synthesis } from '../../infra/assembly';
import { unconditioned } from '../../infra/granting/trust';
import { templateOf as greenfield } from './greenfield-template';
import { type Resource, siteDeployment, synthesizeSite } from './synthesis';

interface Statement {
  readonly Effect: string;
  readonly Principal?: { readonly Service?: string | readonly string[] };
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface Admission {
  readonly where: string;
  readonly service: string;
  readonly condition: Statement['Condition'];
}

type Resources = Readonly<Record<string, Resource>>;

const templates: Record<string, Resources> = {};

beforeAll(() => {
  for (const site of ['pair', 'shared']) {
    const synthesis: Synthesis = synthesizeSite(siteDeployment(site));
    templates[site] = synthesis.template['Resources'] as Resources;
  }
  const mesh = synthesizeSite(readConfigFile(join(__dirname, '../../examples/mesh/switchback.yaml')));
  templates['ohio'] = mesh.elsewhere[0]!.template['Resources'] as Resources;
  templates['network'] = greenfield().Resources as unknown as Resources;
});

/** Every statement anywhere in a template that lets a service in, with the resource it stands in. */
function admissions(resources: Resources): Admission[] {
  return Object.entries(resources).flatMap(([id, { Type, Properties }]) => {
    if (Type === 'AWS::Lambda::Permission') {
      const { Principal, SourceArn, SourceAccount } = Properties;
      const source = { 'aws:SourceArn': SourceArn, 'aws:SourceAccount': SourceAccount };
      const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined));
      return [{ where: id, service: String(Principal), condition: { ArnLike: given } }];
    }
    return statementsIn(Properties).flatMap((statement): Admission[] => {
      if (statement.Effect !== 'Allow') return [];
      return [statement.Principal?.Service ?? []].flat().map((service) => ({
        where: `${Type} ${id}`,
        service,
        condition: statement.Condition,
      }));
    });
  });
}

function statementsIn(value: unknown): Statement[] {
  if (Array.isArray(value)) return value.flatMap(statementsIn);
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(statementsIn);
  return 'Effect' in value ? [value as Statement, ...inner] : inner;
}

const keys = (condition: Statement['Condition'] = {}): string[] => Object.values(condition).flatMap(Object.keys);

it.each(['pair', 'shared', 'network', 'ohio'])('%s: asks every service whom it serves', (name) => {
  const all = admissions(templates[name]!);
  expect(all.length).toBeGreaterThan(1);
  const open = all.filter(({ service, condition }) => !(service in unconditioned) && !keys(condition).some(isSource));
  expect(open).toEqual([]);
});

const isSource = (key: string): boolean => /^aws:Source(Account|Arn)$/i.test(key);

it('lists no service that it has no need to list', () => {
  const met = new Set(Object.values(templates).flatMap((one) => admissions(one).map(({ service }) => service)));
  expect(Object.keys(unconditioned).filter((service) => !met.has(service))).toEqual([]);
  for (const reason of Object.values(unconditioned)) expect(reason.length).toBeGreaterThan(40);
});

it('lets nobody publish notices but the alarms of this deployment, and the roles that are granted it', () => {
  const policies = Object.values(templates['pair']!).filter(({ Type }) => Type === 'AWS::SNS::TopicPolicy');
  const allowed = policies.flatMap(({ Properties }) =>
    statementsIn(Properties).filter(({ Effect }) => Effect === 'Allow'),
  );
  expect(allowed).toHaveLength(1);
  expect(allowed[0]!.Principal).toEqual({ Service: 'cloudwatch.amazonaws.com' });
  expect(allowed[0]!.Condition).toMatchObject({ StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } });
  expect(JSON.stringify(allowed[0]!.Condition!['ArnLike'])).toContain(':alarm:switchback/*');
});

it('has the machine act for this one machine only', () => {
  const role = Object.entries(templates['pair']!).find(([id]) => id.includes('FailoverRole'))![1];
  const text = JSON.stringify(role.Properties.AssumeRolePolicyDocument);
  expect(text).toContain('stateMachine:switchback-failover');
});
