/** The world as Lambda gives it: built on the first call, one socket per attempt, only the clients asked for. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onRealWorld } from '../../../functions/real-world';
import type { World } from '../../../functions/world';
import { deployment } from '../../given';
import { awsMocks } from '../adapters/aws-mocks';
import { VirtualWorld } from './virtual-world';

const root = mkdtempSync(join(tmpdir(), 'switchback-'));
const context = new VirtualWorld(awsMocks()).context(1_000);
let server: Server;

beforeAll(async () => {
  writeFileSync(join(root, 'switchback.json'), JSON.stringify(deployment()));
  process.env['LAMBDA_TASK_ROOT'] = root;
  server = createServer((socket) => socket.on('error', () => {}));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(() => {
  delete process.env['LAMBDA_TASK_ROOT'];
  rmSync(root, { recursive: true });
  server.close();
});

const port = (): number => (server.address() as AddressInfo).port;

it('is built once, on the first invocation, from the file beside the bundle', async () => {
  const names: string[] = [];
  const handler = onRealWorld(
    (_world, { name }) => {
      names.push(name);
      return async (event) => event;
    },
    () => ({}),
  );
  expect(names).toEqual([]);
  await handler('one', context);
  expect(await handler('two', context)).toBe('two');
  expect(names).toEqual(['switchback']);
});

it('names the client that a function forgot to ask for', async () => {
  const handler = onRealWorld(
    (world) => async () => world.aws.ec2,
    () => ({}),
  );
  await expect(handler({}, context)).rejects.toThrow('this function was built without the client ec2');
});

describe('connect', () => {
  const attempt = (address: string, toPort: number) =>
    onRealWorld(
      (world: World) => () => world.connect({ address, port: toPort }, 600_000),
      () => ({}),
    )({}, context);

  it('is answered by a listener', async () => {
    expect(await attempt('127.0.0.1', port())).toMatchObject({ answered: true, refused: false });
  });

  it('tells a refusal from silence', async () => {
    const closed = port();
    await new Promise((resolve) => server.close(resolve));
    expect(await attempt('127.0.0.1', closed)).toMatchObject({ answered: false, refused: true });
  });
});
