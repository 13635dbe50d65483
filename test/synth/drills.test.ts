/** Scheduled drills in the template: what Scheduler is told, as whom it acts, and who may switch it off. */
import type { Connection, Deployment } from '../../core/words/domain';
import type { Synthesis } from '../../infra/assembly';
import { resource, resources, siteDeployment, synthesizeSite } from './synthesis';

function scheduled(): Deployment {
  const pair = siteDeployment('pair');
  const drills = { schedule: 'cron(0 6 ? * TUE#1 *)', timezone: 'Europe/Berlin', blocked: [], blockedDates: [] };
  const paris: Connection = { ...pair.connections['paris']!, drills };
  return { ...pair, connections: { paris } };
}

let synthesis: Synthesis;
beforeAll(() => {
  synthesis = synthesizeSite(scheduled());
});

it('gives the machine the command that a person would give, with its time zone, and loses none', () => {
  const { Properties } = resource(synthesis, 'AWS::Scheduler::Schedule', 'Drill');
  const { Target, ...said } = Properties;
  expect(said).toEqual({
    Name: 'switchback.paris',
    GroupName: 'default',
    Description: 'Asks for a drill of paris.',
    ScheduleExpression: 'cron(0 6 ? * TUE#1 *)',
    ScheduleExpressionTimezone: 'Europe/Berlin',
    FlexibleTimeWindow: { Mode: 'OFF' },
    State: 'ENABLED',
  });
  expect(JSON.parse(Target.Input)).toEqual({ connection: 'paris', trigger: 'drill', requestedBy: 'the schedule' });
  const [[queue]] = resources(synthesis, 'AWS::SQS::Queue') as [[string, unknown]];
  expect(Target.DeadLetterConfig).toEqual({ Arn: { 'Fn::GetAtt': [queue, 'Arn'] } });
  expect(Target.RetryPolicy).toEqual({ MaximumEventAgeInSeconds: 300 });
});

it('acts as a role that starts the machine and writes to the queue, for this account alone', () => {
  const { AssumeRolePolicyDocument, Policies } = resource(synthesis, 'AWS::IAM::Role', 'DrillsRole').Properties;
  const [trust, ...others] = AssumeRolePolicyDocument.Statement;
  expect(others).toEqual([]);
  expect(trust).toMatchObject({
    Principal: { Service: 'scheduler.amazonaws.com' },
    Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
  });
  expect(JSON.stringify(trust.Condition.ArnLike)).toContain(':schedule-group/default');
  const actions = Policies.flatMap((policy: { PolicyDocument: { Statement: { Action: string }[] } }) =>
    policy.PolicyDocument.Statement.map(({ Action }) => Action),
  );
  expect(actions).toEqual(['states:StartExecution', 'sqs:SendMessage']);
});

it('is nothing in mode observe, and nothing where nobody asked for it', () => {
  expect(resources(synthesizeSite(siteDeployment('pair')), 'AWS::Scheduler::Schedule')).toEqual([]);
  const { connections, ...rest } = scheduled();
  const paris: Connection = { ...connections['paris']!, mode: 'observe' };
  const observing = synthesizeSite({ ...rest, connections: { paris } });
  expect(JSON.stringify(observing.template)).not.toContain('scheduler');
});
