/**
 * A deployment as text that fits where little does: compressed, in parts of what one standard parameter holds. The same
 * deployment packs into the same parts, so that a deploy which changes nothing changes no parameter.
 *
 * Brotli, because its output does not depend on the machine: zlib's does.
 */
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import type { Deployment } from '../core/words/domain';
import { isRecord, parsed } from '../core/words/shape';

/** Of a standard parameter, which is free. */
export const partCharactersMax = 4_096;
const unpackedBytesMax = 16_000_000;

/** Who is told, and how it stands in the account, is not in it: a mail address is nobody's who may read a parameter. */
export function packed({ installation: _, ...declared }: Deployment): readonly string[] {
  const text = brotliCompressSync(JSON.stringify(declared)).toString('base64');
  return text.match(new RegExp(`.{1,${partCharactersMax}}`, 'g')) ?? [];
}

/** Null: a part is missing or damaged, or it is a newer version's. */
export function unpacked(parts: readonly string[]): Deployment | null {
  try {
    const bytes = brotliDecompressSync(Buffer.from(parts.join(''), 'base64'), { maxOutputLength: unpackedBytesMax });
    const value = parsed(bytes.toString('utf8'));
    return isRecord(value) && value['schema'] === 1 ? (value as unknown as Deployment) : null;
  } catch {
    return null; // Brotli says only that the stream is damaged; the caller knows which parameter it was.
  }
}
