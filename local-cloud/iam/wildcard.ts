/**
 * IAM's `*` and `?` in actions, ARNs and condition values.
 *
 * Actions compare without case, everything else with case. An ARN pattern is matched colon by colon in conditions
 * (ArnLike); in a Resource element AWS matches the whole text, so a `*` there crosses colons.
 */
const actions = new Map<string, RegExp>();
const texts = new Map<string, RegExp>();

function expression(pattern: string, flags: string, cache: Map<string, RegExp>): RegExp {
  const known = cache.get(pattern);
  if (known !== undefined) return known;
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  const made = new RegExp(`^${escaped}$`, flags);
  cache.set(pattern, made);
  return made;
}

export const matchesAction = (pattern: string, action: string): boolean =>
  expression(pattern, 'is', actions).test(action);

export const matchesText = (pattern: string, text: string): boolean =>
  pattern === text || expression(pattern, 's', texts).test(text);

/** Each of the six parts of an ARN by itself, as ArnLike does. */
export function matchesArn(pattern: string, arn: string): boolean {
  const parts = (text: string): string[] => {
    const all = text.split(':');
    return [...all.slice(0, 5), all.slice(5).join(':')];
  };
  const wanted = parts(pattern);
  const given = parts(arn);
  return wanted.length === given.length && wanted.every((part, i) => matchesText(part, given[i]!));
}
