/**
 * Laws about failure itself: a function fails by an error that somebody named, nothing that was granted is denied, and
 * no invariant of the core is ever violated.
 */
import { laws } from '../../../core/invariants';
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
  constructor(private readonly scene: Scene) {}

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
    const denied = cloud.front.calls.find(
      ({ error, operation }) => /AccessDenied|UnauthorizedOperation/.test(error) && !forbidden.includes(operation),
    );
    if (denied) this.scene.broken(laws.named, `${denied.by} was denied ${denied.service}:${denied.operation}`);
  }
}
