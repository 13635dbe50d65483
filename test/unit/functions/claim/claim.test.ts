/** The function that claims a gateway for a repair at another end: by whose keys, in which table, and what it answers. */
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { createHandler } from '../../../../functions/claim';
import { endsDeployment } from '../../../given-ends';
import { awsError, awsMocks } from '../../adapters/aws-mocks';
import { VirtualWorld } from '../virtual-world';

const CLAIM_ROLE = 'arn:aws:iam::111122223333:role/switchback/mesh/switchback-mesh-claim-ohio';
const asked = { table: 'state', gateway: 'o-a', repair: 'token-1', execution: 'automation-1' };

function make() {
  const there = awsMocks();
  const brain = awsMocks();
  const world = new VirtualWorld(there);
  world.env = { END: 'ohio', CLAIM_ROLE, AWS_REGION: 'us-east-2' };
  const regions: (readonly [region: string, borrowed: boolean])[] = [];
  world.awsIn = (region, as) => {
    regions.push([region, as !== undefined]);
    return brain.clients;
  };
  const handler = createHandler(world, endsDeployment());
  return { brain, there, regions, claim: (event: unknown) => world.finish(handler(event)) };
}

it('claims in the table of the deployment’s region, by the role of there, and under the repair’s own token', async () => {
  const { brain, there, regions, claim } = make();
  brain.dynamodb.on(UpdateItemCommand).resolves({});
  expect(await claim(asked)).toMatchObject({ claimed: true });
  expect(regions).toEqual([['eu-central-1', true]]);
  expect(there.dynamodb.calls()).toEqual([]);
  expect(brain.dynamodb.commandCalls(UpdateItemCommand)[0]!.args[0].input).toMatchObject({
    TableName: 'state',
    Key: { pk: { S: 'gateway#o-a' }, sk: { S: 'lease' } },
    ConditionExpression: 'clientToken = :repair',
    ExpressionAttributeValues: { ':repair': { S: 'token-1' }, ':execution': { S: 'automation-1' } },
  });
});

it.each([
  ['ConditionalCheckFailedException', 400, 'not taken for this repair any more'],
  ['AccessDeniedException', 400, 'AccessDenied'],
  ['TimeoutError', 0, 'AwsUnavailable'],
] as const)('answers no, and does not throw, when the table says %s', async (error, status, because) => {
  const { brain, claim } = make();
  brain.dynamodb.on(UpdateItemCommand).rejects(awsError(error, 'no', status));
  expect(await claim(asked)).toMatchObject({ claimed: false, because: expect.stringContaining(because) });
});

it.each([
  [{ ...asked, gateway: 'f-a' }, /gateway is "f-a": must be one of this end/],
  [{ ...asked, repair: undefined }, /repair is .*: must be a text/],
  [null, /gateway is .*must be one of this end/],
])('refuses %j', async (event, words) => {
  const { brain, claim } = make();
  await expect(claim(event)).rejects.toThrow(words);
  expect(brain.dynamodb.calls()).toEqual([]);
});
