/**
 * The bill: arithmetic done by hand on a tiny template, nothing free by omission, and the sample within its target.
 * Ten quiet minutes stand for the hour here; canaries have a rhythm of one minute.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ensureBundles } from '../../../cli/bundles';
import { standingLines, UnpricedResource } from '../../../cli/cost/billable';
import { elsewhereLines, idleLines } from '../../../cli/cost/idle';
import { incidentCosts } from '../../../cli/cost/incidents';
import { beyond, type Line, merged, scaled, shared, total } from '../../../cli/cost/lines';
import { prices } from '../../../cli/cost/prices';
import { connectionCost, connectionTable } from '../../../cli/cost/tables';
import { readConfigFile } from '../../../config/read';
import { minuteMs } from '../../../core/words/time';
import { synthesisFor } from '../../../sim/synthesis-cache';

const alarm = (Period: number, Connection?: string) => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: { Period, Dimensions: Connection === undefined ? [] : [{ Name: 'Connection', Value: Connection }] },
});

describe('what stands in a template', () => {
  it('is priced by hand: two fast alarms, one slow, one composite, a dashboard, a key, an endpoint in two zones', () => {
    const lines = standingLines(
      {
        Resources: {
          A: alarm(10, 'paris'),
          B: alarm(10, 'paris'),
          C: alarm(60),
          D: { Type: 'AWS::CloudWatch::CompositeAlarm' },
          E: { Type: 'AWS::CloudWatch::Dashboard' },
          F: { Type: 'AWS::KMS::Key' },
          G: {
            Type: 'AWS::EC2::VPCEndpoint',
            Properties: { VpcEndpointType: 'Interface', SubnetIds: ['subnet-1', 'subnet-2'] },
          },
          H: { Type: 'AWS::EC2::VPCEndpoint', Properties: { VpcEndpointType: 'Gateway' } },
          I: { Type: 'AWS::IAM::Role' },
        },
      },
      730,
    );
    // 2 x 0.30 + 0.10 + 0.50 + 3.00 + 1.00 + 2 x 730 x 0.01
    expect(total(lines)).toBeCloseTo(19.8, 10);
    expect(total(lines.filter(({ scope }) => scope === 'paris'))).toBeCloseTo(0.6, 10);
  });

  it('counts each metric of an alarm on an expression', () => {
    const Metrics = [{ Expression: 'a + b' }, { MetricStat: { Period: 60 } }, { MetricStat: { Period: 60 } }];
    const lines = standingLines({ Resources: { A: { Type: 'AWS::CloudWatch::Alarm', Properties: { Metrics } } } }, 730);
    expect(total(lines)).toBeCloseTo(0.2, 10);
  });

  it.each([
    ['an unknown type', 'AWS::RDS::DBInstance', {}],
    ['a provisioned table', 'AWS::DynamoDB::Table', { BillingMode: 'PROVISIONED' }],
    ['a table that does not say', 'AWS::DynamoDB::Table', {}],
    ['a function with a larger disk', 'AWS::Lambda::Function', { EphemeralStorage: { Size: 1024 } }],
    ['an endpoint of another kind', 'AWS::EC2::VPCEndpoint', { VpcEndpointType: 'GatewayLoadBalancer' }],
  ])('refuses %s, by name, instead of calling it free', (_what, Type, Properties) => {
    const read = () => standingLines({ Resources: { Odd: { Type, Properties } } }, 730);
    expect(read).toThrow(UnpricedResource);
    expect(read).toThrow(/'Odd'/);
  });
});

describe('lines', () => {
  const seconds = (quantity: number): Line => ({ scope: 'paris', item: 'time', price: 'lambdaArmGbSecond', quantity });

  it('add up, subtract and scale', () => {
    expect(merged([seconds(1), seconds(2)])).toEqual([seconds(3)]);
    expect(beyond([seconds(5)], [seconds(2)])).toEqual([seconds(3)]);
    expect(beyond([seconds(2)], [seconds(2)])).toEqual([]);
    expect(total(scaled([seconds(100)], 730))).toBeCloseTo(73_000 * 0.0000133334, 10);
  });
});

describe('the sample configuration', () => {
  const file = path.join(__dirname, '../../../examples/adopt/switchback.yaml');
  const deployment = readConfigFile(file);
  const connection = deployment.connections['paris']!;
  let lines: Line[];

  beforeAll(async () => {
    ensureBundles();
    lines = await idleLines(deployment, 10 * minuteMs);
  });

  it('costs less than its target, with the dashboard: about 24 USD a month', () => {
    const { usd, pin } = connectionCost(connection, lines, 1);
    expect(pin).toBe('target');
    expect(usd).toBeGreaterThan(22);
    expect(usd).toBeLessThanOrEqual(25);
  });

  it('says whether the target is met, by how much, and what dominates', () => {
    const cost = connectionCost(connection, lines, 1);
    expect(cost.met).toBe(cost.usd <= 25);
    expect(cost.dominant).toBe('canaries: run time, 128 MB');
    const verdict = cost.met ? /target met: at most 25 USD/ : /TARGET MISSED: at most 25 USD .* dominated by canaries/;
    expect(connectionTable(cost, 1)).toMatch(verdict);
  });

  it('bills canary time for the loop and its overlap, 75 s a minute, once for the two canaries that share a function', () => {
    const time = lines.find(({ price, scope }) => price === 'lambdaArmGbSecond' && scope === 'paris')!;
    const alwaysOneEach = 2 * 0.125 * 730 * 3_600;
    expect(time.quantity / alwaysOneEach).toBeGreaterThan(1.2);
    expect(time.quantity / alwaysOneEach).toBeLessThan(1.26);
  });

  it('counts four custom metrics a canary, one a gateway, and starts no execution', () => {
    const metrics = lines.filter(({ price }) => price === 'customMetric').map((line) => [line.scope, line.quantity]);
    expect(Object.fromEntries(metrics)).toEqual({ paris: 12, [shared]: 2 });
    expect(lines.some(({ price }) => price === 'stateTransition')).toBe(false);
  });

  it('counts the probes of every canary, whoever shares a function', () => {
    const out = lines.find(({ price }) => price === 'dataOut')!;
    const probes = 3 * 2 * 730 * 3_600 * 1.25; // Two a second each, and the overlap.
    expect((out.quantity * 1e9) / 280 / probes).toBeCloseTo(1, 1);
  });

  it('shares what is shared evenly', () => {
    const half = connectionCost(connection, lines, 2).usd;
    const all = connectionCost(connection, lines, 1).usd;
    expect(all - half).toBeCloseTo(total(lines.filter(({ scope }) => scope === shared)) / 2, 10);
  });
});

describe('an end in another region', () => {
  const mesh = readConfigFile(path.join(__dirname, '../../../examples/mesh/switchback.yaml'));
  const [name] = Object.keys(mesh.connections);
  const lines: Line[] = [
    { scope: name!, item: 'canaries: run time, 128 MB', price: 'lambdaArmGbSecond', quantity: 1_000_000 },
    { scope: name!, item: 'alarms, standard', price: 'customMetric', quantity: 6 },
    { scope: shared, item: 'dashboards', price: 'dashboard', quantity: 1 },
  ];

  it('is reckoned by the functions that carry its canaries, and by nothing that stands here alone', () => {
    expect(elsewhereLines(lines, mesh)).toEqual([
      { ...lines[0], item: 'at ohio: canaries: run time, 128 MB', estimated: true },
    ]);
    expect(elsewhereLines(lines, { ...mesh, ends: {} })).toEqual([]);
  });

  it('may cost as much again', () => {
    expect(connectionCost(mesh.connections[name!]!, lines, 1).targetUsd).toBe(50);
  });
});

it('counts what watching a VPN connection of AWS costs, as docs/SYSTEMS.md says it', async () => {
  const transit = readConfigFile(path.join(__dirname, '../../../examples/transit-gateway/switchback.yaml'));
  const lines = await idleLines(transit, 10 * minuteMs);
  const quantityOf = (item: string) => lines.find((line) => line.scope === shared && line.item === item)!.quantity;
  // Two connections: three numbers each, and two tunnels, two ways, twelve times an hour.
  expect(quantityOf('custom metrics of gateways')).toBe(2 * 3);
  expect(quantityOf('metrics read')).toBeCloseTo(2 * 2 * 2 * 12 * 730, 6);
  expect(2 * 2 * 12 * 730).toBe(35_040);
  expect(35_040 * prices.metricRead.usd).toBeCloseTo(0.35, 2);
  const { Resources } = synthesisFor(transit).template as {
    Resources: Record<string, { Properties?: { AlarmName?: string } }>;
  };
  const alarms = Object.values(Resources).filter(({ Properties }) =>
    /gateway\/vpn-a\//.test(Properties?.AlarmName ?? ''),
  );
  expect(alarms).toHaveLength(4);
  const page = readFileSync(path.join(__dirname, '../../../docs/SYSTEMS.md'), 'utf8').replace(/\s+/g, ' ');
  expect(page).toContain('1.65 USD a month and connection: 0.90 for three numbers');
});

it('prices an incident: cents, and every unit of it more than idle', async () => {
  const [incident] = await incidentCosts(['gateway-stopped']);
  const usd = total(incident!.lines);
  expect(usd).toBeGreaterThan(0.003);
  expect(usd).toBeLessThan(0.1);
  const transitions = incident!.lines.find(({ price }) => price === 'stateTransition')!;
  expect(transitions.quantity).toBeGreaterThan(50);
});

it('has a page for every price, and no price below nothing', () => {
  for (const { page, usd, unit } of Object.values(prices)) {
    expect(page).toMatch(/^aws\.amazon\.com\/[a-z0-9-]+\/pricing$/);
    expect(usd).toBeGreaterThan(0);
    expect(unit).not.toBe('');
  }
});
