/** dynalite ships no types; this is all we use of it: the server, and for the engine in memory its parts. */
declare module 'dynalite' {
  import type { Server } from 'node:http';

  export default function dynalite(options: { readonly createTableMs: number }): Server;
}

/** What carries an operation out, on a checked request. */
declare module 'dynalite/actions/*' {
  import type { Action } from 'dynalite/db/index.js';

  const action: Action;
  export default action;
}

/** What a request of one operation must look like. */
declare module 'dynalite/validations/*' {
  import type { Request, Store } from 'dynalite/db/index.js';

  export const types: object;
  /** What is wrong with it; parses the expressions on the way, into `_updates`, `_condition` and `_projection`. */
  export function custom(data: Request, store: Store): string | undefined;
}

declare module 'dynalite/validations/index.js' {
  import type { Attributes, Request, Store } from 'dynalite/db/index.js';

  type Custom = (data: Request, store: Store) => string | undefined;

  /** A copy that holds the known fields only. */
  export function checkTypes(data: object, types: object): Request;
  export function checkValidations(data: Request, types: object, custom: Custom, store: Store): void;
  /** What is wrong with it; writes numbers in their canonical form, in place. */
  export function validateAttributeValue(value: Attributes[string]): string | undefined;
}

declare module 'dynalite/db/index.js' {
  export type Attributes = { [name: string]: { [type: string]: unknown } };
  export type Request = { [field: string]: unknown };
  export type Done = (error?: Error | null, answer?: unknown) => void;
  export type Action = (store: Store, data: Request, done: Done) => void;

  export interface Table {
    readonly KeySchema: readonly { readonly AttributeName: string }[];
    readonly AttributeDefinitions: readonly object[];
  }

  /** Where dynalite's actions keep tables and items; it has one on LevelDB. */
  export interface Store {
    readonly options: { readonly maxItemSize: number };
    getTable(name: string, done: Done): void;
    getItemDb(name: string): {
      get(key: string, done: Done): void;
      put(key: string, item: Attributes, done: Done): void;
      del(key: string, done: Done): void;
      lock(key: string, work: (release: (done: Done) => Done) => void): void;
    };
  }

  /** A condition or filter, parsed. */
  export interface Expression {
    readonly type: string;
    readonly args: readonly unknown[];
  }

  export function matchesExprFilter(item: Attributes, expression: Expression): boolean;
  export const MAX_SIZE: number;
  export function createKey(item: Attributes, table: Table): string;
}
