/**
 * Input that cannot be understood: the one name for it, and how a message shows what was seen.
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
  return clipped(jsonOf(value) ?? 'missing');
}

/** A field's name as it is, or, where it is somebody's odd idea, as JSON. */
export function fieldText(name: string): string {
  return /^[^\s:"\\\p{C}]{1,40}$/u.test(name) ? name : shown(name);
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
