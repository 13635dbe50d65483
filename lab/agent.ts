/**
 * A process that lives in one of the lab's namespaces and answers over its standard streams, one JSON value a line.
 *
 * An agent ends when its input is closed: with the lab, whatever ends that.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Namespaces } from './namespaces';

export type AgentName = 'prober' | 'users' | 'server';

/** How a program of ours is started outside this process. */
export const programOf = (name: string, ...args: string[]): string[] => [
  process.execPath,
  '-r',
  require.resolve('tsx/cjs'),
  join(__dirname, 'agents', `${name}.ts`),
  ...args,
];

export class Agent {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly waiting = new Map<number, (answer: unknown) => void>();
  private readonly isReady: Promise<unknown>;
  private asked = 0;
  private ended = false;

  constructor(spaces: Namespaces, namespace: string, name: AgentName, ...args: string[]) {
    const [program = '', ...words] = spaces.inside(namespace, programOf(name, ...args));
    this.child = spawn(program, words, { stdio: 'pipe' });
    this.child.stdin.on('error', () => {}); // It is gone; whoever waits is told by `close`.
    this.isReady = new Promise((resolve, reject) => {
      this.waiting.set(0, resolve);
      let stderr = '';
      this.child.stderr.on('data', (text) => {
        stderr += String(text);
      });
      this.child.on('close', (code) => {
        this.ended = true;
        reject(new Error(`The lab's ${name} in ${namespace} ended with ${code}: ${stderr.trim()}`));
      });
    });
    this.isReady.catch(() => {});
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      const { id, ...answer } = JSON.parse(line) as { id: number };
      this.waiting.get(id)?.(answer);
      this.waiting.delete(id);
    });
  }

  async ready(): Promise<this> {
    await this.isReady;
    return this;
  }

  /** Its answer; never, once it has ended. */
  ask<Answer>(question: object): Promise<Answer> {
    const id = ++this.asked;
    if (!this.ended) this.child.stdin.write(`${JSON.stringify({ id, ...question })}\n`);
    return new Promise((resolve) => this.waiting.set(id, resolve as (answer: unknown) => void));
  }

  end(): void {
    this.child.stdin.end();
  }
}
