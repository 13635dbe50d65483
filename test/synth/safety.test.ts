/**
 * What a review asks of the whole stack: who may do what beyond the roles that run (test/synth/iam.test.ts), that no
 * key can stop a failover, and that nothing which remembers is deleted by mistake.
 */
import type { Synthesis } from '../../infra/assembly';
import { permissions, text } from './permissions';
import { resource, resources, siteDeployment, synthesizeSite } from './synthesis';

let synthesis: Synthesis;
beforeAll(() => {
  synthesis = synthesizeSite(siteDeployment('pair'));
});

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
}

const statementsOf = (idPart: string): Statement[] =>
  resource(synthesis, 'AWS::IAM::ManagedPolicy', idPart).Properties.PolicyDocument.Statement;
const actionsOf = (statements: readonly Statement[], effect: string): string[] =>
  statements.filter((s) => s.Effect === effect).flatMap((s) => s.Action);

describe('encryption', () => {
  it('hangs on no key of ours: one that is disabled or throttled would stop the failover', () => {
    const used = JSON.stringify(synthesis.template);
    expect(used).not.toContain('AWS::KMS::');
    expect(used).not.toMatch(/Kms|KMS|SSESpecification|EncryptionConfiguration/);
  });

  it('is on all the same where it has to be asked for', () => {
    expect(resource(synthesis, 'AWS::SQS::Queue').Properties.SqsManagedSseEnabled).toBe(true);
  });

  it('is required on the way to topic and queue', () => {
    for (const type of ['AWS::SNS::TopicPolicy', 'AWS::SQS::QueuePolicy']) {
      const { Statement: statements } = resource(synthesis, type).Properties.PolicyDocument;
      expect(statements).toContainEqual(
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      );
    }
  });
});

describe('operators', () => {
  it('may command, ask and read, and touch nothing', () => {
    const changing = actionsOf(statementsOf('OperatorsOperator'), 'Allow').filter(
      (action) => !/:(Describe|BatchGet|Get|List|Query|Filter|StartQuery|Receive)/.test(action),
    );
    expect(changing).toEqual(['states:StartExecution']);
  });

  it("may read no automation: by its id nobody could tell ours from other teams'", () => {
    expect(actionsOf(statementsOf('OperatorsOperator'), 'Allow').filter((action) => /Automation/.test(action))).toEqual(
      [],
    );
  });

  it.each(['OperatorsOperator', 'OperatorsBreakGlass'])('%s may never redrive: it would replay a stale plan', (id) => {
    const denied = statementsOf(id).find(({ Effect }) => Effect === 'Deny')!;
    expect(denied.Action).toBe('states:RedriveExecution');
    expect(text(denied.Resource)).toMatch(/:execution:switchback-failover:\*$/);
  });

  it('break the glass on every rule that starts a run, and on no other', () => {
    const rules = statementsOf('BreakGlass').find(({ Action }) => Action.includes('events:DisableRule'))!;
    expect((rules.Resource as unknown[]).map(text)).toEqual([
      expect.stringContaining('SignalsAlarmparis'),
      expect.stringContaining('SignalsInstanceState'),
      expect.stringContaining('SignalsHealth'),
      expect.stringContaining('SignalsEveryMinute'),
    ]);
    expect(actionsOf(statementsOf('BreakGlass'), 'Allow')).toEqual([
      'states:StopExecution',
      'events:DisableRule',
      'events:EnableRule',
      'events:DescribeRule',
      'lambda:UpdateEventSourceMapping',
      'lambda:GetEventSourceMapping',
    ]);
  });

  it('break the glass on everything that starts a run: rules, and the stream of reports', () => {
    const starts = permissions(synthesis)
      .filter(({ actions }) => actions.includes('states:StartExecution'))
      .map(({ role }) => role.replace(/Role[0-9A-F]{8}$/, ''));
    // Sense by the stream and a rule, sweep by a rule, alarm rules by the role EventBridge assumes; a run its successor,
    // and only while it runs: the page says to stop the runs.
    expect(starts.sort()).toEqual(
      ['SwitchbackFailover', 'SwitchbackSignalsStarter', 'SwitchbackFunctionsSense', 'SwitchbackFunctionsSweep'].sort(),
    );
    const mapping = statementsOf('BreakGlass').find(({ Action }) =>
      Action.includes('lambda:UpdateEventSourceMapping'),
    )!;
    expect(text(mapping.Resource)).toMatch(/:event-source-mapping:\$\{SwitchbackFunctionsReportsStream/);
    expect(resources(synthesis, 'AWS::Lambda::EventSourceMapping')).toHaveLength(1);
  });
});

it('puts a permissions boundary on every role when the configuration names one', () => {
  const bounded = {
    ...siteDeployment('pair'),
    installation: { permissionsBoundary: 'bank-boundary', reserveConcurrency: false, protectsState: false },
  };
  const { Resources } = synthesizeSite(bounded).template;
  const roles = Object.values(Resources as Record<string, { Type: string; Properties: Record<string, unknown> }>)
    .filter(({ Type }) => Type === 'AWS::IAM::Role')
    .map(({ Properties }) => text(Properties['PermissionsBoundary']));
  expect(roles.length).toBeGreaterThan(8);
  expect([...new Set(roles)]).toEqual([expect.stringMatching(/:policy\/bank-boundary$/)]);
});

it('runs no document but its own: AWS-RunShellScript takes any command from anybody who may send it', () => {
  expect(JSON.stringify(synthesis.template)).not.toMatch(/AWS-Run|document\/\*/);
});

it('can bring every table back to any second of the last weeks', () => {
  const tables = resources(synthesis, 'AWS::DynamoDB::Table').map(([, { Properties }]) => Properties);
  expect(tables).toHaveLength(2);
  for (const { PointInTimeRecoverySpecification: recovery } of tables)
    expect(recovery).toEqual({ PointInTimeRecoveryEnabled: true });
});

it('keeps what remembers when the stack goes: leases and story, the executions, the versions they run', () => {
  const kept = Object.values(
    synthesis.template['Resources'] as Record<string, { Type: string; DeletionPolicy?: string }>,
  )
    .filter(({ DeletionPolicy }) => DeletionPolicy?.startsWith('Retain'))
    .map(({ Type }) => Type);
  expect([...new Set(kept)].sort()).toEqual(['AWS::DynamoDB::Table', 'AWS::Lambda::Version', 'AWS::Logs::LogGroup']);
});
