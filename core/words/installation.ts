/** How a deployment stands in its account, and who is told: read where its template is made, and by no function. */

/** Who is told; `nobody` only where the author says so. */
export type Notify =
  | { readonly kind: 'nobody' }
  | {
      readonly kind: 'people';
      readonly emails: readonly string[];
      /** ARN of a topic of the author's own; absent: one of ours. */
      readonly topic?: string;
    };

/** How Switchback stands in the account: read where its template is made. */
export interface Installation {
  /** Absent: the author has not said. */
  readonly notify?: Notify;
  /** Name or ARN of a managed policy. */
  readonly permissionsBoundary?: string;
  readonly reserveConcurrency: boolean;
  /** Where Network Manager tells of transit gateways' VPN connections; absent: nobody listens there. */
  readonly networkManagerRegion?: string;
  /** Name or ARN of an earlier stack's state table; absent: a table of its own. */
  readonly stateTable?: string;
  /** Deletion protection of a table of its own. */
  readonly protectsState: boolean;
  /** An S3 bucket of the author's, in which the records of incidents are kept. Absent: nowhere. */
  readonly archive?: {
    readonly bucket: string;
    /** Object lock on each record; absent: none. */
    readonly lock?: { readonly mode: 'governance' | 'compliance'; readonly days: number };
  };
}
