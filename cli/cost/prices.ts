/**
 * AWS list prices, as data: what `switchback cost` multiplies with. One region, us-east-1, without any free tier.
 *
 * `seen` says whether the number was read in a published text or written from memory; the second kind is to be checked
 * on the page before it goes into a budget. Invariant: no amount of money stands anywhere else in the code.
 */

export interface Price {
  readonly usd: number;
  /** What one of it is; quantities are counted in `unit`, not in millions. */
  readonly unit: string;
  /** The page to check it on. */
  readonly page: string;
  readonly seen: 'published' | 'remembered';
}

/** The region all prices are for. */
export const pricedRegion = 'us-east-1';
/** When the table was made. */
export const pricedOn = '2026-11-20';

const perMillion = 1e-6;
const perThousand = 1e-3;

const priced =
  (page: string, seen: Price['seen']) =>
  (usd: number, unit: string): Price => ({ usd, unit, page: `aws.amazon.com/${page}/pricing`, seen });

const lambda = priced('lambda', 'remembered');
const dynamodb = priced('dynamodb', 'remembered');
const cloudwatch = priced('cloudwatch', 'published');
const cloudwatchUse = priced('cloudwatch', 'remembered');
const automation = priced('systems-manager', 'remembered');
const traffic = priced('ec2', 'remembered');

export const prices = {
  lambdaArmGbSecond: lambda(0.0000133334, 'GB-second'),
  lambdaX86GbSecond: lambda(0.0000166667, 'GB-second'),
  lambdaRequest: lambda(0.2 * perMillion, 'request'),
  dynamodbWrite: dynamodb(0.625 * perMillion, 'write unit'),
  dynamodbRead: dynamodb(0.125 * perMillion, 'read unit'),
  alarmStandard: cloudwatch(0.1, 'metric-month'),
  alarmHighResolution: cloudwatch(0.3, 'metric-month'),
  alarmComposite: cloudwatch(0.5, 'alarm-month'),
  customMetric: cloudwatch(0.3, 'metric-month'),
  metricWritten: cloudwatchUse(0.01 * perThousand, 'call'),
  metricRead: cloudwatchUse(0.01 * perThousand, 'metric asked for'),
  dashboard: cloudwatchUse(3, 'dashboard-month'),
  logIngestion: cloudwatchUse(0.5, 'GB'),
  logStorage: cloudwatchUse(0.03, 'GB-month'),
  stateTransition: priced('step-functions', 'published')(0.025 * perThousand, 'transition'),
  trace: priced('xray', 'remembered')(5 * perMillion, 'trace'),
  automationStep: automation(0.002, 'step'),
  automationScriptSecond: automation(0.00003, 'script second'),
  notice: priced('sns', 'remembered')(0.5 * perMillion, 'publish'),
  mail: priced('sns', 'remembered')(20 * perMillion, 'mail'),
  queueRequest: priced('sqs', 'remembered')(0.4 * perMillion, 'request'),
  key: priced('kms', 'remembered')(1, 'key-month'),
  interfaceEndpoint: priced('privatelink', 'published')(0.01, 'zone-hour'),
  dataOut: traffic(0.09, 'GB'),
  dataBetweenZones: traffic(0.01, 'GB each way'),
} as const satisfies Readonly<Record<string, Price>>;

export type PriceName = keyof typeof prices;
