/** The two ends of connections whose both sides are ours. */

export type EndName = string;

/** A place in which gateways, route tables and canaries of ours stand: a region, and an account. */
export interface End {
  readonly name: EndName;
  readonly region: string;
  /** Absent: the deployment's own. */
  readonly account?: string;
  /** Name of the role that our functions take on to act there. Absent: they act by their own. */
  readonly role?: string;
  /** What that role's trust asks for beside who asks. Absent: nothing. */
  readonly externalId?: string;
}

/** Could our functions write in a table of an end? Their own answer, with nothing written. */
export interface EndProof {
  readonly end: EndName;
  readonly table: string;
  /** `unread`: the end did not show it. `no_route`: there is nothing to try it on. */
  readonly result: 'may' | 'refused' | 'unread' | 'no_route';
  /** AWS's own words; empty where it may. */
  readonly detail: string;
}

/** For whom a standby deployment stands in (standby.ts). Absent from a deployment: it is nobody's standby. */
export interface StandsInFor {
  readonly name: string;
  readonly region: string;
  readonly account: string;
  /** Name of the role by which it acts where the standby is: there it can be fenced. */
  readonly role: string;
}
