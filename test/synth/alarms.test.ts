/** Alarms wake; they do not act. Silence, slowness and absence each have their own, since unknown is not down. */
import type { Synthesis } from '../../infra/synthesize';
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

it('gives no alarm an action: only the machine, which knows what it means, speaks', () => {
  for (const [, { Properties }] of resources(synthesis, 'AWS::CloudWatch::Alarm')) {
    expect(Properties.AlarmActions ?? Properties.OKActions ?? Properties.InsufficientDataActions).toBeUndefined();
  }
});

it('says unreachable after two periods of 10 s, and nothing about periods without data', () => {
  expect(alarm('switchback/paris/path-a/reachable')).toMatchObject({
    Namespace: 'Switchback',
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

it('says silent when nothing is measured, or nothing but that the canary is cut off', () => {
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

it('watches itself, and tells people by a rule of its own', () => {
  const own = resources(synthesis, 'AWS::CloudWatch::Alarm')
    .map(([, r]) => r.Properties.AlarmName as string)
    .filter((name) => name.startsWith('switchback/self/'));
  expect(own.sort()).toEqual([
    'switchback/self/executions-failed',
    'switchback/self/sweep-missing',
    'switchback/self/undelivered',
  ]);
  expect(alarm('switchback/self/sweep-missing').TreatMissingData).toBe('breaching');
  const { EventPattern, Targets } = resource(synthesis, 'AWS::Events::Rule', 'SelfAlarm').Properties;
  expect(EventPattern.detail).toEqual({ alarmName: [{ prefix: 'switchback/self/' }], state: { value: ['ALARM'] } });
  expect(Targets[0].Arn).toEqual({ Ref: expect.stringContaining('Notices') });
});

it('names every alarm of a connection so that its rule sees it', () => {
  const names = resources(synthesis, 'AWS::CloudWatch::Alarm').map(([, r]) => r.Properties.AlarmName as string);
  expect(names.filter((name) => name.startsWith('switchback/paris/'))).toHaveLength(9);
  expect(names.filter((name) => !/^switchback\/(paris|self)\//.test(name))).toEqual([]);
});
