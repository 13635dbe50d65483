/**
 * The calls that are written in the deployed artefacts rather than in TypeScript: the DynamoDB updates of
 * `statemachines/failover.asl.json` and the API steps of `runbooks/*.yaml`, with their expressions filled in.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import { UpdateItemCommand, type UpdateItemCommandInput, type UpdateItemCommandOutput } from '@aws-sdk/client-dynamodb';
import * as ec2 from '@aws-sdk/client-ec2';
import * as ssm from '@aws-sdk/client-ssm';
import { parse } from 'yaml';
import { failoverDefinition } from '../../infra/definition';
import { jsonataFunctions } from '../../local-cloud/asl/functions';
import type { JsonObject } from '../../local-cloud/asl/json';
import { compileTemplate, evaluateTemplate } from '../../local-cloud/asl/template';
import { randomStream } from '../../local-cloud/random';
import type { DocumentContent } from '../../local-cloud/services/ssm/documents';
import { resolve } from '../../local-cloud/services/ssm/references';
import { type Command, type Site, stateTableName } from './site';

const read = (path: string): string => readFileSync(join(__dirname, '../..', path), 'utf8');

interface TaskState {
  readonly Type: string;
  readonly Resource?: string;
  readonly Arguments?: JsonObject;
}

const machine = JSON.parse(failoverDefinition()) as { States: Record<string, TaskState> };

/** Names of the states that update the state table. */
export const updateStates: readonly string[] = Object.entries(machine.States)
  .filter(([, { Resource }]) => Resource?.includes('aws-sdk:dynamodb:updateItem'))
  .map(([name]) => name);

/** Who runs, on what input, and the variables a state reads. */
export interface Scope {
  readonly me: string;
  readonly input?: JsonObject;
  readonly taskToken?: string;
  readonly variables?: JsonObject;
}

/** Carries out a state's update with the machine's own expressions. */
export async function runState(site: Site, name: string, scope: Scope): Promise<UpdateItemCommandOutput> {
  const { Arguments = {} } = machine.States[name]!;
  const context = {
    Execution: { Id: scope.me, Input: { connection: 'paris', ...scope.input } },
    State: { Name: name, EnteredTime: new Date(site.clock.now()).toISOString() },
    Task: { Token: scope.taskToken ?? '' },
  };
  const bindings = {
    ...jsonataFunctions({ now: () => site.clock.now(), random: randomStream(1, 'contract') }),
    ...scope.variables,
    states: { context, input: context.Execution.Input },
  };
  const evaluated = await evaluateTemplate(compileTemplate(Arguments, 'Arguments', name), bindings);
  const input = { ...(evaluated as object), TableName: stateTableName() } as unknown as UpdateItemCommandInput;
  return site.aws.dynamodb.send(new UpdateItemCommand(input));
}

/** Only these of a step's inputs are not the API's. */
const stepControls = ['Service', 'Api', 'PropertySelector', 'DesiredValues'];

const services: Readonly<Record<string, object>> = { dynamodb, ec2, ssm };

/** Every API that some runbook calls: `ec2.RebootInstances`. */
export const runbookApis: ReadonlySet<string> = new Set(
  ['reboot', 'replace', 'stop-start'].flatMap((name) =>
    documentNamed(name).mainSteps.flatMap(({ inputs }) =>
      inputs?.['Api'] ? [`${inputs['Service']}.${inputs['Api']}`] : [],
    ),
  ),
);

function documentNamed(runbook: string): DocumentContent {
  return parse(read(`runbooks/${runbook}.yaml`)) as DocumentContent;
}

/** Carries out a runbook's step. `values` answers its references; `extra` is what infra/ adds to a `forEach` step. */
export async function runStep(
  site: Site,
  [runbook, step]: readonly [runbook: string, step: string],
  values: Readonly<Record<string, unknown>>,
  extra: object = {},
): Promise<unknown> {
  const inputs = documentNamed(runbook).mainSteps.find(({ name }) => name === step)?.inputs;
  if (inputs === undefined) throw new Error(`runbooks/${runbook}.yaml has no step ${step}`);
  const filled = resolve(inputs, (name) => values[name]) as Record<string, unknown>;
  const own = Object.fromEntries(Object.entries(filled).filter(([name]) => !stepControls.includes(name)));
  const service = String(filled['Service']);
  const client = site.aws[service as 'ec2'] as unknown as { send(command: Command): Promise<unknown> };
  return client.send(commandOf(service, String(filled['Api']), { ...own, ...extra }));
}

/** Of Route 53 the SDK has no client here: its commands are only names. */
function commandOf(service: string, api: string, input: object): Command {
  const commands = services[service] as Record<string, new (input: object) => Command> | undefined;
  return commands === undefined ? { schema: [0, service, api], input } : new commands[`${api}Command`]!(input);
}
