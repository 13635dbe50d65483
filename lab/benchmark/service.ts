/**
 * A daemon of somebody else's method in one of the lab's namespaces. It ends with the lab.
 */
import { spawn } from 'node:child_process';
import type { Namespaces } from '../namespaces';

export function startService(spaces: Namespaces, namespace: string, argv: readonly string[]): void {
  const [program = '', ...args] = spaces.inside(namespace, argv);
  spawn(program, args, { stdio: 'ignore', detached: true }).unref();
}
