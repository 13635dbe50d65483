/**
 * Whether this machine can play on real packets. Where it cannot, what is missing is named (`it.skip`, repeated as the last
 * line of the run).
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const { status, stderr } = spawnSync(process.execPath, ['-r', 'tsx/cjs', 'lab/run.ts', '--check'], {
  cwd: join(__dirname, '../..'),
  encoding: 'utf8',
});
const inTheWay = status === 0 ? null : stderr.trim().replaceAll('\n', '; ');

export function onPackets(what: string, test: () => Promise<void>): void {
  if (inTheWay === null) it(what, test);
  else it.skip(`${what} (${inTheWay})`, () => {});
}
