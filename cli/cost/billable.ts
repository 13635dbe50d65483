/**
 * The template as AWS's bill sees it: what costs by merely existing, what costs by use, and what is free.
 *
 * Law: nothing is free by omission. A resource type in none of the lists is an error by name.
 */
import { type Line, shared } from './lines';

interface RawResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

export interface RawTemplate {
  readonly Resources?: Readonly<Record<string, RawResource>>;
}

/** A resource type, or a way to pay for it, that the price table does not know. */
export class UnpricedResource extends Error {
  override readonly name = 'UnpricedResource';
}

/** Counted where they are used: usage.ts. */
const paidByUse: ReadonlySet<string> = new Set([
  'AWS::Lambda::Function',
  'AWS::DynamoDB::Table',
  'AWS::StepFunctions::StateMachine',
  'AWS::SSM::Document',
  'AWS::Logs::LogGroup',
  'AWS::SNS::Topic',
  'AWS::SNS::Subscription',
  'AWS::SQS::Queue',
]);

const free: Readonly<Record<string, string>> = {
  'AWS::CDK::Metadata': 'construct statistics',
  'AWS::Events::Rule': 'events of AWS services and schedules on the default bus are not billed',
  'AWS::IAM::ManagedPolicy': 'IAM is free',
  'AWS::IAM::Policy': 'IAM is free',
  'AWS::IAM::Role': 'IAM is free',
  'AWS::Lambda::Alias': 'a name',
  'AWS::Lambda::EventInvokeConfig': 'a setting',
  'AWS::Lambda::EventSourceMapping': 'Lambda reads a table’s stream for nothing; what it invokes is counted',
  'AWS::Lambda::Permission': 'a setting',
  'AWS::Lambda::Version': 'a copy of some hundred kilobytes; code storage is free up to 75 GB',
  'AWS::Logs::MetricFilter': 'free; its metric would be published only when a line matches',
  'AWS::SNS::TopicPolicy': 'a setting',
  'AWS::SQS::QueuePolicy': 'a setting',
  'AWS::SSM::Parameter': 'standard parameters are free',
};

type Reader = (properties: Readonly<Record<string, unknown>>, logicalId: string, hours: number) => Line[];

const onePerMonth =
  (item: string, price: Line['price']): Reader =>
  () => [{ scope: shared, item, price, quantity: 1 }];

const paidByExistence: Readonly<Record<string, Reader>> = {
  'AWS::CloudWatch::Alarm': readAlarm,
  'AWS::CloudWatch::CompositeAlarm': onePerMonth('composite alarms', 'alarmComposite'),
  'AWS::CloudWatch::Dashboard': onePerMonth('dashboards', 'dashboard'),
  'AWS::KMS::Key': onePerMonth('keys', 'key'),
  'AWS::EC2::VPCEndpoint': readEndpoint,
};

/** Monthly lines of everything that costs while nothing happens. Throws UnpricedResource. */
export function standingLines({ Resources = {} }: RawTemplate, hoursPerMonth: number): Line[] {
  return Object.entries(Resources).flatMap(([logicalId, { Type, Properties = {} }]) => {
    const read = paidByExistence[Type];
    if (read !== undefined) return read(Properties, logicalId, hoursPerMonth);
    if (Type === 'AWS::DynamoDB::Table') requireOnDemand(Properties, logicalId);
    if (Type === 'AWS::Lambda::Function') requireSmallDisk(Properties, logicalId);
    if (paidByUse.has(Type) || Type in free) return [];
    throw new UnpricedResource(`Resource '${logicalId}' has type ${Type}: say in cli/cost/billable.ts what it costs`);
  });
}

/** Periods under a minute make an alarm high-resolution; an alarm on an expression pays for each metric in it. */
function readAlarm(properties: Readonly<Record<string, unknown>>): Line[] {
  const queries = (properties['Metrics'] ?? []) as readonly { MetricStat?: { Period: number } }[];
  const periods = queries.flatMap(({ MetricStat }) => (MetricStat === undefined ? [] : [MetricStat.Period]));
  const isFast = Math.min(Number(properties['Period'] ?? 60), ...periods) < 60;
  const price = isFast ? 'alarmHighResolution' : 'alarmStandard';
  const scope = scopeOf(properties);
  const item = `alarms${scope === shared ? ' on Switchback itself' : ''}, ${isFast ? 'high resolution' : 'standard'}`;
  return [{ scope, item, price, quantity: Math.max(1, periods.length) }];
}

function scopeOf({ Dimensions }: Readonly<Record<string, unknown>>): string {
  const dimensions = (Dimensions ?? []) as readonly { Name: string; Value: unknown }[];
  const connection = dimensions.find(({ Name }) => Name === 'Connection')?.Value;
  return typeof connection === 'string' ? connection : shared;
}

function readEndpoint(properties: Readonly<Record<string, unknown>>, logicalId: string, hours: number): Line[] {
  const kind = properties['VpcEndpointType'] ?? 'Gateway';
  if (kind === 'Gateway') return [];
  const zones = properties['SubnetIds'];
  if (kind !== 'Interface' || !Array.isArray(zones))
    throw new UnpricedResource(`Endpoint '${logicalId}' is ${String(kind)} or does not list its subnets: no price`);
  return [{ scope: shared, item: 'interface endpoints', price: 'interfaceEndpoint', quantity: zones.length * hours }];
}

function requireOnDemand({ BillingMode }: Readonly<Record<string, unknown>>, logicalId: string): void {
  if (BillingMode === 'PAY_PER_REQUEST') return;
  throw new UnpricedResource(`Table '${logicalId}' is not PAY_PER_REQUEST: provisioned capacity has no price here`);
}

function requireSmallDisk({ EphemeralStorage }: Readonly<Record<string, unknown>>, logicalId: string): void {
  if (EphemeralStorage === undefined) return;
  throw new UnpricedResource(`Function '${logicalId}' asks for more than the 512 MB of disk that are free`);
}
