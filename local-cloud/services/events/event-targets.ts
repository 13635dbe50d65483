/**
 * How EventBridge reaches the targets of a rule, each with the permission AWS wants: state machines through the target's
 * role, functions, queues and topics through their own resource policies.
 */

import type { Front } from '../../front/front';
import type { Authority } from '../../iam/authority';
import { requirePermission, requirePolicy } from '../../iam/resource-policy';
import type { Random } from '../../random';
import type { JsonObject } from '../../template/json';
import type { Resource, Template } from '../../template/template';
import type { BusEvent } from './bus-event';
import { targetInput } from './event-input';

type Attributes = Readonly<Record<string, string>>;

export interface TargetOptions {
  readonly template: Template;
  readonly front: Front;
  readonly authority: Authority;
  readonly random: Random;
  /** Asynchronous Lambda invocation: the event is queued, the answer is nobody's. */
  invokeAsync(functionArn: string, payload: string): void;
  sendToQueue(queueArn: string, body: string, attributes: Attributes): void;
  publish(topicArn: string, message: string): void;
  /** Onto another bus. */
  forward(busArn: string, event: BusEvent): void;
}

export class EventTargets {
  constructor(private readonly options: TargetOptions) {}

  /** Throws the target's refusal, an `AwsError`. */
  async invoke(rule: Resource, target: JsonObject, event: BusEvent): Promise<void> {
    const arn = String(target['Arn']);
    const input = targetInput(target, event);
    switch (arn.split(':')[2]) {
      case 'states':
        return this.startExecution(rule, target, event, input);
      case 'lambda':
        // EventBridge has no role towards Lambda.
        requirePermission(this.options.template, {
          functionArn: arn,
          service: 'events.amazonaws.com',
          sourceArn: rule.arn,
        });
        return this.options.invokeAsync(arn, input);
      case 'sqs':
        return this.sendToQueue(rule, arn, input, {});
      case 'sns':
        // AWS: no condition of a topic's policy holds for EventBridge, which sends no key it could be about.
        requirePolicy(this.options.template, {
          policyType: 'AWS::SNS::TopicPolicy',
          action: 'sns:Publish',
          resource: arn,
          service: 'events.amazonaws.com',
        });
        return this.options.publish(arn, input);
      case 'events':
        return this.putOnBus(rule, target, event);
      default:
        throw new Error(`Rule '${rule.logicalId}' has a target that is not modelled: ${arn}`);
    }
  }

  /** Also the way to the dead-letter queue. */
  sendToQueue(rule: Resource, queueArn: string, body: string, attributes: Attributes): void {
    requirePolicy(this.options.template, {
      policyType: 'AWS::SQS::QueuePolicy',
      action: 'sqs:SendMessage',
      resource: queueArn,
      service: 'events.amazonaws.com',
      sourceArn: rule.arn,
    });
    this.options.sendToQueue(queueArn, body, attributes);
  }

  /** EventBridge names executions itself, so a second delivery is a second execution. */
  private async startExecution(rule: Resource, target: JsonObject, event: BusEvent, input: string): Promise<void> {
    const { authority, front, random } = this.options;
    const role = authority.roleFor(String(target['RoleArn']), 'events.amazonaws.com', rule.arn);
    await front.call({ role: role.logicalId, by: rule.name }, 'stepfunctions', 'StartExecution', {
      stateMachineArn: String(target['Arn']),
      name: `${event.id}_${random.uuid()}`,
      input,
    });
  }

  /** A rule's target in another region: through the target's role, whole and as it came. */
  private putOnBus(rule: Resource, target: JsonObject, event: BusEvent): void {
    const { authority } = this.options;
    const role = authority.roleFor(String(target['RoleArn']), 'events.amazonaws.com', rule.arn);
    const busArn = String(target['Arn']);
    const caller = { role: role.logicalId, by: rule.name };
    authority.check(caller, 'events', 'PutEvents', { Entries: [{ EventBusName: busArn }] });
    this.options.forward(busArn, event);
  }
}
