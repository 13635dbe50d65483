/**
 * The items of the tables as they are at this instant, and every change as it happens: read beside the product's own
 * adapters, so that a mistake there cannot hide from the laws.
 */
import type { Drain, PathName } from '../../core/words/domain';
import type { Item, ItemChange } from '../../local-cloud/services/dynamodb/dynamodb';

export type Attribute = { readonly S?: string; readonly N?: string; readonly M?: Readonly<Record<string, Attribute>> };

export class Items {
  private readonly items = new Map<string, Item>();

  note({ keys, newImage }: ItemChange): void {
    const id = idOf(keys);
    if (newImage === undefined) this.items.delete(id);
    else this.items.set(id, newImage);
  }

  /** `connection#paris` and `lease`, or a canary's id alone. */
  at(key: string, sort = ''): Item | undefined {
    return this.items.get(`${key} ${sort}`);
  }
}

/** Reports and gateways, which most changes are of, are none. */
export const isOfConnection = ({ keys }: Pick<ItemChange, 'keys'>): boolean =>
  (keys['pk'] as Attribute | undefined)?.S?.startsWith('connection#') === true;

export const lease = (connection: string): [string, string] => [`connection#${connection}`, 'lease'];

function idOf(keys: Item): string {
  const { pk, sk, canary } = keys as Readonly<Record<string, Attribute>>;
  return `${pk?.S ?? canary?.S ?? ''} ${sk?.S ?? ''}`;
}

export const text = (item: Item | undefined, name: string): string | undefined =>
  (item?.[name] as Attribute | undefined)?.S;

export const number = (item: Item | undefined, name: string): number =>
  Number((item?.[name] as Attribute | undefined)?.N ?? 0);

const textsOf = (item: Item | undefined, name: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries((item?.[name] as Attribute | undefined)?.M ?? {}).map(([key, value]) => [key, value.S ?? '']),
  );

/** The drain of this path that a connection item records, in force or not. */
export function drainOf(item: Item | undefined, path: PathName): Drain | null {
  const drain = textsOf(item, 'drains')[path];
  return drain === undefined ? null : (JSON.parse(drain) as Drain);
}
