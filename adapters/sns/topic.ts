/** Publishes to a topic that people subscribe to. */
import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { attempt, type Clock } from '../attempt';

export interface Letter {
  readonly topic: string;
  readonly subject: string;
  readonly message: string;
}

export async function publish(
  sns: Pick<SNSClient, 'send'>,
  { topic, subject, message }: Letter,
  clock: Clock,
): Promise<void> {
  const command = new PublishCommand({ TopicArn: topic, Subject: subject, Message: message });
  await attempt(clock, { operation: 'Publish', on: topic }, () => sns.send(command));
}
