/**
 * What we stored in our own items, read back. It may have been written by an older or a newer version, or mended by
 * hand, so nothing is believed before its shape is checked.
 *
 * Law: what cannot be read is kept, said, held (rule 1), never forgotten: a rung would be started twice, a drain ignored.
 */
import type {
  Declaration,
  DeclaredIds,
  DivertWord,
  Drain,
  DrillWord,
  FailbackWord,
  GatewayIdentity,
  Pause,
  RehearsalWord,
  Replacement,
} from '../words/domain';
import type { Apart, Observation } from '../words/evidence';
import { shown } from '../words/malformed';
import { limits } from '../words/policy';
import { rungs } from '../words/rungs';
import {
  isFlag,
  isInstant,
  isRecord,
  isText,
  listOf,
  oneOf,
  orAbsent,
  orNull,
  parsed,
  recordOf,
  shapeOf,
  type Unread,
} from '../words/shape';
import {
  type Announcement,
  type Blip,
  type DrillRecord,
  type DrillUnderWay,
  drillOutcomes,
  emptyMemory,
  type Memory,
  type Move,
  type MoveBefore,
  type PutBack,
  purposes,
  type RehearsalRecord,
  type RehearsalUnderWay,
  type RungRun,
  rehearsalOutcomes,
  rungResults,
  type Unserved,
  type Unwritten,
} from './memory';
import { isPlannedEvent } from './planned-event';
import { isDrainProof, isOrder } from './speaker-order';

/** The lease's own numbers are damaged: nobody can say who holds what, so the run ends here and the next one asks again. */
class StoredItemInvalid extends Error {
  override readonly name = 'StoredItemInvalid';
}

const moveShape = {
  kind: oneOf('divert', 'failback', 'undo'),
  from: listOf(isText),
  to: isText,
  at: isInstant,
  state: oneOf('tried', 'sent', 'begun', 'whole'),
  missing: orAbsent(isInstant),
  planned: isFlag,
  lastResort: isFlag,
  leftWorkingPath: isFlag,
  trial: isFlag,
  outcome: oneOf('unconfirmed', 'confirmed', 'contradicted'),
} as const;

const isMove = shapeOf<Move>({ ...moveShape, because: isText, over: orAbsent(shapeOf<MoveBefore>(moveShape)) });

const isId = (value: unknown): value is string => isText(value) && value !== '';

const isWord = shapeOf<FailbackWord>({ since: isInstant, routeSet: orNull(isText), requestedBy: isText });

/** A word that cannot be read counts as not given: then routes stay where they are. */
export function wordFrom(value: unknown): FailbackWord | null {
  const word = isText(value) ? parsed(value) : value;
  return isWord(word) ? word : null;
}

const isDivertWord = shapeOf<DivertWord>({
  since: isInstant,
  until: isInstant,
  to: isText,
  reason: isText,
  requestedBy: isText,
});

/** An attribute of the connection item of its own for each set: a map would have to be there before the first word. */
export const divertField = (routeSet: string): string => `${divertPrefix}${routeSet}`;
const divertPrefix = 'divert#';

/** By set. A word that cannot be read counts as not given: then routes stay where they are. */
export function divertsFrom(item: Readonly<Record<string, unknown>>): Record<string, DivertWord> {
  const words = Object.entries(item).flatMap(([field, value]): [string, DivertWord][] => {
    if (!field.startsWith(divertPrefix)) return [];
    const word = isText(value) ? parsed(value) : value;
    return isDivertWord(word) ? [[field.slice(divertPrefix.length), word]] : [];
  });
  return Object.fromEntries(words);
}

/** A drill that cannot be read counts as not asked for. */
export function drillWordFrom(value: unknown): DrillWord | null {
  const word = isText(value) ? parsed(value) : value;
  return isDrillWord(word) ? word : null;
}

const isDrillWord = shapeOf<DrillWord>({ since: isInstant, routeSet: orNull(isText), requestedBy: isText });

const isAsked = shapeOf<RehearsalWord>({ since: isInstant, requestedBy: isText });

/** A rehearsal that cannot be read counts as not asked for: then no tunnel is taken away. */
export function rehearsalWordFrom(value: unknown): RehearsalWord | null {
  const word = isText(value) ? parsed(value) : value;
  return isAsked(word) ? word : null;
}

const isIdentity = shapeOf<GatewayIdentity>({ instanceId: isId, routeInterfaceId: isId });
const isDeclared = shapeOf<DeclaredIds>({ instanceId: isId, routeInterfaceId: isId, allocationId: orNull(isId) });

const isRungRun = shapeOf<RungRun>({
  rung: oneOf(...rungs),
  path: isText,
  gateway: isText,
  clientToken: isText,
  startedAt: isInstant,
  deadlineAt: isInstant,
  endedAt: orNull(isInstant),
  result: oneOf(...rungResults),
  because: isText,
  declared: (value): value is DeclaredIds | undefined => value === undefined || isDeclared(value),
  beside: orAbsent(isFlag),
  untold: orAbsent(isFlag),
  said: orAbsent(isText),
  tunnel: orAbsent(isText),
  purpose: orAbsent(oneOf(...purposes)),
  record: orAbsent(oneOf('follows', 'right', 'wrong')),
});

const rehearsalShape = {
  by: oneOf('peer', 'aws'),
  tunnel: isText,
  openedAt: isInstant,
  darkMs: isInstant,
  requestedBy: isText,
} as const;

const isMemory = shapeOf<Memory>({
  schema: oneOf(1),
  incident: orNull(shapeOf({ id: isText, openedAt: isInstant, because: isText })),
  moves: recordOf(isMove),
  rungs: listOf(isRungRun),
  healthySince: recordOf(isInstant),
  severeSince: recordOf(isInstant),
  downSince: recordOf(isInstant),
  blips: recordOf(listOf(shapeOf<Blip>({ at: isInstant, ms: isInstant }))),
  silence: recordOf(shapeOf<Memory['silence'][string]>({ since: isInstant, until: isInstant })),
  usedSince: recordOf(shapeOf<Memory['usedSince'][string]>({ path: orNull(isText), at: isInstant })),
  told: recordOf(isInstant),
  reminded: recordOf(isInstant),
  goneSince: recordOf(isInstant),
  toTell: listOf(shapeOf<Announcement>({ key: isText, text: isText, waitsUntil: orAbsent(isInstant) })),
  undone: isFlag,
  contradicted: recordOf(recordOf(isInstant)),
  unserved: recordOf(shapeOf<Unserved>({ dark: orNull(isInstant), hurt: orNull(isInstant), slow: isInstant })),
  darkMs: recordOf(isInstant),
  servedOn: recordOf(isText),
  triedAt: recordOf(isInstant),
  slowSince: recordOf(isInstant),
  unwritten: recordOf(
    shapeOf<Unwritten>({
      call: isText,
      table: isText,
      destination: isText,
      to: isText,
      detail: isText,
      refused: isFlag,
      since: isInstant,
      at: isInstant,
      tries: isInstant,
    }),
  ),
  settledJournal: orAbsent(isInstant),
  blindSince: orAbsent(isInstant),
  putBack: recordOf(shapeOf<PutBack>({ from: isText, to: isText, times: isInstant, at: isInstant })),
  lastIncident: orNull(shapeOf({ id: isText, openedAt: isInstant, closedAt: isInstant, because: isText })),
  practisedAt: recordOf(isInstant),
  undeclaredSince: recordOf(isInstant),
  scheduled: recordOf(listOf(isPlannedEvent)),
  healthToldAt: recordOf(isInstant),
  budgets: shapeOf<Memory['budgets']>({
    moves: listOf(isInstant),
    failbacks: listOf(isInstant),
    severeMoves: listOf(isInstant),
    repairs: listOf(isInstant),
    replaces: listOf(isInstant),
  }),
  configured: orAbsent(isText),
  replacedAt: recordOf(listOf(isInstant)),
  orders: recordOf(isOrder),
  drainProofs: recordOf(isDrainProof),
  rehearsal: orNull(
    shapeOf<RehearsalUnderWay>({
      ...rehearsalShape,
      path: isText,
      until: isInstant,
      downAt: orNull(isInstant),
      darkSince: orNull(isInstant),
    }),
  ),
  lastRehearsal: orNull(shapeOf<RehearsalRecord>({ ...rehearsalShape, outcome: oneOf(...rehearsalOutcomes) })),
  drill: orNull(
    shapeOf<DrillUnderWay>({
      openedAt: isInstant,
      until: isInstant,
      sets: recordOf(isText),
      requestedBy: isText,
      aborted: orNull(isText),
      darkSince: orNull(isInstant),
      darkMs: isInstant,
    }),
  ),
  lastDrill: orNull(
    shapeOf<DrillRecord>({
      openedAt: isInstant,
      darkMs: isInstant,
      requestedBy: isText,
      outcome: oneOf(...drillOutcomes),
      because: isText,
    }),
  ),
  unread: orAbsent(isText),
});

/** A counter of the lease; absent: 0. Throws `StoredItemInvalid`. */
export function counterFrom(field: string, value: unknown): number {
  if (value === undefined || value === null) return 0;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw new StoredItemInvalid(`connection item: ${field}: ${shown(value)} must be a whole number; set it to one`);
}

/** Memory text to memory. What cannot be read is carried along in `unread`, for the version that can. */
export function memoryFrom(text: unknown): Memory {
  if (text === undefined || text === null || text === '') return emptyMemory;
  const memory = isText(text) ? readMemory(text) : null;
  if (memory === null) return { ...emptyMemory, unread: isText(text) ? text : JSON.stringify(text) };
  // Written by a version that could not read what we may.
  return (memory.unread === undefined ? null : readMemory(memory.unread)) ?? memory;
}

/** Null: damaged, or of another schema. A field that an older version did not know has its default. */
function readMemory(text: string): Memory | null {
  const value = parsed(text);
  if (!isRecord(value)) return null;
  const budgets = isRecord(value['budgets']) ? { ...emptyMemory.budgets, ...value['budgets'] } : value['budgets'];
  const whole = {
    ...emptyMemory,
    schema: undefined,
    ...value,
    ...(budgets !== undefined && { budgets }),
    ...ofOlderVersions(value),
  };
  return isMemory(whole) ? whole : null;
}

/** Fields whose shape has grown, as the version before the growth wrote them. */
function ofOlderVersions({ moves, contradicted, incident }: Readonly<Record<string, unknown>>): object {
  const since = isRecord(incident) && isInstant(incident['openedAt']) ? incident['openedAt'] : 0;
  return {
    ...(isRecord(moves) && {
      moves: mapOf(moves, (move) => (isRecord(move) ? { state: 'whole', trial: false, ...move } : move)),
    }),
    ...(isRecord(contradicted) && {
      contradicted: mapOf(contradicted, (path) => (isText(path) ? { [path]: since } : path)),
    }),
  };
}

function mapOf(record: Readonly<Record<string, unknown>>, f: (value: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]));
}

export function unreadMemory(memory: Memory): Unread[] {
  if (memory.unread === undefined) return [];
  const mend = 'bring back the version that wrote it, or acknowledge to go on without it';
  return [{ field: 'memory', seen: shown(memory.unread), mend }];
}

const isDrain = shapeOf<Drain>({
  kind: oneOf('soft', 'hard'),
  since: isInstant,
  until: isInstant,
  reason: isText,
  requestedBy: isText,
});

const isPause = shapeOf<Pause>({ since: isInstant, until: isInstant, reason: isText, requestedBy: isText });

/** Drains by path, and those that cannot be read. */
export function drainsFrom(value: unknown): { drains: Record<string, Drain>; unread: Unread[] } {
  if (value === undefined || value === null) return { drains: {}, unread: [] };
  if (!isRecord(value)) {
    return { drains: {}, unread: [{ field: 'drains', seen: shown(value), mend: 'make it a map of paths again' }] };
  }
  const read = Object.entries(value).map(([path, text]) => [path, isText(text) ? parsed(text) : text] as const);
  return {
    drains: Object.fromEntries(read.flatMap(([path, drain]) => (isDrain(drain) ? [[path, drain]] : []))),
    unread: read.flatMap(([path, drain]) =>
      isDrain(drain)
        ? []
        : [{ field: `drains.${path}`, seen: shown(value[path]), mend: `end the maintenance of ${path}` }],
    ),
  };
}

export function pauseFrom(value: unknown): { paused: Pause | null; unread: Unread[] } {
  if (value === undefined || value === null) return { paused: null, unread: [] };
  const pause = isText(value) ? parsed(value) : value;
  if (isPause(pause)) return { paused: pause, unread: [] };
  return { paused: null, unread: [{ field: 'paused', seen: shown(value), mend: 'resume, or pause anew' }] };
}

/** What belongs to a journalled identity and cannot be read is no part of it: it then counts as an older version's. */
export function identityFrom(gateway: string, value: unknown): { identity: Replacement | null; unread: Unread | null } {
  if (value === undefined || value === null) return { identity: null, unread: null };
  const identity = isText(value) ? parsed(value) : value;
  if (isRecord(identity) && isIdentity(identity)) return { identity: replacementFrom(identity), unread: null };
  const mend = 'bring back the version that wrote it, or write the ids of the instance that serves now';
  return { identity: null, unread: { field: `identity of ${gateway}`, seen: shown(value), mend } };
}

function replacementFrom(value: GatewayIdentity & Readonly<Record<string, unknown>>): Replacement {
  const { instanceId, routeInterfaceId, replaced, former } = value;
  return {
    instanceId,
    routeInterfaceId,
    ...(isDeclared(replaced) && { replaced: declaredFrom(replaced) }),
    ...(Array.isArray(former) && { former: identitiesFrom(former) }),
  };
}

/** A note that cannot be read was acted on by nobody: the sweep writes it anew. */
export function declarationFrom(value: unknown): Declaration | undefined {
  const declared = isText(value) ? parsed(value) : value;
  if (!isRecord(declared) || !isDeclared(declared)) return undefined;
  return { ...declaredFrom(declared), former: identitiesFrom((declared as { former?: unknown }).former) };
}

const isApart = shapeOf<Apart>({
  what: oneOf('unjournalled', 'unwritten'),
  instanceId: isId,
  routeInterfaceId: isId,
  since: isInstant,
});

/** As with a declaration. */
export function apartFrom(value: unknown): Apart | undefined {
  const apart = isText(value) ? parsed(value) : value;
  return isApart(apart) ? apart : undefined;
}

const identitiesFrom = (value: unknown): GatewayIdentity[] =>
  (Array.isArray(value) ? value : [])
    .filter(isIdentity)
    .slice(0, limits.formerIdentitiesMax)
    .map(({ instanceId, routeInterfaceId }) => ({ instanceId, routeInterfaceId }));

const declaredFrom = ({ instanceId, routeInterfaceId, allocationId }: DeclaredIds): DeclaredIds => ({
  instanceId,
  routeInterfaceId,
  allocationId,
});

const isObservation = shapeOf<Observation>({
  instanceId: isText,
  state: oneOf('pending', 'running', 'stopping', 'stopped', 'shutting-down', 'terminated'),
  at: isInstant,
});

/**
 * An observation that cannot be read counts as none: its signal has woken the run all the same, and EC2 is asked
 * anyway.
 */
export function observationFrom(value: unknown): Observation | null {
  if (!isObservation(value)) return null;
  const { instanceId, state, at } = value;
  return { instanceId, state, at };
}
