/**
 * Plays a run of seeds, in this process: what a worker of the swarm is asked for. Only what must cross the border
 * between processes comes back.
 */
import { addCoverage, type Coverage, emptyCoverage } from './coverage';
import { type Breach, playIncident } from './incident';

export interface Violation extends Breach {
  readonly seed: number;
  readonly transcript: readonly string[];
}

export interface BlockResult {
  readonly incidents: number;
  readonly violations: readonly Violation[];
  readonly coverage: Coverage;
}

/** From and to are both played. */
export async function playBlock(from: number, to: number): Promise<BlockResult> {
  const coverage = emptyCoverage();
  const violations: Violation[] = [];
  for (let seed = from; seed <= to; seed++) {
    const result = await playIncident(seed).catch((error: Error) => {
      throw new Error(`seed ${seed}: ${error.stack}`, { cause: error });
    });
    addCoverage(coverage, result.coverage);
    if (result.breach !== null) violations.push({ ...result.breach, seed, transcript: result.transcript });
  }
  return { incidents: to - from + 1, violations, coverage };
}
