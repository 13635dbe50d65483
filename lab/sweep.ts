/**
 * Ends labs: every process in their namespaces, the namespaces, their folder. And finds those whose owner is gone.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attempt } from './command';
import { prefixOf } from './namespaces';

/** Where `ip netns` keeps the names. */
const namesFolder = '/run/netns';

export const folderOf = (pid: number): string => join(tmpdir(), `switchback-lab-${pid}`);

/** Nothing of it is left; a lab that is not there is no error. */
export async function takeDown(pid: number, folder = folderOf(pid)): Promise<void> {
  const left = namespaces().filter((name) => name.startsWith(prefixOf(pid)));
  await Promise.all(
    left.map(async (name) => {
      const { stdout } = await attempt(['ip', 'netns', 'pids', name]);
      for (const process of stdout.split('\n').filter(Boolean)) kill(Number(process));
      await attempt(['ip', 'netns', 'delete', name]);
    }),
  );
  rmSync(folder, { recursive: true, force: true });
}

/** Labs of owners that no longer live, e.g. after a power cut. */
export async function takeDownOrphans(): Promise<void> {
  const owners = new Set(namespaces().flatMap((name) => /^swblab(\d+)-/.exec(name)?.[1] ?? []));
  for (const owner of [...owners].map(Number)) if (!existsSync(`/proc/${owner}`)) await takeDown(owner);
}

export const namespaces = (): string[] => (existsSync(namesFolder) ? readdirSync(namesFolder) : []);

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
