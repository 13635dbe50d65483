/**
 * Every call of a few scenarios against the model inside the SDK's clients, and proof that the check would notice: a
 * misspelt, a superfluous and a missing member of each of them is refused. `npm run calls` hands the calls of all
 * scenarios to a check that also knows enums, patterns and lengths.
 */
import { DistinctCalls } from '../../local-cloud/front/distinct-calls';
import { inputProblems } from '../../local-cloud/front/shapes';
import { play } from './played';

interface Call {
  readonly service: string;
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

let calls: Call[];
let lines: string[];

beforeAll(async () => {
  const distinct = new DistinctCalls();
  calls = [];
  for (const name of ['dynamodb-gone', 'gateway-stopped', 'replacement-unproven']) {
    const { front } = (await play(name)).cloud;
    distinct.add(front.calls);
    calls.push(...(front.calls as unknown as Call[]));
  }
  lines = distinct.lines;
});

it('makes only calls that the SDK models', () => {
  const wrong = calls.flatMap(({ service, operation, input }) =>
    inputProblems(service, operation, input).map((problem) => `${service}.${operation}: ${problem}`),
  );
  expect(wrong).toEqual([]);
});

it('would notice a misspelt member in every one of them', () => {
  const modelled = calls.filter(({ service, input }) => service !== 'lambda' && Object.keys(input).length > 0);
  const unnoticed = modelled.filter(({ service, operation, input }) => {
    const [first, ...others] = Object.entries(input) as [[string, unknown], ...[string, unknown][]];
    const misspelt = Object.fromEntries([[`${first[0]}s`, first[1]], ...others]);
    return inputProblems(service, operation, misspelt).length === 0;
  });
  expect(modelled.length).toBeGreaterThan(1_000);
  expect(unnoticed).toEqual([]);
});

it('would notice a missing member and a wrong type', () => {
  expect(inputProblems('ec2', 'ReplaceRoute', { DestinationCidrBlock: '10.0.0.0/8' })).toEqual([
    'RouteTableId is required',
  ]);
  expect(inputProblems('cloudwatch', 'GetMetricData', { MetricDataQueries: [], StartTime: 'now' })).not.toEqual([]);
});

it('lists each distinct call once, as one JSON object a line, instants as ISO-8601 text', () => {
  expect(new Set(lines).size).toBe(lines.length);
  const listed = lines.map((line) => JSON.parse(line) as Call);
  const operations = new Set(listed.map(({ service, operation }) => `${service}.${operation}`));
  expect([...operations]).toEqual(
    expect.arrayContaining([
      'cloudwatch.GetMetricData',
      'ec2.RunInstances',
      'sns.Publish',
      'stepfunctions.StartExecution',
    ]),
  );
  const metrics = listed.find(({ operation }) => operation === 'GetMetricData')!;
  expect(metrics.input['StartTime']).toMatch(/^2026-01-05T\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(listed.some(({ service }) => service === 'lambda' || service === 'sqs')).toBe(false);
});

it('writes bytes as Base64 text', () => {
  const distinct = new DistinctCalls();
  const input = { Item: { blob: { B: new Uint8Array([1, 2, 255]) } } };
  distinct.add([
    { at: 0, role: 'r', by: 'b', invocation: '', service: 'dynamodb', operation: 'PutItem', input, error: '' },
  ]);
  expect(distinct.lines).toEqual([
    '{"service":"dynamodb","operation":"PutItem","input":{"Item":{"blob":{"B":"AQL/"}}}}',
  ]);
});
