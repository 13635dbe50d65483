/**
 * What a repair may do, and to what: the declared instances and VPN connections by ARN, and instances we launched
 * ourselves, told by the tag `switchback:gateway`. Systems Manager assumes this role; the failover machine may only pass it on.
 *
 * The tag is a hint elsewhere and a fence here: reserve the keys `switchback:*` (a service control policy) so that
 * nobody else can put an instance inside it.
 */
import { Stack } from 'aws-cdk-lib';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Deployment, GatewayName, InstanceGateway, VpnConnectionGateway } from '../../core/words/domain';
import { attracts, instancesOf, isKnownByNameOnly, speakersOf } from '../../core/words/gateways';
import {
  automationsArn,
  documentArn,
  ec2Arns,
  identityParameterArns,
  repairableVpns,
  replaceableGateways,
  route53Arn,
} from './arns';
import { allow, allowWide, describeIsForAll, role } from './grants';
import { service } from './trust';

export const idsAreNew = 'What we launch has no id yet; the condition, our own template or tag, is the fence.';

const changesAreNew = 'Route 53 gives a change its id when it is asked for; to ask how far it is changes nothing.';

/** By the tag that `replace` puts on what it launches. */
export const launchedFor = (gateways: readonly InstanceGateway[]): Record<string, Record<string, unknown>> => ({
  StringEquals: { 'aws:ResourceTag/switchback:gateway': gateways.map(({ name }) => name) },
});

export interface RepairRoleProps {
  readonly deployment: Deployment;
  readonly tunnelDocument: string;
  readonly daemonDocument: string;
  readonly rekeyDocument: string;
  /** What an order to a speaker sends. */
  readonly speakerDocument: string;
  /** Where a repair claims its gateway: the table itself, or the ARN of the function that asks it. */
  readonly claims: dynamodb.ITable | string;
  readonly reports: dynamodb.ITable;
  /** What `replace` moves pinning routes with; null: nothing can be replaced. */
  readonly repinFunction: string | null;
  /** @default - CloudFormation's */
  readonly roleName?: string;
}

/** These gateways' lease items, and nothing else in the table that decides. */
export const mayClaim = (gateways: readonly GatewayName[], state: dynamodb.ITable): iam.PolicyStatement =>
  allow(['dynamodb:UpdateItem'], [state.tableArn], {
    'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': gateways.map((name) => `gateway#${name}`) },
  });

export class RepairRole extends Construct {
  readonly role: iam.Role;

  constructor(
    scope: Construct,
    id: string,
    {
      deployment,
      tunnelDocument,
      daemonDocument,
      rekeyDocument,
      speakerDocument,
      claims,
      reports,
      repinFunction,
      roleName,
    }: RepairRoleProps,
  ) {
    super(scope, id);
    const instances = instancesOf(deployment);
    const replaceable = replaceableGateways(deployment);
    const vpns = repairableVpns(deployment);
    const claimed = [...Object.keys(instances), ...vpns.map(({ name }) => name)];
    this.role = role(
      this,
      'Role',
      service(this, 'ssm.amazonaws.com', [automationsArn(this)]),
      [
        ...this.observe(),
        ...(claimed.length === 0 ? [] : [this.claim(claimed, claims)]),
        ...(Object.keys(instances).length === 0
          ? []
          : [
              this.allowForwarding(Object.values(instances)),
              ...this.restart(Object.values(instances), replaceable, [tunnelDocument, daemonDocument]),
            ]),
        // To which machines, the statements above say.
        ...(Object.keys(speakersOf(deployment)).length === 0
          ? []
          : [allow(['ssm:SendCommand'], [documentArn(this, speakerDocument)])]),
        ...(attracts(deployment) ? [allow(['ssm:SendCommand'], [documentArn(this, rekeyDocument)])] : []),
        ...(vpns.length === 0 ? [] : this.replaceTunnels(vpns, reports)),
        ...(replaceable.length > 0 ? this.replace(deployment, replaceable, reports) : []),
        // Routes themselves it may not touch: the function knows which ones are meant.
        ...(repinFunction === null ? [] : [allow(['lambda:InvokeFunction'], [repinFunction])]),
      ],
      'Repairs the declared gateways.',
      { ...(roleName !== undefined && { roleName }) },
    );
  }

  private observe(): iam.PolicyStatement[] {
    const reads = [
      'ec2:DescribeInstances',
      'ec2:DescribeInstanceStatus',
      'ec2:DescribeNetworkInterfaces',
      'ssm:DescribeInstanceInformation',
      'ssm:ListCommands', // AWS lists it for aws:runCommand, beside the next.
      'ssm:ListCommandInvocations',
    ];
    return [allowWide(describeIsForAll, reads)];
  }

  private claim(gateways: readonly GatewayName[], claims: RepairRoleProps['claims']): iam.PolicyStatement {
    return typeof claims === 'string' ? allow(['lambda:InvokeFunction'], [claims]) : mayClaim(gateways, claims);
  }

  /** EC2 knows no finer action: the document, which names the attribute, is the fence. */
  private allowForwarding(gateways: readonly InstanceGateway[]): iam.PolicyStatement {
    const interfaces = gateways.map(({ routeInterfaceId }) => routeInterfaceId);
    return allow(['ec2:ModifyNetworkInterfaceAttribute'], ec2Arns(this, 'network-interface', interfaces));
  }

  private restart(
    gateways: readonly InstanceGateway[],
    replaceable: readonly InstanceGateway[],
    [tunnelDocument, daemonDocument]: readonly [string, string],
  ): iam.PolicyStatement[] {
    const instances = ec2Arns(
      this,
      'instance',
      gateways.map(({ instanceId }) => instanceId),
    );
    const power = ['ec2:RebootInstances', 'ec2:StartInstances', 'ec2:StopInstances'];
    const commands = allow(['ssm:SendCommand'], [documentArn(this, tunnelDocument), ...instances]);
    if (replaceable.length === 0) return [allow(power, instances), commands];
    const any = ec2Arns(this, 'instance', ['*']);
    const launchedByUs = launchedFor(replaceable);
    return [
      allow(power, instances),
      allowWide(idsAreNew, power, any, launchedByUs),
      commands,
      allowWide(idsAreNew, ['ssm:SendCommand'], any, launchedByUs),
      allow(['ssm:SendCommand'], [documentArn(this, daemonDocument)]),
    ];
  }

  /**
   * One tunnel of a declared connection, and what `watch` said of the other. DescribeVpnConnections, which answers with
   * pre-shared keys, is granted to no document.
   */
  private replaceTunnels(vpns: readonly VpnConnectionGateway[], reports: dynamodb.ITable): iam.PolicyStatement[] {
    const connections = ec2Arns(
      this,
      'vpn-connection',
      vpns.map(({ vpnConnectionId }) => vpnConnectionId),
    );
    return [
      allow(['ec2:ReplaceVpnTunnel', 'ec2:GetActiveVpnTunnelStatus'], connections),
      allow(['dynamodb:Query'], [reports.tableArn], {
        'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': vpns.map(({ name }) => `tunnels#${name}`) },
      }),
    ];
  }

  private replace(
    deployment: Deployment,
    gateways: readonly InstanceGateway[],
    reports: dynamodb.ITable,
  ): iam.PolicyStatement[] {
    const templates = ec2Arns(
      this,
      'launch-template',
      gateways.map(({ launchTemplate }) => launchTemplate!.id),
    );
    const declared = ec2Arns(
      this,
      'instance',
      gateways.map(({ instanceId }) => instanceId),
    );
    const interfaces = ec2Arns(
      this,
      'network-interface',
      gateways.map(({ routeInterfaceId }) => routeInterfaceId),
    );
    const addresses = gateways.flatMap(({ address }) => (address === undefined ? [] : [address.allocationId]));
    const anyInstance = ec2Arns(this, 'instance', ['*']);
    const anyInterface = ec2Arns(this, 'network-interface', ['*']);
    const launchedByUs = launchedFor(gateways);
    const labels = { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['switchback:quarantined', 'switchback:kept'] } };
    return [
      this.launch(gateways, templates),
      allowWide(idsAreNew, ['ec2:CreateTags'], [...anyInstance, ...anyInterface, ...ec2Arns(this, 'volume', ['*'])], {
        StringEquals: { 'ec2:CreateAction': 'RunInstances' },
      }),
      allow(['ec2:CreateTags'], declared, labels),
      allowWide(idsAreNew, ['ec2:CreateTags'], anyInstance, { ...labels, ...launchedByUs }),
      allowWide(idsAreNew, ['ec2:ModifyNetworkInterfaceAttribute'], anyInterface, launchedByUs),
      ...(addresses.length === 0
        ? []
        : [
            allow(['ec2:AssociateAddress'], [...ec2Arns(this, 'elastic-ip', addresses), ...interfaces]),
            allowWide(idsAreNew, ['ec2:AssociateAddress'], anyInterface, launchedByUs),
          ]),
      ...this.moveSecondaryAddresses(gateways.filter(({ secondaryAddress }) => secondaryAddress !== undefined)),
      ...this.changeRecords(gateways),
      this.passInstanceRoles(gateways),
      // Who serves from now on. Nobody else may write it: whoever does has the partner's traffic while the table is gone.
      allow(['ssm:PutParameter'], identityParameterArns(this, deployment)),
      // The proof before the old instance is put aside.
      allow(['dynamodb:GetItem'], [reports.tableArn]),
    ];
  }

  /** EC2 knows no finer condition: the document, which names the address, is the fence. */
  private moveSecondaryAddresses(gateways: readonly InstanceGateway[]): iam.PolicyStatement[] {
    if (gateways.length === 0) return [];
    const declared = ec2Arns(
      this,
      'network-interface',
      gateways.map(({ routeInterfaceId }) => routeInterfaceId),
    );
    const launched = ec2Arns(this, 'network-interface', ['*']);
    return [
      allow(['ec2:AssignPrivateIpAddresses'], declared),
      allowWide(idsAreNew, ['ec2:AssignPrivateIpAddresses'], launched, launchedFor(gateways)),
    ];
  }

  /**
   * The A records of these gateways' own names, in their own zones, led elsewhere and never deleted. Where there is an
   * Elastic IP the name is only asked.
   */
  private changeRecords(gateways: readonly InstanceGateway[]): iam.PolicyStatement[] {
    const named = gateways.filter(({ record }) => record !== undefined);
    if (named.length === 0) return [];
    const changed = named.filter(isKnownByNameOnly).map(({ record }) => record!);
    const zones = [...new Set(changed.map(({ zoneId }) => zoneId))];
    return [
      ...zones.map((zoneId) =>
        allow(['route53:ChangeResourceRecordSets'], [route53Arn(this, 'hostedzone', zoneId)], {
          'ForAllValues:StringEquals': {
            'route53:ChangeResourceRecordSetsNormalizedRecordNames': changed.flatMap((record) =>
              record.zoneId === zoneId ? [record.name] : [],
            ),
            'route53:ChangeResourceRecordSetsRecordTypes': ['A'],
            'route53:ChangeResourceRecordSetsActions': ['UPSERT'],
          },
        }),
      ),
      ...(zones.length === 0
        ? []
        : [allowWide(changesAreNew, ['route53:GetChange'], [route53Arn(this, 'change', '*')])]),
      allowWide(describeIsForAll, ['route53:TestDNSAnswer']),
    ];
  }

  /** New ids are unknown, so the fence is the template: one of ours, and nothing in it overridden. */
  private launch(gateways: readonly InstanceGateway[], templates: readonly string[]): iam.PolicyStatement {
    const made = (['instance', 'network-interface', 'volume', 'image', 'key-pair', 'security-group'] as const).flatMap(
      (kind) => ec2Arns(this, kind, ['*']),
    );
    const subnets = ec2Arns(
      this,
      'subnet',
      gateways.map(({ subnetId }) => subnetId),
    );
    return allowWide(idsAreNew, ['ec2:RunInstances'], [...made, ...subnets, ...templates], {
      ArnEquals: { 'ec2:LaunchTemplate': templates },
      Bool: { 'ec2:IsLaunchTemplateResource': 'true' },
    });
  }

  private passInstanceRoles(gateways: readonly InstanceGateway[]): iam.PolicyStatement {
    const stack = Stack.of(this);
    const roles = gateways.map(({ launchTemplate }) =>
      stack.formatArn({ service: 'iam', region: '', resource: 'role', resourceName: instanceRoleOf(launchTemplate!) }),
    );
    return allow(['iam:PassRole'], [...new Set(roles)], {
      StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' },
    });
  }
}

function instanceRoleOf({ id, role }: NonNullable<InstanceGateway['launchTemplate']>): string {
  if (role === undefined) throw new Error(`Launch template ${id} names no role to pass to its instance`);
  return role;
}
