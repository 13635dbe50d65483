/**
 * The topic people are told on: one of ours, or theirs. What a person must still do after the deploy is said in the stack's
 * outputs, which the deploy prints: confirm a subscription, or give their own topic the policy we cannot give it.
 */
import { ArnFormat, CfnOutput, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { Deployment } from '../../core/words/domain';
import { forUs } from '../granting/trust';

export interface NotifyProps {
  readonly emails?: readonly string[];
  readonly topic?: sns.ITopic;
}

export function noticeTopic(scope: Construct, deployment: Deployment, given: NotifyProps | undefined): sns.ITopic {
  const { emails = [], topic: theirs } = given ?? written(scope, deployment);
  const topic = theirs ?? new sns.Topic(scope, 'Notices', { enforceSSL: true });
  for (const email of emails) topic.addSubscription(new subscriptions.EmailSubscription(email));
  if (emails.length > 0) {
    const value = `${emails.join(', ')}: confirm the mail from AWS Notifications, or hear nothing`;
    new CfnOutput(scope, 'ToConfirm', { value });
  }
  const { statementAdded } = topic.addToResourcePolicy(alarmsMayPublish(scope, deployment, topic));
  if (!statementAdded) {
    const value = `${topic.topicArn} is yours: add to its policy what "switchback policies" prints, or our own alarms stay unheard`;
    new CfnOutput(scope, 'ToAllow', { value });
  }
  return topic;
}

/** As the configuration says it. */
function written(scope: Construct, { installation }: Deployment): NotifyProps {
  const notify = installation?.notify;
  if (notify === undefined || notify.kind === 'nobody') return {};
  const { emails, topic } = notify;
  return { emails, ...(topic !== undefined && { topic: sns.Topic.fromTopicArn(scope, 'TheirNotices', topic) }) };
}

/** Of all alarms of a deployment, and of nobody else's. */
export const alarmsArn = (scope: Construct, { name }: Deployment): string =>
  Stack.of(scope).formatArn({
    service: 'cloudwatch',
    resource: 'alarm',
    resourceName: `${name}/*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });

/** Alarms about Switchback itself publish past everything of ours; see self-alarms.ts. */
function alarmsMayPublish(scope: Construct, deployment: Deployment, topic: sns.ITopic): iam.PolicyStatement {
  return new iam.PolicyStatement({
    principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
    actions: ['sns:Publish'],
    resources: [topic.topicArn],
    conditions: forUs(scope, [alarmsArn(scope, deployment)]),
  });
}
