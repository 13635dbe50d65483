/**
 * The state table, read side: connection items, gateway items, and their first existence; what EC2 announced, and what
 * was declared. Reads are consistent: the fence and the order of assess are worth nothing on a stale replica.
 *
 * Lease updates are not here: the state machine makes them itself (`statemachines/failover.asl.json`).
 */
import { type DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { declarationAfter } from '../../core/gateways/identity';
import { type ConnectionLease, gatewayLeaseFrom, leaseFrom } from '../../core/store/lease';
import { declarationFrom, observationFrom } from '../../core/store/stored';
import type { ConnectionName, GatewayName, InstanceGateway } from '../../core/words/domain';
import type { GatewayLease, Observation } from '../../core/words/evidence';
import { attempt, attemptOnCondition, type Clock } from '../attempt';
import { type Attributes, fromItem } from './attributes';

export interface StateTable {
  /** Null: not seeded yet. */
  readConnection(name: ConnectionName): Promise<ConnectionLease | null>;
  readGateways(names: readonly GatewayName[]): Promise<Readonly<Record<GatewayName, GatewayLease>>>;
  /** What EC2 announced last about each gateway's instance. */
  readObservations(names: readonly GatewayName[]): Promise<Readonly<Record<GatewayName, Observation | null>>>;
  /** False: a newer one is there already. */
  observe(name: GatewayName, observation: Observation): Promise<boolean>;
  /** Creates the items that do not exist; touches nothing that does. */
  seed(connections: readonly ConnectionName[], gateways: readonly GatewayName[]): Promise<void>;
  /** Writes down what is declared of these gateways, where it is not what was written last. */
  declare(gateways: readonly InstanceGateway[]): Promise<void>;
}

/** Key of the lease item of a connection or a gateway. */
export function leaseKey(
  kind: 'connection' | 'gateway',
  name: string,
): { readonly pk: { S: string }; readonly sk: { S: string } } {
  return { pk: { S: `${kind}#${name}` }, sk: { S: 'lease' } };
}

/** Only `sense` may write under this key (infra/functions.ts). */
const observationKey = (name: GatewayName) => ({ pk: { S: `observed#${name}` }, sk: { S: 'instance' } });

export function stateTable(dynamodb: Pick<DynamoDBClient, 'send'>, table: string, clock: Clock): StateTable {
  const get = async (Key: Attributes, on: string): Promise<Attributes | undefined> => {
    const command = new GetItemCommand({ TableName: table, Key, ConsistentRead: true });
    const { Item } = await attempt(clock, { operation: 'GetItem', on }, () => dynamodb.send(command));
    return Item;
  };
  const read = (kind: 'connection' | 'gateway', name: string): Promise<Attributes | undefined> =>
    get(leaseKey(kind, name), `${kind} ${name}`);

  /** False: it exists. */
  const create = (kind: 'connection' | 'gateway', name: string, fresh: Attributes): Promise<boolean> => {
    const put = new PutItemCommand({
      TableName: table,
      Item: { ...leaseKey(kind, name), ...fresh },
      ConditionExpression: 'attribute_not_exists(pk)',
    });
    return attemptOnCondition(clock, { operation: 'PutItem', on: `${kind} ${name}` }, () => dynamodb.send(put));
  };

  return {
    async readConnection(name) {
      const item = await read('connection', name);
      return item === undefined ? null : leaseFrom(fromItem(item));
    },
    async readGateways(names) {
      const items = await Promise.all(names.map((name) => read('gateway', name)));
      return Object.fromEntries(
        names.map((name, i) => [name, gatewayLeaseFrom(name, items[i] === undefined ? undefined : fromItem(items[i]))]),
      );
    },
    async readObservations(names) {
      const items = await Promise.all(names.map((name) => get(observationKey(name), `observation of ${name}`)));
      return Object.fromEntries(names.map((name, i) => [name, items[i] ? observationFrom(fromItem(items[i])) : null]));
    },
    observe(name, { instanceId, state, at }) {
      const put = new PutItemCommand({
        TableName: table,
        Item: {
          ...observationKey(name),
          instanceId: { S: instanceId },
          state: { S: state },
          at: { N: String(at) },
        },
        // EventBridge keeps no order, and gives seconds: of two in one second the later word counts.
        ConditionExpression: 'attribute_not_exists(pk) OR #at <= :at',
        ExpressionAttributeNames: { '#at': 'at' },
        ExpressionAttributeValues: { ':at': { N: String(at) } },
      });
      return attemptOnCondition(clock, { operation: 'PutItem', on: `observation of ${name}` }, () =>
        dynamodb.send(put),
      );
    },
    async seed(connections, gateways) {
      for (const name of connections) {
        const seededAt = { N: String(clock.now()) };
        await create('connection', name, { signals: { N: '0' }, token: { N: '0' }, drains: { M: {} }, seededAt });
      }
      for (const name of gateways) await create('gateway', name, {});
    },
    async declare(gateways) {
      for (const gateway of gateways) {
        const on = `gateway ${gateway.name}`;
        const stored = (await read('gateway', gateway.name))?.['declared'];
        const before = stored === undefined ? undefined : fromItem({ stored })['stored'];
        const declared = declarationAfter(declarationFrom(before), gateway);
        if (declared === null) continue;
        const update = new UpdateItemCommand({
          TableName: table,
          Key: leaseKey('gateway', gateway.name),
          UpdateExpression: 'SET #declared = :declared',
          // Another sweep may have been here meanwhile: then its word stands till the next deployment.
          ConditionExpression:
            stored === undefined
              ? 'attribute_exists(pk) AND attribute_not_exists(#declared)'
              : 'attribute_exists(pk) AND #declared = :before',
          ExpressionAttributeNames: { '#declared': 'declared' },
          ExpressionAttributeValues: {
            ':declared': { S: JSON.stringify(declared) },
            ...(stored !== undefined && { ':before': stored }),
          },
        });
        await attemptOnCondition(clock, { operation: 'UpdateItem', on }, () => dynamodb.send(update));
      }
    },
  };
}
