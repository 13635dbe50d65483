/**
 * What every kind of gateway answers for: the device of ours that carries one or more paths. One file per kind stands
 * behind this interface; nobody who asks learns which kind it is.
 *
 *     where do its routes point? -> placesNow, placesBefore      is our half well?     -> condition, booting
 *     who is it after a repair?  -> identityAfter                what may mend it?     -> rungs
 *
 * A kind is given facts, never what was concluded from them: no verdict, no View. So it can be tested with a handful of
 * literals, and no rule hides in a device.
 */
import type { Memory, Purpose, RungRun } from '../store/memory';
import type {
  CanaryId,
  Connection,
  DeclaredIds,
  Deployment,
  Gateway,
  GatewayIdentity,
  PathName,
  RouteTarget,
  TunnelAddress,
} from '../words/domain';
import type { AutomationFacts, CanaryReport, Evidence, InstanceState, Places } from '../words/evidence';
import type { Rung } from '../words/rungs';
import type { Instant } from '../words/time';
import type { ToldKey } from '../words/told-kinds';

/** The evidence that says which instance and interface a gateway is now. */
export type Known = Pick<Evidence, 'gatewayLeases' | 'standIns' | 'pins'>;

/** What a kind may look at. */
export interface Facts {
  readonly deployment: Deployment;
  readonly connection: Connection;
  readonly evidence: Evidence;
  readonly memory: Memory;
  readonly now: Instant;
}

/**
 * `forwarding`: what should be forwarded is dropped on our side. `identity`: it is not what was declared, or does not
 * hold the address. `boot`: it is on its way up. `machine`: the device or its daemon; only this justifies harder rungs.
 */
export type OwnFault = 'none' | 'forwarding' | 'identity' | 'boot' | 'machine';
export type OwnSideState = 'fine' | 'failed' | 'unknown';

/** How our half of a path is. */
export interface Condition {
  /** Why AWS itself counts it as dead, which no canary can contradict; empty: it does not. */
  readonly dead: string;
  /** Why it counts as down where none of its canaries is heard; empty: nobody says so. */
  readonly downUnheard: string;
  readonly ownSide: OwnSideState;
  /** Names the machine or the daemon, and what shows it. */
  readonly ownSideBecause: string;
  readonly ownFault: OwnFault;
  readonly instanceState: InstanceState | 'unknown';
  /** No command reaches it. */
  readonly agentLost: boolean;
  /** Why it is not what was declared; empty: it is. */
  readonly identityFault: string;
}

/**
 * How far what holds a path's tunnel up was looked at on our side. Nobody is sent to the partner unless it is `well`.
 *
 * `unproven`: the tunnel's software is alive, and AWS does not say that what it runs on is well. `unseen`: nobody looked.
 */
export interface OwnLook {
  readonly seen: 'well' | 'unproven' | 'unseen';
  /** The rung that looked, or could not; undefined: none was started. */
  readonly run: RungRun | undefined;
  /** Why no rung looks at it, as people read it, where none was started. */
  readonly noRung: string;
  /** Packets are known to leave by it and none to come back: who is told hears which tunnel. */
  readonly isOneWay: boolean;
  /** What keeps its repair waiting, or forbids it, as people read it; empty: nothing. */
  readonly waits: string;
}

/** How a gateway is used, for what people hear of it. */
export interface GatewayUse {
  /** Traffic passes over it, and nobody has taken it out of service. */
  readonly works: boolean;
  readonly acknowledgedAt: Instant;
}

/** Something about a gateway that waits for a person, though traffic may pass. */
export interface GatewayConcern {
  readonly key: ToldKey;
  readonly text: string;
}

/** Time that is given instead of a repair. */
export interface Patience {
  readonly until: Instant;
  readonly because: string;
}

/** A path that may need a rung, as far as rungs ask. */
export interface RungPath extends Pick<Condition, 'ownFault' | 'ownSideBecause' | 'instanceState' | 'agentLost'> {
  readonly path: PathName;
  readonly because: string;
}

/** One start of a rung. */
export interface RungStart {
  readonly clientToken: string;
  /** Other users' traffic passes over the gateway at this moment. */
  readonly beside: boolean;
  /** The path's own canary, for documents that prove what they have done. */
  readonly canary: CanaryId;
  /** The one it acts on; null: it acts on the whole gateway. */
  readonly tunnel: TunnelAddress | null;
  readonly purpose: Purpose;
}

/** One rung of the ladder: everything the loop knows about it. Its document is `runbooks/<name>.yaml`. */
export interface RungSpec {
  /** Those it may act on, the likeliest culprit first: one a start. Absent: it acts on the whole gateway. */
  tunnels?(facts: Facts, path: PathName): readonly TunnelAddress[];
  /** Is it to the point, and possible, now? `tunnel`: null where it acts on the whole gateway. */
  fits(facts: Facts, path: RungPath, tunnel: TunnelAddress | null): boolean;
  /** What its document takes, every value a list of strings: from the bundled configuration and our own journal only. */
  parameters(facts: Facts, path: PathName, start: RungStart): Readonly<Record<string, readonly string[]>>;
  /** As people read it: what is wrong, what is done, and on what grounds. */
  why(facts: Facts, path: RungPath, start: Pick<RungStart, 'beside' | 'tunnel'>): string;
  /** When one that has ended has had its time to show. Absent: the policy's settle time after its end. */
  settledAt?(facts: Facts, run: RungRun): Instant;
  /** It touches one tunnel and never the machine or its daemon, so it may run beside others' traffic. */
  readonly besideTraffic: boolean;
  /** AWS names the very fault it mends: nothing to wait for, and tried once per incident. */
  readonly mendsNamedFault: boolean;
  /** It stops the machine: for EC2 that is a stop by a user. */
  readonly stopsMachine: boolean;
  /** It ends in another machine: a budget of its own, and an identity to journal. */
  readonly replaces: boolean;
  /** An order to a speaker, and no repair: on no ladder, in no budget, and nothing has to settle after it. */
  readonly isOrder: boolean;
}

export interface GatewayKind<G extends Gateway = Gateway> {
  /** Where routes of its paths point now: one target for each kind of table that can lead there. */
  placesNow(deployment: Deployment, gateway: G, known: Known): readonly RouteTarget[];
  /** Where they pointed before it was replaced or rebuilt, newest first: routes may still be there. */
  placesBefore(deployment: Deployment, gateway: G, known: Known): readonly RouteTarget[];
  /** Its ids, for what a repair may change about them; null: no repair does. */
  declared(gateway: G): DeclaredIds | null;
  /** Its availability zone; null: it stands in several. */
  zone(gateway: G): string | null;
  /** Evidence without what was asked about a device that the gateway is no longer, as it turns out. */
  aboutThePresent(facts: Pick<Facts, 'deployment' | 'connection' | 'evidence'>): Evidence;
  condition(look: Facts & Places, path: PathName, gatewayProbe: CanaryReport['gatewayProbe']): Condition;
  ownLook(facts: Facts, path: PathName): OwnLook;
  concerns(facts: Facts, gateway: G, use: GatewayUse): readonly GatewayConcern[];
  /** Why nothing can come back to routes of this path that point there; empty: something may. */
  deadAt(look: Facts & Places, path: PathName, targets: readonly (RouteTarget | null)[]): string;
  /** Null: it is not on its way up, or has had its time. */
  booting(facts: Facts, gateway: G): Patience | null;
  /** Null: the rung has left it as it was. */
  identityAfter(rung: Rung, outputs: AutomationFacts['outputs']): GatewayIdentity | null;
  /** What AWS says of its own side may be this old: a path just left as dead is not gone back to on that word. */
  readonly ownSideLagMs: number;
  /** Mildest first. */
  readonly rungs: readonly Rung[];
}
