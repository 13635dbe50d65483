/**
 * The words and operators of a shell script: just as much of POSIX sh as our Command documents use.
 *
 * Known: quotes, backslash, comments, `$X`, `${X}`, `${X:-y}`, `$?`, `$1`, `$*`, `$(…)`, `; & | && || ! ( )`, newlines,
 * redirections (which are dropped, but for what they hide). Anything else throws: the model must not guess.
 */
import { NotModelled } from '../../service';

export type Part =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  | { readonly kind: 'variable'; readonly name: string; readonly fallback: string | null; readonly quoted: boolean }
  | { readonly kind: 'output'; readonly script: string; readonly quoted: boolean };

export type Token =
  | { readonly kind: 'word'; readonly parts: readonly Part[] }
  | { readonly kind: 'operator'; readonly text: string }
  | { readonly kind: 'redirection'; readonly text: string };

const operators = ['&&', '||', ';;', ';', '|', '\n', '(', ')'];
const redirection = /^(?:[12&]?>>?\s*(?:&[12]|\/dev\/(?:null|stderr|stdout))|<\s*\/dev\/null)/;
const variable = /^\$(?:\{([A-Za-z_]\w*|\d+|\?|#)(?::?[-]([^}]*))?\}|([A-Za-z_]\w*|\d|\?|#|\*))/;

export function tokensOf(script: string): readonly Token[] {
  const tokens: Token[] = [];
  let rest = script;
  while (rest !== '') {
    const space =
      /^(?:[ \t]|\\\n)+/.exec(rest) ??
      (tokens.at(-1)?.kind !== 'word' || /^[ \t]/.test(rest) ? /^#[^\n]*/.exec(rest) : null);
    const redirected = redirection.exec(rest);
    const operator = operators.find((each) => rest.startsWith(each));
    if (space !== null) rest = rest.slice(space[0].length);
    else if (redirected !== null) {
      tokens.push({ kind: 'redirection', text: redirected[0].replace(/\s/g, '') });
      rest = rest.slice(redirected[0].length);
    } else if (operator !== undefined) {
      tokens.push({ kind: 'operator', text: operator });
      rest = rest.slice(operator.length);
    } else {
      const word = wordAt(rest);
      tokens.push({ kind: 'word', parts: word.parts });
      rest = rest.slice(word.length);
      rest = rest.replace(/^[ \t]+#[^\n]*/, '');
    }
  }
  return tokens;
}

function wordAt(text: string): { readonly parts: readonly Part[]; readonly length: number } {
  const parts: Part[] = [];
  let at = 0;
  let quoted = false;
  const literal = (piece: string, isQuoted: boolean): void => {
    parts.push({ kind: 'text', text: piece, quoted: isQuoted });
  };
  while (at < text.length) {
    const rest = text.slice(at);
    const one = rest[0]!;
    if (!quoted && (/[\s;|()<>]/.test(one) || rest.startsWith('&&'))) break;
    if (one === "'" && !quoted) {
      const end = rest.indexOf("'", 1);
      if (end < 0) throw new NotModelled('shell', `an open quote: ${rest}`);
      literal(rest.slice(1, end), true);
      at += end + 1;
    } else if (one === '"') {
      quoted = !quoted;
      literal('', true);
      at += 1;
    } else if (one === '\\') {
      literal(rest[1] ?? '', true);
      at += 2;
    } else if (rest.startsWith('$(')) {
      const length = closing(rest);
      parts.push({ kind: 'output', script: rest.slice(2, length - 1), quoted });
      at += length;
    } else if (one === '$' || one === '`' || (one === '&' && !quoted)) {
      const named = variable.exec(rest);
      if (named === null) throw new NotModelled('shell', rest.split('\n')[0]!);
      parts.push({ kind: 'variable', name: named[1] ?? named[3]!, fallback: named[2] ?? null, quoted });
      at += named[0].length;
    } else {
      literal(one, quoted);
      at += 1;
    }
  }
  return { parts: joined(parts), length: at };
}

/** Length of `$( … )` with nested parentheses. */
function closing(text: string): number {
  let depth = 0;
  for (let i = 1; i < text.length; i++) {
    if (text[i] === '(') depth++;
    if (text[i] === ')' && --depth === 0) return i + 1;
  }
  throw new NotModelled('shell', `an open $(: ${text}`);
}

function joined(parts: readonly Part[]): readonly Part[] {
  const all: Part[] = [];
  for (const part of parts) {
    const last = all.at(-1);
    const continues = part.kind === 'text' && last?.kind === 'text' && last.quoted === part.quoted;
    if (continues) all[all.length - 1] = { ...last, text: last.text + part.text };
    else all.push(part);
  }
  return all;
}

/** The word as plain unquoted text, for keywords and assignments; null when it is anything more. */
export function bareText(token: Token | undefined): string | null {
  if (token?.kind !== 'word' || token.parts.length !== 1) return null;
  const [part] = token.parts;
  return part?.kind === 'text' && !part.quoted ? part.text : null;
}
