/**
 * Stacks of one deployment in two regions and accounts: what stands where, who may act there, and on whose word. Trust is
 * asked of the local cloud's STS with the very roles of both templates.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfigFile } from '../../config/read';
import type { Deployment } from '../../core/words/domain';
import type { End } from '../../core/words/end';
import { roleArn } from '../../core/words/end-names';
import type { Synthesis } from '../../infra/assembly';
import { VirtualClock } from '../../local-cloud/clock';
import { evaluate } from '../../local-cloud/iam/evaluate';
import { type Role, rolesOf } from '../../local-cloud/iam/roles';
import { Sts } from '../../local-cloud/services/sts/sts';
import { accountId } from '../../local-cloud/template/json';
import { templateOf } from '../../local-cloud/template/template';
import { resource, resources, synthesizeSite } from './synthesis';

const example = readConfigFile(join(__dirname, '../../examples/mesh/switchback.yaml'));
const region = 'us-east-2';

/** The local cloud has one account: the deployment's, and, for its trust to be asked there, also ohio's. */
const played = (end: Partial<End>): Deployment => {
  const { account: _, role: __, externalId: ___, ...ohio } = example.ends!['ohio']!;
  return { ...example, account: accountId, ends: { ...example.ends, ohio: { ...ohio, ...end } } };
};
const role = 'switchback-mesh-end-ohio';
const acrossAccounts = played({ account: accountId, role, externalId: 'both-know' });
const acrossRegions = played({});

function scene(deployment: Deployment) {
  const main = synthesizeSite(deployment);
  const [there, ...more] = main.elsewhere;
  expect(more).toEqual([]);
  const end: Synthesis = { ...main, ...there! };
  const roles: ReadonlyMap<string, Role> = new Map(
    [main, end].flatMap((one) =>
      rolesOf(templateOf(one)).map((each) => [`${one.stackName}/${each.logicalId}`, each] as const),
    ),
  );
  const named = (part: string): string => [...roles.keys()].find((id) => id.includes(part))!;
  return { main, end, roles, named };
}

const writesOf = ({ statements }: Role, table: string, inRegion: string): boolean =>
  evaluate(statements, {
    action: 'ec2:ReplaceRoute',
    resource: `arn:aws:ec2:${inRegion}:${accountId}:route-table/${table}`,
    context: {},
  }).allowed;

const tables = {
  frankfurt: ['rtb-0f000000000000001', 'rtb-0f000000000000002'],
  ohio: ['rtb-0e000000000000001', 'rtb-0e000000000000002'],
};

describe('an end in another region and account', () => {
  const { main, end, roles, named } = scene(acrossAccounts);

  it('has a stack of its own there, which is deployed before the one that uses it, and exports nothing', () => {
    expect(end).toMatchObject({ stackName: 'mesh-end-ohio', region, account: accountId });
    const manifest = JSON.parse(readFileSync(join(main.assetsDirectory, 'manifest.json'), 'utf8'));
    expect(manifest.artifacts.mesh.dependencies).toContain('mesh-end-ohio');
    for (const { template } of [main, end]) expect(JSON.stringify(template)).not.toMatch(/Fn::ImportValue|"Export"/);
  });

  it('keeps the canaries of each end where they stand, with a table that is found by its name', () => {
    const watched = (stack: Synthesis): string[] =>
      resources(stack, 'AWS::Lambda::Function')
        .flatMap(([, { Properties }]) => Properties.Environment?.Variables?.CANARIES?.split(',') ?? [])
        .sort();
    expect(watched(main)).toEqual(['f-path-a', 'f-path-b', 'f-service'].map((id) => `frankfurt-ohio/${id}`));
    expect(watched(end)).toEqual(['o-path-a', 'o-path-b', 'o-service'].map((id) => `frankfurt-ohio/${id}`));
    expect(resource(end, 'AWS::DynamoDB::Table').Properties.TableName).toBe('switchback-mesh-reports-ohio');
  });

  it('speaks of nothing at ohio in frankfurt: no alarm, document or repair for what it cannot reach', () => {
    const { Resources } = main.template as { Resources: Record<string, { Type: string }> };
    const speaking = Object.entries(Resources)
      .filter(([, one]) => /"?(o-a|o-b|o-path-a|i-0e0|rtb-0e0)/.test(JSON.stringify(one)))
      .map(([, { Type }]) => Type);
    // What the deployment declares, for the command line, is packed; the fleet's own tables name no end.
    // By the one role, repairs there claim the gateways of that end.
    expect(speaking).toEqual(['AWS::IAM::Role']);
  });

  const assume = (as: string, RoleArn: string, more: object = { ExternalId: 'both-know' }) => {
    const sts = new Sts({ clock: new VirtualClock(0), roles });
    return sts.call('AssumeRole', { RoleArn, RoleSessionName: 'test', ...more }, { role: named(as), by: 'test' });
  };
  const endRole = roleArn(acrossAccounts, accountId, role);
  const waker = roleArn(acrossAccounts, accountId, 'switchback-mesh-wake-ohio');

  it.each(['FunctionsAssess', 'FunctionsApply', 'FunctionsSweep'])('lets %s in, for the external id', async (brain) => {
    await expect(assume(brain, endRole)).resolves.toBeDefined();
    await expect(assume(brain, endRole, {})).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(assume(brain, endRole, { ExternalId: 'guess' })).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('lets in no canary, none that tells people, none that only wakes, and nothing of its own', async () => {
    for (const other of ['mesh/SwitchbackCanaries', 'Herald', 'FunctionsSense', 'mesh-end-ohio/Canaries'])
      await expect(assume(other, endRole)).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('grants the brain just that role, and no table there', () => {
    const mayAssume = (id: string, arn: string): boolean =>
      evaluate(roles.get(named(id))!.statements, { action: 'sts:AssumeRole', resource: arn, context: {} }).allowed;
    for (const brain of ['FunctionsAssess', 'FunctionsApply', 'FunctionsSweep'])
      expect([mayAssume(brain, endRole), mayAssume(brain, waker)]).toEqual([true, false]);
    expect(mayAssume('mesh-end-ohio/Sense', waker)).toBe(true);
    const regions = { frankfurt: 'eu-central-1', ohio: region };
    for (const [id, one] of roles)
      for (const at of ['frankfurt', 'ohio'] as const)
        for (const inRegion of Object.values(regions)) {
          const writer = at === 'ohio' ? named('mesh-end-ohio/EndRole') : named('FunctionsApply');
          const may = id === writer && inRegion === regions[at];
          const does = tables[at].map((table) => writesOf(one, table, inRegion));
          expect([id, at, inRegion, ...does]).toEqual([id, at, inRegion, may, may]);
        }
  });

  it('wakes the machine by a role that can do nothing else', async () => {
    await expect(assume('mesh-end-ohio/Sense', waker)).resolves.toBeDefined();
    await expect(assume('mesh-end-ohio/Sense', waker, {})).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(assume('mesh-end-ohio/Canaries', waker)).rejects.toMatchObject({ name: 'AccessDenied' });
    const { statements } = roles.get(named('Waker'))!;
    expect(statements.map(({ actions, resources: on }) => [actions, on])).toEqual([
      [['states:StartExecution'], [expect.stringMatching(/:eu-central-1:\d+:stateMachine:mesh-failover$/)]],
    ]);
  });

  it('repairs the machines of its own end, each by a document that first claims it in the table that decides', () => {
    const names = resources(end, 'AWS::SSM::Document').map(([, { Properties }]) => String(Properties.Name));
    const repairs = ['clear-source-dest-check', 'reboot', 'restart-tunnel', 'stop-start'];
    expect(names.filter((name) => !name.includes('-on-')).sort()).toEqual(repairs.map((one) => `mesh-${one}-ohio`));
    for (const [, { Properties }] of resources(end, 'AWS::SSM::Document')) {
      if (Properties.DocumentType !== 'Automation') continue;
      const steps = Properties.Content.mainSteps as {
        name: string;
        onFailure: string;
        inputs: { Default?: string; Choices?: unknown };
      }[];
      expect(steps.slice(0, 3).map(({ name }) => name)).toEqual(['askToClaim', 'isClaimed', 'claimRefused']);
      expect([steps[0]!.onFailure, steps[1]!.inputs.Default]).toEqual(['step:claimRefused', 'claimRefused']);
      const only = { NextStep: steps[3]!.name, Variable: '{{ askToClaim.Payload }}', Contains: '"claimed":true' };
      expect(steps[1]!.inputs.Choices).toEqual([only]);
      expect(JSON.stringify(Properties.Content)).not.toContain('UpdateItem');
    }
    const machines = ['i-0f00000000000000a', 'i-0f00000000000000b', 'i-0e00000000000000a', 'i-0e00000000000000b'];
    const reboots = (id: string): boolean[] =>
      machines.map((machine) => {
        const resource = `arn:aws:ec2:${machine.includes('0e0') ? region : 'eu-central-1'}:${accountId}:instance/${machine}`;
        return evaluate(roles.get(id)!.statements, { action: 'ec2:RebootInstances', resource, context: {} }).allowed;
      });
    expect(reboots(named('mesh-end-ohio/RepairsRepair'))).toEqual([false, false, true, true]);
    expect(reboots(named('mesh/SwitchbackRepair'))).toEqual([true, true, false, false]);
  });

  it('lets its repairs claim its own gateways by a role that can do nothing else', async () => {
    const claimer = roleArn(acrossAccounts, accountId, 'switchback-mesh-claim-ohio');
    await expect(assume('mesh-end-ohio/RepairsClaim', claimer)).resolves.toBeDefined();
    await expect(assume('mesh-end-ohio/RepairsClaim', claimer, {})).rejects.toMatchObject({ name: 'AccessDenied' });
    for (const other of ['mesh-end-ohio/Sense', 'mesh-end-ohio/Canaries', 'mesh-end-ohio/RepairsRepair'])
      await expect(assume(other, claimer)).rejects.toMatchObject({ name: 'AccessDenied' });
    const { statements } = roles.get(named('Claimer'))!;
    expect(statements.map(({ actions }) => actions)).toEqual([['dynamodb:UpdateItem']]);
    const claims = (item: string): boolean =>
      evaluate(statements, {
        action: 'dynamodb:UpdateItem',
        resource: statements[0]!.resources[0]!,
        context: { 'dynamodb:leadingkeys': [item] },
      }).allowed;
    expect(['gateway#o-a', 'gateway#f-a', 'connection#frankfurt-ohio'].map(claims)).toEqual([true, false, false]);
  });

  it('lets the brain start documents of that end there, and no others', () => {
    const may = (id: string, document: string): boolean =>
      evaluate(roles.get(named(id))!.statements, {
        action: 'ssm:StartAutomationExecution',
        resource: `arn:aws:ssm:${region}:${accountId}:document/${document}`,
        context: {},
      }).allowed;
    expect(may('EndRole', 'mesh-reboot-ohio')).toBe(true);
    expect([may('EndRole', 'mesh-reboot'), may('EndRole', 'AWS-RestartEC2Instance')]).toEqual([false, false]);
    expect(may('FunctionsApply', 'mesh-reboot-ohio')).toBe(false);
  });

  it('asks questions of its own region only', () => {
    const { statements } = roles.get(named('EndRole'))!;
    const describes = (where: string, action = 'ec2:DescribeRouteTables'): boolean =>
      evaluate(statements, {
        action,
        resource: '*',
        context: { 'aws:requestedregion': [where] },
      }).allowed;
    expect([describes(region), describes('eu-central-1')]).toEqual([true, false]);
    // What assess asks of every gateway with an agent: refused, it would be said at each turn.
    expect(describes(region, 'ssm:DescribeInstanceInformation')).toBe(true);
  });
});

describe('an end in another region of the same account', () => {
  const { main, end, roles, named } = scene(acrossRegions);

  it('needs no role there: the brain’s own rights name its tables, in that region', () => {
    expect([...roles.values()].filter(({ name }) => /end-ohio$|wake/.test(name))).toEqual([]);
    const apply = roles.get(named('FunctionsApply'))!;
    expect(tables.ohio.map((table) => writesOf(apply, table, region))).toEqual([true, true]);
    expect(tables.ohio.map((table) => writesOf(apply, table, 'eu-central-1'))).toEqual([false, false]);
    const reads = {
      action: 'dynamodb:BatchGetItem',
      resource: `arn:aws:dynamodb:${region}:${accountId}:table/switchback-mesh-reports-ohio`,
      context: {},
    };
    for (const asking of ['FunctionsAssess', 'FunctionsSweep'])
      expect(evaluate(roles.get(named(asking))!.statements, reads).allowed).toBe(true);
    const { Variables } = resource(end, 'AWS::Lambda::Function', 'Sense').Properties.Environment;
    const starts = { action: 'states:StartExecution', resource: '', context: {} };
    const machine = `arn:aws:states:eu-central-1:${accountId}:stateMachine:mesh-failover`;
    expect(templateOf(main).region).toBe('eu-central-1');
    expect(Variables.END).toBe('ohio');
    expect(
      evaluate(roles.get(named('mesh-end-ohio/Sense'))!.statements, { ...starts, resource: machine }).allowed,
    ).toBe(true);
  });
});

it('makes nothing of two ends that both stand here', () => {
  const { elsewhere, template } = synthesizeSite(played({ region: 'eu-central-1' }));
  expect(elsewhere).toEqual([]);
  expect(JSON.stringify(template)).not.toMatch(/wake-ohio|sts:AssumeRole","Effect":"Allow","Resource"/);
  const apply = rolesOf(templateOf({ ...synthesizeSite(played({ region: 'eu-central-1' })) })).find(({ logicalId }) =>
    logicalId.includes('FunctionsApply'),
  )!;
  expect(tables.ohio.map((table) => writesOf(apply, table, 'eu-central-1'))).toEqual([true, true]);
});
