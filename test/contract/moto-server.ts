/**
 * moto_server, an emulator of AWS that we did not write, as a child process on a free port of the loopback.
 *
 * Optional: `pip install 'moto[server]'`. Where it is absent the contract suite says so and runs its other half alone.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export interface MotoServer {
  readonly endpoint: string;
  stop(): Promise<void>;
}

const program = 'moto_server';
const host = '127.0.0.1';
/** Half a second as a rule; only a program that will never answer takes all of these two minutes. */
const triesMax = 2_400;
const betweenTriesMs = 50;

/** Asked of the program itself: a name on the path may be a shim with nothing behind it. */
export const isMotoInstalled = (): boolean => spawnSync(program, ['--help'], { stdio: 'ignore' }).status === 0;

export async function startMoto(): Promise<MotoServer> {
  const port = await freePort();
  const child = spawn(program, ['-H', host, '-p', String(port)], { stdio: ['ignore', 'ignore', 'pipe'] });
  const said: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  process.once('exit', () => child.kill('SIGKILL')); // An interrupted run must not leave it behind.
  for (let tries = 0; !(await answers(port)); tries++) {
    if (child.exitCode !== null || tries === triesMax) {
      await stop(child);
      throw new Error(`${program} did not come up on port ${port}:\n${said.join('')}`);
    }
    await pause(betweenTriesMs);
  }
  child.stderr.removeAllListeners('data').resume(); // From here on it logs requests.
  return { endpoint: `http://${host}:${port}`, stop: () => stop(child) };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, host, () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    const end = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}

/** Nothing of it is worth a graceful end, which can take it a second. */
function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
