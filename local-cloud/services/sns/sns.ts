/**
 * SNS: Publish to the template's topics, and who subscribes to them. What people were told lies in `inbox`, in order.
 */
import type { Instant } from '../../../core/words/time';
import type { VirtualClock } from '../../clock';
import type { Random } from '../../random';
import { AwsError, type FakeService, NotModelled } from '../../service';
import type { JsonObject } from '../../template/json';
import type { Resource, Template } from '../../template/template';

export interface Notice {
  readonly at: Instant;
  readonly topicArn: string;
  readonly subject: string;
  readonly message: string;
}

/** Limits of the Publish API. */
const messageBytesMax = 262_144;
const subjectLengthMax = 100;

export class Topics implements FakeService {
  readonly name = 'sns';
  readonly inbox: Notice[] = [];

  constructor(
    private template: Template,
    private readonly clock: VirtualClock,
    private readonly random: Random,
    private readonly onNotice: (notice: Notice) => void = () => {},
  ) {}

  redeploy(template: Template): void {
    this.template = template;
  }

  async call(operation: string, input: unknown): Promise<unknown> {
    switch (operation) {
      case 'Publish':
        return this.publish(input as JsonObject);
      case 'ListSubscriptionsByTopic':
        return { Subscriptions: this.subscriptionsOf(String((input as JsonObject)['TopicArn'])) };
      default:
        throw new NotModelled('sns', operation);
    }
  }

  /** Of the template; in the local cloud every link has been clicked. */
  private subscriptionsOf(topicArn: string): JsonObject[] {
    const topic = this.topicNamed(topicArn);
    return this.template
      .ofType('AWS::SNS::Subscription')
      .filter(({ properties }) => properties['TopicArn'] === topic.arn)
      .map(({ logicalId, properties: { Protocol = '', Endpoint = '' } }) => ({
        SubscriptionArn: `${topic.arn}:${logicalId}`,
        Owner: this.template.accountId,
        Protocol,
        Endpoint,
        TopicArn: topic.arn,
      }));
  }

  private topicNamed(arn: unknown): Resource {
    const topic = this.template.ofType('AWS::SNS::Topic').find((one) => one.arn === arn);
    if (topic === undefined) throw new AwsError('NotFoundException', 'Topic does not exist', 404);
    return topic;
  }

  /** Also EventBridge's way in: it has no role here, the topic's policy lets it. */
  publish({ TopicArn, Subject, Message }: JsonObject): { MessageId: string } {
    const topic = this.topicNamed(TopicArn);
    if (typeof Message !== 'string' || Message === '') throw invalid('Message', 'Empty message');
    if (Buffer.byteLength(Message) > messageBytesMax) throw invalid('Message', 'Message too long');
    // The subject goes into a mail header: one line of printable ASCII that starts with a letter, digit or punctuation.
    if (Subject !== undefined && !isSubject(String(Subject))) throw invalid('Subject', 'Invalid subject');
    const notice = {
      at: this.clock.now(),
      topicArn: topic.arn,
      subject: String(Subject ?? ''),
      message: Message,
    };
    this.inbox.push(notice);
    this.onNotice(notice);
    return { MessageId: this.random.uuid() };
  }
}

const isSubject = (subject: string): boolean => subject.length <= subjectLengthMax && /^[!-~][ -~]*$/.test(subject);

const invalid = (parameter: string, why: string): AwsError =>
  new AwsError('InvalidParameterException', `Invalid parameter: ${parameter} Reason: ${why}`);
