/**
 * What came of the orders to speakers: by the document's own output at once, and by every reading of the speaker after it.
 *
 *     ordered -- ended: done ---- the tunnel is empty ........ "drained and empty since 02:14:07: go"
 *                |        `------ packets still come in ...... the peer does not follow: people are told
 *                `- failed: once more, then told
 *
 * An order that is done is no move: only what comes in by the tunnel, and what users get, shows that the partner followed.
 */

import { isUsed } from '../decide/speaker-wants';
import type { View } from '../decide/view';
import { quietAt, readingOf, speakerOf } from '../gateways/speaker';
import { watchedMaxMs } from '../gateways/speaker-orders';
import { type OrderOutcome, orderOutcome } from '../gateways/speaker-output';
import type { Memory, RungRun } from '../store/memory';
import { cutTo, reasonBytes } from '../store/memory-text';
import type { DrainProof, Order } from '../store/speaker-order';
import type { PathName } from '../words/domain';
import { isMovedByNetwork } from '../words/routing';
import { own } from '../words/shape';
import { type Instant, instantText, minuteMs } from '../words/time';

/** An order that was undone long ago has nothing more to say. */
const keptMs = 10 * minuteMs;

export function followOrders(view: View): Memory {
  const { memory, now } = view;
  const toTell = [...memory.toTell];
  const followed = Object.entries(memory.orders).flatMap(([path, order]): [PathName, Order][] => {
    if (speakerOf(view, path) === null) return [];
    if (order.to === 'normal' && order.isDone && now - (order.endedAt ?? now) > keptMs) return [];
    const seen = watched(view, path, ended(view, path, order));
    if (isNewlyEmpty(order, seen) && own(view.assessment.paths, path)?.drained === true)
      toTell.push({ key: `drained/${path}/${seen.emptyAt}`, text: emptyText(path, seen.emptyAt!) });
    return [[path, seen]];
  });
  const drainProofs = { ...memory.drainProofs, ...Object.fromEntries(followed.flatMap((one) => proofOf(view, one))) };
  return { ...memory, orders: Object.fromEntries(followed), drainProofs, toTell };
}

/** The document watched the tunnel run empty, and users' packets had come in by it before. */
function proofOf(view: View, [path, order]: [PathName, Order]): [PathName, DrainProof][] {
  const { endedAt, emptyAt, wasUsed } = order;
  if (!wasUsed || endedAt === null || emptyAt !== endedAt) return [];
  if (own(view.memory.orders, path)?.endedAt !== null) return []; // It ended before this look.
  const output = view.evidence.automation?.outputs['Output'] ?? '';
  const ms = orderOutcome(output, speakerOf(view, path)!.neighbor)?.quietAfterMs ?? null;
  return ms === null ? [] : [[path, { at: endedAt, ms }]];
}

const isNewlyEmpty = (before: Order, { emptyAt }: Order): boolean => before.emptyAt === null && emptyAt !== null;

/** What whoever asked for the maintenance waits for. */
const emptyText = (path: PathName, emptyAt: Instant): string =>
  `path ${path} is drained and empty since ${instantText(emptyAt)}: go`;

/** Its automation has ended with this look. */
function ended(view: View, path: PathName, order: Order): Order {
  if (order.endedAt !== null) return order;
  const run = view.memory.rungs.find((one) => isOf(one, path, order));
  if (run === undefined) return { ...order, endedAt: view.now, failures: order.failures + 1 };
  if (run.endedAt === null) return order;
  const { automation } = view.evidence;
  const output = run.result === 'success' && automation !== null ? automation.outputs['Output'] : undefined;
  const outcome = orderOutcome(output ?? '', speakerOf(view, path)!.neighbor);
  if (run.result !== 'success' || outcome === null || outcome.advertises !== order.to) {
    const said = whyFailed(run);
    return { ...order, endedAt: run.endedAt, failures: order.failures + 1, said: cutTo(said, reasonBytes.least) };
  }
  const { said: _, ...done } = order;
  const isQuiet = order.to === 'drained' && outcome.quietAfterMs !== null;
  const emptyAt = isQuiet && hasLeft(view, path) && !isUnserved(view, path, run.endedAt) ? run.endedAt : null;
  const unmovedAt = emptyAt === null && isStillFull(view, path, order, outcome) ? run.endedAt : null;
  return { ...done, endedAt: run.endedAt, isDone: true, failures: 0, emptyAt, unmovedAt };
}

function whyFailed({ result, said }: RungRun): string {
  if (result === 'success') return 'its document does not show that it was done';
  return result === 'denied' ? `access denied to ${said ?? 'one of its calls'}` : (said ?? result);
}

/** The document counts only where it watches, and it has watched for all the time that the partner had. */
function isStillFull({ connection }: View, path: PathName, { to }: Order, outcome: OrderOutcome): boolean {
  const { receivedPerSecond, quietAfterMs } = outcome;
  const hasWatched = (connection.routing?.convergeWithinMs ?? Infinity) <= watchedMaxMs;
  const comesIn = receivedPerSecond !== null && receivedPerSecond > quietAt(connection, path);
  return to === 'drained' && hasWatched && comesIn && quietAfterMs === null;
}

const isOf = (run: RungRun, path: PathName, { startedAt }: Order): boolean =>
  run.path === path && run.purpose === 'order' && run.startedAt === startedAt;

/** What a later reading shows of the tunnel, and the service canaries of those who left it. */
function watched(view: View, path: PathName, order: Order): Order {
  if (order.to !== 'drained' || !order.isDone || order.endedAt === null || order.emptyAt !== null) return order;
  const { connection, now } = view;
  const dueAt = order.endedAt + (connection.routing?.convergeWithinMs ?? 0);
  if (isUnserved(view, path, dueAt)) return { ...order, unmovedAt: order.unmovedAt ?? now };
  const read = readingOf(view, speakerOf(view, path)!);
  if (!hasLeft(view, path))
    return isUsed(view, path) && now >= dueAt ? { ...order, unmovedAt: order.unmovedAt ?? now } : order;
  if (read === null || read.at <= order.endedAt || read.receivedPerSecond === null) return order;
  // Something has undone the order: that no packets come in while all is dead is no word to go ahead.
  if (read.advertises === 'normal') return order;
  if (read.receivedPerSecond <= quietAt(connection, path)) return { ...order, emptyAt: read.at, unmovedAt: null };
  return read.at >= dueAt ? { ...order, unmovedAt: order.unmovedAt ?? read.at } : order;
}

/** Where the network moves users they leave a path after its drain: one that routes still lead to is not empty. */
const hasLeft = (view: View, path: PathName): boolean =>
  !isMovedByNetwork(view.connection) ||
  Object.values(view.assessment.sets).every(({ used }) => used.length > 0 && !used.includes(path));

/** Users who left it get no answer where they are now, though that path's own canary does: they come back over this one. */
function isUnserved({ assessment }: View, path: PathName, since: Instant): boolean {
  return Object.values(assessment.sets).some(
    ({ used, service, serviceAt }) =>
      service === 'down' &&
      serviceAt > since &&
      used.length === 1 &&
      used[0] !== path &&
      assessment.paths[used[0]!]?.provenWorking === true,
  );
}
