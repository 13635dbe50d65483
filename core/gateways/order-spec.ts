/** What holds of every order: it stands beside the ladder, mends nothing, and touches no machine, no daemon and no budget. */
import type { RungSpec } from './kind';

export const orderSpec = {
  besideTraffic: true,
  mendsNamedFault: false,
  stopsMachine: false,
  replaces: false,
  isOrder: true,
  fits: () => false, // It is on no ladder.
  settledAt: (facts, { endedAt }) => endedAt ?? facts.now,
  why: () => '',
} as const satisfies Omit<RungSpec, 'parameters'>;
