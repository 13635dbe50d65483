/**
 * What each call needs: (service, operation, input) to IAM actions and the resources they act on, as the Service
 * Authorization Reference lists them. Every listed action must be allowed on every listed resource.
 *
 * An operation that is not here cannot be authorised and throws by name: a new call adds a line here.
 */
import { isObject, type JsonObject } from '../template/json';
import type { RequestContext } from './conditions';
import type { AccessRequest } from './evaluate';

export interface Places {
  readonly region: string;
  readonly accountId: string;
  /** `aws:ResourceTag/…` and the like of one resource, keys in lower case. */
  contextOf(resource: string): RequestContext;
  /** The role an Automation document assumes, if it names one. */
  assumeRoleOf(document: string, input: JsonObject): string | undefined;
  /** What a launch template launches into and with. */
  launchOf(launchTemplateId: string): { readonly subnets: readonly string[]; readonly roles: readonly string[] };
  /** Name of this table's partition key; undefined: the template has no such table. */
  partitionKeyOf(table: string): string | undefined;
  /** The state machine behind a task token. */
  machineOf(taskToken: string): string;
  /** A role of this account by its name, which does not say its path; undefined: there is none. */
  roleArnOf(name: string): string | undefined;
}

type Needs = (input: JsonObject, places: Places) => AccessRequest[];

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.map(String) : value === undefined ? [] : [String(value)];

const on = (action: string, resources: readonly string[], context: RequestContext = {}): AccessRequest[] =>
  resources.map((resource) => ({ action, resource, context }));

/** An action that AWS does not let one limit to resources. */
const anywhere =
  (action: string): Needs =>
  () =>
    on(action, ['*']);

const ec2Arn = ({ region, accountId }: Places, kind: string, id: string): string =>
  `arn:aws:ec2:${region}:${accountId}:${kind}/${id}`;

const ec2Kinds: Readonly<Record<string, string>> = {
  i: 'instance',
  eni: 'network-interface',
  rtb: 'route-table',
  eipalloc: 'elastic-ip',
  vol: 'volume',
  subnet: 'subnet',
  sg: 'security-group',
  lt: 'launch-template',
  'tgw-rtb': 'transit-gateway-route-table',
  'tgw-attach': 'transit-gateway-attachment',
  tgw: 'transit-gateway',
  vpn: 'vpn-connection',
  pl: 'prefix-list',
};

/** The longest that the id begins with: `tgw-rtb-…` is no `tgw-…`. */
const prefixOf = (id: string): string | undefined =>
  Object.keys(ec2Kinds)
    .filter((prefix) => id.startsWith(`${prefix}-`))
    .sort((one, other) => other.length - one.length)[0];

const ec2ArnOf = (places: Places, id: string): string => {
  const kind = ec2Kinds[prefixOf(id) ?? ''];
  if (kind === undefined) throw new Error(`No ARN is known for EC2 id '${id}'`);
  return ec2Arn(places, kind, id);
};

/** EC2 actions on resources named by these input members. */
const ec2On =
  (action: string, ...members: string[]): Needs =>
  (input, places) =>
    members
      .flatMap((member) => texts(input[member]))
      .map((id) => ec2ArnOf(places, id))
      .flatMap((resource) => on(`ec2:${action}`, [resource], places.contextOf(resource)));

/**
 * What a launch makes and uses. The launch template is its owner's and may name a key pair and tag its volumes: asked for
 * as if it did both, so that a role which may not is found here.
 */
const launchParts = ['instance', 'network-interface', 'volume', 'security-group', 'key-pair'];
const templateTags = { ResourceType: 'volume', Tags: [{ Key: 'Name', Value: 'anything' }] };

const runInstances: Needs = (input, places) => {
  const template = isObject(input['LaunchTemplate'] ?? null) ? (input['LaunchTemplate'] as JsonObject) : undefined;
  const templateArn =
    template === undefined ? [] : [ec2Arn(places, 'launch-template', String(template['LaunchTemplateId']))];
  const launch = places.launchOf(String(template?.['LaunchTemplateId']));
  const resources = [
    ...launchParts.map((kind) => ec2Arn(places, kind, '*')),
    `arn:aws:ec2:${places.region}::image/*`,
    ...launch.subnets.map((id) => ec2Arn(places, 'subnet', id)),
    ...templateArn,
  ];
  const context: RequestContext =
    template === undefined ? {} : { 'ec2:launchtemplate': templateArn, 'ec2:islaunchtemplateresource': ['true'] };
  const tags = [...((input['TagSpecifications'] ?? []) as JsonObject[]), templateTags].flatMap((specification) =>
    on('ec2:CreateTags', [ec2Arn(places, String(specification['ResourceType']), '*')], {
      'ec2:createaction': ['RunInstances'],
      ...tagContext((specification['Tags'] ?? []) as JsonObject[]),
    }),
  );
  const roles = launch.roles.map((role) => `arn:aws:iam::${places.accountId}:role/${role}`);
  const passed = on('iam:PassRole', roles, { 'iam:passedtoservice': ['ec2.amazonaws.com'] });
  return [...on('ec2:RunInstances', resources, context), ...tags, ...passed];
};

const tagContext = (tags: readonly JsonObject[]): RequestContext => ({
  'aws:tagkeys': tags.map((tag) => String(tag['Key'])),
  ...Object.fromEntries(
    tags.map((tag) => [`aws:requesttag/${String(tag['Key']).toLowerCase()}`, [String(tag['Value'])]]),
  ),
});

const createTags: Needs = (input, places) =>
  texts(input['Resources'])
    .map((id) => ec2ArnOf(places, id))
    .flatMap((resource) =>
      on('ec2:CreateTags', [resource], {
        ...places.contextOf(resource),
        ...tagContext((input['Tags'] ?? []) as JsonObject[]),
      }),
    );

const dynamodbOn =
  (action: string): Needs =>
  (input, { region, accountId, partitionKeyOf }) => {
    const key = (input['Key'] ?? input['Item']) as JsonObject | undefined;
    const leading =
      key === undefined
        ? []
        : [key[partitionKeyOf(String(input['TableName'])) ?? '']].map((value) =>
            isObject(value ?? null) ? String((value as JsonObject)['S']) : '',
          );
    return on(`dynamodb:${action}`, [`arn:aws:dynamodb:${region}:${accountId}:table/${String(input['TableName'])}`], {
      'dynamodb:leadingkeys': leading,
    });
  };

/** The key that a query asks for stands in its condition. */
const query: Needs = (input, { region, accountId }) => {
  const [, placeholder = ''] = /^#?\w+ = (:\w+)$/.exec(String(input['KeyConditionExpression'])) ?? [];
  const value = ((input['ExpressionAttributeValues'] ?? {}) as Record<string, JsonObject>)[placeholder];
  return on('dynamodb:Query', [`arn:aws:dynamodb:${region}:${accountId}:table/${String(input['TableName'])}`], {
    'dynamodb:leadingkeys': value === undefined ? [] : [String(value['S'])],
  });
};

/** AWS asks for the right to each single write. */
const transactWrite: Needs = (input, places) =>
  ((input['TransactItems'] ?? []) as JsonObject[]).flatMap(({ Update }) =>
    dynamodbOn('UpdateItem')(Update as JsonObject, places),
  );

const batchGet: Needs = (input, { region, accountId, partitionKeyOf }) =>
  Object.entries((input['RequestItems'] ?? {}) as JsonObject).flatMap(([table, request]) => {
    const keys = ((request as JsonObject)['Keys'] ?? []) as JsonObject[];
    const leading = keys.map((key) => String((key[partitionKeyOf(table) ?? ''] as JsonObject)['S']));
    return on('dynamodb:BatchGetItem', [`arn:aws:dynamodb:${region}:${accountId}:table/${table}`], {
      'dynamodb:leadingkeys': leading,
    });
  });

const startAutomation: Needs = (input, places) => {
  const { region, accountId } = places;
  const document = String(input['DocumentName']);
  // Since 2025 the document and the execution are what is authorised, no longer `automation-definition`.
  const needs = on('ssm:StartAutomationExecution', [
    `arn:aws:ssm:${region}:${accountId}:document/${document}`,
    `arn:aws:ssm:${region}:${accountId}:automation-execution/*`,
  ]);
  const role = places.assumeRoleOf(document, input);
  return role === undefined
    ? needs
    : [...needs, ...on('iam:PassRole', [role], { 'iam:passedtoservice': ['ssm.amazonaws.com'] })];
};

/** A name that is a path begins with the slash that the ARN has already. */
const parameterArn = ({ region, accountId }: Places, name: string): string =>
  `arn:aws:ssm:${region}:${accountId}:parameter/${name.replace(/^\//, '')}`;

const statesOn =
  (action: string, member: string): Needs =>
  (input) =>
    on(`states:${action}`, [String(input[member])]);

const ruleOn =
  (action: string): Needs =>
  (input, { region, accountId }) =>
    on(`events:${action}`, [`arn:aws:events:${region}:${accountId}:rule/${String(input['Name'])}`]);

const scheduleOn =
  (action: string): Needs =>
  ({ Name, GroupName = 'default' }, { region, accountId }) =>
    on(`scheduler:${action}`, [
      `arn:aws:scheduler:${region}:${accountId}:schedule/${String(GroupName)}/${String(Name)}`,
    ]);

const mappingOn =
  (action: string): Needs =>
  (input, { region, accountId }) =>
    on(`lambda:${action}`, [`arn:aws:lambda:${region}:${accountId}:event-source-mapping:${String(input['UUID'])}`]);

/** IAM compares the role's ARN, path and all, with a call that names the role alone. */
const roleOn =
  (action: string): Needs =>
  (input, { accountId, roleArnOf }) => {
    const name = String(input['RoleName']);
    return on(`iam:${action}`, [roleArnOf(name) ?? `arn:aws:iam::${accountId}:role/${name}`]);
  };

const tokenOn =
  (action: string): Needs =>
  (input, places) =>
    on(`states:${action}`, [places.machineOf(String(input['taskToken'] ?? input['TaskToken']))]);

/** The names as IAM compares them: in small letters, without the dot at their end. */
const changeRecords: Needs = ({ HostedZoneId, ChangeBatch }) => {
  const changes = ((ChangeBatch as JsonObject)['Changes'] ?? []) as JsonObject[];
  const of = (member: string): string[] =>
    changes.map(({ ResourceRecordSet }) => String((ResourceRecordSet as JsonObject)[member]));
  return on('route53:ChangeResourceRecordSets', [`arn:aws:route53:::hostedzone/${String(HostedZoneId)}`], {
    'route53:changeresourcerecordsetsnormalizedrecordnames': of('Name').map((n) => n.toLowerCase().replace(/\.$/, '')),
    'route53:changeresourcerecordsetsrecordtypes': of('Type'),
    'route53:changeresourcerecordsetsactions': changes.map(({ Action }) => String(Action)),
  });
};

/** AWS asks for the table and, unless the route is to drop, for the attachment. */
const transitRoute = ['TransitGatewayRouteTableId', 'TransitGatewayAttachmentId'];

const needs: Readonly<Record<string, Needs>> = {
  'ec2.DescribeRouteTables': anywhere('ec2:DescribeRouteTables'),
  'ec2.DescribeInstances': anywhere('ec2:DescribeInstances'),
  'ec2.DescribeInstanceStatus': anywhere('ec2:DescribeInstanceStatus'),
  'ec2.DescribeNetworkInterfaces': anywhere('ec2:DescribeNetworkInterfaces'),
  'ec2.DescribeAddresses': anywhere('ec2:DescribeAddresses'),
  'ec2.DescribeSubnets': anywhere('ec2:DescribeSubnets'),
  'ec2.DescribeSecurityGroups': anywhere('ec2:DescribeSecurityGroups'),
  'ec2.DescribeLaunchTemplateVersions': anywhere('ec2:DescribeLaunchTemplateVersions'),
  'ec2.DescribeInstanceAttribute': anywhere('ec2:DescribeInstanceAttribute'),
  'ec2.DescribeNetworkInterfaceAttribute': anywhere('ec2:DescribeNetworkInterfaceAttribute'),
  'ec2.CreateRoute': ec2On('CreateRoute', 'RouteTableId'),
  'ec2.ReplaceRoute': ec2On('ReplaceRoute', 'RouteTableId'),
  'ec2.DeleteRoute': ec2On('DeleteRoute', 'RouteTableId'),
  'ec2.SearchTransitGatewayRoutes': ec2On('SearchTransitGatewayRoutes', 'TransitGatewayRouteTableId'),
  'ec2.CreateTransitGatewayRoute': ec2On('CreateTransitGatewayRoute', ...transitRoute),
  'ec2.ReplaceTransitGatewayRoute': ec2On('ReplaceTransitGatewayRoute', ...transitRoute),
  'ec2.DeleteTransitGatewayRoute': ec2On('DeleteTransitGatewayRoute', 'TransitGatewayRouteTableId'),
  'ec2.GetTransitGatewayPrefixListReferences': anywhere('ec2:GetTransitGatewayPrefixListReferences'),
  'ec2.CreateTransitGatewayPrefixListReference': ec2On(
    'CreateTransitGatewayPrefixListReference',
    'PrefixListId',
    ...transitRoute,
  ),
  'ec2.ModifyTransitGatewayPrefixListReference': ec2On(
    'ModifyTransitGatewayPrefixListReference',
    'PrefixListId',
    ...transitRoute,
  ),
  'ec2.DeleteTransitGatewayPrefixListReference': ec2On(
    'DeleteTransitGatewayPrefixListReference',
    'PrefixListId',
    'TransitGatewayRouteTableId',
  ),
  'ec2.GetManagedPrefixListEntries': ec2On('GetManagedPrefixListEntries', 'PrefixListId'),
  'ec2.DescribeTransitGatewayAttachments': anywhere('ec2:DescribeTransitGatewayAttachments'),
  'ec2.DescribeVpnConnections': anywhere('ec2:DescribeVpnConnections'),
  'ec2.GetActiveVpnTunnelStatus': ec2On('GetActiveVpnTunnelStatus', 'VpnConnectionId'),
  'ec2.GetVpnTunnelReplacementStatus': ec2On('GetVpnTunnelReplacementStatus', 'VpnConnectionId'),
  'ec2.ReplaceVpnTunnel': ec2On('ReplaceVpnTunnel', 'VpnConnectionId'),
  'ec2.StartInstances': ec2On('StartInstances', 'InstanceIds'),
  'ec2.StopInstances': ec2On('StopInstances', 'InstanceIds'),
  'ec2.RebootInstances': ec2On('RebootInstances', 'InstanceIds'),
  'ec2.TerminateInstances': ec2On('TerminateInstances', 'InstanceIds'),
  'ec2.CreateTags': createTags,
  'ec2.ModifyInstanceAttribute': ec2On('ModifyInstanceAttribute', 'InstanceId'),
  'ec2.ModifyNetworkInterfaceAttribute': ec2On('ModifyNetworkInterfaceAttribute', 'NetworkInterfaceId'),
  'ec2.AssignPrivateIpAddresses': ec2On('AssignPrivateIpAddresses', 'NetworkInterfaceId'),
  'ec2.AssociateAddress': ec2On('AssociateAddress', 'AllocationId', 'NetworkInterfaceId', 'InstanceId'),
  'ec2.RunInstances': runInstances,
  'dynamodb.GetItem': dynamodbOn('GetItem'),
  'dynamodb.PutItem': dynamodbOn('PutItem'),
  'dynamodb.UpdateItem': dynamodbOn('UpdateItem'),
  'dynamodb.TransactWriteItems': transactWrite,
  'dynamodb.DeleteItem': dynamodbOn('DeleteItem'),
  'dynamodb.Query': query,
  'dynamodb.Scan': dynamodbOn('Scan'),
  'dynamodb.BatchGetItem': batchGet,
  'ssm.StartAutomationExecution': startAutomation,
  'ssm.GetAutomationExecution': (input, { region, accountId }) =>
    on('ssm:GetAutomationExecution', [
      `arn:aws:ssm:${region}:${accountId}:automation-execution/${String(input['AutomationExecutionId'])}`,
    ]),
  'ssm.StopAutomationExecution': (input, { region, accountId }) =>
    on('ssm:StopAutomationExecution', [
      `arn:aws:ssm:${region}:${accountId}:automation-execution/${String(input['AutomationExecutionId'])}`,
    ]),
  'ssm.GetDocument': (input, { region, accountId }) =>
    on('ssm:GetDocument', [`arn:aws:ssm:${region}:${accountId}:document/${String(input['Name'])}`]),
  'ssm.GetParameters': (input, places) =>
    texts(input['Names']).flatMap((name) => on('ssm:GetParameters', [parameterArn(places, name)])),
  'ssm.PutParameter': (input, places) => on('ssm:PutParameter', [parameterArn(places, String(input['Name']))]),
  'ssm.DescribeAutomationExecutions': anywhere('ssm:DescribeAutomationExecutions'),
  'ssm.DescribeInstanceInformation': anywhere('ssm:DescribeInstanceInformation'),
  'ssm.SendCommand': (input, places) => [
    ...on('ssm:SendCommand', [
      `arn:aws:ssm:${places.region}:${places.accountId}:document/${String(input['DocumentName'])}`,
    ]),
    ...texts(input['InstanceIds'])
      .map((id) => ec2ArnOf(places, id))
      .flatMap((resource) => on('ssm:SendCommand', [resource], places.contextOf(resource))),
  ],
  'ssm.GetCommandInvocation': anywhere('ssm:GetCommandInvocation'),
  'ssm.ListCommands': anywhere('ssm:ListCommands'),
  'ssm.ListCommandInvocations': anywhere('ssm:ListCommandInvocations'),
  'stepfunctions.StartExecution': statesOn('StartExecution', 'stateMachineArn'),
  'stepfunctions.DescribeExecution': statesOn('DescribeExecution', 'executionArn'),
  'stepfunctions.StopExecution': statesOn('StopExecution', 'executionArn'),
  'stepfunctions.GetExecutionHistory': statesOn('GetExecutionHistory', 'executionArn'),
  'stepfunctions.ListExecutions': statesOn('ListExecutions', 'stateMachineArn'),
  'stepfunctions.SendTaskSuccess': tokenOn('SendTaskSuccess'),
  'stepfunctions.SendTaskFailure': tokenOn('SendTaskFailure'),
  'lambda.Invoke': (input, { region, accountId }) => {
    const name = String(input['FunctionName']);
    return on('lambda:InvokeFunction', [
      name.startsWith('arn:') ? name : `arn:aws:lambda:${region}:${accountId}:function:${name}`,
    ]);
  },
  'route53.ChangeResourceRecordSets': changeRecords,
  'route53.GetChange': ({ Id }) =>
    on('route53:GetChange', [`arn:aws:route53:::change/${String(Id).replace(/^\/change\//, '')}`]),
  'route53.TestDNSAnswer': anywhere('route53:TestDNSAnswer'),
  'sts.AssumeRole': (input) => on('sts:AssumeRole', [String(input['RoleArn'])]),
  'sns.Publish': (input) => on('sns:Publish', [String(input['TopicArn'])]),
  'sns.ListSubscriptionsByTopic': (input) => on('sns:ListSubscriptionsByTopic', [String(input['TopicArn'])]),
  'sqs.SendMessage': (input, { region, accountId }) =>
    on('sqs:SendMessage', [`arn:aws:sqs:${region}:${accountId}:${String(input['QueueUrl']).split('/').pop()!}`]),
  'cloudwatch.GetMetricData': anywhere('cloudwatch:GetMetricData'),
  'cloudwatch.DescribeAlarms': anywhere('cloudwatch:DescribeAlarms'),
  's3.GetObject': ({ Bucket, Key }) => on('s3:GetObject', [`arn:aws:s3:::${String(Bucket)}/${String(Key)}`]),
  's3.ListObjectsV2': ({ Bucket, Prefix }) =>
    on('s3:ListBucket', [`arn:aws:s3:::${String(Bucket)}`], {
      ...(Prefix !== undefined && { 's3:prefix': [String(Prefix)] }),
    }),
  's3.PutObject': ({ Bucket, Key, ObjectLockMode }) => {
    const objects = [`arn:aws:s3:::${String(Bucket)}/${String(Key)}`];
    return [
      ...on('s3:PutObject', objects),
      ...(ObjectLockMode === undefined ? [] : on('s3:PutObjectRetention', objects)),
    ];
  },
  'events.PutEvents': (input, { region, accountId }) => {
    const arn = (bus: string) =>
      bus.startsWith('arn:') ? bus : `arn:aws:events:${region}:${accountId}:event-bus/${bus}`;
    return (input['Entries'] as JsonObject[]).flatMap(({ EventBusName, Source }) =>
      on('events:PutEvents', [arn(String(EventBusName ?? 'default'))], {
        ...(Source !== undefined && { 'events:source': [String(Source)] }),
      }),
    );
  },
  'lambda.GetEventSourceMapping': mappingOn('GetEventSourceMapping'),
  'lambda.UpdateEventSourceMapping': mappingOn('UpdateEventSourceMapping'),
  'scheduler.GetSchedule': scheduleOn('GetSchedule'),
  'scheduler.UpdateSchedule': (input, places) => [
    ...scheduleOn('UpdateSchedule')(input, places),
    ...on('iam:PassRole', [String((input['Target'] as JsonObject)['RoleArn'])], {
      'iam:passedtoservice': ['scheduler.amazonaws.com'],
    }),
  ],
  'iam.DeleteRolePolicy': roleOn('DeleteRolePolicy'),
  'iam.GetRole': roleOn('GetRole'),
  'iam.GetRolePolicy': roleOn('GetRolePolicy'),
  'iam.PutRolePolicy': roleOn('PutRolePolicy'),
  'iam.UpdateAssumeRolePolicy': roleOn('UpdateAssumeRolePolicy'),
  'events.DescribeRule': ruleOn('DescribeRule'),
  'events.DisableRule': ruleOn('DisableRule'),
  'events.EnableRule': ruleOn('EnableRule'),
};

export function accessNeeds(service: string, operation: string, input: JsonObject, places: Places): AccessRequest[] {
  const entry = needs[`${service}.${operation}`];
  if (entry === undefined)
    throw new Error(`No IAM action is known for ${service}.${operation}: add it to local-cloud/iam/actions.ts`);
  return entry(input, places);
}
