/**
 * Lint of the state machine as deployed: what a validator of shapes cannot see.
 *
 * Goal: a deleted Catch, a missing timeout, a misspelt error prefix or an unassigned variable turns this red before any
 * simulation runs.
 */
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as eventbridge from '@aws-sdk/client-eventbridge';
import * as sfn from '@aws-sdk/client-sfn';
import * as sns from '@aws-sdk/client-sns';
import * as ssm from '@aws-sdk/client-ssm';
import validate from 'asl-validator';
import jsonata from 'jsonata';
import * as errors from '../../adapters/errors';
import { failoverDefinition } from '../../infra/definition';

interface Handler {
  readonly ErrorEquals: readonly string[];
  readonly Next?: string;
}
interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly TimeoutSeconds?: number | string;
  readonly Retry?: readonly Handler[];
  readonly Catch?: readonly Handler[];
  readonly Default?: string;
}

const text = failoverDefinition();
const definition = JSON.parse(text) as {
  readonly StartAt: string;
  readonly TimeoutSeconds: number;
  readonly States: Record<string, State>;
};
const states = Object.entries(definition.States);
const tasks = states.filter(([, state]) => state.Type === 'Task');
const expressions = [...text.matchAll(/\{%(.*?)%\}/g)].map((match) => (JSON.parse(`"${match[1]}"`) as string).trim());

it('is valid by the ASL schema', () => {
  expect(validate(definition)).toMatchObject({ isValid: true, errors: [] });
});

it('bounds the whole run', () => {
  expect(definition.TimeoutSeconds).toBeLessThanOrEqual(10_800);
});

it.each(tasks)('%s has a timeout, retries throttles and catches everything', (_, state) => {
  expect(state.TimeoutSeconds).toBeDefined();
  expect(state.Retry?.length ?? 0).toBeGreaterThan(0);
  expect(state.Catch?.at(-1)?.ErrorEquals).toEqual(['States.ALL']);
});

it.each(tasks.filter(([, s]) => s.Resource?.includes('dynamodb')))(
  '%s tells a refused condition from a failure, or says why not',
  (name, state) => {
    const caught = state.Catch!.flatMap((handler) => handler.ErrorEquals);
    // Both end alike there: the gateway is busy.
    if (name === 'TakeGateway') return;
    const isTransaction = state.Resource!.includes('transactWriteItems');
    expect(caught).toContain(`DynamoDb.${isTransaction ? 'TransactionCanceled' : 'ConditionalCheckFailed'}Exception`);
  },
);

it('gives every Choice a Default', () => {
  for (const [name, state] of states.filter(([, s]) => s.Type === 'Choice'))
    expect([name, state.Default]).toEqual([name, expect.any(String)]);
});

it('asks no clock and no dice: times are the state’s entry time, so a retry keeps them', () => {
  expect(expressions.filter((e) => /\$(now|millis|random|uuid|eval)\b/.test(e))).toEqual([]);
});

it('writes expressions that Step Functions’ JSONata can parse', () => {
  for (const expression of expressions) expect(() => jsonata(expression)).not.toThrow();
});

it('reads only variables that some state assigns', () => {
  const assigned = new Set<string>();
  JSON.parse(text, (key, value: unknown) => {
    if (key === 'Assign') for (const name of Object.keys(value as object)) assigned.add(name);
    return value;
  });
  const builtIn = [
    'states',
    'string',
    'number',
    'toMillis',
    'exists',
    'not',
    'merge',
    'assert',
    'parse',
    'substring',
    'floor',
  ];
  const read = new Set(expressions.flatMap((e) => [...e.matchAll(/\$(\w+)/g)].map((m) => m[1]!)));
  expect([...read].filter((name) => !assigned.has(name) && !builtIn.includes(name))).toEqual([]);
});

const clients: Record<string, object> = { dynamodb, eventbridge, sfn, sns, ssm };
const prefixes: Record<string, string> = {
  dynamodb: 'DynamoDb',
  eventbridge: 'EventBridge',
  sfn: 'Sfn',
  sns: 'Sns',
  ssm: 'Ssm',
};

it.each(tasks)('%s calls an API that exists, and names its errors as AWS does', (_, state) => {
  const names = [...(state.Retry ?? []), ...(state.Catch ?? [])].flatMap((handler) => handler.ErrorEquals);
  const [, service, action] = /aws-sdk:(\w+):(\w+)/.exec(state.Resource!) ?? [];
  if (service === undefined) {
    expect(state.Resource).toBe('arn:aws:states:::lambda:invoke');
    const own = ['UnknownConnection', 'StoredItemInvalid', 'InvariantViolated', ...Object.keys(errors)];
    const lambdas = /^(States|Lambda|Sandbox|Runtime)\./;
    expect(names.filter((name) => !lambdas.test(name) && !own.includes(name))).toEqual([]);
    return;
  }
  const client = clients[service]!;
  expect(client).toHaveProperty(`${action![0]!.toUpperCase()}${action!.slice(1)}Command`);
  const prefix = prefixes[service]!;
  for (const name of names) {
    if (name.startsWith('States.')) continue;
    const [seen, shape] = name.split('.');
    expect(seen).toBe(prefix);
    // Either an error the service's model knows, or the two names for what it does not.
    const modelled = shape! in client || shape!.replace(/Exception$/, '') in client;
    expect([name, modelled || shape === `${prefix}Exception` || shape === 'SdkClientException']).toEqual([name, true]);
  }
});
