/** A real account: the SDK's default credential chain, as `aws` itself would use it. */
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import type { RoleKeys } from '../../adapters/sts/assume-role';
import { signedQuestion } from '../doctor/elsewhere';
import { callerArn, clockOfAws } from './caller';
import { askIam, rolesBy } from './roles';
import type { Footing, SessionOptions } from './session';
import { switchMapping, switchSchedule } from './switches';

interface Elsewhere {
  readonly region?: string;
  readonly credentials?: () => Promise<RoleKeys>;
}

const connectionMsMax = 5_000;

export function accountFooting({ profile, region, timeout }: SessionOptions): Footing {
  const options = {
    ...(profile !== undefined && { profile }),
    ...(region !== undefined && { region }),
    maxAttempts: 2,
    requestHandler: {
      connectionTimeout: Math.min(timeout, connectionMsMax),
      requestTimeout: timeout,
      throwOnRequestTimeout: true,
    },
  };
  const clock = {
    now: () => Date.now(),
    sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
  };
  const events = new EventBridgeClient(options);
  const made: { destroy(): void }[] = [];
  const clientsIn = (more: Elsewhere = {}) => {
    const all = { ...options, ...more };
    const clients = {
      cloudwatch: new CloudWatchClient(all),
      dynamodb: new DynamoDBClient(all),
      ec2: new EC2Client(all),
      s3: new S3Client(all),
      sfn: new SFNClient(all),
      sns: new SNSClient(all),
      ssm: new SSMClient(all),
      sts: new STSClient(all),
    };
    made.push(...Object.values(clients));
    return clients;
  };
  const clients = clientsIn();
  const { sns, ssm } = clients;
  return {
    clock,
    aws: clients,
    awsIn: (place, as) => clientsIn({ region: place, ...(as !== undefined && { credentials: as }) }),
    elsewhere: {
      sns,
      ask: (question) => signedQuestion(ssm.config, question, timeout),
      clockOfAws: () => clockOfAws(ssm.config, timeout),
    },
    callerArn: () => callerArn(ssm.config, timeout),
    breakGlass: () => ({
      events,
      sfn: clients.sfn,
      switchMapping: (uuid, on) => switchMapping(ssm.config, uuid, on, timeout),
      switchSchedule: (schedule, on) => switchSchedule(ssm.config, schedule, on, timeout),
    }),
    takeover: () => ({
      roles: rolesBy(askIam(ssm.config, timeout), clock),
      dynamodb: clients.dynamodb,
      clockOfAws: () => clockOfAws(ssm.config, timeout),
    }),
    play: (work) => work(),
    async close() {
      for (const client of [...made, events]) client.destroy();
    },
  };
}
