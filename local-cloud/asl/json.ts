/**
 * JSON as Step Functions carries it: text. What a state passes through untouched keeps its text, spaces and all;
 * what is computed is compact. Text and value are each made once, when asked for.
 */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** Input, output and arguments of a state may not be larger (256 KiB in UTF-8). */
const payloadBytesMax = 262_144;

export class Payload {
  private constructor(
    private knownText: string | undefined,
    private knownValue: JsonValue | undefined,
  ) {}

  /** Throws SyntaxError when `text` is not JSON. */
  static ofText(text: string): Payload {
    return new Payload(text, JSON.parse(text) as JsonValue);
  }

  static ofValue(value: JsonValue): Payload {
    return new Payload(undefined, value);
  }

  /** An array of payloads, each keeping its own text. */
  static ofList(items: readonly Payload[]): Payload {
    return new Payload(
      `[${items.map((item) => item.text).join(',')}]`,
      items.map((item) => item.value),
    );
  }

  get text(): string {
    this.knownText ??= JSON.stringify(this.value);
    return this.knownText;
  }

  get value(): JsonValue {
    return this.knownValue as JsonValue;
  }

  isTooLarge(): boolean {
    const { text } = this;
    // A UTF-16 unit is at most three UTF-8 bytes: most texts need no counting.
    return text.length * 3 > payloadBytesMax && Buffer.byteLength(text) > payloadBytesMax;
  }
}

/** The name JSON gives a value's type, as AWS's messages spell it. */
export function jsonType(value: JsonValue): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
