/**
 * A stable 128-bit digest of a text: names plans and makes idempotency tokens. Not cryptographic; two plans that
 * differ by accident never meet, and nobody chooses them on purpose.
 */

const fnvOffsets = [0x811c9dc5, 0x9dc5811c, 0x1c9dc581, 0xc5811c9d];

/** 32 hexadecimal digits. */
export function digestOf(text: string): string {
  return fnvOffsets
    .map((offset, lane) => {
      let hash = offset;
      for (let i = 0; i < text.length; i++) {
        hash = Math.imul(hash ^ (text.charCodeAt(i) + lane), 0x01000193);
        hash ^= hash >>> 15;
      }
      return (hash >>> 0).toString(16).padStart(8, '0');
    })
    .join('');
}

/** The digest in the shape of a version 5 UUID, as StartAutomationExecution wants its client token. */
export function uuidOf(text: string): string {
  const hex = digestOf(text);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
