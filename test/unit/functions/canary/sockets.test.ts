/**
 * The canary's attempts with real sockets on the loopback: what counts as an answer, as a refusal, as silence, and what
 * a payload proves. The far ends are servers of this file; nobody waits but for the timeout that is being tested.
 */
import { createSocket, type Socket } from 'node:dgram';
import { type AddressInfo, createServer, type Server, type Socket as Stream } from 'node:net';
import { attemptOnce } from '../../../../functions/canary/sockets';
import type { Attempt } from '../../../../functions/world';

const address = '127.0.0.1';
/** Never waited for: the loopback answers, however slow the machine. */
const longMs = 600_000;
/** What a test of silence costs. */
const shortMs = 30;

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function tcpServer(onData: (data: string, stream: Stream) => void): Promise<Attempt> {
  const server: Server = createServer((stream) => {
    stream.on('error', () => {});
    stream.on('data', (data) => onData(data.toString('latin1'), stream));
    closers.push(() => stream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  closers.push(() => server.close());
  return { address, port: (server.address() as AddressInfo).port };
}

async function udpServer(answer: (message: Buffer) => Buffer | null): Promise<Attempt & { readonly socket: Socket }> {
  const socket = createSocket('udp4');
  socket.on('message', (message, from) => {
    const back = answer(message);
    if (back !== null) socket.send(back, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  closers.push(() => socket.close());
  return { address, port: socket.address().port, protocol: 'udp', socket };
}

/** Nobody listens there, and no client is given it either: one that was would talk to itself. */
const closedPort = 1;

const web = (answer: string) =>
  tcpServer((_request, stream) => stream.end(answer)).then((at): Attempt => ({ ...at, protocol: 'http' }));

describe.each(['tcp', 'udp', 'http'] as const)('%s', (protocol) => {
  it('tells a refusal from silence', async () => {
    expect(await attemptOnce({ address, port: closedPort, protocol }, longMs)).toMatchObject({
      answered: false,
      refused: true,
    });
  });
});

describe('tcp', () => {
  it('is answered by a listener that never says a word', async () => {
    const result = await attemptOnce(await tcpServer(() => {}), longMs);
    expect(result).toEqual({ answered: true, refused: false, rttMs: expect.any(Number) });
  });

  it('claims nothing about a payload, which a listener does not send back', async () => {
    const result = await attemptOnce({ ...(await tcpServer(() => {})), payloadBytes: 1_400 }, longMs);
    expect(result.bytesBack).toBeUndefined();
  });
});

describe('udp', () => {
  it('is answered by an echo', async () => {
    const { socket: _, ...echo } = await udpServer((message) => message);
    expect(await attemptOnce(echo, longMs)).toMatchObject({ answered: true, refused: false, bytesBack: 32 });
  });

  it('carries the payload there and back', async () => {
    const sizes: number[] = [];
    const { socket: _, ...echo } = await udpServer((message) => {
      sizes.push(message.length);
      return message;
    });
    expect(await attemptOnce({ ...echo, payloadBytes: 1_400 }, longMs)).toMatchObject({
      answered: true,
      bytesBack: 1_400,
    });
    expect(sizes).toEqual([1_400]);
  });

  it('sees a black hole for what it is: small echoes come back, large ones do not', async () => {
    const { socket: _, ...hole } = await udpServer((message) => (message.length > 1_300 ? null : message));
    expect(await attemptOnce(hole, longMs)).toMatchObject({ answered: true });
    expect(await attemptOnce({ ...hole, payloadBytes: 1_400 }, shortMs)).toMatchObject({ answered: false });
  });

  it.each([
    ['silence', () => null],
    ['other bytes', () => Buffer.from('who is there?')],
    ['a cut echo', (message: Buffer) => message.subarray(1)],
  ])('takes %s for no answer', async (_what, answer) => {
    const { socket: _, ...odd } = await udpServer(answer);
    expect(await attemptOnce(odd, shortMs)).toMatchObject({ answered: false, refused: false });
  });
});

describe('http', () => {
  it.each(['200 OK', '301 Moved Permanently', '405 Method Not Allowed', '503 Service Unavailable'])(
    'takes %s for an answer',
    async (status) => {
      expect(await attemptOnce(await web(`HTTP/1.1 ${status}\r\n\r\n`), longMs)).toMatchObject({ answered: true });
    },
  );

  it('asks for the page with a small HEAD', async () => {
    const asked: string[] = [];
    const at = await tcpServer((request, stream) => {
      asked.push(request);
      stream.end('HTTP/1.0 404 Not Found\r\n\r\n');
    });
    await attemptOnce({ ...at, protocol: 'http', page: '/health' }, longMs);
    expect(asked).toEqual([
      `HEAD /health HTTP/1.1\r\nHost: 127.0.0.1:${at.port}\r\nConnection: close\r\nUser-Agent: switchback\r\n\r\n`,
    ]);
  });

  it('takes what does not speak HTTP for no answer', async () => {
    expect(await attemptOnce(await web('SSH-2.0-OpenSSH_9.6\r\n'), longMs)).toMatchObject({ answered: false });
    expect(await attemptOnce(await web(''), longMs)).toMatchObject({ answered: false, refused: false });
  });

  it('takes a server that accepts and says nothing for silence', async () => {
    const mute = await tcpServer(() => {});
    const result = await attemptOnce({ ...mute, protocol: 'http' }, shortMs);
    expect(result).toMatchObject({ answered: false, refused: false });
  });

  it('sends a payload of that size in one piece and reads as much', async () => {
    let asked = '';
    const at = await tcpServer((request, stream) => {
      asked += request;
      if (asked.endsWith('\r\n\r\n')) stream.end(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(3_000)}`);
    });
    const result = await attemptOnce({ ...at, protocol: 'http', payloadBytes: 1_400 }, longMs);
    expect(result.answered).toBe(true);
    expect(result.bytesBack).toBeGreaterThanOrEqual(1_400);
    expect(asked.startsWith('GET / HTTP/1.1\r\n')).toBe(true);
    expect(asked.length).toBeGreaterThanOrEqual(1_400);
  });

  it('says how little a short answer carried', async () => {
    const answer = 'HTTP/1.1 405 Method Not Allowed\r\n\r\n';
    const result = await attemptOnce({ ...(await web(answer)), payloadBytes: 1_400 }, longMs);
    expect(result).toMatchObject({ answered: true, bytesBack: answer.length });
  });

  it('waits in vain for an answer whose rest never comes', async () => {
    const at = await tcpServer((_request, stream) => stream.write('HTTP/1.1 200 OK\r\n\r\n'));
    const result = await attemptOnce({ ...at, protocol: 'http', payloadBytes: 1_400 }, shortMs);
    expect(result).toMatchObject({ answered: false });
  });
});
