/**
 * Makes the record of an incident out of the histories of its connection's executions, however many there were: handed
 * over, parked and resumed, or started by a signal only to wake the one that held the connection.
 *
 *     signal .. run: open, divert, told .. parked | sweep .. run: failback, finish | next incident
 *     [------------------------------ one record ---------------------------------]
 */
import { openRung, type RungRun } from '../store/memory';
import { isRecord, isText } from '../words/shape';
import { type Instant, minuteMs } from '../words/time';
import type {
  CanarySample,
  DarkSpan,
  IncidentDecision,
  IncidentRecord,
  IncidentRung,
  PathSpell,
  SetSpell,
} from './incident-record';
import { type RunFacts, runFacts, type TurnFacts } from './run-facts';
import { type RunHistory, textOr } from './run-history';

/** Whose it is. */
export type IncidentPlace = Pick<IncidentRecord, 'connection' | 'account' | 'region' | 'deployment'>;

/** A command, or the first signal, comes before the look that opens the incident: at most this long. */
const leadMs = 2 * minuteMs;

/** Null: none of those executions speaks of it. Executions of other connections are passed over. */
export function incidentRecord(
  id: string,
  histories: readonly RunHistory[],
  place: IncidentPlace,
): IncidentRecord | null {
  const runs = histories
    .map(runFacts)
    .filter(({ connection }) => connection === '' || connection === place.connection)
    .sort((a, b) => a.startedAt - b.startedAt);
  const turns = runs.flatMap((run) => run.turns.filter(({ incident }) => incident === id)).sort((a, b) => a.at - b.at);
  const [first] = turns;
  const last = turns.at(-1);
  if (first === undefined || last === undefined) return null;
  const opened = turns.map(({ memory }) => memory.incident).find((incident) => incident?.id === id);
  const closed = turns.map(({ memory }) => memory.lastIncident).findLast((incident) => incident?.id === id);
  const openedAt = opened?.openedAt ?? closed?.openedAt ?? first.at;
  const closedAt = last.decision['kind'] === 'finish' ? (closed?.closedAt ?? last.at) : null;
  const mine = runs.filter((run) => isOf(run, { id, from: openedAt - leadMs, until: closedAt }));
  const isMine = ownTimes(mine, id);
  return {
    schema: 1,
    id,
    ...place,
    openedAt,
    closedAt,
    because: (opened ?? closed)?.because ?? textOr(first.decision['because'], ''),
    executions: mine.map(({ execution: arn, startedAt, endedAt, end, transitions }) => ({
      arn,
      startedAt,
      endedAt,
      end,
      transitions,
    })),
    signals: mine
      .filter(({ command }) => command === null)
      .map(({ execution, startedAt: at, source }) => ({ at, source, execution })),
    paths: spellsByName(turns, pathSpells),
    sets: spellsByName(turns, setSpells),
    samples: turns.flatMap(samplesIn),
    decisions: turns.flatMap(decisionIn).filter(isNews),
    writes: mine.flatMap(({ writes }) => writes.filter((write) => isMine(write.execution, write.sentAt))),
    rungs: rungsOf(turns),
    notices: mine
      .flatMap(({ notices }) => notices.filter(({ execution, at }) => isMine(execution, at)))
      .sort((a, b) => a.at - b.at),
    commands: mine.flatMap(({ command }) => (command === null ? [] : [command])),
    dark: darkSpans(turns),
    gaps: mine.flatMap(({ gaps }) => gaps),
  };
}

interface Bounds {
  readonly id: string;
  readonly from: Instant;
  readonly until: Instant | null;
}

/** It took a turn of it; or, having taken none of any, it came while the incident lasted. */
function isOf({ turns, startedAt }: RunFacts, { id, from, until }: Bounds): boolean {
  if (turns.some(({ incident }) => incident === id)) return true;
  if (turns.some(({ incident }) => incident !== '')) return false;
  return startedAt >= from && startedAt <= (until ?? Number.POSITIVE_INFINITY);
}

/** What a run does belongs to the incident of the turn before it: one run may see two incidents. */
function ownTimes(runs: readonly RunFacts[], id: string): (execution: string, at: Instant) => boolean {
  const turnsOf = new Map(runs.map(({ execution, turns }) => [execution, turns]));
  return (execution, at) => {
    const before = turnsOf.get(execution)?.findLast((turn) => turn.at <= at && turn.incident !== '');
    return before === undefined || before.incident === id;
  };
}

/** How each name stood, turn by turn, without those that are as the one before. */
function spellsByName<T extends { readonly from: Instant }>(
  turns: readonly TurnFacts[],
  spellsIn: (turn: TurnFacts) => Readonly<Record<string, T>>,
): Record<string, T[]> {
  const spells: Record<string, T[]> = {};
  for (const turn of turns) {
    for (const [name, spell] of Object.entries(spellsIn(turn))) {
      const known = spells[name] ?? [];
      const before = known.at(-1);
      if (before !== undefined && stateOf(before) === stateOf(spell)) continue;
      spells[name] = [...known, spell];
    }
  }
  return spells;
}

/** What makes one spell another than the last: not when it was seen, nor the numbers in its reason. */
const stateOf = (spell: object): string => JSON.stringify({ ...spell, from: null, because: null });

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> => (isRecord(value) ? value : {});

function pathSpells({ at, situation }: TurnFacts): Record<string, PathSpell> {
  const why = fieldsOf(situation['why']);
  const drained = Array.isArray(situation['drained']) ? (situation['drained'] as unknown[]) : [];
  return Object.fromEntries(
    Object.entries(fieldsOf(situation['paths'])).map(([path, verdict]) => [
      path,
      { from: at, verdict: textOr(verdict, ''), because: textOr(why[path], ''), drained: drained.includes(path) },
    ]),
  );
}

function setSpells({ at, situation }: TurnFacts): Record<string, SetSpell> {
  const users = fieldsOf(situation['users']);
  return Object.fromEntries(
    Object.entries(fieldsOf(situation['sets'])).map(([set, on]) => {
      const { state, because } = fieldsOf(users[set]);
      return [set, { from: at, on: textOr(on, ''), users: textOr(state, ''), because: textOr(because, '') }];
    }),
  );
}

function samplesIn({ at, situation }: TurnFacts): CanarySample[] {
  return Object.entries(fieldsOf(situation['canaries'])).flatMap(([canary, value]) => {
    const { path, routeSet, verdict, lossRatio, rttMs } = fieldsOf(value);
    if (typeof lossRatio !== 'number') return [];
    return [
      {
        at,
        canary,
        path: isText(path) ? path : null,
        routeSet: isText(routeSet) ? routeSet : null,
        verdict: textOr(verdict, 'unknown') as CanarySample['verdict'],
        lossRatio,
        rttMs: typeof rttMs === 'number' ? rttMs : null,
      },
    ];
  });
}

function decisionIn(turn: TurnFacts): IncidentDecision[] {
  const { at, execution, decision, situation } = turn;
  const paths = Object.entries(pathSpells(turn)).map(
    ([path, spell]) => `path ${path} is ${spell.drained ? 'drained, ' : ''}${spell.verdict}${reason(spell)}`,
  );
  const sets = Object.entries(setSpells(turn)).map(
    ([set, spell]) => `${set} is on ${spell.on || 'nothing'}${spell.users && `, users ${spell.users}`}${reason(spell)}`,
  );
  return [
    {
      at,
      execution,
      kind: textOr(decision['kind'], ''),
      rule: textOr(decision['rule'], ''),
      because: textOr(decision['because'], ''),
      evidence: [...paths, ...sets],
      raw: { decision, situation },
    },
  ];
}

const reason = ({ because }: { readonly because: string }): string => (because === '' ? '' : `: ${because}`);

/** The same wait, said at every look, is one decision. */
const isNews = ({ kind, because }: IncidentDecision, i: number, all: readonly IncidentDecision[]): boolean =>
  i === 0 || kind !== 'hold' || all[i - 1]!.kind !== kind || all[i - 1]!.because !== because;

/** Each as it was seen last; memory forgets one a soak after its path is well. */
function rungsOf(turns: readonly TurnFacts[]): IncidentRung[] {
  const seen = new Map<string, RungRun>();
  for (const { memory } of turns) for (const rung of memory.rungs) seen.set(rung.clientToken, rung);
  const isRunning = (rung: RungRun): boolean => openRung(turns.at(-1)!.memory)?.clientToken === rung.clientToken;
  return [...seen.values()].map((rung) => ({
    rung: rung.rung,
    path: rung.path,
    gateway: rung.gateway,
    purpose: rung.purpose ?? 'repair',
    startedAt: rung.startedAt,
    endedAt: rung.endedAt,
    result: rung.endedAt === null && !isRunning(rung) ? 'unknown' : rung.result,
    said: rung.said ?? '',
    because: rung.because,
  }));
}

/**
 * From the first miss, as memory has it, for as long as memory has added it up: what people were told. Where a finish has
 * cleared that already: to the first answer, as the set's canary has it or the next look shows.
 */
function darkSpans(turns: readonly TurnFacts[]): DarkSpan[] {
  const spans: DarkSpan[] = [];
  const open = new Map<string, { readonly from: Instant; readonly beforeMs: number }>();
  for (const turn of turns) {
    const dark = Object.entries(turn.memory.unserved).flatMap(([set, { dark: from }]) =>
      from === null ? [] : [[set, from] as const],
    );
    const addedUp = ({ memory }: TurnFacts, set: string): number => memory.darkMs[set] ?? 0;
    for (const [routeSet, { from, beforeMs }] of open) {
      if (dark.some(([set]) => set === routeSet)) continue;
      const ms = addedUp(turn, routeSet) - beforeMs;
      spans.push({ routeSet, from, until: ms > 0 ? from + ms : answeredAt(turn, routeSet, from) });
      open.delete(routeSet);
    }
    for (const [set, from] of dark) if (!open.has(set)) open.set(set, { from, beforeMs: addedUp(turn, set) });
  }
  const lasting = [...open].map(([routeSet, { from }]) => ({ routeSet, from, until: null }));
  return [...spans, ...lasting].sort((a, b) => a.from - b.from);
}

function answeredAt({ at, situation }: TurnFacts, routeSet: string, from: Instant): Instant {
  const since = Object.values(fieldsOf(situation['canaries']))
    .map(fieldsOf)
    .filter((canary) => canary['routeSet'] === routeSet && canary['verdict'] !== 'down')
    .flatMap((canary) => (typeof canary['since'] === 'number' ? [canary['since']] : []))
    .filter((instant) => instant > from && instant <= at);
  return Math.min(at, ...since);
}
