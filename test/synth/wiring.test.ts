/** Tables, functions and signals: what loses an event, doubles it or keeps it too long would show here. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import type { Deployment } from '../../core/words/domain';
import type { Synthesis } from '../../infra/assembly';
import { SwitchbackStack } from '../../infra/stack';
import { partnersBehindOnePair } from '../first-night/sizes';
import { permissions, text } from './permissions';
import { resource, resources, siteDeployment, stubFunctions, synthesizeSite } from './synthesis';

const deployment = siteDeployment('affinity');
let synthesis: Synthesis;
beforeAll(() => {
  synthesis = synthesizeSite(deployment);
});

describe('tables', () => {
  it('keeps leases and history whatever becomes of the stack', () => {
    const state = resource(synthesis, 'AWS::DynamoDB::Table', 'State');
    expect(state.DeletionPolicy).toBe('RetainExceptOnCreate');
    expect(state.Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    });
  });

  it('streams reports', () => {
    expect(resource(synthesis, 'AWS::DynamoDB::Table', 'Reports').Properties).toMatchObject({
      KeySchema: [{ AttributeName: 'canary', KeyType: 'HASH' }],
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
    });
  });
});

describe('functions', () => {
  it.each([
    ['Assess', 10, 256, ['IDENTITY_PREFIX', 'METRIC_NAMESPACE', 'REPORTS_TABLE', 'STATE_TABLE']],
    ['Apply', 15, 256, ['IDENTITY_PREFIX', 'STATE_TABLE']],
    ['Sense', 10, 256, ['STATE_MACHINE_ARN', 'STATE_TABLE']],
    ['Sweep', 30, 256, ['IDENTITY_PREFIX', 'METRIC_NAMESPACE', 'REPORTS_TABLE', 'STATE_MACHINE_ARN', 'STATE_TABLE']],
    ['parispathapathb', 90, 128, ['CANARIES', 'METRIC_NAMESPACE', 'REPORTS_TABLE']],
  ])('%s: %i s, %i MB', (id, timeout, memory, environment) => {
    const { Properties } = resource(synthesis, 'AWS::Lambda::Function', id);
    expect(Properties).toMatchObject({
      Timeout: timeout,
      MemorySize: memory,
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
    });
    expect(Object.keys(Properties.Environment.Variables).sort()).toEqual(environment);
  });

  it('carry the deployment beside their code', () => {
    for (const [, { Properties }] of resources(synthesis, 'AWS::Lambda::Function')) {
      const directory = synthesis.assetPath(Properties.Code.S3Key);
      expect(JSON.parse(readFileSync(join(directory, 'switchback.json'), 'utf8'))).toEqual(deployment);
      expect(readFileSync(join(directory, 'index.mjs'), 'utf8')).toContain('handler');
    }
  });

  it('share one asset among all canaries', () => {
    const keys = resources(synthesis, 'AWS::Lambda::Function')
      .filter(([id]) => id.includes('Canaries'))
      .map(([, { Properties }]) => Properties.Code.S3Key);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
  });

  it('are one for the canaries of a connection that stand in the same subnet, and one for each of the others', () => {
    const canaries = resources(synthesis, 'AWS::Lambda::Function').filter(([id]) => id.includes('Canaries'));
    const placed = canaries.map(([, { Properties }]) => [
      Properties.Environment.Variables.CANARIES,
      Properties.VpcConfig.SubnetIds,
    ]);
    expect(placed).toEqual([
      ['paris/path-a,paris/path-b', ['subnet-0ca0000000000000c']],
      ['paris/service-a', ['subnet-00000000000000001']],
      ['paris/service-b', ['subnet-00000000000000002']],
    ]);
    const pinned = resources(synthesizeSite(siteDeployment('shared')), 'AWS::Lambda::Function');
    expect(pinned.filter(([id]) => id.includes('Canaries'))).toHaveLength(6);
  });

  it('serve several connections that stand in one place, nine canaries at most, a connection’s never apart', () => {
    const shared = resources(synthesizeSite(partnersBehindOnePair(6)), 'AWS::Lambda::Function')
      .filter(([id]) => id.includes('Canaries'))
      .map(([, { Properties }]) => [Properties.Environment.Variables.CANARIES.split(','), Properties.MemorySize]);
    const of = (n: number, ...names: string[]) => names.map((name) => `partner00${n}/${name}`);
    expect(shared).toEqual([
      [[1, 2, 3, 4].flatMap((n) => of(n, 'path-a', 'path-b')), 384],
      [[1, 2, 3, 4, 5, 6].flatMap((n) => of(n, 'service')), 256],
      [[5, 6].flatMap((n) => of(n, 'path-a', 'path-b')), 256],
    ]);
  });

  it('let a canary write the reports of those it runs, and of no other', () => {
    const [write] = permissions(synthesis).filter(
      ({ role, actions }) => role.includes('parispathapathb') && actions.includes('dynamodb:PutItem'),
    );
    expect(write!.conditions).toEqual({
      'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['paris/path-a', 'paris/path-b'] },
    });
  });

  it('never retry a canary or a sweep: the next minute brings a fresh one', () => {
    const configs = resources(synthesis, 'AWS::Lambda::EventInvokeConfig').filter(([id]) => /Canaries|Sweep/.test(id));
    expect(configs).toHaveLength(4);
    for (const [, { Properties }] of configs) expect(Properties.MaximumRetryAttempts).toBe(0);
  });

  it('log somewhere that forgets', () => {
    for (const [, { Properties }] of resources(synthesis, 'AWS::Logs::LogGroup')) {
      expect(Properties.RetentionInDays).toBeGreaterThan(0);
    }
  });
});

describe('signals', () => {
  it('hands on changed reports at once, and no stale or poisonous one for ever', () => {
    expect(resource(synthesis, 'AWS::Lambda::EventSourceMapping').Properties).toMatchObject({
      FilterCriteria: { Filters: [{ Pattern: '{"dynamodb":{"NewImage":{"changed":{"BOOL":[true]}}}}' }] },
      MaximumBatchingWindowInSeconds: 0,
      MaximumRetryAttempts: 2,
      MaximumRecordAgeInSeconds: 60,
      StartingPosition: 'LATEST',
      DestinationConfig: {
        OnFailure: { Destination: { 'Fn::GetAtt': [expect.stringContaining('Undelivered'), 'Arn'] } },
      },
    });
  });

  it('gives up an event after five minutes, into the queue', () => {
    const rules = resources(synthesis, 'AWS::Events::Rule').filter(([id]) => id.includes('Signals'));
    const byPattern = rules.filter(([, { Properties }]) => Properties.EventPattern !== undefined);
    expect(byPattern).toHaveLength(3);
    for (const [, { Properties }] of byPattern) {
      expect(Properties.Targets[0]).toMatchObject({
        RetryPolicy: { MaximumEventAgeInSeconds: 300 },
        DeadLetterConfig: { Arn: { 'Fn::GetAtt': [expect.stringContaining('Undelivered'), 'Arn'] } },
      });
    }
  });

  it('lets an alarm say which connection, and nothing that came with the event', () => {
    const { Properties } = resource(synthesis, 'AWS::Events::Rule', 'Alarmparis');
    expect(Properties.EventPattern.detail).toEqual({
      alarmName: [
        { prefix: 'switchback/paris/' },
        { prefix: 'switchback/gateway/gw-a/' },
        { prefix: 'switchback/gateway/gw-b/' },
      ],
      // A fresh alarm that finds its first data is no news.
      $or: [{ state: { value: ['ALARM'] } }, { previousState: { value: ['ALARM'] } }],
    });
    expect(Properties.Targets[0].Input).toBe('{"connection":"paris","source":"alarm"}');
    expect(Properties.Targets[0].InputTransformer).toBeUndefined();
  });

  it('names no instance: a replacement would make the rule wrong', () => {
    const { Properties } = resource(synthesis, 'AWS::Events::Rule', 'InstanceState');
    expect(Properties.EventPattern).toEqual({
      source: ['aws.ec2'],
      'detail-type': ['EC2 Instance State-change Notification'],
    });
  });

  it('sweeps and probes every minute', () => {
    const schedules = resources(synthesis, 'AWS::Events::Rule').filter(([, r]) => r.Properties.ScheduleExpression);
    expect(schedules.map(([, r]) => r.Properties.ScheduleExpression)).toEqual(Array(5).fill('rate(1 minute)'));
  });

  it("lets this account's rules put into the queue, in one statement however many they are", () => {
    const statements = resource(synthesis, 'AWS::SQS::QueuePolicy').Properties.PolicyDocument.Statement;
    const allowed = statements.filter((s: { Effect: string }) => s.Effect === 'Allow');
    expect(allowed).toHaveLength(1); // A queue's policy holds twenty.
    expect(allowed[0]).toMatchObject({ Action: 'sqs:SendMessage', Principal: { Service: 'events.amazonaws.com' } });
    expect(text(allowed[0].Condition.ArnLike['aws:SourceArn'])).toMatch(
      /^arn:aws:events:[a-z0-9-]+:\$\{AWS::AccountId\}:rule\/\*$/,
    );
    expect(allowed[0].Condition.StringEquals).toEqual({ 'aws:SourceAccount': { Ref: 'AWS::AccountId' } });
  });

  it('lets no rule drop an event in silence, or deliver it when it is old', () => {
    const rules = resources(synthesis, 'AWS::Events::Rule');
    expect(rules.length).toBeGreaterThan(6);
    for (const [id, { Properties }] of rules) {
      for (const target of Properties.Targets) {
        expect([id, target.DeadLetterConfig?.Arn]).toEqual([
          id,
          { 'Fn::GetAtt': [expect.stringContaining('Undelivered'), 'Arn'] },
        ]);
        expect([id, target.RetryPolicy.MaximumEventAgeInSeconds <= 300]).toEqual([id, true]);
      }
    }
  });

  it('gives no function a second chance that comes too late', () => {
    for (const [id, { Properties }] of resources(synthesis, 'AWS::Lambda::EventInvokeConfig')) {
      expect([id, Properties.MaximumEventAgeInSeconds <= 300]).toEqual([id, true]);
    }
  });
});

it('puts out what people need to find it', () => {
  const outputs = Object.values(synthesis.template['Outputs'] as Record<string, { Value: unknown }>);
  const values = outputs.map(({ Value }) => text(Value));
  expect(values).toContainEqual(expect.stringContaining('TablesState'));
  expect(values).toContainEqual(expect.stringContaining('TablesReports'));
  expect(values).toContainEqual(expect.stringContaining('FailoverMachine'));
  // For break glass, when there is no time to look for them.
  expect(values.find((value) => value.includes('SignalsEveryMinute'))!.split(' ')).toHaveLength(4);
});

describe('reserved concurrency', () => {
  const reserved = (of: Synthesis) =>
    Object.fromEntries(
      resources(of, 'AWS::Lambda::Function')
        .filter(([, { Properties }]) => Properties.ReservedConcurrentExecutions !== undefined)
        .map(([, { Properties }]) => [Properties.Description, Properties.ReservedConcurrentExecutions]),
    );

  it('is not asked for unless somebody says so: an account with the quota of 10 could not deploy', () => {
    expect(reserved(synthesizeSite(siteDeployment('pair')))).toEqual({});
  });

  it('is kept for what a failover waits for, two per connection, and for nothing else', () => {
    expect(
      Object.entries(
        reserved(
          synthesizeSite({
            ...siteDeployment('shared'),
            installation: { reserveConcurrency: true, protectsState: false },
          }),
        ),
      ),
    ).toEqual([
      [expect.stringMatching(/^Reads the world/), 4],
      [expect.stringMatching(/^Moves the listed routes/), 4],
    ]);
  });
});

describe('what a new account could not run', () => {
  const said = (deployment: Deployment): string[] => {
    const app = new App();
    const stack = new SwitchbackStack(app, 'sized', {
      deployment,
      functionsDirectory: stubFunctions(),
      rehearsal: true,
    });
    return stack.node.findAll().flatMap(({ node }) => node.metadata.map(({ data }) => String(data)));
  };

  it('is said when the template is made, and not where it fits', () => {
    expect(said(siteDeployment('shared')).join()).toMatch(/needs up to \d+ Lambda invocations at once/);
    expect(said(siteDeployment('pair')).join()).not.toMatch(/Lambda invocations at once/);
  });
});
