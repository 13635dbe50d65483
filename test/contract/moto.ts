/**
 * moto behind the real SDK clients: what our code asks goes over HTTP as the SDK puts it on the wire.
 *
 * The site is built by calls of the SDK, and the configuration gets the ids that moto gave. moto has no clock to turn:
 * its transitions are instant.
 */
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  AllocateAddressCommand,
  AssociateAddressCommand,
  CreateLaunchTemplateCommand,
  CreateNetworkInterfaceCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  EC2Client,
  ModifyNetworkInterfaceAttributeCommand,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { CreateStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { Deployment, Gateway } from '../../core/domain';
import { embeddedMetrics } from '../../sim/cloud/emf';
import { matchOnMoto } from './moto-events';
import { type MotoServer, startMoto } from './moto-server';
import { type Cloud, type Command, pair, recorded, type Site, startAt, template } from './site';

let server: MotoServer | undefined;

/** One try and a bounded wait, as the functions' own clients have it. */
const optionsFor = ({ endpoint }: MotoServer) => ({
  endpoint,
  region: pair.region,
  credentials: { accessKeyId: 'contract', secretAccessKey: 'contract' },
  maxAttempts: 1,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
});

export type MotoOptions = ReturnType<typeof optionsFor>;

function options(): MotoOptions {
  if (server === undefined) throw new Error('moto has not been started');
  return optionsFor(server);
}

export const moto: Cloud = {
  name: 'moto',
  open: async () => {
    template();
    server = await startMoto();
  },
  site: buildSite,
  matchEvents: (patterns, events) => matchOnMoto(options(), patterns, events),
  close: async () => server?.stop(),
};

let sites = 0;

async function buildSite(): Promise<Site> {
  const number = sites++;
  const ec2 = new EC2Client(options());
  const dynamodb = new DynamoDBClient(options());
  const cloudwatch = new CloudWatchClient(options());
  const sfn = new SFNClient(options());
  const deployment = await buildNetwork(ec2);
  if (number === 0) await createTables(dynamodb);
  let now = startAt + number * 3_600_000; // Metrics cannot be taken back: each site has its own hour.
  return {
    aws: {
      cloudwatch: clientOf(cloudwatch),
      dynamodb: clientOf(dynamodb),
      ec2: clientOf(ec2),
      sfn: clientOf(sfn),
      ssm: clientOf(new SSMClient(options())),
    } as unknown as Site['aws'],
    clock: {
      now: () => now,
      sleep: async (ms) => {
        now += ms;
      },
    },
    deployment,
    stateMachineArn: await createStateMachine(sfn, `failover-${number}`),
    settle: async () => {},
    publish: async (line) => {
      await putMetrics(cloudwatch, line);
      now += 10_000;
    },
  };
}

const clientOf = (client: unknown): { send(command: Command): Promise<unknown> } =>
  recorded((command) => (client as { send(command: Command): Promise<unknown> }).send(command));

/** The network of the site; answers with the configuration under moto's ids. */
async function buildNetwork(ec2: EC2Client): Promise<Deployment> {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const VpcId = Vpc!.VpcId!;
  const ids = new Map<string, string>();
  const gateways = Object.values(pair.gateways);
  ids.set(gateways[0]!.vpcId, VpcId);
  for (const gateway of gateways) for (const [was, is] of await buildGateway(ec2, VpcId, gateway)) ids.set(was, is);
  for (const { routeSets, canaries, paths } of Object.values(pair.connections)) {
    const home = (path: string): string => ids.get(pair.gateways[paths[path]!.gateway]!.routeInterfaceId)!;
    for (const set of Object.values(routeSets)) {
      for (const table of set.tables) {
        ids.set(table, await buildTable(ec2, VpcId, set.destinations, home(set.home)));
      }
    }
    const everywhere = [...new Set(Object.values(routeSets).flatMap((set) => set.destinations))];
    for (const { watches, routeTableId } of canaries) {
      if (watches.kind === 'path' && routeTableId !== undefined) {
        ids.set(routeTableId, await buildTable(ec2, VpcId, everywhere, home(watches.path)));
      }
    }
  }
  let text = JSON.stringify(pair);
  for (const [was, is] of ids) text = text.replaceAll(`"${was}"`, `"${is}"`);
  return JSON.parse(text) as Deployment;
}

async function buildGateway(ec2: EC2Client, VpcId: string, gateway: Gateway): Promise<[was: string, is: string][]> {
  const { availabilityZone: AvailabilityZone, privateAddress: PrivateIpAddress, address, launchTemplate } = gateway;
  const CidrBlock = PrivateIpAddress.replace(/\d+$/, '0/24');
  const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone }));
  const SubnetId = Subnet!.SubnetId!;
  const { NetworkInterface } = await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId, PrivateIpAddress }));
  const NetworkInterfaceId = NetworkInterface!.NetworkInterfaceId!;
  const unchecked = { NetworkInterfaceId, SourceDestCheck: { Value: false } };
  await ec2.send(new ModifyNetworkInterfaceAttributeCommand(unchecked));
  const image = { ImageId: 'ami-12c6146b' as const, InstanceType: 't3.micro' as const };
  const one = { MinCount: 1, MaxCount: 1, NetworkInterfaces: [{ DeviceIndex: 0, NetworkInterfaceId }] };
  const { Instances } = await ec2.send(new RunInstancesCommand({ ...image, ...one }));
  const { AllocationId, PublicIp } = await ec2.send(new AllocateAddressCommand({ Domain: 'vpc' }));
  await ec2.send(new AssociateAddressCommand({ AllocationId, NetworkInterfaceId }));
  const data = { ...image, NetworkInterfaces: [{ DeviceIndex: 0, SubnetId }] };
  const LaunchTemplateName = `gateway-${NetworkInterfaceId}`;
  const { LaunchTemplate } = await ec2.send(
    new CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData: data }),
  );
  return [
    [gateway.subnetId, SubnetId],
    [gateway.routeInterfaceId, NetworkInterfaceId],
    [gateway.instanceId, Instances![0]!.InstanceId!],
    [address!.allocationId, AllocationId!],
    [address!.publicIp, PublicIp!],
    [launchTemplate!.id, LaunchTemplate!.LaunchTemplateId!],
    [launchTemplate!.version, '1'],
  ];
}

async function buildTable(
  ec2: EC2Client,
  VpcId: string,
  destinations: readonly string[],
  NetworkInterfaceId: string,
): Promise<string> {
  const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId }));
  const RouteTableId = RouteTable!.RouteTableId!;
  for (const DestinationCidrBlock of destinations) {
    await ec2.send(new CreateRouteCommand({ RouteTableId, DestinationCidrBlock, NetworkInterfaceId }));
  }
  return RouteTableId;
}

/** As the template says. */
async function createTables(dynamodb: DynamoDBClient): Promise<void> {
  for (const { name, properties } of template().ofType('AWS::DynamoDB::Table')) {
    await dynamodb.send(
      new CreateTableCommand({
        TableName: name,
        KeySchema: properties['KeySchema'] as never,
        AttributeDefinitions: properties['AttributeDefinitions'] as never,
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
  }
}

async function createStateMachine(sfn: SFNClient, name: string): Promise<string> {
  const definition = JSON.stringify({ StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 1e6, End: true } } });
  const roleArn = 'arn:aws:iam::123456789012:role/failover';
  const { stateMachineArn } = await sfn.send(new CreateStateMachineCommand({ name, roleArn, definition }));
  return stateMachineArn!;
}

/** What CloudWatch does with an EMF line, as the API call that has the same effect. */
async function putMetrics(cloudwatch: CloudWatchClient, line: string): Promise<void> {
  for (const { id, at, values } of embeddedMetrics(line)) {
    const Dimensions = Object.entries(id.dimensions).map(([Name, Value]) => ({ Name, Value }));
    const MetricData = values.map((Value) => ({
      MetricName: id.name,
      Dimensions,
      Timestamp: new Date(at),
      Value,
      StorageResolution: 1,
    }));
    await cloudwatch.send(new PutMetricDataCommand({ Namespace: id.namespace, MetricData }));
  }
}
