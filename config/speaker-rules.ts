/**
 * What cannot be where a partner listens to BGP: halves that lack their other half, levers that move nothing, and a session
 * that would answer for two connections. A connection whose answers never move would look guarded.
 */
import type { Deployment } from '../core/words/domain';
import { speakersOf } from '../core/words/gateways';
import { own } from '../core/words/shape';
import { type Finding, repeated, type Step } from './problems';
import { type AuthorConfig, type AuthorConnection, instanceIn, instancesIn } from './schema';
import { isByBgp, isByRouteServer } from './speaker-schema';

type Path = AuthorConnection['paths'][string];

export function speakerFindings(config: AuthorConfig): Finding[] {
  const connections = Object.entries(config.connections);
  return [
    ...connections.flatMap(([name, connection]) => connectionFindings(config, connection, ['connections', name])),
    ...connections.flatMap(([name, connection]) => attractFindings(config, connection, ['connections', name])),
    ...connections.flatMap(([name, connection]) => lastResortFindings(connection, ['connections', name])),
    ...idleSpeakers(config),
    ...unreached(config),
    ...sharedSessions(config),
  ];
}

function connectionFindings(config: AuthorConfig, connection: AuthorConnection, under: readonly Step[]): Finding[] {
  const { routing, paths, standby } = connection;
  if (!isByBgp(routing)) return idle(connection, under);
  const alone: Finding[] =
    standby === 'none' || Object.keys(paths).length === 1
      ? [
          {
            at: [...under, 'routing', 'back', 'by'],
            kind: 'speaker-idle',
            message:
              'is bgp, and there is one path: the last that is advertised is never drained; write peer, or add a path',
          },
        ]
      : [];
  return [
    ...alone,
    ...Object.entries(paths).flatMap(([name, path]) => pathFindings(config, path, [...under, 'paths', name])),
  ];
}

/** Drawn to a tunnel, answers come over one path: nothing to draw where they follow something else, or nobody could. */
function attractFindings(config: AuthorConfig, connection: AuthorConnection, under: readonly Step[]): Finding[] {
  const { routing, paths, coupled } = connection;
  if (routing?.back?.attract === undefined) return [];
  const at = [...under, 'routing', 'back', 'attract'];
  const idle = (message: string): Finding => ({ at, kind: 'attract-idle', message });
  return [
    ...(isByBgp(routing)
      ? [idle('has no effect where answers follow our speakers; remove it, or write by: peer')]
      : []),
    ...(coupled
      ? []
      : [
          idle(
            'has no effect where each tunnel is answered over itself (coupled: false); remove it, or write coupled: true',
          ),
        ]),
    ...Object.entries(paths).flatMap(([name, { gateway }]): Finding[] =>
      own(config.gateways, gateway) === undefined || instanceIn(config, gateway)?.control === 'ssm'
        ? []
        : [
            {
              at: [...under, 'paths', name, 'gateway'],
              kind: 'attract-idle',
              message:
                'takes no command, and attract keys the tunnel of each path anew: use an instance with control: ssm, or remove attract',
              about: [['gateways', gateway]],
            },
          ],
    ),
  ];
}

/** A static route over a learned one, where none is learned that the tables show. */
function lastResortFindings({ routing, routeSets }: AuthorConnection, under: readonly Step[]): Finding[] {
  if (
    routing?.lastResort !== 'routes' ||
    isByRouteServer(routing) ||
    Object.values(routeSets).some(({ propagated }) => propagated)
  )
    return [];
  const message =
    'has no effect: no route set of this connection is propagated, so none of its routes is withdrawn; remove it, or write propagated: true where a virtual private gateway propagates them';
  return [{ at: [...under, 'routing', 'lastResort'], kind: 'last-resort-idle', message }];
}

/** What is written for BGP where nothing would ever use it. */
function idle({ routing, paths }: AuthorConnection, under: readonly Step[]): Finding[] {
  const because = 'has no effect, since answers are the business of the partner alone';
  const mend = 'write routing: {back: {by: bgp}} on the connection, or remove it';
  const at = (...steps: Step[]): Finding => ({
    at: [...under, ...steps],
    kind: 'speaker-idle',
    message: `${because}: ${mend}`,
  });
  return [
    ...(routing?.convergeWithin === undefined ? [] : [at('routing', 'convergeWithin')]),
    ...Object.entries(paths).flatMap(([name, { neighbors, drain }]) => [
      ...(neighbors === undefined ? [] : [at('paths', name, 'neighbors')]),
      ...(drain === undefined ? [] : [at('paths', name, 'drain')]),
    ]),
  ];
}

function pathFindings(config: AuthorConfig, path: Path, at: readonly Step[]): Finding[] {
  const { gateway: name, neighbors, drain } = path;
  const gateway = own(config.gateways, name);
  if (gateway === undefined) return []; // Said of the path.
  const missing = (field: string, message: string): Finding => ({
    at: field === '' ? at : [...at, field],
    kind: 'speaker-missing',
    message,
    about: [['gateways', name]],
  });
  const instance = instanceIn(config, name);
  if (instance === undefined)
    return [
      missing(
        'gateway',
        'is a VPN connection of AWS, whose speaker takes no orders: write back: {by: peer}, or use an instance',
      ),
    ];
  return [
    ...(instance.speaker === undefined
      ? [
          missing(
            'gateway',
            `has no speaker, and answers are to follow BGP: add speaker: {software: frr, as: ...} to ${name}`,
          ),
        ]
      : []),
    ...(neighbors === undefined
      ? [
          missing(
            '',
            'does not say whom its speaker speaks to: add neighbors: {across: the address of the partner in the tunnel}',
          ),
        ]
      : []),
    ...(drain === undefined
      ? [missing('', 'does not say how it is drained: add drain: prepend, or graceful-shutdown')]
      : []),
    ...inVain(path, at),
  ];
}

/** Measured: accepted, exit status 0, and nothing moved. */
function inVain({ neighbors, drain }: Path, at: readonly Step[]): Finding[] {
  if (drain !== 'prepend' || neighbors?.prefersByLocalPreference !== true) return [];
  const message =
    'is prepend, and the partner prefers by local-preference, which is compared before the length of a path: nothing would ever move; write graceful-shutdown';
  return [{ at: [...at, 'drain'], kind: 'drain-in-vain', message }];
}

function idleSpeakers(config: AuthorConfig): Finding[] {
  const spoken = new Set(
    Object.values(config.connections).flatMap(({ routing, paths }) =>
      isByBgp(routing) ? Object.values(paths).map(({ gateway }) => gateway) : [],
    ),
  );
  return Object.entries(instancesIn(config)).flatMap(([name, { speaker }]): Finding[] =>
    speaker === undefined || spoken.has(name)
      ? []
      : [
          {
            at: ['gateways', name, 'speaker'],
            kind: 'speaker-idle',
            message:
              'is spoken through by no connection: write routing: {back: {by: bgp}} on one whose path is over it, or remove it',
            about: [['connections']],
          },
        ],
  );
}

/** Deployed all the same, and said; of a `Deployment`, as all warnings. */
export const speakerWarnings = (deployment: Deployment): Finding[] =>
  Object.entries(speakersOf(deployment)).flatMap(([name, { speaker }]): Finding[] =>
    speaker.startsDrained
      ? []
      : [
          {
            at: ['gateways', name, 'speaker', 'startsDrained'],
            kind: 'speaker-starts-open',
            message:
              'is not set: a machine that a repair started draws answers at once, before it has soaked; drain its boot configuration, then set it',
          },
        ],
  );

function unreached(config: AuthorConfig): Finding[] {
  return Object.entries(instancesIn(config)).flatMap(([name, { speaker, control }]): Finding[] =>
    speaker === undefined || control !== 'none'
      ? []
      : [
          {
            at: ['gateways', name, 'control'],
            kind: 'speaker-missing',
            message: 'is none, and no order could reach its speaker: write ssm, or remove the speaker',
          },
        ],
  );
}

/**
 * A neighbour hears of one path: an order about it must be nobody else's. So a gateway that is a peer of a Route Server carries
 * one path, since its endpoints hear of all that it carries.
 */
function sharedSessions(config: AuthorConfig): Finding[] {
  const sessions = Object.entries(config.connections).flatMap(([connection, { paths }]) =>
    Object.entries(paths).flatMap(([path, { gateway, neighbors }]) => {
      const at = ['connections', connection, 'paths', path, 'neighbors'];
      const keyOf = (address: string): string => (address === '' ? '' : `${address} of ${gateway}`);
      return [
        { at: [...at, 'across'], key: keyOf(neighbors?.across ?? '') },
        ...(neighbors?.inside ?? []).map((address, i) => ({ at: [...at, 'inside', i], key: keyOf(address) })),
      ];
    }),
  );
  return repeated(
    'session-twice',
    sessions,
    (first, key) =>
      `names ${key}, as ${first[1]}/${first[3]} does: draining the one would drain the other; each path needs a tunnel and neighbours of its own, and where a Route Server leads users a gateway of its own`,
  );
}
