/**
 * `npx tsx examples/route-server/frr.ts gw-a > frr.conf`: what that gateway tells its partner and the Route Server. Yours to copy:
 * what stands here is what switchback.yaml does not say.
 */
import { join } from 'node:path';
import { readConfigFile } from '../../config/read';
import { type BgpSite, frrConf } from '../../infra/greenfield/frr-conf';

export const deployment = readConfigFile(join(__dirname, 'switchback.yaml'));

export const site: BgpSite = {
  ours: ['10.0.0.0/16'],
  paths: {
    'paris/a': { partnerAs: 65_001, canary: '10.0.40.0/28' },
    'paris/b': { partnerAs: 65_001, canary: '10.0.40.16/28' },
  },
  routeServerAs: 65_000,
};

const [, , gateway] = process.argv;
if (require.main === module) {
  if (gateway === undefined) throw new Error('Name a gateway: npx tsx examples/route-server/frr.ts gw-a');
  process.stdout.write(frrConf(deployment, gateway, site));
}
