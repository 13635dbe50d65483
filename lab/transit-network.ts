/**
 * Builds what transit-plan.ts says: the transit gateway, its attachments, and AWS's ends of the tunnels, without their
 * daemons (vpn-tunnel.ts). Which end an attachment sends through, and what the gateway's tables say, is the mirror's.
 */
import type { Namespaces } from './namespaces';
import { outsideRouter, remoteNetwork, siteNetwork, vpcNetwork } from './plan';
import type { TransitPlan, TunnelEnd, VpcAttachment, VpnAttachment } from './transit-plan';

const attachmentRule = 100;
/** Of what comes back from any VPN attachment: to the VPC it belongs to. */
const returnTable = 99;

export async function buildTransit(
  spaces: Namespaces,
  { vpcs, vpns }: TransitPlan,
  tables: ReadonlyMap<string, number>,
): Promise<void> {
  await spaces.create(['tgw', ...vpns.flatMap(({ name, ends }) => [name, ...ends.map((end) => end.name)])]);
  for (const vpc of vpcs) await attachVpc(spaces, vpc, tables.get(vpc.tableId)!);
  for (const vpn of vpns) await attachVpn(spaces, vpn);
}

async function attachVpc(spaces: Namespaces, vpc: VpcAttachment, table: number): Promise<void> {
  const { vpcDevice, gatewayDevice, link, number, subnets } = vpc;
  await spaces.link('vpc', vpcDevice, 'tgw', gatewayDevice);
  await spaces.ip('vpc', [
    `addr add ${link.near}/30 dev ${vpcDevice}`,
    `link set ${vpcDevice} up`,
    `route add default via ${link.far} table ${number}`,
  ]);
  await spaces.ip('tgw', [
    `addr add ${link.far}/30 dev ${gatewayDevice}`,
    `link set ${gatewayDevice} up`,
    `rule add pref ${attachmentRule} iif ${gatewayDevice} lookup ${table}`,
    ...subnets.map((subnet) => `route add ${subnet} via ${link.near} table ${returnTable}`),
  ]);
}

async function attachVpn(spaces: Namespaces, { name, link, ends }: VpnAttachment): Promise<void> {
  await spaces.link('tgw', name, name, 'tgw');
  await spaces.ip('tgw', [
    `addr add ${link.near}/30 dev ${name}`,
    `link set ${name} up`,
    `rule add pref ${attachmentRule} iif ${name} lookup ${returnTable}`,
  ]);
  await spaces.ip(name, [
    `addr add ${link.far}/30 dev tgw`,
    'link set tgw up',
    `route add ${vpcNetwork} via ${link.near}`,
  ]);
  for (const end of ends) await buildEnd(spaces, name, end);
}

/** No way into the site but the tunnel: no plain text leaks while its daemon is dead. */
async function buildEnd(spaces: Namespaces, attachment: string, end: TunnelEnd): Promise<void> {
  const { name, link, outside, outsideAddress } = end;
  await spaces.link(attachment, name, name, 'lan');
  await spaces.link('inet', name, name, 'wan');
  await spaces.ip(attachment, [`addr add ${link.near}/30 dev ${name}`, `link set ${name} up`]);
  await spaces.ip('inet', [
    `link set ${name} master outside`,
    `link set ${name} up`,
    `route add ${outsideAddress}/32 via ${outside}`,
  ]);
  await spaces.ip(name, [
    `addr add ${link.far}/30 dev lan`,
    `addr add ${outside}/24 dev wan`,
    `addr add ${outsideAddress}/32 dev wan`,
    'link set lan up',
    'link set wan up',
    `route add ${vpcNetwork} via ${link.near}`,
    `route add ${remoteNetwork} via ${outsideRouter} src ${outsideAddress}`,
    `route add unreachable ${siteNetwork} metric 9999`,
  ]);
}
