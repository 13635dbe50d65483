/** For how long users are in the dark while something is tried with them on purpose. */
import { type Instant, spanText } from '../words/time';
import type { View } from './view';

export interface Darkness {
  /** Null: they are not now. */
  readonly darkSince: Instant | null;
  /** Before that. */
  readonly darkMs: number;
}

/** As the service canaries have it, from the first missed round to the first answered one. */
export function darknessOf(view: View, before: Darkness & { readonly openedAt: Instant }): Darkness {
  const { darkSince, darkMs, openedAt } = before;
  const sets = Object.values(view.assessment.sets);
  const dark = sets.flatMap(({ routeSet, users }) =>
    users.state === 'dark' ? [view.memory.unserved[routeSet]?.dark ?? users.since] : [],
  );
  if (dark.length > 0)
    return { darkSince: Math.max(openedAt, Math.min(darkSince ?? Number.POSITIVE_INFINITY, ...dark)), darkMs };
  if (darkSince === null || sets.some(({ service }) => service !== 'up')) return { darkSince, darkMs };
  const answers = view.connection.canaries.flatMap(({ id, watches }) => {
    const report = watches.kind === 'service' ? view.evidence.reports[id] : null;
    return report ? [report.since] : [];
  });
  const again = Math.max(darkSince, ...answers.filter((at) => at <= view.now));
  return { darkSince: null, darkMs: darkMs + again - darkSince };
}

export const darkText = (darkMs: number): string =>
  darkMs === 0 ? 'users were not dark at all' : `users were dark for ${spanText(darkMs)}`;
