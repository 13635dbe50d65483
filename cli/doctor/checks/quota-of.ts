/** What Service Quotas says of one limit: what applies to this account, or AWS's default where nothing was ever changed. */
import { attempt } from '../../../adapters/attempt';
import { isNamed, MalformedInput } from '../../../adapters/errors';
import { isRecord } from '../../../core/words/shape';
import type { Patient } from '../patient';

/** Null: Service Quotas knows no such limit here. */
export async function quotaOf(
  { world, elsewhere }: Patient,
  serviceCode: string,
  quotaCode: string,
): Promise<number | null> {
  const ask = (operation: string): Promise<unknown> =>
    attempt(world, { operation, on: `${serviceCode} ${quotaCode}` }, () =>
      elsewhere.ask({ service: 'servicequotas', operation, input: { ServiceCode: serviceCode, QuotaCode: quotaCode } }),
    );
  try {
    return valueIn(await ask('GetServiceQuota'));
  } catch (error) {
    if (!(error instanceof MalformedInput && isNamed(error.cause, 'NoSuchResourceException'))) throw error;
    return valueIn(await ask('GetAWSDefaultServiceQuota'));
  }
}

function valueIn(answer: unknown): number | null {
  const quota = isRecord(answer) ? answer['Quota'] : undefined;
  const value = isRecord(quota) ? quota['Value'] : undefined;
  return typeof value === 'number' ? value : null;
}
