/** Alarms wake; they do not act. Silence, slowness and absence each have their own, since unknown is not down. */
import { metricNames, standingNames, tunnelAlarmNames, tunnelNames } from '../../adapters/cloudwatch/metric-names';
import type { Deployment } from '../../core/words/domain';
import { instanceAt } from '../../core/words/gateways';
import type { Synthesis } from '../../infra/assembly';
import { resource, resources, siteDeployment, synthesizeSite } from './synthesis';

let synthesis: Synthesis;
beforeAll(() => {
  synthesis = synthesizeSite(siteDeployment('pair'));
});

const alarm = (name: string) => {
  const found = resources(synthesis, 'AWS::CloudWatch::Alarm').filter(([, r]) => r.Properties.AlarmName === name);
  if (found.length !== 1) throw new Error(`${found.length} alarms are called ${name}`);
  return found[0]![1].Properties;
};

const names = (): string[] =>
  resources(synthesis, 'AWS::CloudWatch::Alarm').map(([, r]) => r.Properties.AlarmName as string);

it('gives no alarm about the world an action: only the machine, which knows what it means, speaks', () => {
  for (const [, { Properties }] of resources(synthesis, 'AWS::CloudWatch::Alarm')) {
    if (/^switchback\/(self|people)\//.test(Properties.AlarmName)) continue;
    expect(Properties.AlarmActions ?? Properties.OKActions ?? Properties.InsufficientDataActions).toBeUndefined();
  }
});

it('says unreachable after two periods of 10 s, and nothing about periods without data', () => {
  expect(alarm('switchback/paris/path-a/reachable')).toMatchObject({
    Namespace: 'Switchback/switchback',
    MetricName: 'Reachable',
    Dimensions: [
      { Name: 'Canary', Value: 'paris/path-a' },
      { Name: 'Connection', Value: 'paris' },
    ],
    Period: 10,
    EvaluationPeriods: 2,
    DatapointsToAlarm: 2,
    Statistic: 'Minimum',
    Threshold: 1,
    ComparisonOperator: 'LessThanThreshold',
    TreatMissingData: 'missing',
  });
});

it('says slow by the policy of the connection', () => {
  expect(alarm('switchback/paris/service/latency')).toMatchObject({
    MetricName: 'RttMs',
    Statistic: 'Average',
    Threshold: 200,
    Period: 60,
    EvaluationPeriods: 3,
    TreatMissingData: 'missing',
  });
});

it('says silent when nothing is measured, or nothing of it is reported', () => {
  expect(alarm('switchback/paris/path-b/silent')).toMatchObject({
    MetricName: 'MeasurementOk',
    Statistic: 'Maximum',
    Threshold: 1,
    ComparisonOperator: 'LessThanThreshold',
    Period: 60,
    EvaluationPeriods: 2,
    TreatMissingData: 'breaching',
  });
});

it("watches EC2's checks by the name of the gateway: a replacement keeps it", () => {
  expect(alarm('switchback/gateway/gw-a/checks')).toMatchObject({
    MetricName: 'GatewayOk',
    Dimensions: [
      { Name: 'Deployment', Value: 'switchback' },
      { Name: 'Gateway', Value: 'gw-a' },
    ],
    Statistic: 'Minimum',
    Threshold: 1,
    ComparisonOperator: 'LessThanThreshold',
    TreatMissingData: 'missing',
  });
  const dimensions = resources(synthesis, 'AWS::CloudWatch::Alarm').flatMap(([, r]) => r.Properties.Dimensions);
  expect(dimensions.map(({ Name }) => Name)).not.toContain('InstanceId');
});

describe('a gateway that publishes its tunnels', () => {
  const site = siteDeployment('pair');
  const publishing: Deployment = {
    ...site,
    gateways: { ...site.gateways, 'gw-a': { ...instanceAt(site, 'gw-a'), tunnelMetrics: true } },
  };
  let of: Synthesis;
  beforeAll(() => {
    of = synthesizeSite(publishing);
  });
  const own = () =>
    resources(of, 'AWS::CloudWatch::Alarm')
      .map(([, { Properties }]) => Properties)
      .filter(({ AlarmName }) => Object.values(tunnelAlarmNames(site, 'gw-a')).includes(AlarmName));

  it('has an alarm for no tunnel, deaf to silence, and one for silence; no other gateway has', () => {
    const dimensions = [
      { Name: 'By', Value: 'gateway' },
      { Name: 'Deployment', Value: 'switchback' },
      { Name: 'Gateway', Value: 'gw-a' },
    ];
    const shared = { Namespace: 'Switchback/switchback/gateways', Dimensions: dimensions, Period: 60, Threshold: 1 };
    const below = { ...shared, ComparisonOperator: 'LessThanThreshold', Statistic: 'Maximum' };
    expect(own()).toEqual([
      expect.objectContaining({
        ...below,
        MetricName: tunnelNames.up,
        EvaluationPeriods: 1,
        TreatMissingData: 'ignore',
      }),
      expect.objectContaining({
        ...below,
        MetricName: tunnelNames.checkOk,
        EvaluationPeriods: 2,
        DatapointsToAlarm: 2,
        TreatMissingData: 'breaching',
      }),
    ]);
    for (const alarm of own()) expect(alarm.AlarmActions).toBeUndefined(); // The machine speaks.
    expect(resources(of, 'AWS::CloudWatch::Alarm')).toHaveLength(
      resources(synthesis, 'AWS::CloudWatch::Alarm').length + 2,
    );
  });

  it('wakes its connection by both, and assess may ask for them, there alone', () => {
    const { alarmName } = resource(of, 'AWS::Events::Rule', 'Alarmparis').Properties.EventPattern.detail;
    const wakes = (name: string) => alarmName.some(({ prefix }: { prefix: string }) => name.startsWith(prefix));
    expect(Object.values(tunnelAlarmNames(site, 'gw-a')).map(wakes)).toEqual([true, true]);
    const asks = (some: Synthesis) =>
      resources(some, 'AWS::IAM::Role')
        .filter(([id]) => /Functions(Assess|Sweep)/.test(id))
        .map(([, { Properties }]) => JSON.stringify(Properties).includes('cloudwatch:DescribeAlarms'));
    expect([asks(of), asks(synthesis)]).toEqual([
      [true, true],
      [false, false],
    ]);
  });
});

it('watches itself and who is waited for, and tells people past everything of ours', () => {
  const own = names().filter((name) => /^switchback\/(self|people)\//.test(name));
  expect(own.sort()).toEqual([
    'switchback/people/drill-overdue',
    'switchback/people/escalated',
    'switchback/self/executions-aborted',
    'switchback/self/executions-failed',
    'switchback/self/executions-timed-out',
    'switchback/self/herald-failing',
    'switchback/self/reports-unread',
    'switchback/self/sweep-failing',
    'switchback/self/sweep-missing',
    'switchback/self/undelivered',
  ]);
  // A stopped pulse has no number: its alarm publishes from INSUFFICIENT_DATA, where it also begins.
  for (const pulse of ['sweep-missing', 'reports-unread']) {
    const { TreatMissingData, AlarmActions, InsufficientDataActions } = alarm(`switchback/self/${pulse}`);
    expect(TreatMissingData).toBe('missing');
    expect(InsufficientDataActions).toEqual(AlarmActions);
  }
  expect(alarm('switchback/self/sweep-failing')).toMatchObject({
    MetricName: 'Errors',
    TreatMissingData: 'notBreaching',
  });
  // A run fails every few minutes while the lock table is down: that is one trouble, and one mail.
  for (const end of ['failed', 'timed-out', 'aborted'])
    expect(alarm(`switchback/self/executions-${end}`)).toMatchObject({ EvaluationPeriods: 15, DatapointsToAlarm: 1 });
  // Not of an escalation: people were told when it happened, and why.
  const speaking = names().filter((name) => alarm(name).AlarmActions !== undefined);
  expect(speaking.sort()).toEqual(own.filter((name) => name !== 'switchback/people/escalated'));
  const topic = { Ref: expect.stringContaining('Notices') };
  const herald = { 'Fn::GetAtt': [expect.stringContaining('Herald'), 'Arn'] };
  // By itself where a function can word nothing: what fails may be the herald, or all of Lambda.
  const withoutHerald: Readonly<Record<string, object[]>> = {
    'switchback/self/herald-failing': [topic],
    'switchback/self/sweep-missing': [herald, topic],
  };
  for (const name of speaking) {
    expect(alarm(name).AlarmActions).toEqual(withoutHerald[name] ?? [herald]);
    expect(alarm(name).AlarmDescription).toMatch(/^[^.]+\. Meanwhile: .+ Look: switchback .+ --region eu-central-1$/);
  }
});

it('hands on what the herald cannot word after a minute, and lets in alarms of this deployment alone', () => {
  const [config] = resources(synthesis, 'AWS::Lambda::EventInvokeConfig')
    .map(([, { Properties }]) => Properties)
    .filter(({ FunctionName }) => JSON.stringify(FunctionName).includes('Herald'));
  expect(config).toMatchObject({
    MaximumEventAgeInSeconds: 60,
    MaximumRetryAttempts: 0,
    DestinationConfig: { OnFailure: { Destination: { Ref: expect.stringContaining('Notices') } } },
  });
  const [permission] = resources(synthesis, 'AWS::Lambda::Permission')
    .map(([, { Properties }]) => Properties)
    .filter(({ FunctionName }) => JSON.stringify(FunctionName).includes('Herald'));
  expect(permission).toMatchObject({
    Principal: 'lambda.alarms.cloudwatch.amazonaws.com',
    SourceAccount: { Ref: 'AWS::AccountId' },
  });
  expect(JSON.stringify(permission!.SourceArn)).toContain(':alarm:switchback/*');
});

it.each(['escalated', 'drill-overdue'])(
  '%s: nothing published means nobody waits, and a late sweep ends nothing',
  (id) => {
    const { TreatMissingData, Period } = alarm(`switchback/people/${id}`);
    expect(TreatMissingData).toBe('notBreaching');
    expect(Period).toBeGreaterThan(180);
  },
);

it('names every alarm so that one rule sees it', () => {
  expect(names().filter((name) => name.startsWith('switchback/paris/'))).toHaveLength(9);
  expect(names().filter((name) => !/^switchback\/(paris|gateway|self|people)\//.test(name))).toEqual([]);
  const { alarmName } = resource(synthesis, 'AWS::Events::Rule', 'Alarmparis').Properties.EventPattern.detail;
  expect(alarmName).toEqual([
    { prefix: 'switchback/paris/' },
    { prefix: 'switchback/gateway/gw-a/' },
    { prefix: 'switchback/gateway/gw-b/' },
  ]);
});

it('wakes each connection by its own gateways only', () => {
  const shared = synthesizeSite(siteDeployment('shared'));
  for (const [, { Properties }] of resources(shared, 'AWS::Events::Rule')) {
    const [first, ...rest] = (Properties.EventPattern?.detail?.alarmName ?? []) as [{ prefix: string }, ...string[]];
    const connection = siteDeployment('shared').connections[first?.prefix.split('/')[1] ?? ''];
    if (connection === undefined) continue;
    const own = new Set(
      Object.values(connection.paths).map(({ gateway }) => ({ prefix: `switchback/gateway/${gateway}/` })),
    );
    expect(new Set(rest)).toEqual(own);
  }
});

it('watches only what is published', () => {
  const published = new Set<string>([...Object.values(metricNames), ...Object.values(standingNames)]);
  const watched = resources(synthesis, 'AWS::CloudWatch::Alarm').filter(
    ([, r]) => r.Properties.Namespace === 'Switchback/switchback',
  );
  expect(watched.length).toBeGreaterThan(9);
  for (const [, { Properties }] of watched) expect(published).toContain(Properties.MetricName);
});
