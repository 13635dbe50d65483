/**
 * The syntax tree of a shell script. What the grammar here does not know throws when the script is read, before any
 * line of it runs.
 */
import { NotModelled } from '../../service';
import { bareText, type Token, tokensOf } from './shell-words';

export type Node =
  | { readonly kind: 'simple'; readonly words: readonly Token[]; readonly hides: readonly string[] }
  | { readonly kind: 'and' | 'or'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'not'; readonly node: Node }
  | { readonly kind: 'pipe'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'list'; readonly nodes: readonly Node[] }
  | { readonly kind: 'if'; readonly when: Node; readonly then: Node; readonly otherwise: Node | null }
  | { readonly kind: 'loop'; readonly when: Node; readonly until: boolean; readonly body: Node }
  | { readonly kind: 'for'; readonly name: string; readonly words: readonly Token[]; readonly body: Node };

export function parseScript(script: string): Node {
  return new Parser(tokensOf(script)).list([]);
}

class Parser {
  private at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  list(ends: readonly string[]): Node {
    const nodes: Node[] = [];
    for (;;) {
      while (this.isOperator(';') || this.isOperator('\n')) this.at++;
      const word = bareText(this.tokens[this.at]);
      if (this.at >= this.tokens.length || (word !== null && ends.includes(word))) break;
      nodes.push(this.andOr());
    }
    if (ends.length > 0 && this.at >= this.tokens.length)
      throw new NotModelled('shell', `a script without ${ends.join('/')}`);
    return { kind: 'list', nodes };
  }

  private andOr(): Node {
    let left = this.pipeline();
    for (;;) {
      const kind = this.isOperator('&&') ? 'and' : this.isOperator('||') ? 'or' : null;
      if (kind === null) return left;
      this.at++;
      while (this.isOperator('\n')) this.at++;
      left = { kind, left, right: this.pipeline() };
    }
  }

  private pipeline(): Node {
    if (this.take('!')) return { kind: 'not', node: this.pipeline() };
    const left = this.command();
    if (!this.isOperator('|')) return left;
    this.at++;
    return { kind: 'pipe', left, right: this.pipeline() };
  }

  private command(): Node {
    if (this.take('if')) return this.conditional();
    if (this.take('while') || this.take('until')) {
      const until = bareText(this.tokens[this.at - 1]) === 'until';
      const when = this.block('do');
      return { kind: 'loop', when, until, body: this.block('done') };
    }
    if (this.take('for')) {
      const name = bareText(this.tokens[this.at++])!;
      if (!this.take('in')) throw new NotModelled('shell', 'for without in');
      const words = this.words();
      this.block('do');
      return { kind: 'for', name, words, body: this.block('done') };
    }
    if (this.take('{')) return this.block('}');
    return this.simple();
  }

  private conditional(): Node {
    const when = this.block('then');
    const then = this.list(['elif', 'else', 'fi']);
    const word = bareText(this.tokens[this.at++]);
    const otherwise = word === 'elif' ? this.conditional() : word === 'else' ? this.block('fi') : null;
    return { kind: 'if', when, then, otherwise };
  }

  private block(end: string): Node {
    const inner = this.list([end]);
    this.at++;
    return inner;
  }

  private simple(): Node {
    const words: Token[] = [];
    const hides: string[] = [];
    for (;;) {
      const token = this.tokens[this.at];
      if (token?.kind === 'word') words.push(token);
      else if (token?.kind === 'redirection') hides.push(token.text);
      else break;
      this.at++;
    }
    if (words.length === 0) throw new NotModelled('shell', `syntax near token ${this.at}`);
    return { kind: 'simple', words, hides };
  }

  private words(): readonly Token[] {
    const words: Token[] = [];
    while (this.tokens[this.at]?.kind === 'word') words.push(this.tokens[this.at++]!);
    return words;
  }

  private isOperator(text: string): boolean {
    const token = this.tokens[this.at];
    return token?.kind === 'operator' && token.text === text;
  }

  private take(keyword: string): boolean {
    if (bareText(this.tokens[this.at]) !== keyword) return false;
    this.at++;
    return true;
  }
}
