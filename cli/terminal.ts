/** How wide a line may be, and how a longer one goes on beneath itself. */
import { stripVTControlCharacters } from 'node:util';

const widthMin = 60;
/** In a file or a pipe nobody knows; as wide as a page of code. */
const widthUnseen = 118;

export const terminalWidth = (): number =>
  process.stdout.isTTY ? Math.max(widthMin, process.stdout.columns) : widthUnseen;

/** In columns: what colours a text takes none. */
export const widthOf = (text: string): number => stripVTControlCharacters(text).length;

export const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)));

/** Whole words, the first line after `indent` columns that are written already, the others indented as far. */
export function wrapped(text: string, indent: number): string {
  const widthMax = terminalWidth();
  const lines: string[] = [''];
  let width = 0;
  for (const word of text.split(' ')) {
    const isFirst = width === 0 && lines.at(-1) === '';
    if (!isFirst && indent + width + 1 + widthOf(word) > widthMax) {
      lines.push(word);
      width = widthOf(word);
    } else {
      lines[lines.length - 1] = isFirst ? word : `${lines.at(-1)} ${word}`;
      width += widthOf(word) + (isFirst ? 0 : 1);
    }
  }
  return lines.join(`\n${' '.repeat(indent)}`);
}
