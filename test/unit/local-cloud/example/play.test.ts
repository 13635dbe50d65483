/** A template that is not ours runs as it stands: what local-cloud/README.md shows. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { VirtualClock } from '../../../../local-cloud/clock';
import { play } from '../../../../local-cloud/example/play';
import { simulationStart } from '../../../../local-cloud/latency';
import { LocalCloud } from '../../../../local-cloud/local-cloud';

const folder = join(__dirname, '../../../../local-cloud');
const textOf = (file: string): string => readFileSync(join(folder, file), 'utf8');
const minutesOf = (at: number): number => Math.floor((at - simulationStart) / 60_000);
const told = ({ topics }: LocalCloud) => topics.inbox.map(({ at, message }) => [minutesOf(at), message]);
const heard = ({ front }: LocalCloud) => front.calls.map(({ at, by, operation, error }) => [at, by, operation, error]);

it('runs each hour: a rule, a machine, a function, a table, a wait, a notice', async () => {
  const cloud = await play(3);
  expect(told(cloud)).toEqual([
    [10, '1 open orders'],
    [70, '2 open orders'],
    [130, '3 open orders'],
  ]);
  const oneRun = ['StartExecution', 'Invoke', 'GetItem', 'PutItem', 'Publish'];
  expect(cloud.front.calls.map(({ operation }) => operation)).toEqual([...oneRun, ...oneRun, ...oneRun]);
  expect(await cloud.dynamodb.call('GetItem', { TableName: 'orders', Key: { id: { S: 'latest' } } })).toMatchObject({
    Item: { open: { N: '3' } },
  });
});

it('plays the same seed to the same millisecond', async () => {
  expect(heard(await play(2))).toEqual(heard(await play(2)));
});

it('refuses what the roles of the template do not allow', async () => {
  const template = parse(textOf('example/template.yaml'));
  template.Resources.CountRole.Properties.Policies = [];
  const clock = new VirtualClock(simulationStart);
  const source = {
    stackName: 'shop',
    region: 'eu-west-1',
    template,
    assetPath: (key: string) => join(folder, 'example', key),
  };
  const cloud = new LocalCloud({ source, clock, seed: 1, tables: 'memory' });
  await cloud.open();
  cloud.start();
  await clock.runUntil(simulationStart + 20 * 60_000);
  expect(cloud.front.calls.at(-1)).toMatchObject({ by: 'count', operation: 'GetItem', error: 'AccessDeniedException' });
  expect(told(cloud)).toEqual([]);
});

it('is quoted by the README as it is', () => {
  const body = /LocalCloud> \{\n(.*?)\n {2}return cloud;/s.exec(textOf('example/play.ts'))![1]!;
  expect(textOf('README.md')).toContain(body.replace(/^ {2}/gm, '    '));
  expect(body.split('\n').length).toBeLessThanOrEqual(10);
});
