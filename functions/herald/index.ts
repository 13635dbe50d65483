/**
 * The herald function: an alarm about Switchback itself, told in the form of every other notice. CloudWatch calls it, and
 * it needs nothing of ours that such an alarm may be about: no run, no lease, no table but the canaries' reports, and
 * without those it tells what it knows.
 *
 *     alarm .. herald .. topic
 *                  \... fails, or is not let run: Lambda itself publishes what the alarm said (infra/observing/herald.ts)
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SNSClient } from '@aws-sdk/client-sns';
import { reportsTable } from '../../adapters/dynamodb/reports-table';
import { publish } from '../../adapters/sns/topic';
import { type SelfNews, selfNotice } from '../../core/turn/self-notice';
import type { Deployment } from '../../core/words/domain';
import type { CanaryReport } from '../../core/words/evidence';
import { MalformedInput, shown } from '../../core/words/malformed';
import { isSelfAlarm } from '../../core/words/self-alarms';
import { isRecord, isText } from '../../core/words/shape';
import { logLine } from '../log';
import { onRealWorld } from '../real-world';
import type { World } from '../world';

/** Answers with the subject that was sent. */
export function createHandler(world: World, deployment: Deployment): (event: unknown) => Promise<string> {
  return async (event) => {
    const news = newsFrom(event, deployment, world);
    const { subject, message } = selfNotice(deployment, news, await heard(world, deployment));
    await publish(world.aws.sns, { topic: world.env['TOPIC']!, subject, message }, world);
    logLine(world, { level: 'warn', what: 'herald: told', because: news.reason, alarm: news.alarm });
    return subject;
  };
}

/** DynamoDB may be what the alarm is about. */
async function heard(world: World, { connections }: Deployment): Promise<Record<string, CanaryReport | null>> {
  const ids = Object.values(connections).flatMap(({ canaries }) =>
    canaries.flatMap(({ id, watches }) => (watches.kind === 'service' ? [id] : [])),
  );
  try {
    return { ...(await reportsTable(world.aws.dynamodb, world.env['REPORTS_TABLE']!, world).read(ids)) };
  } catch (error) {
    logLine(world, { level: 'warn', what: 'herald: reports unread', because: (error as Error).message });
    return {};
  }
}

function newsFrom(event: unknown, { name }: Deployment, world: World): SelfNews {
  const { alarmData, alarmArn } = isRecord(event) ? event : {};
  const { alarmName, state } = isRecord(alarmData) ? alarmData : {};
  const { reason } = isRecord(state) ? state : {};
  const own = isText(alarmName) && alarmName.startsWith(`${name}/`) ? alarmName.slice(name.length + 1) : '';
  if (!isSelfAlarm(own))
    throw new MalformedInput(`event: alarmData.alarmName: ${shown(alarmName)} is no alarm about ${name} itself`);
  return {
    alarm: own,
    reason: isText(reason) ? reason : '',
    arn: isText(alarmArn) ? alarmArn : '',
    at: world.now(),
  };
}

export const handler = onRealWorld(createHandler, (options) => ({
  dynamodb: new DynamoDBClient(options),
  sns: new SNSClient(options),
}));
