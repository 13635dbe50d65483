/**
 * One loader per state type. Each asks for the fields its type has in JSONata; `Fields.close` refuses the others.
 */
import type { Block, Catcher, ChoiceRule, GuardedState, Retrier, State } from './definition';
import { Fields } from './fields';
import { InvalidDefinition, UnsupportedFeature } from './refusal';
import { parseResource } from './resource';
import { parseInstant } from './timestamp';

export type LoadBlock = (fields: Fields, isJsonata: boolean) => Block;
type Load = (name: string, fields: Fields, loadBlock: LoadBlock) => State;

const anyError = 'States.ALL';

export function loadState(name: string, fields: Fields, isJsonata: boolean, loadBlock: LoadBlock): State {
  const language = fields.text('QueryLanguage');
  if (language === 'JSONPath' || (language === undefined && !isJsonata)) {
    throw new UnsupportedFeature('JSONPath', fields.where);
  }
  const type = fields.textRequired('Type');
  const load = Object.hasOwn(loaders, type) ? loaders[type] : undefined;
  if (load === undefined) throw new UnsupportedFeature(`the state type ${type}`, fields.where);
  const state = load(name, fields, loadBlock);
  fields.close();
  return state;
}

const loaders: Readonly<Record<string, Load>> = {
  Pass: (name, fields) => ({ type: 'Pass', name, ...exits(fields), ...onward(fields) }),

  Task: (name, fields) => {
    const credentials = fields.object('Credentials');
    const role = credentials && new Fields(credentials, fields.where, 'Credentials/');
    const credentialsRole = role?.template('RoleArn');
    role?.close();
    return {
      type: 'Task',
      name,
      resource: parseResource(fields.textRequired('Resource'), fields.where),
      arguments: fields.template('Arguments'),
      timeoutSeconds: seconds(fields, 'TimeoutSeconds'),
      heartbeatSeconds: seconds(fields, 'HeartbeatSeconds'),
      credentialsRole,
      ...guards(fields),
      ...exits(fields),
      ...onward(fields),
    };
  },

  Choice: (name, fields) => ({
    type: 'Choice',
    name,
    choices: fields.listRequired('Choices').map(choiceRule),
    default: fields.text('Default'),
    ...exits(fields),
  }),

  Wait: (name, fields) => {
    const wait = { seconds: seconds(fields, 'Seconds'), timestamp: fields.template('Timestamp') };
    if ((wait.seconds === undefined) === (wait.timestamp === undefined)) {
      throw new InvalidDefinition('a Wait has either Seconds or Timestamp', fields.where);
    }
    const literal = wait.timestamp?.kind === 'literal' ? wait.timestamp.value : undefined;
    if (literal !== undefined && parseInstant(literal) === undefined) fields.refuse('Timestamp', 'an ISO-8601 time');
    return { type: 'Wait', name, ...wait, ...exits(fields), ...onward(fields) };
  },

  Succeed: (name, fields) => ({ type: 'Succeed', name, output: fields.template('Output') }),

  Fail: (name, fields) => ({
    type: 'Fail',
    name,
    error: fields.template('Error'),
    cause: fields.template('Cause'),
  }),

  Map: (name, fields, loadBlock) => {
    if (fields.take('Iterator') !== undefined) throw new UnsupportedFeature('the field Iterator', fields.where);
    const processor = new Fields(fields.objectRequired('ItemProcessor'), fields.where, 'ItemProcessor/');
    requireInline(processor);
    return {
      type: 'Map',
      name,
      processor: loadBlock(processor, true),
      items: fields.template('Items'),
      itemSelector: fields.template('ItemSelector'),
      maxConcurrency: fields.template('MaxConcurrency'),
      toleratedFailureCount: fields.template('ToleratedFailureCount'),
      toleratedFailurePercentage: fields.template('ToleratedFailurePercentage'),
      ...guards(fields),
      ...exits(fields),
      ...onward(fields),
    };
  },

  Parallel: (name, fields, loadBlock) => ({
    type: 'Parallel',
    name,
    branches: fields.listRequired('Branches').map((branch) => loadBlock(branch, true)),
    arguments: fields.template('Arguments'),
    ...guards(fields),
    ...exits(fields),
    ...onward(fields),
  }),
};

const exits = (fields: Fields) => ({ assign: fields.template('Assign'), output: fields.template('Output') });

function onward(fields: Fields): { readonly next?: string } {
  const next = fields.text('Next');
  const end = fields.take('End');
  if ((next === undefined) === (end !== true)) throw new InvalidDefinition('needs either Next or End', fields.where);
  return { next };
}

function seconds(fields: Fields, key: string) {
  const template = fields.template(key);
  const isLiteral = template?.kind === 'literal';
  if (isLiteral && !(Number.isInteger(template.value) && (template.value as number) >= 0)) {
    fields.refuse(key, 'a whole number of seconds');
  }
  return template;
}

function choiceRule(fields: Fields): ChoiceRule {
  const condition = fields.template('Condition');
  const rule = { next: fields.textRequired('Next'), ...exits(fields) };
  fields.close();
  return condition === undefined ? fields.refuse('Condition', 'present') : { condition, ...rule };
}

function requireInline(processor: Fields): void {
  const config = processor.object('ProcessorConfig') ?? {};
  if (config['Mode'] === 'DISTRIBUTED') throw new UnsupportedFeature('distributed Map', processor.where);
  for (const key of Object.keys(config)) {
    if (key !== 'Mode') throw new UnsupportedFeature(`the field ProcessorConfig/${key}`, processor.where);
  }
}

function guards(fields: Fields): Pick<GuardedState, 'retry' | 'catch'> {
  const guarded = { retry: fields.list('Retry').map(retrier), catch: fields.list('Catch').map(catcher) };
  requireAnyErrorLast(fields, guarded.retry);
  requireAnyErrorLast(fields, guarded.catch);
  return guarded;
}

function retrier(fields: Fields): Retrier {
  const jitter = fields.text('JitterStrategy') ?? 'NONE';
  if (jitter !== 'NONE' && jitter !== 'FULL') return fields.refuse('JitterStrategy', 'NONE or FULL');
  const retry = {
    errorEquals: fields.texts('ErrorEquals'),
    intervalSeconds: fields.number('IntervalSeconds') ?? 1,
    maxAttempts: fields.number('MaxAttempts') ?? 3,
    backoffRate: fields.number('BackoffRate') ?? 2,
    maxDelaySeconds: fields.number('MaxDelaySeconds'),
    jitter: jitter as Retrier['jitter'],
  };
  if (retry.intervalSeconds < 1) fields.refuse('IntervalSeconds', 'at least 1');
  if (retry.maxAttempts < 0) fields.refuse('MaxAttempts', 'at least 0');
  if (retry.backoffRate < 1) fields.refuse('BackoffRate', 'at least 1');
  fields.close();
  return retry;
}

function catcher(fields: Fields): Catcher {
  const caught = { errorEquals: fields.texts('ErrorEquals'), next: fields.textRequired('Next'), ...exits(fields) };
  fields.close();
  return caught;
}

/** AWS's rule: States.ALL stands alone, in the last retrier or catcher. */
function requireAnyErrorLast(fields: Fields, guards: readonly { readonly errorEquals: readonly string[] }[]): void {
  guards.forEach(({ errorEquals }, i) => {
    if (!errorEquals.includes(anyError)) return;
    if (errorEquals.length > 1 || i < guards.length - 1) {
      throw new InvalidDefinition(`${anyError} must stand alone and last`, fields.where);
    }
  });
}
