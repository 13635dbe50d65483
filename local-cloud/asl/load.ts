/**
 * Loads a definition: everything that can be refused without running it is refused here, by name.
 *
 * Throws UnsupportedFeature for what this runner does not do (JSONPath, distributed Map, activities, `.sync`, unknown
 * fields) and InvalidDefinition for what AWS would not create (missing targets, expressions that do not parse).
 */
import type { Block, Machine, State } from './definition';
import { Fields } from './fields';
import type { JsonObject } from './json';
import { loadState } from './load-state';
import { InvalidDefinition } from './refusal';

const theMachine = 'the machine';

export function loadMachine(definition: string | object): Machine {
  const fields = new Fields(parseDefinition(definition), theMachine);
  fields.take('Version');
  const language = fields.text('QueryLanguage') ?? 'JSONPath';
  if (language !== 'JSONata' && language !== 'JSONPath') fields.refuse('QueryLanguage', 'JSONata or JSONPath');
  const timeoutSeconds = fields.number('TimeoutSeconds');
  const block = loadBlock(fields, language === 'JSONata');
  return { ...block, timeoutSeconds };
}

function parseDefinition(definition: string | object): JsonObject {
  if (typeof definition !== 'string') return definition as JsonObject;
  try {
    return JSON.parse(definition) as JsonObject;
  } catch (error) {
    throw new InvalidDefinition(`not JSON: ${(error as Error).message}`, theMachine);
  }
}

/** The machine itself, a branch of a Parallel or the processor of a Map: states, and where they begin. */
function loadBlock(fields: Fields, isJsonata: boolean): Block {
  const startAt = fields.textRequired('StartAt');
  const raw = fields.objectRequired('States');
  fields.close();
  const states = new Map<string, State>();
  for (const name of Object.keys(raw)) {
    const where = `state '${name}'`;
    const state = new Fields(raw, where).object(name) as JsonObject;
    states.set(name, loadState(name, new Fields(state, where), isJsonata, loadBlock));
  }
  requireTargets(states, startAt, fields.where);
  return { startAt, states };
}

function requireTargets(states: ReadonlyMap<string, State>, startAt: string, where: string): void {
  if (!states.has(startAt)) throw new InvalidDefinition(`StartAt names no state: ${startAt}`, where);
  for (const state of states.values()) {
    for (const target of targetsOf(state)) {
      if (!states.has(target)) {
        throw new InvalidDefinition(`goes on to a state that is not there: ${target}`, `state '${state.name}'`);
      }
    }
  }
}

function targetsOf(state: State): readonly string[] {
  const targets: (string | undefined)[] = [];
  if ('next' in state) targets.push(state.next);
  if ('catch' in state) targets.push(...state.catch.map((catcher) => catcher.next));
  if (state.type === 'Choice') targets.push(state.default, ...state.choices.map((rule) => rule.next));
  return targets.filter((target) => target !== undefined);
}
