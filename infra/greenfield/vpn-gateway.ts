/**
 * One VPN gateway: an interface that keeps its identity, an Elastic IP, a role, two launch templates, an instance, and
 * the stack's wait for its daemon: a deployment is complete when the daemon answers, and fails with the reason why not.
 *
 * The instance is made from version 1 of its template and from no other, so that a deployment never stops or replaces
 * a gateway under its users, let alone both. A new image or a new configuration becomes a new version of the
 * *replacement* template; Switchback brings it in, one gateway at a time, with proof.
 *
 * The replacement template differs in three things. Its interface is a new one, with a public address for as long as the
 * Elastic IP is not moved to it, since the agent must be reached before. It signals to nobody. And it is protected from
 * termination at once, since no stack will ever have to take it back. Its source/dest check cannot be said in a template;
 * the replace runbook turns it off and verifies it.
 */
import { type CfnResource, CfnWaitCondition, CfnWaitConditionHandle, Fn, Stack, Tags } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { accept } from '../granting/accepted';
import { routerOf } from './address-plan';
import { bootScript } from './boot-script';
import { gatewayRole } from './gateway-role';
import type { Subnet } from './network';
import type { Software } from './software';
import type { GreenfieldTunnel } from './tunnel';

export interface GatewayMachine {
  readonly software: Software;
  /**
   * The image; of the instance type's architecture.
   * @default - Amazon Linux 2023 for arm64, as it is at deployment
   */
  readonly image?: ec2.IMachineImage;
  /** @default t4g.small */
  readonly instanceType?: string;
  /**
   * Termination protection of the instances. An instance that is protected cannot be rolled back, so a first deployment
   * must do without; turn it on, and deploy again, once the stack is complete.
   * @default false
   */
  readonly protect?: boolean;
  /**
   * The Switchback deployment for which each gateway publishes how many of its tunnels are up, as its own daemon sees
   * them. Some 1.64 USD a month and gateway.
   * @default - none: nothing is published
   */
  readonly metricsFor?: string;
}

export interface VpnGatewayProps extends GatewayMachine {
  readonly name: string;
  readonly vpcId: string;
  readonly vpcCidr: string;
  readonly subnet: Subnet;
  /** For a second interface, which routes then point at. */
  readonly insideSubnet?: Subnet;
  readonly tunnels: readonly GreenfieldTunnel[];
  /** What must stand before the instance can reach the internet. */
  readonly internet: readonly CfnResource[];
}

/** What boot logs, packages and a build of strongSwan need, with room. */
const volumeGb = 8;
/** Larger user data is refused by EC2, counted before its encoding. */
const userDataBytesMax = 16_384;
/** A signed URL, which stands in the user data by reference, is as long as this at most. */
const signalBytes = 1_024;
/** Fetching and building take five minutes or so; the script itself gives up after 25. */
const answersWithinS = 30 * 60;

export class VpnGateway extends Construct {
  readonly instanceId: string;
  /** The interface that routes point at, and its address. */
  readonly routeInterface: ec2.CfnNetworkInterface;
  readonly address: ec2.CfnEIP;
  readonly role: iam.Role;
  readonly replacement: ec2.CfnLaunchTemplate;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: VpnGatewayProps,
  ) {
    super(scope, id);
    const { subnet, insideSubnet, tunnels, metricsFor } = props;
    this.role = gatewayRole(this, 'Role', tunnels, metricsFor);
    this.address = new ec2.CfnEIP(this, 'Address', { domain: 'vpc' });
    for (const each of props.internet) this.address.addResourceDependency(each);
    const securityGroup = this.securityGroup();
    const outside = this.interface('Outside', subnet, securityGroup);
    const inside = insideSubnet && this.interface('Inside', insideSubnet, securityGroup);
    this.routeInterface = inside ?? outside;
    const held = new ec2.CfnEIPAssociation(this, 'AddressHeld', {
      allocationId: this.address.attrAllocationId,
      networkInterfaceId: outside.ref,
    });

    const profile = new iam.CfnInstanceProfile(this, 'Profile', { roles: [this.role.roleName] });
    const answers = new CfnWaitConditionHandle(this, 'AnswersHere');
    const data = this.templateData(profile);
    const first = new ec2.CfnLaunchTemplate(this, 'First', {
      launchTemplateData: { ...data, userData: Fn.base64(this.userData(inside, answers.ref)) },
    });
    this.replacement = new ec2.CfnLaunchTemplate(this, 'Replacement', {
      launchTemplateData: {
        ...data,
        userData: Fn.base64(this.userData(inside)),
        disableApiTermination: true, // A repair never terminates; nobody does by mistake.
        networkInterfaces: [
          {
            deviceIndex: 0,
            subnetId: subnet.id,
            groups: [securityGroup.attrGroupId],
            associatePublicIpAddress: true,
            deleteOnTermination: true,
          },
        ],
      },
    });
    const instance = new ec2.CfnInstance(this, 'Instance', {
      launchTemplate: { launchTemplateId: first.ref, version: '1' },
      // Said in the template already; here for those who read instances.
      monitoring: true,
      disableApiTermination: props.protect ?? false,
      networkInterfaces: [outside, ...(inside === undefined ? [] : [inside])].map((each, i) => ({
        deviceIndex: `${i}`,
        networkInterfaceId: each.ref,
      })),
    });
    // Its first boot reaches the internet by that address, and by these.
    for (const each of [held, ...props.internet]) instance.addResourceDependency(each);
    if (props.protect !== true) {
      const because =
        'A first deployment must be able to roll back; protection is the second, and documented, deployment.';
      accept(instance, 'EC29', because);
    }
    const answered = new CfnWaitCondition(this, 'Answers', {
      handle: answers.ref,
      timeout: `${answersWithinS}`,
      count: 1,
    });
    answered.addResourceDependency(instance);
    Tags.of(instance).add('Name', props.name);
    this.instanceId = instance.ref;
  }

  private interface(id: string, subnet: Subnet, group: ec2.CfnSecurityGroup): ec2.CfnNetworkInterface {
    return new ec2.CfnNetworkInterface(this, id, {
      subnetId: subnet.id,
      groupSet: [group.attrGroupId],
      sourceDestCheck: false, // It forwards what is not its own.
      description: `${this.props.name}: ${id.toLowerCase()}`,
    });
  }

  /** IKE and ESP in UDP, from its peers alone; from the VPC everything, since it is a router to them. */
  private securityGroup(): ec2.CfnSecurityGroup {
    const { vpcId, vpcCidr, tunnels, name } = this.props;
    const peers = [...new Set(tunnels.map(({ peer }) => peer))];
    return new ec2.CfnSecurityGroup(this, 'Guard', {
      vpcId,
      groupDescription: `VPN gateway ${name}`,
      securityGroupIngress: [
        ...peers.flatMap((peer) =>
          [500, 4500].map((port) => ({
            ipProtocol: 'udp',
            fromPort: port,
            toPort: port,
            cidrIp: `${peer}/32`,
            description: port === 500 ? 'IKE' : 'IKE and ESP behind address translation',
          })),
        ),
        { ipProtocol: '-1', cidrIp: vpcCidr, description: 'What the VPC sends to the partner' },
      ],
      // To its peers, to AWS, and to the VPC with what came out of a tunnel.
      securityGroupEgress: [{ ipProtocol: '-1', cidrIp: '0.0.0.0/0', description: 'Anywhere' }],
    });
  }

  private templateData(profile: iam.CfnInstanceProfile): ec2.CfnLaunchTemplate.LaunchTemplateDataProperty {
    const { image = amazonLinux(), instanceType = 't4g.small' } = this.props;
    return {
      imageId: image.getImage(this).imageId,
      instanceType,
      iamInstanceProfile: { arn: profile.attrArn },
      metadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 1 },
      monitoring: { enabled: true },
      blockDeviceMappings: [
        {
          deviceName: '/dev/xvda',
          ebs: { volumeSize: volumeGb, volumeType: 'gp3', encrypted: true, deleteOnTermination: true },
        },
      ],
    };
  }

  private userData(inside: ec2.CfnNetworkInterface | undefined, signal?: string): string {
    const { name, software, tunnels, vpcCidr, insideSubnet, metricsFor } = this.props;
    const { region, urlSuffix } = Stack.of(this);
    const script = bootScript({
      name,
      software,
      region,
      urlSuffix,
      ...(signal !== undefined && { signal }),
      publicIp: this.address.attrPublicIp,
      tunnels,
      ...(metricsFor !== undefined && { metricsFor }),
      ...(inside !== undefined &&
        insideSubnet !== undefined && {
          inside: { address: inside.attrPrimaryPrivateIpAddress, vpcCidr, router: routerOf(insideSubnet.cidr) },
        }),
    });
    const bytes = Buffer.byteLength(script) + signalBytes;
    if (bytes > userDataBytesMax) {
      throw new Error(`${this.props.name}: ${bytes} bytes of user data, EC2 takes ${userDataBytesMax}: fewer tunnels`);
    }
    return script;
  }
}

const amazonLinux = (): ec2.IMachineImage =>
  ec2.MachineImage.latestAmazonLinux2023({ cpuType: ec2.AmazonLinuxCpuType.ARM_64 });
