/**
 * What every notice has, whoever writes it: how users are, in words a stranger knows and short enough for a phone; whose
 * it is and when; where more is to be found. `notice.ts` writes most of them, the state machine those without the lock
 * table, out of the same parts.
 */

import { freshReports, type SetAssessment, type UsersState } from '../assess/assessment';
import { usedPaths, type View } from '../decide/view';
import { watchesUsersOf } from '../words/canaries';
import type { Letterhead } from '../words/decision';
import { incidentIdOf } from '../words/incident-id';
import { ageMs, instantText, spanText } from '../words/time';

/** SNS: fewer than 100 characters. */
export const subjectLengthMax = 99;
/** What a text message holds, and a lock screen shows. */
export const firstLineLengthMax = 139;
/** Leaves a subject room for users and the id, whatever names were given. */
const nameLengthMax = 40;

/** `incident`: its id; empty: nobody knows it. `execution`: its ARN; empty: nobody's. */
export function letterheadOf(view: View, incident: string, execution: string): Letterhead {
  const { deployment, connection, now } = view;
  const [, partition = 'aws', , , account = ''] = execution.split(':');
  const { name, region } = deployment;
  const of = account === '' ? '' : `, account ${account}`;
  return {
    subject: `[${`${name} ${connection.name}`.slice(0, nameLengthMax)}] `,
    users: usersText(view),
    place: `${instantText(now)} (UTC). Deployment ${name}, connection ${connection.name}, ${region}${of}.`,
    more: [explainCommand(incident, name, region), ...consoleLinks({ partition, region, name, execution })].join('\n'),
  };
}

/** The open one's id; otherwise that of the incident which telling opens. */
export const incidentOf = ({ memory, connection, now }: View): string =>
  memory.incident?.id ?? incidentIdOf(connection, memory.lastIncident?.closedAt ?? 0, now);

export const explainCommand = (incident: string, name: string, region: string): string =>
  ['switchback', ...(incident === '' ? ['status'] : ['explain', incident]), '--name', name, '--region', region].join(
    ' ',
  );

const consoles: Readonly<Record<string, string>> = {
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
};

interface Linked {
  readonly partition: string;
  readonly region: string;
  /** The deployment, whose dashboard is called so. */
  readonly name: string;
  readonly execution?: string;
  readonly alarm?: string;
}

export function consoleLinks({ partition, region, name, execution = '', alarm = '' }: Linked): string[] {
  const host = `https://${region}.${consoles[partition] ?? 'console.aws.amazon.com'}`;
  const metrics = `${host}/cloudwatch/home?region=${region}`;
  return [
    ...(execution === '' ? [] : [`${host}/states/home?region=${region}#/v2/executions/details/${execution}`]),
    ...(alarm === '' ? [] : [`${metrics}#alarmsV2:alarm/${encodeURIComponent(alarm)}`]),
    `${metrics}#dashboards/dashboard/${name}`,
  ];
}

/** `partly`: their canary is answered, and other routes of theirs are on a path that is down. */
type Feeling = UsersState | 'returning' | 'partly';

/** The worst first: it is what a notice says. */
const feelings: readonly (readonly [Feeling, string])[] = [
  ['dark', 'get no answers'],
  ['severe', 'hardly get through'],
  ['partly', 'get answers in part'],
  ['slow', 'wait longer than usual'],
  ['returning', 'answered again'],
  ['unknown', 'are not heard of'],
  ['served', 'are served'],
];

/** How the users of the sets that fare worst are, and for how long they had no answers in this incident. */
const usersText = (view: View): string =>
  usersLine(
    Object.values(view.assessment.sets).map((set) => ({
      name: set.routeSet,
      feels: feelingOf(view, set),
      darkMs: darkSoFarMs(view, set),
    })),
  );

/** How the users of one route set are. */
export interface UsersFelt {
  readonly name: string;
  readonly feels: Feeling;
  readonly darkMs: number;
}

export function usersLine(sets: readonly UsersFelt[]): string {
  const [state, words] = feelings.find(([one]) => sets.some(({ feels }) => feels === one)) ?? ['unknown', ''];
  const worst = sets.filter(({ feels }) => feels === state);
  const darkMs = Math.max(0, ...worst.map((set) => set.darkMs));
  const after = darkMs === 0 ? '' : `, ${state === 'dark' ? 'for' : 'dark'} ${spanText(darkMs)}`;
  const whose = worst.length === sets.length ? 'Users' : `Users of ${namesOf(worst, sets)}`;
  return `${whose} ${words}${after}`;
}

function namesOf(worst: readonly UsersFelt[], sets: readonly UsersFelt[]): string {
  if (worst.length > 2) return `${worst.length} of ${sets.length} sets`;
  return worst.map(({ name }) => name).join(' and ');
}

/** Its canary was silent and answers by now: soon it says so, and meanwhile that is what is known. */
function feelingOf(view: View, set: SetAssessment): Feeling {
  const { routeSet, users, used } = set;
  const isHalf = used.length > 1 && usedPaths(view, set).some(({ verdict }) => verdict === 'down');
  if (users.state === 'served' && isHalf) return 'partly';
  if (users.state !== 'unknown') return users.state;
  const heard = freshReports(view, watchesUsersOf(routeSet));
  return heard.some(({ answeredInARow }) => answeredInARow > 0) ? 'returning' : 'unknown';
}

/** In this incident. */
export function darkSoFarMs({ memory, now }: View, { routeSet }: SetAssessment): number {
  const dark = memory.unserved[routeSet]?.dark ?? null;
  return (memory.darkMs[routeSet] ?? 0) + (dark === null ? 0 : ageMs(dark, now));
}

/** `; ` between those that fit into so many characters, in their order; the first always stands. No word is ever cut. */
export function fitted([first = '', ...rest]: readonly string[], lengthMax: number): string {
  return rest.reduce(
    (line, part) => {
      const longer = part === '' ? line : `${line}; ${part}`;
      return longer.length <= lengthMax ? longer : line;
    },
    wholeWords(first, lengthMax),
  );
}

function wholeWords(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  return text
    .slice(0, lengthMax + 1)
    .replace(/\s+\S*$/, '')
    .slice(0, lengthMax);
}

/** Over what was done or found, one a line. */
export const whyHeading = 'Why:';

/** What a notice announces, one a line: the paragraph under `Why`. */
export function announcedIn(message: string): string[] {
  const paragraphs = message.split('\n\n');
  const why = paragraphs.find((paragraph) => paragraph.startsWith(`${whyHeading}\n`));
  return (why?.slice(whyHeading.length + 1) ?? paragraphs[0] ?? '').split('\n');
}
