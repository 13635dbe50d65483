/**
 * Reads the fields of one object of a definition and remembers which were asked for: what is left over is refused by
 * name, so nothing in a definition is ever ignored in silence.
 */
import type { JsonObject, JsonValue } from './json';
import { InvalidDefinition, UnsupportedFeature } from './refusal';
import { compileTemplate, type Template } from './template';

/** Fields of JSONPath states; a definition that has one means another query language, not a typo. */
const jsonPathFields = /^(InputPath|OutputPath|ResultPath|Parameters|ResultSelector|Result|Variable|.+Path)$/;
const distributedFields = new Set(['ItemReader', 'ItemBatcher', 'ResultWriter', 'Label']);

export class Fields {
  private readonly left: Set<string>;

  constructor(
    private readonly raw: JsonObject,
    readonly where: string,
    /** Path of this object inside its state, `Choices[0]/`, put before the names of its fields. */
    private readonly prefix = '',
  ) {
    this.left = new Set(Object.keys(raw));
    this.take('Comment');
  }

  take(key: string): JsonValue | undefined {
    this.left.delete(key);
    return this.raw[key];
  }

  template(key: string): Template | undefined {
    const raw = this.take(key);
    return raw === undefined ? undefined : compileTemplate(raw, `${this.prefix}${key}`, this.where);
  }

  text(key: string): string | undefined {
    const value = this.take(key);
    return value === undefined || typeof value === 'string' ? value : this.refuse(key, 'a string');
  }

  textRequired(key: string): string {
    return this.text(key) ?? this.refuse(key, 'present');
  }

  number(key: string): number | undefined {
    const value = this.take(key);
    return value === undefined || typeof value === 'number' ? value : this.refuse(key, 'a number');
  }

  object(key: string): JsonObject | undefined {
    const value = this.take(key);
    return value === undefined ? undefined : this.asObject(value, key);
  }

  objectRequired(key: string): JsonObject {
    return this.object(key) ?? this.refuse(key, 'present');
  }

  /** The objects of a list, each with its own fields: `Choices[0]/`… */
  list(key: string): readonly Fields[] {
    const items = this.take(key);
    if (items === undefined) return [];
    if (!Array.isArray(items)) return this.refuse(key, 'an array');
    return items.map((item, i) => new Fields(this.asObject(item, key), this.where, `${this.prefix}${key}[${i}]/`));
  }

  listRequired(key: string): readonly Fields[] {
    const items = this.list(key);
    return items.length > 0 ? items : this.refuse(key, 'a list of at least one');
  }

  texts(key: string): readonly string[] {
    const items = this.take(key);
    const areTexts = Array.isArray(items) && items.length > 0 && items.every((item) => typeof item === 'string');
    return areTexts ? (items as string[]) : this.refuse(key, 'a list of strings');
  }

  /** Call last. */
  close(): void {
    for (const key of this.left) throw new UnsupportedFeature(featureOf(`${this.prefix}${key}`, key), this.where);
  }

  refuse(key: string, must: string): never {
    throw new InvalidDefinition(`${this.prefix}${key} must be ${must}`, this.where);
  }

  private asObject(value: JsonValue, key: string): JsonObject {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as JsonObject) : this.refuse(key, 'an object');
  }
}

function featureOf(path: string, key: string): string {
  if (jsonPathFields.test(key)) return `JSONPath (the field ${path})`;
  if (distributedFields.has(key)) return `distributed Map (the field ${path})`;
  return `the field ${path}`;
}
