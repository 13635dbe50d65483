/**
 * Runs one execution that was recorded on AWS through our runner: the definition and input of the case file, Lambda
 * functions stubbed by the behaviour the file gives, everything else as the runner has it.
 *
 * The answer is passed, failed with the first difference, or skipped with the feature's name: a case that needs
 * something we do not run (JSONPath, another service, TestState) says so and is never counted as passed.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Execution,
  loadMachine,
  type Machine,
  Runner,
  type TaskCall,
  TaskError,
  UnsupportedFeature,
} from '../../local-cloud/asl/runner';
import { VirtualClock } from '../../local-cloud/clock';
import { randomStream } from '../../local-cloud/random';
import { difference, historyDifference, type Meanings, type RecordedEvent } from './asl-compare';

interface LambdaStub {
  readonly functionName: string;
  readonly arn: string;
  readonly behaviour: string;
  readonly errorType?: string;
  readonly errorMessage?: string;
  readonly seconds?: number;
}

/** The fields of a case file that are read here; null for an error or cause means the field was absent. */
export interface RecordedCase {
  readonly name: string;
  readonly kind: string;
  readonly machineType?: string;
  readonly services?: readonly string[];
  readonly definition?: object;
  readonly definitionText?: string;
  readonly input?: unknown;
  readonly lambdas?: readonly LambdaStub[];
  readonly externalCalls?: unknown;
  readonly incomplete?: boolean;
  readonly expected: {
    readonly status?: string;
    readonly output?: unknown;
    readonly error?: unknown;
    readonly cause?: unknown;
  };
  readonly expectedHistory?: readonly RecordedEvent[];
}

export type Verdict =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly difference: string }
  | { readonly kind: 'skipped'; readonly feature: string };

const startAt = Date.UTC(2025, 0, 6, 9);
/** Far beyond any recorded wait; what still runs then has stalled. */
const limitAt = startAt + 10 * 365 * 86_400_000;
const stubbedBehaviours = new Set(['echo', 'raise', 'sleep']);

/** The case files directly in `folder`, by name. */
export function readCases(folder: string): readonly RecordedCase[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.sort().map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as RecordedCase);
}

export async function judge(recorded: RecordedCase): Promise<Verdict> {
  const feature = featureWeLack(recorded);
  if (feature !== undefined) return { kind: 'skipped', feature };
  try {
    const execution = await run(recorded, loadMachine(recorded.definitionText ?? recorded.definition ?? {}));
    const found = executionDifference(recorded, execution);
    return found === undefined ? { kind: 'passed' } : { kind: 'failed', difference: found };
  } catch (error) {
    if (error instanceof UnsupportedFeature) return { kind: 'skipped', feature: error.feature };
    return { kind: 'failed', difference: String(error) };
  }
}

function featureWeLack(recorded: RecordedCase): string | undefined {
  if (recorded.kind !== 'execution') return `a case of the kind ${recorded.kind}`;
  if (recorded.machineType === 'EXPRESS') return 'Express machines';
  const service = recorded.services?.find((name) => name !== 'lambda');
  if (service !== undefined) return `the service ${service}`;
  if (recorded.externalCalls !== undefined) return 'calls from outside during the run';
  const stub = recorded.lambdas?.find(({ behaviour }) => !stubbedBehaviours.has(behaviour));
  if (stub !== undefined) return `a Lambda function that does ${stub.behaviour}`;
  return recorded.incomplete ? 'a recording without an end' : undefined;
}

async function run(recorded: RecordedCase, machine: Machine): Promise<Execution> {
  const clock = new VirtualClock(startAt);
  const random = randomStream(1, recorded.name);
  const roleArn = roleOf(recorded.expectedHistory?.[0]) ?? 'role';
  const runner = new Runner({
    machine,
    clock,
    services: { invoke: (call) => invokeStub(recorded, call, { clock, requestId: random.uuid() }) },
    random,
    identity: { region: '<region>', account: '111111111111', stateMachineName: '<ArnPart_0idx>', roleArn },
  });
  const execution = runner.start('<ExecArnPart_0idx>', inputText(recorded));
  await clock.runUntil(limitAt, () => execution.status !== 'RUNNING');
  return execution;
}

/** Recordings that waited until "now" put a placeholder with the zone after it. */
function inputText({ input = {} }: RecordedCase): string {
  const now = new Date(startAt).toISOString().slice(0, 19);
  return JSON.stringify(input).replace(/<timestamp>|<datetime\.datetime\.now_\.isoformat_>/g, now);
}

function executionDifference({ expected, expectedHistory }: RecordedCase, execution: Execution): string | undefined {
  const meanings: Meanings = new Map();
  const output = execution.output === undefined ? undefined : JSON.parse(execution.output);
  return (
    difference(expected.status, execution.status, 'status', meanings) ??
    (expectedHistory && historyDifference(expectedHistory, execution.history, meanings)) ??
    ('output' in expected ? difference(expected.output, output, 'output', meanings) : undefined) ??
    ('error' in expected ? difference(expected.error, execution.error ?? null, 'error', meanings) : undefined) ??
    ('cause' in expected ? difference(expected.cause, execution.cause ?? null, 'cause', meanings) : undefined)
  );
}

interface LambdaWorld {
  readonly clock: VirtualClock;
  readonly requestId: string;
}

async function invokeStub(recorded: RecordedCase, call: TaskCall, lambda: LambdaWorld): Promise<unknown> {
  const isDirect = call.kind === 'function';
  const request = call.arguments as { readonly FunctionName?: string; readonly Payload?: unknown };
  const target = isDirect ? call.resource : (request.FunctionName ?? '');
  const stub = recorded.lambdas?.find(({ functionName, arn }) => target === arn || target.includes(functionName));
  if (stub === undefined) throw new TaskError('Lambda.ResourceNotFoundException', `Function not found: ${target}`);
  const event = isDirect ? call.arguments : payloadOf(request.Payload);
  if (stub.behaviour === 'sleep') await lambda.clock.sleep((stub.seconds ?? 0) * 1_000);
  if (stub.behaviour === 'raise')
    throw new TaskError(stub.errorType, raisedText(recorded, stub, call.kind, lambda.requestId));
  if (isDirect) return event;
  const metadata = { SdkHttpMetadata: {}, SdkResponseMetadata: {} };
  return { ExecutedVersion: '$LATEST', Payload: event, ...metadata, StatusCode: 200 };
}

/** A payload given as text is the bytes of the request, so the function sees what it says. */
function payloadOf(payload: unknown = {}): unknown {
  try {
    return typeof payload === 'string' ? (JSON.parse(payload) as unknown) : payload;
  } catch {
    return payload;
  }
}

/** The function's answer: Python's own spacing if called by ARN, compact through `lambda:invoke`. */
function raisedText(recorded: RecordedCase, stub: LambdaStub, kind: TaskCall['kind'], requestId: string): string {
  const fields = {
    errorMessage: stub.errorMessage,
    errorType: stub.errorType,
    requestId,
    stackTrace: recordedStackTrace(recorded.expectedHistory) ?? [],
  };
  if (kind !== 'function') return JSON.stringify(fields);
  const spaced = Object.entries(fields).map(([key, value]) => `"${key}": ${JSON.stringify(value)}`);
  return `{${spaced.join(', ')}}`;
}

/** The lines of the function's source: the recording alone knows them. */
function recordedStackTrace(recorded: unknown): unknown {
  if (typeof recorded !== 'object' || recorded === null) return undefined;
  for (const [key, value] of Object.entries(recorded)) {
    const found = key === 'stackTrace' ? value : recordedStackTrace(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

function roleOf(started: unknown): string | undefined {
  return (started as { executionStartedEventDetails?: { roleArn?: string } } | undefined)?.executionStartedEventDetails
    ?.roleArn;
}
