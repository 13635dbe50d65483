/**
 * What a function under test may touch: clock, sleep, environment, AWS clients, sockets, its log line. A bundle that
 * exports `createHandler(world)` lives on virtual time; `functions/world.ts` is the same shape as our functions see it.
 */
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SFNClient } from '@aws-sdk/client-sfn';
import type { SNSClient } from '@aws-sdk/client-sns';
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { STSClient } from '@aws-sdk/client-sts';
import type { Instant } from '../../../core/words/time';
import type { ConnectAttempt, ConnectResult } from '../../world-port';

/** Objects with the `send` of the SDK's clients. */
export interface FunctionClients {
  readonly cloudwatch: Pick<CloudWatchClient, 'send'>;
  readonly dynamodb: Pick<DynamoDBClient, 'send'>;
  readonly ec2: Pick<EC2Client, 'send'>;
  readonly s3: Pick<S3Client, 'send'>;
  readonly sfn: Pick<SFNClient, 'send'>;
  readonly sns: Pick<SNSClient, 'send'>;
  readonly ssm: Pick<SSMClient, 'send'>;
  readonly sts: Pick<STSClient, 'send'>;
}

/** Of a session that STS has given out. */
export interface SessionKeys {
  readonly accessKeyId: string;
}

export interface FunctionWorld {
  now(): Instant;
  sleep(ms: number): Promise<void>;
  /** One attempt from where the function runs. */
  connect(target: ConnectAttempt, timeoutMs: number): Promise<ConnectResult>;
  /** One line to stdout; metrics in the embedded format leave this way too. */
  log(line: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly aws: FunctionClients;
  /** Clients of another region; `as`: with the keys of a session, asked for at each call. */
  awsIn(region: string, as?: () => Promise<SessionKeys>): FunctionClients;
}

/** Of Lambda's context. */
export interface HandlerContext {
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

export type Handler = (event: unknown, context: HandlerContext) => unknown;

/** Called once for each sandbox. */
export type HandlerFactory = (world: FunctionWorld) => Handler;
