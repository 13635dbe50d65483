/**
 * The site's server: echoes UDP, echoes TCP, and accepts what canaries and other people's health checks try.
 *
 * Arguments: the UDP port, the TCP echo port, then ports that accept and answer HTTP.
 */
import { createSocket } from 'node:dgram';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { converse } from './conversation';

const [udpPort = 0, tcpPort = 0, ...httpPorts] = process.argv.slice(2).map(Number);

const udp = createSocket('udp4');
udp.on('message', (message, from) => udp.send(message, from.port, from.address));
udp.bind(udpPort, '0.0.0.0');

createServer((socket) => {
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.pipe(socket);
}).listen(tcpPort, '0.0.0.0');

for (const port of httpPorts) createHttpServer((_request, response) => response.end('ok\n')).listen(port, '0.0.0.0');

converse(async () => ({}));
