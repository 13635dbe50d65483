/**
 * DynamoDB expressions parsed once. dynalite's parser puts a call's values right into what it returns, and takes longer
 * than all the rest of a call; so what it returned is kept with the values taken out, and filled with the next call's.
 *
 * That is the same as parsing again, as long as names and types of values are the same: the parser looks at no more,
 * except in BETWEEN and attribute_type, which are therefore never kept.
 */

type Values = Readonly<Record<string, unknown>>;

/** What the parser made of the expressions of a request. */
export interface Parsed {
  readonly _updates?: { readonly sections: readonly object[] };
  readonly _condition?: object;
  readonly _projection?: object;
}

const judgedByValue = /between|attribute_type/i;

export const canBeKept = ({ ConditionExpression }: { readonly ConditionExpression?: unknown }): boolean =>
  !judgedByValue.test(String(ConditionExpression));

/** `values`: those the parser was given, the very objects. */
export function templateOf({ _updates, _condition, _projection }: Parsed, values: Values): (now: Values) => Parsed {
  const names = new Map(Object.entries(values).map(([name, value]) => [value, name]));
  // Carrying an update out writes into its sections, so no two calls may share one.
  const fillSections = _updates?.sections.map((section) => filling(section, names) ?? (() => ({ ...section })));
  const fillCondition = filling(_condition, names) ?? (() => _condition);
  return (now) => ({
    _updates: _updates && { ..._updates, sections: fillSections!.map((fill) => fill(now) as object) },
    _condition: fillCondition(now) as Parsed['_condition'],
    _projection,
  });
}

type Fill = (values: Values) => unknown;

/** Undefined: no value in it, it can be shared. */
function filling(part: unknown, names: ReadonlyMap<unknown, string>): Fill | undefined {
  if (typeof part !== 'object' || part === null) return undefined;
  const name = names.get(part);
  if (name !== undefined) return (values) => values[name];
  const inner = Object.entries(part).flatMap(([key, value]): [string, Fill][] => {
    const fill = filling(value, names);
    return fill === undefined ? [] : [[key, fill]];
  });
  if (inner.length === 0) return undefined;
  return (values) => {
    const filled: Record<string, unknown> = (Array.isArray(part) ? [...part] : { ...part }) as Record<string, unknown>;
    for (const [key, fill] of inner) filled[key] = fill(values);
    return filled;
  };
}
