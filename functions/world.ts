/**
 * Everything a function may touch: clock, sleep, environment, AWS clients, sockets, its log line. The functions take
 * a `World` and a `Deployment`, so the very bundle that Lambda runs also runs in the local cloud, on virtual time.
 *
 * Each function module exports `createHandler(world, deployment)` and `handler`, the same thing on the real world.
 */
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SFNClient } from '@aws-sdk/client-sfn';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { STSClient } from '@aws-sdk/client-sts';
import type { RoleKeys } from '../adapters/sts/assume-role';
import type { ProbeProtocol } from '../core/words/domain';
import type { Instant } from '../core/words/time';

/** How long the functions' AWS clients wait for a connection, and for an answer. They do not retry by themselves. */
export const clientPatience = { connectionMs: 1_000, requestMs: 2_000 } as const;

/** The clients the functions use; the local cloud supplies objects with the same `send`. */
export interface AwsClients {
  readonly cloudwatch: Pick<CloudWatchClient, 'send'>;
  readonly dynamodb: Pick<DynamoDBClient, 'send'>;
  readonly ec2: Pick<EC2Client, 'send'>;
  readonly s3: Pick<S3Client, 'send'>;
  readonly sfn: Pick<SFNClient, 'send'>;
  readonly sns: Pick<SNSClient, 'send'>;
  readonly ssm: Pick<SSMClient, 'send'>;
  readonly sts: Pick<STSClient, 'send'>;
}

/** What one attempt tries: a TCP connection, a UDP echo, or an HTTP request. */
export interface Attempt {
  readonly address: string;
  readonly port: number;
  /** Absent: TCP. */
  readonly protocol?: ProbeProtocol;
  /** For HTTP: what is asked for. Absent: `/`. */
  readonly page?: string;
  /** UDP and HTTP: send at least this much and wait for as much. Absent: as little as the protocol can do with. */
  readonly payloadBytes?: number;
}

/** How one attempt went. Never throws for the network: silence is an answer. */
export interface AttemptResult {
  readonly answered: boolean;
  /** The peer refused: a round trip all the same. */
  readonly refused: boolean;
  readonly rttMs: number;
  /** Where a payload was asked for: how much came back. An HTTP server may have less to say. */
  readonly bytesBack?: number;
}

export interface World {
  now(): Instant;
  sleep(ms: number): Promise<void>;
  /** One attempt from where the function runs. */
  connect(target: Attempt, timeoutMs: number): Promise<AttemptResult>;
  /** One line to stdout: JSON; a canary's EMF metrics leave this way too. */
  log(line: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly aws: AwsClients;
  /** The same of another region; `as`: with keys that are asked for at each call, in place of our own (functions/ends.ts). */
  awsIn(region: string, as?: () => Promise<RoleKeys>): AwsClients;
}

/** What a handler needs of Lambda's context. */
export interface InvocationContext {
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}
