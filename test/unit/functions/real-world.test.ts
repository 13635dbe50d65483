/** The world as Lambda gives it: built on the first call, one socket per attempt, only the clients asked for. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EC2Client } from '@aws-sdk/client-ec2';
import { STSClient } from '@aws-sdk/client-sts';
import { routes } from '../../../adapters/ec2/routes';
import type { RouteSet } from '../../../core/words/domain';
import { awsAt } from '../../../functions/ends';
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

describe('a role of another account, over the wire', () => {
  const ohio = { name: 'ohio', region: 'us-east-2', role: 'arn:aws:iam::210987654321:role/x', externalId: 'both-know' };
  const set = { name: 'all', tables: ['rtb-1'], destinations: ['10.0.0.0/8'] } as unknown as RouteSet;
  const keys = (id: number): string =>
    `<Credentials><AccessKeyId>ASIA${id}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>token${id}</SessionToken></Credentials>`;
  const denial = '<Error><Code>AccessDenied</Code><Message>not authorized to perform: sts:AssumeRole</Message></Error>';
  let refuses: boolean;
  let heard: { who: string; token: string | undefined; body: string }[];

  const aws = createHttpServer((request, response) => {
    let body = '';
    request.on('data', (data) => (body += String(data)));
    request.on('end', () => {
      const { authorization = '', 'x-amz-security-token': token } = request.headers;
      heard.push({
        who: /Credential=([^/]+\/\d+\/[^/]+\/[^/]+)/.exec(authorization)?.[1] ?? '',
        token: token as string,
        body,
      });
      if (!body.includes('AssumeRole')) return void response.end('<DescribeRouteTablesResponse/>');
      if (refuses) response.writeHead(403);
      const asked = heard.filter((one) => one.body.includes('AssumeRole')).length;
      const answer = refuses ? denial : `<AssumeRoleResult>${keys(asked)}</AssumeRoleResult>`;
      response.end(`<AssumeRoleResponse>${answer}</AssumeRoleResponse>`);
    });
  });

  const environment = { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'OWN', AWS_SECRET_ACCESS_KEY: 's' };
  const before = { ...process.env };
  beforeAll(async () => {
    await new Promise<void>((resolve) => aws.listen(0, '127.0.0.1', resolve));
    const AWS_ENDPOINT_URL = `http://127.0.0.1:${(aws.address() as AddressInfo).port}`;
    Object.assign(process.env, environment, { AWS_ENDPOINT_URL });
  });
  afterAll(() => {
    aws.close();
    aws.closeAllConnections();
    for (const name of [...Object.keys(environment), 'AWS_ENDPOINT_URL']) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });
  beforeEach(() => {
    heard = [];
    refuses = false;
  });

  const looking = () =>
    onRealWorld(
      (world: World) => () => routes(awsAt(world, ohio).ec2, world).read([set]),
      (options) => ({ ec2: new EC2Client(options), sts: new STSClient(options) }),
    );

  it('is asked for once, in the end’s region with our own keys, and signs what is asked there', async () => {
    const look = looking();
    await look({}, context);
    await look({}, context);
    expect(heard.map(({ who }) => who.replace(/\/\d+\//, '/'))).toEqual([
      'OWN/us-east-2/sts',
      'ASIA1/us-east-2/ec2',
      'ASIA1/us-east-2/ec2',
    ]);
    expect(heard.map(({ token }) => token)).toEqual([undefined, 'token1', 'token1']);
    expect(heard[0]).toMatchObject({ body: expect.stringContaining('ExternalId=both-know') as string });
  });

  it('says which role was refused, as a refusal that no retry helps', async () => {
    refuses = true;
    await expect(looking()({}, context)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining(`AssumeRole on ${ohio.role}`) as string,
    });
    expect(heard).toHaveLength(1);
  });
});
