/**
 * The speaker of a path's gateway: what it says now, as far as anybody has read it, and when its tunnel counts as empty.
 *
 * Law: what was not read lately is unknown. A session that is up is no proof of the path: canaries judge paths.
 */
import { watchesPath } from '../words/canaries';
import type { Connection, InstanceGateway, PathName, Speaker } from '../words/domain';
import type { NeighborFacts } from '../words/evidence';
import { attemptsPerRound } from '../words/policy';
import { heardBy, isMovedByNetwork, type Neighbor } from '../words/routing';
import { own } from '../words/shape';
import { type Instant, instantText, secondMs, spanText } from '../words/time';
import type { Facts } from './kind';

/** It is read each minute: two readings may be lost before nobody knows any more. */
export const readingKeptMs = 150 * secondMs;

export interface SpeakerOf {
  readonly gateway: InstanceGateway;
  readonly speaker: Speaker;
  readonly neighbor: Neighbor;
}

/** Null: the path is without BGP. */
export function speakerOf(
  { deployment, connection }: Pick<Facts, 'deployment' | 'connection'>,
  path: PathName,
): SpeakerOf | null {
  const { neighbor, gateway: name } = connection.paths[path]!;
  const gateway = own(deployment.gateways, name);
  if (neighbor === undefined || gateway?.kind !== 'instance' || gateway.speaker === undefined) return null;
  return { gateway, speaker: gateway.speaker, neighbor };
}

export interface Spoken extends NeighborFacts {
  readonly at: Instant;
}

/** What the speaker's last report says of a path's sessions, however old it is; null: nothing. */
export function readingOf({ evidence }: Pick<Facts, 'evidence'>, { gateway, neighbor }: SpeakerOf): Spoken | null {
  const report = evidence.speakers[gateway.name] ?? null;
  const read = report === null ? null : toldTo(neighbor, report.neighbors);
  return report === null || read === null ? null : { ...read, at: report.reportedAt };
}

/**
 * What all who hear of a path are told, in one word; null: of some nothing is known. Who hears nothing counts for nothing:
 * one of two endpoints of a Route Server may be gone for a while.
 *
 * Invariant: `up` is a partner who can be heard and, with a Route Server, one endpoint that can.
 */
export function toldTo(neighbor: Neighbor, said: Readonly<Record<string, NeighborFacts>>): NeighborFacts | null {
  const [across, ...inside] = heardBy(neighbor).map((address) => own(said, address));
  if (across === undefined || inside.some((one) => one === undefined)) return null;
  const words = [across, ...inside].map((one) => one!.advertises).filter((one) => one !== 'silent');
  const [first = 'silent'] = words;
  const isHeardInside = inside.length === 0 || inside.some((one) => one!.session === 'up');
  return {
    session: across.session === 'up' && isHeardInside ? 'up' : 'down',
    advertises: words.every((one) => one === first) ? first : 'partly',
    receivedPerSecond: across.receivedPerSecond,
  };
}

/** What is advertised over the path's sessions: as the speaker was read last, or as an order has left it since. */
export function spokenOf(facts: Facts, path: PathName): Spoken | null {
  const known = speakerOf(facts, path);
  if (known === null) return null;
  const read = readingOf(facts, known);
  const order = own(facts.memory.orders, path);
  const isFresh = (at: Instant): boolean => facts.now - at <= readingKeptMs;
  const obeyedAt = order?.isDone ? order.endedAt : null;
  if (obeyedAt !== null && isFresh(obeyedAt) && obeyedAt >= (read?.at ?? 0))
    return { at: obeyedAt, session: 'up', advertises: order!.to, receivedPerSecond: null };
  return read === null || !isFresh(read.at) ? null : read;
}

/** The most packets that come in for one attempt of a canary, its answer and its end. */
const packetsPerAttempt = 4;
/** Keepalives of BGP, BFD and IKE, and what else two routers have to say to each other. */
const packetsOfRouters = 10;

/** So many packets a second come in by a tunnel that no user is on: its canaries' answers, and the routers' own. */
export function quietAt({ canaries, policy }: Pick<Connection, 'canaries' | 'policy'>, path: PathName): number {
  const pinned = canaries.filter(watchesPath(path));
  const rounds = Math.ceil(secondMs / policy.roundIntervalMs);
  return pinned.length * rounds * attemptsPerRound * packetsPerAttempt + packetsOfRouters;
}

/** How long users' answers take to leave a path, as it was seen; empty: its answers follow no speaker of ours. */
export function drainProofText(facts: Facts, path: PathName): string {
  if (speakerOf(facts, path) === null) return '';
  const proof = own(facts.memory.drainProofs, path);
  return proof === undefined
    ? `drain of ${path} unproven: nobody has seen its partner follow one; ${proving(facts)} shows it`
    : `answers left ${path} ${spanText(proof.ms)} after a drain at ${instantText(proof.at)}`;
}

const proving = ({ connection }: Facts): string =>
  isMovedByNetwork(connection) ? 'maintenance of its home' : 'a drill';

/** What the path's speaker says now, as people read it; empty: it has none. */
export function spokenText(facts: Facts, path: PathName): string {
  if (speakerOf(facts, path) === null) return '';
  const spoken = spokenOf(facts, path);
  if (spoken === null) return 'not read lately';
  const word = { normal: 'advertised', drained: 'drained', partly: 'drained in part', silent: 'not advertised' };
  return `${word[spoken.advertises]}, session ${spoken.session}`;
}

/** How far a drain of the path has come, for whoever waits to work on it; empty: its answers follow no speaker of ours. */
export function emptinessText(facts: Pick<Facts, 'deployment' | 'connection' | 'memory'>, path: PathName): string {
  if (speakerOf(facts, path) === null) return '';
  const order = own(facts.memory.orders, path);
  if (order === undefined || order.to !== 'drained' || !order.isDone) return 'not drained yet: wait';
  if (order.emptyAt !== null) return `empty since ${instantText(order.emptyAt)}: go`;
  if (order.unmovedAt === null) return 'not seen to be empty yet: wait';
  const who = isMovedByNetwork(facts.connection) ? 'the partner or the Route Server' : 'the partner';
  return `not empty, ${who} does not follow: wait`;
}
