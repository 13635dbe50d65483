/**
 * Input that cannot be understood: the one name for it, and how a message shows what was seen; and how any text from
 * outside is made harmless before it reaches a terminal, a mail or a page.
 *
 * Whatever is shown was written by somebody else, so it may be of any size: values are cut, long lists end in a count.
 * A Lambda error becomes a cause of Step Functions, which cuts at 32,768 characters and is read as JSON afterwards.
 */

/** The message names each field, what it was, and what it should be. */
export class MalformedInput extends Error {
  override readonly name = 'MalformedInput';
}

/**
 * A connection that is stored but no longer configured. No command is at fault, so it must not be answered as one: the
 * state machine would drop the command and ask again.
 */
export class UnknownConnection extends Error {
  override readonly name = 'UnknownConnection';
}

const shownLengthMax = 80;
const problemsShownMax = 12;

/** A value as JSON, cut; `missing` when there is none. */
export function shown(value: unknown): string {
  return clipped(harmless(jsonOf(value) ?? 'missing'));
}

/**
 * What a reader does not see and a terminal obeys: control characters (ESC moves the cursor, a newline forges a line),
 * line separators, marks that turn the direction of writing, invisible characters, halves of characters.
 */
const hidden =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** One line of text that says what it says: what is hidden is spelled out, as JSON spells it. */
export function harmless(text: string): string {
  return text.replace(hidden, (character) =>
    [...Array(character.length).keys()]
      .map((i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/** The same for a text of several lines of our own. */
export function harmlessLines(text: string): string {
  return text.split('\n').map(harmless).join('\n');
}

export const isHarmless = (text: string): boolean => harmless(text) === text;

/** A field's name as it is, or, where it is somebody's odd idea, as JSON. */
export function fieldText(name: string): string {
  return /^[^\s:"\\\p{C}]{1,40}$/u.test(name) && isHarmless(name) ? name : shown(name);
}

function clipped(text: string): string {
  return text.length <= shownLengthMax ? text : `${text.slice(0, shownLengthMax - 1)}…`;
}

/** All that is wrong, in one error. */
export function malformed(what: string, problems: readonly string[]): MalformedInput {
  const more = problems.length - problemsShownMax;
  const list = problems.slice(0, problemsShownMax).join('; ');
  return new MalformedInput(`${what === '' ? '' : `${what}: `}${list}${more > 0 ? `; and ${more} more` : ''}`);
}

function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return 'something nested too deeply to show'; // JSON.stringify recurses, JSON.parse does not.
  }
}
