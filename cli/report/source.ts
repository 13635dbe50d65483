/** What a report is made of: the incident's record, what CloudWatch has of its canaries, and what the deployment declares. */
import type { CanaryHistory } from '../../adapters/cloudwatch/canary-history';
import type { IncidentRecord } from '../../core/turn/incident-record';
import type { Connection, Deployment } from '../../core/words/domain';
import type { Instant } from '../../core/words/time';
import type { Lane } from './incident-report';

export interface ReportSource {
  readonly record: IncidentRecord;
  readonly deployment: Deployment;
  readonly connection: Connection;
  /** Null: it could not be read, or CloudWatch has forgotten. */
  readonly measured: CanaryHistory | null;
  readonly madeAt: Instant;
  /** What could not be read, each with its reason. */
  readonly unread: readonly string[];
  /** Of a simulation, whose world can be looked at: what no account would tell. */
  readonly world?: WorldSeen;
}

export interface WorldSeen {
  /** Which scenario, from which seed. */
  readonly played: string;
  readonly happened: readonly { readonly at: Instant; readonly what: string }[];
  /** To the moment, when users of each route set got nothing. */
  readonly dark: readonly { readonly routeSet: string; readonly from: Instant; readonly until: Instant }[];
  /** Of the connection's gateways, as EC2 had them. */
  readonly lanes: readonly Lane[];
}
