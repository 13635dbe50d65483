/**
 * The quotas that a deployment of ours can meet, in one table: what is counted in the rendered template, AWS's limit,
 * whether AWS raises it on request, and what to do. `fit.ts` holds every template to it, `switchback quotas` prints it.
 *
 * A limit that is not here is met in `cdk deploy`, as a rollback. What the account holds besides us is not counted: a
 * template cannot know it. Limits are AWS's defaults as documented in 2026.
 */
import { filledIn, inlineCharactersMax, managedCharactersMax, renderedCharacters } from './granting/policy-size';
import {
  type Count,
  canaryFunctions,
  countOf,
  environmentBytes,
  inlineCharacters,
  managedPolicies,
  of,
  type RenderedTemplate,
  size,
  storedCharacters,
  sumOf,
  widgetsOf,
} from './quota-counts';

export interface Quota {
  /** What is counted, in plural. */
  readonly kind: string;
  readonly limit: number;
  /** AWS raises it on request (Service Quotas). */
  readonly adjustable: boolean;
  readonly mend: string;
  count(template: RenderedTemplate): Count[];
}

const fewer = 'Let canaries of more connections share a subnet and a security group, or deploy in two parts.';
const shorter = 'Give shorter names.';
const parts = 'Deploy in two parts, each with gateways of its own.';
const ours = 'Nothing in a configuration makes it grow so far: report it.';

/** Lambda keeps these for functions that reserve nothing. */
const unreservedConcurrencyMin = 100;

export const quotas: readonly Quota[] = [
  stackWide('resources in the stack', 500, fewer, ({ Resources }) => size(Resources)),
  stackWide('bytes of the template', 1_000_000, fewer, ({ text }) => Buffer.byteLength(text)),
  stackWide('parameters of the stack', 200, ours, ({ Parameters }) => size(Parameters)),
  stackWide('outputs of the stack', 200, ours, ({ Outputs }) => size(Outputs)),
  {
    kind: 'characters of a role’s inline policies',
    limit: inlineCharactersMax,
    adjustable: false,
    mend: parts,
    count: inlineCharacters,
  },
  {
    kind: 'characters of a managed policy',
    limit: managedCharactersMax,
    adjustable: false,
    mend: parts,
    count: of('AWS::IAM::ManagedPolicy', ({ PolicyDocument }) => renderedCharacters(PolicyDocument)),
  },
  {
    kind: 'managed policies of a role',
    limit: 10,
    adjustable: true,
    mend: `Have the quota raised, or: ${parts}`,
    count: managedPolicies,
  },
  {
    kind: 'characters of a role’s trust policy',
    limit: 2_048,
    adjustable: true,
    mend: ours,
    count: of('AWS::IAM::Role', ({ AssumeRolePolicyDocument }) => renderedCharacters(AssumeRolePolicyDocument)),
  },
  regional('roles', 1_000, fewer, countOf('AWS::IAM::Role')),
  regional(
    'rules on the event bus',
    300,
    'Have the quota raised (some regions begin at 100), or deploy fewer connections there.',
    countOf('AWS::Events::Rule'),
  ),
  {
    kind: 'targets of a rule',
    limit: 5,
    adjustable: true,
    mend: ours,
    count: of('AWS::Events::Rule', ({ Targets }) => size(Targets)),
  },
  {
    kind: 'characters of an event pattern',
    limit: 2_048,
    adjustable: true,
    mend: 'Let the connection run over fewer gateways.',
    count: of('AWS::Events::Rule', ({ EventPattern }) => (EventPattern ? renderedCharacters(EventPattern) : 0)),
  },
  regional('alarms', 5_000, 'Have the quota raised, or deploy in another region.', countOf('AWS::CloudWatch::Alarm')),
  {
    kind: 'metrics of an alarm',
    limit: 10,
    adjustable: false,
    mend: ours,
    count: of('AWS::CloudWatch::Alarm', ({ Metrics }) => size(Metrics)),
  },
  {
    kind: 'widgets on a dashboard',
    limit: 500,
    adjustable: false,
    mend: parts,
    count: of('AWS::CloudWatch::Dashboard', (properties) => widgetsOf(properties).length),
  },
  {
    kind: 'metrics on a dashboard',
    limit: 2_500,
    adjustable: false,
    mend: parts,
    count: of('AWS::CloudWatch::Dashboard', (properties) =>
      widgetsOf(properties).reduce((sum, { properties: shown }) => sum + size(shown?.metrics), 0),
    ),
  },
  regional(
    'reserved Lambda invocations',
    1_000 - unreservedConcurrencyMin,
    'Have the account’s concurrency raised, or leave reserveConcurrency off.',
    sumOf('AWS::Lambda::Function', ({ ReservedConcurrentExecutions: reserved }) => Number(reserved ?? 0)),
  ),
  regional(
    'Lambda invocations at once, all the time',
    1_000,
    `Have the account’s concurrency raised (a new account begins at 10). ${fewer}`,
    // A minute's run outlives it by a quarter.
    (template) => Math.ceil(1.25 * canaryFunctions(template).length),
  ),
  regional(
    'network interfaces of Lambda in a VPC',
    500,
    fewer,
    (template) =>
      new Set(canaryFunctions(template).map(({ Properties }) => JSON.stringify(Properties?.['VpcConfig']))).size,
  ),
  {
    kind: 'bytes of a function’s environment',
    limit: 4_096,
    adjustable: false,
    mend: shorter,
    count: of('AWS::Lambda::Function', environmentBytes),
  },
  {
    kind: 'steps of a runbook',
    limit: 100,
    adjustable: false,
    mend: 'Pin canaries by fewer routes, or leave out launchTemplate on some gateways.',
    count: of('AWS::SSM::Document', ({ Content }) => size((Content as { mainSteps?: unknown } | undefined)?.mainSteps)),
  },
  {
    kind: 'bytes of a document',
    limit: 65_536,
    adjustable: false,
    mend: 'Pin canaries by fewer routes, or leave out launchTemplate on some gateways.',
    count: of('AWS::SSM::Document', ({ Content }) => renderedCharacters(Content)),
  },
  {
    kind: 'characters of a stored parameter',
    limit: 4_096,
    adjustable: false,
    mend: ours,
    count: of('AWS::SSM::Document', storedCharacters),
  },
  {
    kind: 'characters of a parameter',
    limit: 4_096,
    adjustable: false,
    mend: shorter,
    // Parts that are cut to their limit on purpose are always full, which is no warning.
    count: of('AWS::SSM::Parameter', ({ Name, Value }) =>
      String(Name).includes('/declared/') ? 0 : String(filledIn(Value)).length,
    ),
  },
  {
    kind: 'characters of the state machine’s definition',
    limit: 1_048_576,
    adjustable: false,
    mend: ours,
    count: of('AWS::StepFunctions::StateMachine', ({ DefinitionString }) => String(filledIn(DefinitionString)).length),
  },
  {
    kind: 'statements of a queue’s policy',
    limit: 20,
    adjustable: false,
    mend: ours,
    count: of('AWS::SQS::QueuePolicy', ({ PolicyDocument }) =>
      size((PolicyDocument as { Statement?: unknown } | undefined)?.Statement),
    ),
  },
  ...[
    text('AWS::Lambda::Function', 'Description', 256),
    text('AWS::IAM::Role', 'Description', 1_000),
    text('AWS::IAM::ManagedPolicy', 'Description', 1_000),
    text('AWS::Events::Rule', 'Description', 512),
    text('AWS::CloudWatch::Alarm', 'AlarmDescription', 1_024),
    text('AWS::CloudWatch::Alarm', 'AlarmName', 255),
    text('AWS::CloudWatch::Dashboard', 'DashboardName', 255),
    text('AWS::Logs::LogGroup', 'LogGroupName', 512),
    text('AWS::SSM::Document', 'Name', 128),
    text('AWS::StepFunctions::StateMachine', 'StateMachineName', 80),
  ],
];

function stackWide(kind: string, limit: number, mend: string, count: (template: RenderedTemplate) => number): Quota {
  return { kind, limit, adjustable: false, mend, count: (template) => [{ of: '', count: count(template) }] };
}

/** Of the account in the region, or of the account: others share it. */
function regional(kind: string, limit: number, mend: string, count: (template: RenderedTemplate) => number): Quota {
  return { ...stackWide(kind, limit, mend, count), adjustable: true };
}

function text(type: string, property: string, limit: number): Quota {
  return {
    kind: `characters of ${type} ${property}`,
    limit,
    adjustable: false,
    mend: shorter,
    count: of(type, ({ [property]: value }) => (value === undefined ? 0 : renderedCharacters(value) - '""'.length)),
  };
}
