/**
 * The assess function: looks, asks the core, answers the state machine. Read only.
 *
 * Law: the connection item is read first, alone and consistently, and only then the world; its `signals` is what the
 * sleep is conditioned on, so a signal during the look is never slept through (docs/ARCHITECTURE.md, "The lease").
 * A state table that does not answer is no reason to think nothing: the turn is taken fail-open, on metrics.
 */
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { type Attributes, fromItem } from '../../adapters/dynamodb/attributes';
import { stateTable } from '../../adapters/dynamodb/state-table';
import { isTransient } from '../../adapters/errors';
import { areRoutesUnread } from '../../core/assess/assessment';
import { sightText } from '../../core/facts/sight-text';
import { type ConnectionLease, isOutdated, leaseFrom } from '../../core/store/lease';
import type { Memory } from '../../core/store/memory';
import { bareTurn, connectionOf, isAssessRequest, seedingTurn, type TurnResult } from '../../core/turn/answers';
import { review } from '../../core/turn/review';
import { isForGateway, partsOf, together } from '../../core/turn/together';
import { takeTurn } from '../../core/turn/turn';
import { configuredAs } from '../../core/words/configured';
import { type AssessRequest, type AssessResult, type Decision, isRescue } from '../../core/words/decision';
import type { Connection, Deployment } from '../../core/words/domain';
import type { Evidence, Sight } from '../../core/words/evidence';
import { MalformedInput, shown } from '../../core/words/malformed';
import { limits } from '../../core/words/policy';
import { isRecord } from '../../core/words/shape';
import type { Instant } from '../../core/words/time';
import { freshenEnds } from '../ends';
import { unlessWarmUp } from '../keep-warm';
import { logLine } from '../log';
import { onRealWorld } from '../real-world';
import { publishGateways } from '../sweep/standing-metrics';
import type { World } from '../world';
import { type Gathered, gather, type Looking, look } from './gather';

export function createHandler(world: World, deployment: Deployment): (event: unknown) => Promise<AssessResult> {
  return unlessWarmUp(
    async (event) => {
      const gatewayCommand = gatewayCommandIn(event);
      if (gatewayCommand !== null) {
        const turn = bareTurn(await decideTogether(world, deployment, gatewayCommand));
        const { kind, because } = turn.decision;
        logLine(world, { level: 'info', what: `assess: ${kind}`, because, gateway: shown(gatewayCommand['gateway']) });
        return { ...turn, signals: 0, outdated: false };
      }
      const request = requestFrom(event, deployment);
      const taken = request.failOpen ? null : takenItem(request, world.now());
      const lease = request.failOpen ? null : (taken ?? (await readLease(world, request)));
      if (lease === 'absent') {
        const seeding = seedingTurn(connectionOf(deployment, request.connection));
        return { ...seeding, signals: 0, outdated: false };
      }
      const known = lease ?? leaseFrom({});
      const { evidence, unread, sight, turn } = await turnInTime(
        look(world, deployment, { ...request, lease }),
        lease?.memory ?? null,
        (seen): TurnResult =>
          takeTurn(
            {
              deployment,
              connection: request.connection,
              evidence: seen,
              memory: known.memory,
              desired: known.desired,
              automation: known.automation,
              writeUntil: known.writeUntil,
              request: request.request,
              failOpen: lease === null || (taken !== null && isSilent(seen)),
              startFault: request.startFault ?? '',
              unanswered: request.unanswered ?? null,
              execution: request.holder,
              now: world.now(),
            },
            review,
          ),
      );
      publishGateways(world, deployment, evidence.instances);
      const outdated = isOutdated(known, request.token, configuredAs(deployment, request.connection));
      const { decision, situation } = turn;
      logLine(world, {
        level: unread.length > 0 ? 'warn' : 'info',
        what: `assess: ${decision.kind}`,
        because: decision.because,
        rule: decision.rule,
        connection: request.connection,
        incident: turn.incident,
        holder: request.holder,
        token: request.token,
        signals: known.signals,
        failOpen: turn.failOpen,
        outdated,
        reportsFrom: evidence.reportsFrom,
        situation,
        unread,
      });
      const handed = withSight(decision, connectionOf(deployment, request.connection), sight);
      return { ...turn, decision: handed, signals: known.signals, outdated };
    },
    () => freshenEnds(world, deployment),
  );
}

/** Step Functions carries 256 KiB of state, and keeps every answer in its history. */
const sightCharactersMax = 16_000;

/** A rescue goes with the routes it was decided by: `apply`, a moment later, need not wait for EC2 to show them again. */
function withSight(decision: Decision, connection: Connection, sight: Sight | null): Decision {
  if (!isRescue(decision) || decision.lastSeenAt !== undefined || sight === null) return decision;
  const text = sightText(connection, sight);
  return text.length > sightCharactersMax ? decision : { ...decision, seen: { at: sight.seenAt, text } };
}

interface Taken extends Gathered {
  readonly turn: TurnResult;
}

/**
 * A rescue waits for nothing it does not need: where a canary says `down`, it is decided as soon as reports, gateway items
 * and routes are in, if it leads to where all was well at the last look; by routes last seen, once what is usual has been
 * waited for. Every other decision gets all there is, within the gathering's time. `memory`: null without the lock table.
 */
async function turnInTime(
  looking: Looking,
  memory: Memory | null,
  takeTurnOn: (evidence: Evidence) => TurnResult,
): Promise<Taken> {
  const take = async (): Promise<Taken> => {
    const gathered = await looking.gathered();
    return { ...gathered, turn: takeTurnOn(gathered.evidence) };
  };
  if (await looking.whenShown(limits.rescueWaitMs)) {
    const shown = await looking.gathered();
    if (saysDown(shown.evidence)) {
      const turn = takeTurnOn(shown.evidence);
      if (leadsToWell(turn.decision, memory)) return { ...shown, turn };
    }
  }
  if (!(await looking.whenAll(limits.rescueWaitMs))) {
    await looking.whenRescuable();
    const early = await take();
    if (isRescue(early.turn.decision)) return early;
    if (areRoutesUnread(early.evidence)) {
      await looking.whenRoutes();
      const later = await take();
      if (isRescue(later.turn.decision)) return later;
    }
    await looking.whenAll(limits.gatherMs);
  }
  return take();
}

/**
 * EC2 has not told of the machines yet: to a path that the last look of this incident did not find healthy, nobody goes
 * without. Example: EC2 says that b's machine stops, and b's canary still has an answer of nine seconds ago: users left b
 * and went back to it at once.
 */
function leadsToWell(decision: Decision, memory: Memory | null): boolean {
  const { incident, healthySince } = memory ?? { incident: null, healthySince: {} };
  return isRescue(decision) && decision.moves.every(({ to }) => incident === null || healthySince[to] !== undefined);
}

const saysDown = ({ reports, reportsFrom }: Evidence): boolean =>
  reportsFrom === 'table' && Object.values(reports).some((report) => report?.verdict === 'down');

/** The item that taking the lease has just shown need not be read again: a rescue comes one call sooner. */
function takenItem({ item, itemAt = 0, holder, token }: AssessRequest, now: Instant): ConnectionLease | null {
  if (!isRecord(item) || Math.abs(now - itemAt) > limits.itemKeepMs) return null;
  const lease = leaseFrom(fromItem(item as Attributes));
  return lease.holder === holder && lease.token === token ? lease : null;
}

/** Null: the state table does not answer. An item that vanished under its holder reads as empty. */
async function readLease(world: World, request: AssessRequest): Promise<ConnectionLease | 'absent' | null> {
  try {
    const table = stateTable(world.aws.dynamodb, world.env['STATE_TABLE']!, world);
    return (await table.readConnection(request.connection)) ?? (request.token === null ? 'absent' : leaseFrom({}));
  } catch (error) {
    if (!isTransient(error)) throw error;
    const because = (error as Error).message;
    logLine(world, {
      level: 'error',
      what: 'assess: state table unreachable',
      because,
      connection: request.connection,
    });
    return null;
  }
}

/**
 * With the item handed on, only the gateways' leases are read from the state table: if none of them could be, it does
 * not answer.
 */
const isSilent = ({ gatewayLeases }: Evidence): boolean =>
  Object.values(gatewayLeases).every((lease) => lease === null);

function gatewayCommandIn(event: unknown): Readonly<Record<string, unknown>> | null {
  return isAssessRequest(event) && event.failOpen !== true && isForGateway(event.request) ? event.request : null;
}

/** Each connection over the gateway is looked at by itself; nobody's lease is taken. */
async function decideTogether(
  world: World,
  deployment: Deployment,
  raw: Readonly<Record<string, unknown>>,
): Promise<Decision> {
  const parts = partsOf(deployment, raw);
  if (!('length' in parts)) return parts;
  const table = stateTable(world.aws.dynamodb, world.env['STATE_TABLE']!, world);
  const decided = await Promise.all(
    parts.map(async ({ connection: { name: connection }, request }) => {
      const lease = await table.readConnection(connection);
      if (lease === null) return { connection, decision: seedingTurn(deployment.connections[connection]!).decision };
      const { evidence } = await gather(world, deployment, { connection, lease });
      const { memory, desired, automation, writeUntil } = lease;
      const known = { memory, desired, automation, writeUntil };
      const now = world.now();
      const turn = takeTurn({ deployment, connection, evidence, ...known, request, failOpen: false, now }, review);
      return { connection, decision: turn.decision };
    }),
  );
  return together(decided);
}

/** Throws before anything is read: an unknown connection costs nothing. */
function requestFrom(event: unknown, deployment: Deployment): AssessRequest {
  if (!isAssessRequest(event)) throw new MalformedInput('assess request: schema must be 1');
  connectionOf(deployment, event.connection);
  return {
    ...event,
    request: event.request ?? null,
    token: event.token ?? null,
    failOpen: event.failOpen === true,
    startFault: typeof event.startFault === 'string' ? event.startFault : '',
  };
}

export const handler = onRealWorld(createHandler, (options) => ({
  cloudwatch: new CloudWatchClient(options),
  dynamodb: new DynamoDBClient(options),
  ec2: new EC2Client(options),
  ssm: new SSMClient(options),
  sts: new STSClient(options),
}));
