/**
 * The only place that touches aws-sdk-client-mock: it stubs the clients' `send`, so commands and answers are typed but
 * nothing is serialized. The library is no longer maintained; whoever replaces it changes this file alone.
 */
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';

export type AwsMocks = ReturnType<typeof awsMocks>;

export function awsMocks() {
  const clients = {
    cloudwatch: new CloudWatchClient({}),
    dynamodb: new DynamoDBClient({}),
    ec2: new EC2Client({}),
    s3: new S3Client({}),
    sfn: new SFNClient({}),
    sns: new SNSClient({}),
    ssm: new SSMClient({}),
    sts: new STSClient({}),
  };
  return {
    clients,
    cloudwatch: mockClient(clients.cloudwatch),
    dynamodb: mockClient(clients.dynamodb),
    ec2: mockClient(clients.ec2),
    s3: mockClient(clients.s3),
    sfn: mockClient(clients.sfn),
    sns: mockClient(clients.sns),
    ssm: mockClient(clients.ssm),
    sts: mockClient(clients.sts),
  };
}

/** An error as the SDK throws it. */
export function awsError(name: string, message = '', httpStatusCode = 400): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });
}

/** An error as a socket gives it: no AWS in it. */
export function socketError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
