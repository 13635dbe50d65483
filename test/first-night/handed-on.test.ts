/** An old state table under a new stack: what was asked before is still asked, and can be taken back. */
import { readConfigFile } from '../../config/read';
import { synthesize } from '../../infra/synthesize';
import { deploy, start } from './deployed';

const pair = readConfigFile('sim/sites/pair.yaml');
const lease = { pk: { S: 'connection#paris' }, sk: { S: 'lease' } };

it('finds its drains again, and everything that rests on them', async () => {
  const { cloud, until } = await deploy(pair);
  const asked = { connection: 'paris', path: 'a', requestedBy: 'ana' };
  await until(3);
  const end = new Date(cloud.world.clock.now() + 3_600_000).toISOString();
  start(cloud, { ...asked, trigger: 'maintenance', until: end, reason: 'kernel' });
  await until(6);
  expect(cloud.world.pathOf('paris', 'office')).toBe('b');

  const tables = cloud.template.ofType('AWS::DynamoDB::Table');
  const stateTable = tables.find(({ name }) => /State/.test(name))!.name;
  const later = { ...pair, installation: { reserveConcurrency: false, protectsState: false, stateTable } };
  await cloud.deployAgain(synthesize(later, { rehearsal: true }), later);
  expect(cloud.template.ofType('AWS::DynamoDB::Table').map(({ name }) => name)).not.toContain(stateTable);

  await until(12);
  expect(JSON.stringify((await cloud.dynamodb.peek(stateTable, lease))?.['drains'])).toContain('kernel');
  expect(cloud.world.pathOf('paris', 'office')).toBe('b');
  start(cloud, { ...asked, trigger: 'maintenance_end' });
  await until(25);
  expect(cloud.world.pathOf('paris', 'office')).toBe('a');
  expect(new Set(cloud.stepfunctions.executions.map(({ status }) => status))).toEqual(new Set(['SUCCEEDED']));
});
