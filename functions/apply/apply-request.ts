/**
 * The apply function's input, checked against the bundled configuration before anything is read: sets and paths are
 * looked up, never trusted. Throws `MalformedInput` naming every field at fault.
 */

import { memoryFrom } from '../../core/store/stored';
import type { ApplyRequest } from '../../core/words/decision';
import type { Connection, Deployment } from '../../core/words/domain';
import { malformed, shown } from '../../core/words/malformed';
import { isFlag, isInstant, isRecord, isText, listOf, own } from '../../core/words/shape';

type Raw = Readonly<Record<string, unknown>>;

const kinds: readonly unknown[] = ['divert', 'failback', 'undo'];

export function parseApplyRequest(event: unknown, deployment: Deployment): ApplyRequest {
  const raw = recordOf(event);
  const decision = recordOf(raw['decision']);
  const name = raw['connection'];
  const connection = isText(name) ? own(deployment.connections, name) : undefined;
  const known = Object.keys(deployment.connections).join(', ');
  const problems = [
    ...wrong(raw['schema'] !== 1, 'schema', raw['schema'], 'must be 1'),
    ...wrong(connection === undefined, 'connection', name, `must be one of ${known}`),
    ...wrong(!isMemoryText(raw['memory']), 'memory', raw['memory'], 'must be the text assess returned'),
    ...wrong(!isLease(raw['lease']), 'lease', raw['lease'], 'must be null or {holder, token}'),
    ...problemsOfDecision(decision),
    ...(connection === undefined ? [] : problemsOfMoves(decision['moves'], connection)),
    // Observe never gets here; if it does, something upstream is wrong and no route may pay for it.
    ...wrong(connection?.mode === 'observe', 'connection', name, 'is in mode observe, which writes no route'),
  ];
  if (problems.length > 0) throw malformed('apply request', problems);
  return event as ApplyRequest;
}

function problemsOfDecision(decision: Raw): string[] {
  const field = (name: string, fits: (value: unknown) => boolean, mend: string): string[] =>
    wrong(!fits(decision[name]), `decision.${name}`, decision[name], mend);
  return [
    ...field('kind', (kind) => kinds.includes(kind), `must be one of ${kinds.join(', ')}`),
    ...field('because', isText, 'must be a text'),
    ...field('planDigest', isText, 'must be a text'),
    ...field('decidedAt', isInstant, 'must be epoch milliseconds'),
    ...field('lastSeenAt', (at) => at === undefined || isInstant(at), 'must be epoch milliseconds, or absent'),
    ...field('seen', isSeen, 'must be {at, text}, or absent'),
    ...['planned', 'lastResort', 'severe', 'trial'].flatMap((flag) => field(flag, isFlag, 'must be true or false')),
  ];
}

function isSeen(value: unknown): boolean {
  if (value === undefined) return true;
  const { at, text } = recordOf(value);
  return isInstant(at) && isText(text);
}

function problemsOfMoves(moves: unknown, connection: Connection): string[] {
  if (!Array.isArray(moves) || moves.length === 0)
    return wrong(true, 'decision.moves', moves, 'must be a list of moves');
  return moves.flatMap((value: unknown, i) => {
    const move = recordOf(value);
    const field = (name: string, fits: boolean, mend: string): string[] =>
      wrong(!fits, `decision.moves[${i}].${name}`, move[name], mend);
    return [
      ...field('routeSet', isNameIn(connection.routeSets, move['routeSet']), 'is no route set of it'),
      ...field('to', isNameIn(connection.paths, move['to']), 'is no path of it'),
      ...field('from', listOf(isText)(move['from']), 'must be a list of paths'),
      ...field('passed', isFlag(move['passed']), 'must be true or false'),
      ...field('missing', move['missing'] === undefined || isInstant(move['missing']), 'must be a count, or absent'),
    ];
  });
}

const isNameIn = (record: object, name: unknown): boolean => isText(name) && Object.hasOwn(record, name);

/** The memory is stored again after the write: if it could not be read, what it remembers would be lost. */
function isMemoryText(value: unknown): boolean {
  return isText(value) && value !== '' && memoryFrom(value).unread === undefined;
}

function isLease(value: unknown): boolean {
  if (value === null) return true;
  const lease = recordOf(value);
  return isText(lease['holder']) && Number.isInteger(lease['token']);
}

function wrong(isWrong: boolean, field: string, value: unknown, mend: string): string[] {
  return isWrong ? [`${field}: ${shown(value)} ${mend}`] : [];
}

const recordOf = (value: unknown): Raw => (isRecord(value) ? value : {});
