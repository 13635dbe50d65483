/**
 * One visit of a state: what it was entered with, what its expressions see, and the events every state shares
 * (entered, evaluation failed, exited).
 */
import type { Branch } from './branch';
import type { State } from './definition';
import { dataLimitFailure, errorNames, StateFailure } from './failure';
import type { Bindings } from './functions';
import { notTruncated } from './history';
import { type JsonObject, type JsonValue, Payload } from './json';
import type { Ongoing } from './ongoing';
import { EvaluationFailure, evaluateAs, evaluateTemplate, type Template } from './template';

/** What a state hands over, and to which one; no `next` ends the block. */
export interface Exit {
  readonly output: Payload;
  readonly next: string | undefined;
}

/** What `$states` holds besides input and context, by then. */
export interface Seen {
  readonly result?: JsonValue;
  readonly errorOutput?: JsonValue;
}

/** The parts of a state, a choice rule or a catcher that shape what it hands over. */
export interface Shape {
  readonly assign?: Template;
  readonly output?: Template;
}

export class Visit {
  retryCount = 0;
  /** Of the current attempt, for `$states.context.Task.Token`. */
  taskToken: string | undefined;
  private readonly before: number;
  private readonly entered: number;
  private readonly enteredTime: string;

  constructor(
    readonly execution: Ongoing,
    readonly branch: Branch,
    readonly state: State,
    readonly input: Payload,
  ) {
    this.before = branch.last;
    this.enteredTime = new Date(branch.now()).toISOString();
    this.entered = branch.record(`${state.type}StateEntered`, {
      stateEnteredEventDetails: { name: state.name, input: input.text, inputDetails: notTruncated },
    });
  }

  /** Evaluates, or records EvaluationFailed and throws StateFailure. */
  async evaluate(template: Template, seen: Seen = {}, item?: JsonObject): Promise<JsonValue> {
    if (template.kind === 'literal') return template.value;
    return this.recordingFailure(evaluateTemplate(template, this.bindings(seen, item)));
  }

  /** The same, of a value that must be of one type. Undefined in, undefined out. */
  async evaluateAs(template: Template | undefined, type: 'number'): Promise<number | undefined>;
  async evaluateAs(template: Template | undefined, type: 'string'): Promise<string | undefined>;
  async evaluateAs(template: Template | undefined, type: 'boolean'): Promise<boolean | undefined>;
  async evaluateAs(template: Template | undefined, type: 'array'): Promise<readonly JsonValue[] | undefined>;
  async evaluateAs(template: Template | undefined, type: string): Promise<JsonValue | undefined> {
    if (template === undefined) return undefined;
    return this.recordingFailure(evaluateAs(template, type, this.bindings({})));
  }

  /** Shapes assignments and output (both see the variables as they were), leaves, and goes on to `next`. */
  async leave(shape: Shape, next: string | undefined, fallback: Payload, seen: Seen = {}): Promise<Exit> {
    const assigned = shape.assign === undefined ? undefined : ((await this.evaluate(shape.assign, seen)) as JsonObject);
    const output = shape.output === undefined ? fallback : Payload.ofValue(await this.evaluate(shape.output, seen));
    if (output.isTooLarge()) throw dataLimitFailure(this.state.name, 'state');
    this.branch.record(`${this.state.type as Exclude<State['type'], 'Fail'>}StateExited`, {
      stateExitedEventDetails: {
        name: this.state.name,
        output: output.text,
        outputDetails: notTruncated,
        ...(assigned === undefined ? {} : assignedDetails(assigned)),
      },
    });
    Object.assign(this.branch.variables, assigned);
    return { output, next };
  }

  /** A rule of the state about its own fields was broken: the same event as a failed expression. */
  failEvaluation(message: string, location?: string): never {
    throw this.evaluationFailed(new EvaluationFailure(message, location));
  }

  /** `An error occurred while executing the state 'S' (entered at the event id #N). …` */
  cause(message: string): string {
    return `An error occurred while executing the state '${this.state.name}' (entered at the event id #${this.entered}). ${message}`;
  }

  private async recordingFailure<T>(evaluation: Promise<T>): Promise<T> {
    try {
      return await evaluation;
    } catch (error) {
      throw error instanceof EvaluationFailure ? this.evaluationFailed(error) : error;
    }
  }

  private evaluationFailed(failure: EvaluationFailure): StateFailure {
    const cause = this.cause(failure.message);
    const error = errorNames.queryEvaluation;
    const location = failure.location === undefined ? {} : { location: failure.location };
    // AWS enters a state and evaluates it in one step: the failure points at what the entry pointed at. A Wait has
    // been entered for good by then.
    const isEntry = this.branch.last === this.entered && this.state.type !== 'Wait';
    this.branch.record(
      'EvaluationFailed',
      { evaluationFailedEventDetails: { error, cause, state: this.state.name, ...location } },
      isEntry ? this.before : this.branch.last,
    );
    return new StateFailure(error, cause);
  }

  private bindings(seen: Seen, item = this.branch.item): Bindings {
    const bindings = Object.create(this.branch.variables) as Bindings;
    bindings['states'] = { input: this.input.value, ...seen, context: this.context(item) };
    return bindings;
  }

  private context(item: JsonObject | undefined): JsonObject {
    const { name, type } = this.state;
    const retries: JsonObject = type === 'Task' ? { RetryCount: this.retryCount } : {};
    return {
      ...this.execution.context,
      State: { Name: name, EnteredTime: this.enteredTime, ...retries },
      ...(this.taskToken === undefined ? {} : { Task: { Token: this.taskToken } }),
      ...(item === undefined ? {} : { Map: { Item: item } }),
    };
  }
}

function assignedDetails(assigned: JsonObject) {
  const texts = Object.entries(assigned).map(([name, value]) => [name, JSON.stringify(value)]);
  return {
    assignedVariables: Object.fromEntries(texts) as Record<string, string>,
    assignedVariablesDetails: notTruncated,
  };
}
