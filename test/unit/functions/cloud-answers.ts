/**
 * What AWS answers about the sample deployment when all is well, and a way to change one thing: connection item,
 * reports, instances, interfaces and routes are kept as data and served through the mocks.
 */
import { GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { BatchGetItemCommand, GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  ReplaceRouteCommand,
  type Route,
} from '@aws-sdk/client-ec2';
import { DescribeInstanceInformationCommand, GetParametersCommand } from '@aws-sdk/client-ssm';
import { toItem } from '../../../adapters/dynamodb/attributes';
import { reportItem } from '../../../adapters/dynamodb/report-item';
import type { CanaryReport, CanaryVerdict } from '../../../core/words/evidence';
import { down, gateway, report as reported } from '../../given';
import { type AwsMocks, awsError } from '../adapters/aws-mocks';
import { startAt } from './virtual-world';

export const me = { holder: 'arn:aws:states:eu-central-1:111122223333:execution:demo-failover:run-1', token: 7 };

export function report(canary: string, verdict: CanaryVerdict, changes: Partial<CanaryReport> = {}): CanaryReport {
  const when = { reportedAt: startAt - 500, since: startAt - 60_000, round: 100 };
  return verdict === 'down'
    ? down(canary, { ...when, answeredAt: startAt - 62_000, missedSince: startAt - 61_500, ...changes })
    : reported(canary, { ...when, answeredAt: startAt - 900, verdict, ...changes });
}

/** What EC2 announces when gw-a has stopped, five seconds after the beginning. */
export const stopped = {
  version: '0',
  id: '7bf73129-1428-4cd3-a780-95db273d1602',
  'detail-type': 'EC2 Instance State-change Notification',
  source: 'aws.ec2',
  account: '111122223333',
  time: '2026-11-20T21:00:05Z',
  region: 'eu-central-1',
  resources: [`arn:aws:ec2:eu-central-1:111122223333:instance/${gateway('gw-a').instanceId}`],
  detail: { 'instance-id': gateway('gw-a').instanceId, state: 'stopped' },
};

export class CloudAnswers {
  /** The connection item's plain attributes; null: no item. */
  lease: Record<string, string | number> | null = { ...me, leaseUntil: startAt + 60_000, signals: 4 };
  gateways: Record<string, Record<string, string>> = {};
  /** What sense has left, by gateway. */
  observations: Record<string, Record<string, string | number>> = {};
  reports: CanaryReport[] = ['paris/path-a', 'paris/path-b', 'paris/office'].map((id) => report(id, 'healthy'));
  routes: Record<string, string> = { 'rtb-1': 'eni-gw-a', 'rtb-2': 'eni-gw-a' };
  /** Where the tables that pin canaries lead 172.16.0.0/16. */
  pins: Record<string, string> = { 'rtb-path-a': 'eni-gw-a', 'rtb-path-b': 'eni-gw-b' };
  instanceStates: Record<string, string> = { a: 'running', b: 'running' };
  /** Stands between a ReplaceRoute and its effect; throwing refuses it. */
  onReplace: (table: string, target: string) => void = () => {};
  /** Conditional updates of the connection item answer this. */
  isMine = true;
  /** Operation names in the order they arrived, over all services. */
  readonly order: string[] = [];

  constructor(private readonly mocks: AwsMocks) {
    const { dynamodb, ec2, ssm, cloudwatch } = mocks;
    dynamodb
      .on(GetItemCommand)
      .callsFake(({ Key }) => this.noted(`GetItem ${Key.pk.S}`, { Item: this.item(Key.pk.S) }));
    dynamodb
      .on(BatchGetItemCommand)
      .callsFake(() => this.noted('BatchGetItem', { Responses: { reports: this.reports.map(reportItem) } }));
    dynamodb
      .on(PutItemCommand)
      .callsFake(({ Item }) => this.noted(`PutItem ${Item.pk?.S ?? Item.canary?.S} ${Item.sk?.S ?? ''}`, {}));
    dynamodb
      .on(UpdateItemCommand)
      .callsFake(({ UpdateExpression, ExpressionAttributeValues: values, ReturnValues }) => {
        const held = this.lease;
        const isTheirs = values?.[':holder'] !== undefined && String(held?.['holder']) !== values[':holder'].S;
        const isOther = values?.[':token'] !== undefined && String(held?.['token']) !== values[':token'].N;
        if (!this.isMine || isTheirs || isOther) throw awsError('ConditionalCheckFailedException');
        const shown = ReturnValues === 'ALL_NEW' && held ? { Attributes: toItem(held) } : {};
        return this.noted(`UpdateItem ${UpdateExpression}`, shown);
      });
    ec2
      .on(DescribeRouteTablesCommand)
      .callsFake(() => this.noted('DescribeRouteTables', { RouteTables: this.tables() }));
    ec2.on(ReplaceRouteCommand).callsFake(({ RouteTableId, NetworkInterfaceId }) => {
      this.order.push(`ReplaceRoute ${RouteTableId} ${NetworkInterfaceId}`);
      this.onReplace(RouteTableId, NetworkInterfaceId);
      this.routes[RouteTableId] = NetworkInterfaceId;
      return {};
    });
    ec2
      .on(DescribeInstancesCommand)
      .callsFake(() => this.noted('DescribeInstances', { Reservations: [{ Instances: this.instances() }] }));
    ec2
      .on(DescribeNetworkInterfacesCommand)
      .callsFake(() => this.noted('DescribeNetworkInterfaces', { NetworkInterfaces: this.interfaces() }));
    ec2
      .on(DescribeInstanceStatusCommand)
      .callsFake(() => this.noted('DescribeInstanceStatus', { InstanceStatuses: [] }));
    ssm.on(GetParametersCommand).resolves({ Parameters: [] });
    ssm.on(DescribeInstanceInformationCommand).resolves({ InstanceInformationList: [] });
    cloudwatch.on(GetMetricDataCommand).resolves({ MetricDataResults: [] });
  }

  /** All metrics of a canary at one instant. */
  metric(index: number, at: number, reachable: number): void {
    const point = (Id: string, value: number) => ({ Id, Timestamps: [new Date(at)], Values: [value] });
    this.metrics.push(
      point(`reachable${index}`, reachable),
      point(`loss${index}`, 1 - reachable),
      point(`rtt${index}`, 20),
    );
    this.mocks.cloudwatch.on(GetMetricDataCommand).resolves({ MetricDataResults: this.metrics });
  }

  private readonly metrics: { Id: string; Timestamps: Date[]; Values: number[] }[] = [];

  private noted<T>(operation: string, answer: T): T {
    this.order.push(operation);
    return answer;
  }

  private item(pk: string) {
    if (pk.startsWith('observed#')) {
      const seen = this.observations[pk.slice('observed#'.length)];
      return seen === undefined ? undefined : toItem(seen);
    }
    if (pk.startsWith('gateway#')) return toItem(this.gateways[pk.slice('gateway#'.length)] ?? {});
    return this.lease === null ? undefined : toItem(this.lease);
  }

  private tables() {
    const table = (DestinationCidrBlock: string) => {
      return ([RouteTableId, NetworkInterfaceId]: readonly [string, string]) => {
        const route: Route = { DestinationCidrBlock, NetworkInterfaceId, State: 'active', Origin: 'CreateRoute' };
        return { RouteTableId, Routes: [route] };
      };
    };
    const pins = Object.entries(this.pins).map(table('172.16.0.0/16'));
    return [...Object.entries(this.routes).map(table('172.16.0.0/16')), ...pins];
  }

  private instances() {
    return (['a', 'b'] as const).map((letter) => ({
      InstanceId: gateway(`gw-${letter}`).instanceId,
      State: { Name: this.instanceStates[letter] as 'running' },
      PublicIpAddress: gateway(`gw-${letter}`).address!.publicIp,
    }));
  }

  private interfaces() {
    return (['a', 'b'] as const).map((letter) => ({
      NetworkInterfaceId: `eni-gw-${letter}`,
      SubnetId: `subnet-gw-${letter}`,
      VpcId: 'vpc-1',
      SourceDestCheck: false,
      Attachment: { InstanceId: gateway(`gw-${letter}`).instanceId },
    }));
  }
}
