/**
 * Does a deployed document begin with its claim? `smoke` starts each with a token that was never given out, so that the
 * claim fails and nothing else is done: that is safe only where the claim is first, and ends the document when it fails.
 */
import { isRecord } from '../../../core/words/shape';

export const claimStep = 'claimGateway';

/** Null: it does. Else what is wrong with it, and it must not be started. */
export function claimFault(document: unknown): string | null {
  const steps = isRecord(document) ? document['mainSteps'] : undefined;
  const first: unknown = Array.isArray(steps) ? steps[0] : undefined;
  if (!isRecord(first)) return 'it has no steps';
  const { name, action, inputs, onFailure = 'Abort', isCritical = true } = first;
  if (name !== claimStep) return `its first step is ${String(name)}, not ${claimStep}`;
  if (onFailure !== 'Abort') return `it goes on (${String(onFailure)}) where its claim fails`;
  if (isCritical !== true && isCritical !== 'true') return 'its claim is not critical';
  const { Service, Api, ConditionExpression, ExpressionAttributeValues } = isRecord(inputs) ? inputs : {};
  if (action !== 'aws:executeAwsApi' || Service !== 'dynamodb' || Api !== 'UpdateItem')
    return 'its claim writes no item';
  const values = isRecord(ExpressionAttributeValues) ? ExpressionAttributeValues : {};
  const asked = isRecord(values[':repair']) ? values[':repair']['S'] : undefined;
  const isConditional = ConditionExpression === 'clientToken = :repair' && asked === '{{ Repair }}';
  return isConditional ? null : 'its claim does not depend on the token it is given';
}
