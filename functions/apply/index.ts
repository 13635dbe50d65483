/**
 * The apply function: the one place that writes routes. It trusts no plan it is told: it is made again from fresh
 * routes by the same pure function and its digest compared, and every write asks the fence first.
 *
 *     look (gateway items, routes)    \
 *     open the journal, tell "before" / -> lease ours? same plan? -> writes -> tell "after" -> close
 *
 * The journal is opened beside the look, since users wait: a plan that is stale by then is told and closed unwritten.
 * A rescue is planned by the routes its decision was made by, while they are of this moment; one that EC2 does not show
 * its routes, by those it showed last (route-looks.ts). Fail open (`lease` null, the lock table is down): no fence and
 * no journal, the same plan rules. Law: a lease lost after a write ends in `lease_lost` and touches nothing more. The
 * window that remains is bounded by this function's timeout and the lease's margin, and detected, not prevented
 * (docs/ARCHITECTURE.md, "The window").
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { type Journal, journal, type StoryItem, type Writer } from '../../adapters/dynamodb/journal';
import { type Sights, sights } from '../../adapters/dynamodb/sights';
import { type StateTable, stateTable } from '../../adapters/dynamodb/state-table';
import type { Routes } from '../../adapters/ec2/route-port';
import { replacesOnly } from '../../core/decide/last-seen';
import { sightFrom } from '../../core/facts/sight-text';
import type { Known } from '../../core/gateways/kind';
import { placesOf } from '../../core/gateways/kinds';
import { buildPlan, type Plan } from '../../core/routes/plan';
import { type Fence, mayWrite } from '../../core/store/lease';
import { afterMoves } from '../../core/turn/answers';
import { type ApplyRequest, type ApplyResult, isRescue, type StepResult } from '../../core/words/decision';
import type { Connection, Deployment } from '../../core/words/domain';
import { gatewaysOf } from '../../core/words/ends';
import type { Places, Sight } from '../../core/words/evidence';
import { limits } from '../../core/words/policy';
import { type Instant, secondMs, spanText } from '../../core/words/time';
import { settled } from '../assess/parts';
import { looksAt } from '../assess/route-looks';
import { freshenEnds } from '../ends';
import { unlessWarmUp } from '../keep-warm';
import { logLine } from '../log';
import { onRealWorld } from '../real-world';
import { routesAtEnds } from '../routes-at-ends';
import { readStandIns } from '../stand-ins';
import type { InvocationContext, World } from '../world';
import { parseApplyRequest } from './apply-request';
import { writeAtEnds } from './at-both-ends';
import { isProofRequest, proveEnds } from './prove-ends';
import type { Writes, Written } from './route-writes';
import { isStartRequest, startElsewhere } from './start-elsewhere';

/** Kept for the read-back and the journal. */
const closingMs = 3 * secondMs;
/** Step Functions carries 256 KiB of state; the story has all of them. */
const stepsReportedMax = 100;

interface Tools {
  readonly world: World;
  readonly state: StateTable;
  readonly journal: Journal;
  readonly routes: Routes;
  readonly sights: Sights;
}

type Handler = (event: unknown, context: InvocationContext) => Promise<ApplyResult>;

export function createHandler(world: World, deployment: Deployment): Handler {
  const table = world.env['STATE_TABLE']!;
  const tools: Tools = {
    world,
    state: stateTable(world.aws.dynamodb, table, world),
    journal: journal(world.aws.dynamodb, table, world),
    routes: routesAtEnds(world, deployment, limits.routesPatienceMs),
    sights: sights(world.aws.dynamodb, table, world),
  };
  return unlessWarmUp(
    async (event, context: InvocationContext) => {
      // Other questions with other answers: the first is asked by doctor, the second by the state RepairElsewhere.
      const other = isProofRequest(event)
        ? proveEnds(tools.routes, deployment)
        : isStartRequest(event) && startElsewhere(world, deployment, event);
      if (other !== false) return (await other) as unknown as ApplyResult;
      const request = parseApplyRequest(event, deployment);
      const deadlineAt = world.now() + context.getRemainingTimeInMillis() - closingMs;
      const result = await apply(tools, deployment, request, deadlineAt);
      logLine(world, {
        level: result.outcome === 'applied' ? 'info' : 'warn',
        what: `apply: ${result.outcome}`,
        because: result.because,
        connection: request.connection,
        decision: request.decision.kind,
        decided: request.decision.because,
        lease: request.lease,
        planDigest: request.decision.planDigest,
        steps: result.steps,
      });
      return result;
    },
    () => freshenEnds(world, deployment),
  );
}

async function apply(
  tools: Tools,
  deployment: Deployment,
  request: ApplyRequest,
  deadlineAt: number,
): Promise<ApplyResult> {
  const { connection: name, decision, lease } = request;
  const connection = deployment.connections[name]!;
  const looks = looksAt(tools, connection, lease !== null && isRescue(decision), decision.lastSeenAt !== undefined);
  const ageMs = tools.world.now() - decision.decidedAt;
  if (ageMs > limits.decisionAgeMaxMs)
    return answer('stale_plan', `nothing was written: decided ${spanText(ageMs)} ago`);
  const opening = lease === null ? null : openJournal(tools, request, { connection: name, ...lease });
  const handed = lease !== null && isRescue(decision) ? handedOn(connection, decision, tools.world.now()) : null;
  const [opened, places, shown] = await Promise.all([
    opening,
    placesNow(tools, deployment, request),
    handed === null ? looks.first() : null,
  ]);
  const unwritten = (result: ApplyResult): Promise<ApplyResult> =>
    opened === null ? Promise.resolve(result) : closeUnwritten(tools, opened, result);
  if (opened !== null && !opened.fence.ok)
    return unwritten(answer('lease_lost', `nothing was written: ${opened.fence.because}`));

  const planBy = ({ routes, pins }: Sight): Plan => buildPlan(connection, places(pins), routes, decision.moves);
  const byHanded = handed === null ? null : { sight: handed, isShown: true, plan: planBy(handed) };
  const isGood = byHanded !== null && replacesOnly(byHanded.plan) && byHanded.plan.digest === decision.planDigest;
  const found = isGood ? byHanded : (shown ?? (await looks.first()));
  if (found === null) return unwritten(answer('stale_plan', 'nothing was written: EC2 does not show the routes'));
  const { routes } = found.sight;
  const plan = isGood ? byHanded.plan : planBy(found.sight);
  const conflicts = plan.conflicts.map(conflictResult);
  if (plan.steps.length === 0) {
    const sets = decision.moves.map((move) => move.routeSet).join(', ');
    return unwritten(answer('nothing_to_do', `no route of ${sets} needs a change`, conflicts));
  }
  const stale = (because: string): Promise<ApplyResult> =>
    unwritten(answer('stale_plan', `nothing was written: ${because}`, conflicts));
  if (!found.isShown && !replacesOnly(plan))
    return stale('EC2 does not show the routes, and they are not ours to replace');
  if (plan.digest !== decision.planDigest) return stale('routes or targets changed since the decision');

  const reread = async () => (await looks.again())?.routes ?? null;
  // A rescue goes on without a read-back: each of its routes is replaced for itself.
  const mayGoUnseen = lease !== null && isRescue(decision) && replacesOnly(plan);
  const writes: Writes = {
    steps: plan.steps,
    routes,
    reread,
    mayGoUnseen,
    ...fenced(tools, request, opened),
    dryRun: tools.routes.dryRun,
    deadlineAt,
  };
  const carryOut = () => writeAtEnds(tools.world, writes, connection, decision.planned);
  // The lock table is down: no fence, no journal, the same plan rules.
  if (opened === null) return trimmed(conclude(await carryOut(), conflicts));
  const done = await writeJournalled(tools, request, opened, carryOut, conflicts);
  const result = { ...done, because: `${done.because}${ordersText(plan, request.decision)}` };
  if (result.outcome !== 'lease_lost') await looks.keep();
  return result;
}

/** What the plan leaves to the machine, which gives one order after another: no route waits for a speaker. */
const ordersText = ({ orders }: Plan, { order }: ApplyRequest['decision']): string =>
  orders
    .map(({ kind, path, speaker, scope }) => {
      const when = kind === order?.rung && path === order.path ? 'ordered meanwhile' : 'to be ordered';
      return `; ${when}: ${kind} path ${path} at ${speaker} across ${scope}`;
    })
    .join('');

/**
 * The routes as `assess` saw them a moment ago. Good for replacing what stands there, like any sight of a rescue; for
 * whatever else, and where a gateway has changed meanwhile, EC2 is asked again.
 */
function handedOn(connection: Connection, { seen }: ApplyRequest['decision'], now: Instant): Sight | null {
  if (seen === undefined || Math.abs(now - seen.at) > limits.routesKeepMs) return null;
  return sightFrom(connection, seen.text, seen.at);
}

/** Where each path leads, once the pinning routes are known too. */
async function placesNow(
  { state, world }: Tools,
  deployment: Deployment,
  { connection: name, lease }: ApplyRequest,
): Promise<(pins: Known['pins']) => Places> {
  const gateways = gatewaysOf(deployment.connections[name]!);
  const unread = (because: string): void =>
    logLine(world, { level: 'warn', what: 'apply: unread', because, connection: name });
  const [gatewayLeases, standIns] = await Promise.all([
    lease === null ? {} : state.readGateways(gateways),
    lease === null ? readStandIns(world, deployment, gateways, unread) : {},
  ]);
  return (pins) => placesOf(deployment, name, { gatewayLeases, standIns, pins });
}

interface Opened {
  readonly writer: Writer;
  readonly story: Pick<StoryItem, 'decidedAt' | 'planDigest'>;
  /** Was the lease still ours when the journal was opened? `at` is that instant. */
  readonly fence: Fence;
  readonly at: Instant;
}

/**
 * The story before a write says what is planned, and routes may be found elsewhere meanwhile; the story after it says
 * what was written. Users in the dark do not wait for it: a rescue whose story is refused goes on by the journal alone.
 */
async function openJournal({ world, journal }: Tools, request: ApplyRequest, writer: Writer): Promise<Opened> {
  const { kind, rule, because, moves, decidedAt, planDigest } = request.decision;
  const story = { decidedAt, planDigest };
  const body = { schema: 1, at: world.now(), ...writer, kind, rule, because, moves };
  const [lease, told] = await Promise.all([
    journal.open(writer, world.now() + limits.applyMs, begunWith(request)),
    settled(journal.tell(writer.connection, { ...story, when: 'before', body })),
  ]);
  if (!told.ok && !isRescue(request.decision)) throw told.fault;
  const at = world.now();
  const fence: Fence =
    lease === null
      ? { ok: false, because: 'the lease went before the journal was opened' }
      : mayWrite(lease, writer, at);
  return { writer, story, fence, at };
}

const untoldText = ({ message }: Error): string => `its story could not be written: ${message}`;

/** The order that is given beside these writes is remembered before anybody knows what becomes of them. */
const begunWith = ({ decision, memory }: ApplyRequest): string | null => (decision.order === undefined ? null : memory);

async function closeUnwritten({ world, journal }: Tools, opened: Opened, result: ApplyResult): Promise<ApplyResult> {
  const body = { schema: 1, at: world.now(), outcome: result.outcome, because: result.because, steps: [] };
  const closed = await close(journal, opened.writer, null, { ...opened.story, when: 'after', body });
  if (closed.because === '' || result.outcome === 'lease_lost') return result;
  return {
    ...result,
    outcome: closed.lost ? 'lease_lost' : result.outcome,
    because: `${result.because}; ${closed.because}`,
  };
}

/**
 * Fail open asks nobody: there is nobody to ask. What the journal showed as it was opened is the fence of the first writes,
 * which are sent at once and together; whatever is written after one of them asks again.
 */
function fenced(
  { state, world, routes }: Tools,
  { connection, lease }: ApplyRequest,
  opened: Opened | null,
): Pick<Writes, 'fence' | 'write'> {
  if (lease === null || opened === null) return { fence: async () => ({ ok: true }), write: routes.write };
  let hasWritten = false;
  return {
    write: (step) => {
      hasWritten = true;
      return routes.write(step);
    },
    fence: async () => {
      if (!hasWritten && world.now() - opened.at <= limits.fenceKeepMs) return opened.fence;
      const item = await state.readConnection(connection);
      return item === null ? { ok: false, because: 'the connection item is gone' } : mayWrite(item, lease, world.now());
    },
  };
}

async function writeJournalled(
  tools: Tools,
  { decision, memory }: ApplyRequest,
  { writer, story }: Opened,
  carryOut: () => Promise<Written>,
  conflicts: readonly StepResult[],
): Promise<ApplyResult> {
  const { world } = tools;
  const written = await carryOut();
  const result = conclude(written, conflicts);
  // What was refused is remembered too: people hear which call and which table, and it is tried again slowly.
  const tried = written.results.some((step) => step.result !== 'waiting');
  const after = tried ? afterMoves(memory, decision, result.steps, world.now()) : null;
  const body = { schema: 1, at: world.now(), outcome: result.outcome, because: result.because, steps: written.results };
  const closed = await close(tools.journal, writer, after, { ...story, when: 'after', body });
  if (closed.lost)
    return trimmed({ ...result, outcome: 'lease_lost', because: `${result.because}; ${closed.because}` });
  return trimmed(closed.because === '' ? result : { ...result, because: `${result.because}; ${closed.because}` });
}

/**
 * The routes are moved by now: a journal that cannot be written is said, not thrown. Its condition is the read-back of
 * the lease: a lost one refuses the update, and nothing more is touched.
 */
async function close(
  journal: Journal,
  writer: Writer,
  memory: string | null,
  story: StoryItem,
): Promise<{ lost: boolean; because: string }> {
  const told = await settled(journal.tell(writer.connection, story));
  try {
    const mine = await journal.close(writer, memory);
    return mine
      ? { lost: false, because: told.ok ? '' : untoldText(told.fault) }
      : { lost: true, because: 'the lease was lost meanwhile' };
  } catch (error) {
    return { lost: false, because: `the journal could not be closed: ${(error as Error).message}` };
  }
}

function conclude(written: Written, conflicts: readonly StepResult[]): ApplyResult {
  const steps = [...written.results, ...conflicts];
  const done = written.results.filter((step) => step.result === 'done').length;
  const count = `${done} of ${written.results.length} routes moved`;
  if (written.fenced !== null) return answer('lease_lost', `${count}, then: ${written.fenced}`, steps);
  if (done === written.results.length) return answer('applied', count, steps);
  const open = steps.find(({ result }) => result === 'refused') ?? steps.find(({ result }) => result !== 'done')!;
  const isMoving = steps.some((step) => step.result === 'done' || step.result === 'sent');
  const because = `${count}; ${open.destination} in ${open.table}: ${open.detail}`;
  return answer(isMoving ? 'partial' : 'unwritten', because, steps);
}

function conflictResult(conflict: Plan['conflicts'][number]): StepResult {
  const { routeSet, table, destination, because } = conflict;
  return {
    routeSet,
    table,
    destination,
    kind: 'replace',
    from: null,
    to: null,
    result: 'conflict',
    detail: because,
  };
}

function answer(outcome: ApplyResult['outcome'], because: string, steps: readonly StepResult[] = []): ApplyResult {
  return { schema: 1, outcome, because, steps };
}

/** Steps that were not done come first, because a person must read those. */
function trimmed(result: ApplyResult): ApplyResult {
  const steps = [
    ...result.steps.filter((s) => s.result !== 'done'),
    ...result.steps.filter((s) => s.result === 'done'),
  ];
  return { ...result, steps: steps.slice(0, stepsReportedMax) };
}

export const handler = onRealWorld(createHandler, (options) => ({
  dynamodb: new DynamoDBClient(options),
  ec2: new EC2Client(options),
  ssm: new SSMClient(options),
  sts: new STSClient(options),
}));
