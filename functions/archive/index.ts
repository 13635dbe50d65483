/**
 * The archive function: keeps the record of an incident in the author's bucket, beyond the ninety days of Step Functions.
 * Our own events wake it, so it is behind everything else: nothing waits for it, and what it cannot write is lost to the
 * archive alone.
 *
 *     event (opened, updated, closed) .. histories of the incident's time .. record .. incidents/<deployment>/<connection>/
 */
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { keepRecord } from '../../adapters/s3/records';
import { historiesIn } from '../../adapters/stepfunctions/histories';
import { incidentRecord } from '../../core/turn/incident-story';
import type { Deployment } from '../../core/words/domain';
import { isIncidentId } from '../../core/words/incident-id';
import { MalformedInput, shown } from '../../core/words/malformed';
import { recordKey } from '../../core/words/record-key';
import { isRecord, isText, own } from '../../core/words/shape';
import { type Instant, instantText, minuteMs, secondMs } from '../../core/words/time';
import { logLine } from '../log';
import { onRealWorld } from '../real-world';
import type { World } from '../world';

/** The run that says "closed" ends a moment later, and its end belongs to the record. */
const endsWithinMs = 15 * secondMs;
/** A command and the first signal come before the incident they open. */
const leadMs = 2 * minuteMs;

interface News {
  readonly incident: string;
  readonly connection: string;
  readonly openedAt: Instant;
  readonly isClosed: boolean;
  readonly account: string;
}

/** Answers with the key that was written. */
export function createHandler(world: World, deployment: Deployment): (event: unknown) => Promise<string> {
  return async (event) => {
    const news = newsFrom(event, deployment);
    if (news.isClosed) await world.sleep(endsWithinMs);
    const { aws, env } = world;
    const span = { from: news.openedAt - leadMs, until: world.now() };
    const { runs, isCut } = await historiesIn(aws.sfn, env['STATE_MACHINE_ARN']!, span, world);
    const { connection, account } = news;
    const place = { connection, account, region: deployment.region, deployment: deployment.name };
    const found = incidentRecord(news.incident, runs, place);
    if (found === null) throw new Error(`no execution since ${instantText(span.from)} speaks of ${news.incident}`);
    const gaps = isCut ? ['more executions than are read: the oldest are missing'] : [];
    const record = { ...found, gaps: [...found.gaps, ...gaps] };
    const key = recordKey(deployment.name, { connection, openedAt: news.openedAt, id: record.id });
    await keepRecord(aws.s3, JSON.parse(env['ARCHIVE']!), { key, body: JSON.stringify(record) }, world);
    const { executions, notices } = record;
    const because = `${executions.length} executions, ${notices.length} notices`;
    logLine(world, { level: 'info', what: 'archive: kept', because, connection, incident: record.id, key });
    return key;
  };
}

function newsFrom(event: unknown, { connections }: Deployment): News {
  const { detail, account } = isRecord(event) ? event : {};
  const { incidentId, connection, openedAt, status } = isRecord(detail) ? detail : {};
  const at = isText(openedAt) ? Date.parse(openedAt) : Number.NaN;
  if (!isText(incidentId) || !isIncidentId(incidentId))
    throw new MalformedInput(`event: detail.incidentId: ${shown(incidentId)} must be one like I-7F3K2M`);
  if (!isText(connection) || own(connections, connection) === undefined)
    throw new MalformedInput(`event: detail.connection: ${shown(connection)} is no connection of ours`);
  if (!Number.isFinite(at)) throw new MalformedInput(`event: detail.openedAt: ${shown(openedAt)} must be a time`);
  return {
    incident: incidentId,
    connection,
    openedAt: at,
    isClosed: status === 'closed',
    account: isText(account) ? account : '',
  };
}

export const handler = onRealWorld(createHandler, (options) => ({
  s3: new S3Client(options),
  sfn: new SFNClient(options),
}));
