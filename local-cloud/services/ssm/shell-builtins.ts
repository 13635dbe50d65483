/**
 * `grep`, `tr` and `[`, as far as our Command documents use them, and `awk`, which is this machine's own: a program in
 * it is run, not modelled.
 */
import { spawnSync } from 'node:child_process';
import { NotModelled } from '../../service';
import type { ProgramResult } from '../../world-port';

export function grep(args: readonly string[], stdin: string): ProgramResult {
  const flags = args.filter((each) => each.startsWith('-')).join('');
  const pattern = args.find((each) => !each.startsWith('-'))!;
  const wanted = new RegExp(flags.includes('F') ? pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : pattern);
  const lines = stdin.split('\n').filter((line) => line !== '' && wanted.test(line));
  return {
    code: lines.length > 0 ? 0 : 1,
    stdout: flags.includes('q') ? '' : lines.map((line) => `${line}\n`).join(''),
  };
}

/** One character for another. */
export function tr([from = '', to = '', ...more]: readonly string[], stdin: string): ProgramResult {
  if (from.length !== 1 || to.length !== 1 || more.length > 0) throw new NotModelled('shell', `tr ${from} ${to}`);
  return { code: 0, stdout: stdin.replaceAll(from, to) };
}

/** The same words over the same input say the same, and a process takes milliseconds: the latest are kept. */
const saidByAwk = new Map<string, ProgramResult>();
const keptMax = 500;

export function awk(args: readonly string[], input: string): ProgramResult {
  const asked = JSON.stringify([args, input]);
  const known = saidByAwk.get(asked);
  if (known !== undefined) return known;
  const { status, stdout, stderr, error } = spawnSync('awk', args, { input, encoding: 'utf8' });
  // A program that ends before it has read everything is the program's own affair.
  if (error !== undefined && status === null)
    throw new Error(`This machine has no awk, which a script calls: ${error.message}`);
  const said = { code: status ?? 1, stdout, stderr };
  if (saidByAwk.size >= keptMax) saidByAwk.delete(saidByAwk.keys().next().value!);
  saidByAwk.set(asked, said);
  return said;
}

export function holds(args: readonly string[]): boolean {
  const [a = '', operator = '', b = ''] = args;
  if (a === '!') return !holds(args.slice(1));
  if (args.length <= 1) return a !== '';
  if (args.length === 2) {
    if (a === '-n') return operator !== '';
    if (a === '-z') return operator === '';
  }
  if (args.length === 3) {
    const compare: Record<string, (x: number, y: number) => boolean> = {
      '-eq': (x, y) => x === y,
      '-ne': (x, y) => x !== y,
      '-lt': (x, y) => x < y,
      '-le': (x, y) => x <= y,
      '-gt': (x, y) => x > y,
      '-ge': (x, y) => x >= y,
    };
    if (operator === '=' || operator === '==') return a === b;
    if (operator === '!=') return a !== b;
    if (compare[operator]) return compare[operator](Number(a), Number(b));
  }
  throw new NotModelled('shell', `the test [ ${args.join(' ')} ]`);
}
