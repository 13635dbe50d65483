/** A server that answers as one of AWS's does, over a real socket; the clients of this suite find it by this variable. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

type Heard = Pick<IncomingMessage, 'method' | 'url' | 'headers'> & { readonly body: string };

interface AwsServer {
  answer: { status: number; body: string };
  /** The last request. */
  heard: Heard;
}

export function awsServer(variable: string): AwsServer {
  const aws: AwsServer = { answer: { status: 200, body: '' }, heard: { method: '', url: '', headers: {}, body: '' } };
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      aws.heard = { method: request.method, url: request.url, headers: request.headers, body };
      response.writeHead(aws.answer.status, { connection: 'close' }).end(aws.answer.body);
    });
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    process.env[variable] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    delete process.env[variable];
    await new Promise((resolve) => server.close(resolve));
  });
  return aws;
}
