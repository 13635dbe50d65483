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
