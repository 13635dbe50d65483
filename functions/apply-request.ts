/**
 * The apply function's input, checked against the bundled configuration before anything is read: sets and paths are
 * looked up, never trusted. Throws `MalformedInput` naming every field at fault.
 */
import type { ApplyRequest } from '../core/decision';
import type { Connection, Deployment } from '../core/domain';
import { MalformedInput } from '../core/request';

type Raw = Readonly<Record<string, unknown>>;

const kinds = ['divert', 'failback', 'undo'];

export function parseApplyRequest(event: unknown, deployment: Deployment): ApplyRequest {
  const raw = recordOf(event);
  const decision = recordOf(raw['decision']);
  const connection = deployment.connections[String(raw['connection'])];
  const problems = [
    ...wrong(raw['schema'] !== 1, 'schema', raw['schema'], 'must be 1'),
    ...wrong(
      connection === undefined,
      'connection',
      raw['connection'],
      `must be one of ${Object.keys(deployment.connections).join(', ')}`,
    ),
    ...wrong(typeof raw['memory'] !== 'string', 'memory', raw['memory'], 'must be the text assess returned'),
    ...wrong(!isLease(raw['lease']), 'lease', raw['lease'], 'must be null or {holder, token}'),
    ...wrong(
      !kinds.includes(String(decision['kind'])),
      'decision.kind',
      decision['kind'],
      `must be one of ${kinds.join(', ')}`,
    ),
    ...wrong(
      typeof decision['planDigest'] !== 'string',
      'decision.planDigest',
      decision['planDigest'],
      'must be a text',
    ),
    ...wrong(
      !Number.isFinite(decision['decidedAt']),
      'decision.decidedAt',
      decision['decidedAt'],
      'must be epoch milliseconds',
    ),
    ...(connection === undefined ? [] : problemsOfMoves(decision['moves'], connection)),
    // Observe never gets here; if it does, something upstream is wrong and no route may pay for it.
    ...wrong(
      connection?.mode === 'observe',
      'connection',
      raw['connection'],
      'is in mode observe, which writes no route',
    ),
  ];
  if (problems.length > 0) throw new MalformedInput(`apply request: ${problems.join('; ')}`);
  return event as ApplyRequest;
}

function problemsOfMoves(moves: unknown, connection: Connection): string[] {
  if (!Array.isArray(moves) || moves.length === 0)
    return wrong(true, 'decision.moves', moves, 'must be a list of moves');
  return moves.flatMap((value: unknown, i) => {
    const move = recordOf(value);
    const [set, to] = [String(move['routeSet']), String(move['to'])];
    return [
      ...wrong(
        !(set in connection.routeSets),
        `decision.moves[${i}].routeSet`,
        move['routeSet'],
        'is no route set of it',
      ),
      ...wrong(!(to in connection.paths), `decision.moves[${i}].to`, move['to'], 'is no path of it'),
    ];
  });
}

function isLease(value: unknown): boolean {
  if (value === null) return true;
  const lease = recordOf(value);
  return typeof lease['holder'] === 'string' && Number.isInteger(lease['token']);
}

function wrong(isWrong: boolean, field: string, value: unknown, mend: string): string[] {
  return isWrong ? [`${field}: ${JSON.stringify(value) ?? 'missing'} ${mend}`] : [];
}

const recordOf = (value: unknown): Raw => (typeof value === 'object' && value !== null ? (value as Raw) : {});
