/**
 * The automation actions our runbooks may use, each as Systems Manager documents it. An action that is not here throws:
 * a runbook that grows must be met by a model of what it grew.
 *
 * Throttled calls are repeated within the step's time, as Systems Manager does; every other error fails the step.
 */
import { NotModelled } from '../../service';
import { chooseBranch } from './branch';
import { asText, select } from './references';

/** What an action may do. */
export interface ActionContext {
  now(): number;
  sleep(ms: number): Promise<void>;
  /** As the automation's role. */
  call(service: string, operation: string, input: unknown): Promise<unknown>;
}

export interface ActionResult {
  /** What output selectors look into. */
  readonly response: unknown;
  /** Outputs the action has by itself. */
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** `aws:branch` says where to go. */
  readonly nextStep?: string;
}

type Inputs = Readonly<Record<string, unknown>>;
type Action = (inputs: Inputs, context: ActionContext) => Promise<ActionResult>;

export class StepFailed extends Error {
  override readonly name = 'StepFailed';
}

/** Between two looks at a resource or a command; Systems Manager does not document its own. */
const pollMs = 5_000;

export const actions: Readonly<Record<string, Action>> = {
  'aws:executeAwsApi': async (inputs, context) => ({ response: await callApi(inputs, context) }),
  'aws:assertAwsResourceProperty': async (inputs, context) => {
    const response = await callApi(inputs, context);
    if (!isDesired(inputs, response))
      throw new StepFailed(
        `Property value ${propertyText(inputs, response)} is not in the desired values ${desiredText(inputs)}`,
      );
    return { response };
  },
  'aws:waitForAwsResourceProperty': async (inputs, context) => {
    for (;;) {
      const response = await callApi(inputs, context);
      if (isDesired(inputs, response)) return { response };
      await context.sleep(pollMs);
    }
  },
  'aws:sleep': async ({ Duration, Timestamp }, context) => {
    const ms =
      Timestamp === undefined ? isoDurationMs(String(Duration)) : Date.parse(String(Timestamp)) - context.now();
    await context.sleep(ms);
    return { response: {} };
  },
  'aws:branch': async (inputs) => ({ response: {}, nextStep: chooseBranch(inputs) }),
  'aws:invokeLambdaFunction': invokeLambda,
  'aws:runCommand': runCommand,
};

const throttles = new Set(['RequestLimitExceeded', 'ThrottlingException', 'Throttling', 'TooManyRequestsException']);
const control = new Set(['Service', 'Api', 'PropertySelector', 'DesiredValues']);

async function callApi(inputs: Inputs, context: ActionContext): Promise<unknown> {
  const { Service, Api } = inputs;
  if (typeof Service !== 'string' || typeof Api !== 'string' || !/^[A-Z][A-Za-z0-9]+$/.test(Api))
    throw new NotModelled('ssm', `the call ${asText(Service)}/${asText(Api)}: the operation is named in PascalCase`);
  const input = Object.fromEntries(Object.entries(inputs).filter(([name]) => !control.has(name)));
  return patiently(context, Service, Api, input);
}

async function patiently(context: ActionContext, service: string, operation: string, input: unknown): Promise<unknown> {
  for (let waitMs = 1_000; ; waitMs = Math.min(2 * waitMs, 10_000)) {
    try {
      return await context.call(service, operation, input);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (error.name === 'NotModelled') throw error;
      if (!throttles.has(error.name))
        throw new StepFailed(
          `An error occurred (${error.name}) when calling the ${operation} operation: ${error.message}`,
          {
            cause: error,
          },
        );
      await context.sleep(waitMs);
    }
  }
}

function isDesired(inputs: Inputs, response: unknown): boolean {
  const { DesiredValues } = inputs;
  if (!Array.isArray(DesiredValues)) throw new NotModelled('ssm', 'DesiredValues other than a list');
  return DesiredValues.some((each) => asText(each) === propertyText(inputs, response));
}

function propertyText({ PropertySelector }: Inputs, response: unknown): string {
  const value = select(String(PropertySelector), response);
  return value === undefined ? 'null' : asText(value);
}

const desiredText = ({ DesiredValues }: Inputs): string => JSON.stringify(DesiredValues);

function isoDurationMs(text: string): number {
  const parts = /^PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?$/.exec(text);
  if (parts === null) throw new NotModelled('ssm', `the duration ${text}`);
  const [, hours = 0, minutes = 0, seconds = 0] = parts;
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
}

/**
 * A function that failed has been invoked: its error stands beside the answer. Whether Systems Manager fails the step
 * for it is not documented; a runbook must stand it either way, and this is the way that tells it less.
 */
async function invokeLambda({ InputPayload = {}, ...inputs }: Inputs, context: ActionContext): Promise<ActionResult> {
  const request = { ...inputs, Payload: JSON.stringify(InputPayload) };
  const response = await patiently(context, 'lambda', 'Invoke', request);
  const { StatusCode, FunctionError, Payload } = response as Inputs;
  return { response, outputs: { StatusCode, Payload, ...(FunctionError !== undefined && { FunctionError }) } };
}

interface Invocation {
  readonly Status: string;
  readonly StatusDetails: string;
  readonly CommandPlugins: readonly { readonly ResponseCode: number; readonly Output: string }[];
}

async function runCommand(inputs: Inputs, context: ActionContext): Promise<ActionResult> {
  const { Parameters = {}, ...rest } = inputs;
  const lists = Object.entries(Parameters as Inputs).map(([name, value]) => [
    name,
    Array.isArray(value) ? value : [asText(value)],
  ]);
  const input = { ...rest, Parameters: Object.fromEntries(lists) };
  const sent = (await patiently(context, 'ssm', 'SendCommand', input)) as { Command: { CommandId: string } };
  const { CommandId } = sent.Command;
  for (;;) {
    await context.sleep(pollMs / 5);
    const listed = await patiently(context, 'ssm', 'ListCommandInvocations', { CommandId, Details: true });
    const [one] = (listed as { CommandInvocations: readonly Invocation[] }).CommandInvocations;
    if (one === undefined || one.Status === 'Pending' || one.Status === 'InProgress') continue;
    const Output = one.CommandPlugins.map((each) => each.Output).join('');
    const ResponseCode = one.CommandPlugins.at(-1)?.ResponseCode ?? -1;
    if (one.Status !== 'Success')
      throw new StepFailed(
        `Command ${CommandId} returns unexpected invocation result: {Status=[${one.Status}], ` +
          `ResponseCode=[${ResponseCode}], Output=[${Output}], StatusDetails=${one.StatusDetails}, CommandId=[${CommandId}]}`,
      );
    return { response: one, outputs: { CommandId, Status: one.Status, ResponseCode, Output } };
  }
}
