/** Has EC2 throttled this account lately? Its read buckets are shared by everybody in it, and a rescue reads routes. */
import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { attempt } from '../../../adapters/attempt';
import { dayMs, hourMs } from '../../../core/words/time';
import type { AccountCheck } from '../check';
import { unknown, warn, well } from '../diagnosis';

const lookBackMs = 14 * dayMs;

const search = (metric: string): string =>
  `SEARCH('Namespace="AWS/EC2/API" MetricName="${metric}"', 'Sum', ${hourMs / 1_000})`;

export const throttling: AccountCheck = {
  name: 'throttling',
  title: 'EC2 has not throttled this account',
  needs: 'account',
  async look({ world }) {
    const command = new GetMetricDataCommand({
      StartTime: new Date(world.now() - lookBackMs),
      EndTime: new Date(world.now()),
      MetricDataQueries: [
        { Id: 'throttled', Expression: search('RequestLimitExceeded') },
        { Id: 'answered', Expression: search('SuccessfulCalls') },
      ],
    });
    const tried = { operation: 'GetMetricData', on: 'AWS/EC2/API' };
    const { MetricDataResults = [] } = await attempt(world, tried, () => world.aws.cloudwatch.send(command));
    const some = MetricDataResults.filter(({ Values = [] }) => Values.length > 0);
    if (some.length === 0)
      return [
        unknown(
          'EC2',
          'its metrics of API calls are not switched on in this account',
          'ask AWS Support for "Amazon EC2 API metrics": throttling is seen nowhere else beforehand',
        ),
      ];
    const throttled = some.filter(({ Id, Values = [] }) => Id === 'throttled' && Values.some((value) => value > 0));
    if (throttled.length === 0) return [well('no call was throttled in 14 days')];
    const sum = throttled.reduce((all, { Values = [] }) => all + Values.reduce((one, value) => one + value, 0), 0);
    const calls = throttled.map(({ Label = '' }) => Label).slice(0, 5);
    return [
      warn({
        about: 'EC2',
        found: `throttled ${sum} calls in 14 days: ${calls.join(', ')}`,
        why: 'a rescue reads route tables from the same bucket: while it is empty, users wait in the dark',
        mend: 'find who scans (CloudTrail, errorCode Client.RequestLimitExceeded) and slow it down, or ask AWS for a larger bucket',
      }),
    ];
  },
};
