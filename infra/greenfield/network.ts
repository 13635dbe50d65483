/**
 * The VPC of a greenfield pair: per zone a public subnet for the gateway and a private one for the workload, whose
 * route table Switchback will move. Internet access is the gateways' alone; workloads reach the partner and nothing
 * else until you add to it.
 */
import { type CfnResource, Lazy, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { allow, role } from '../granting/grants';
import { service } from '../granting/trust';
import { blockOf } from './address-plan';

export type Zones = readonly [first: string, second: string];

export interface NetworkProps {
  /** Two availability zones of the stack's region. */
  readonly zones: Zones;
  /** The VPC's block; a /20 is the smallest that fits. */
  readonly cidr: string;
  /** Subnets for second interfaces, one a zone. */
  readonly inside: boolean;
}

export interface Subnet {
  readonly id: string;
  readonly zone: string;
  readonly cidr: string;
}

/** A subnet with a route table of its own. */
export interface PinnedSubnet extends Subnet {
  readonly table: ec2.CfnRouteTable;
}

/** Which /24 of the VPC's block serves what; the canaries' small subnets share one. */
const blocks = { gateways: 0, workloads: 2, canaries: 4, inside: 6 };

export class GreenfieldNetwork extends Construct {
  readonly vpcId: string;
  /** In the order of the zones, as are the next three. */
  readonly gatewaySubnets: readonly Subnet[];
  readonly workloadSubnets: readonly Subnet[];
  readonly workloadTables: readonly ec2.CfnRouteTable[];
  readonly insideSubnets: readonly Subnet[];
  /** What must stand before anything here can reach the internet, and must go after it. */
  readonly internet: readonly CfnResource[];
  private readonly endpointTables: string[] = [];
  private canarySubnets = 0;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: NetworkProps,
  ) {
    super(scope, id);
    const { zones, cidr } = props;
    Validations.of(this).acknowledge({
      id: 'CloudFormation-Validate::W3010',
      reason: 'Which canary stands in which zone is the point of this design, so zones are named.',
    });
    const vpc = new ec2.CfnVPC(this, 'Vpc', { cidrBlock: cidr, enableDnsHostnames: true, enableDnsSupport: true });
    this.vpcId = vpc.ref;
    this.recordRefusals(vpc.ref);

    const { table: outside, ways } = this.publicTable();
    const place = (kind: keyof typeof blocks, i: number, zone: string): Subnet =>
      this.subnet(`${kind}-${i + 1}`, zone, blockOf(cidr, 24, blocks[kind] + i));
    this.gatewaySubnets = zones.map((zone, i) => place('gateways', i, zone));
    this.internet = [
      ...ways,
      ...this.gatewaySubnets.map((subnet, i) => this.associate(`gateways-${i + 1}`, subnet, outside)),
    ];

    this.workloadSubnets = zones.map((zone, i) => place('workloads', i, zone));
    this.workloadTables = this.workloadSubnets.map((subnet, i) => {
      const table = this.table(`workloads-${i + 1}-table`);
      this.associate(`workloads-${i + 1}`, subnet, table);
      return table;
    });
    this.insideSubnets = props.inside ? zones.map((zone, i) => place('inside', i, zone)) : [];

    for (const table of this.workloadTables) this.endpointTables.push(table.ref);
    this.dynamoDbEndpoint(vpc.ref);
  }

  /** A subnet of sixteen addresses with a table of its own: what is routed there goes nowhere else. */
  pinnedSubnet(name: string, zone: string): PinnedSubnet {
    const within = blockOf(this.props.cidr, 24, blocks.canaries);
    const cidr = blockOf(within, 28, this.canarySubnets++);
    const made = this.madeSubnet(name, zone, cidr);
    // Not for its own sake, it has no way there: on delete it is the first to be in the way, before anything else is gone.
    for (const each of this.internet) made.addResourceDependency(each);
    const subnet = { id: made.ref, zone, cidr };
    const table = this.table(`${name}-table`);
    this.associate(name, subnet, table);
    this.endpointTables.push(table.ref);
    return { ...subnet, table };
  }

  private subnet(name: string, zone: string, cidr: string): Subnet {
    return { id: this.madeSubnet(name, zone, cidr).ref, zone, cidr };
  }

  private madeSubnet(name: string, availabilityZone: string, cidrBlock: string): ec2.CfnSubnet {
    const fixed = { vpcId: this.vpcId, mapPublicIpOnLaunch: false };
    return new ec2.CfnSubnet(this, name, { ...fixed, availabilityZone, cidrBlock });
  }

  private table(name: string): ec2.CfnRouteTable {
    return new ec2.CfnRouteTable(this, name, { vpcId: this.vpcId });
  }

  private associate(name: string, subnet: Subnet, table: ec2.CfnRouteTable): CfnResource {
    return new ec2.CfnSubnetRouteTableAssociation(this, `${name}-association`, {
      subnetId: subnet.id,
      routeTableId: table.ref,
    });
  }

  private publicTable(): { table: ec2.CfnRouteTable; ways: CfnResource[] } {
    const internet = new ec2.CfnInternetGateway(this, 'Internet');
    const attached = new ec2.CfnVPCGatewayAttachment(this, 'InternetAttachment', {
      vpcId: this.vpcId,
      internetGatewayId: internet.ref,
    });
    const table = this.table('gateways-table');
    const route = new ec2.CfnRoute(this, 'gateways-default', {
      routeTableId: table.ref,
      destinationCidrBlock: '0.0.0.0/0',
      gatewayId: internet.ref,
    });
    route.addResourceDependency(attached);
    return { table, ways: [attached, route] };
  }

  /** Free, and the only way out of a canary's subnet. Which items a canary may write is its role's matter. */
  private dynamoDbEndpoint(vpcId: string): void {
    const stack = Stack.of(this);
    new ec2.CfnVPCEndpoint(this, 'DynamoDb', {
      vpcId,
      vpcEndpointType: 'Gateway',
      serviceName: `com.amazonaws.${stack.region}.dynamodb`,
      routeTableIds: Lazy.list({ produce: () => this.endpointTables }), // Each pinned subnet adds its table.
      policyDocument: new iam.PolicyDocument({
        statements: [
          new iam.PolicyStatement({
            principals: [new iam.AnyPrincipal()],
            actions: ['dynamodb:*'],
            resources: ['*'], // The tables are made later, by another stack; nobody else's account comes through.
            conditions: {
              StringEquals: { 'aws:PrincipalAccount': stack.account, 'aws:ResourceAccount': stack.account },
            },
          }),
        ],
      }),
    });
  }

  /** What the security groups refused: the first question when a tunnel does not come up. */
  private recordRefusals(vpcId: string): void {
    const group = new logs.LogGroup(this, 'Refusals', {
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const writer = role(
      this,
      'RefusalsRole',
      service(this, 'vpc-flow-logs.amazonaws.com', [
        Stack.of(this).formatArn({ service: 'ec2', resource: 'vpc-flow-log', resourceName: '*' }),
      ]),
      [
        // A log group's streams are named by AWS, after the interfaces.
        allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [group.logGroupArn]),
        allow(['logs:DescribeLogGroups', 'logs:DescribeLogStreams'], [group.logGroupArn]),
      ],
      'Writes the flow log of refused packets.',
    );
    new ec2.CfnFlowLog(this, 'RefusalsFlow', {
      resourceId: vpcId,
      resourceType: 'VPC',
      trafficType: 'REJECT',
      logDestinationType: 'cloud-watch-logs',
      logGroupName: group.logGroupName,
      deliverLogsPermissionArn: writer.roleArn,
    });
  }
}
