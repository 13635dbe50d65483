/**
 * A daemon that is not the lab's own care, in one of its namespaces: FRR, or one of somebody else's method. It ends with the lab.
 */
import { spawn } from 'node:child_process';
import type { Namespaces } from './namespaces';

export function startService(spaces: Namespaces, namespace: string, argv: readonly string[]): void {
  const [program = '', ...args] = spaces.inside(namespace, argv);
  spawn(program, args, { stdio: 'ignore', detached: true }).unref();
}
