/**
 * Some storms hold a spell in which the connection's item can be written but hardly read: chance alone makes too few of
 * them meet a repair under way.
 */
import { minuteMs, secondMs } from '../../core/words/time';
import { randomStream } from '../../local-cloud/random';
import type { Storm } from './storm-shape';

const ratio = 0.05;
/** Within that long after the first fault: repairs begin then. */
const spellMs = 3 * minuteMs;

export function withUnreadItem(seed: number, storm: Storm): Storm {
  const random = randomStream(seed, 'swarm/unread');
  if (!random.chance(ratio)) return storm;
  const { startsMs, calmMs } = storm;
  const error = { service: 'dynamodb', operation: 'GetItem', error: 'InternalServerError', status: 500, landed: false };
  const spells = Array.from({ length: 4 }, () => ({
    at: Math.min(startsMs + random.int(5 * secondMs, spellMs), calmMs - secondMs),
    do: 'fail' as const,
    ...error,
    times: random.int(2, 8),
  }));
  const steps = [...storm.steps, ...spells].sort((a, b) => a.at - b.at);
  return { ...storm, steps, troubles: [...storm.troubles, { fromMs: startsMs, untilMs: calmMs + 2 * minuteMs }] };
}
