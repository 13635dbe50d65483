/**
 * What the author writes where a partner listens to BGP: who speaks, to whom, and who decides over which path answers come
 * back. More is known here than is built; speaker-rules.ts refuses the rest by name.
 */
import * as z from 'zod';
import type { Connection, Speaker } from '../core/words/domain';
import type { Directions, Neighbor } from '../core/words/routing';
import { minuteMs, secondMs } from '../core/words/time';
import type { Fields } from './fields';
import { spanField } from './policy-schema';

const softwares = ['frr', 'vyos', 'bird', 'own'] as const;
const attracts = ['rekey'] as const;
const outs = ['routes', 'route-server', 'vgw', 'tgw'] as const;
export const drains = ['prepend', 'graceful-shutdown', 'shutdown', 'med'] as const;

/** Without BFD a session with AWS's timers, 10 and 30 s, is given up within this. */
const convergeUsualMs = 35 * secondMs;
const asMax = 4_294_967_294;
/** One for each subnet in which endpoints stand; each costs an order a second or two. */
const insideMax = 4;

export function speakerField(f: Fields) {
  const fields = f.group({
    software: f.choice(softwares, 'frr', ['frr']).describe('The BGP daemon: frr.'),
    as: f
      .whole(1, asMax, `is no autonomous system: write its number, 1 to ${asMax}`)
      .describe("The gateway's own autonomous system."),
    startsDrained: f
      .flag(false)
      .describe(
        'true: its boot configuration advertises drained, so that a machine which a repair started draws no answers before it has soaked.',
      ),
  });
  return f
    .maybe(fields)
    .describe('It tells partners by BGP which networks are reached over it. Leave out: it does not.');
}

export function neighborsField(f: Fields) {
  const fields = f.group({
    across: f.ipv4.describe("The partner's router at the other end of the tunnel, as the speaker names its neighbour."),
    inside: f
      .maybe(
        z
          .array(f.ipv4)
          .min(1, 'is empty: add the address of at least one endpoint')
          .max(insideMax, `has more than ${insideMax} addresses: two endpoints are enough`),
      )
      .describe('Where a Route Server leads users: the addresses of its endpoints to which this gateway is a peer.'),
    prefersByLocalPreference: f
      .flag(false)
      .describe('true: the partner prefers a path by local-preference, which no prepend can outweigh.'),
  });
  return f.maybe(fields).describe('With whom the speaker of the gateway speaks about this path.');
}

export const drainField = (f: Fields) =>
  f
    .maybe(z.enum(drains, 'is no way to drain a path: write prepend or graceful-shutdown'))
    .describe(
      'How the partner is made to prefer another path: prepend, or the community graceful-shutdown (RFC 8326).',
    );

export function routingField(f: Fields) {
  const out = f.group({
    by: f
      .choice(outs, 'routes', ['routes', 'route-server'])
      .describe(
        'routes: the route tables listed here, which are written. route-server: a Route Server, by what our speakers tell it; its routes are read and never written.',
      ),
    routeServer: f
      .maybe(f.ec2Id('rs', 'Route Server'))
      .describe('by: route-server: which one, as people will look for it.'),
  });
  const back = f.group({
    by: f
      .choice(['peer', 'bgp'], 'peer')
      .describe("peer: how answers come back is the partner's own business. bgp: they follow what our speakers say."),
    attract: f
      .maybe(z.enum(attracts, 'is no way to draw answers: write rekey, or leave it out'))
      .describe(
        'For a partner that holds all tunnels in one box, which answers over the one keyed last. rekey: after a move that of the path that users went to is keyed anew.',
      ),
  });
  const fields = f.group({
    out: f.maybe(out).describe('Who decides over which path packets leave.'),
    back: f.maybe(back).describe('Who decides over which path answers come back.'),
    lastResort: f
      .choice(['none', 'routes'], 'none')
      .describe(
        'What is done where AWS propagates routes no more though their path carries. routes: static ones are laid over, and taken away once it does again. none: people are told.',
      ),
    convergeWithin: f
      .maybe(f.kept(spanField(secondMs, 2 * minuteMs), convergeUsualMs))
      .describe(
        'By when the partner has followed an order: 5s with BFD, 35s with timers of 10 and 30 s. Default: 35s.',
      ),
  });
  return f.maybe(fields).describe('Who decides over which path packets go, by direction.');
}

export type AuthorRouting = z.output<ReturnType<typeof routingField>>;
export type AuthorNeighbors = z.output<ReturnType<typeof neighborsField>>;
export type AuthorSpeaker = z.output<ReturnType<typeof speakerField>>;

/** Answers follow our speakers. */
export const isByBgp = (routing: AuthorRouting): boolean => routing?.back?.by === 'bgp';

/** A Route Server leads users, by what our speakers tell it. */
export const isByRouteServer = (routing: AuthorRouting): boolean => routing?.out?.by === 'route-server';

export function directionsFrom(routing: AuthorRouting): Directions | undefined {
  if (!isByBgp(routing)) return undefined;
  const convergeWithinMs = routing?.convergeWithin ?? convergeUsualMs;
  return {
    back: 'bgp',
    ...(isByRouteServer(routing) && { routeServer: routing?.out?.routeServer ?? '' }),
    convergeWithinMs,
  };
}

/** Undefined: nobody draws answers anywhere. */
export const attractFrom = (routing: AuthorRouting): Connection['attract'] => routing?.back?.attract;

export const speakerFrom = ({ as, startsDrained }: NonNullable<AuthorSpeaker>): Speaker => ({
  software: 'frr',
  as,
  startsDrained,
});

/** Undefined: no BGP is spoken over the path. */
export const neighborFrom = (
  neighbors: AuthorNeighbors,
  drain: (typeof drains)[number] | undefined,
): Neighbor | undefined =>
  neighbors === undefined || (drain !== 'prepend' && drain !== 'graceful-shutdown')
    ? undefined
    : { across: neighbors.across, ...(neighbors.inside && { inside: neighbors.inside }), drain };
