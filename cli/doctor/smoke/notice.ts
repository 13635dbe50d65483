/**
 * A notice with a number in it, to everybody who is told of incidents. Whether it was read no service knows: whoever
 * asked compares the number with what people got.
 */
import { randomInt } from 'node:crypto';
import { PublishCommand } from '@aws-sdk/client-sns';
import { attempt } from '../../../adapters/attempt';
import { unknown } from '../diagnosis';
import { type SmokeStep, without } from './step';

export const notice: SmokeStep = {
  name: 'notice',
  title: 'people get a notice',
  async run({ session: { world, whereabouts }, elsewhere }) {
    const number = randomInt(1_000, 10_000);
    const { name, region, topic } = whereabouts;
    const command = new PublishCommand({
      TopicArn: topic,
      Subject: `[${name}] test notice ${number}: nothing to do`,
      Message: [
        `Somebody tries whether notices of Switchback ${name} (${region}) reach you. The number is ${number}.`,
        'Tell it to whoever asks. Nothing has happened, and nothing is asked of you.',
      ].join('\n'),
    });
    await attempt(world, { operation: 'Publish', on: topic }, () => elsewhere.sns.send(command));
    return without([unknown('', `notice ${number} was sent`, 'ask who is told of incidents for its number')]);
  },
};
