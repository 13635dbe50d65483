// A function that lives in the local cloud: what it asks of clock and AWS, it asks of its world.
import { GetItemCommand } from '@aws-sdk/client-dynamodb';

export const createHandler = (world) => async (event) => {
  const key = { TableName: world.env.TABLE, Key: { id: { S: event.of } } };
  const { Item } = await world.aws.dynamodb.send(new GetItemCommand(key));
  await world.sleep(250);
  return { open: Number(Item?.open.N ?? 0) + 1, at: world.now() };
};
