/**
 * `switchback status`: how each connection stands now, and whether anybody has to do anything. Not well, and so exit 1, is
 * an open incident, a path that does not work, users who are not served or not at home, and whatever waits for a person.
 */
import pc from 'picocolors';
import { type PathAssessment, type SetAssessment, verdictText } from '../../core/assess/assessment';
import { drainProofText, spokenText } from '../../core/gateways/speaker';
import { isHeld } from '../../core/store/lease';
import { type Memory, openRung } from '../../core/store/memory';
import { moveText } from '../../core/words/decision';
import type { ConnectionName } from '../../core/words/domain';
import { orderText } from '../../core/words/orders';
import { own } from '../../core/words/shape';
import { instantText, spanText } from '../../core/words/time';
import { harmlessValue } from '../harmless';
import { padded, wrapped } from '../terminal';
import { exitCodes } from './exit-codes';
import { type ConnectionLook, lookAt } from './look';
import { type Outcome, oneOfNames, type Work } from './operate';
import type { Session } from './session';
import { leasesOf } from './standing-orders';

/** One connection, said in words; the value of `--json`. */
export interface ConnectionStatus {
  readonly connection: ConnectionName;
  readonly mode: string;
  readonly well: boolean;
  readonly incident: { readonly id: string; readonly since: string; readonly because: string } | null;
  /** When the last incident closed; null: there was none. */
  readonly quietSince: string | null;
  readonly paths: readonly PathStatus[];
  readonly sets: readonly SetStatus[];
  readonly repair: string | null;
  /** The drill that is open, or the last one; null: there was none. */
  readonly drill: string | null;
  readonly paused: string | null;
  readonly next: string;
  /** What waits for a person. */
  readonly asks: readonly string[];
  readonly unread: readonly string[];
}

interface PathStatus {
  readonly path: string;
  readonly verdict: string;
  readonly because: string;
  readonly drained: string | null;
  /** What its speaker says, and what is known of a drain; null: its answers follow no speaker of ours. */
  readonly speaker: string | null;
}

interface SetStatus {
  readonly set: string;
  readonly home: string;
  /** Empty: nobody knows. */
  readonly on: readonly string[];
  readonly foreign: readonly string[];
  readonly users: string;
  readonly because: string;
}

export const status =
  (only: string | undefined): Work =>
  async (session) => {
    const { deployment, whereabouts, world } = session;
    if (only !== undefined) oneOfNames(only, Object.keys(deployment.connections), 'connection');
    const all = harmlessValue(await statusesOf(session, only));
    const unwell = all.filter(({ well }) => !well).length;
    const count = `${all.length} ${all.length === 1 ? 'connection' : 'connections'}`;
    const head = [
      pc.bold(whereabouts.name),
      whereabouts.region,
      whereabouts.account,
      instantText(world.now()),
      unwell === 0 ? pc.green(`${count}, all well`) : pc.red(`${count}, ${unwell} not well`),
    ].join('  ');
    const { name, region, account, dashboard } = whereabouts;
    return {
      code: unwell === 0 ? exitCodes.well : exitCodes.notWell,
      lines: [wrapped(head, 0), ...all.flatMap(statusLines)],
      json: { name, region, account, dashboard, at: instantText(world.now()), well: unwell === 0, connections: all },
    } satisfies Outcome;
  };

async function statusesOf(session: Session, only: string | undefined): Promise<ConnectionStatus[]> {
  const leases = (await leasesOf(session)).filter(([name]) => only === undefined || name === only);
  return Promise.all(
    leases.map(async ([name, lease]) => {
      const connection = session.deployment.connections[name]!;
      return lease === null
        ? unseeded(name, connection.mode, firstLook(session))
        : statusOf({ ...(await lookAt(session, connection, lease)), deployment: session.deployment });
    }),
  );
}

/** When a connection is looked at that nobody has looked at yet. */
export const firstLook = ({ deployment: { standsInFor } }: Pick<Session, 'deployment'>): string =>
  standsInFor === undefined
    ? 'the sweep looks at it for the first time within a minute of its deploy'
    : `it stands by for ${standsInFor.name} and decides nothing until switchback takeover --from ${standsInFor.region}`;

const unseeded = (connection: ConnectionName, mode: string, next: string): ConnectionStatus => ({
  connection,
  mode,
  well: false,
  incident: null,
  quietSince: null,
  paths: [],
  sets: [],
  repair: null,
  drill: null,
  paused: null,
  next,
  asks: [],
  unread: [],
});

type Looked = ConnectionLook & Pick<Session, 'deployment'>;

function statusOf(seen: Looked): ConnectionStatus {
  const { connection, lease, assessment, asks, unread, at } = seen;
  const { incident, lastIncident } = lease.memory;
  const paths = Object.values(assessment.paths);
  const sets = Object.values(assessment.sets);
  return {
    connection: connection.name,
    mode: connection.mode,
    well: incident === null && asks.length === 0 && paths.every(isWell) && sets.every(isServedAtHome),
    incident: incident && { id: incident.id, since: instantText(incident.openedAt), because: incident.because },
    quietSince: lastIncident && instantText(lastIncident.closedAt),
    paths: paths.map((path) => ({
      path: path.path,
      verdict: verdictText(path),
      because: path.because,
      drained: orderText(own(lease.desired.drains, path.path), at) || null,
      speaker: speakerText(seen, path.path),
    })),
    sets: sets.map(({ routeSet, home, used, foreign, users }) => ({
      set: routeSet,
      home,
      on: used,
      foreign,
      users: users.state,
      because: users.because,
    })),
    repair: repairText(seen),
    drill: drillText(lease.memory),
    paused: orderText(lease.desired.paused ?? undefined, at) || null,
    next: nextText(seen),
    asks,
    unread,
  };
}

function speakerText(seen: Looked, path: string): string | null {
  const view = { ...seen, memory: seen.lease.memory, now: seen.at };
  const said = spokenText(view, path);
  return said === '' ? null : `${said}; ${drainProofText(view, path)}`;
}

const isWell = ({ verdict, drained }: PathAssessment): boolean => drained || verdict === 'healthy';

const isServedAtHome = ({ used, home, foreign, users }: SetAssessment): boolean =>
  foreign.length === 0 && used.length === 1 && used[0] === home && !['slow', 'severe', 'dark'].includes(users.state);

function repairText({ lease, at }: ConnectionLook): string | null {
  const rung = openRung(lease.memory);
  if (rung === null) return null;
  const { path, startedAt, deadlineAt } = rung;
  return `${rung.rung} on path ${path} for ${spanText(at - startedAt)}, at most till ${instantText(deadlineAt)}`;
}

function drillText({ drill, lastDrill }: Memory): string | null {
  if (drill !== null) {
    const where = Object.entries(drill.sets).map(([set, to]) => `${set} to ${to}`);
    return `open, asked for by ${drill.requestedBy}: ${where.join(', ')} until ${instantText(drill.until)}`;
  }
  if (lastDrill === null) return null;
  const { outcome, openedAt, because, darkMs } = lastDrill;
  return `${outcome} ${instantText(openedAt)}: ${because}; users were dark for ${spanText(darkMs)}`;
}

function nextText({ decision, lease, at }: ConnectionLook): string {
  const { kind, because } = decision;
  if (kind === 'park') return because; // It says itself that nothing is due.
  const what =
    'moves' in decision
      ? `${kind} ${decision.moves.map(moveText).join(', ')}`
      : kind === 'repair'
        ? `${decision.rung} on path ${decision.path}`
        : kind === 'hold'
          ? `nothing before ${instantText(decision.until)}`
          : kind === 'escalate'
            ? 'people are asked'
            : 'nothing';
  return `${what}: ${because}${isHeld(lease, at) ? ' (a run is on it)' : ''}`;
}

const verdictColors: Readonly<Record<string, (text: string) => string>> = {
  healthy: pc.green,
  served: pc.green,
  down: pc.red,
  dark: pc.red,
  severe: pc.red,
  degraded: pc.yellow,
  slow: pc.yellow,
};
const coloured = (word: string, width: number): string =>
  padded((verdictColors[word.split(' ')[0]!] ?? pc.dim)(word), width);

function statusLines(status: ConnectionStatus): string[] {
  const { connection, mode, incident, quietSince, paths, sets, repair, drill, paused, next, asks, unread } = status;
  const names = [...paths.map(({ path }) => path), ...sets.map(({ set }) => set)];
  const width = Math.max(6, ...names.map(({ length }) => length + 5));
  const line = (label: string, text: string): string => `  ${label.padEnd(width)}  ${wrapped(text, width + 4)}`;
  const state =
    incident !== null
      ? pc.red(`incident ${incident.id} since ${incident.since}: ${incident.because}`)
      : quietSince === null
        ? 'no incident yet'
        : `quiet since ${quietSince}`;
  return [
    '',
    wrapped(`${pc.bold(connection)}  ${mode}  ${state}`, 2).trimStart(),
    ...paths.flatMap(({ path, verdict, because, drained, speaker }) => [
      line(`path ${path}`, `${coloured(verdict, 10)}  ${because}`),
      ...(drained === null ? [] : [line('', pc.yellow(`drained ${drained}`))]),
      ...(speaker === null ? [] : [line('', `speaker: ${speaker}`)]),
    ]),
    ...sets.map((set) =>
      line(set.set, `${coloured(set.users, 10)}  ${placeText(set)}; users ${set.users}: ${set.because}`),
    ),
    ...(repair === null ? [] : [line('repair', pc.magenta(repair))]),
    ...(drill === null ? [] : [line('drill', drill)]),
    ...(paused === null ? [] : [line('paused', pc.yellow(paused))]),
    line('next', next),
    ...(asks.length === 0 ? [line('you', 'nothing')] : asks.map((ask, i) => line(i === 0 ? 'you' : '', pc.red(ask)))),
    ...unread.map((reason) => line('unread', pc.dim(reason))),
  ];
}

function placeText({ on, home, foreign }: SetStatus): string {
  if (foreign.length > 0) return `manual: ${foreign.join(', ')}`;
  if (on.length === 0) return `nobody knows where, home ${home}`;
  return on.length === 1 && on[0] === home ? `at home on ${home}` : `on ${on.join('+')}, home ${home}`;
}
