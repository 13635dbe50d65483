/**
 * A standby's stacks: everything is there, and nothing of it begins. Asked of the template, and of the local cloud's IAM
 * with the very role of the state machine.
 */

import { heldActions } from '../../core/words/standby';
import type { Synthesis } from '../../infra/assembly';
import { evaluate } from '../../local-cloud/iam/evaluate';
import { type Role, rolesOf } from '../../local-cloud/iam/roles';
import { templateOf } from '../../local-cloud/template/template';
import { meshAndStandby } from '../given-ends';
import { resource, resources, synthesizeSite } from './synthesis';

const { first, standby } = meshAndStandby();
const account = '210987654321';
const here = synthesizeSite(standby);
const [away] = here.elsewhere.map((one): Synthesis => ({ ...here, ...one }));
const theFirst = synthesizeSite(first);

const machineRole = (synthesis: Synthesis): Role =>
  rolesOf(templateOf({ ...synthesis, account })).find(({ logicalId }) => /FailoverRole/.test(logicalId))!;
const may = ({ statements }: Role, action: string, resource: string): boolean =>
  evaluate(statements, { action, resource, context: { 'dynamodb:leadingkeys': ['connection#x'] } }).allowed;

it('stands in the other end’s region, with names of its own, and with something at the first’s end', () => {
  expect([here.stackName, here.region]).toEqual(['mesh-standby', 'us-east-2']);
  expect(away).toMatchObject({
    stackName: 'mesh-standby-end-frankfurt',
    region: 'eu-central-1',
    account: '111122223333',
  });
  expect(here.elsewhere).toHaveLength(1);
});

it('names nothing as the first does, in either of the two accounts', () => {
  const physical = (synthesis: Synthesis): string[] =>
    Object.values(synthesis.template['Resources'] as Record<string, { Properties?: Record<string, unknown> }>).flatMap(
      ({ Properties = {} }) =>
        Object.entries(Properties).flatMap(([name, value]) =>
          /^(RoleName|TableName|StateMachineName|AlarmName|DashboardName|Name)$/.test(name) && typeof value === 'string'
            ? [value]
            : [],
        ),
    );
  const ofFirst = [theFirst, ...theFirst.elsewhere.map((one): Synthesis => ({ ...theFirst, ...one }))].flatMap(
    physical,
  );
  const ofSecond = [here, away!].flatMap(physical);
  expect(ofFirst.length).toBeGreaterThan(30);
  expect(ofSecond.filter((name) => ofFirst.includes(name))).toEqual([]);
});

it('has every starter switched off: rules that start or wake, and the reading of reports, at both its ends', () => {
  const rules = [here, away!].flatMap((stack) =>
    resources(stack, 'AWS::Events::Rule').map(([id, { Properties }]) => [
      id.replace(/[0-9A-F]{8}$/, ''),
      Properties.State,
    ]),
  );
  const on = rules.filter(([, state]) => state !== 'DISABLED').map(([id]) => String(id));
  // Canaries go on looking, and functions stay warm: neither starts a run.
  expect(on.filter((id) => !/Canaries|KeepWarm/.test(id))).toEqual([]);
  expect(rules.length - on.length).toBeGreaterThanOrEqual(5);
  for (const stack of [here, away!])
    expect(resource(stack, 'AWS::Lambda::EventSourceMapping').Properties.Enabled).toBe(false);
  expect(resources(here, 'AWS::Scheduler::Schedule')).toEqual([]);
});

it('keeps its state machine from everything that it would do, whoever starts it', () => {
  const held = machineRole(here);
  const free = machineRole(theFirst);
  const { machine } = { machine: resource(here, 'AWS::StepFunctions::StateMachine').Properties };
  expect(machine.StateMachineName).toBe('mesh-standby-failover');
  for (const action of heldActions) {
    const granted = free.statements.find(({ actions, effect }) => effect === 'Allow' && actions.includes(action))!;
    expect([action, may(free, action, granted.resources[0]!)]).toEqual([action, true]);
    const own = held.statements.find(({ actions, effect }) => effect === 'Allow' && actions.includes(action))!;
    expect([action, may(held, action, own.resources[0]!)]).toEqual([action, false]);
  }
});

it('grants a person the fence at the first’s role and the freeing of its own, by name, and nobody else any of it', () => {
  const policies = resources(here, 'AWS::IAM::ManagedPolicy').filter(([id]) => /Takeover/.test(id));
  expect(policies).toHaveLength(1);
  const statements = policies[0]![1].Properties.PolicyDocument.Statement as { Action: string[]; Resource: unknown }[];
  expect(
    statements
      .flatMap(({ Action }) => Action)
      .filter((action) => action.startsWith('iam:'))
      .sort(),
  ).toEqual([
    ...['iam:DeleteRolePolicy', 'iam:DeleteRolePolicy', 'iam:GetRole', 'iam:GetRolePolicy', 'iam:GetRolePolicy'],
    ...['iam:PutRolePolicy', 'iam:PutRolePolicy', 'iam:UpdateAssumeRolePolicy'],
  ]);
  expect(statements[0]!.Resource).toBe(`arn:aws:iam::${account}:role/switchback/mesh/switchback-mesh-end-ohio`);
  expect(JSON.stringify(theFirst.template)).not.toMatch(/switchback-standing-by|UpdateAssumeRolePolicy/);
});
