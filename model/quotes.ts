/**
 * Holds the models against the state machine: a comment "State: update IF condition" in model/*.pml quotes that state's
 * expressions, and must go on doing so. A model of yesterday's protocol proves nothing.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failover, modelFolder } from './batteries';

interface Quote {
  readonly model: string;
  readonly state: string;
  /** Empty where the update is computed, and so not quoted. */
  readonly update: string;
  readonly condition: string;
}

/** One line for each quote that is not what the state machine says. */
export function drift(): string[] {
  return quotes().flatMap(({ model, state, update, condition }) => {
    const built = failover.States[state]?.Arguments ?? {};
    const isUpdate = update === '' || update === built['UpdateExpression'];
    if (isUpdate && condition === built['ConditionExpression']) return [];
    return [`${model}: ${state} is now: ${built['UpdateExpression']} IF ${built['ConditionExpression']}`];
  });
}

/** States with a condition that no model speaks of, not even by name. */
export function unmodelled(): string[] {
  const text = models.map(textOf).join('\n');
  return Object.entries(failover.States)
    .filter(([name, state]) => state.Arguments?.['ConditionExpression'] !== undefined && !text.includes(name))
    .map(([name]) => name);
}

const models = ['lease', 'gateway-lease'];
const textOf = (model: string): string => readFileSync(join(modelFolder, `${model}.pml`), 'utf8');

/** Whatever their line breaks. */
function quotes(): Quote[] {
  const found = models.flatMap((model) => {
    const text = textOf(model).replace(/\n\s*\* /g, ' ');
    return [...text.matchAll(/\/\* (\w+): ((?:SET|REMOVE) .*? )?IF (.*?) \*\//g)].map(
      ([, state, update = '', condition]) => ({ model, state: state!, update: update.trim(), condition: condition! }),
    );
  });
  if (found.length === 0) throw new Error('the models quote no state of the state machine');
  return found;
}
