/**
 * What a Task state calls, and how its failures are named: Step Functions' service integrations on top of the front.
 *
 * `aws-sdk:` calls use SDK v2 for Java names (`DynamoDb.ConditionalCheckFailedException`, `Sfn.TaskTimedOutException`;
 * what the service does not model is `<Service>.<Service>Exception`) and PascalCase members; `lambda:invoke` answers with
 * the parsed payload and fails with the function's own error type. Sources: executions recorded on AWS, docs/FIDELITY.md.
 */
import { types } from 'node:util';
import { type TaskCall, TaskError, type TaskServices } from '../../asl/runner';
import { type Faults, fail } from '../../front/faults';
import type { Front } from '../../front/front';
import { inputProblems, isModelledError } from '../../front/shapes';
import type { Random } from '../../random';
import { AwsError } from '../../service';
import type { JsonObject } from '../../template/json';

interface SdkService {
  /** The front's name. */
  readonly name: string;
  /** The prefix of error names. */
  readonly prefix: string;
  /** The SDK for JavaScript spells this service's members in camelCase, Step Functions in PascalCase. */
  readonly camelCase?: true;
}

const sdkServices: Readonly<Record<string, SdkService>> = {
  dynamodb: { name: 'dynamodb', prefix: 'DynamoDb' },
  sfn: { name: 'stepfunctions', prefix: 'Sfn', camelCase: true },
  ssm: { name: 'ssm', prefix: 'Ssm' },
  sns: { name: 'sns', prefix: 'Sns' },
  ec2: { name: 'ec2', prefix: 'Ec2' },
  cloudwatch: { name: 'cloudwatch', prefix: 'CloudWatch' },
  eventbridge: { name: 'events', prefix: 'EventBridge' },
};

export interface IntegrationOptions {
  readonly front: Front;
  readonly faults: Faults;
  /** Logical id of the machine's role. */
  readonly role: string;
  readonly machineName: string;
  /** Request ids in causes. */
  readonly random: Random;
}

const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

export class Integrations implements TaskServices {
  constructor(private readonly options: IntegrationOptions) {}

  async invoke(call: TaskCall): Promise<unknown> {
    if (call.context.credentialsRoleArn !== undefined)
      throw new Error(`State '${call.context.stateName}' has Credentials: not modelled`);
    if (call.kind === 'aws-sdk') return this.sdkCall(call);
    if (call.kind === 'optimized' && call.service === 'lambda' && call.action === 'invoke')
      return this.invokeFunction(call);
    throw new Error(`State '${call.context.stateName}' uses ${call.resource}: not modelled`);
  }

  private async sdkCall(call: TaskCall): Promise<unknown> {
    const service = sdkServices[call.service];
    if (service === undefined)
      throw new Error(`State '${call.context.stateName}' calls aws-sdk:${call.service}: not modelled`);
    const operation = upperFirst(call.action);
    const spelled = service.camelCase ? renameKeys(call.arguments, lowerFirst) : call.arguments;
    const [problem] = inputProblems(service.name, operation, spelled);
    if (problem !== undefined) {
      // As Step Functions words it when a value cannot become the API's parameter; nothing catches States.Runtime.
      throw new TaskError(
        'States.Runtime',
        `The Parameters of state '${call.context.stateName}' could not be used to start the Task: [${problem}]`,
      );
    }
    const output = await this.call(call, service.name, operation, spelled, service.prefix, undefined);
    return plain(service.camelCase ? renameKeys(output, upperFirst) : output);
  }

  private async invokeFunction(call: TaskCall): Promise<unknown> {
    const { FunctionName, Payload, ...rest } = call.arguments as JsonObject;
    const input = { ...rest, FunctionName, Payload: JSON.stringify(Payload ?? {}) };
    const output = (await this.call(call, 'lambda', 'Invoke', input, 'Lambda', 'AWSLambdaException')) as JsonObject;
    const payload = JSON.parse(String(output['Payload'])) as { errorType?: string };
    if (output['FunctionError'] !== undefined)
      throw new TaskError(payload.errorType ?? 'Lambda.Unknown', JSON.stringify(payload));
    return {
      ExecutedVersion: output['ExecutedVersion'],
      Payload: payload,
      StatusCode: output['StatusCode'],
      SdkHttpMetadata: { AllHttpHeaders: {}, HttpHeaders: {}, HttpStatusCode: 200 },
      SdkResponseMetadata: { RequestId: this.options.random.uuid() },
    };
  }

  private async call(
    { context }: TaskCall,
    service: string,
    operation: string,
    input: unknown,
    prefix: string,
    unmodelled: string | undefined,
  ): Promise<unknown> {
    const { faults, front, role, machineName } = this.options;
    const failure = faults.takeStateFailure(context.stateName);
    const call = (): Promise<unknown> => front.call({ role, by: machineName }, service, operation, input);
    try {
      return await (failure === undefined ? call() : fail(failure, call));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw this.taskError(error, service, prefix, unmodelled);
    }
  }

  private taskError(error: AwsError, service: string, prefix: string, unmodelled: string | undefined): TaskError {
    const status = error.$metadata.httpStatusCode;
    if (status === 0) {
      return new TaskError(
        `${prefix}.SdkClientException`,
        `Unable to execute HTTP request: ${error.message} (SDK Attempt Count: 1)`,
      );
    }
    // Lambda answers 200 when it is the function that failed.
    if (status === 200)
      return new TaskError(error.name, JSON.stringify({ errorType: error.name, errorMessage: error.message }));
    const requestId = this.options.random.uuid();
    if (unmodelled !== undefined) {
      const known = lambdaErrors.includes(error.name) ? error.name : unmodelled;
      const cause = `${error.message} (Service: AWSLambda; Status Code: ${status}; Error Code: ${error.name}; Request ID: ${requestId}; Proxy: null)`;
      return new TaskError(`${prefix}.${known}`, cause);
    }
    const modelled = error.name.endsWith('Exception') ? error.name : `${error.name}Exception`;
    const name = isModelledError(service, error.name) ? modelled : `${prefix}Exception`;
    const cause = `${error.message} (Service: ${prefix}, Status Code: ${status}, Request ID: ${requestId}) (SDK Attempt Count: 1)`;
    return new TaskError(`${prefix}.${name}`, cause);
  }
}

/** Errors of Invoke that the SDK for Java models; there is no Lambda client here to ask. */
const lambdaErrors = [
  'ResourceNotFoundException',
  'TooManyRequestsException',
  'ServiceException',
  'EC2ThrottledException',
];

function renameKeys(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renameKeys(item, rename));
  if (typeof value !== 'object' || value === null || types.isDate(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [rename(key), renameKeys(item, rename)]));
}

/** As JSON: instants as ISO text, no `$metadata`, no undefined members. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value ?? {}, (key, item: unknown) => (key === '$metadata' ? undefined : item))) as unknown;
