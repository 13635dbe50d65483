/**
 * The state table, read side: connection items, gateway items, and their first existence; what EC2 announced, and what
 * was declared. Reads are consistent: the fence and the order of assess are worth nothing on a stale replica.
 *
 * Lease updates are not here: the state machine makes them itself (`statemachines/failover.asl.json`).
 */
import { type DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { declarationAfter } from '../../core/gateways/identity';
import { type ConnectionLease, gatewayLeaseFrom, leaseFrom } from '../../core/store/lease';
import { healthAttributes, type Observed, observedFrom } from '../../core/store/observed';
import type {
  ConnectionName,
  Declaration,
  Gateway,
  GatewayName,
  InstanceGateway,
  Replacement,
} from '../../core/words/domain';
import type { Apart, GatewayLease, HealthWord, Observation } from '../../core/words/evidence';
import { attempt, attemptOnCondition, type Clock } from '../attempt';
import { type Attributes, fromItem } from './attributes';

export interface StateTable {
  /** Null: not seeded yet. */
  readConnection(name: ConnectionName): Promise<ConnectionLease | null>;
  readGateways(names: readonly GatewayName[]): Promise<Readonly<Record<GatewayName, GatewayLease>>>;
  /** What EC2 announced last about each gateway's instance, and what AWS Health said of it. */
  readObservations(names: readonly GatewayName[]): Promise<Readonly<Record<GatewayName, Observed>>>;
  /** False: a newer one is there already. */
  observe(name: GatewayName, observation: Observation): Promise<boolean>;
  /** False: the same was said before. */
  hear(name: GatewayName, word: HealthWord): Promise<boolean>;
  /** Writes down which configuration is deployed, with the token there is. False: it is written already, or no such item. */
  stamp(name: ConnectionName, configured: string): Promise<boolean>;
  /** Creates the items that do not exist; touches nothing that does. */
  seed(connections: readonly ConnectionName[], gateways: readonly Gateway[]): Promise<void>;
  /** Writes down what is declared of these gateways, where it is not what was written last. */
  declare(gateways: readonly InstanceGateway[]): Promise<void>;
  /**
   * Changes what is written about who a gateway is, on condition that its item is still what `change` was shown. Null:
   * nothing is to be changed. False: nothing was; the item does not exist, or is another by now.
   */
  amend(name: GatewayName, change: (lease: GatewayLease) => GatewayChange | null): Promise<boolean>;
}

interface GatewayChange {
  readonly declared?: Declaration;
  readonly identity?: Replacement;
  /** Null: it is taken away. Absent: it stays. */
  readonly apart?: Apart | null;
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

const jsonIn = (value: object): { S: string } => ({ S: JSON.stringify(value) });

/** Of a new item: what is declared from the first. */
const declarationIn = (gateway: Gateway): Attributes =>
  gateway.kind === 'instance' ? { declared: jsonIn(declarationAfter(undefined, gateway)!) } : {};

/** Everything in a gateway's item: a repair that begins meanwhile, or another sweep, makes it another. */
const gatewayAttributes = ['holder', 'clientToken', 'rung', 'until', 'claimedBy', 'identity', 'declared', 'apart'];

function changeOf(change: GatewayChange, stored: Attributes) {
  const entries = Object.entries(change).filter(([, value]) => value !== undefined);
  const set = entries.filter(([, value]) => value !== null);
  const gone = entries.filter(([, value]) => value === null);
  const known = gatewayAttributes.filter((name) => stored[name] !== undefined);
  const same = gatewayAttributes.map((name) =>
    known.includes(name) ? `#${name} = :${name}Before` : `attribute_not_exists(#${name})`,
  );
  const expression = [
    set.length > 0 ? `SET ${set.map(([name]) => `#${name} = :${name}`).join(', ')}` : '',
    gone.length > 0 ? `REMOVE ${gone.map(([name]) => `#${name}`).join(', ')}` : '',
  ];
  const values = [
    ...set.map(([name, value]) => [`:${name}`, jsonIn(value)] as const),
    ...known.map((name) => [`:${name}Before`, stored[name]!] as const),
  ];
  return {
    UpdateExpression: expression.filter((part) => part !== '').join(' '),
    ConditionExpression: ['attribute_exists(pk)', ...same].join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(gatewayAttributes.map((name) => [`#${name}`, name])),
    ...(values.length > 0 && { ExpressionAttributeValues: Object.fromEntries(values) }),
  };
}

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

  const amend: StateTable['amend'] = async (name, change) => {
    const stored = await read('gateway', name);
    const changed = stored === undefined ? null : change(gatewayLeaseFrom(name, fromItem(stored)));
    if (changed === null) return false;
    const update = new UpdateItemCommand({
      TableName: table,
      Key: leaseKey('gateway', name),
      ...changeOf(changed, stored!),
    });
    const tried = { operation: 'UpdateItem', on: `gateway ${name}` };
    return attemptOnCondition(clock, tried, () => dynamodb.send(update));
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
      return Object.fromEntries(names.map((name, i) => [name, observedFrom(items[i] && fromItem(items[i]))]));
    },
    observe(name, { instanceId, state, at }) {
      const update = new UpdateItemCommand({
        TableName: table,
        Key: observationKey(name),
        UpdateExpression: 'SET #instanceId = :instanceId, #state = :state, #at = :at',
        // EventBridge keeps no order, and gives seconds: of two in one second the later word counts.
        ConditionExpression: 'attribute_not_exists(#at) OR #at <= :at',
        ExpressionAttributeNames: { '#instanceId': 'instanceId', '#state': 'state', '#at': 'at' },
        ExpressionAttributeValues: {
          ':instanceId': { S: instanceId },
          ':state': { S: state },
          ':at': { N: String(at) },
        },
      });
      const tried = { operation: 'UpdateItem', on: `observation of ${name}` };
      return attemptOnCondition(clock, tried, () => dynamodb.send(update));
    },
    hear(name, said) {
      const { word, heard } = healthAttributes(said);
      const update = new UpdateItemCommand({
        TableName: table,
        Key: observationKey(name),
        UpdateExpression: 'SET #word = :word, #heard = :heard',
        ConditionExpression: 'attribute_not_exists(#word) OR #word <> :word',
        ExpressionAttributeNames: { '#word': word.name, '#heard': heard.name },
        ExpressionAttributeValues: { ':word': { S: word.text }, ':heard': { N: String(heard.at) } },
      });
      const tried = { operation: 'UpdateItem', on: `what Health says of ${name}` };
      return attemptOnCondition(clock, tried, () => dynamodb.send(update));
    },
    stamp(name, configured) {
      const update = new UpdateItemCommand({
        TableName: table,
        Key: leaseKey('connection', name),
        UpdateExpression: 'SET #configured = :configured, #configuredToken = #token',
        ConditionExpression:
          'attribute_exists(#token) AND (attribute_not_exists(#configured) OR #configured <> :configured)',
        ExpressionAttributeNames: {
          '#configured': 'configured',
          '#configuredToken': 'configuredToken',
          '#token': 'token',
        },
        ExpressionAttributeValues: { ':configured': { S: configured } },
      });
      const tried = { operation: 'UpdateItem', on: `connection ${name}` };
      return attemptOnCondition(clock, tried, () => dynamodb.send(update));
    },
    async seed(connections, gateways) {
      for (const name of connections) {
        const seededAt = { N: String(clock.now()) };
        await create('connection', name, { signals: { N: '0' }, token: { N: '0' }, drains: { M: {} }, seededAt });
      }
      for (const gateway of gateways) await create('gateway', gateway.name, declarationIn(gateway));
    },
    async declare(gateways) {
      for (const gateway of gateways)
        await amend(gateway.name, ({ declared: before }) => {
          const declared = declarationAfter(before, gateway);
          return declared === null ? null : { declared };
        });
    },
    amend,
  };
}
