/** How each path, set and canary is, for people, `explain` and the incident's record. */
import type { Assessment } from '../assess/assessment';
import type { View } from '../decide/view';
import type { Situation } from '../words/decision';
import { harmless } from '../words/malformed';

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

/** The path its routes follow. */
export function setText(set: Assessment['sets'][string]): string {
  if (set.foreign.length > 0) return 'manual';
  return set.used.join('+') || 'nothing';
}
