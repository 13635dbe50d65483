/**
 * The mail of one turn: what is announced, how things stand now, and what is asked of whoever reads it.
 */
import { type Assessment, verdictText } from '../assess/assessment';
import { isQuiet } from '../assess/quiet';
import { openAsks } from '../decide/told';
import type { View } from '../decide/view';
import type { Announcement } from '../store/memory';
import type { Notice, Situation } from '../words/decision';
import { harmless } from '../words/malformed';
import { asksForPeople } from '../words/told-kinds';

const subjectLengthMax = 99; // SNS: fewer than 100 characters.

export function noticeOf(view: View, announcements: readonly Announcement[]): Notice | null {
  const [first] = announcements;
  if (first === undefined) return null;
  const { connection, assessment } = view;
  const states = Object.values(assessment.paths).map(
    (p) => `  path ${p.path}: ${p.drained ? 'drained, ' : ''}${verdictText(p)} (${p.because})`,
  );
  const sets = Object.values(assessment.sets).map(
    (s) => `  ${s.routeSet}: on ${setText(s)}, home ${s.home}, users ${s.users.state} (${s.users.because})`,
  );
  const texts = announcements.map(({ text }) => text);
  return {
    subject: `[switchback] ${connection.name}: ${first.text}`.replace(/[^\x20-\x7e]/g, ' ').slice(0, subjectLengthMax),
    // Each is one line: a reason that holds a newline must not forge the next.
    message: [...texts, '', 'Now:', ...states, ...sets, '', ...whatIsAsked(view, announcements)]
      .map(harmless)
      .join('\n'),
    topic: first.key.split('/').slice(0, 2).join('-'),
  };
}

/** Law: "nothing is asked of you" is never said while something is, nor while nobody knows whether it will be. */
function whatIsAsked(view: View, announced: readonly Announcement[]): string[] {
  const open = openAsks(view);
  const isSaid = ({ key }: { key: string }): boolean =>
    announced.some((one) => one.key === key || one.key === `still/${key}`);
  const told = announced.some(({ key }) => asksForPeople(key)) || open.some(isSaid);
  const earlier = open.filter((ask) => !isSaid(ask)).map(({ text }) => `Still asked of you: ${text}`);
  if (told || earlier.length > 0) return [...(told ? ['A human is needed.'] : []), ...earlier];
  if (announced.some(({ key }) => key === 'closed')) return ['Nothing is left to do.'];
  const waiting = Object.values(view.assessment.sets).filter(
    ({ routeSet, users }) =>
      (users.state === 'dark' && !isQuiet(view)) || view.memory.unwritten[routeSet] !== undefined,
  );
  if (waiting.length === 0) return ['Nothing is asked of you.'];
  return [`Users of ${waiting.map((set) => set.routeSet).join(', ')} wait: you will hear if that lasts.`];
}

function setText(set: Assessment['sets'][string]): string {
  if (set.foreign.length > 0) return 'manual';
  return set.used.join('+') || 'nothing';
}

/** For people, `explain` and the incident's record: how each path, set and canary is. */
export function situationOf({ assessment, connection, evidence }: View): Situation {
  const paths = Object.values(assessment.paths);
  const sets = Object.values(assessment.sets);
  const canaries = connection.canaries.flatMap(({ id, watches }) => {
    const report = evidence.reports[id];
    if (!report) return [];
    const { verdict, since, lossRatio, rttMs } = report;
    const of = watches.kind === 'path' ? { path: watches.path } : { routeSet: watches.routeSet };
    return [[id, { ...of, verdict, since, lossRatio, rttMs }] as const];
  });
  return {
    mode: connection.mode,
    paths: Object.fromEntries(paths.map((p) => [p.path, p.verdict])),
    sets: Object.fromEntries(sets.map((s) => [s.routeSet, setText(s)])),
    drained: paths.filter((p) => p.drained).map((p) => p.path),
    why: Object.fromEntries(paths.map((p) => [p.path, harmless(p.because)])),
    users: Object.fromEntries(
      sets.map((s) => [s.routeSet, { state: s.users.state, because: harmless(s.users.because) }]),
    ),
    canaries: Object.fromEntries(canaries),
  };
}
