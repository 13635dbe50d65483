/**
 * Reads a request to a table in memory: refuses what is not modelled, and has dynalite check the rest.
 *
 * dynalite's whole check is asked for once per shape (table, expressions, names, types of values): later requests of
 * that shape differ in their values alone, which are checked each time. Whatever is wrong is said by the whole check.
 */
import type { Attributes, Expression, Request, Store, Table } from 'dynalite/db/index.js';
import * as batchGetItem from 'dynalite/validations/batchGetItem.js';
import * as deleteItem from 'dynalite/validations/deleteItem.js';
import * as getItem from 'dynalite/validations/getItem.js';
import { checkTypes, checkValidations, validateAttributeValue } from 'dynalite/validations/index.js';
import * as putItem from 'dynalite/validations/putItem.js';
import * as query from 'dynalite/validations/query.js';
import * as updateItem from 'dynalite/validations/updateItem.js';
import { NotModelled } from '../../service';
import type { JsonObject } from '../../template/json';
import { copyOf } from './attribute-copy';
import { canBeKept, type Parsed, templateOf } from './expression-template';

type Rules = typeof getItem;
type Template = ReturnType<typeof templateOf>;

const rulesOf: Readonly<Record<string, Rules>> = {
  GetItem: getItem,
  PutItem: putItem,
  UpdateItem: updateItem,
  DeleteItem: deleteItem,
};

const reading = ['ConsistentRead', 'ProjectionExpression', 'ExpressionAttributeNames'];
const writing = [
  'ConditionExpression',
  'ExpressionAttributeNames',
  'ExpressionAttributeValues',
  'ReturnValues',
  'ReturnValuesOnConditionCheckFailure',
];
const fieldsOf: Readonly<Record<string, ReadonlySet<string>>> = {
  GetItem: new Set(['TableName', 'Key', ...reading]),
  PutItem: new Set(['TableName', 'Item', ...writing]),
  UpdateItem: new Set(['TableName', 'Key', 'UpdateExpression', ...writing]),
  DeleteItem: new Set(['TableName', 'Key', ...writing]),
  Query: new Set([
    'TableName',
    'ConsistentRead',
    'KeyConditionExpression',
    'FilterExpression',
    'ExpressionAttributeNames',
    'ExpressionAttributeValues',
  ]),
  BatchGetItem: new Set(['RequestItems']),
  'a table of BatchGetItem': new Set(['Keys', ...reading]),
};
const attributeFields: ReadonlySet<string> = new Set(['Key', 'Item', 'ExpressionAttributeValues']);

/** By shape. What is kept follows from the shape alone, so all engines of the process share it. */
const templates = new Map<string, Template>();

/** The request as dynalite's actions take it. Throws dynalite's own errors. */
export function checkedRequest(operation: string, input: JsonObject, store: Store): Request {
  const rules = rulesOf[operation]!;
  const request = copyOfRequest(operation, input);
  const shape = shapeOf(operation, request);
  const template = templates.get(shape);
  if (template !== undefined) {
    const checked = quicklyChecked(rules, request, template, store);
    if (checked !== undefined) return checked;
  }
  const checked = whollyChecked(rules, request, store);
  if (!canBeKept(checked)) return checked;
  const made = templateOf(checked, valuesOf(checked));
  templates.set(shape, made);
  return { ...checked, ...made(valuesOf(checked)) };
}

/** Batches whose every field but the keys themselves was found right. */
const knownBatches = new Set<string>();

/** The requests for single items that a batch amounts to, table by table. */
export function checkedBatch(input: JsonObject, store: Store): ReadonlyMap<string, readonly Request[]> {
  const { RequestItems } = copyOfRequest('BatchGetItem', input);
  const tables = Object.entries((RequestItems ?? {}) as JsonObject).map(([table, asked]) => {
    const { Keys, ...rest } = copyOfRequest('a table of BatchGetItem', asked as JsonObject);
    return { table, rest, keys: (Keys as unknown[] | undefined)?.map(copyOf) };
  });
  const shape = JSON.stringify(tables.map(({ table, rest, keys }) => [table, rest, keys?.length]));
  const items = Object.fromEntries(tables.map(({ table, rest, keys }) => [table, { ...rest, Keys: keys }]));
  let checked: Request = { RequestItems: items };
  if (!knownBatches.has(shape) || batchGetItem.custom(checked, store) !== undefined)
    checked = whollyChecked(batchGetItem, checked, store);
  knownBatches.add(shape);
  const found = checked['RequestItems'] as Record<string, Parsed & { readonly Keys: readonly Attributes[] }>;
  return new Map(
    Object.entries(found).map(([table, { Keys, _projection }]) => [
      table,
      Keys.map((Key) => ({ TableName: table, Key, _projection })),
    ]),
  );
}

/** The one key asked for, and dynalite's own parse of the filter. */
export interface CheckedQuery {
  readonly key: Attributes;
  readonly filter: Expression | undefined;
}

/** By the whole key, on a table without a sort key; any other query is not modelled. */
export function checkedQuery(input: JsonObject, table: Pick<Table, 'KeySchema'>, store: Store): CheckedQuery {
  const checked = whollyChecked(query, copyOfRequest('Query', input), store);
  const conditions = Object.entries(checked['KeyConditions'] as Record<string, KeyCondition>);
  const [condition] = conditions;
  const [hash] = table.KeySchema;
  const isWhole = table.KeySchema.length === 1 && conditions.length === 1 && condition![0] === hash!.AttributeName;
  if (!isWhole || condition![1].ComparisonOperator !== 'EQ')
    throw new NotModelled('dynamodb', 'Query by anything but the whole key of a table without a sort key');
  const { expression } = (checked['_filter'] ?? {}) as { readonly expression?: Expression };
  return { key: { [condition![0]]: condition![1].AttributeValueList[0]! }, filter: expression };
}

interface KeyCondition {
  readonly ComparisonOperator: string;
  readonly AttributeValueList: readonly Attributes[string][];
}

/** Undefined: something is wrong with it. */
function quicklyChecked({ custom }: Rules, request: Request, template: Template, store: Store): Request | undefined {
  const { TableName, Key, Item, ReturnValues, ConsistentRead } = request;
  if (Key === undefined && Item === undefined) return undefined;
  const checked: Request = { TableName, Key, Item, ReturnValues, ConsistentRead };
  if (custom(checked, store) !== undefined) return undefined;
  const values = valuesOf(request);
  for (const name in values) if (validateAttributeValue(values[name]!) !== undefined) return undefined;
  return Object.assign(checked, template(values));
}

function whollyChecked({ types, custom }: Rules, request: Request, store: Store): Request {
  const checked = checkTypes(request, types);
  checkValidations(checked, types, custom, store);
  return checked;
}

const valuesOf = (request: Request): Attributes => (request['ExpressionAttributeValues'] ?? {}) as Attributes;

function copyOfRequest(operation: string, input: JsonObject): Request {
  const request: Request = {};
  for (const field in input) {
    const value = input[field];
    if (value === undefined) continue;
    if (!fieldsOf[operation]!.has(field)) throw new NotModelled('dynamodb', `${field} of ${operation}`);
    request[field] = attributeFields.has(field) ? copyOf(value) : value;
  }
  const onFailure = request['ReturnValuesOnConditionCheckFailure'] ?? 'NONE';
  if (onFailure !== 'NONE' && onFailure !== 'ALL_OLD')
    throw new NotModelled('dynamodb', `ReturnValuesOnConditionCheckFailure ${onFailure}`);
  return request;
}

function shapeOf(operation: string, request: Request): string {
  const values = valuesOf(request);
  let types = '';
  for (const name in values) types += `${name} ${Object.keys(values[name]!)} `;
  return JSON.stringify([
    operation,
    types,
    request['TableName'],
    request['ReturnValues'],
    request['ConsistentRead'],
    request['UpdateExpression'],
    request['ConditionExpression'],
    request['ProjectionExpression'],
    request['ExpressionAttributeNames'],
  ]);
}
