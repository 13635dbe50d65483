/**
 * Stories of AWS's tunnels that take longer than a storm lasts: tunnels DOWN or one-way until they may be replaced,
 * maintenance that is announced and applied, the rehearsal of a second tunnel. Most of what else the storm holds is left
 * out then: it would hide what they are told for.
 *
 * Drawn from a stream of their own, and only where the site has such tunnels.
 */
import type { Connection, Deployment, GatewayName, VpnConnectionGateway } from '../../core/words/domain';
import { instancesOf, vpnsOf } from '../../core/words/gateways';
import { hourMs, minuteMs, secondMs } from '../../core/words/time';
import { type Random, randomStream } from '../../local-cloud/random';
import type { SingleStep } from '../scenario-steps';
import { weighted } from './site-parts';
import type { Bare } from './storm-managed';
import type { Storm } from './storm-shape';

const storyRatio = 0.3;
/** A tunnel is known to have carried by then. */
const shownMs = 850 * secondMs;
/** The storm goes on beside it. */
const alsoRatio = 0.3;

/** Each as likely as its weight where it can happen; counted by name in the coverage. */
export const storyWeights = {
  'tunnels down for long': 10,
  'one way for long': 6,
  'maintenance announced': 8,
  'rehearsal asked for': 40,
};

export interface LongStorm extends Storm {
  readonly stories: readonly string[];
}

/** A connection and a path of it over AWS's own VPN. */
interface Subject {
  readonly connection: Connection;
  readonly gateway: VpnConnectionGateway;
}

export function withTunnels(seed: number, storm: Storm, deployment: Deployment): LongStorm {
  const subjects = subjectsIn(deployment);
  const random = randomStream(seed, 'swarm/tunnels');
  if (subjects.length === 0 || !random.chance(storyRatio)) return { ...storm, stories: [] };
  return new Story(random, storm, deployment, random.pick(subjects)).storm();
}

/** Where something may be done about it first: elsewhere it is only told. */
function subjectsIn(deployment: Deployment): Subject[] {
  const vpns = vpnsOf(deployment);
  const all = Object.values(deployment.connections).flatMap((connection) =>
    Object.values(connection.paths).flatMap(({ gateway }): Subject[] => {
      const found = vpns[gateway];
      return found === undefined ? [] : [{ connection, gateway: found }];
    }),
  );
  const acting = all.filter(({ connection }) => connection.mode === 'repair');
  return acting.length === 0 ? all : acting;
}

class Story {
  private readonly steps: SingleStep[] = [];
  private readonly undo: Bare[] = [];

  constructor(
    private readonly random: Random,
    private readonly before: Storm,
    private readonly deployment: Deployment,
    private readonly subject: Subject,
  ) {}

  storm(): LongStorm {
    const { random, before, subject } = this;
    const { startsMs } = before;
    const kinds = {
      ...storyWeights,
      'maintenance announced': subject.gateway.maintenance === 'never' ? 2 : storyWeights['maintenance announced'],
      'rehearsal asked for': subject.connection.rehearsal === undefined ? 0 : storyWeights['rehearsal asked for'],
    };
    const kind = weighted(random, kinds);
    const lasts: Record<keyof typeof storyWeights, () => number> = {
      'tunnels down for long': () => this.down(),
      'one way for long': () => this.oneWay(),
      'maintenance announced': () => this.maintenance(),
      'rehearsal asked for': () => this.rehearsal(),
    };
    const calmMs = Math.max(startsMs + lasts[kind](), before.calmMs);
    const also = random.chance(alsoRatio);
    const mendMs = calmMs + random.int(0, 40) * secondMs;
    this.add(calmMs, { do: 'faults_end' });
    for (const step of this.undo) this.add(calmMs, step);
    for (const gateway of Object.keys(instancesOf(this.deployment))) this.add(mendMs, { do: 'mend_gateway', gateway });
    const steps = [...(also ? before.steps : []), ...this.steps].sort((a, b) => a.at - b.at);
    const { troubles, lost, aimedAt } = also ? before : { troubles: [], lost: [], aimedAt: null };
    return { steps, startsMs, calmMs, mendMs, troubles, lost, aimedAt, stories: [kind] };
  }

  /** Both of a connection, by hand or with the partner's device, until the first may be replaced and some time after. */
  private down(): number {
    const { random, before, subject } = this;
    const gateway = subject.gateway.name;
    if (random.chance(0.4)) this.tillCalm(before.startsMs, { do: 'vpn_peer_down', gateway }, peerUp(gateway));
    else
      for (const tunnel of ['1', '2'])
        this.tillCalm(
          before.startsMs + random.int(0, 40) * secondMs,
          { do: 'tunnel_down', gateway, tunnel },
          { do: 'tunnel_up', gateway, tunnel },
        );
    this.besides(random.int(1, 9) * minuteMs);
    return random.int(750, 900) * secondMs;
  }

  /** The one that AWS sends through, or both. */
  private oneWay(): number {
    const { random, before, subject } = this;
    const gateway = subject.gateway.name;
    for (const tunnel of random.chance(0.5) ? ['used'] : ['1', '2'])
      this.tillCalm(
        before.startsMs,
        { do: 'tunnel_one_way', gateway, tunnel, on: true },
        // Who is in use by then is not known.
        { do: 'tunnel_one_way', gateway, tunnel: tunnel === 'used' ? '1' : tunnel, on: false },
      );
    this.undo.push({ do: 'tunnel_one_way', gateway, tunnel: '2', on: false });
    return random.int(900, 1_080) * secondMs;
  }

  /** Before `watch` asks for it first, which it does each ten minutes; AWS applies it by itself after days, or soon. */
  private maintenance(): number {
    const { random, subject } = this;
    const gateway = subject.gateway.name;
    const isSoon = random.chance(0.3);
    const by = isSoon ? random.int(200, 360) * secondMs : 72 * hourMs;
    // AWS never works on both at once.
    const tunnels = random.chance(0.7) ? ['1', '2'] : [random.pick(['1', '2'])];
    for (const [i, tunnel] of tunnels.entries())
      this.add(secondMs, { do: 'maintenance_pending', gateway, tunnel, by: by + i * 4 * minuteMs });
    if (random.chance(0.5)) this.besides(random.int(2, 6) * minuteMs);
    // A partner whose device waits to be started anew is told by then.
    this.undo.push(peerUp(gateway));
    return (isSoon ? 11 : random.int(6, 9)) * minuteMs;
  }

  /**
   * Once CloudWatch has shown which tunnel carries: whole five minutes of answers, some minutes late. A partner takes a
   * tunnel down for a minute, and not always that one.
   */
  private rehearsal(): number {
    const { random, subject } = this;
    const gateway = subject.gateway.name;
    const { name, rehearsal } = subject.connection;
    const at = (random.chance(0.15) ? random.int(300, 600) : random.int(840, 880)) * secondMs;
    if (random.chance(0.3))
      this.tillCalm(
        at - minuteMs,
        { do: 'tunnel_one_way', gateway, tunnel: 'other', on: true },
        { do: 'tunnel_one_way', gateway, tunnel: '1', on: false },
      );
    this.undo.push({ do: 'tunnel_one_way', gateway, tunnel: '2', on: false });
    this.add(at, { do: 'command', input: { connection: name, trigger: 'rehearsal', requestedBy: 'ana' } });
    if (rehearsal?.by === 'peer' && random.chance(0.8)) {
      const tunnel = random.pick(['1', '2']);
      const from = Math.max(at, shownMs) + random.int(20, 90) * secondMs;
      this.add(from, { do: 'tunnel_down', gateway, tunnel });
      this.add(from + random.int(60, 150) * secondMs, { do: 'tunnel_up', gateway, tunnel });
    }
    return shownMs + random.int(120, 240) * secondMs;
  }

  /** Something else breaks in the midst of it, for a while. */
  private besides(after: number): void {
    const { random, before, subject } = this;
    const { name, paths } = subject.connection;
    const from = before.startsMs + after;
    const until = from + random.int(20, 150) * secondMs;
    const other = Object.values(paths).find(({ gateway }) => gateway !== subject.gateway.name)?.name;
    const choices: readonly (readonly [Bare, Bare])[] = [
      [
        { do: 'telemetry_stuck', gateway: subject.gateway.name, on: true },
        { do: 'telemetry_stuck', gateway: subject.gateway.name, on: false },
      ],
      ...(other === undefined
        ? []
        : ([
            [
              { do: 'peer_down', path: `${name}/${other}` },
              { do: 'peer_up', path: `${name}/${other}` },
            ],
            [
              { do: 'users_blocked', path: `${name}/${other}`, on: true },
              { do: 'users_blocked', path: `${name}/${other}`, on: false },
            ],
          ] as const)),
    ];
    const [start, end] = random.pick(choices);
    this.add(from, start);
    this.add(until, end);
  }

  private tillCalm(at: number, start: Bare, end: Bare): void {
    this.add(at, start);
    this.undo.push(end);
  }

  private add(at: number, step: Bare): void {
    this.steps.push({ ...step, at } as SingleStep);
  }
}

const peerUp = (gateway: GatewayName): Bare => ({ do: 'vpn_peer_up', gateway });
