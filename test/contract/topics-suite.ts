/** What people are told on: published to, and what is said of a topic that is not there or a subject that is none. */
import { publish } from '../../adapters/sns/topic';
import { type Cloud, outcomeOf } from './site';

export function topicsContract(cloud: Cloud): void {
  const letter = { subject: '[switchback] Users are served (self/undelivered)', message: 'Why:\nsignals were lost' };

  it('takes a notice', async () => {
    const { aws, clock, topicArn: topic } = await cloud.site('topic');
    expect(await outcomeOf(publish(aws.sns, { ...letter, topic }, clock))).toBe('accepted');
  });

  it('refuses one for a topic that is not there, and a subject of more than a hundred characters', async () => {
    const { aws, clock, topicArn: topic } = await cloud.site('topic');
    expect(await outcomeOf(publish(aws.sns, { ...letter, topic: `${topic}-not` }, clock))).toBe('MalformedInput');
    const long = { ...letter, topic, subject: 'x'.repeat(101) };
    expect(await outcomeOf(publish(aws.sns, long, clock))).toBe('MalformedInput');
  });
}
