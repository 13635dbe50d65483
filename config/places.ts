/** Where in a file something stands, and that line with a mark under the place. */
import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type LineCounter, type Node } from 'yaml';
import type { Step } from './problems';

export interface Place {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** The value's place; a group's or a missing field's is the name it stands under. */
export function placeOf(document: Document.Parsed, lines: LineCounter, at: readonly Step[]): Place | undefined {
  let node: unknown = document.contents;
  let name: Node | null = null;
  for (const step of at) {
    const next = childOf(isAlias(node) ? node.resolve(document) : node, step);
    if (next === null) return spanOf(name, lines);
    ({ node } = next);
    name = next.name ?? (isNode(node) ? node : name);
  }
  return spanOf(isScalar(node) && node.value !== null ? node : name, lines);
}

/** A field that nobody knows is marked by its name. */
export function nameOf(document: Document.Parsed, lines: LineCounter, at: readonly Step[]): Place | undefined {
  const group = at.length === 1 ? document.contents : document.getIn(at.slice(0, -1), true);
  return spanOf(childOf(group, at.at(-1) ?? '')?.name ?? null, lines);
}

function childOf(group: unknown, step: Step): { readonly node: unknown; readonly name: Node | null } | null {
  if (isSeq(group)) {
    const node = group.items[Number(step)];
    return node === undefined ? null : { node, name: null };
  }
  if (!isMap(group)) return null;
  const pair = group.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(step));
  return pair === undefined ? null : { node: pair.value, name: isNode(pair.key) ? pair.key : null };
}

function spanOf(node: Node | null, lines: LineCounter): Place | undefined {
  if (!node?.range) return undefined;
  const [from, to] = node.range;
  const { line, col } = lines.linePos(from);
  return { line, column: col, length: Math.max(1, to - from) };
}

/** Wider than most files, and than some screens. */
const widthMax = 100;

/**
 *     12 |     zone: eu-central-1z
 *        |           ^^^^^^^^^^^^^
 */
export function codeFrame(textLines: readonly string[], { line, column, length }: Place): string {
  const text = (textLines[line - 1] ?? '').replaceAll('\t', ' ');
  const skipped = column > widthMax - 20 ? column - 20 : 0;
  const shown = `${skipped > 0 ? '…' : ''}${text.slice(skipped, skipped + widthMax)}`;
  const indent = column - 1 - skipped + (skipped > 0 ? 1 : 0);
  const marks = '^'.repeat(Math.max(1, Math.min(length, shown.length - indent)));
  const gutter = String(line);
  return `${gutter} | ${shown}\n${' '.repeat(gutter.length)} | ${' '.repeat(Math.max(0, indent))}${marks}`;
}
