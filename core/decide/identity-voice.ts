/**
 * Who a gateway is stands in three places: the configuration, the gateway's item, and a parameter that is read while the
 * lock table is silent. What people must hear when the three do not agree and nobody else will mend it. Questions.
 */

import { whyLeft } from '../gateways/adoption';
import { declaredIds, identityParameter, replacementText } from '../gateways/identity';
import type { GatewayIdentity, InstanceGateway } from '../words/domain';
import { gatewaysOf } from '../words/ends';
import type { Apart } from '../words/evidence';
import { instancesOf } from '../words/gateways';
import { limits } from '../words/policy';
import { type Instant, instantText, spanText } from '../words/time';
import type { Concern, SpokenDue } from './concern';
import type { View } from './view';

/** One at a time for each gateway: what is mended first may well mend the other. */
export function identityConcerns(view: View): Concern[] {
  const { deployment, connection, evidence, memory, now } = view;
  const used = gatewaysOf(connection);
  const gateways = Object.values(instancesOf(deployment)).filter(({ name }) => used.includes(name));
  return gateways.flatMap((gateway): Concern[] => {
    const { name } = gateway;
    const key = `identity/${name}` as const;
    const hasLasted = (since: Instant, ms: number): boolean => now - since >= ms || key in memory.told;
    const { apart } = evidence.gatewayLeases[name] ?? {};
    if (apart !== undefined && hasLasted(apart.since, apart.what === 'unjournalled' ? limits.unjournalledToldMs : 0))
      return [{ key, urgent: false, text: apartText(view, gateway, apart) }];
    const undeclared = memory.undeclaredSince[name];
    if (undeclared !== undefined && hasLasted(undeclared, limits.undeclaredToldMs))
      return [{ key, urgent: false, text: undeclaredText(view, gateway, undeclared) }];
    return [];
  });
}

/** A sweep that finds it keeps nothing: the run it starts must stay until people have heard. */
export const identityDues = ({ memory }: View): SpokenDue[] =>
  Object.entries(memory.undeclaredSince).map(([gateway, since]) => ({
    key: `identity/${gateway}`,
    at: since + limits.undeclaredToldMs,
    because: `what is declared of gateway ${gateway} is not written down; people hear of it if that lasts`,
  }));

const nameOf = ({ instanceId, routeInterfaceId }: GatewayIdentity): string => `${instanceId} (${routeInterfaceId})`;

function apartText(view: View, gateway: InstanceGateway, apart: Apart): string {
  const { name } = gateway;
  const parameter = identityParameter(view.deployment, name);
  const lease = view.evidence.gatewayLeases[name]!;
  if (apart.what === 'unwritten') {
    const value = lease.identity === null ? '' : `: --value '${replacementText(lease.identity)}'`;
    return `gateway ${name} is ${nameOf(apart)}, and parameter ${parameter} does not say so: PutParameter was refused or not answered when it was replaced; while the lock table is silent it would be taken for ${nameOf(declaredIds(gateway))}, and nothing would be moved onto it; let the repair role write it, or write it by hand (aws ssm put-parameter --type String --overwrite)${value}`;
  }
  const why = whyLeft(view, gateway, lease, apart) || 'the sweep could not write it';
  return `a replacement wrote down that ${nameOf(apart)} serves as gateway ${name} and was not journalled (its run is gone), so since ${instantText(apart.since)} the gateway is taken for ${nameOf(declaredIds(gateway))}: ${why}; once that is mended it is adopted within a minute; if it is not so, delete parameter ${parameter}`;
}

function undeclaredText({ now }: View, gateway: InstanceGateway, since: Instant): string {
  return `the sweep could not write for ${spanText(now - since)} that gateway ${gateway.name} is declared as ${nameOf(declaredIds(gateway))} (UpdateItem of gateway#${gateway.name} in the state table; its log says why): routes on what is declared now would be taken for somebody else's after the next deployment that changes it; allow the call`;
}
