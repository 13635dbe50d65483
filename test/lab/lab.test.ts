/**
 * The lab itself, on real packets: a scenario ends as it says, and nothing is left of a lab however it ends. Root on Linux;
 * `npm run test:lab`.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { labScenario, play } from '../../lab/play';
import { until } from '../../lab/real-time';
import { folderOf, namespaces } from '../../lab/sweep';
import { onPackets } from './machine';

const root = join(__dirname, '../..');
const left = (pid: number): string[] => namespaces().filter((name) => name.startsWith(`swblab${pid}-`));

onPackets(
  'brings users back after the daemon was killed, repairs it in a real shell, and takes them home',
  async () => {
    const run = await play(labScenario('charon-killed'), { seed: 1, withHops: false });
    expect(run.surprises).toEqual([]);
    expect(run.outcome).toBe('finished');
    expect(run.lostProbes).toBeGreaterThan(0);
    expect(run.darkMs).toBeLessThan(5_000);
    expect(run.failback).toMatchObject({ lostProbes: 0, tcpSurvived: true });
    expect(left(process.pid)).toEqual([]);
    expect(existsSync(folderOf(process.pid))).toBe(false);
  },
);

for (const signal of ['SIGINT', 'SIGKILL'] as const)
  onPackets(`leaves nothing behind after ${signal}`, async () => {
    const child = spawn(process.execPath, ['-r', 'tsx/cjs', 'lab/run.ts'], { cwd: root, stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await until('The lab must stand', 60_000, async () => left(child.pid!).length > 8);
    child.kill(signal);
    await ended;
    await until('The lab must be gone', 15_000, async () => left(child.pid!).length === 0);
    await until('Its folder must be gone', 5_000, async () => !existsSync(folderOf(child.pid!)));
  });
