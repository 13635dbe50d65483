/**
 * What somebody reads at two in the morning who has never heard of Switchback: how users are, whether he is needed, and
 * where to look, whatever the names are and however much happens at once.
 */

import type { Memory } from '../../../../core/store/memory';
import { announcedIn } from '../../../../core/turn/letter';
import type { Notice } from '../../../../core/words/decision';
import { instantText } from '../../../../core/words/time';
import {
  aIsDown,
  bothDown,
  deployment,
  desired,
  down,
  drain,
  evidence,
  incident,
  memory,
  move,
  onB,
  report,
  routes,
  t0,
  turn,
} from '../../../given';

const moved = { key: 'move/office/b/1', text: 'divert: office from a to b: path a is down' };
const execution = 'arn:aws:states:eu-central-1:111111111111:execution:switchback-failover:run-1';

const noticeOf = (over: Parameters<typeof turn>[0]): Notice => {
  const { notice } = turn({ execution, ...over });
  expect(notice).not.toBeNull();
  return notice!;
};
const afterMove = (over: Partial<Memory> = {}): Notice =>
  noticeOf({
    memory: memory({ incident, toTell: [moved], moves: { office: move() }, darkMs: { office: 3_200 }, ...over }),
    evidence: evidence({ ...onB, reports: { 'paris/path-a': down('paris/path-a') } }),
  });
const sectionOf = ({ message }: Notice, heading: string): string[] =>
  message
    .split('\n\n')
    .find((part) => part.startsWith(`${heading}:\n`))
    ?.split('\n')
    .slice(1) ?? [];

it('begins with how users are, and says for how long they were dark', () => {
  const notice = afterMove();
  expect(notice.subject).toBe('[switchback paris] Users are served, dark 3.2 s; now on path b (paris-1 opened)');
  const [first, second] = notice.message.split('\n');
  expect(first).toBe('Users are served, dark 3.2 s; now on path b. Nothing to do.');
  expect(second).toBe(
    `paris-1 opened, ${instantText(t0)} (UTC). Deployment switchback, connection paris, eu-central-1, account 111111111111.`,
  );
});

it('begins with no path that routes have left again before EC2 showed them there', () => {
  const unshown = { key: 'move/unshown/office/c/1', text: 'divert: office from a to c: path a is down' };
  const { subject } = afterMove({ toTell: [unshown, moved] });
  expect(subject).toContain('routes were moved; now on path b');
  expect(subject).not.toContain('path c');
});

it('says why, what is next and till when, what is open, and where more is', () => {
  const healthySince = { a: t0 - 10_000, b: t0 - 600_000 };
  const notice = noticeOf({
    memory: memory({ incident, toTell: [moved], moves: { office: move() }, healthySince }),
    evidence: evidence(onB),
  });
  expect(announcedIn(notice.message)).toEqual([moved.text]);
  expect(sectionOf(notice, 'Next')).toEqual([expect.stringMatching(/^home path a soaks .* \(till 20.*Z at most\)$/)]);
  expect(sectionOf(notice, 'Open')).toEqual(['Nothing is asked of you.']);
  expect(sectionOf(notice, 'Now')).toHaveLength(3);
  expect(sectionOf(notice, 'More')).toEqual([
    'switchback explain paris-1 --name switchback --region eu-central-1',
    `https://eu-central-1.console.aws.amazon.com/states/home?region=eu-central-1#/v2/executions/details/${execution}`,
    'https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#dashboards/dashboard/switchback',
  ]);
});

it('says before anything else but users that a person is needed, and how reminders are stopped', () => {
  const notice = noticeOf({ evidence: evidence({ reports: bothDown }) });
  expect(notice.subject).toMatch(
    /^\[switchback paris\] Users get no answers, for \d+ s; needs you; no path works \(I-\w{6} opened\)$/,
  );
  expect(notice.message.split('\n')[0]).toMatch(/no path works\. You are needed\.$/);
  expect(sectionOf(notice, 'Open')[0]).toBe('A human is needed.');
  expect(sectionOf(notice, 'More').at(-1)).toBe('switchback ack paris');
});

it('says what is open in the incident, not in this turn alone', () => {
  const told = { 'manual/office': t0 - 60_000 };
  const notice = noticeOf({
    memory: memory({ incident, told, toTell: [moved] }),
    evidence: evidence({ routes: routes('eni-of-somebody') }),
  });
  expect(notice.subject).toContain('needs you');
  expect(sectionOf(notice, 'Open')).toEqual([expect.stringMatching(/^Still asked of you: .*somebody else's hands/)]);
  expect(notice.message).not.toContain('Nothing is asked of you');
});

it('makes one thread of an incident: opened, changed, reminder, closed', () => {
  const stage = ({ subject }: Notice): string => /\(\S+ (\w+)\)$/.exec(subject)![1]!;
  expect(stage(afterMove())).toBe('opened');
  expect(stage(afterMove({ told: { done: t0 - 60_000 } }))).toBe('changed');
  expect(stage(afterMove({ told: { 'manual/office': incident!.openedAt - 1 } }))).toBe('opened');
  const long = { incident, told: { 'brake/none': t0 - 86_400_000 } };
  expect(stage(noticeOf({ memory: memory(long), evidence: evidence({ reports: bothDown }) }))).toBe('reminder');
  expect(stage(noticeOf({ memory: memory({ incident, told: { done: t0 - 60_000 } }) }))).toBe('closed');
});

it('says of planned work who asked, why, and until when', () => {
  const notice = noticeOf({
    memory: memory({ incident, toTell: [moved] }),
    desired: desired({
      drains: { a: drain() },
      paused: { since: t0 - 1, until: t0 + 60_000, reason: 'audit', requestedBy: 'bo' },
    }),
    evidence: evidence(onB),
  });
  expect(sectionOf(notice, 'Asked for')).toEqual([
    `path a is kept out until ${instantText(t0 + 3_600_000)} by ana: new kernel`,
    `everything is paused until ${instantText(t0 + 60_000)} by bo: audit`,
  ]);
  expect(sectionOf(afterMove(), 'Asked for')).toEqual([]);
});

it('says once what ends two things in the same words', () => {
  const over = 'over: path a is healthy again';
  const toTell = ['peer', 'one-way'].map((why) => ({ key: `over/stuck/a/${why}`, text: over }));
  const { message } = afterMove({ toTell: [moved, ...toTell] });
  expect(message.split(over)).toHaveLength(2);
});

it('has no word in its first lines that only we know, and cuts none in the middle, however long the names are', () => {
  const name = 'a-very-long-name-of-a-connection-to-a-partner';
  const { paris, ...others } = deployment().connections;
  const long = { ...deployment(), connections: { ...others, [name]: { ...paris!, name } } };
  const toTell = [moved, { key: 'repair/1', text: 'repair' }, { key: 'over/manual/office', text: 'over: x' }];
  const notices = [
    afterMove(),
    afterMove({ toTell }),
    noticeOf({
      deployment: long,
      connection: name,
      evidence: evidence({ reports: aIsDown }),
      memory: memory({ toTell }),
    }),
    noticeOf({ evidence: evidence({ reports: bothDown }) }),
  ];
  for (const { subject, message } of notices) {
    const [first = ''] = message.split('\n');
    expect(subject.length).toBeLessThan(100);
    expect(first.length).toBeLessThan(140);
    expect(`${subject} ${first}`).not.toMatch(/brake|carries nobody|soaked|rung|manual|undo|escalat/i);
    expect(subject).toMatch(/^\[[^\]]+\] Users .*\(\S+ \w+\)$/);
    expect(first).toMatch(/^Users .*(to do|needed|lasts)\.$/);
  }
  expect(notices[1]!.message.split('\n')[0]).toContain(
    '; a repair runs; the routes of office are on a path of ours again.',
  );
});

it('counts users who are answered again before their canary is sure of it, and names the sets that fare worst', () => {
  const again = report('paris/office', { verdict: 'down', answeredInARow: 1, missedInARow: 0 });
  const unserved = { office: { dark: t0 - 4_000, hurt: t0 - 4_000, slow: t0 - 4_000 } };
  const notice = noticeOf({
    memory: memory({ incident, toTell: [moved], unserved }),
    evidence: evidence({ ...onB, reports: { 'paris/office': again } }),
  });
  expect(notice.subject).toContain('] Users answered again, dark 4 s; now on path b (');
});

it('adds a spell to the dark time of the incident once it is over, up to the first answer', () => {
  const unserved = { office: { dark: t0 - 10_000, hurt: t0 - 10_000, slow: t0 - 10_000 } };
  const answered = report('paris/office', { answeredAt: t0 - 500, answeredInARow: 4 });
  const interval = deployment().connections['paris']!.policy.roundIntervalMs;
  const seen = (over: Partial<Memory>): Memory =>
    JSON.parse(
      turn({
        memory: memory({ incident, unserved, ...over }),
        evidence: evidence({ reports: { 'paris/office': answered } }),
      }).memoryTold,
    ) as Memory;
  expect(seen({ toTell: [moved] }).darkMs).toEqual({ office: 10_000 - 500 - 3 * interval });
  expect(seen({ toTell: [moved], darkMs: { office: 1_000 } }).darkMs['office']).toBe(10_500 - 3 * interval);
});
