/** One step of `smoke`: what it did, how that ended, and which latencies AWS's own clock gave away meanwhile. */
import type { Deployment } from '../../../core/words/domain';
import type { HopName } from '../../../local-cloud/latency';
import type { Session } from '../../operate/session';
import type { Diagnosis } from '../diagnosis';
import type { AccountServices } from '../elsewhere';

export interface Smoked {
  readonly findings: readonly Diagnosis[];
  /** Milliseconds, each measured once. */
  readonly samples: Samples;
}

export type Samples = Readonly<Partial<Record<HopName, readonly number[]>>>;

export interface SmokeGround {
  readonly session: Session;
  readonly elsewhere: AccountServices;
  readonly deployment: Deployment;
  /** Milliseconds that one answer is waited for. */
  readonly timeoutMs: number;
}

export interface SmokeStep {
  readonly name: string;
  readonly title: string;
  run(ground: SmokeGround): Promise<Smoked>;
}

export const without = (findings: readonly Diagnosis[]): Smoked => ({ findings, samples: {} });
