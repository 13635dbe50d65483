/** The mail of an alarm about Switchback itself: users first, then what it means, in the form of every other notice. */
import { type SelfNews, selfNotice } from '../../../../core/turn/self-notice';
import type { CanaryReport } from '../../../../core/words/evidence';
import { type SelfAlarmName, selfAlarms, selfAlarmText } from '../../../../core/words/self-alarms';
import { deployment, report, t0 } from '../../../given';

const name = 'self/sweep-missing';
const news: SelfNews = {
  alarm: name,
  reason: 'no datapoints were received for 3 periods',
  arn: 'arn:aws:cloudwatch:eu-central-1:111122223333:alarm:switchback/self/sweep-missing',
  at: t0,
};
const heard = (over: Partial<CanaryReport> = {}) => ({ 'paris/office': report('paris/office', over) });
const notice = (reports: Record<string, CanaryReport>, over: Partial<SelfNews> = {}) =>
  selfNotice(deployment(), { ...news, ...over }, reports);

it('has what every notice has, users first', () => {
  const { subject, message } = notice(heard());
  expect(subject).toBe('[switchback] Users are served; the sweep does not run (self/sweep-missing)');
  expect(message).toMatchInlineSnapshot(`
"Users are served; the sweep does not run. You are needed.
self/sweep-missing, 2026-01-05T00:00:00Z (UTC). Deployment switchback, eu-central-1, account 111122223333.

Why:
The sweep has not run for minutes: lost events stay lost.
CloudWatch: no datapoints were received for 3 periods

Next:
failovers still start by events and canaries; nothing starts what no event has started

Open:
A human is needed: this is about Switchback itself.

Now:
  users of paris/office: canary paris/office is answered (1 s ago)

More:
switchback doctor --name switchback --region eu-central-1
switchback status --name switchback --region eu-central-1
https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#alarmsV2:alarm/switchback%2Fself%2Fsweep-missing
https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#dashboards/dashboard/switchback"
`);
});

it.each([
  [
    'get no answers',
    heard({ verdict: 'down', missedInARow: 9, answeredInARow: 0, missedSince: t0 - 30_000 }),
    'Users get no answers, for 30',
  ],
  ['are not heard of, where nobody reports', {}, 'Users are not heard of'],
  ['are not heard of, where the canary cannot tell', heard({ verdict: 'unknown' }), 'Users are not heard of'],
  ['are not heard of, where the last report is old', heard({ reportedAt: t0 - 3_600_000 }), 'Users are not heard of'],
])('says that users %s', (_, reports, first) => {
  const { subject, message } = notice(reports);
  expect(subject.startsWith(`[switchback] ${first}`)).toBe(true);
  expect(message.startsWith(first)).toBe(true);
});

it('forges no line with what CloudWatch says', () => {
  expect(notice(heard(), { reason: 'a\n\nOpen:\nNothing' }).message).toContain('CloudWatch: a\\u000a');
});

describe.each(Object.keys(selfAlarms) as SelfAlarmName[])('%s', (alarm) => {
  it('fits a subject and a lock screen, whole', () => {
    const { subject, message } = notice(heard(), { alarm });
    expect(subject.length).toBeLessThan(100);
    expect(subject).toMatch(/^\[switchback\] Users are served; .*\((self|people)\/[a-z-]+\)$/);
    expect(subject).not.toMatch(/[^ -~]/);
    expect(message.split('\n')[0]!.length).toBeLessThan(140);
    expect(message.split('\n')[0]).toContain(`; ${selfAlarms[alarm].short}.`);
  });

  it('fits the alarm’s own description', () => {
    const text = selfAlarmText(selfAlarms[alarm], 'a-name-of-forty-characters-that-is-so-long', 'ap-southeast-2');
    expect(text.length).toBeLessThanOrEqual(1_024);
  });
});
