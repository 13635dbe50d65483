/** The sweep and who the gateways are: what it journals, what it notes, what it leaves, and what it cannot write. */
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { GetParametersCommand } from '@aws-sdk/client-ssm';
import { declaredIds } from '../../../../core/gateways/identity';
import { configuredAs } from '../../../../core/words/configured';
import { instanceAt } from '../../../../core/words/gateways';
import { createHandler } from '../../../../functions/sweep';
import { deployment } from '../../../given';
import { awsError, awsMocks } from '../../adapters/aws-mocks';
import { CloudAnswers, me } from '../cloud-answers';
import { startAt, VirtualWorld } from '../virtual-world';

const declared = declaredIds(instanceAt(deployment(), 'gw-a'));
const words = (id: string) => [
  '1',
  `i-${id}`,
  `eni-${id}`,
  declared.instanceId,
  'eni-gw-a',
  'eipalloc-gw-a',
  declared.instanceId,
];

function make(written: Record<string, string> = {}) {
  const mocks = awsMocks();
  const world = new VirtualWorld(mocks);
  world.env['IDENTITY_PREFIX'] = '/switchback/switchback/identity/';
  const cloud = new CloudAnswers(mocks);
  cloud.lease = { token: 7, signals: 4 };
  mocks.sfn.on(StartExecutionCommand).resolves({});
  mocks.sfn.on(DescribeExecutionCommand).resolves({ status: 'RUNNING' });
  mocks.ssm.on(GetParametersCommand).callsFake(({ Names }: { Names: string[] }) => ({
    Parameters: Names.flatMap((Name) => (written[Name] ? [{ Name, Value: written[Name] }] : [])),
  }));
  const handler = createHandler(world, deployment());
  const updates = () =>
    mocks.dynamodb
      .commandCalls(UpdateItemCommand)
      .map(({ args }) => args[0].input)
      .filter(({ UpdateExpression }) => /identity|apart/.test(UpdateExpression!));
  const said = () => world.lines.map(({ what }) => what);
  return { mocks, cloud, world, updates, said, sweep: () => world.finish(handler()) };
}

// Our own ids here are no hexadecimal numbers, so the text names one that is.
const name = '/switchback/switchback/identity/gw-a';
const text = [...words('0ae1'), 'eni-0b4']
  .join(' ')
  .replace('eni-gw-a ', 'eni-0a ')
  .replace('eipalloc-gw-a', 'eipalloc-0a');

/** The same site with hexadecimal ids, as AWS gives them. */
function hexadecimal(stage: ReturnType<typeof make>) {
  const hex = deployment();
  const gwA = {
    ...hex.gateways['gw-a']!,
    routeInterfaceId: 'eni-0a',
    address: { allocationId: 'eipalloc-0a', publicIp: 'x' },
  };
  const handler = createHandler(stage.world, { ...hex, gateways: { ...hex.gateways, 'gw-a': gwA } });
  stage.cloud.routes = { 'rtb-1': 'eni-0ae1', 'rtb-2': 'eni-0ae1' };
  stage.cloud.pins = { 'rtb-path-a': 'eni-0ae1' };
  return () => stage.world.finish(handler());
}

it('adopts a replacement that no run could journal, on condition of the item it saw, and takes it for the gateway at once', async () => {
  const stage = make({ [name]: text });
  const sweep = hexadecimal(stage);
  expect(await sweep()).toEqual({ started: [], failed: [] });
  const [update] = stage.updates();
  expect(update).toMatchObject({
    Key: { pk: { S: 'gateway#gw-a' } },
    UpdateExpression: 'SET #identity = :identity REMOVE #apart',
  });
  expect(JSON.parse(update!.ExpressionAttributeValues![':identity']!.S!)).toMatchObject({
    instanceId: 'i-0ae1',
    replaced: { routeInterfaceId: 'eni-0a' },
  });
  expect(update!.ConditionExpression).toContain('attribute_not_exists(#identity)');
  expect(update!.ConditionExpression).toContain('attribute_not_exists(#claimedBy)');
  expect(stage.said()).toContain('sweep: replacement adopted');
});

it('leaves one that the canaries do not look through, and notes since when', async () => {
  const stage = make({ [name]: text });
  const sweep = hexadecimal(stage);
  stage.cloud.pins = { 'rtb-path-a': 'eni-0a' };
  await sweep();
  const [update] = stage.updates();
  expect(update!.UpdateExpression).toBe('SET #apart = :apart');
  expect(JSON.parse(update!.ExpressionAttributeValues![':apart']!.S!)).toMatchObject({
    what: 'unjournalled',
    routeInterfaceId: 'eni-0ae1',
    since: expect.any(Number),
  });
});

it('writes nothing where it has noted that already, where all agrees, or while somebody holds the connection', async () => {
  const noted = make({ [name]: text });
  const sweep = hexadecimal(noted);
  noted.cloud.pins = { 'rtb-path-a': 'eni-0a' };
  const apart = { what: 'unjournalled', instanceId: 'i-0ae1', routeInterfaceId: 'eni-0ae1', since: startAt - 1 };
  noted.cloud.gateways['gw-a'] = { apart: JSON.stringify(apart) };
  await sweep();
  const quiet = make();
  await quiet.sweep();
  const held = make({ [name]: text });
  const sweepHeld = hexadecimal(held);
  held.cloud.lease = { ...me, leaseUntil: startAt + 60_000 };
  await sweepHeld();
  expect([noted, quiet, held].map((stage) => stage.updates())).toEqual([[], [], []]);
});

it('says so and goes on where it may not write, or nobody says what was written', async () => {
  const denied = make({ [name]: text });
  const sweep = hexadecimal(denied);
  denied.mocks.dynamodb.on(UpdateItemCommand).rejects(awsError('AccessDeniedException', 'not yours', 400));
  expect(await sweep()).toMatchObject({ failed: [] });
  expect(denied.said()).toEqual(expect.arrayContaining(['sweep: not declared', 'sweep: identity not written']));
  const silent = make();
  silent.mocks.ssm.on(GetParametersCommand).rejects(awsError('ThrottlingException'));
  expect(await silent.sweep()).toMatchObject({ failed: [] });
  expect(silent.said()).toContain('sweep: identities not read');
});

it('tries again each minute to write down what is declared, and only till it is', async () => {
  const { sweep, mocks } = make();
  const declares = () =>
    mocks.dynamodb
      .commandCalls(UpdateItemCommand)
      .filter(({ args }) => args[0].input.UpdateExpression!.includes('declared')).length;
  mocks.dynamodb
    .on(UpdateItemCommand)
    .rejectsOnce(awsError('AccessDeniedException', '', 400))
    .resolves({});
  await sweep();
  expect(declares()).toBe(2);
  await sweep();
  expect(declares()).toBe(3);
  await sweep();
  expect(declares()).toBe(3);
});

describe('which configuration is deployed', () => {
  const stamps = ({ mocks }: ReturnType<typeof make>) =>
    mocks.dynamodb
      .commandCalls(UpdateItemCommand)
      .filter(({ args }) => args[0].input.UpdateExpression!.includes('configured'))
      .map(({ args }) => args[0].input.ExpressionAttributeValues![':configured']!.S);

  it('is written beside the lease, whoever holds it, where it is not there yet', async () => {
    const stage = make();
    stage.cloud.lease = { ...me, leaseUntil: startAt + 60_000, configured: 'another', configuredToken: 3 };
    await stage.sweep();
    expect(stamps(stage)).toEqual([configuredAs(deployment(), 'paris')]);
    stage.cloud.lease = { ...stage.cloud.lease, configured: configuredAs(deployment(), 'paris') };
    await stage.sweep();
    expect(stamps(stage)).toHaveLength(1);
  });

  it('costs nobody their look where it may not be written', async () => {
    const stage = make();
    stage.mocks.dynamodb.on(UpdateItemCommand).rejects(awsError('AccessDeniedException', '', 400));
    expect(await stage.sweep()).toEqual({ started: [], failed: [] });
    expect(stage.said()).toContain('sweep: not stamped');
  });
});
