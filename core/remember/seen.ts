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
  /** The automation is known to have claimed its gateway: only then are people told that it repairs. */
  readonly hasBegun: boolean;
  /**
   * The automation is known not to have claimed its gateway yet: the gateway's lease still names its token, and no
   * claim.
   */
  readonly hasNotBegun: boolean;
  /** Why Step Functions could not start it just now; empty: it could, or was not asked to. */
  readonly startFault: string;
  /** Gateways whose declared ids the sweep could not write down; absent: none. */
  readonly undeclared?: readonly GatewayName[];
  /** Nothing that the canaries measured could be read, neither reports nor metrics. */
  readonly isBlind: boolean;
  /** The last journal was opened and not closed: a write of ours may be under way. */
  readonly writing: boolean;
  readonly now: Instant;
}
