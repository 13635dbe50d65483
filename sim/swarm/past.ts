/**
 * A long past, drawn as the state it leaves rather than played: what the tables and the VPC hold after months in which
 * gateways were replaced and rebuilt, incidents came and went, budgets were spent and drains ran out.
 *
 * Laid down before anything runs and before any law watches.
 */

import { emptyMemory, type Memory } from '../../core/store/memory';
import type { Deployment, InstanceGateway } from '../../core/words/domain';
import { instancesOf } from '../../core/words/gateways';
import { dayMs, hourMs, minuteMs } from '../../core/words/time';
import { type Random, randomStream } from '../../local-cloud/random';
import type { SimulatedCloud } from '../simulated-cloud';

const pastRatio = 0.3;

/** What can be left, counted by name in the coverage. */
export const pasts = [
  'replaced gateway',
  'replacement not journalled',
  'ended replacement',
  'old incident',
  'spent budgets',
  'expired drain',
  'open journal',
] as const;

type Attribute = Readonly<Record<string, unknown>>;

/** Names of what was left. */
export async function layPast(seed: number, cloud: SimulatedCloud, stateTable: string): Promise<readonly string[]> {
  const random = randomStream(seed, 'swarm/past');
  if (!random.chance(pastRatio)) return [];
  const left: string[] = [];
  const put = (key: string, item: Attribute): Promise<unknown> =>
    cloud.dynamodb.call('PutItem', { TableName: stateTable, Item: { pk: { S: key }, sk: { S: 'lease' }, ...item } });
  const { deployment, clock } = cloud.world;
  const gateway = random.pick(Object.values(instancesOf(deployment)));
  // Of their own stream, so that they move no other draw.
  const isJournalled = !randomStream(seed, 'swarm/past/journal').chance(0.3);
  if (random.chance(0.6)) await put(`gateway#${gateway.name}`, gatewayPast(random, cloud, gateway, isJournalled, left));
  for (const name of Object.keys(deployment.connections))
    await put(`connection#${name}`, connectionPast(random, deployment, name, clock.now(), left));
  return left;
}

/**
 * Either it serves as its own replacement, which `replace` wrote down and some run has journalled, or died before; or a
 * replacement was ended by the ids that are declared now.
 */
function gatewayPast(
  random: Random,
  cloud: SimulatedCloud,
  gateway: InstanceGateway,
  isJournalled: boolean,
  left: string[],
): Attribute {
  const declared = {
    instanceId: gateway.instanceId,
    routeInterfaceId: gateway.routeInterfaceId,
    allocationId: gateway.address?.allocationId ?? null,
  };
  // One that canaries of another end ask itself is never replaced: its heir would have another address.
  const isReplaced = gateway.launchTemplate !== undefined && random.chance(0.5) && gateway.end === undefined;
  if (isReplaced) {
    left.push(isJournalled ? 'replaced gateway' : 'replacement not journalled');
    const replacement = { instanceId: 'i-0fa57000000000001', routeInterfaceId: 'eni-0fa57000000000001' };
    cloud.replacedLongAgo(gateway.name, replacement);
    return isJournalled
      ? { identity: { S: JSON.stringify({ ...replacement, replaced: declared, former: [declared] }) } }
      : {};
  }
  left.push('ended replacement');
  const gone = (n: number) => ({ instanceId: `i-0fa5700000000000${n}`, routeInterfaceId: `eni-0fa5700000000000${n}` });
  const replaced = { ...gone(3), allocationId: declared.allocationId };
  return { identity: { S: JSON.stringify({ ...gone(2), replaced, former: [gone(3)] }) } };
}

function connectionPast(
  random: Random,
  { connections }: Deployment,
  name: string,
  now: number,
  left: string[],
): Attribute {
  const { paths, routeSets } = connections[name]!;
  const closedAt = now - random.int(2, 90) * hourMs;
  const past: Partial<Memory>[] = [];
  if (random.chance(0.7)) {
    left.push('old incident');
    const openedAt = closedAt - 20 * minuteMs;
    past.push({
      lastIncident: { id: 'old', openedAt, closedAt, because: 'canary missed 3 rounds in a row' },
      practisedAt: Object.fromEntries(Object.keys(routeSets).map((set) => [set, openedAt])),
    });
  }
  if (random.chance(0.5)) {
    left.push('spent budgets');
    const spent = (): number[] =>
      Array.from({ length: random.int(0, 2) }, () => now - random.int(1, 23) * hourMs).sort();
    past.push({
      budgets: { moves: spent(), failbacks: spent(), severeMoves: spent(), repairs: spent(), replaces: [] },
    });
  }
  const drains: Record<string, { S: string }> = {};
  if (random.chance(0.3)) {
    left.push('expired drain');
    const drain = { kind: 'hard', since: now - dayMs, until: now - hourMs, reason: 'kernel', requestedBy: 'ana' };
    drains[Object.keys(paths)[0]!] = { S: JSON.stringify(drain) };
  }
  // Two in ten died in the middle of a write, and half of those were looked at since.
  const isOpen = random.chance(0.2);
  if (isOpen) left.push('open journal');
  if (isOpen && random.chance(0.5)) past.push({ settledJournal: closedAt });
  const memory = JSON.stringify(Object.assign({}, emptyMemory, ...past));
  return {
    token: { N: String(random.int(3, 4_000)) },
    signals: { N: String(random.int(10, 90_000)) },
    memory: { S: memory },
    drains: { M: drains },
    ...(isOpen && { writeUntil: { N: String(closedAt) } }),
    seededAt: { N: String(now - 90 * dayMs) },
  };
}
