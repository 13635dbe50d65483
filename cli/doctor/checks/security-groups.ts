/**
 * May a canary's packets go their way? Out of its own group, and, where an instance forwards them, in through the
 * gateway's: EC2 holds what is forwarded to the rules of the interface that it comes in by.
 */

import type { SecurityGroup } from '@aws-sdk/client-ec2';
import type { Canary, InstanceGateway, ProbeTarget } from '../../../core/words/domain';
import { gatewayOfCanary } from '../../../core/words/ends';
import { instanceNamed } from '../../../core/words/gateways';
import type { AccountCheck } from '../check';
import { counted, type Diagnosis, fail, orWell, unknown } from '../diagnosis';
import type { GatewayLook, Patient } from '../patient';
import { type Admission, admitsIn, admitsOut, type Flow, transportOf } from './rule-set';

export const securityGroups: AccountCheck = {
  name: 'security-groups',
  title: 'security groups let canaries through',
  needs: 'configuration',
  async look(patient) {
    const canaries = Object.values(patient.deployment.connections).flatMap((one) => one.canaries);
    const groups = await patient.account.securityGroups([...new Set(canaries.map((one) => one.securityGroupId))]);
    const troubles = await Promise.all(
      canaries.map(async (canary) => {
        const own = groups.get(canary.securityGroupId);
        return own === undefined ? [missing(canary)] : [...outOf(canary, own), ...(await intoGateway(patient, canary))];
      }),
    );
    return orWell(
      troubles.flat(),
      `${counted(groups.size, 'group')} of ${counted(canaries.length, 'canary', 'canaries')}`,
    );
  },
};

const missing = ({ id, securityGroupId }: Canary): Diagnosis =>
  fail({
    about: id,
    found: `there is no ${securityGroupId} in this region`,
    why: 'the deploy fails at it',
    mend: 'write one that is there: aws ec2 describe-security-groups',
  });

const flowTo = ({ address, port, protocol }: ProbeTarget): Flow => ({
  protocol: transportOf(protocol),
  port,
  block: `${address}/32`,
  groups: [],
});

function outOf(canary: Canary, own: SecurityGroup): readonly Diagnosis[] {
  const id = canary.securityGroupId;
  const targets = [...canary.targets, ...(canary.controlTarget === undefined ? [] : [canary.controlTarget])];
  const shut = targets.flatMap((target) =>
    judged(canary.id, admitsOut([own], flowTo(target)), {
      found: `${id} lets nothing out to ${target.address}:${target.port}`,
      why: 'the canary is never answered: its path counts as down, and is never diverted to',
      mend: allow('egress', id, flowTo(target)),
    }),
  );
  const https = { protocol: 'tcp', port: 443, block: '0.0.0.0/0', groups: [] } as const;
  // A gateway endpoint is a prefix list, an interface endpoint another group: either is a way to DynamoDB.
  const mayReport =
    admitsOut([own], https) !== 'no' ||
    (own.IpPermissionsEgress ?? []).some((rule) => (rule.UserIdGroupPairs ?? []).length > 0 && coversHttps(rule));
  if (mayReport) return shut;
  return [
    ...shut,
    fail({
      about: canary.id,
      found: `${id} lets nothing out to DynamoDB`,
      why: 'the canary measures and cannot report: it counts as silent',
      mend: allow('egress', id, https),
    }),
  ];
}

const coversHttps = ({
  IpProtocol,
  FromPort = 0,
  ToPort = 65_535,
}: {
  IpProtocol?: string;
  FromPort?: number;
  ToPort?: number;
}): boolean => IpProtocol === '-1' || (IpProtocol === 'tcp' && FromPort <= 443 && ToPort >= 443);

async function intoGateway(patient: Patient, canary: Canary): Promise<readonly Diagnosis[]> {
  const gateway = gatewayOf(patient, canary);
  if (gateway === undefined) return [];
  const look = (await patient.gateways()).find((one) => one.gateway.name === gateway.name);
  const [subnet, groups] = await Promise.all([
    patient.account.subnets([canary.subnetId]).then((found) => found.get(canary.subnetId)),
    look === undefined ? [] : groupsOf(patient, look),
  ]);
  if (subnet?.CidrBlock === undefined || look === undefined || groups.length === 0) return [];
  const from = { block: subnet.CidrBlock, groups: [canary.securityGroupId] };
  const probe: Flow = { protocol: 'tcp', port: gateway.probePort, ...from };
  const flows: readonly Flow[] = [
    probe,
    ...canary.targets.map(({ port, protocol }) => ({ protocol: transportOf(protocol), port, ...from })),
  ];
  const distinct = [...new Map(flows.map((flow) => [`${flow.protocol} ${flow.port}`, flow])).values()];
  return distinct.flatMap((flow) =>
    judged(canary.id, admitsIn(groups, flow), {
      found: `${gateway.name} lets no ${flow.protocol} ${flow.port} in from ${subnet.CidrBlock}, where the canary stands`,
      why:
        flow === probe
          ? 'the canary cannot tell a dead gateway from a dead peer: it takes the gateway for dead'
          : 'what it should forward is dropped at its interface: the path never proves itself',
      mend: allow('ingress', groups[0]!.GroupId ?? '', flow),
    }),
  );
}

async function groupsOf(patient: Patient, { identity }: GatewayLook): Promise<readonly SecurityGroup[]> {
  const found = await patient.account.interfaces([identity.routeInterfaceId]);
  const ids = (found.get(identity.routeInterfaceId)?.Groups ?? []).flatMap(({ GroupId }) => GroupId ?? []);
  return ids.length === 0 ? [] : [...(await patient.account.securityGroups(ids)).values()];
}

/** Undefined: it follows the routes, or AWS's own connection carries it. */
function gatewayOf({ deployment }: Patient, canary: Canary): InstanceGateway | undefined {
  const connection = deployment.connections[canary.connection];
  return instanceNamed(deployment, (connection && gatewayOfCanary(connection, canary)) ?? '');
}

function judged(
  about: string,
  admission: Admission,
  trouble: { readonly found: string; readonly why: string; readonly mend: string },
): readonly Diagnosis[] {
  if (admission === 'yes') return [];
  if (admission === 'no') return [fail({ about, ...trouble })];
  return [unknown(about, `${trouble.found}, unless a prefix list of its rules holds it`, 'look into the prefix list')];
}

const allow = (direction: 'ingress' | 'egress', group: string, { protocol, port, block }: Flow): string =>
  `aws ec2 authorize-security-group-${direction} --group-id ${group} --ip-permissions IpProtocol=${protocol},FromPort=${port},ToPort=${port},IpRanges='[{CidrIp=${block}}]'`;
