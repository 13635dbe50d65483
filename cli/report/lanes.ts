/**
 * The lines of the Gantt chart: what users felt, where they were, each path as it was judged, each gateway's repairs. A
 * state holds until the next look says another; while no run was looking, nobody knows, and the chart says so.
 */
import type { IncidentRecord } from '../../core/turn/incident-record';
import type { Instant } from '../../core/words/time';
import type { Lane, Stretch, Tone } from './incident-report';
import type { ReportSource } from './source';
import type { ShownSpan } from './span';

type Looks = Omit<Stretch, 'from' | 'to'>;

const verdictTones: Readonly<Record<string, Tone>> = {
  healthy: 'well',
  degraded: 'weak',
  severe: 'bad',
  down: 'bad',
  served: 'well',
  slow: 'weak',
  dark: 'bad',
};

export function lanesOf({ record, connection, world }: ReportSource, { from, to }: ShownSpan): Lane[] {
  const end = record.closedAt ?? to;
  const watched = watchedSpans(record, end);
  const along = <T extends { readonly from: Instant }>(spells: readonly T[], looks: (spell: T) => Looks): Stretch[] =>
    spells.flatMap((spell, i) => {
      const until = spells[i + 1]?.from ?? end;
      return watched.flatMap((span) => {
        const stretch = { from: Math.max(spell.from, span.from), to: Math.min(until, span.to) };
        return stretch.to > stretch.from ? [{ ...stretch, ...looks(spell) }] : [];
      });
    });
  const sets = Object.keys(connection.routeSets).flatMap((set) => {
    const { home } = connection.routeSets[set]!;
    const spells = record.sets[set] ?? [];
    return [
      {
        label: `users of ${set}`,
        stretches: feltBy(
          set,
          record,
          along(spells, ({ users }) => feltLooks(users)),
        ),
      },
      { label: `${set} goes over`, stretches: along(spells, ({ on }) => placeLooks(on, home)) },
    ];
  });
  const paths = Object.keys(connection.paths).map((path) => ({
    label: `path ${path}`,
    stretches: along(record.paths[path] ?? [], ({ verdict, drained }) => pathLooks(verdict, drained)),
  }));
  const clipped = [...sets, ...paths, ...(world?.lanes ?? []), ...rungLanes(record, to)].map(
    ({ label, stretches }) => ({
      label,
      stretches: joined(
        stretches
          .map((stretch) => ({ ...stretch, from: Math.max(from, stretch.from), to: Math.min(to, stretch.to) }))
          .filter((stretch) => stretch.to > stretch.from),
      ),
    }),
  );
  return clipped.filter(({ stretches }) => stretches.length > 0);
}

/** When some run was looking; neighbouring runs hand over without a gap. */
function watchedSpans({ executions, decisions }: IncidentRecord, end: Instant): { from: Instant; to: Instant }[] {
  const looking = new Set(decisions.map(({ execution }) => execution));
  const runs = executions
    .filter(({ arn }) => looking.has(arn))
    .map(({ startedAt, endedAt }) => ({ from: startedAt, to: Math.min(end, endedAt ?? end) }))
    .sort((a, b) => a.from - b.from);
  const spans: { from: Instant; to: Instant }[] = [];
  for (const run of runs) {
    const last = spans.at(-1);
    if (last !== undefined && run.from <= last.to) last.to = Math.max(last.to, run.to);
    else spans.push({ ...run });
  }
  return spans;
}

const feltLooks = (users: string): Looks => ({ state: users || 'unknown', tone: verdictTones[users] ?? 'blank' });

/** What is known to have been dark is so, however seldom somebody looked. */
function feltBy(set: string, { dark }: IncidentRecord, seen: readonly Stretch[]): Stretch[] {
  const spans = dark.filter(({ routeSet }) => routeSet === set);
  const end = seen.at(-1)?.to ?? Number.POSITIVE_INFINITY;
  const certain = spans.map(({ from, until }): Stretch => ({ from, to: until ?? end, state: 'dark', tone: 'bad' }));
  return certain
    .reduce((rest, span) => rest.flatMap((stretch) => without(stretch, span)), [...seen])
    .concat(certain)
    .sort((a, b) => a.from - b.from);
}

function without(stretch: Stretch, { from, to }: Stretch): Stretch[] {
  if (to <= stretch.from || from >= stretch.to) return [stretch];
  return [
    { ...stretch, to: from },
    { ...stretch, from: to },
  ].filter((part) => part.to > part.from);
}

function placeLooks(on: string, home: string): Looks {
  if (on === home) return { state: `${on}, home`, tone: 'well' };
  if (on === '') return { state: 'unknown', tone: 'blank' };
  return { state: on, tone: on === 'manual' ? 'bad' : 'work' };
}

function pathLooks(verdict: string, drained: boolean): Looks {
  if (drained) return { state: `drained, ${verdict}`, tone: 'planned' };
  return { state: verdict || 'unknown', tone: verdictTones[verdict] ?? 'blank' };
}

function rungLanes({ rungs }: IncidentRecord, to: Instant): Lane[] {
  const gateways = [...new Set(rungs.map(({ gateway }) => gateway))];
  return gateways.map((gateway) => ({
    label: `repair of ${gateway}`,
    stretches: rungs
      .filter((rung) => rung.gateway === gateway)
      .map(({ rung, startedAt, endedAt, result }): Stretch => {
        const isWell = result === 'success' || result === 'running';
        return {
          from: startedAt,
          to: endedAt ?? to,
          state: result === 'success' ? rung : `${rung}: ${result}`,
          tone: isWell ? 'work' : 'bad',
        };
      }),
  }));
}

/** Neighbours in one state are one stretch. */
function joined(stretches: readonly Stretch[]): Stretch[] {
  const found: Stretch[] = [];
  for (const stretch of stretches) {
    const last = found.at(-1);
    if (last !== undefined && last.state === stretch.state && stretch.from <= last.to)
      found[found.length - 1] = { ...last, to: Math.max(last.to, stretch.to) };
    else found.push(stretch);
  }
  return found;
}
