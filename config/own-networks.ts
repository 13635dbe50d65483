/**
 * What a configuration says about its own end: the addresses of the gateways, and the piece of their VPC that those
 * addresses prove. The VPC's own blocks are not written down, but EC2 knows no subnet smaller than a /28 and no block of
 * a VPC larger than a /16: two gateways of one VPC within a /16 stand in one block, and all between them is the VPC's.
 */
import { type Block, blockAround, holds, isIpv4 } from './addresses';

export interface OwnGateway {
  readonly name: string;
  readonly vpc: string;
  readonly privateAddress: string;
  readonly publicIp?: string | undefined;
}

const subnetPrefixMax = 28;
export const vpcPrefixMin = 16;

/** The gateway whose address this is. */
export function gatewayAt(address: string, gateways: readonly OwnGateway[]): OwnGateway | undefined {
  return gateways.find(
    ({ privateAddress, publicIp }) => address !== '' && (privateAddress === address || publicIp === address),
  );
}

/** Blocks that surely belong to the VPCs of these gateways. */
export function ownBlocks(gateways: readonly OwnGateway[]): readonly Block[] {
  const groups = new Map<string, Block[]>();
  for (const { vpc, privateAddress } of gateways) {
    if (!isIpv4(privateAddress)) continue;
    const key = `${vpc} ${blockAround(privateAddress, vpcPrefixMin).text}`;
    groups.set(key, [...(groups.get(key) ?? []), blockAround(privateAddress, subnetPrefixMax)]);
  }
  return [...groups.values()].map(smallestAround);
}

function smallestAround(blocks: readonly Block[]): Block {
  const [first] = blocks as [Block];
  const address = first.text.split('/')[0]!;
  for (let prefix = subnetPrefixMax; prefix > vpcPrefixMin; prefix--) {
    const around = blockAround(address, prefix);
    if (blocks.every((block) => holds(around, block))) return around;
  }
  return blockAround(address, vpcPrefixMin);
}
