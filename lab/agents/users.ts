/**
 * The users: a UDP probe every 10 ms and one long TCP transfer, both echoed by the server. Keeps raw times; what they mean is
 * decided in measure.ts.
 *
 * Arguments: the server's address, its UDP port, its TCP port. Ask `{ask: "start"}`, `{ask: "health"}` as often as wanted,
 * later `{ask: "stop"}`.
 */
import { createSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import type { Recording } from '../measure';
import { now } from '../real-time';
import { converse } from './conversation';

const [address = '', udpPort = '0', tcpPort = '0'] = process.argv.slice(2);
const intervalMs = 10;
const chunkBytes = 1_000;
/** What is not answered by then is lost. */
const answerWithinMs = 1_000;

/** For `health`: what has no answer by then is taken for lost. */
const lateMs = 200;

let sentAt: number[] = [];
let rttMs: (number | null)[] = [];
let receivedAt: number[] = [];
let brokenAt: number | null = null;
let timer: NodeJS.Timeout | undefined;
let transfer: Socket | undefined;

const udp = createSocket('udp4');
udp.on('message', (message) => {
  const number = message.readUInt32BE(0);
  const took = now() - sentAt[number]!;
  if (rttMs[number] === null && took <= answerWithinMs) rttMs[number] = took;
});

function sendProbe(): void {
  const message = Buffer.alloc(64);
  message.writeUInt32BE(sentAt.length, 0);
  sentAt.push(now());
  rttMs.push(null);
  udp.send(message, Number(udpPort), address);
}

/** On a beat of its own start: a timer that fires late sends what was due, and no probe is skipped. */
function start(): void {
  sentAt = [];
  rttMs = [];
  receivedAt = [];
  brokenAt = null;
  const startedAt = now();
  transfer = connect({ host: address, port: Number(tcpPort) });
  transfer.setNoDelay(true);
  transfer.on('data', () => receivedAt.push(now()));
  transfer.on('error', () => {
    brokenAt ??= now();
  });
  timer = setInterval(() => {
    while (startedAt + sentAt.length * intervalMs <= now()) sendProbe();
    if (transfer?.writable && transfer.writableLength < 64 * chunkBytes) transfer.write(Buffer.alloc(chunkBytes));
  }, intervalMs / 2);
}

async function stop(): Promise<Recording> {
  clearInterval(timer);
  transfer?.destroy();
  const endedAt = now();
  await new Promise((resolve) => setTimeout(resolve, answerWithinMs));
  return { intervalMs, sentAt, rttMs, tcp: { receivedAt, brokenAt, endedAt } };
}

/** Since when every probe has had its answer; null: the latest has none. */
function health(): { wellSince: number | null } {
  const known = sentAt.findLastIndex((at) => at < now() - lateMs);
  const lost = rttMs.lastIndexOf(null, known);
  return { wellSince: known < 0 || lost === known ? null : (sentAt[lost + 1] ?? null) };
}

udp.bind(0, () =>
  converse(async ({ ask }) => {
    if (ask === 'stop') return stop();
    if (ask === 'health') return health();
    start();
    return {};
  }),
);
