/**
 * What all Describe calls share: filters and pages. A filter name that a fake does not know is refused as EC2 refuses
 * it, so a typing error cannot select everything.
 */
import { invalidValue } from './errors';

export interface Filter {
  readonly Name?: string | undefined;
  readonly Values?: string[] | undefined;
}

/** What each filter looks at; `tag:<key>` and `tag-key` come from `tags`. */
export interface Fields<T> {
  readonly [filter: string]: (item: T) => readonly (string | null | undefined)[];
}

interface Page {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

export function matching<T>(
  items: readonly T[],
  filters: readonly Filter[] | undefined,
  fields: Fields<T>,
): readonly T[] {
  return (filters ?? []).reduce((left, { Name = '', Values = [] }) => {
    const field = fields[Name];
    if (field === undefined && !Name.startsWith('tag:')) throw invalidValue(`The filter '${Name}' is invalid`);
    const seen = field ?? ((item: T) => fields['tag:']?.(item).flatMap((pair) => tagValue(pair, Name.slice(4))) ?? []);
    return left.filter((item) => seen(item).some((value) => value != null && Values.some((each) => fits(value, each))));
  }, items);
}

/** `tag:` fields answer `key=value`. */
function tagValue(pair: string | null | undefined, key: string): readonly string[] {
  return pair?.startsWith(`${key}=`) ? [pair.slice(key.length + 1)] : [];
}

function fits(value: string, wanted: string): boolean {
  if (!/[*?]/.test(wanted)) return value === wanted;
  const pattern = wanted
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${pattern}$`).test(value);
}

export function page<T>(items: readonly T[], { MaxResults, NextToken }: Page): { items: T[]; NextToken?: string } {
  const from = NextToken === undefined ? 0 : Number(NextToken);
  if (!Number.isInteger(from)) throw invalidValue(`Unable to parse pagination token`);
  const to = MaxResults === undefined ? items.length : from + MaxResults;
  const rest = to < items.length ? { NextToken: String(to) } : {};
  return { items: items.slice(from, to), ...rest };
}
