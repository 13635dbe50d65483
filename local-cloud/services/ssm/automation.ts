/**
 * One run of an Automation document: steps in order, outputs, failures, branches, as Systems Manager runs them.
 *
 * A failed step goes by its `onFailure`: Abort ends the run, Continue and `step:<name>` go on. A failure of a critical
 * step (every one, unless `isCritical` says false or `onFailure` is Continue) makes the whole run Failed, however well
 * the later steps do. Statuses are AWS's own.
 */

import type { VirtualClock } from '../../clock';
import { type Failure, fail } from '../../front/faults';
import { draw, type Random } from '../../random';
import { NotModelled } from '../../service';
import { type ActionContext, type ActionResult, actions, StepFailed } from './actions';
import { type DocumentContent, isTrue, type ParameterValue, type Step } from './documents';
import type { SsmDurations } from './durations';
import { asText, type Lookup, resolve, select, Unresolved } from './references';
import { StepCancelled, StepScope, StepTimedOut } from './step-scope';

export type Status = 'Pending' | 'InProgress' | 'Success' | 'Failed' | 'TimedOut' | 'Cancelling' | 'Cancelled';

export interface StepRecord {
  readonly step: Step;
  status: Status;
  inputs: Readonly<Record<string, unknown>>;
  outputs: Readonly<Record<string, unknown>>;
  startedAt: number | null;
  endedAt: number | null;
  failure: string;
}

export interface AutomationWorld {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly durations: SsmDurations;
  /** `{{ global:REGION }}` and the like. */
  readonly globals: Readonly<Record<string, string>>;
  callAs(role: string, service: string, operation: string, input: unknown): Promise<unknown>;
  /** How the next attempt of this step fails, if it does. */
  failureOf?(step: string): Failure | undefined;
}

/** Systems Manager's default for every action we use. */
const stepTimeoutS = 3_600;
/** More steps than a run of ours can take: a loop of branches is a fault of the document. */
const stepsMax = 200;
const notYet = 'No output available yet because the step is not successfully executed';

export class AutomationRun {
  status: Status = 'Pending';
  failure = '';
  endedAt: number | null = null;
  readonly startedAt: number;
  readonly records: StepRecord[];
  private scope: StepScope | null = null;
  private stopWanted = false;

  constructor(
    readonly id: string,
    readonly documentName: string,
    private readonly content: DocumentContent,
    readonly parameters: Readonly<Record<string, ParameterValue>>,
    private readonly world: AutomationWorld,
  ) {
    this.startedAt = world.clock.now();
    this.records = content.mainSteps.map((step) => {
      const empty = { inputs: {}, outputs: {}, startedAt: null, endedAt: null, failure: '' };
      return { step, status: 'Pending', ...empty };
    });
  }

  get isOver(): boolean {
    return this.endedAt !== null;
  }

  get current(): StepRecord | undefined {
    return this.records.find((each) => each.status === 'InProgress');
  }

  async run(): Promise<void> {
    if (!this.stopWanted) this.status = 'InProgress';
    let bad: Status | null = null;
    let record = this.records[0];
    for (let count = 0; record !== undefined && !this.stopWanted; count++) {
      if (count >= stepsMax) throw new NotModelled('ssm', `${this.documentName} taking more than ${stepsMax} steps`);
      const next = await this.perform(record);
      if (isBad(record.status) && isCritical(record.step)) bad ??= record.status;
      record = next;
      if (record !== undefined)
        await this.world.clock.sleep(draw(this.world.durations.automationStep, this.world.random));
    }
    this.status = this.stopWanted ? 'Cancelled' : (bad ?? 'Success');
    this.endedAt = this.world.clock.now();
  }

  /** The step that runs is cancelled; `onCancel` handlers are not modelled. */
  stop(): void {
    this.stopWanted = true;
    this.status = 'Cancelling';
    this.scope?.cancel();
  }

  /** The document's declared outputs, each a list of texts. */
  outputs(): Record<string, string[]> {
    return Object.fromEntries(
      (this.content.outputs ?? []).map((name) => {
        const value = this.lookup(name);
        return [name, Array.isArray(value) ? value.map(asText) : [value === undefined ? notYet : asText(value)]];
      }),
    );
  }

  /** Runs one step to its end; the step after it, or undefined at the end. */
  private async perform(record: StepRecord): Promise<StepRecord | undefined> {
    const { step } = record;
    record.status = 'InProgress';
    record.startedAt = this.world.clock.now();
    let branch: string | undefined;
    try {
      const result = await this.attempts(record);
      record.outputs = { ...result.outputs, ...selected(step, result.response) };
      record.status = 'Success';
      branch = result.nextStep;
    } catch (error) {
      this.fail(record, error);
    }
    record.endedAt = this.world.clock.now();
    return this.after(record, branch);
  }

  private after({ step, status }: StepRecord, branch: string | undefined): StepRecord | undefined {
    const onFailure = step.onFailure ?? 'Abort';
    if (status === 'Cancelled' || (isBad(status) && onFailure === 'Abort')) return undefined;
    if (isBad(status) && onFailure.startsWith('step:')) return this.named(onFailure.slice('step:'.length));
    if (branch !== undefined) return this.named(branch);
    if (isTrue(step.isEnd)) return undefined;
    if (step.nextStep !== undefined) return this.named(step.nextStep);
    return this.records[this.records.findIndex((each) => each.step === step) + 1];
  }

  private async attempts(record: StepRecord): Promise<ActionResult> {
    const { step } = record;
    const { clock, random, durations } = this.world;
    const action = actions[step.action];
    if (action === undefined) throw new NotModelled('ssm', `the action ${step.action}`);
    record.inputs = resolve(step.inputs ?? {}, (name) => this.lookup(name)) as StepRecord['inputs'];
    const attemptsMax = Number(step.maxAttempts ?? 1);
    for (let attempt = 1; ; attempt++) {
      const scope = new StepScope(clock, `${this.documentName} ${step.name}`);
      this.scope = scope;
      try {
        const timeoutMs = Number(resolve(step.timeoutSeconds ?? stepTimeoutS, (name) => this.lookup(name))) * 1_000;
        const failure = this.world.failureOf?.(step.name);
        return await scope.within(timeoutMs, () => {
          const act = (): Promise<ActionResult> => action(record.inputs, this.contextOf(scope));
          return failure === undefined ? act() : failed(failure, act, scope);
        });
      } catch (error) {
        if (attempt >= attemptsMax || !(error instanceof StepFailed || error instanceof StepTimedOut)) throw error;
        await clock.sleep(draw(durations.automationStep, random));
      }
    }
  }

  private contextOf(scope: StepScope): ActionContext {
    const role = resolve(this.content.assumeRole ?? '', (name) => this.lookup(name));
    return {
      now: () => this.world.clock.now(),
      sleep: (ms) => scope.sleep(ms),
      call: (service, operation, input) =>
        scope.guard(() => this.world.callAs(String(role), service, operation, input)),
    };
  }

  private fail(record: StepRecord, error: unknown): void {
    const known = [StepFailed, StepTimedOut, StepCancelled, Unresolved].some((each) => error instanceof each);
    if (!known || !(error instanceof Error)) throw error;
    record.status =
      error instanceof StepTimedOut ? 'TimedOut' : error instanceof StepCancelled ? 'Cancelled' : 'Failed';
    record.failure =
      `Step fails when it is Execute/Cancelling action. ${error.message}. ` +
      'Please refer to Automation Service Troubleshooting Guide for more diagnosis details.';
    if (record.status !== 'Cancelled' && this.failure === '') this.failure = record.failure;
  }

  private named(name: string): StepRecord {
    const found = this.records.find((each) => each.step.name === name);
    if (found === undefined) throw new NotModelled('ssm', `${this.documentName}: there is no step ${name}`);
    return found;
  }

  private readonly lookup: Lookup = (name) => {
    if (name === 'automation:EXECUTION_ID') return this.id;
    if (name.startsWith('global:')) return this.world.globals[name.slice('global:'.length)];
    const [step, output] = name.split('.');
    if (output === undefined) return this.parameters[name];
    return this.records.find((each) => each.step.name === step)?.outputs[output];
  };
}

/** With status 0 no answer comes: the step's time decides. */
async function failed(failure: Failure, act: () => Promise<unknown>, scope: StepScope): Promise<never> {
  try {
    return await fail(failure, act);
  } catch (error) {
    if (failure.status === 0) await scope.sleep(Number.MAX_SAFE_INTEGER);
    throw new StepFailed(`An error occurred (${failure.error})`, { cause: error });
  }
}

const isBad = (status: Status): boolean => status === 'Failed' || status === 'TimedOut';

function isCritical({ isCritical: said, onFailure }: Step): boolean {
  return said === undefined ? onFailure !== 'Continue' : isTrue(said);
}

function selected({ outputs }: Step, response: unknown): Readonly<Record<string, unknown>> {
  const found = (outputs ?? []).map(({ Name, Selector, Type }) => {
    const value = select(Selector, response);
    return [Name, Type === 'String' && value !== undefined && value !== null ? asText(value) : value] as const;
  });
  return Object.fromEntries(found.filter(([, value]) => value !== undefined && value !== null));
}
