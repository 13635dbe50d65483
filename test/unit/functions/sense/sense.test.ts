/** The sense function: what wakes whom, once per event, and what it refuses by name. */
import { GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { fromItem } from '../../../../adapters/dynamodb/attributes';
import { reportItem } from '../../../../adapters/dynamodb/report-item';
import { type KeptReport, tunnelItem } from '../../../../adapters/dynamodb/tunnel-item';
import type { CanaryReport } from '../../../../core/words/evidence';
import { instanceAt } from '../../../../core/words/gateways';
import { createHandler } from '../../../../functions/sense';
import { connection, deployment, gateway, office } from '../../../given';
import { endsDeployment } from '../../../given-ends';
import { awsError, awsMocks } from '../../adapters/aws-mocks';
import { CloudAnswers, report, stopped } from '../cloud-answers';
import { startAt, VirtualWorld } from '../virtual-world';

const record = (sequence: string, changes: Partial<CanaryReport> = {}) => ({
  eventID: `event-${sequence}`,
  eventName: 'MODIFY',
  dynamodb: {
    SequenceNumber: sequence,
    NewImage: reportItem(report('paris/path-a', 'down', { changed: true, ...changes })),
  },
});

function make(site = deployment()) {
  const mocks = awsMocks();
  const world = new VirtualWorld(mocks);
  const cloud = new CloudAnswers(mocks);
  mocks.sfn.on(StartExecutionCommand).resolves({});
  const handler = createHandler(world, site);
  const started = () => mocks.sfn.commandCalls(StartExecutionCommand).map((call) => call.args[0].input);
  return { mocks, world, cloud, started, sense: (event: unknown) => world.finish(handler(event)) };
}

describe('what AWS says of a VPN connection', () => {
  const far = { vpnConnectionId: 'vpn-0fffffffffffffff1', region: 'us-east-1', tunnels: ['198.51.100.1'] };
  const seen = () => {
    const plain = deployment(connection());
    return make({
      ...plain,
      gateways: { ...plain.gateways, 'gw-a': { ...instanceAt(plain, 'gw-a'), seenBy: far } },
    });
  };
  const health = (over: object = {}) => ({
    ...{ id: 'event-1', account: '111122223333', source: 'aws.health', 'detail-type': 'AWS Health Event' },
    ...{ resources: [], detail: { service: 'VPN', eventTypeCode: 'AWS_VPN_REDUNDANCY_LOSS' } },
    ...over,
  });
  const arn = `arn:aws:ec2:us-east-1:111122223333:vpn-connection/${far.vpnConnectionId}`;
  const manager = (detail: object) =>
    health({ source: 'aws.networkmanager', 'detail-type': 'Network Manager Status Update', detail });

  it.each<[string, object]>([
    ['Health, by its resources', health({ resources: [far.vpnConnectionId] })],
    ['Health, by its entities', health({ detail: { affectedEntities: [{ entityValue: far.vpnConnectionId }] } })],
    [
      'Network Manager, as it spells today',
      manager({ changeType: 'VPN-CONNECTION-IPSEC-DOWN', vpnConnectionArn: arn }),
    ],
    [
      'Network Manager, as it once did',
      manager({ 'status-change': 'VPN-CONNECTION-IPSEC-DOWN', 'vpn-connection-arn': arn }),
    ],
  ])('wakes whoever runs over it: %s', async (_, event) => {
    const { sense, started } = seen();
    await sense(event);
    expect(started()).toEqual([expect.objectContaining({ name: 'vpn-paris-event-1' })]);
    expect(JSON.parse(started()[0]!.input!)).toEqual({ connection: 'paris', source: 'tunnels' });
  });

  it('wakes nobody for the connections of others, nor for another account', async () => {
    const { sense, started } = seen();
    await sense(health({ resources: ['vpn-0eeeeeeeeeeeeeee1'] }));
    await sense(health());
    await sense(health({ resources: [far.vpnConnectionId], account: '999999999999' }));
    expect(started()).toEqual([]);
  });

  const says = (mocks: ReturnType<typeof seen>['mocks']) =>
    mocks.dynamodb.commandCalls(UpdateItemCommand).map(({ args }) => {
      const { Key, ExpressionAttributeNames: names, ExpressionAttributeValues: values } = args[0].input;
      return { of: Key!['pk']!.S, name: names!['#word'], ...JSON.parse(values![':word']!.S!) };
    });
  const description = [
    { language: 'de_DE', latestDescription: 'Ein Tunnel' },
    { language: 'en_US', latestDescription: `One of\n the tunnels ${'x'.repeat(500)}` },
  ];
  const details = { eventTypeCode: 'AWS_VPN_REDUNDANCY_LOSS', statusCode: 'open', eventDescription: description };

  it('leaves what Health says, in English and cut, before it wakes; of Network Manager nothing', async () => {
    const { sense, mocks, started } = seen();
    await sense(health({ resources: [far.vpnConnectionId], detail: details }));
    await sense(manager({ changeType: 'VPN-CONNECTION-IPSEC-DOWN', vpnConnectionArn: arn }));
    const [only, ...more] = says(mocks);
    expect(more).toEqual([]);
    expect(only).toMatchObject({ of: 'observed#gw-a', about: far.vpnConnectionId, status: 'open' });
    expect(only!.name).toBe('health:AWS_VPN_REDUNDANCY_LOSS');
    expect(only!.says).toMatch(/^One of the tunnels x+…$/);
    expect(only!.says).toHaveLength(400);
    expect(started()).toHaveLength(2);
  });

  it('leaves what Health says of an instance, declared or a replacement', async () => {
    const { sense, mocks, started } = make();
    const { instanceId } = gateway('gw-b');
    await sense(health({ resources: [instanceId], detail: { ...details, eventTypeCode: 'AWS_EC2_RETIREMENT' } }));
    expect(says(mocks)).toMatchObject([{ of: 'observed#gw-b', about: instanceId, name: 'health:AWS_EC2_RETIREMENT' }]);
    expect(started()).toHaveLength(1);
  });

  it('wakes though it cannot be written down, and fails then, so that the event comes again', async () => {
    const { sense, mocks, started } = seen();
    mocks.dynamodb.on(UpdateItemCommand).rejects(awsError('InternalServerError', '', 500));
    await expect(sense(health({ resources: [far.vpnConnectionId] }))).rejects.toMatchObject({ name: 'AwsUnavailable' });
    expect(started()).toHaveLength(1);
  });
});

describe('tunnel reports in the stream', () => {
  const tunnels = (changes: Partial<KeptReport> = {}) => ({
    eventID: 'event-1',
    eventName: 'MODIFY',
    dynamodb: {
      SequenceNumber: '1',
      NewImage: tunnelItem({
        ...{ schema: 1, gateway: 'gw-a', reportedAt: startAt, state: 'available', tunnels: {}, changed: true },
        writtenAt: startAt,
        asked: { provisioning: 0, maintenance: 0, bytes: 0 },
        ...changes,
      }),
    },
  });

  it('wake every connection with a path over that gateway, and say nothing to be believed', async () => {
    const { sense, started } = make(deployment(connection(), connection({ name: 'rome' })));
    expect(await sense({ Records: [tunnels()] })).toEqual({ batchItemFailures: [] });
    expect(started().map(({ name }) => name)).toEqual([
      `tunnels-paris-gw-a-${startAt}`,
      `tunnels-rome-gw-a-${startAt}`,
    ]);
    expect(JSON.parse(started()[0]!.input!)).toEqual({ connection: 'paris', source: 'tunnels' });
  });

  it('wake nobody where nothing changed, or no connection runs over the gateway', async () => {
    const { sense, started } = make();
    await sense({ Records: [tunnels({ changed: false }), tunnels({ gateway: 'gw-of-others' })] });
    expect(started()).toEqual([]);
  });

  it('are given back by their number where they cannot be read', async () => {
    const { sense, started } = make();
    const odd = tunnels({ state: 'resting' as 'available' });
    expect(await sense({ Records: [odd] })).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
    expect(started()).toEqual([]);
  });
});

describe('the reports stream', () => {
  it('starts an execution for a canary that changed its mind', async () => {
    const { sense, started } = make();
    expect(await sense({ Records: [record('1')] })).toEqual({ batchItemFailures: [] });
    expect(started()).toEqual([expect.objectContaining({ name: `canary-paris-paris-path-a-100-${startAt - 500}` })]);
    expect(JSON.parse(started()[0]!.input!)).toEqual({
      connection: 'paris',
      source: 'canary',
    });
  });

  it('gives a duplicate record the same name, and takes "exists" for success', async () => {
    const { sense, started, mocks } = make();
    mocks.sfn.on(StartExecutionCommand).resolvesOnce({}).rejects(awsError('ExecutionAlreadyExists'));
    expect(await sense({ Records: [record('1'), record('2')] })).toEqual({ batchItemFailures: [] });
    expect(new Set(started().map((input) => input.name)).size).toBe(1);
  });

  it('hands back a malformed record, by its number, and still hears the others', async () => {
    const { sense, started, world } = make();
    const poison = { ...record('2'), dynamodb: { SequenceNumber: '2', NewImage: { canary: { S: 'paris/path-a' } } } };
    expect(await sense({ Records: [record('1'), poison, record('3', { round: 101 })] })).toEqual({
      batchItemFailures: [{ itemIdentifier: '2' }],
    });
    expect(started()).toHaveLength(2);
    expect(world.lines).toContainEqual(
      expect.objectContaining({ what: 'sense: MalformedInput', because: expect.stringContaining('verdict: missing') }),
    );
  });

  it('throws for what has no number to hand back, once the others are heard', async () => {
    for (const nameless of [null, {}, { ...record('2'), dynamodb: { NewImage: { canary: null } } }]) {
      const { sense, started } = make();
      await expect(sense({ Records: [record('1'), nameless, record('3', { round: 101 })] })).rejects.toMatchObject({
        name: 'MalformedInput',
      });
      expect(started()).toHaveLength(2);
    }
  });

  it('hands back a record whose execution could not be started', async () => {
    const { sense, mocks } = make();
    mocks.sfn.on(StartExecutionCommand).rejects(awsError('ServiceUnavailable', '', 503));
    expect(await sense({ Records: [record('1')] })).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
  });

  it.each([
    ['of a canary that is none of ours', record('1', { canary: 'oslo/path-a', connection: 'oslo' })],
    ['without a change', record('1', { changed: false })],
    ['of a removed item', { eventName: 'REMOVE', dynamodb: { SequenceNumber: '1' } }],
  ])('ignores a record %s', async (_title, one) => {
    const { sense, started } = make();
    expect(await sense({ Records: [one] })).toEqual({ batchItemFailures: [] });
    expect(started()).toEqual([]);
  });
});

describe('an EC2 state change', () => {
  it('leaves what EC2 announced, then wakes the connection of a declared gateway', async () => {
    const { sense, started, mocks, cloud } = make();
    await sense(stopped);
    expect(started()[0]!.name).toBe(`ec2-${gateway('gw-a').instanceId}-stopped-${stopped.id}`);
    expect(JSON.parse(started()[0]!.input!)).toEqual({
      connection: 'paris',
      source: 'ec2',
    });
    expect(cloud.order).toHaveLength(1);
    const { Key, ...update } = mocks.dynamodb.commandCalls(UpdateItemCommand)[0]!.args[0].input;
    expect(fromItem(Key!)).toEqual({ pk: 'observed#gw-a', sk: 'instance' });
    expect(fromItem(update.ExpressionAttributeValues!)).toEqual({
      ':instanceId': gateway('gw-a').instanceId,
      ':state': 'stopped',
      ':at': startAt + 5_000,
    });
    expect(update.ConditionExpression).toContain('#at <= :at');
    expect(mocks.dynamodb.calls()).toHaveLength(1);
  });

  it.each([
    ['is refused, for an older word', awsError('ConditionalCheckFailedException')],
    ['fails', awsError('InternalServerError', '', 500)],
  ])('wakes all the same when that write %s', async (_title, error) => {
    const { sense, started, mocks } = make();
    mocks.dynamodb.on(UpdateItemCommand).rejects(error);
    await sense(stopped);
    expect(started()).toHaveLength(1);
  });

  it('waits half a second for a silent table, then wakes', async () => {
    const { sense, started, mocks, world } = make();
    mocks.dynamodb.on(UpdateItemCommand).callsFake(() => world.sleep(2_000).then(() => ({})));
    let startedAt = 0;
    mocks.sfn.on(StartExecutionCommand).callsFake(() => {
      startedAt = world.now();
      return {};
    });
    await sense(stopped);
    expect(startedAt - startAt).toBe(500);
    expect(started()).toHaveLength(1);
  });

  it('leaves nothing that is dated in the future: it would stand in the way of the truth', async () => {
    const { sense, started, cloud } = make();
    await sense({ ...stopped, time: new Date(startAt + 86_400_000).toISOString() });
    expect(cloud.order).toEqual([]);
    expect(started()).toHaveLength(1);
  });

  it('wakes every connection of a shared gateway, each under its own name', async () => {
    const { sense, started } = make(
      deployment(connection(), connection({ name: 'rome', routeSets: { office: office(['rtb-9']) } })),
    );
    await sense(stopped);
    expect(started().map((s) => (JSON.parse(s.input!) as { connection: string }).connection)).toEqual([
      'paris',
      'rome',
    ]);
    expect(new Set(started().map((s) => s.name)).size).toBe(2);
  });

  it('knows the instance our own replacement journalled', async () => {
    const { sense, started, cloud } = make();
    cloud.gateways['gw-b'] = { identity: JSON.stringify({ instanceId: 'i-0abcdef12', routeInterfaceId: 'eni-new' }) };
    await sense({ ...stopped, detail: { 'instance-id': 'i-0abcdef12', state: 'stopping' } });
    expect(started()).toHaveLength(1);
  });

  it.each([{ account: '999999999999' }, { region: 'us-east-1' }])(
    'ignores what comes from elsewhere: %j',
    async (other) => {
      const { sense, started, world } = make();
      await sense({ ...stopped, ...other });
      expect(started()).toEqual([]);
      expect(world.lines.at(-1)).toMatchObject({ because: 'it is of another account or region' });
    },
  );

  it('ignores the instances of others', async () => {
    const { sense, started } = make();
    await sense({ ...stopped, detail: { 'instance-id': 'i-0123456789abcdef0', state: 'stopped' } });
    expect(started()).toEqual([]);
  });

  it('throws when nobody can say whose it is, so that Lambda delivers it again', async () => {
    const { sense, mocks } = make();
    mocks.dynamodb.on(GetItemCommand).rejects(awsError('TimeoutError'));
    const event = { ...stopped, detail: { 'instance-id': 'i-0123456789abcdef0', state: 'stopped' } };
    await expect(sense(event)).rejects.toMatchObject({ name: 'AwsUnavailable' });
  });
});

describe('refuses, naming the field', () => {
  it.each([
    ['source: "my.app" must be aws.ec2', { ...stopped, source: 'my.app' }],
    ['detail.state: "hung" must be', { ...stopped, detail: { ...stopped.detail, state: 'hung' } }],
    ['detail.instance-id: "i-1; reboot"', { ...stopped, detail: { ...stopped.detail, 'instance-id': 'i-1; reboot' } }],
    ['detail.instance-id: missing', { ...stopped, detail: undefined }],
    ['time: "yesterday"', { ...stopped, time: 'yesterday' }],
    ['event: "x" must be an object', 'x'],
  ])('%s', async (message, event) => {
    const { sense, started } = make();
    await expect(sense(event)).rejects.toMatchObject({
      name: 'MalformedInput',
      message: expect.stringContaining(message),
    });
    expect(started()).toEqual([]);
  });
});

describe('at an end elsewhere', () => {
  const mesh = () => ({
    ...endsDeployment(),
    account: '111122223333',
    ends: {
      frankfurt: { name: 'frankfurt', region: 'eu-central-1' },
      ohio: { name: 'ohio', region: 'us-east-2', account: '210987654321', role: 'r', externalId: 'both-know' },
    },
  });
  const stoppedAt = (instanceId: string, over: object = {}) => ({
    ...{ id: 'event-1', account: '210987654321', region: 'us-east-2', time: new Date(startAt).toISOString() },
    ...{ source: 'aws.ec2', 'detail-type': 'EC2 Instance State-change Notification' },
    detail: { 'instance-id': instanceId, state: 'stopped' },
    ...over,
  });
  const atOhio = (changes: Record<string, string | undefined> = {}) => {
    const mocks = awsMocks();
    const brain = awsMocks();
    const world = new VirtualWorld(mocks);
    const machine = 'arn:aws:states:eu-central-1:111122223333:stateMachine:mesh-failover';
    world.env = { END: 'ohio', AWS_REGION: 'us-east-2', STATE_MACHINE_ARN: machine, ...changes };
    const roles: string[] = [];
    brain.sts.on(AssumeRoleCommand).callsFake(({ RoleArn }) => {
      roles.push(String(RoleArn));
      return { Credentials: { AccessKeyId: 'A', SecretAccessKey: 's', SessionToken: 't', Expiration: new Date(0) } };
    });
    brain.sfn.on(StartExecutionCommand).resolves({});
    world.awsIn = (region, as) => {
      if (region !== 'eu-central-1') throw new Error(`nobody asks in ${region}`);
      if (as === undefined) return brain.clients;
      const send = async (command: StartExecutionCommand) => {
        await as();
        return brain.clients.sfn.send(command);
      };
      return { ...brain.clients, sfn: { send } as never };
    };
    const handler = createHandler(world, mesh());
    const started = () => brain.sfn.commandCalls(StartExecutionCommand).map((call) => call.args[0].input);
    return { mocks, brain, world, roles, started, sense: (event: unknown) => world.finish(handler(event)) };
  };
  const instanceOf = (name: string) => instanceAt(mesh(), name).instanceId;

  it('starts the machine where the deployment is, by the role that is meant for it, and keeps no word', async () => {
    const { mocks, roles, started, sense } = atOhio();
    await sense(stoppedAt(instanceOf('o-a')));
    expect(started().map(({ stateMachineArn, input }) => [stateMachineArn, JSON.parse(input!)])).toEqual([
      ['arn:aws:states:eu-central-1:111122223333:stateMachine:mesh-failover', { connection: 'mesh', source: 'ec2' }],
    ]);
    expect(roles).toEqual(['arn:aws:iam::111122223333:role/switchback/mesh/switchback-mesh-wake-ohio']);
    expect(mocks.dynamodb.calls()).toEqual([]);
  });

  it('wakes for a canary that changed its mind there', async () => {
    const { started, sense } = atOhio();
    const down = report('mesh/o-path-a', 'down', { changed: true, connection: 'mesh' });
    const stream = {
      Records: [{ eventID: 'e', eventName: 'MODIFY', dynamodb: { SequenceNumber: '1', NewImage: reportItem(down) } }],
    };
    expect(await sense(stream)).toEqual({ batchItemFailures: [] });
    expect(started()).toHaveLength(1);
  });

  it('ignores what is no gateway, of another account, or of the region of the deployment', async () => {
    const { started, sense } = atOhio();
    await sense(stoppedAt('i-0fffffffffffffff1'));
    await sense(stoppedAt(instanceOf('o-a'), { account: '111122223333' }));
    await sense(stoppedAt(instanceOf('f-a'), { region: 'eu-central-1' }));
    expect(started()).toEqual([]);
  });

  it('takes the role on each minute, so that no signal waits for it', async () => {
    const { roles, started, sense } = atOhio();
    await sense({ warmUp: true });
    await sense(stoppedAt(instanceOf('o-a')));
    expect(roles).toHaveLength(1);
    expect(started()).toHaveLength(1);
  });

  it('refuses an end that its deployment does not name', () => {
    expect(() => atOhio({ END: 'utah' })).toThrow('END: "utah" is no end of mesh');
  });
});
