/**
 * What whoever asks `doctor` or `adopt` must be allowed. It is no policy of ours: it reads VPN connections, keys and all,
 * which no operator of Switchback is granted. Attach it to yourself, for as long as you look.
 */
const actions = [
  'cloudformation:DescribeStackResources',
  'cloudformation:DescribeStacks',
  'cloudtrail:LookupEvents',
  'cloudwatch:DescribeAlarms',
  'cloudwatch:GetMetricData',
  'dynamodb:BatchGetItem',
  'dynamodb:GetItem',
  'ec2:DescribeAddresses',
  'ec2:DescribeInstanceAttribute',
  'ec2:DescribeInstanceStatus',
  'ec2:DescribeInstances',
  'ec2:DescribeLaunchTemplateVersions',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeRouteTables',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeSubnets',
  'ec2:DescribeVpnConnections',
  'ec2:GetManagedPrefixListEntries',
  'ec2:GetTransitGatewayPrefixListReferences',
  'ec2:SearchTransitGatewayRoutes',
  'lambda:GetAccountSettings',
  'servicequotas:GetAWSDefaultServiceQuota',
  'servicequotas:GetServiceQuota',
  'sns:ListSubscriptionsByTopic',
  'ssm:DescribeInstanceInformation',
  'ssm:GetParameters',
];

/** For the launch that is only tried, as a dry run: without them that one check says `unknown`. */
const launching = ['ec2:CreateTags', 'ec2:RunInstances', 'iam:PassRole'];

/** For the one question that only our own function can answer: may it write at every end? Without it that check says `unknown`. */
const proving = ['lambda:InvokeFunction'];

const everywhere = (Sid: string, Action: readonly string[]) => ({
  Sid,
  Effect: 'Allow',
  Action: [...Action],
  Resource: '*',
});

/** What `smoke` starts besides: documents and runs that are refused. */
const trying = [
  'iam:PassRole',
  'sns:Publish',
  'ssm:GetAutomationExecution',
  'ssm:GetDocument',
  'ssm:StartAutomationExecution',
  'states:GetExecutionHistory',
  'states:StartExecution',
];

export const smokingPolicy = {
  Version: '2012-10-17',
  Statement: [everywhere('Look', actions), everywhere('TryInVain', trying)],
};

/** Also what `--local` plays the person with. */
export const examiningPolicy = {
  Version: '2012-10-17',
  Statement: [everywhere('Look', actions), everywhere('TryLaunch', launching), everywhere('ProveEnds', proving)],
};
