/**
 * How a run looks in a terminal: one line an entry, the route table as it moves, a summary that measures.
 *
 *       2:00.0  world      stop gw-a
 *       2:01.4  signal     ec2: i-0aaa… is stopping
 *       2:02.3  divert     path a is down: …; path b is proven healthy
 *       2:04.9  routes     office   a ──► b
 */
import pc from 'picocolors';
import { isOrderRung } from '../core/words/rungs';
import type { SimulationResult } from '../sim/simulate';
import type { TimelineEntry } from '../sim/timeline';
import { scenarioClock } from './scenario-clock';
import { wrapped } from './terminal';

const labelWidth = 11;
const indent = 10 + labelWidth;

const looks: Readonly<Record<string, { readonly label: string; readonly color: (text: string) => string }>> = {
  World: { label: 'world', color: pc.red },
  Signal: { label: 'signal', color: pc.dim },
  DivertRoutes: { label: 'divert', color: pc.yellow },
  FailBackRoutes: { label: 'fail back', color: pc.green },
  RepairGateway: { label: 'repair', color: pc.magenta },
  OrderSpeaker: { label: 'order', color: pc.magenta },
  Rung: { label: 'repaired', color: pc.magenta },
  Ordered: { label: 'ordered', color: pc.magenta },
  Told: { label: 'told', color: pc.blue },
  Routes: { label: 'routes', color: pc.cyan },
  AwaitNews: { label: 'wait', color: pc.dim },
};

/** To the right, up to a hundred minutes and more. */
const clock = (ms: number): string => scenarioClock(ms).padStart(8);

/** Which entries a person wants to see: the notice itself says more than the state that sends it. */
export const isTold = ({ state }: TimelineEntry): boolean => state !== 'NotifyPeople';

/** Something happens to the world, or is planned and begins by itself. */
export const isBeginning = ({ state }: TimelineEntry): boolean => state === 'World' || state === 'Told';

export function quietStart(ms: number, entries: number): string {
  const what =
    entries === 0
      ? 'deployed; canaries probe every path, all is quiet'
      : `deployed; ${entries} signals and looks, nothing to do`;
  return pc.dim(`${clock(0)}  ${'start'.padEnd(labelWidth)}${what} until ${scenarioClock(ms)}`);
}

export function entryLine({ atMs, state, because }: TimelineEntry): string {
  const { label, color } = looks[state] ?? { label: endLabel(state), color: pc.bold };
  const text = state === 'Routes' ? routeLines(because) : wrapped(because, indent);
  return `${pc.dim(clock(atMs))}  ${color(label.length < labelWidth ? label.padEnd(labelWidth) : `${label}  `)}${text}`;
}

/** `HandedToHolder` as `handed to holder`. */
const endLabel = (state: string): string => state.replace(/(?<!^)([A-Z])/g, ' $1').toLowerCase();

/** The move, and under it the set's route table as packets meet it. */
function routeLines(text: string): string {
  const [, move, table] = /^(.*?) \((.*)\)$/.exec(text) ?? [undefined, text, ''];
  const rows = table!.split(', ').filter((row) => row !== '');
  const lines = [
    pc.cyan(arrow(move!.replaceAll('between', 'moving'))),
    ...rows.map((row) => pc.dim(`  ${arrow(row)}`)),
  ];
  return lines.join(`\n${' '.repeat(indent)}`);
}

const arrow = (text: string): string => text.replace('->', '──►');

export function headline(title: string, name: string, seed: number): string {
  return `\n${pc.bold('Switchback')} ${pc.dim('·')} ${name} ${pc.dim('· seed')} ${seed}\n${title}\n`;
}

const seconds = (ms: number): string =>
  ms < 100_000 ? `${(ms / 1_000).toFixed(1)} s` : `${(ms / 60_000).toFixed(1)} min`;

/** Measured from the beginning of the story. */
export function summary(result: SimulationResult): string {
  const start = result.timeline.find(isBeginning)?.atMs ?? 0;
  const first = (...states: string[]): TimelineEntry | undefined =>
    result.timeline.find((e) => e.atMs >= start && states.includes(e.state));
  const since = (entry: TimelineEntry | undefined): string => (entry === undefined ? '–' : seconds(entry.atMs - start));
  const moved = result.timeline.filter((e) => e.state === 'Routes');
  const failback = first('FailBackRoutes');
  const home = failback && moved.find((e) => e.atMs >= failback.atMs);
  const tried = (isOrder: boolean): string =>
    result.repair.rungs.filter((rung) => isOrderRung(rung) === isOrder).join(', ');
  const orders: [string, string, string] = [
    'ordered',
    since(result.timeline.findLast((e) => e.state === 'Ordered')),
    tried(true),
  ];
  const rows: [string, string, string][] = [
    ['detected', since(first('Signal')), first('Signal')?.because ?? ''],
    ['decided', since(first('DivertRoutes')), ''],
    [
      'diverted',
      since(first('DivertRoutes') && moved[0]),
      result.transitions.toDivert === null ? '' : `${result.transitions.toDivert} state transitions`,
    ],
    ['repaired', since(result.timeline.findLast((e) => e.state === 'Rung')), tried(false)],
    ...(tried(true) === '' ? [] : [orders]),
    ['failed back', since(home), ''],
    ['users dark', seconds(result.users.darkMs), ''],
  ];
  const lines = rows.map(([what, when, note]) => `  ${what.padEnd(12)}${when.padStart(9)}   ${pc.dim(note)}`);
  const held = result.expectations.filter((e) => e.ok).length;
  const broken = result.expectations
    .filter((e) => !e.ok)
    .map((e) => pc.red(`  not as expected: ${e.what}; saw ${e.saw}`));
  const verdict =
    broken.length === 0
      ? pc.green(`ended as it should: ${result.outcome.replaceAll('_', ' ')}`)
      : pc.red(`ended ${result.outcome}`);
  return [
    '',
    ...routeTable(result),
    '',
    ...lines,
    '',
    `  ${verdict}, ${held} of ${result.expectations.length} expectations held, ${result.transitions.total} state transitions in all`,
    ...broken,
    '',
  ].join('\n');
}

/** Each route set's way, with the moments it moved. */
function routeTable(result: SimulationResult): string[] {
  const sets = Object.entries(result.routes.before);
  const width = Math.max(12, ...sets.map(([set]) => set.length + 2));
  return sets.map(([set, before]) => {
    const moves = result.routes.during
      .filter((change) => set in change)
      .filter((change) => change[set] !== 'between')
      .map((change) => `──${scenarioClock(Number(change['atMs']))}──► ${change[set]}`);
    return `  ${pc.cyan(set.padEnd(width))}${[before, ...moves].join(' ')}`;
  });
}
