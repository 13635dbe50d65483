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
import { signedQuestion } from '../doctor/elsewhere';
import { callerArn, clockOfAws } from './caller';
import type { Footing, SessionOptions } from './session';
import { switchMapping, switchSchedule } from './switches';

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
  const ssm = new SSMClient(options);
  const sns = new SNSClient(options);
  const events = new EventBridgeClient(options);
  const clients = {
    cloudwatch: new CloudWatchClient(options),
    dynamodb: new DynamoDBClient(options),
    ec2: new EC2Client(options),
    s3: new S3Client(options),
    sfn: new SFNClient(options),
    sns,
    ssm,
    sts: new STSClient(options),
  };
  return {
    clock: { now: () => Date.now(), sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) },
    aws: clients,
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
    play: (work) => work(),
    async close() {
      for (const client of [...Object.values(clients), events]) client.destroy();
    },
  };
}
