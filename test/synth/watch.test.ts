/**
 * Who may ask about tunnels. DescribeVpnConnections answers with pre-shared keys and IAM limits it to no connection, so
 * one role holds it, and no Automation document calls it: a document keeps each answer among its outputs.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Deployment } from '../../core/words/domain';
import { instanceAt } from '../../core/words/gateways';
import type { Synthesis } from '../../infra/assembly';
import { allowed, permissions } from './permissions';
import { resource, resources, siteDeployment, synthesizeSite } from './synthesis';

/** The pair, with gateway a's far end seen in another region, and a Site-to-Site connection of our own. */
function watched(): Deployment {
  const pair = siteDeployment('pair');
  const far = {
    vpnConnectionId: 'vpn-0fffffffffffffff1',
    region: 'us-east-1',
    tunnels: ['198.51.100.1', '198.51.100.2'],
  };
  const near = { ...far, vpnConnectionId: 'vpn-0eeeeeeeeeeeeeee1', region: pair.region };
  return {
    ...pair,
    gateways: {
      'gw-a': { ...instanceAt(pair, 'gw-a'), seenBy: far },
      'gw-b': { ...instanceAt(pair, 'gw-b'), seenBy: near },
    },
  };
}

let synthesis: Synthesis;
beforeAll(() => {
  synthesis = synthesizeSite(watched());
});

const keyHolders = ['ec2:DescribeVpnConnections', 'ec2:ModifyVpnTunnelOptions', 'ec2:ModifyVpnConnection'];

it('is deployed only where there are tunnels to ask about', () => {
  const plain = synthesizeSite(siteDeployment('pair'));
  expect(resources(plain, 'AWS::Lambda::Function').filter(([id]) => id.includes('Watch'))).toEqual([]);
  expect(resources(plain, 'AWS::CloudWatch::Alarm').filter(([, r]) => /tunnel/.test(r.Properties.AlarmName))).toEqual(
    [],
  );
});

it('alone may ask for what holds keys, in the regions of the configuration', () => {
  const holders = permissions(synthesis).filter(({ actions }) => actions.some((action) => keyHolders.includes(action)));
  expect(holders.map(({ role, actions, conditions }) => ({ role, actions, conditions }))).toEqual([
    {
      role: expect.stringContaining('WatchFunctionRole'),
      actions: ['ec2:DescribeVpnConnections', 'cloudwatch:GetMetricData'],
      conditions: { StringEquals: { 'aws:RequestedRegion': ['us-east-1', 'eu-central-1'] } },
    },
  ]);
  // Nor what people attach to themselves.
  const policies = resources(synthesis, 'AWS::IAM::ManagedPolicy').map(([, r]) => JSON.stringify(r.Properties));
  expect(policies.filter((policy) => keyHolders.some((action) => policy.includes(action)))).toEqual([]);
});

it('may read the named connections, write its own items, and nothing else', () => {
  const may = allowed(permissions(synthesis), 'WatchFunctionRole').filter((line) => !line.startsWith('logs:'));
  const arn = (region: string, id: string) =>
    expect.stringMatching(new RegExp(`:ec2:${region}:.*:vpn-connection/${id}$`));
  expect(may).toEqual(
    expect.arrayContaining([arn('us-east-1', 'vpn-0fffffffffffffff1'), arn('eu-central-1', 'vpn-0eeeeeeeeeeeeeee1')]),
  );
  expect([...new Set(may.map((line) => line.split(' ')[0]))].sort()).toEqual([
    'cloudwatch:GetMetricData',
    'dynamodb:BatchGetItem',
    'dynamodb:PutItem',
    'ec2:DescribeVpnConnections',
    'ec2:GetActiveVpnTunnelStatus',
    'ec2:GetVpnTunnelReplacementStatus',
  ]);
  const put = permissions(synthesis).find(
    ({ role, actions }) => role.includes('WatchFunction') && actions.includes('dynamodb:PutItem'),
  )!;
  expect(put.conditions).toEqual({
    'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['tunnels#gw-a', 'tunnels#gw-b'] },
  });
});

it('is called by no document: an automation keeps each answer among its outputs', () => {
  const calls = /DescribeVpnConnections|ModifyVpnTunnelOptions|ModifyVpnConnection|describe-vpn-connections/i;
  const folder = join(__dirname, '../../runbooks');
  const documents = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  const files = documents.map((file) => JSON.stringify(parse(readFileSync(join(folder, file), 'utf8')) as unknown));
  const rendered = resources(synthesis, 'AWS::SSM::Document').map(([, r]) => JSON.stringify(r.Properties.Content));
  expect(files.length).toBeGreaterThan(4);
  expect([...files, ...rendered].filter((text) => calls.test(text))).toEqual([]);
});

it('is missed where it does not run, or reports nothing', () => {
  const self = resources(synthesis, 'AWS::CloudWatch::Alarm')
    .map(([, r]) => r.Properties)
    .filter(({ AlarmName }) => AlarmName.startsWith('switchback/self/watch-'));
  expect(self.map(({ AlarmName, MetricName, TreatMissingData }) => [AlarmName, MetricName, TreatMissingData])).toEqual([
    ['switchback/self/watch-missing', 'Invocations', 'missing'],
    ['switchback/self/watch-failing', 'Errors', 'notBreaching'],
  ]);
  for (const { AlarmActions } of self) expect(AlarmActions).toHaveLength(1);
});

describe('alarms about tunnels', () => {
  const alarms = () =>
    Object.fromEntries(
      resources(synthesis, 'AWS::CloudWatch::Alarm')
        .filter(([, r]) => /\/gateway\/gw-[ab]\/tunnel/.test(r.Properties.AlarmName))
        .map(([, r]) => [
          r.Properties.AlarmName.replace('switchback/gateway/', ''),
          r.Properties as Record<string, unknown>,
        ]),
    );
  const dimensions = [
    { Name: 'By', Value: 'aws' },
    { Name: 'Deployment', Value: 'switchback' },
    { Name: 'Gateway', Value: 'gw-a' },
  ];

  it('tell none up, one left, and that it could not be measured, apart', () => {
    const base = {
      Namespace: 'Switchback/switchback',
      Dimensions: dimensions,
      Period: 60,
      ComparisonOperator: 'LessThanThreshold',
    };
    expect(alarms()).toMatchObject({
      'gw-a/tunnels-down': {
        ...base,
        MetricName: 'TunnelsUp',
        Threshold: 1,
        EvaluationPeriods: 1,
        TreatMissingData: 'ignore',
      },
      'gw-a/tunnels-fewer': {
        ...base,
        MetricName: 'TunnelsUp',
        Threshold: 2,
        EvaluationPeriods: 10,
        TreatMissingData: 'ignore',
      },
      'gw-a/tunnels-unmeasured': {
        ...base,
        MetricName: 'TunnelCheckOk',
        Threshold: 1,
        EvaluationPeriods: 2,
        TreatMissingData: 'breaching',
      },
    });
  });

  it("keep a witness that needs no function of ours, where AWS's metric can be read", () => {
    expect(alarms()['gw-b/tunnel-state']).toMatchObject({
      Namespace: 'AWS/VPN',
      MetricName: 'TunnelState',
      Dimensions: [{ Name: 'VpnId', Value: 'vpn-0eeeeeeeeeeeeeee1' }],
      Statistic: 'Maximum',
      Threshold: 1,
      Period: 300,
      EvaluationPeriods: 1,
      TreatMissingData: 'breaching',
    });
    expect(alarms()['gw-a/tunnel-state']).toBeUndefined();
  });

  it('only wake: each by the rule of the connections over its gateway', () => {
    for (const alarm of Object.values(alarms())) expect(alarm).not.toHaveProperty('AlarmActions');
    const { alarmName } = resource(synthesis, 'AWS::Events::Rule', 'Alarmparis').Properties.EventPattern.detail;
    expect(alarmName).toContainEqual({ prefix: 'switchback/gateway/gw-a/' });
  });
});
