/** Who would hear? A topic without a confirmed subscriber tells nobody, and an address that never clicked hears nothing. */
import { ListSubscriptionsByTopicCommand, type Subscription } from '@aws-sdk/client-sns';
import { attempt } from '../../../adapters/attempt';
import type { AccountCheck } from '../check';
import { counted, fail, orWell, warn } from '../diagnosis';
import type { Patient } from '../patient';

export const subscriptions: AccountCheck = {
  name: 'subscriptions',
  title: 'somebody is told',
  needs: 'standing',
  async look(patient, { whereabouts: { topic } }) {
    const all = await subscriptionsOf(patient, topic);
    const pending = all.filter(isPending);
    const confirmed = all.length - pending.length;
    const unheard = pending.map(({ Endpoint = '' }) =>
      warn({
        about: Endpoint,
        found: 'has not confirmed its subscription',
        why: 'it hears nothing until the link in the mail of AWS has been clicked, and after three days the mail is void',
        mend: `click the link; or once more: aws sns subscribe --topic-arn ${topic} --protocol email --notification-endpoint ${Endpoint}`,
      }),
    );
    const nobody = fail({
      about: topic.split(':').at(-1)!,
      found: `has no confirmed subscriber${pending.length === 0 ? '' : ` (${pending.length} pending)`}`,
      why: 'nobody is told of any incident, nor that a person is needed',
      mend: 'write notify: {emails: [...]} into switchback.yaml, deploy, and click the links',
    });
    return orWell([...(confirmed === 0 ? [nobody] : []), ...unheard], `${counted(confirmed, 'confirmed subscriber')}`);
  },
};

const isPending = ({ SubscriptionArn = '' }: Subscription): boolean => !SubscriptionArn.startsWith('arn:');

async function subscriptionsOf({ world, elsewhere }: Patient, TopicArn: string): Promise<readonly Subscription[]> {
  const found: Subscription[] = [];
  let NextToken: string | undefined;
  const tried = { operation: 'ListSubscriptionsByTopic', on: TopicArn };
  do {
    const list = new ListSubscriptionsByTopicCommand({ TopicArn, NextToken });
    const answer = await attempt(world, tried, () => elsewhere.sns.send(list));
    found.push(...(answer.Subscriptions ?? []));
    NextToken = answer.NextToken;
  } while (NextToken !== undefined && NextToken !== '');
  return found;
}
