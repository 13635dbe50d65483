/**
 * Who the gateways are, where the lock table does not say. Asked only then, and not for long: without an answer a
 * gateway is taken for what the configuration declares, and its canaries' pins say whether that is proven.
 */
import { identities } from '../adapters/ssm/identities';
import type { Deployment, GatewayName } from '../core/words/domain';
import { isReplaceable } from '../core/words/ends';
import type { Evidence } from '../core/words/evidence';
import { limits } from '../core/words/policy';
import { spanText } from '../core/words/time';
import { settled } from './assess/parts';
import type { World } from './world';

export async function readStandIns(
  world: World,
  deployment: Deployment,
  gateways: readonly GatewayName[],
  unread: (because: string) => void,
): Promise<Evidence['standIns']> {
  // Only those that may be replaced have a parameter.
  const replaceable = gateways.filter((name) => isReplaceable(deployment, name));
  if (replaceable.length === 0) return {};
  const asked = settled(identities(world.aws.ssm, world.env['IDENTITY_PREFIX']!, world, unread).read(replaceable));
  const outcome = await Promise.race([asked, world.sleep(limits.standInWaitMs).then(() => null)]);
  if (outcome?.ok === true) return outcome.value;
  const why = outcome === null ? `no answer within ${spanText(limits.standInWaitMs)}` : outcome.fault.message;
  unread(`identities: ${why}`);
  return {};
}
