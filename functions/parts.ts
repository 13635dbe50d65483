/**
 * Reads whose failure is an answer too: "could not be read". Each failure is kept with its reason for the log; only
 * when every essential part failed is there nothing to think about, and the first fault is thrown.
 *
 * A fault that is not AWS's (one of our own mistakes) passes through: it must not look like a quiet night.
 */
import { isFault } from '../adapters/errors';

export class Parts {
  readonly unread: string[] = [];
  private readonly faults = new Map<string, Error>();

  /** Null: could not be read. */
  async read<T>(part: string, ask: () => Promise<T>): Promise<T | null> {
    try {
      return await ask();
    } catch (error) {
      if (!isFault(error)) throw error;
      this.faults.set(part, error);
      this.unread.push(`${part}: ${error.name}: ${error.message}`);
      return null;
    }
  }

  throwIfAllFailed(...essential: readonly string[]): void {
    if (essential.every((part) => this.faults.has(part))) throw this.faults.get(essential[0]!);
  }
}
