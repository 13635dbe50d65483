/**
 * One connection as `assess` would see it now: the same evidence, gathered by the same code, judged by the same core. Nothing
 * is written, and no lease is taken: what is decided here, somebody else does.
 */

import { GetAutomationExecutionCommand } from '@aws-sdk/client-ssm';
import { assess } from '../../core/assess/assess';
import type { Assessment } from '../../core/assess/assessment';
import { openAsks } from '../../core/decide/told';
import { plausibleDesired, plausibleEvidence } from '../../core/facts/plausible';
import type { ConnectionLease } from '../../core/store/lease';
import { takeTurn, turnFrom } from '../../core/turn/turn';
import type { Decision } from '../../core/words/decision';
import type { Connection } from '../../core/words/domain';
import type { Evidence } from '../../core/words/evidence';
import type { Instant } from '../../core/words/time';
import { gather } from '../../functions/assess/gather';
import type { World } from '../../functions/world';
import type { Session } from './session';

export interface ConnectionLook {
  readonly connection: Connection;
  readonly lease: ConnectionLease;
  readonly evidence: Evidence;
  readonly assessment: Assessment;
  /** What would be done now. */
  readonly decision: Decision;
  /** What waits for a person, each in a sentence. */
  readonly asks: readonly string[];
  /** What could not be read, each with its reason. */
  readonly unread: readonly string[];
  readonly at: Instant;
}

export async function lookAt(
  session: Session,
  connection: Connection,
  lease: ConnectionLease,
): Promise<ConnectionLook> {
  const { world, deployment } = session;
  const gathered = await gather(withoutAutomations(world), deployment, { connection: connection.name, lease });
  const at = world.now();
  // What a person may not ask says nothing of what our functions may: it is among what could not be read.
  const { denied: _, ...seen } = gathered.evidence;
  const evidence = plausibleEvidence(seen, at);
  const desired = plausibleDesired(lease.desired, at);
  const { memory } = lease;
  const assessment = assess({ deployment, connection, evidence, memory, desired, now: at });
  const facts = { deployment, connection, evidence, assessment, desired, now: at };
  const view = { ...facts, memory, automationId: null, failOpen: false };
  const { decision } = takeTurn(turnFrom(lease, { deployment, connection: connection.name, evidence, now: at }));
  const unread = gathered.unread.filter((reason) => !reason.includes(notAsked));
  const asks = [...new Set(openAsks(view).map(({ text }) => text))];
  return { connection, lease, evidence, assessment, decision, asks, unread, at };
}

const notAsked = 'not asked: by its id nobody could tell our automation from another team’s';

/** OperatorPolicy holds no right to read an automation, and a call that is always refused is an alarm in somebody's CloudTrail. */
function withoutAutomations(world: World): World {
  const { ssm } = world.aws;
  const send = async (command: object): Promise<unknown> => {
    if (command instanceof GetAutomationExecutionCommand)
      throw Object.assign(new Error(notAsked), { name: 'AccessDeniedException', $metadata: { httpStatusCode: 400 } });
    return ssm.send(command as never);
  };
  return { ...world, aws: { ...world.aws, ssm: { send } as unknown as World['aws']['ssm'] } };
}
