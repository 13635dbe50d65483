/** An alarm about Switchback itself, told whatever else is broken. */
import { BatchGetItemCommand } from '@aws-sdk/client-dynamodb';
import { PublishCommand } from '@aws-sdk/client-sns';
import { reportItem } from '../../../../adapters/dynamodb/report-item';
import { createHandler } from '../../../../functions/herald';
import { deployment, report } from '../../../given';
import { awsError, awsMocks } from '../../adapters/aws-mocks';
import { VirtualWorld } from '../virtual-world';

const alarmArn = 'arn:aws:cloudwatch:eu-central-1:111122223333:alarm:switchback/self/executions-failed';
const event = (alarmName: unknown = 'switchback/self/executions-failed') => ({
  ...{ source: 'aws.cloudwatch', alarmArn, accountId: '111122223333' },
  alarmData: { alarmName, state: { value: 'ALARM', reason: 'Threshold Crossed: 1 datapoint' } },
});

function site() {
  const mocks = awsMocks();
  const world = new VirtualWorld(mocks);
  Object.assign(world.env, { TOPIC: 'arn:topic', REPORTS_TABLE: 'reports' });
  mocks.dynamodb
    .on(BatchGetItemCommand)
    .resolves({ Responses: { reports: [reportItem(report('paris/office', { reportedAt: world.now() }))] } });
  mocks.sns.on(PublishCommand).resolves({});
  const handle = createHandler(world, deployment());
  const sent = () => mocks.sns.commandCalls(PublishCommand).map(({ args }) => args[0].input);
  return { mocks, sent, tell: (what: unknown) => world.finish(handle(what)) };
}

it('tells it to the topic, with how users are', async () => {
  const { sent, tell } = site();
  const subject = await tell(event());
  expect(subject).toBe('[switchback] Users are served; a failover run failed (self/executions-failed)');
  const Message = expect.stringContaining('CloudWatch: Threshold Crossed: 1 datapoint');
  expect(sent()).toEqual([{ TopicArn: 'arn:topic', Subject: subject, Message }]);
});

it('tells it where DynamoDB is what is broken', async () => {
  const { mocks, sent, tell } = site();
  mocks.dynamodb.on(BatchGetItemCommand).rejects(awsError('InternalServerError', 'no', 500));
  expect(await tell(event())).toMatch(/^\[switchback\] Users are not heard of; a failover run failed/);
  expect(sent()).toHaveLength(1);
});

it('fails aloud where SNS refuses, so that Lambda hands on what the alarm said', async () => {
  const { mocks, tell } = site();
  mocks.sns.on(PublishCommand).rejects(awsError('AuthorizationError', 'no', 403));
  await expect(tell(event())).rejects.toThrow(/Publish on arn:topic/);
});

it.each([
  ['nothing', null],
  ['an alarm of another deployment', event('other/self/executions-failed')],
  ['an alarm about the world', event('switchback/paris/path-a/reachable')],
  ['a name that every object has', event('switchback/constructor')],
])('fails aloud on %s', async (_, what) => {
  const { sent, tell } = site();
  await expect(tell(what)).rejects.toThrow('is no alarm about switchback itself');
  expect(sent()).toEqual([]);
});
