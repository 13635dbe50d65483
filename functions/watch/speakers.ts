/**
 * What the speakers say of themselves, once a minute: a Command document that reads and changes nothing is run on each
 * gateway, and its one line becomes the report that `assess` decides on.
 *
 * Law: what could not be read is unknown. The last reading is kept, and grows old.
 */
import { reportsTable } from '../../adapters/dynamodb/reports-table';
import { runCommand } from '../../adapters/ssm/commands';
import { identityOf } from '../../core/gateways/identity';
import { printedBy } from '../../core/gateways/speaker-output';
import type { Deployment, GatewayName } from '../../core/words/domain';
import type { Evidence, NeighborFacts, SpeakerReport } from '../../core/words/evidence';
import { type SpeakingGateway, speakersOf } from '../../core/words/gateways';
import { shown } from '../../core/words/malformed';
import { type Instant, secondMs } from '../../core/words/time';
import { type Settled, settled } from '../assess/parts';
import { logLine } from '../log';
import { readStandIns } from '../stand-ins';
import type { World } from '../world';

export interface SpeakersRead {
  readonly read: readonly GatewayName[];
  readonly unread: readonly GatewayName[];
}

/** Delivery takes two seconds as a rule, the reading two more; the next minute asks again. */
const readWithinMs = 20 * secondMs;
const becauseLengthMax = 300;
/** Why the document could not read, in its own words. */
const spoken = /switchback: (?:unseen|dead): ([^\n]*)/;

type Read = Readonly<Record<string, NeighborFacts>> | { readonly because: string };

export function speakersReader(world: World, deployment: Deployment): () => Promise<SpeakersRead> {
  const speakers = Object.entries(speakersOf(deployment));
  if (speakers.length === 0) return async () => ({ read: [], unread: [] });
  const document = world.env['SPEAKER_DOCUMENT']!;
  const table = reportsTable(world.aws.dynamodb, world.env['REPORTS_TABLE']!, world);
  const error = (what: string, because: string, gateway: GatewayName): void =>
    logLine(world, { level: 'error', what: `watch: ${what}`, because, gateway });

  const ask = async (instanceId: string, { speaker, neighbors }: SpeakingGateway): Promise<Read> => {
    const parameters = { Neighbors: neighbors.join(','), As: String(speaker.as) };
    const answer = await settled(runCommand(world.aws.ssm, world, { document, instanceId, parameters }, readWithinMs));
    if (!answer.ok) return { because: answer.fault.message };
    const { result, output, status } = answer.value;
    const because = spoken.exec(output)?.[1] ?? `no answer by Systems Manager (${status}): see its agent`;
    if (result !== 'success') return { because: shown(because) };
    const printed = printedBy(output);
    const silent = neighbors.find((address) => printed === null || !Object.hasOwn(printed, address));
    return printed === null || silent !== undefined ? { because: `its document says nothing of ${silent}` } : printed;
  };

  const readOne = async (
    gateway: GatewayName,
    instanceId: string,
    speaking: SpeakingGateway,
    before: Settled<Pick<Evidence, 'speakers'>>,
  ): Promise<boolean> => {
    const previous = before.ok ? (before.value.speakers[gateway] ?? null) : null;
    const read = await ask(instanceId, speaking);
    const report = nextSpeakerReport({ gateway, previous, now: world.now() }, read);
    if (isUnread(read)) error('speaker not read', read.because, gateway);
    // Nothing is written over a reading that could not be looked up: what it says is still the last that is known.
    if (isUnread(read) && !before.ok) return false;
    const written = await settled(table.putSpeaker(report));
    if (!written.ok) error('speaker not reported', written.fault.message, gateway);
    return written.ok && !isUnread(read);
  };

  return async () => {
    const names = speakers.map(([name]) => name);
    const warn = (because: string): void => logLine(world, { level: 'warn', what: 'watch: identities', because });
    const [before, standIns] = await Promise.all([
      settled(table.readAll([], [], names)),
      readStandIns(world, deployment, names, warn),
    ]);
    const known = { gatewayLeases: {}, standIns, pins: {} };
    const results = await Promise.all(
      speakers.map(([name, one]) => readOne(name, identityOf(deployment, name, known).instanceId, one, before)),
    );
    return { read: names.filter((_, i) => results[i]), unread: names.filter((_, i) => !results[i]) };
  };
}

interface Before {
  readonly gateway: GatewayName;
  readonly previous: SpeakerReport | null;
  readonly now: Instant;
}

/** A reading that says something new of a session wakes `sense`; packets come and go. */
function nextSpeakerReport({ gateway, previous, now }: Before, read: Read): SpeakerReport {
  if (isUnread(read)) {
    const since = previous?.unmeasured?.since ?? now;
    const unmeasured = { since, because: read.because.slice(0, becauseLengthMax) };
    return {
      schema: 1,
      gateway,
      reportedAt: previous?.reportedAt ?? 0,
      neighbors: previous?.neighbors ?? {},
      changed: false,
      unmeasured,
    };
  }
  const neighbors = Object.fromEntries(
    Object.entries(read).map(([address, { session, advertises, receivedPerSecond }]) => [
      address,
      { session, advertises, receivedPerSecond },
    ]),
  );
  const changed = previous === null ? !isAllUsual(neighbors) : newsOf(previous.neighbors) !== newsOf(neighbors);
  return { schema: 1, gateway, reportedAt: now, neighbors, changed };
}

const isUnread = (read: Read): read is { readonly because: string } => typeof read['because'] === 'string';

const isAllUsual = (neighbors: SpeakerReport['neighbors']): boolean =>
  Object.values(neighbors).every(({ session, advertises }) => session === 'up' && advertises === 'normal');

const newsOf = (neighbors: SpeakerReport['neighbors']): string =>
  JSON.stringify(
    Object.entries(neighbors)
      .map(([address, { session, advertises }]) => [address, session, advertises])
      .sort(),
  );
