/**
 * Are these parameters valid for AWS's own model of the operation? Asked of every call in the local cloud.
 *
 * The model is the one inside the SDK clients (their serde schemas): member names, types and required members. Enums,
 * patterns and lengths are not in it; `npm run calls` hands every call to a check that knows those too.
 */
import { types } from 'node:util';
import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as ec2 from '@aws-sdk/client-ec2';
import * as events from '@aws-sdk/client-eventbridge';
import * as s3 from '@aws-sdk/client-s3';
import * as stepfunctions from '@aws-sdk/client-sfn';
import * as sns from '@aws-sdk/client-sns';
import * as ssm from '@aws-sdk/client-ssm';
import * as sts from '@aws-sdk/client-sts';
import { covers } from './faults';

const clients: Readonly<Record<string, object>> = {
  cloudwatch,
  dynamodb,
  ec2,
  events,
  s3,
  stepfunctions,
  sns,
  ssm,
  sts,
};

/** Of services that are called by documents or by plain requests, and have no client here: operations, and the members each must have. */
const withoutClient: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  iam: {
    DeleteRolePolicy: ['RoleName', 'PolicyName'],
    GetRole: ['RoleName'],
    GetRolePolicy: ['RoleName', 'PolicyName'],
    PutRolePolicy: ['RoleName', 'PolicyName', 'PolicyDocument'],
    UpdateAssumeRolePolicy: ['RoleName', 'PolicyDocument'],
  },
  route53: {
    ChangeResourceRecordSets: ['HostedZoneId', 'ChangeBatch'],
    GetChange: ['Id'],
    TestDNSAnswer: ['HostedZoneId', 'RecordName', 'RecordType'],
  },
};

type Schema = number | readonly unknown[] | (() => Schema);

/** Schema kinds and modifiers of the SDK's serde layer. */
const kind = { list: 1, map: 2, struct: 3, union: 4 } as const;
const listOf = 64;
const mapOf = 128;

/** Everything wrong with the input, each with its path; empty: valid, or a service without a client here. */
export function inputProblems(service: string, operation: string, input: unknown): string[] {
  const members = withoutClient[service]?.[operation];
  if (members !== undefined) return memberProblems(input, members);
  const schema = inputSchema(service, operation);
  return schema === undefined ? [] : problemsOf(input, schema, '');
}

function memberProblems(input: unknown, members: readonly string[]): string[] {
  const given = Object.keys(isRecord(input) ? input : {});
  return [
    ...members.filter((name) => !given.includes(name)).map((name) => `${name} is required`),
    ...given.filter((name) => !members.includes(name)).map((name) => `${name} is unknown`),
  ];
}

/** Is this an error the service's model declares? Step Functions names the others after the service itself. */
export function isModelledError(service: string, name: string): boolean {
  const exported = (clients[service] as Record<string, unknown> | undefined)?.[name];
  return typeof exported === 'function' && exported.prototype instanceof Error;
}

const schemas = new Map<string, Schema | undefined>();

function inputSchema(service: string, operation: string): Schema | undefined {
  const key = `${service}.${operation}`;
  if (!schemas.has(key)) schemas.set(key, readSchema(service, operation));
  return schemas.get(key);
}

/** Is there such an operation, or one that `Describe*` covers? Null: any service's will do. True where nothing is known of it. */
export function isOperation(service: string | null, pattern: string): boolean {
  const known = service === null ? [...Object.keys(clients), ...Object.keys(withoutClient)] : [service];
  return known.some((name) => operationsOf(name)?.some((one) => covers(pattern, one)) ?? true);
}

function operationsOf(service: string): readonly string[] | undefined {
  const client = clients[service];
  if (client === undefined) return withoutClient[service] && Object.keys(withoutClient[service]);
  return Object.keys(client).flatMap((name) => (name.endsWith('Command') ? [name.slice(0, -'Command'.length)] : []));
}

type CommandClass = new (input: object) => { readonly schema: readonly unknown[] };

function readSchema(service: string, operation: string): Schema | undefined {
  const client = clients[service] as Record<string, CommandClass | undefined> | undefined;
  if (client === undefined) return undefined;
  const command = client[`${operation}Command`];
  if (command === undefined) throw new Error(`${service} has no operation '${operation}'`);
  return new command({}).schema[4] as Schema;
}

function problemsOf(value: unknown, schema: Schema, path: string): string[] {
  if (typeof schema === 'function') return problemsOf(value, schema(), path);
  if (typeof schema === 'number') return ofCode(value, schema, path);
  // [schema, traits] is a member with traits; [kind, namespace, name, traits, …] a shape of its own.
  if (typeof schema[1] !== 'string') return problemsOf(value, schema[0] as Schema, path);
  switch (schema[0]) {
    case kind.list:
      return ofList(value, schema[4] as Schema, path);
    case kind.map:
      return ofMap(value, schema[5] as Schema, path);
    case kind.struct:
    case kind.union:
      return ofStruct(value, schema, path);
    default:
      return problemsOf(value, schema[4] as Schema, path);
  }
}

function ofCode(value: unknown, code: number, path: string): string[] {
  if (code & mapOf) return ofMap(value, code & ~mapOf, path);
  if (code & listOf) return ofList(value, code & ~listOf, path);
  const wanted = scalarType(code);
  if (wanted === undefined) return [];
  const given = types.isDate(value) ? 'timestamp' : types.isUint8Array(value) ? 'blob' : typeof value;
  return given === wanted ? [] : [`${path} must be a ${wanted}, is ${given}`];
}

function scalarType(code: number): string | undefined {
  if (code === 0) return 'string';
  if (code === 1) return 'number';
  if (code === 2) return 'boolean';
  return code >= 4 && code <= 7 ? 'timestamp' : undefined;
}

function ofList(value: unknown, element: Schema, path: string): string[] {
  if (!Array.isArray(value)) return [`${path} must be a list`];
  return value.flatMap((item, i) => problemsOf(item, element, `${path}[${i}]`));
}

function ofMap(value: unknown, element: Schema, path: string): string[] {
  if (!isRecord(value)) return [`${path} must be a map`];
  return Object.entries(value).flatMap(([key, item]) => problemsOf(item, element, join(path, key)));
}

function ofStruct(value: unknown, schema: readonly unknown[], path: string): string[] {
  if (!isRecord(value)) return [`${path} must be a structure`];
  const names = schema[4] as readonly string[];
  const members = schema[5] as readonly Schema[];
  const requiredCount = (schema[6] as number | undefined) ?? 0;
  const problems: string[] = [];
  for (let i = 0; i < requiredCount; i++)
    if (value[names[i]!] === undefined) problems.push(`${join(path, names[i]!)} is required`);
  for (const name of Object.keys(value)) {
    if (value[name] === undefined) continue;
    const index = names.indexOf(name);
    if (index === -1) problems.push(`${join(path, name)} is unknown`);
    else problems.push(...problemsOf(value[name], members[index]!, join(path, name)));
  }
  return problems;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);
