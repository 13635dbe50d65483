/** What `watch` reported of tunnels reaches the core: in the call that brings the canaries' reports, for our gateways only. */
import { BatchGetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Attributes } from '../../../../adapters/dynamodb/attributes';
import { type KeptReport, tunnelItem } from '../../../../adapters/dynamodb/tunnel-item';
import { leaseFrom } from '../../../../core/store/lease';
import { instanceAt } from '../../../../core/words/gateways';
import { gather } from '../../../../functions/assess/gather';
import { connection, deployment } from '../../../given';
import { awsMocks } from '../../adapters/aws-mocks';
import { CloudAnswers, report } from '../cloud-answers';
import { startAt, VirtualWorld } from '../virtual-world';

const tunnels: KeptReport = {
  ...{ schema: 1, gateway: 'gw-a', reportedAt: startAt - 20_000, state: 'available', changed: false },
  writtenAt: startAt,
  asked: { provisioning: startAt, maintenance: startAt, bytes: startAt },
  tunnels: {
    '198.51.100.1': {
      ...{ status: 'down', since: startAt - 60_000, message: 'IPSEC IS DOWN', provisioning: 'available' },
      ...{ initiatedByAws: null, maintenanceBy: null, lastCarried: null },
      lastBytes: { from: startAt - 600_000, out: 2_000, in: 0 },
    },
  },
};

function site(item: Attributes | null) {
  const plain = deployment(connection());
  const far = { vpnConnectionId: 'vpn-0far', region: 'us-east-1', tunnels: ['198.51.100.1'] };
  const gateways = { ...plain.gateways, 'gw-a': { ...instanceAt(plain, 'gw-a'), seenBy: far } };
  const mocks = awsMocks();
  const world = new VirtualWorld(mocks);
  const cloud = new CloudAnswers(mocks);
  cloud.reports = [report('paris/path-a', 'healthy')];
  mocks.dynamodb
    .on(BatchGetItemCommand)
    .callsFake(({ RequestItems }: { RequestItems: Record<string, { Keys: Attributes[] }> }) => ({
      Responses: {
        reports: RequestItems['reports']!.Keys.flatMap((key) =>
          key['canary']!.S === 'tunnels#gw-a' && item ? [item] : [],
        ),
      },
    }));
  const asked = () =>
    mocks.dynamodb
      .commandCalls(BatchGetItemCommand)
      .map((call) => call.args[0].input.RequestItems!['reports']!.Keys!.map((key) => key['canary']!.S));
  const look = () => world.finish(gather(world, { ...plain, gateways }, { connection: 'paris', lease: leaseFrom({}) }));
  return { look, asked };
}

it('reads them beside the canaries’, of gateways that AWS can tell of', async () => {
  const { look, asked } = site(tunnelItem(tunnels));
  const { evidence } = await look();
  expect(evidence.tunnels).toEqual({ 'gw-a': tunnels });
  expect(asked()).toHaveLength(1);
  expect(asked()[0]!.filter((key) => key!.startsWith('tunnels#'))).toEqual(['tunnels#gw-a']);
});

it('knows nothing where there is none, or one that cannot be read', async () => {
  expect((await site(null).look()).evidence.tunnels).toEqual({ 'gw-a': null });
  const odd = tunnelItem({ ...tunnels, state: 'resting' as 'available' });
  expect((await site(odd).look()).evidence.tunnels).toEqual({ 'gw-a': null });
});
