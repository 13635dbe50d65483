/**
 * CloudFormation's intrinsic functions and pseudo parameters, as far as our templates use them.
 *
 * Any other function is refused by name: a silently unresolved value would be a second, wrong wiring.
 */
import { isObject, type Json } from './json';

export interface Pseudo {
  readonly accountId: string;
  readonly region: string;
  readonly stackName: string;
  /** How often this stack has been deployed: the version that a function published then. */
  readonly deployments: number;
}

export interface Scope {
  /** The resource whose property this is, for messages. */
  readonly within: string;
  readonly pseudo: Pseudo;
  ref(logicalId: string): Json;
  attribute(logicalId: string, name: string): string;
}

/** Stands for AWS::NoValue: the property is removed. */
const noValue = Symbol('AWS::NoValue');
type Resolved = Json | typeof noValue;

export function resolveValue(value: Json, scope: Scope): Json {
  const resolved = resolve(value, scope);
  return resolved === noValue ? null : resolved;
}

function resolve(value: Json, scope: Scope): Resolved {
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope)).filter((item) => item !== noValue);
  if (!isObject(value)) return value;
  const keys = Object.keys(value);
  const key = keys[0];
  if (keys.length === 1 && key !== undefined && (key === 'Ref' || key.startsWith('Fn::'))) {
    return intrinsic(key, value[key]!, scope);
  }
  const entries = keys.map((name) => [name, resolve(value[name]!, scope)] as const);
  return Object.fromEntries(entries.filter((entry): entry is readonly [string, Json] => entry[1] !== noValue));
}

function intrinsic(name: string, argument: Json, scope: Scope): Resolved {
  switch (name) {
    case 'Ref':
      return reference(String(argument), scope);
    case 'Fn::GetAtt':
      return getAttribute(argument, scope);
    case 'Fn::Sub':
      return substitute(argument, scope);
    case 'Fn::Join': {
      const [separator, items] = argument as [string, Json];
      return (resolveValue(items, scope) as Json[]).map((item) => text(item, name, scope)).join(separator);
    }
    case 'Fn::Select': {
      const [index, items] = argument as [string | number, Json];
      const item = (resolveValue(items, scope) as Json[])[Number(index)];
      if (item === undefined) throw new Error(`Fn::Select in '${scope.within}' has no item ${index}`);
      return item;
    }
    case 'Fn::Split': {
      const [separator, whole] = argument as [string, Json];
      return text(resolveValue(whole, scope), name, scope).split(separator);
    }
    default:
      throw new Error(`Intrinsic function '${name}' in resource '${scope.within}' is not modelled`);
  }
}

function reference(target: string, scope: Scope): Resolved {
  switch (target) {
    case 'AWS::AccountId':
      return scope.pseudo.accountId;
    case 'AWS::Region':
      return scope.pseudo.region;
    case 'AWS::Partition':
      return 'aws';
    case 'AWS::URLSuffix':
      return 'amazonaws.com';
    case 'AWS::StackName':
      return scope.pseudo.stackName;
    case 'AWS::StackId': {
      const { region, accountId, stackName } = scope.pseudo;
      // CloudFormation gives every creation another last part; a fixed one keeps runs equal.
      return `arn:aws:cloudformation:${region}:${accountId}:stack/${stackName}/0a1b2c3d-0000-4000-8000-000000000000`;
    }
    case 'AWS::NoValue':
      return noValue;
    default:
      if (target.startsWith('AWS::'))
        throw new Error(`Pseudo parameter '${target}' in '${scope.within}' is not modelled`);
      return scope.ref(target);
  }
}

function getAttribute(argument: Json, scope: Scope): string {
  const [target, ...rest] = typeof argument === 'string' ? argument.split('.') : (argument as string[]);
  return scope.attribute(target!, rest.join('.'));
}

function substitute(argument: Json, scope: Scope): string {
  const [pattern, own] = Array.isArray(argument)
    ? (argument as [string, { [key: string]: Json }])
    : [String(argument), {}];
  return pattern.replace(/\$\{([^}]+)\}/g, (_, name: string) => {
    if (name.startsWith('!')) return `\${${name.slice(1)}}`;
    if (own[name] !== undefined) return text(resolveValue(own[name], scope), 'Fn::Sub', scope);
    if (name.includes('.') && !name.startsWith('AWS::')) return getAttribute(name, scope);
    return text(reference(name, scope), 'Fn::Sub', scope);
  });
}

function text(value: Resolved, name: string, scope: Scope): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`${name} in '${scope.within}' needs text, but a part of it is ${JSON.stringify(value)}`);
}
