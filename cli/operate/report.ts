/**
 * `switchback report`: one incident as one HTML file, from its record and what CloudWatch still has of its canaries. What
 * the page shows and how is in cli/report/.
 */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type CanaryHistory, canaryHistory } from '../../adapters/cloudwatch/canary-history';
import type { IncidentRecord } from '../../core/turn/incident-record';
import type { Connection } from '../../core/words/domain';
import { isIncidentId } from '../../core/words/incident-id';
import { harmless } from '../../core/words/malformed';
import { type Instant, instantText, minuteMs } from '../../core/words/time';
import { ensureReportPage } from '../bundles';
import { reportOf } from '../report/build';
import { builtPage, pageOf } from '../report/page';
import type { WorldSeen } from '../report/source';
import { exitCodes, WronglyAsked } from './exit-codes';
import { incidentOf } from './incidents';
import type { Work } from './operate';
import { newestStory, runIncident } from './run-incident';
import type { Session } from './session';

/** What a simulation's own world says of a connection, up to now. */
export type WhatWorldTells = (connection: Connection) => WorldSeen;

export const report =
  (which: string | undefined, file: string | undefined, seen?: WhatWorldTells): Work =>
  async (session) => {
    const { world, deployment } = session;
    const record = await recordOf(session, which);
    const connection = deployment.connections[record.connection];
    if (connection === undefined)
      throw new WronglyAsked(
        `connection ${record.connection} of ${record.id} is no longer declared, so what its report would show is not ` +
          `known; read it with: switchback explain ${record.id}`,
      );
    const unread: string[] = [];
    const made = reportOf({
      record,
      deployment,
      connection,
      measured: await measuredIn(session, connection, record, unread),
      madeAt: world.now(),
      unread,
      ...(seen && { world: seen(connection) }),
    });
    const path = resolve(file ?? defaultName(record));
    ensureReportPage();
    writeFileSync(path, pageOf(made, builtPage()));
    const { verdict, dark, open } = made;
    return {
      code: exitCodes.well,
      lines: [harmless(verdict.text), harmless(path)],
      json: { report: path, incident: record.id, isOver: record.closedAt !== null, verdict: verdict.text, dark, open },
    };
  };

/**
 * Of an incident by its id, or of the one that an execution belongs to; without either of the newest, or, where there was
 * none, of the newest command: it may have been refused.
 */
async function recordOf(session: Session, which: string | undefined): Promise<IncidentRecord> {
  if (which !== undefined && !isIncidentId(which)) return runIncident(session, which);
  const record = await incidentOf(session, which);
  return record ?? newestStory(session);
}

/** In the current folder; `.gitignore` knows it. */
const defaultName = ({ id, connection, openedAt }: IncidentRecord): string =>
  `switchback-report-${[connection, instantText(openedAt).slice(0, 10), id].join('-').replace(/[^A-Za-z0-9_-]+/g, '-')}.html`;

/** A measurement that cannot be read is no reason to go without a report. */
async function measuredIn(
  { world, whereabouts }: Session,
  { canaries }: Connection,
  { openedAt, closedAt }: IncidentRecord,
  unread: string[],
): Promise<CanaryHistory | null> {
  const to: Instant = Math.min(world.now(), (closedAt ?? world.now()) + minuteMs);
  const asked = { from: openedAt - 3 * minuteMs, to, canaries, namespace: whereabouts.metricNamespace };
  try {
    return await canaryHistory(world.aws.cloudwatch, world, asked);
  } catch (error) {
    unread.push(`what canaries measured: ${(error as Error).message}`);
    return null;
  }
}
