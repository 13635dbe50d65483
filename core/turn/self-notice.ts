/**
 * The mail of an alarm about Switchback itself, in the form of every other notice: how users are and what it means first,
 * then whose it is, why, what happens meanwhile, what is asked, what shows more.
 *
 * Nothing of ours that may be broken is needed for it but the canaries' reports; without them users are not heard of.
 */
import type { UsersAssessment } from '../assess/assessment';
import { usersByReports } from '../assess/served';
import { emptyMemory } from '../store/memory';
import type { Connection, Deployment } from '../words/domain';
import type { CanaryReport } from '../words/evidence';
import { harmless } from '../words/malformed';
import { commandText, type SelfAlarmName, selfAlarms } from '../words/self-alarms';
import { ageMs, type Instant, instantText } from '../words/time';
import {
  consoleLinks,
  firstLineLengthMax,
  fitted,
  subjectLengthMax,
  type UsersFelt,
  usersLine,
  whyHeading,
} from './letter';

/** What CloudWatch says when one goes off. */
export interface SelfNews {
  readonly alarm: SelfAlarmName;
  /** CloudWatch's own sentence: which number crossed which threshold. */
  readonly reason: string;
  /** Its ARN. */
  readonly arn: string;
  readonly at: Instant;
}

type Reports = Readonly<Record<string, CanaryReport | null>>;

export function selfNotice(
  { name, region, connections }: Deployment,
  news: SelfNews,
  reports: Reports,
): { readonly subject: string; readonly message: string } {
  const { short, means, next, commands } = selfAlarms[news.alarm];
  const users = Object.values(connections).flatMap((connection) => usersIn(connection, reports, news.at));
  const felt = usersLine(users);
  const isAsked = news.alarm.startsWith('self/');
  const asked = isAsked ? 'You are needed.' : 'Do one when it suits you.';
  const [, partition = 'aws', , , account = ''] = news.arn.split(':');
  const head = `[${name}] `;
  const tail = ` (${news.alarm})`;
  const subject = fitted([felt, short], subjectLengthMax - head.length - tail.length);
  const firstLine = fitted([felt, short], firstLineLengthMax - asked.length - 2);
  const paragraphs = [
    [
      `${firstLine}. ${asked}`,
      `${news.alarm}, ${instantText(news.at)} (UTC). Deployment ${name}, ${region}, account ${account}.`,
    ],
    [whyHeading, means, `CloudWatch: ${news.reason}`],
    ['Next:', next],
    [
      'Open:',
      isAsked
        ? 'A human is needed: this is about Switchback itself.'
        : 'A drill of that connection, when it suits you.',
    ],
    ['Now:', ...users.map(({ name: set, because }) => `  users of ${set}: ${because}`)],
    [
      'More:',
      ...commands.map((command) => commandText(command, name, region)),
      ...consoleLinks({ partition, region, name, alarm: `${name}/${news.alarm}` }),
    ],
  ];
  return {
    subject: `${head}${subject}${tail}`.replace(/[^\x20-\x7e]/g, ' '),
    message: paragraphs.map((lines) => lines.map(harmless).join('\n')).join('\n\n'),
  };
}

interface Heard extends UsersFelt {
  readonly because: string;
}

function usersIn(connection: Connection, reports: Reports, now: Instant): Heard[] {
  const evidence = { reports, reportsFrom: 'table', reportsReadAt: now } as const;
  return Object.keys(connection.routeSets).map((routeSet) => {
    const users = usersByReports({ connection, evidence, memory: emptyMemory, now }, routeSet);
    const { state, because } = users;
    return { name: `${connection.name}/${routeSet}`, feels: state, darkMs: darkMs(users, now), because };
  });
}

/** What is seen of it now: what an incident adds up, only its runs know. */
const darkMs = ({ state, since }: UsersAssessment, now: Instant): number => (state === 'dark' ? ageMs(since, now) : 0);
