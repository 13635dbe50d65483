/**
 * What an AWS service may do to a topic, queue or function of ours: as the resource's own policy says, for whom the service
 * acts.
 */

import { AwsError } from '../service';
import type { Template } from '../template/template';
import { permits } from './authority';
import { readPolicy } from './policy';
import { matchesArn } from './wildcard';

export interface ServiceAct {
  readonly policyType: 'AWS::SNS::TopicPolicy' | 'AWS::SQS::QueuePolicy';
  readonly action: string;
  readonly resource: string;
  readonly service: string;
  /** The rule or alarm the service acts for; EventBridge sends none with a publication to SNS. */
  readonly sourceArn?: string;
}

/** Throws the refusal. */
export function requirePolicy(template: Template, act: ServiceAct): void {
  const { policyType, action, resource, service, sourceArn } = act;
  const ref = template.byArn(resource)?.ref ?? '';
  const statements = template
    .ofType(policyType)
    .filter(({ properties }) => ((properties['Queues'] ?? properties['Topics'] ?? []) as string[]).includes(ref))
    .flatMap((policy) => readPolicy(policy.properties['PolicyDocument']!, policy.logicalId));
  const context: Record<string, string[]> = {
    'aws:securetransport': ['true'],
    ...(sourceArn !== undefined && { 'aws:sourcearn': [sourceArn], 'aws:sourceaccount': [template.accountId] }),
  };
  if (permits(statements, service, { action, resource, context })) return;
  throw new AwsError('AccessDenied', `No policy lets ${sourceArn ?? service} ${action} on ${resource}`, 403);
}

export interface ServiceCall {
  readonly functionArn: string;
  readonly service: string;
  /** The rule or alarm the service acts for. */
  readonly sourceArn: string;
}

/** The function's resource policy must let the service in. Throws the refusal. */
export function requirePermission(template: Template, { functionArn, service, sourceArn }: ServiceCall): void {
  const isPermitted = template.ofType('AWS::Lambda::Permission').some(({ properties }) => {
    const { FunctionName, Action, Principal, SourceArn, SourceAccount } = properties;
    return (
      sameFunction(String(FunctionName), functionArn) &&
      Action === 'lambda:InvokeFunction' &&
      Principal === service &&
      (SourceAccount === undefined || SourceAccount === template.accountId) &&
      (SourceArn === undefined || matchesArn(String(SourceArn), sourceArn))
    );
  });
  if (!isPermitted)
    throw new AwsError('AccessDeniedException', `No resource policy lets ${sourceArn} invoke ${functionArn}`, 403);
}

const sameFunction = (nameOrArn: string, arn: string): boolean =>
  nameOrArn === arn || arn.endsWith(`:function:${nameOrArn}`);
