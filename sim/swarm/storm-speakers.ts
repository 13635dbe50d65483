/**
 * What happens in a storm where partners listen to BGP: data is lost one way while the session stands, a speaker starts anew and
 * forgets what it was ordered, a partner goes by local-preference, people drain a path, and orders and readings get no answer.
 * From a stream of its own: the other storms stay what they are.
 */
import type { Connection, Deployment } from '../../core/words/domain';
import { minuteMs, secondMs } from '../../core/words/time';
import { type Random, randomStream } from '../../local-cloud/random';
import { isByBgp } from '../network/bgp';
import type { SingleStep } from '../scenario-steps';
import { weighted } from './site-parts';
import { dustMs, type Span, type Storm } from './storm-shape';

const weights = { oneWay: 40, restarted: 25, deaf: 15, drained: 15, unheard: 15 };
/** A speaker forgets soon after it has been told: that is when it matters. */
const forgetsAfterMs = [5 * secondMs, 90 * secondMs] as const;
const longestMs = 3 * minuteMs;

/** Nothing where nobody speaks BGP. */
export function withSpeakers(seed: number, storm: Storm, { connections }: Deployment): Storm {
  const random = randomStream(seed, 'swarm/speakers');
  const listening = Object.values(connections).filter(isByBgp);
  if (listening.length === 0) return storm;
  const drawn = Array.from({ length: random.int(1, 3) }, () => fault(random, storm, random.pick(listening)));
  return {
    ...storm,
    steps: [...storm.steps, ...drawn.flatMap(({ steps }) => steps)].sort((a, b) => a.at - b.at),
    troubles: [...storm.troubles, ...drawn.flatMap(({ trouble }) => trouble ?? [])],
  };
}

interface Drawn {
  readonly steps: readonly SingleStep[];
  /** Of the cloud itself, which excuses slowness. */
  readonly trouble?: Span;
}

function fault(random: Random, { startsMs, calmMs }: Storm, { name, paths, routeSets }: Connection): Drawn {
  const at = random.int(startsMs, calmMs - secondMs);
  const untilMs = Math.min(calmMs, at + random.int(10_000, longestMs));
  // Most often where users are: what happens to a standby moves no answers.
  const { home } = Object.values(routeSets)[0]!;
  const path = random.chance(0.75) ? home : random.pick(Object.keys(paths));
  const { gateway } = paths[path]!;
  const way = { do: 'one_way', path: `${name}/${path}` } as const;
  const oneWay: SingleStep[] = [
    { ...way, at, on: true },
    { ...way, at: untilMs, on: false },
  ];
  const restart = (after: number): SingleStep => ({ at: Math.min(calmMs, after), do: 'restart_speaker', gateway });
  const drawn: Record<keyof typeof weights, () => Drawn> = {
    oneWay: () => ({ steps: oneWay }),
    restarted: () => ({
      steps: random.chance(0.7) ? [...oneWay, restart(at + random.int(...forgetsAfterMs))] : [restart(at)],
    }),
    deaf: () => {
      const prefers = { do: 'partner_prefers_home', connection: name } as const;
      return { steps: [{ ...prefers, at, on: true }, { ...prefers, at: calmMs, on: false }, ...oneWay] };
    },
    drained: () => {
      const input = { connection: name, trigger: 'maintenance', path, until: '+5m', reason: 'kernel' };
      const steps: SingleStep[] = [{ at, do: 'command', input: { ...input, requestedBy: 'ana' } }];
      return { steps: random.chance(0.4) ? [...steps, restart(at + random.int(...forgetsAfterMs))] : steps };
    },
    unheard: () => {
      const operation = random.pick(['SendCommand', 'GetCommandInvocation', 'StartAutomationExecution'] as const);
      const fails = { do: 'fail', service: 'ssm', operation, error: 'InternalServerError', status: 500 } as const;
      return {
        steps: [...oneWay, { ...fails, at, landed: random.chance(0.4), times: random.int(1, 6) }],
        trouble: { fromMs: at - secondMs, untilMs: untilMs + dustMs },
      };
    },
  };
  return drawn[weighted(random, weights)]();
}
