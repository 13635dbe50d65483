/**
 * Laws about failure itself: a function fails by an error that somebody named, nothing that was granted is denied, and
 * no invariant of the core is ever violated.
 */

import { laws } from '../../../core/decide/invariants';
import type { Deployment } from '../../../core/words/domain';
import { instancesOf } from '../../../core/words/gateways';
import type { CallRecord } from '../../../local-cloud/front/front';
import type { Law, Scene } from '../law';

const named = [
  'MalformedInput',
  'UnknownConnection',
  'Throttled',
  'AwsUnavailable',
  'AccessDenied',
  'Sandbox.Timedout',
];

export class ErrorLaws implements Law {
  private readonly declaredAtFirst: readonly string[];

  constructor(private readonly scene: Scene) {
    this.declaredAtFirst = idsOf(scene.deployment);
  }

  onFunctionFailure(functionName: string, payload: string): void {
    const { errorType = '', errorMessage = '' } = JSON.parse(payload) as { errorType?: string; errorMessage?: string };
    if (errorType === 'InvariantViolated') this.scene.broken(errorMessage, `thrown by ${functionName}`);
    else if (!named.includes(errorType))
      this.scene.broken(laws.named, `${functionName}: ${errorType}: ${errorMessage}`);
  }

  atEnd(): void {
    const { cloud, storm } = this.scene;
    // What a policy above the account denies is not a grant we lack.
    const forbidden = storm.steps.flatMap((step) => (step.do === 'deny' ? [step.operation] : []));
    const denied = cloud.calls.find(
      (call) =>
        /AccessDenied|UnauthorizedOperation/.test(call.error) &&
        !forbidden.includes(call.operation) &&
        !this.isTakenBack(call),
    );
    if (denied) this.scene.broken(laws.named, `${denied.by} was denied ${denied.service}:${denied.operation}`);
  }

  /**
   * A deployment that declares another instance takes the grants for the one before away at once; a run under way goes
   * on with the versions, and the ids, that it began with.
   */
  private isTakenBack({ input }: CallRecord): boolean {
    const now = idsOf(this.scene.deployment);
    const text = JSON.stringify(input);
    return this.declaredAtFirst.some((id) => !now.includes(id) && text.includes(`"${id}"`));
  }
}

const idsOf = ({ gateways }: Deployment): string[] =>
  Object.values(instancesOf({ gateways })).flatMap(({ instanceId, routeInterfaceId }) => [
    instanceId,
    routeInterfaceId,
  ]);
