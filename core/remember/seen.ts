/** What one look has found, as memory takes it in. */
import type { Assessment } from '../assess/assessment';
import type { Desired } from '../store/lease';
import type { Connection, GatewayName } from '../words/domain';
import type { AutomationFacts } from '../words/evidence';
import type { Instant } from '../words/time';

export interface Seen {
  readonly connection: Connection;
  readonly assessment: Assessment;
  readonly desired: Desired;
  readonly automation: AutomationFacts | null;
  /** The rung under way has claimed its gateway, or we cannot tell. */
  readonly mayHaveBegun: boolean;
  /** It is known to have: people are told of what is done, not of what may be. */
  readonly hasBegun: boolean;
  /** It is known not to have: its gateway is still kept for it, and unclaimed. */
  readonly hasNotBegun: boolean;
  /** Why Step Functions could not start it just now; empty: it could, or was not asked to. */
  readonly startFault: string;
  /** Gateways whose declared ids the sweep could not write down; absent: none. */
  readonly undeclared?: readonly GatewayName[];
  /** The last journal was opened and not closed: a write of ours may be under way. */
  readonly writing: boolean;
  readonly now: Instant;
}
