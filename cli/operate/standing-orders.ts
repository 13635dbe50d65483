/** What people have asked and what still stands of it: drains and pauses, read from the lease items. */
import { stateTable } from '../../adapters/dynamodb/state-table';
import { emptinessText } from '../../core/gateways/speaker';
import type { ConnectionLease } from '../../core/store/lease';
import type { Memory } from '../../core/store/memory';
import type { ConnectionName } from '../../core/words/domain';
import { harmless } from '../../core/words/malformed';
import { own } from '../../core/words/shape';
import { instantText } from '../../core/words/time';
import { exitCodes } from './exit-codes';
import type { Outcome, Work } from './operate';
import type { Session } from './session';
import { tableLines } from './table';

/** Of every connection; null: it has no item yet. */
export async function leasesOf(
  session: Session,
): Promise<readonly (readonly [ConnectionName, ConnectionLease | null])[]> {
  const { world, whereabouts, deployment } = session;
  const table = stateTable(world.aws.dynamodb, whereabouts.stateTable, world);
  const names = Object.keys(deployment.connections);
  return Promise.all(names.map(async (name) => [name, await table.readConnection(name)] as const));
}

export const listMaintenance: Work = async (session) => {
  const now = session.world.now();
  const drains = (await leasesOf(session)).flatMap(([connection, lease]) =>
    Object.entries(lease?.desired.drains ?? {})
      .filter(([, { until }]) => until > now)
      .map(([path, drain]) => ({
        ...{ connection, path, ...inText(drain), drain: drain.kind },
        tunnel: tunnelText(session, connection, lease!.memory, path),
      })),
  );
  const columns = ['connection', 'path', 'drain', 'until', 'requestedBy', 'reason'];
  const spoken = drains.some(({ tunnel }) => tunnel !== '') ? ['tunnel'] : [];
  return listed(drains, [...columns, ...spoken], 'no path is drained');
};

/** Where answers follow a speaker: whether they have left the path. A path may be gone from the configuration. */
function tunnelText({ deployment }: Session, name: ConnectionName, memory: Memory, path: string): string {
  const connection = deployment.connections[name]!;
  return own(connection.paths, path) === undefined ? '' : emptinessText({ deployment, connection, memory }, path);
}

export const listPauses: Work = async (session) => {
  const now = session.world.now();
  const pauses = (await leasesOf(session)).flatMap(([connection, lease]) => {
    const paused = lease?.desired.paused ?? null;
    return paused === null || paused.until <= now ? [] : [{ connection, ...inText(paused) }];
  });
  return listed(pauses, ['connection', 'until', 'requestedBy', 'reason'], 'nothing is paused');
};

const inText = (one: { since: number; until: number; reason: string; requestedBy: string }) => ({
  since: instantText(one.since),
  until: instantText(one.until),
  requestedBy: one.requestedBy,
  reason: one.reason,
});

function listed(rows: readonly Readonly<Record<string, string>>[], columns: readonly string[], none: string): Outcome {
  const lines =
    rows.length === 0
      ? [none]
      : tableLines([
          columns.map((column) => column.replace('requestedBy', 'by')),
          ...rows.map((row) => columns.map((column) => harmless(row[column] ?? ''))),
        ]);
  return { code: exitCodes.well, lines, json: rows };
}
