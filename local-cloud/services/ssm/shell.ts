/**
 * Runs a shell script against a table of programs, on virtual time: `if`, `for`, `while`/`until`, `&&`, `||`, `!`,
 * `|`, assignments, `[ … ]`, and a few built-ins. A program that is not in the table throws: a Command document that
 * grows a line must be met by a model of that line.
 */
import { NotModelled } from '../../service';
import type { Program, ProgramResult } from '../../world-port';
import { awk, grep, holds, tr } from './shell-builtins';
import { type Node, parseScript } from './shell-syntax';
import type { Part, Token } from './shell-words';

export interface Shell {
  readonly programs: Readonly<Record<string, Program>>;
  readonly variables: Map<string, string>;
  sleep(ms: number): Promise<void>;
}

/** `exit n`, or a failing command under `set -e`. */
class Exit {
  constructor(readonly code: number) {}
}

class Break {}

/** More turns of one loop than any of our scripts needs. */
const turnsMax = 1_000;

export async function runScript(script: string, shell: Shell): Promise<Required<ProgramResult>> {
  const run = new Run(shell);
  const code = await run.whole(parseScript(script));
  return { code, stdout: run.stdout, stderr: run.stderr };
}

class Run {
  stdout = '';
  stderr = '';
  private last = 0;
  private stopsOnError = false;

  constructor(private readonly shell: Shell) {}

  async whole(node: Node): Promise<number> {
    try {
      return await this.node(node, '', true);
    } catch (stop) {
      if (stop instanceof Exit) return stop.code;
      throw stop;
    }
  }

  /** `bare`: its failure counts under `set -e`, because nothing looks at it. */
  private async node(node: Node, stdin: string, bare: boolean): Promise<number> {
    switch (node.kind) {
      case 'simple':
        return this.simple(node, stdin, bare);
      case 'and': {
        const code = await this.node(node.left, stdin, false);
        return code === 0 ? this.node(node.right, stdin, bare) : code;
      }
      case 'or':
        return (await this.node(node.left, stdin, false)) === 0 ? this.set(0) : this.node(node.right, stdin, bare);
      case 'not':
        return this.set((await this.node(node.node, stdin, false)) === 0 ? 1 : 0);
      case 'pipe':
        return this.node(node.right, await this.captured(() => this.node(node.left, stdin, false)), bare);
      case 'list':
        this.set(0);
        for (const each of node.nodes) await this.node(each, stdin, bare);
        return this.last;
      case 'if':
        if ((await this.node(node.when, stdin, false)) === 0) return this.node(node.then, stdin, bare);
        return node.otherwise === null ? this.set(0) : this.node(node.otherwise, stdin, bare);
      case 'loop':
        return this.turns(async () => {
          const held = (await this.node(node.when, stdin, false)) === 0;
          if (held === node.until) return false;
          await this.node(node.body, stdin, bare);
          return true;
        });
      case 'for': {
        const values = await this.expandAll(node.words);
        return this.turns(async (turn) => {
          if (turn >= values.length) return false;
          this.shell.variables.set(node.name, values[turn]!);
          await this.node(node.body, stdin, bare);
          return true;
        });
      }
    }
  }

  private async turns(one: (turn: number) => Promise<boolean>): Promise<number> {
    this.set(0);
    try {
      for (let turn = 0; await one(turn); turn++)
        if (turn >= turnsMax) throw new NotModelled('shell', 'an endless loop');
    } catch (stop) {
      if (!(stop instanceof Break)) throw stop;
      this.set(0);
    }
    return this.last;
  }

  private async simple(node: Node & { kind: 'simple' }, stdin: string, bare: boolean): Promise<number> {
    const words = await this.expandAll(node.words);
    while (/^[A-Za-z_]\w*=/.test(words[0] ?? '')) this.assign(words.shift()!);
    const [name, ...args] = words;
    if (name === undefined) return this.set(this.last);
    const { code, stdout = '', stderr = '' } = await this.program(name, args, stdin);
    const hidesOut = node.hides.some((each) => each.includes('/dev/null') && /^(1|&)?>/.test(each));
    const hidesError =
      node.hides.some((each) => /^(2|&)>>?\/dev\/null$/.test(each)) || (hidesOut && node.hides.includes('2>&1'));
    if (!hidesOut && node.hides.some((each) => /^1?>&2$/.test(each))) this.stderr += stdout;
    else if (!hidesOut) this.stdout += stdout;
    if (!hidesError) this.stderr += stderr;
    if (code !== 0 && bare && this.stopsOnError) throw new Exit(code);
    return this.set(code);
  }

  private async program(name: string, args: readonly string[], stdin: string): Promise<ProgramResult> {
    switch (name) {
      case ':':
      case 'true':
        return { code: 0 };
      case 'false':
        return { code: 1 };
      case 'echo':
        return { code: 0, stdout: `${args.join(' ')}\n` };
      case 'printf':
        if (args[0] !== '%s\\n' || args.length !== 2) throw new NotModelled('shell', `printf ${args.join(' ')}`);
        return { code: 0, stdout: `${args[1]}\n` };
      case 'exit':
        throw new Exit(Number(args[0] ?? this.last));
      case 'break':
        throw new Break();
      case 'set':
        if (args[0] === '--') return this.place(args.slice(1));
        this.stopsOnError ||= args.some((each) => /^-\w*e/.test(each));
        return { code: 0 };
      case 'export':
        for (const each of args) if (each.includes('=')) this.assign(each);
        return { code: 0 };
      case 'sleep':
        await this.shell.sleep(Number(args[0]) * 1_000);
        return { code: 0 };
      case 'timeout':
        return this.program(args[1]!, args.slice(2), stdin);
      case 'seq': {
        const [last = '', first] = [...args].reverse();
        const from = Number(first ?? 1);
        const length = Math.max(0, Number(last) - from + 1);
        return { code: 0, stdout: Array.from({ length }, (_, i) => `${from + i}\n`).join('') };
      }
      case 'grep':
        return grep(args, stdin);
      case 'tr':
        return tr(args, stdin);
      case 'awk':
        return awk(args, stdin);
      case '[':
      case 'test':
        return { code: holds(name === '[' ? args.slice(0, -1) : args) ? 0 : 1 };
    }
    const program = this.shell.programs[name];
    if (program === undefined) throw new NotModelled('shell', `the command line: ${[name, ...args].join(' ')}`);
    return program(args, stdin);
  }

  /** `set -- a b`: the words `$1`, `$2` and so on, and all of them. */
  private place(words: readonly string[]): ProgramResult {
    const { variables } = this.shell;
    for (const name of [...variables.keys()].filter((each) => /^\d+$/.test(each))) variables.delete(name);
    for (const [i, word] of words.entries()) variables.set(String(i + 1), word);
    variables.set('*', words.join(' '));
    return { code: 0 };
  }

  private assign(word: string): void {
    const at = word.indexOf('=');
    this.shell.variables.set(word.slice(0, at), word.slice(at + 1));
  }

  private async expandAll(words: readonly Token[]): Promise<string[]> {
    const all: string[] = [];
    for (const word of words) if (word.kind === 'word') all.push(...(await this.expand(word.parts)));
    return all;
  }

  /** An unquoted variable or output that stands alone splits into words, and into none when empty. */
  private async expand(parts: readonly Part[]): Promise<readonly string[]> {
    let text = '';
    for (const part of parts) text += await this.value(part);
    const alone = parts.length === 1 && parts[0]!.kind !== 'text' && !parts[0]!.quoted;
    return alone ? text.split(/\s+/).filter((each) => each !== '') : [text];
  }

  private async value(part: Part): Promise<string> {
    switch (part.kind) {
      case 'text':
        return part.text;
      case 'variable':
        if (part.name === '?') return String(this.last);
        return this.shell.variables.get(part.name) || part.fallback || '';
      case 'output':
        return (await this.captured(() => this.node(parseScript(part.script), '', false))).replace(/\n+$/, '');
    }
  }

  private async captured(work: () => Promise<number>): Promise<string> {
    const before = this.stdout;
    this.stdout = '';
    await work();
    const captured = this.stdout;
    this.stdout = before;
    return captured;
  }

  private set(code: number): number {
    this.last = code;
    return code;
  }
}
