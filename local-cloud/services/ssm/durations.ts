/**
 * How long Systems Manager takes, in milliseconds, drawn log-normally. Rows r1 and r2 are those of the hop model in
 * docs/FIDELITY.md; a caller may replace any of them.
 */
import type { Spread } from '../../random';

export interface SsmDurations {
  /** r1: StartAutomationExecution until the first step runs. */
  readonly automationStart: Spread;
  /** From the end of one automation step to the start of the next. Estimate. */
  readonly automationStep: Spread;
  /** r2: Run Command to a healthy agent, start to result. */
  readonly runCommand: Spread;
}

export const ssmDurations: SsmDurations = {
  automationStart: { p50: 1_500, p99: 8_000 },
  automationStep: { p50: 500, p99: 2_000 },
  runCommand: { p50: 2_000, p99: 25_000 },
};
