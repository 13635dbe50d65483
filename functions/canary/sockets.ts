/**
 * One attempt with real sockets: a TCP connection, a UDP echo or an HTTP request, each on a socket of its own, so that
 * an answer that comes too late is never taken for the next one's.
 *
 * HTTP is spoken by hand, a few lines of it: the first bytes of the answer are all that counts, and the time is that of
 * the request alone, without the handshake, so that round trips compare with TCP's.
 *
 *     payload asked for    UDP: one datagram of that size, and the same back
 *                          HTTP: a request padded to that size in one write, so that its first segment is as large as
 *                          the connection allows; the answer is read up to that size
 *                          TCP: ignored; a port that only accepts sends nothing back, and the kernel keeps to itself
 *                          what the peer has acknowledged
 */
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import type { Attempt, AttemptResult } from '../world';

/** Large enough to be nobody else's. */
const echoBytes = 32;
const httpSign = 'HTTP/';

type End = (result: Omit<AttemptResult, 'rttMs'>) => void;
/** Starts the attempt; answers with what ends it early. `restart` sets the round trip's beginning. */
type Start = (end: End, restart: () => void) => () => void;

const silence = { answered: false, refused: false };

export function attemptOnce(target: Attempt, timeoutMs: number): Promise<AttemptResult> {
  const start = { tcp: overTcp, udp: overUdp, http: overHttp }[target.protocol ?? 'tcp'](target);
  return new Promise((resolve) => {
    let startedAt = performance.now();
    const end: End = (result) => {
      clearTimeout(timer);
      stop();
      resolve({ ...result, rttMs: performance.now() - startedAt });
    };
    const timer = setTimeout(() => end(silence), timeoutMs);
    const stop = start(end, () => {
      startedAt = performance.now();
    });
  });
}

const overTcp =
  ({ address, port }: Attempt): Start =>
  (end) => {
    const socket = connect({ host: address, port });
    socket.once('connect', () => end({ answered: true, refused: false }));
    socket.on('error', (error) => end(failed(error)));
    return () => socket.destroy();
  };

/** Only the same bytes are an echo. */
const overUdp =
  ({ address, port, payloadBytes = echoBytes }: Attempt): Start =>
  (end) => {
    const sent = Buffer.alloc(payloadBytes, `switchback ${performance.now()} `);
    const socket = createSocket('udp4');
    let isOpen = true;
    socket.on('message', (message) => {
      if (message.equals(sent)) end({ answered: true, refused: false, bytesBack: message.length });
    });
    // Connected, so that the peer's "port unreachable" comes back as a refusal.
    socket.on('error', (error) => end(failed(error)));
    socket.connect(port, address, () => {
      if (isOpen) socket.send(sent);
    });
    return () => {
      if (isOpen) socket.close();
      isOpen = false;
    };
  };

/** Any HTTP answer will do; HEAD keeps it small. */
const overHttp =
  (target: Attempt): Start =>
  (end, restart) => {
    const { address, port, payloadBytes } = target;
    const socket = connect({ host: address, port, noDelay: true });
    const wanted = payloadBytes ?? httpSign.length;
    let sign = '';
    let bytesBack = 0;
    const said = (): void => end({ answered: sign === httpSign, refused: false, bytesBack });
    socket.once('connect', () => {
      restart();
      socket.write(requestFor(target));
    });
    socket.on('data', (chunk) => {
      bytesBack += chunk.length;
      sign = (sign + chunk.toString('latin1', 0, httpSign.length)).slice(0, httpSign.length);
      if (!httpSign.startsWith(sign) || bytesBack >= wanted) said();
    });
    socket.once('end', said); // A short answer is one too.
    socket.on('error', (error) => end(failed(error)));
    return () => socket.destroy();
  };

/** Padded in a header: a server may not want a body, and a body would not make the request less harmless. */
function requestFor({ address, port, page = '/', payloadBytes }: Attempt): string {
  const method = payloadBytes === undefined ? 'HEAD' : 'GET';
  const lines = [
    `${method} ${page} HTTP/1.1`,
    `Host: ${address}:${port}`,
    'Connection: close',
    'User-Agent: switchback',
  ];
  if (payloadBytes !== undefined) lines.push(`X-Padding: ${'.'.repeat(payloadBytes)}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

const failed = (error: NodeJS.ErrnoException): Omit<AttemptResult, 'rttMs'> => ({
  answered: false,
  refused: error.code === 'ECONNREFUSED',
});
