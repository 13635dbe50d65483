/** Breaking the glass where a part of the deployment is out of its reach: what goes on starting runs is said. */
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { GetParametersCommand } from '@aws-sdk/client-ssm';
import type { Session } from '../../../../cli/operate/session';
import { stop } from '../../../../cli/operate/stop';
import { readConfigFile } from '../../../../config/read';
import type { Deployment } from '../../../../core/words/domain';
import { awsMocks } from '../../adapters/aws-mocks';
import { VirtualWorld } from '../../functions/virtual-world';

const mesh = readConfigFile('examples/mesh/switchback.yaml');

async function stopped(deployment: Deployment): Promise<string> {
  const mocks = awsMocks();
  const world = new VirtualWorld(mocks);
  const starters = JSON.stringify({ rules: ['sweep'], reportsStream: 'uuid' });
  mocks.ssm
    .on(GetParametersCommand)
    .resolves({ Parameters: [{ Name: '/switchback/mesh/starters/1', Value: starters }] });
  mocks.sfn.on(ListExecutionsCommand).resolves({ executions: [] });
  mocks.dynamodb.on(GetItemCommand).resolves({});
  const glass = {
    ...{ events: { send: async () => ({}) }, sfn: mocks.clients.sfn },
    ...{ switchMapping: async () => {}, switchSchedule: async () => {} },
  };
  const whereabouts = { name: 'mesh', starters: 1, stateTable: 'state', machine: 'arn:machine' };
  const session = {
    world,
    whereabouts,
    deployment,
    callerArn: async () => 'arn:aws:iam::111122223333:role/ana',
    breakGlass: () => glass,
  } as unknown as Session;
  const { lines } = await world.finish(
    stop({ breakGlass: true, yes: true, reason: 'test', name: 'mesh', at: 0, timeout: 1_000 } as never)(session),
  );
  return lines.join('\n');
}

it('says which ends still start runs, and where that is switched off', async () => {
  const text = (await stopped(mesh)).replace(/\s+/g, ' ');
  expect(text).toContain(
    'sense at ohio still starts runs: switch its function, rules and stream off in us-east-2, account 210987654321, stack mesh-end-ohio',
  );
});

it('says nothing of the kind where all of it stands here', async () => {
  const { ends: _, ...one } = mesh;
  expect(await stopped(one)).not.toContain('still starts runs');
});
