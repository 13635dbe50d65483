/**
 * The mail of one turn. Its first line, and its subject, are for somebody who has never heard of us and sees nothing else:
 * how users are, what happened, whether anything is asked of him. Then comes everything.
 *
 *     [switchback paris] Users of office get answers again, dark for 3.5 s; now on path b (I-7F3K2M opened)
 *
 *     first line / whose and when / Why / Next / Open / Asked for / Now / More
 *
 * The stages of one incident make it a thread: opened, changed, reminder, closed.
 */
import { verdictText } from '../assess/assessment';
import { isQuiet } from '../assess/quiet';
import { isPlainNews } from '../decide/health-voice';
import { openAsks } from '../decide/told';
import type { View } from '../decide/view';
import type { Announcement } from '../store/memory';
import type { AssessResult, Decision, Notice } from '../words/decision';
import { harmless } from '../words/malformed';
import { ordersIn } from '../words/orders';
import { instantText } from '../words/time';
import { asksForPeople, isOfKind, shortText } from '../words/told-kinds';
import { incidentEvent } from './incident-event';
import { firstLineLengthMax, fitted, subjectLengthMax, whyHeading } from './letter';
import { setText } from './situation';

interface NoticeParts extends Pick<AssessResult, 'decision' | 'incident' | 'letterhead'> {
  /** ARN of the execution that sends it; empty: nobody's. */
  readonly execution: string;
}

export function noticeOf(
  view: View,
  announcements: readonly Announcement[],
  { decision, incident, letterhead: head, execution }: NoticeParts,
): Notice | null {
  const [first] = announcements;
  if (first === undefined) return null;
  const asked = whatIsAsked(view, announcements);
  const stage = stageOf(view, announcements);
  const short = announcements.map(({ key }) => shortText(key));
  const needed = asked.isNeeded ? 'needs you' : '';
  const thread = [incident, stage].filter(Boolean).join(' ');
  const tail = thread === '' ? '' : ` (${thread})`;
  const room = subjectLengthMax - head.subject.length - tail.length;
  // That somebody is needed is said before what happened, where there is room for one of them.
  const subject = fitted([head.users, needed, ...short], room);
  const firstLine = fitted([head.users, ...short], firstLineLengthMax - asked.said.length - 2);
  const next = nextText(decision);
  // Two things that were told of one path end in the same words.
  const texts = [...new Set(announcements.map(({ text }) => text))];
  // Each is one line: a reason that holds a newline must not forge the next.
  const paragraphs = [
    [`${firstLine}. ${asked.said}`, [thread, head.place].filter(Boolean).join(', ')],
    [whyHeading, ...texts],
    ['Next:', next],
    ['Open:', ...asked.lines],
    standingOrders(view),
    ['Now:', ...stateLines(view)],
    ['More:', ...head.more.split('\n'), ...(asked.isNeeded ? [`switchback ack ${view.connection.name}`] : [])],
  ];
  return {
    subject: `${head.subject}${subject}${tail}`.replace(/[^\x20-\x7e]/g, ' '),
    message: paragraphs
      .filter((lines) => lines.length > 0)
      .map((lines) => lines.map(harmless).join('\n'))
      .join('\n\n'),
    topic: first.key.split('/').slice(0, 2).join('-'),
    event:
      incident === ''
        ? null
        : incidentEvent(view, {
            incidentId: incident,
            status: stage === 'opened' || stage === 'closed' ? stage : 'updated',
            needsPeople: asked.isNeeded,
            execution,
            summary: `${firstLine}. ${asked.said}`,
            announcements: texts,
            open: asked.lines,
            next,
          }),
  };
}

/** Which mail of its incident it is; empty: of none. */
function stageOf({ memory }: View, announcements: readonly Announcement[]): string {
  if (announcements.some(({ key }) => key === 'closed')) return 'closed';
  if (announcements.every(({ key }) => isOfKind(key, 'still'))) return 'reminder';
  if (announcements.every(isPlainNews)) return memory.incident === null ? '' : 'changed';
  const openedAt = memory.incident?.openedAt ?? Number.POSITIVE_INFINITY;
  return Object.values(memory.told).some((at) => at >= openedAt) ? 'changed' : 'opened';
}

interface Asked {
  readonly isNeeded: boolean;
  /** A sentence for the first line. */
  readonly said: string;
  readonly lines: readonly string[];
}

/**
 * What is open in the incident, not in this turn. Law: "nothing is asked of you" is never said while something is, nor
 * while nobody knows whether it will be.
 */
function whatIsAsked(view: View, announced: readonly Announcement[]): Asked {
  const open = openAsks(view);
  const isSaid = ({ key }: { key: string }): boolean =>
    announced.some((one) => one.key === key || one.key === `still/${key}`);
  const told = announced.some(({ key }) => asksForPeople(key)) || open.some(isSaid);
  const earlier = open.filter((ask) => !isSaid(ask)).map(({ text }) => `Still asked of you: ${text}`);
  if (told || earlier.length > 0)
    return {
      isNeeded: true,
      said: 'You are needed.',
      lines: [...(told ? ['A human is needed.'] : []), ...earlier],
    };
  if (announced.some(({ key }) => key === 'closed'))
    return { isNeeded: false, said: 'Nothing to do.', lines: ['Nothing is left to do.'] };
  const waiting = Object.values(view.assessment.sets).filter(
    ({ routeSet, users }) =>
      (users.state === 'dark' && !isQuiet(view)) || view.memory.unwritten[routeSet] !== undefined,
  );
  if (waiting.length === 0) return { isNeeded: false, said: 'Nothing to do.', lines: ['Nothing is asked of you.'] };
  const sets = waiting.map((set) => set.routeSet).join(', ');
  return {
    isNeeded: false,
    said: 'You will hear if that lasts.',
    lines: [`Users of ${sets} wait: you will hear if that lasts.`],
  };
}

/** What Switchback does now, and when it looks again. */
function nextText(decision: Decision): string {
  switch (decision.kind) {
    case 'hold':
      return `${decision.because} (till ${instantText(decision.until)} at most)`;
    case 'park':
      return `it waits for news, and looks each minute: ${decision.because}`;
    case 'finish':
      return `nothing: ${decision.because}`;
    case 'escalate':
      return `it goes on looking; this waits for a person: ${decision.because}`;
    default:
      return `${decision.kind}: ${decision.because}`;
  }
}

/** Planned work, and pauses: who asked, why, until when. */
function standingOrders({ desired, now }: View): string[] {
  const orders = ordersIn(desired, now);
  return orders.length === 0 ? [] : ['Asked for:', ...orders];
}

function stateLines({ assessment }: View): string[] {
  const paths = Object.values(assessment.paths).map(
    (p) => `  path ${p.path}: ${p.drained ? 'drained, ' : ''}${verdictText(p)} (${p.because})`,
  );
  const sets = Object.values(assessment.sets).map(
    (s) => `  ${s.routeSet}: on ${setText(s)}, home ${s.home}, users ${s.users.state} (${s.users.because})`,
  );
  return [...paths, ...sets];
}
