/**
 * moto as an oracle for event patterns: one rule per pattern, all with one queue as target; the rule writes its own
 * name and the event's into the message, so one look at the queue tells every match of every event.
 *
 * The SDK has no SQS client here: two requests in SQS's JSON protocol, which moto takes unsigned, do.
 */
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import type { MotoOptions } from './moto';
import type { MatchEvents } from './site';

/** PutEvents takes ten events, ReceiveMessage gives ten messages. */
const perCallMax = 10;

let queues = 0;

export async function matchOnMoto(
  options: MotoOptions,
  ...[patterns, events]: Parameters<MatchEvents>
): Promise<ReadonlySet<string>> {
  const bus = new EventBridgeClient(options);
  const queueName = `matches-${queues++}`;
  const { QueueUrl } = await askQueues(options.endpoint, 'CreateQueue', { QueueName: queueName });
  const Arn = `arn:aws:sqs:${options.region}:123456789012:${queueName}`;
  const names = Object.keys(patterns);
  const addRule = async (name: string, i: number): Promise<void> => {
    const Rule = `${queueName}-${i}`;
    await bus.send(new PutRuleCommand({ Name: Rule, EventPattern: JSON.stringify(patterns[name]) }));
    const InputTransformer = { InputPathsMap: { event: '$.detail.label' }, InputTemplate: `"${i} <event>"` };
    await bus.send(new PutTargetsCommand({ Rule, Targets: [{ Id: 'queue', Arn, InputTransformer }] }));
  };
  await Promise.all(names.map(addRule));
  const labels = Object.keys(events);
  for (let from = 0; from < labels.length; from += perCallMax) {
    const Entries = labels.slice(from, from + perCallMax).map((label, i) => {
      const { source, 'detail-type': DetailType, resources, detail } = events[label]!;
      const Detail = JSON.stringify({ ...detail, label: String(from + i) });
      return { Source: source, DetailType, Resources: [...resources], Detail };
    });
    const { FailedEntryCount } = await bus.send(new PutEventsCommand({ Entries }));
    if (FailedEntryCount !== 0) throw new Error(`moto refused ${FailedEntryCount} of ${Entries.length} events`);
  }
  bus.destroy();
  const texts = await drain(options.endpoint, String(QueueUrl));
  return new Set(
    texts.map((text) => {
      const [rule, event] = text.replaceAll('"', '').split(' ').map(Number);
      return `${names[rule!]}: ${labels[event!]}`;
    }),
  );
}

interface QueueAnswer {
  readonly QueueUrl?: string;
  readonly Messages?: readonly { readonly Body: string }[];
}

async function drain(endpoint: string, QueueUrl: string): Promise<string[]> {
  const texts: string[] = [];
  for (;;) {
    // Received messages are hidden for the visibility timeout: an empty answer means that all have been seen.
    const input = { QueueUrl, MaxNumberOfMessages: perCallMax, VisibilityTimeout: 3_600, WaitTimeSeconds: 0 };
    const { Messages = [] } = await askQueues(endpoint, 'ReceiveMessage', input);
    if (Messages.length === 0) return texts;
    texts.push(...Messages.map(({ Body }) => Body));
  }
}

async function askQueues(endpoint: string, operation: string, input: object): Promise<QueueAnswer> {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AmazonSQS.${operation}`,
      authorization: 'AWS4-HMAC-SHA256 Credential=contract/20261120/eu-central-1/sqs/aws4_request, Signature=none',
    },
    body: JSON.stringify(input),
  });
  if (!answer.ok) throw new Error(`SQS ${operation}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as QueueAnswer;
}
